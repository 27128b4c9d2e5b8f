"""What time it is in a chat, and when its digests come."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.render.clock import ChatClock
from storage import Cadence, ChatSettings, Quiet

NOW = datetime(2025, 7, 16, 12, 0, tzinfo=UTC)  # a Wednesday; 16:00 in Yerevan
YEREVAN = ZoneInfo("Asia/Yerevan")
ZONES = st.sampled_from(["UTC", "Asia/Yerevan", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]).map(
    ZoneInfo
)


def at(moment, zone=YEREVAN):
    return datetime.fromisoformat(moment).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("cadence", "chosen", "comes"),
    [
        (Cadence.DAILY, {}, "2025-07-17 08:00"),
        (Cadence.DAILY, {"digest_minute": 16 * 60 + 1}, "2025-07-16 16:01"),
        (Cadence.DAILY, {"digest_minute": 16 * 60}, "2025-07-17 16:00"),  # it is that time already
        (Cadence.WEEKLY, {}, "2025-07-21 08:00"),
        (Cadence.WEEKLY, {"digest_weekday": 2}, "2025-07-23 08:00"),
        (Cadence.WEEKLY, {"digest_weekday": 2, "digest_minute": 20 * 60}, "2025-07-16 20:00"),
        (Cadence.DAILY, {"quiet": Quiet(23 * 60, 9 * 60)}, "2025-07-17 09:00"),
        (Cadence.DAILY, {"quiet": Quiet(7 * 60, 8 * 60)}, "2025-07-17 08:00"),  # they end then
        (Cadence.DAILY, {"quiet": Quiet(8 * 60, 10 * 60)}, "2025-07-17 10:00"),
        (Cadence.DAILY, {"quiet": Quiet(23 * 60, 9 * 60, silent=True)}, "2025-07-17 08:00"),
        (Cadence.DAILY, {"muted_until": at("2025-07-18 12:00")}, "2025-07-18 12:00"),
        (Cadence.DAILY, {"muted_until": at("2025-07-18 01:00"), "quiet": Quiet(0, 420)}, "2025-07-18 07:00"),
        (Cadence.DAILY, {"muted_until": at("2025-07-15 12:00")}, "2025-07-17 08:00"),
    ],
)
def test_when_the_next_digest_comes(cadence, chosen, comes):
    assert ChatClock(ChatSettings(**chosen), YEREVAN, NOW).next_digest(cadence) == at(comes)


@pytest.mark.parametrize("cadence", [Cadence.INSTANT, Cadence.HOURLY])
def test_what_comes_at_no_time_of_its_own(cadence):
    assert ChatClock(ChatSettings(), YEREVAN, NOW).next_digest(cadence) is None


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2025-07-16 20:00", "today, 20:00 (Asia/Yerevan)"),
        ("2025-07-17 08:00", "tomorrow, 08:00 (Asia/Yerevan)"),
        ("2025-07-21 08:00", "Mon 21 Jul, 08:00 (Asia/Yerevan)"),
        ("2025-08-01 08:00", "Fri 1 Aug, 08:00 (Asia/Yerevan)"),
    ],
)
def test_how_a_moment_is_said(moment, said):
    clock = ChatClock(ChatSettings(), YEREVAN, NOW)
    assert clock.spoken(at(moment)) == said
    assert clock.said(at(moment)).plain() == said


@pytest.mark.parametrize(("muted_until", "muted"), [(None, False), (NOW, False), (NOW + timedelta(seconds=1), True)])
def test_whether_it_is_muted(muted_until, muted):
    assert ChatClock(ChatSettings(muted_until=muted_until), YEREVAN, NOW).muted == muted


@pytest.mark.parametrize(
    ("chosen", "shown", "lives_by"),
    [("", "", "Asia/Yerevan"), ("UTC", "UTC", "UTC"), ("Mars/Olympus", "", "Asia/Yerevan")],
)
def test_a_zone_that_there_is_not_is_as_good_as_none(chosen, shown, lives_by):
    clock = ChatClock.of(ChatSettings(zone=chosen), "Asia/Yerevan", NOW)
    assert (clock.settings.zone, clock.zone.key) == (shown, lives_by)


def test_after_today_s_digest_the_next_one_is_tomorrow_s():
    clock = ChatClock(ChatSettings(digest_minute=23 * 60), YEREVAN, NOW)
    assert clock.next_digest(Cadence.DAILY) == at("2025-07-16 23:00")
    assert clock.next_digest(Cadence.DAILY, at("2025-07-16 08:00")) == at("2025-07-17 23:00")


def test_what_comes_twice_in_a_night_counts_once_and_what_does_not_at_the_first_moment_after():
    berlin = ZoneInfo("Europe/Berlin")
    autumn = ChatClock(
        ChatSettings(digest_minute=150), berlin, datetime(2025, 10, 26, 0, 45, tzinfo=UTC)
    )  # 2:45, the first
    assert autumn.next_digest(Cadence.DAILY) == datetime(2025, 10, 27, 1, 30, tzinfo=UTC)
    spring = ChatClock(ChatSettings(digest_minute=150), berlin, datetime(2025, 3, 30, 0, 45, tzinfo=UTC))  # 1:45
    assert spring.next_digest(Cadence.DAILY) == spring.next_at(150) == datetime(2025, 3, 30, 1, tzinfo=UTC)


@settings(deadline=None, max_examples=50)
@given(ZONES, st.integers(0, 366 * 24 * 60), st.integers(0, 24 * 60 - 1))
def test_the_first_such_moment_is_the_first(zone, minutes, minute):
    now = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    found = ChatClock(ChatSettings(), zone, now).next_at(minute)
    assume(is_then(found.astimezone(zone), minute))  # there is such a time on that day
    # Clocks differ from UTC, and are put forward, by quarters of an hour.
    quarter = now + timedelta(minutes=(minute - minutes) % 15 or 15)
    while not is_then(quarter.astimezone(zone), minute):
        quarter += timedelta(minutes=15)
    assert found == quarter


def is_then(local, minute):
    """Whether it is that time there, for the first time that day."""
    return (local.hour * 60 + local.minute, local.fold) == (minute, 0)
