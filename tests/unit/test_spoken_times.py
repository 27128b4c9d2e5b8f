"""What people type for times, spans, hours and rhythms, and what it means."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.times import Rhythm, is_off, minute_of, quiet_of, rhythm_of, span_of, weekday_of
from bot.render import words
from storage import Cadence, Quiet

MINUTES = st.integers(0, 24 * 60 - 1)


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("8", 480),
        ("08", 480),
        ("8:00", 480),
        ("08:00", 480),
        ("at 8", 480),
        ("0:05", 5),
        ("20.30", 1230),
        ("20h30", 1230),
        ("20h", 1200),
        ("2030", 1230),
        ("830", 510),
        ("0830", 510),
        ("8am", 480),
        ("8 AM", 480),
        ("8:00 pm", 1200),
        ("8:15 p.m.", 1215),
        ("12am", 0),
        ("12 pm", 720),
        ("12:30 am", 30),
        ("noon", 720),
        ("midnight", 0),
        ("24", 0),
        ("24:00", 0),
        ("23:59", 1439),
        ("８：３０", 510),
        ("٨", 480),
    ],
)
def test_a_time_of_day(said, minutes):
    assert minute_of(said) == minutes


@pytest.mark.parametrize(
    "said",
    [
        "",
        "x",
        "25",
        "24:01",
        "8:60",
        "8:5",
        "8:000",
        "13pm",
        "0am",
        "8 pm pm",
        "-1",
        "+8",
        "8:",
        ":30",
        "8,5",
        "8 9",
    ],
)
def test_no_time_of_day(said):
    assert minute_of(said) is None


@given(MINUTES)
def test_a_time_that_we_write_is_read(minutes):
    assert minute_of(words.clock(minutes)) == minutes


@pytest.mark.parametrize(
    ("said", "span"),
    [
        ("30m", timedelta(minutes=30)),
        ("8h", timedelta(hours=8)),
        ("8 H", timedelta(hours=8)),
        ("2d", timedelta(days=2)),
        ("1w", timedelta(weeks=1)),
        ("1h30m", timedelta(minutes=90)),
        ("1h 30m", timedelta(minutes=90)),
        ("90 min", timedelta(minutes=90)),
        ("2 hours", timedelta(hours=2)),
        ("2hrs", timedelta(hours=2)),
        ("for 3 days", timedelta(days=3)),
        ("a week", timedelta(weeks=1)),
        ("an hour", timedelta(hours=1)),
    ],
)
def test_a_span(said, span):
    assert span_of(said) == span


@pytest.mark.parametrize(
    "said",
    ["", "8", "h", "0m", "0h0m", "1x", "1h 30", "-1h", "1.5h", "1mo", "hour", "8h!", "forever", "1h and 30m", "ah"],
)
def test_no_span(said):
    assert span_of(said) is None


@given(st.integers(0, 400), st.integers(0, 23), st.integers(0, 59))
def test_a_span_is_the_sum_of_its_parts(days, hours, minutes):
    assert (span_of(f"{days}d{hours}h{minutes}m") or timedelta()) == timedelta(days=days, hours=hours, minutes=minutes)


@pytest.mark.parametrize(
    ("said", "quiet"),
    [
        ("23-7", Quiet(1380, 420)),
        ("22:30-07:15", Quiet(1350, 435)),
        ("23–7", Quiet(1380, 420)),
        ("23 − 7", Quiet(1380, 420)),
        ("23 to 7", Quiet(1380, 420)),
        ("from 11pm to 7 am", Quiet(1380, 420)),
        ("11 p.m. until 7", Quiet(1380, 420)),
        ("13-15", Quiet(780, 900)),
        ("midnight-8", Quiet(0, 480)),
        ("22-24", Quiet(1320, 0)),
        ("23-7 silent", Quiet(1380, 420, silent=True)),
        ("23-7 Silently", Quiet(1380, 420, silent=True)),
        ("23-7 without sound", Quiet(1380, 420, silent=True)),
        ("23-7 no sound", Quiet(1380, 420, silent=True)),
    ],
)
def test_quiet_hours(said, quiet):
    assert quiet_of(said) == quiet


@pytest.mark.parametrize(
    "said", ["", "7", "23 7", "7-7", "0-24", "23-", "-7", "23-7-8", "23-25", "night", "silent", "23-7 loud"]
)
def test_no_quiet_hours(said):
    assert quiet_of(said) is None


@given(MINUTES, MINUTES, st.booleans())
def test_quiet_hours_that_we_write_are_read(start, end, silent):
    said = words.hours(start, end) + " silent" * silent
    assert quiet_of(said) == (None if start == end else Quiet(start, end, silent))


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("monday", 0),
        ("Mon", 0),
        ("mo", 0),
        ("tues", 1),
        ("wed", 2),
        ("on thursdays", 3),
        ("fri", 4),
        ("SAT", 5),
        ("sunday", 6),
    ],
)
def test_a_day_of_the_week(said, day):
    assert weekday_of(said) == day


@pytest.mark.parametrize("said", ["", "s", "m", "someday", "mondayy", "8", "on"])
def test_no_day_of_the_week(said):
    assert weekday_of(said) is None


@pytest.mark.parametrize(
    ("said", "rhythm"),
    [
        ("daily", Rhythm(Cadence.DAILY)),
        ("Daily 08:00", Rhythm(Cadence.DAILY, 480)),
        ("daily 8", Rhythm(Cadence.DAILY, 480)),
        ("daily at 8 pm", Rhythm(Cadence.DAILY, 1200)),
        ("every day at noon", Rhythm(Cadence.DAILY, 720)),
        ("20:30", Rhythm(Cadence.DAILY, 1230)),
        ("hourly", Rhythm(Cadence.HOURLY)),
        ("every hour", Rhythm(Cadence.HOURLY)),
        ("weekly", Rhythm(Cadence.WEEKLY)),
        ("weekly 9", Rhythm(Cadence.WEEKLY, 540)),
        ("weekly fri", Rhythm(Cadence.WEEKLY, None, 4)),
        ("weekly monday 9:00", Rhythm(Cadence.WEEKLY, 540, 0)),
        ("weekly on mon at 9", Rhythm(Cadence.WEEKLY, 540, 0)),
        ("every sunday 10am", Rhythm(Cadence.WEEKLY, 600, 6)),
        ("sundays", Rhythm(Cadence.WEEKLY, None, 6)),
        ("off", Rhythm(Cadence.INSTANT)),
        ("instant", Rhythm(Cadence.INSTANT)),
        ("NOW", Rhythm(Cadence.INSTANT)),
        ("at once", Rhythm(Cadence.INSTANT)),
    ],
)
def test_a_rhythm(said, rhythm):
    assert rhythm_of(said) == rhythm


@pytest.mark.parametrize(
    "said",
    [
        "",
        "sometimes",
        "daily 99",
        "daily monday",
        "daily 8 9",
        "hourly 8",
        "off 8",
        "weekly xday",
        "monday x",
        "at",
        "8 daily",
    ],
)
def test_no_rhythm(said):
    assert rhythm_of(said) is None


@pytest.mark.parametrize(
    ("said", "off"), [("off", True), (" OFF ", True), ("none", True), ("office", False), ("", False)]
)
def test_what_ends_something(said, off):
    assert is_off(said) == off


@given(st.text(max_size=40) | st.from_regex(r"[0-9apm:. h-]{0,12}( silent)?", fullmatch=True))
def test_whatever_is_typed_is_read_or_refused(said):
    minute, quiet, span, rhythm = minute_of(said), quiet_of(said), span_of(said), rhythm_of(said)
    assert minute is None or 0 <= minute < 24 * 60
    assert quiet is None or (quiet.start != quiet.end and max(quiet.start, quiet.end) < 24 * 60)
    assert span is None or span > timedelta()
    assert rhythm is None or rhythm.minute is None or 0 <= rhythm.minute < 24 * 60


@pytest.mark.parametrize("said", ["1h" * 51, "ﷺ" * 4_000, "8" + " " * 100, "23-7 " * 800])
def test_what_is_longer_than_any_time_is_none(said):
    assert (minute_of(said), quiet_of(said), span_of(said), rhythm_of(said), is_off(said)) == (*[None] * 4, False)
