"""Whose turn it is among the feeds of one host."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.intake.feeds.outcomes import LEASE
from bot.intake.feeds.taking import PAGES_SECONDS
from bot.intake.feeds.turns import MOST_OF_HOST, Turns
from bot.intake.fetching.fetch import Limits

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LIMITS = Limits()


def test_a_host_with_many_feeds_has_few_polls_under_way_and_the_others_get_turns() -> None:
    turns: Turns[int] = Turns()
    begun = [turns.begin("slow.example", number) for number in range(MOST_OF_HOST + 1)]
    assert begun == [True] * MOST_OF_HOST + [False]
    put_off = [turns.put_off("slow.example", now=NOON) for _ in range(100)]
    assert put_off == sorted(set(put_off))
    assert turns.begin("other.example", 100)
    assert turns.take() == ("slow.example", 0)
    turns.answered("slow.example", 30)
    assert not turns.begin("slow.example", 101)
    turns.end("slow.example")
    assert turns.begin("slow.example", 101)


@given(st.lists(st.tuples(st.sampled_from(["begin", "begin", "take", "answered", "end"]), st.integers(0, 3))))
def test_each_has_its_turn_in_order_and_few_of_a_host_at_a_time(steps: list[tuple[str, int]]) -> None:
    turns: Turns[int] = Turns()
    waiting: dict[str, list[int]] = {}
    asking: Counter[str] = Counter()
    reading: Counter[str] = Counter()
    for number, (step, which) in enumerate(steps):
        host = f"news{which}.example"
        if step == "begin":
            under_way = len(waiting.setdefault(host, [])) + asking[host] + reading[host]
            assert turns.begin(host, number) == (under_way < MOST_OF_HOST)
            waiting[host] += [number] * (under_way < MOST_OF_HOST)
        elif step == "take":
            of_turn = [one for one, polls in waiting.items() if polls and asking[one] < LIMITS.each_host]
            taken = turns.take()
            assert (taken is None) == (not of_turn)
            if taken:
                assert waiting[taken[0]].pop(0) == taken[1]
                asking[taken[0]] += 1
                assert asking[taken[0]] <= LIMITS.each_host
        elif step == "answered" and asking[host]:
            turns.answered(host, 1)
            asking[host] -= 1
            reading[host] += 1
        elif step == "end" and reading[host]:
            turns.end(host)
            reading[host] -= 1
        left = sum(map(len, waiting.values()))
        assert turns.under_way == left + asking.total() + reading.total()
    assert sorted(turns.let_go()) == sorted(poll for polls in waiting.values() for poll in polls)
    assert (turns.under_way, turns.take()) == (asking.total() + reading.total(), None)
    for host in asking.elements():
        turns.answered(host, 1)
    for host in (asking + reading).elements():
        turns.end(host)
    assert (turns.under_way, turns.take()) == (0, None)


def test_the_last_poll_under_way_at_a_host_that_hangs_ends_before_its_lease() -> None:
    assert timedelta(seconds=MOST_OF_HOST / LIMITS.each_host * LIMITS.total + PAGES_SECONDS) < LEASE
