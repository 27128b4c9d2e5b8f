"""Who goes next, in random crowds, beside what is promised to each."""

import heapq
import itertools
import math
import random

from hypothesis import given
from hypothesis import strategies as st

from bot.transport.pacing import Pacing, Priority
from bot.transport.turns import Turns, Waiter

REPLY, PUSH, DIGEST, EDIT = Priority
BEGIN = 1000.0
CROWD = (REPLY, PUSH, PUSH, PUSH, DIGEST, EDIT)
MOST_PASSED = {DIGEST: 9, EDIT: 20}  # when digests and edits are both overdue, the digest is first


def serve(pacing, wanted):
    """Let those who come (time, chat, priority) wait; (time, waiter) of each that went, until nobody waits."""
    turns = Turns(pacing)
    coming = [
        (BEGIN + after, number, Waiter(chat, priority, math.inf, None))
        for number, (after, chat, priority) in enumerate(wanted)
    ]
    heapq.heapify(coming)
    gone = []
    now = BEGIN
    while coming or turns:
        now = max(now, min(turns.wakes(now), coming[0][0] if coming else math.inf))
        assert now < math.inf, "somebody waits and nothing would wake them"
        while coming and coming[0][0] <= now:
            turns.join(heapq.heappop(coming)[2])
        while (over := turns.take(now)) is not None:
            gone.append((now, over[0]))
    return gone


@given(seed=st.integers(0, 2**32), size=st.integers(1, 150), per_second=st.integers(3, 30))
def test_nobody_is_passed_over_for_ever(seed, size, per_second):
    dice = random.Random(seed)  # noqa: S311  nothing secret
    wanted = [(dice.uniform(0, 5), chat, dice.choice(CROWD)) for chat in range(1, size + 1)]
    came = {chat: BEGIN + after for after, chat, _ in wanted}
    gone = serve(Pacing(per_second), wanted)
    assert sorted(waiter.chat for _, waiter in gone) == sorted(came)
    assert gone[-1][0] <= BEGIN + 5.0 + (len(wanted) + 1) * 1.01 / per_second * 1.25
    for priority, most in MOST_PASSED.items():
        passed, since = 0, BEGIN
        for at, waiter in gone:
            if waiter.priority is priority:
                assert passed <= most
                passed, since = 0, at
            elif waiter.priority is not REPLY:
                # It counts for those who waited when this turn was given.
                waits = any(came[other.chat] <= at < later for later, other in gone if other.priority is priority)
                passed += waits and at > since


@given(
    crowd=st.lists(
        st.tuples(st.floats(0.0, 5.0), st.integers(1, 3), st.sampled_from(list(Priority))), min_size=1, max_size=60
    )
)
def test_within_a_chat_each_priority_keeps_its_order(crowd):
    gone = serve(Pacing(30), crowd)
    assert len(gone) == len(crowd)
    for _, lane in itertools.groupby(
        sorted((waiter for _, waiter in gone), key=lambda waiter: (waiter.chat, waiter.priority)),
        key=lambda waiter: (waiter.chat, waiter.priority),
    ):
        arrivals = [waiter.arrival for waiter in lane]
        assert arrivals == sorted(arrivals)
