"""When a mailbox may be delivered to, told apart by a clock on the wall that is read minute by minute."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.schedule import is_silent, opening, zone_of
from storage import Cadence, ChatSettings, Quiet

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
INSTANT, HOURLY, DAILY, WEEKLY = Cadence
NIGHT = Quiet(23 * 60, 7 * 60)
OPERATOR = ZoneInfo("Asia/Yerevan")


def at(text, zone="UTC", fold=0):
    """A moment on the clocks of the zone: "2026-11-26 08:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def chose(zone="UTC", quiet=None, digest="08:00", weekday=0, muted=None):
    return ChatSettings(zone, quiet, minutes(digest), weekday, muted)


def minutes(clock):
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def quiet(start, end, *, silent=False):
    return Quiet(minutes(start), minutes(end), silent)


def opens(cadence, chosen, now, *, since=None, served=None):
    return opening(cadence, chosen, since=since or now, served=served, now=now, zone=OPERATOR)


# Pushes

PUSHES = [
    ("nothing chosen", chose(), "12:00", None),
    ("quiet hours, before", chose(quiet=NIGHT), "22:59", None),
    ("in them", chose(quiet=NIGHT), "23:00", "2026-11-27 07:00"),
    ("in them, after midnight", chose(quiet=NIGHT), "06:59", "2026-11-26 07:00"),
    ("over", chose(quiet=NIGHT), "07:00", None),
    ("by day", chose(quiet=quiet("13:00", "14:30")), "13:20", "2026-11-26 14:30"),
    ("silent ones hold nothing", chose(quiet=replace(NIGHT, silent=True)), "23:30", None),
    ("from a time to the same: none", chose(quiet=quiet("08:00", "08:00")), "09:00", None),
    ("a whole day: none", chose(quiet=quiet("00:00", "24:00")), "09:00", None),
    ("all but a minute", chose(quiet=quiet("08:00", "07:59")), "09:00", "2026-11-27 07:59"),
    ("until midnight", chose(quiet=quiet("20:00", "24:00")), "21:00", "2026-11-27 00:00"),
    ("muted", chose(muted=at("2026-11-28 10:15")), "12:00", "2026-11-28 10:15"),
    ("not any more", chose(muted=at("2026-11-26 12:00")), "12:00", None),
    ("muted into quiet hours", chose(quiet=NIGHT, muted=at("2026-11-27 01:00")), "12:00", "2026-11-27 07:00"),
    ("muted beyond them", chose(quiet=NIGHT, muted=at("2026-11-27 09:00")), "23:30", "2026-11-27 09:00"),
    ("muted, and silent after", chose(quiet=replace(NIGHT, silent=True), muted=at("2026-11-27 01:00")), "12:00",
     "2026-11-27 01:00"),
    ("in its own zone", chose("America/New_York", NIGHT), "05:00", "2026-11-26 12:00"),
    ("in the operator's zone", chose("", NIGHT), "20:00", "2026-11-27 03:00"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("chosen", "clock", "expected"), [case[1:] for case in PUSHES], ids=[case[0] for case in PUSHES]
)
def test_when_a_push_goes(chosen, clock, expected):
    now = at(f"2026-11-26 {clock}")
    assert opens(INSTANT, chosen, now) == (at(expected) if expected else now)


def test_what_is_muted_for_ever_is_no_error():
    for_ever = datetime.max.replace(tzinfo=UTC)
    for cadence in Cadence:
        assert opens(cadence, chose("Asia/Tokyo", NIGHT, muted=for_ever), at("2026-11-26 12:00")) == for_ever


# Digests: 2026-11-26 is a Thursday

DIGESTS = [
    ("before its time", DAILY, chose(), "26 07:00", None, "26 07:30", "26 08:00"),
    ("at its time", DAILY, chose(), "26 07:00", None, "26 08:00", None),
    ("announced at its time: the next day", DAILY, chose(), "26 08:00", None, "26 08:00", "27 08:00"),
    ("announced after it", DAILY, chose(), "26 09:00", "26 08:00", "26 09:00", "27 08:00"),
    ("first ever, after its time", DAILY, chose(), "26 09:00", None, "26 09:00", "27 08:00"),
    ("passed while nobody served", DAILY, chose(), "23 09:00", "23 08:00", "26 15:00", None),
    ("that was its date's: then the next date", DAILY, chose(), "26 15:01", "26 15:00", "26 16:00", "27 08:00"),
    ("a later time was chosen on that date", DAILY, chose(digest="18:00"), "26 12:00", "26 08:00", "26 13:00",
     "27 18:00"),
    ("an earlier one", DAILY, chose(digest="07:00"), "26 12:00", "26 08:00", "26 13:00", "27 07:00"),
    ("served just before midnight, late", DAILY, chose(digest="00:00"), "25 20:00", "25 23:59", "25 23:59", "26 00:00"),
    ("its time is in quiet hours", DAILY, chose(quiet=quiet("06:00", "09:30")), "25 12:00", None, "26 07:00",
     "26 09:30"),
    ("its time has passed in quiet hours", DAILY, chose(quiet=quiet("06:00", "09:30")), "25 12:00", None, "26 08:30",
     "26 09:30"),
    ("passed long ago, and it is quiet now", DAILY, chose(quiet=NIGHT), "20 12:00", None, "26 02:00", "26 07:00"),
    ("silent quiet hours", DAILY, chose(quiet=quiet("06:00", "09:30", silent=True)), "25 12:00", None, "26 07:00",
     "26 08:00"),
    ("muted over two of them", DAILY, chose(muted=at("2026-11-27 10:00")), "25 12:00", None, "25 13:00", "27 10:00"),
    ("in its own zone", DAILY, chose("Asia/Yerevan"), "26 05:00", "26 04:00", "26 05:00", "27 04:00"),
    ("the date is the zone's", DAILY, chose("Asia/Yerevan"), "25 21:00", "25 20:30", "25 21:00", "27 04:00"),
    ("weekly: Monday", WEEKLY, chose(), "25 12:00", None, "26 07:00", "30 08:00"),
    ("weekly: today", WEEKLY, chose(weekday=3), "26 07:00", None, "26 07:30", "26 08:00"),
    ("weekly: today's has gone", WEEKLY, chose(weekday=3, digest="20:00"), "26 09:00", "26 08:00", "26 10:00",
     "33 20:00"),
    ("weekly: today's time is over", WEEKLY, chose(weekday=3), "26 09:00", "24 08:00", "26 10:00", "33 08:00"),
    ("weekly: passed while nobody served", WEEKLY, chose(), "20 12:00", "16 08:00", "26 10:00", None),
    ("weekly: served late, and at the next time again", WEEKLY, chose(), "26 10:01", "26 10:00", "26 11:00",
     "30 08:00"),
    ("hourly", HOURLY, chose(), "26 09:10", "26 09:00", "26 09:10", "26 10:00"),
    ("hourly, on the hour", HOURLY, chose(), "26 09:00", None, "26 09:00", "26 10:00"),
    ("hourly, passed", HOURLY, chose(), "26 06:10", "26 06:00", "26 09:10", None),
    ("hourly, served late", HOURLY, chose(), "26 09:11", "26 09:10", "26 09:20", "26 10:00"),
    ("hourly in quiet hours", HOURLY, chose(quiet=NIGHT), "26 22:30", "26 22:00", "26 23:10", "27 07:00"),
    ("hourly where hours begin elsewhere", HOURLY, chose("Asia/Kathmandu"), "26 09:00", None, "26 09:00", "26 09:15"),
]  # fmt: skip


def november(text):
    day, clock = text.split()
    return at(f"2026-11-01 {clock}") + timedelta(days=int(day) - 1)


@pytest.mark.parametrize(
    ("cadence", "chosen", "since", "served", "now", "expected"),
    [case[1:] for case in DIGESTS],
    ids=[case[0] for case in DIGESTS],
)
def test_when_a_digest_goes(cadence, chosen, *, since, served, now, expected):
    found = opens(cadence, chosen, november(now), since=november(since), served=served and november(served))
    assert found == november(expected or now)


@pytest.mark.parametrize("cadence", [HOURLY, DAILY, WEEKLY])
@pytest.mark.parametrize("ahead", [timedelta(seconds=1), HOUR, 2 * HOUR, timedelta(days=400)])
def test_what_a_clock_that_was_ahead_has_noted_puts_off_no_digest_for_ever(cadence, ahead):
    noted = november("26 09:30") + ahead
    now = november("26 09:30")
    for _ in range(2):  # it is asked again at the time that it said
        now = opens(cadence, chose(), now, since=noted, served=noted)
    assert opens(cadence, chose(), now, since=noted, served=noted) == now
    assert now <= november("26 09:30") + timedelta(days=7)


# Clocks that are changed: the day before, the time chosen, when it goes

CHANGES = [
    ("New York, a time that does not exist", "America/New_York", "2026-03-07", "02:30", "2026-03-08 03:00", 0),
    ("New York, after it", "America/New_York", "2026-03-07", "08:00", "2026-03-08 08:00", 0),
    ("New York, a time that comes twice", "America/New_York", "2026-10-31", "01:30", "2026-11-01 01:30", 0),
    ("Berlin, spring", "Europe/Berlin", "2026-03-28", "02:00", "2026-03-29 03:00", 0),
    ("Berlin, autumn", "Europe/Berlin", "2026-10-24", "02:59", "2026-10-25 02:59", 0),
    ("Lord Howe, half an hour is missing", "Australia/Lord_Howe", "2026-10-03", "02:10", "2026-10-04 02:30", 0),
    ("Lord Howe, half an hour comes twice", "Australia/Lord_Howe", "2026-04-04", "01:45", "2026-04-05 01:45", 0),
    ("Yerevan changes nothing", "Asia/Yerevan", "2026-03-28", "02:30", "2026-03-29 02:30", 0),
    ("Apia, a day that was left out", "Pacific/Apia", "2011-12-29", "08:00", "2011-12-31 00:00", 0),
    ("Sao Paulo, no midnight", "America/Sao_Paulo", "2018-11-03", "00:00", "2018-11-04 01:00", 0),
    ("Beirut, no midnight", "Asia/Beirut", "2026-03-28", "00:00", "2026-03-29 01:00", 0),
    ("Nuuk, no last hour of the day", "America/Nuuk", "2026-03-27", "23:30", "2026-03-29 00:00", 0),
]


@pytest.mark.parametrize(
    ("zone", "before", "digest", "expected", "fold"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES]
)
def test_a_daily_digest_on_the_day_of_a_change(zone, before, digest, expected, fold):
    served = at(f"{before} {digest}", zone) + MINUTE
    assert opens(DAILY, chose(zone, digest=digest), served, served=served) == at(expected, zone, fold)


def test_a_week_loses_no_digest_to_a_day_that_was_left_out():
    thursday = at("2011-12-29 12:00", "Pacific/Apia")
    assert opens(WEEKLY, chose("Pacific/Apia", weekday=4), thursday) == at("2011-12-31 00:00", "Pacific/Apia")


@pytest.mark.parametrize(
    ("zone", "held", "now", "expected"),
    [
        ("Europe/Berlin", quiet("23:00", "02:30"), "2026-03-29 01:00", "2026-03-29 03:00"),
        ("Europe/Berlin", quiet("23:00", "02:30"), "2026-10-25 01:00", "2026-10-25 02:30"),
        ("Europe/Berlin", quiet("02:30", "07:00"), "2026-10-25 02:40", "2026-10-25 07:00"),
        ("Europe/Berlin", quiet("03:00", "02:00"), "2026-03-29 00:00", "2026-03-30 02:00"),
        ("Pacific/Apia", NIGHT, "2011-12-29 23:30", "2011-12-31 07:00"),
        ("America/Sao_Paulo", quiet("22:00", "00:00"), "2018-11-03 23:00", "2018-11-04 01:00"),
    ],
)
def test_quiet_hours_on_the_day_of_a_change(zone, held, now, expected):
    assert opens(INSTANT, chose(zone, held), at(now, zone)) == at(expected, zone)


def test_an_hour_that_comes_twice_is_full_twice():
    first, second = (at("2026-10-25 02:00", "Europe/Berlin", fold) for fold in (0, 1))
    assert opens(HOURLY, chose("Europe/Berlin"), first) == second
    assert opens(HOURLY, chose("Europe/Berlin"), second) == at("2026-10-25 03:00", "Europe/Berlin")


# Zones


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "Europe", "\0", "é" * 300])
def test_a_zone_that_is_not_known_is_the_operators(name):
    assert zone_of(ChatSettings(zone=name), OPERATOR) is OPERATOR
    assert opens(INSTANT, chose(name, NIGHT), at("2026-11-26 20:00")) == at("2026-11-27 03:00")


def test_what_goes_in_silent_hours_makes_no_sound():
    night = replace(NIGHT, silent=True)
    for clock, silent in (("22:59", False), ("23:00", True), ("06:59", True), ("07:00", False)):
        assert is_silent(chose(quiet=night), at(f"2026-11-26 {clock}"), OPERATOR) == silent
        assert not is_silent(chose(quiet=NIGHT), at(f"2026-11-26 {clock}"), OPERATOR)
    assert not is_silent(chose(), at("2026-11-26 23:00"), OPERATOR)
    assert is_silent(chose("", night), at("2026-11-26 19:00"), OPERATOR)


# The oracle: a clock on the wall that is never put back, read each minute

PLACES = [
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Asia/Yerevan", "2026-03-29"),
    ("Asia/Kathmandu", "2026-03-29"),
    ("Pacific/Apia", "2011-12-30"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2019-02-17"),
    ("Asia/Beirut", "2026-03-29"),
    ("America/Nuuk", "2026-03-29"),
    ("America/St_Johns", "2010-11-07"),  # put back from a minute after midnight into the day before
]
LONGEST = 18 * 1440  # minutes: a weekly digest, muted for three days, and a few to be sure


@dataclass(frozen=True)
class Reading:
    """What the wall says at a minute: as it is, and as it would be if it were never put back."""

    at: datetime
    wall: datetime
    furthest: datetime


@cache
def readings(zone, day):
    begin = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(days=4)
    found, furthest = [], datetime.min  # noqa: DTZ901  what clocks show has no zone
    for number in range(LONGEST):
        moment = begin + number * MINUTE
        wall = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
        furthest = max(furthest, wall)
        found.append(Reading(moment, wall, furthest))
    return found


def oracle(wall, cadence, chosen, *, since, served, now):
    """The first minute that is allowed. All numbers are of minutes on the wall."""
    is_due = cadence is INSTANT
    for number in range(since, LONGEST):
        if number > since and (served is None or number > served):
            is_due = is_due or is_digest_moment(wall, cadence, chosen, served, number)
        if is_due and number >= now and not is_held(chosen, wall[number]):
            return wall[number].at
    raise AssertionError("never")


def is_digest_moment(wall, cadence, chosen, served, number):
    before, here = wall[number - 1], wall[number]
    if cadence is HOURLY:
        return here.wall.minute == 0 or hour(here.wall) > hour(before.wall)
    day = before.furthest.date() - timedelta(days=1)
    while day <= here.furthest.date():
        time_ = datetime.combine(day, datetime.min.time()) + chosen.digest_minute * MINUTE
        is_one = cadence is DAILY or day.weekday() == chosen.digest_weekday
        is_new = served is None or day > wall[served].wall.date()
        if is_one and is_new and before.furthest < time_ <= here.furthest:
            return True
        day += timedelta(days=1)
    return False


def hour(wall):
    return wall.replace(minute=0)


def is_held(chosen, reading):
    if chosen.muted_until and reading.at < chosen.muted_until:
        return True
    if chosen.quiet is None or chosen.quiet.silent:
        return False
    start, end = chosen.quiet.start, chosen.quiet.end
    minute = reading.furthest.hour * 60 + reading.furthest.minute
    return start <= minute < end if start <= end else not end <= minute < start


CLOCKS = st.integers(0, 1439) | st.sampled_from([0, 1, 30, 60, 90, 120, 150, 180, 1380, 1410, 1439])
MOMENTS = st.integers(2 * 1440, 7 * 1440)  # about the change


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_it_opens_at_the_first_minute_that_is_allowed(data):
    zone, day = data.draw(st.sampled_from(PLACES))
    wall = readings(zone, day)
    since = data.draw(MOMENTS)
    served = data.draw(st.none() | MOMENTS)
    now = max(since, served or 0) + data.draw(st.just(0) | st.integers(0, 2 * 1440))
    chosen = ChatSettings(
        zone,
        data.draw(st.none() | st.builds(Quiet, CLOCKS, CLOCKS, st.booleans())),
        data.draw(CLOCKS),
        data.draw(st.integers(0, 6)),
        data.draw(st.none() | st.integers(0, 3 * 1440).map(lambda muted: wall[now + muted].at)),
    )
    cadence = data.draw(st.sampled_from(Cadence))
    found = opening(
        cadence,
        chosen,
        since=wall[since].at,
        served=None if served is None else wall[served].at,
        now=wall[now].at,
        zone=OPERATOR,
    )
    assert found == oracle(wall, cadence, chosen, since=since, served=served, now=now)
