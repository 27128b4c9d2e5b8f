"""When a feed is polled next."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.intake.feeds.timing import Heard, Pace, Wishes, after_answer, after_failure
from storage import Feed, Source

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PACE = Pace(MINUTE, HOUR)


def feed(**known):
    return Feed(source=Source("herald", "The Herald"), url="https://herald.example/", added=NOON - DAY, **known)


def every(gap, *, since=timedelta(0), count=20):
    """When entries were published that came so often."""
    return [NOON - since - gap * n for n in range(count)]


def wait(known, heard, **more):
    then = after_answer(known, heard, now=NOON, pace=PACE, **{"chance": 1.0, **more})
    assert PACE.shortest <= then.interval <= PACE.longest
    return then.due - NOON


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        (Heard(every(40 * MINUTE), renewed=True), 10 * MINUTE),
        (Heard(every(MINUTE), renewed=True), MINUTE),
        (Heard(every(DAY), renewed=True), HOUR),
        (Heard([*every(20 * MINUTE, count=10), *every(DAY)[1:]], renewed=True), 5 * MINUTE),  # the newest tell
        (Heard(every(4 * MINUTE, since=4 * HOUR)), 20 * MINUTE),  # it has fallen silent
        (Heard(every(4 * MINUTE, since=DAY)), HOUR),
        (Heard([NOON + DAY, *every(40 * MINUTE)], renewed=True), 10 * MINUTE),  # the future tells nothing
        (Heard([NOON] * 20, renewed=True), MINUTE * 8),  # nor does one time for all
        (Heard(), 8 * MINUTE),
    ],
)
def test_a_feed_is_polled_as_often_as_it_publishes(heard, expected):
    assert wait(feed(interval=8 * MINUTE), heard) == expected


def test_an_unchanged_feed_is_polled_more_seldom_the_longer_it_says_nothing():
    waits = [wait(feed(interval=5 * MINUTE, renewed=NOON - hours * HOUR), Heard()) for hours in (0, 1, 2, 6, 12, 48)]
    assert waits == sorted(waits)
    assert (waits[0], waits[3], waits[-1]) == (5 * MINUTE, 30 * MINUTE, HOUR)


def test_a_feed_without_dates_is_polled_as_often_as_it_brings_something():
    assert wait(feed(interval=HOUR, renewed=NOON - 20 * MINUTE), Heard(renewed=True)) == 5 * MINUTE


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        (Heard(every(MINUTE), max_age=10 * MINUTE), 10 * MINUTE),
        (Heard(every(MINUTE), max_age=DAY), HOUR),
        (Heard(every(40 * MINUTE), max_age=timedelta(0)), 10 * MINUTE),
        (Heard(every(MINUTE), wishes=Wishes(ttl=30 * MINUTE)), 30 * MINUTE),
        (Heard(every(MINUTE), wishes=Wishes(ttl=7 * DAY)), HOUR),
        (Heard(every(MINUTE), max_age=5 * MINUTE, wishes=Wishes(ttl=2 * MINUTE)), 5 * MINUTE),
    ],
)
def test_what_is_fresh_is_left_alone_for_as_long_as_the_longest_interval(heard, expected):
    assert wait(feed(interval=MINUTE), heard) == expected


def test_freshness_of_one_answer_is_no_habit_but_ttl_is():
    then = after_answer(feed(interval=MINUTE), Heard(max_age=HOUR), now=NOON, pace=PACE, chance=0)
    assert then.interval == MINUTE
    heard = Heard(wishes=Wishes(ttl=HOUR))
    assert after_answer(feed(interval=MINUTE), heard, now=NOON, pace=PACE, chance=0).interval == HOUR


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        (Wishes(skip_hours=frozenset({12, 13})), 2 * HOUR),
        (Wishes(skip_hours=frozenset({11, 14})), MINUTE),
        (Wishes(skip_hours=frozenset(range(24))), DAY + MINUTE),
        (Wishes(skip_days=frozenset({0})), 12 * HOUR),
        (Wishes(skip_days=frozenset({0, 1, 2})), DAY + MINUTE),
        (Wishes(skip_hours=frozenset(range(3)), skip_days=frozenset({0})), 15 * HOUR),
        (Wishes(skip_days=frozenset({5, 6})), MINUTE),
    ],
)
def test_hours_and_days_that_a_feed_skips_are_skipped_but_once_a_day(wishes, expected):
    assert wait(feed(interval=MINUTE), Heard(wishes=wishes)) == expected


def test_what_a_hub_sends_is_polled_as_seldom_as_may_be():
    heard = Heard(every(MINUTE), renewed=True)
    assert wait(feed(interval=MINUTE), heard, pushed=True) == HOUR


def test_feeds_added_together_spread_and_then_keep_their_interval():
    heard = Heard(every(40 * MINUTE), renewed=True)
    assert [wait(feed(), heard, chance=chance) for chance in (0.0, 0.5, 1.0)] == [
        5 * MINUTE,
        7.5 * MINUTE,
        10 * MINUTE,
    ]
    assert {wait(feed(interval=MINUTE), heard, chance=chance) for chance in (0.0, 0.5, 1.0)} == {10 * MINUTE}


def fail(known, **more):
    then = after_failure(known, now=NOON, pace=PACE, **{"chance": 0.5, **more})
    return then.due - NOON


def test_failures_back_off_to_the_longest_interval_and_after_a_day_to_a_day():
    waits = [fail(feed(failures=n, interval=MINUTE, failing_since=NOON - HOUR)) for n in range(8)]
    assert waits[:3] == [2 * MINUTE, 4 * MINUTE, 8 * MINUTE]
    assert waits[-1] == HOUR
    assert fail(feed(failures=30, failing_since=NOON - 2 * DAY)) == DAY


def test_failures_spread_by_a_third():
    waits = [fail(feed(failures=3), chance=chance) for chance in (0.0, 0.5, 1.0)]
    assert waits == [16 * MINUTE * 2 / 3, 16 * MINUTE, 16 * MINUTE * 4 / 3]


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        (5 * SECOND, MINUTE, 3 * MINUTE),
        (2 * HOUR, 2 * HOUR, 2.2 * HOUR),
        (30 * DAY, DAY, DAY),
        (timedelta(0), MINUTE, 3 * MINUTE),
    ],
)
@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_a_server_is_left_alone_for_as_long_as_it_asks_but_no_longer_than_a_day(asked, least, most, chance):
    assert least <= fail(feed(interval=MINUTE), retry_after=asked, chance=chance) <= most


def test_a_busy_server_is_asked_less_often_from_then_on():
    then = after_failure(feed(interval=10 * MINUTE), now=NOON, pace=PACE, chance=0, busy=True)
    assert (then.interval, then.due) == (20 * MINUTE, NOON + 20 * MINUTE)
    assert after_failure(feed(interval=10 * MINUTE), now=NOON, pace=PACE, chance=0).interval == 10 * MINUTE


def test_a_pace_of_one_interval_is_kept():
    pace = Pace(HOUR, HOUR)
    then = after_answer(feed(), Heard(every(MINUTE)), now=NOON, pace=pace, chance=0)
    assert then.interval == then.due - NOON == HOUR
    assert after_failure(feed(), now=NOON, pace=pace, chance=0).due == NOON + HOUR


@pytest.mark.parametrize(
    "wishes", [Wishes(), Wishes(ttl=HOUR), Wishes(None, frozenset({0, 23}), frozenset({6})), Wishes(MINUTE / 3)]
)
def test_what_a_feed_wishes_is_kept(wishes):
    assert Wishes.read(wishes.written()) == wishes
    assert bool(wishes.written()) == (wishes != Wishes())


@pytest.mark.parametrize("written", ["", "{", "3", "[1]", '["a", [], []]', "[null, 1, 2]", '{"a": 1}'])
def test_what_another_version_has_kept_otherwise_is_nothing(written):
    assert Wishes.read(written) == Wishes()
