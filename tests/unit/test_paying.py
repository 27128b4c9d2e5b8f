"""What is beyond the free messages: marked, counted and paid for while the day's budget lasts."""

import heapq
import itertools
import math
import random
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.transport.pacing import Pacing, Priority
from bot.transport.paying import Fare, Paying
from bot.transport.turns import Turns, Waiter

REPLY, PUSH, DIGEST, EDIT = Priority
BEGIN = 1000.0


def house(per_second=1000, allowed=0):
    paying = Paying()
    paying.allow(allowed)
    return Pacing(per_second, paying=paying), paying


def deliver(pacing, wanted):
    """Ask for each (seconds after the beginning, priority), each to a chat of its own, at the times that are named.

    Gives (time, priority, fare) of each, in order.
    """
    queue = [(BEGIN + after, number, priority) for number, (after, priority) in enumerate(wanted, 1)]
    heapq.heapify(queue)
    gone = []
    while queue:
        now, chat, priority = heapq.heappop(queue)
        again = pacing.ask(now, chat, priority)
        if again:
            assert again > now, "asking again at once would never end"
            heapq.heappush(queue, (again, chat, priority))
        else:
            gone.append((now, priority, pacing.fare))
    return gone


def served(pacing, seconds, pushes=0, edits=0, push_every=0.0):
    """So many of each, waiting from the beginning (a push from each `push_every`): when each kind went."""
    turns = Turns(pacing)
    coming = deque(
        (BEGIN + number * push_every, Waiter(number, PUSH, math.inf, None)) for number in range(1, pushes + 1)
    )
    for number in range(1, edits + 1):
        turns.join(Waiter(pushes + number, EDIT, math.inf, None))
    gone = {PUSH: [], EDIT: []}
    now = BEGIN
    while now <= BEGIN + seconds and (coming or turns):
        while coming and coming[0][0] <= now:
            turns.join(coming.popleft()[1])
        while (over := turns.take(now)) is not None:
            gone[over[0].priority].append((now - BEGIN, over[0].fare))
        now = max(now, min(turns.wakes(now), coming[0][0] if coming else math.inf))
    return gone[PUSH], gone[EDIT]


def within(times, at, seconds=1.0):
    return sum(1 for time in times if 0 <= at - time <= seconds)


def fares(gone):
    return [[fare for _, _, fare in gone].count(fare) for fare in Fare]


@pytest.mark.parametrize(
    ("pushes", "per_second", "allowed", "unmarked", "paid", "took"),
    [
        (30, 1000, 10_000, 30, 0, 0.03),
        (1000, 1000, 10_000, 30, 970, 1.0),
        (3000, 1000, 10_000, 30, 2910, 3.0),
        (200, 100, 10_000, 30, 140, 2.0),
        # The rest at 30 a second, once the last second has no more than 30.
        (330, 1000, 100, 230, 100, 1.1 + 200 / 30),
        (300, 1000, 0, 300, 0, 10.0),
        (300, 30, 1000, 300, 0, 10.0),
    ],
)
def test_what_is_beyond_thirty_a_second_is_paid_for_while_the_budget_lasts(  # noqa: PLR0917
    pushes, per_second, allowed, unmarked, paid, took
):
    pacing, _ = house(per_second, allowed)
    gone, _ = served(pacing, 60, pushes=pushes)
    free, marked, charged = ([fare for _, fare in gone].count(fare) for fare in Fare)
    assert (free, charged) == (pytest.approx(unmarked, abs=1), pytest.approx(paid, abs=1))
    assert free + marked + charged == pushes
    assert gone[-1][0] == pytest.approx(took, rel=0.03, abs=0.05)


@pytest.mark.parametrize(
    ("per_second", "allowed", "rate"), [(1000, 1, 1000), (1000, 0, 30), (30, 5, 30), (10, 0, 10), (10, 5, 10)]
)
def test_what_goes_in_a_second_at_present(per_second, allowed, rate):
    assert house(per_second, allowed)[0].rate(BEGIN) == rate
    assert Pacing(per_second).rate(BEGIN) == per_second


def test_a_slow_bot_that_cannot_pay_stays_as_slow():
    gone, _ = served(house(10, 0)[0], 60, pushes=100)
    assert gone[-1][0] == pytest.approx(10, abs=0.2)
    assert max(later[0] - earlier[0] for earlier, later in itertools.pairwise(gone)) < 0.11


def test_a_paid_message_that_was_not_taken_costs_nothing():
    pacing, paying = house(1000, 10)
    assert fares(deliver(pacing, [(0.0, PUSH)] * 40)) == [30, 0, 10]
    assert not paying.can_pay(BEGIN + 1)
    paying.answered(taken=False)
    assert paying.can_pay(BEGIN + 1)
    paying.answered(taken=True)
    assert [paying.to_write(), paying.to_write()] == [1, 0]


def test_who_cannot_pay_is_not_asked_for_an_hour():
    pacing, paying = house(1000, 1000)
    assert [paying.refuse(BEGIN), paying.refuse(BEGIN + 1)] == [True, False]
    assert fares(deliver(pacing, [(10.0, PUSH)] * 60)) == [60, 0, 0]
    assert not paying.can_pay(BEGIN + 3600)
    assert paying.can_pay(BEGIN + 3602)


def test_replies_are_free_where_they_fit_and_paid_for_where_they_do_not():
    pacing, _ = house(1000, 1000)
    assert fares(deliver(pacing, [(0.0, REPLY)] * 50)) == [30, 0, 20]
    pacing, _ = house(1000, 0)
    gone = deliver(pacing, [(0.0, REPLY)] * 50)
    assert fares(gone) == [50, 0, 0]
    assert gone[-1][0] - BEGIN == pytest.approx(1.01)


def test_edits_are_never_paid_for_and_get_their_time_between_paid_pushes():
    pacing, _ = house(200, 1_000_000)
    pushes, edits = served(pacing, 43, pushes=9000, edits=100)
    assert {fare for _, fare in edits} == {Fare.UNMARKED}
    whole = [len(list(some)) for _, some in itertools.groupby(edits, lambda edit: edit[0] // 10)]
    assert sum(whole) >= 60
    assert len(pushes) >= 0.94 * 43 * 200
    assert {fare for _, fare in pushes[1000:]} == {Fare.MARKED, Fare.PAID}


def test_edits_beside_few_pushes_hold_up_none():
    pacing, _ = house(200, 1_000_000)
    pushes, edits = served(pacing, 20, pushes=300, edits=100, push_every=0.05)
    assert all(at <= number * 0.05 + 0.01 for number, (at, _) in enumerate(pushes, 1))
    assert len(edits) == 100


@given(
    seed=st.integers(0, 2**32), size=st.integers(1, 250), per_second=st.integers(10, 200), allowed=st.integers(0, 150)
)
def test_in_a_random_crowd_each_fare_is_what_plain_counting_says(seed, size, per_second, allowed):
    dice = random.Random(seed)  # noqa: S311  nothing secret
    wanted = [(dice.uniform(0, 4), dice.choice(list(Priority))) for _ in range(size)]
    pacing, paying = house(per_second, allowed)
    gone = deliver(pacing, wanted)
    assert len(gone) == len(wanted)
    times = [at for at, _, _ in gone]
    free = []
    paid = 0
    for place, (at, priority, fare) in enumerate(gone):
        before = within(times[:place], at)
        assert before < per_second
        if before >= 30:
            assert fare is not Fare.UNMARKED
        assert fare is Fare.UNMARKED or within(times[:place], at, 1.0101) >= 30
        assert priority is not EDIT or fare is Fare.UNMARKED
        if fare is Fare.PAID:
            paid += 1
        else:
            assert within(free, at) < 30
            free.append(at)
    assert paid <= allowed
    assert paying.can_pay(BEGIN) == (paid < allowed)
