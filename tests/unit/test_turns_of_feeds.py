"""Whose turn it is among the feeds of one host."""

from datetime import UTC, datetime, timedelta

from bot.intake.fetch import Limits
from bot.intake.outcomes import LEASE
from bot.intake.taking import PAGES_SECONDS
from bot.intake.turns import MOST_OF_HOST, Turns

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_host_with_many_feeds_has_few_polls_under_way_and_the_others_get_turns() -> None:
    turns = Turns()
    assert [turns.begin("slow.example", now=NOON) for _ in range(MOST_OF_HOST)] == [None] * MOST_OF_HOST
    put_off = [turns.begin("slow.example", now=NOON) for _ in range(100)]
    assert put_off == sorted(set(put_off))
    assert turns.begin("other.example", now=NOON) is None
    turns.end("slow.example", 30)
    assert turns.begin("slow.example", now=NOON) is None


def test_the_last_poll_under_way_at_a_host_that_hangs_ends_before_its_lease() -> None:
    limits = Limits()
    assert timedelta(seconds=MOST_OF_HOST / limits.each_host * limits.total + PAGES_SECONDS) < LEASE
