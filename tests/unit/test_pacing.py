"""Telegram's limits as arithmetic: a table of rules, and random schedules against plain counting."""

import heapq
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.transport.pacing import Pacing, Priority

REPLY, PUSH, DIGEST, EDIT = Priority
NOON = 1000.0


def deliver(pacing, wanted):
    """Ask for each (time, chat, priority) until it may go, always at the time that was named; what went, and when."""
    queue = [(time, number, chat, priority) for number, (time, chat, priority) in enumerate(wanted)]
    heapq.heapify(queue)
    gone = []
    while queue:
        now, number, chat, priority = heapq.heappop(queue)
        again = pacing.ask(now, chat, priority)
        if again == 0.0:
            gone.append((now, chat, priority))
            continue
        assert again > now, "asking again at once would never end"
        heapq.heappush(queue, (again, number, chat, priority))
    return gone


def one_after_another(pacing, count, priority, late):
    """Send to `count` chats, each as soon as it may go, by an event loop whose timers come so many seconds late."""
    now, times = NOON, []
    for chat in range(1, count + 1):
        while (again := pacing.ask(now, chat, priority)) != 0.0:
            now = again + late
        times.append(now)
    return times


def most_within(times, seconds):
    """The largest number of times in any stretch of so many seconds, both ends counted."""
    times = sorted(times)
    return max(sum(1 for other in times if 0 <= other - time <= seconds) for time in times)


HELD = range(1, 9)  # so many hold all


def throttle(pacing, now, chats, seconds=5):
    for chat in chats:
        pacing.throttled(now, chat, seconds)


@pytest.mark.parametrize("per_second", [1, 7, 30, 200])
def test_replies_use_the_second_at_once_and_no_more(per_second):
    gone = deliver(Pacing(per_second), [(NOON, chat, REPLY) for chat in range(1, 3 * per_second + 1)])
    times = [time for time, _, _ in gone]
    assert times.count(NOON) == per_second
    assert most_within(times, 1.0) == per_second
    assert times[-1] - NOON <= 2 * 1.01 + 0.001


@pytest.mark.parametrize("late", [0.0, 0.001, 0.008])
@pytest.mark.parametrize("priority", [PUSH, EDIT])
def test_pushes_go_evenly_at_98_percent_of_30_a_second_however_late_the_timer(priority, late):
    times = one_after_another(Pacing(30), 500, priority, late)
    assert 499 / (times[-1] - times[0]) >= 0.98 * 30
    assert most_within(times, 1.0) <= 30
    assert most_within(times, 0.5) <= 16


@pytest.mark.parametrize("late", [0.0, 0.001, 0.002])
def test_a_thousand_a_second_are_reached_to_99_percent(late):
    times = one_after_another(Pacing(1000), 5000, PUSH, late)
    assert 4999 / (times[-1] - times[0]) >= 990
    assert most_within(times[:3000:10], 1.0) <= 101


def test_a_reply_waits_for_a_full_second_of_pushes_only_until_the_next_place():
    pacing = Pacing(30)
    pushes = [time for time, _, _ in deliver(pacing, [(NOON, chat, PUSH) for chat in range(1, 101)])]
    again = pacing.ask(pushes[-1], 999, REPLY)
    assert again - pushes[-1] <= 1.01 / 30 + 0.001


@pytest.mark.parametrize(
    ("before", "priority", "waits"),
    [
        ([], PUSH, 0.0),
        ([PUSH], PUSH, 1.0),
        ([REPLY], PUSH, 1.0),
        ([REPLY], EDIT, 1.0),
        ([PUSH], REPLY, 0.0),
        ([PUSH, REPLY], REPLY, 0.0),
        ([REPLY] * 3, REPLY, 0.0),
        ([REPLY] * 4, REPLY, 1.0),
        ([REPLY] * 4, PUSH, 4.0),
    ],
)
def test_one_chat_gets_one_a_second_and_replies_a_short_burst(before, priority, waits):
    pacing = Pacing(30)
    for earlier in before:
        assert pacing.ask(NOON, 1, earlier) == 0.0
    again = pacing.ask(NOON + 0.05, 1, priority)
    assert again == (pytest.approx(NOON + waits) if waits else 0.0)


def test_a_full_chat_holds_no_other():
    pacing = Pacing(30)
    for _ in range(4):
        pacing.ask(NOON, 1, REPLY)
    assert pacing.ask(NOON, 1, REPLY) > NOON
    assert pacing.ask(NOON, 2, REPLY) == 0.0


@pytest.mark.parametrize(("priority", "most"), [(REPLY, 20), (PUSH, 16), (EDIT, 16)])
def test_a_group_gets_20_a_minute_and_16_pushes(priority, most):
    times = [time for time, _, _ in deliver(Pacing(30), [(NOON, -100123, priority)] * 50)]
    assert most_within(times, 60.0) == most
    assert times[-1] - NOON <= 49 // most * 60.5 + most
    assert most_within([time for time, _, _ in deliver(Pacing(30), [(NOON, 5, PUSH)] * 50)], 49.5) == 50


def test_a_question_in_a_group_does_not_wait_for_a_minute_of_pushes():
    pacing = Pacing(30)
    pushes = deliver(pacing, [(NOON, -100123, PUSH)] * 16)
    now = pushes[-1][0] + 1.0
    assert pacing.ask(now, -100123, PUSH) == pushes[0][0] + 60.5
    answers = deliver(pacing, [(now, -100123, REPLY)] * 4)
    assert answers[-1][0] - now <= 1.0
    assert pacing.ask(answers[-1][0] + 1.0, -100123, REPLY) == pushes[0][0] + 60.5


def test_429_holds_its_chat_alone_until_the_time_it_named():
    pacing = Pacing(30)
    pacing.throttled(NOON, 1, 17)
    assert [pacing.ask(NOON + 1, 1, priority) for priority in Priority] == [NOON + 17] * len(Priority)
    assert pacing.ask(NOON + 1, 2, PUSH) == 0.0
    assert pacing.ask(NOON + 17, 1, PUSH) == 0.0


def test_a_shorter_429_does_not_shorten_a_longer_one():
    pacing = Pacing(30)
    pacing.throttled(NOON, 1, 60)
    pacing.throttled(NOON + 1, 1, 3)
    assert pacing.ask(NOON + 2, 1, REPLY) == NOON + 60


@pytest.mark.parametrize(
    ("refusals", "holds"),
    [
        ([(chat / 8, chat) for chat in range(1, 9)], True),
        ([(chat / 8, chat) for chat in range(1, 8)], False),
        ([(place / 20, min(place, 7)) for place in range(1, 15)], False),
        ([(chat / 6, chat) for chat in range(1, 20)], False),
        ([(0.0, 1), (1.0, 2), *((1.1 + chat / 10, chat) for chat in range(3, 10))], True),
    ],
)
def test_eight_chats_in_a_row_answering_429_within_a_second_hold_all(refusals, holds):
    pacing = Pacing(30)
    for after, chat in refusals:
        pacing.throttled(NOON + after, chat, 5)
    assert pacing.holds_all is holds
    last = NOON + refusals[-1][0]
    assert pacing.ask(last, 99, REPLY) == (last + 1.0 if holds else 0.0)


@pytest.mark.parametrize(("per_second", "enough"), [(1, 3), (10, 3), (15, 5), (30, 8), (1000, 8)])
def test_at_a_low_rate_fewer_hold_all(per_second, enough):
    pacing = Pacing(per_second)
    throttle(pacing, NOON, range(1, enough))
    assert not pacing.holds_all
    throttle(pacing, NOON, [enough])
    assert pacing.holds_all


def test_a_success_in_between_shows_that_not_all_are_throttled():
    pacing = Pacing(30)
    for chat in range(1, 40):
        pacing.throttled(NOON + chat / 100, chat, 5)
        if chat % 7 == 0:
            pacing.succeeded(NOON + chat / 100, 99)
    assert not pacing.holds_all


def test_while_all_are_held_one_chat_that_is_not_throttled_is_tried_each_second():
    pacing = Pacing(30)
    throttle(pacing, NOON, HELD)
    assert pacing.ask(NOON + 1, 1, REPLY) == NOON + 5
    assert pacing.ask(NOON + 1, 94, PUSH) == 0.0
    assert pacing.ask(NOON + 1, 95, REPLY) == NOON + 2
    assert pacing.ask(NOON + 2, 95, REPLY) == 0.0


def test_a_tried_chats_success_lifts_the_hold_and_throttled_chats_keep_their_own():
    pacing = Pacing(30)
    throttle(pacing, NOON, HELD)
    pacing.ask(NOON + 1, 94, PUSH)
    pacing.succeeded(NOON + 1.1, 94)
    assert not pacing.holds_all
    assert pacing.ask(NOON + 1.2, 95, PUSH) == 0.0
    assert pacing.ask(NOON + 1.2, 2, PUSH) == NOON + 5


def test_a_success_of_what_was_sent_before_the_hold_does_not_lift_it():
    pacing = Pacing(30)
    pacing.ask(NOON, 94, PUSH)
    throttle(pacing, NOON, HELD)
    pacing.succeeded(NOON + 0.5, 94)
    assert pacing.holds_all


def test_a_tried_chat_that_is_throttled_too_lifts_nothing():
    pacing = Pacing(30)
    throttle(pacing, NOON, HELD)
    pacing.ask(NOON + 1, 94, PUSH)
    pacing.throttled(NOON + 1.1, 94, 5)
    pacing.succeeded(NOON + 1.2, 94)
    assert pacing.holds_all


def test_the_hold_comes_to_an_end_when_every_chat_is_throttled():
    pacing = Pacing(30)
    throttle(pacing, NOON, HELD)
    assert pacing.ask(NOON + 2, 1, PUSH) == NOON + 5
    assert pacing.ask(NOON + 5, 1, PUSH) == 0.0
    pacing.succeeded(NOON + 5.1, 1)
    assert not pacing.holds_all


def test_idle_chats_are_forgotten():
    pacing = Pacing(1000)
    most, now = 0, NOON
    for chat in range(1, 100_001):
        now = pacing.ask(now, chat, PUSH) or now
        pacing.ask(now, chat, PUSH)
        most = max(most, pacing.remembered)
    assert most <= 5000


def test_groups_and_throttled_chats_are_forgotten_too_but_not_too_early():
    pacing = Pacing(30)
    pacing.throttled(NOON, 1, 50)
    for group in range(-1, -31, -1):
        deliver(pacing, [(NOON + 1.5 * -group, group, REPLY)])
    assert pacing.ask(NOON + 49, 1, REPLY) == NOON + 50
    for group in range(-31, -2001, -1):
        deliver(pacing, [(NOON + 1.5 * -group, group, REPLY)])
    assert pacing.remembered <= 100


def test_a_429_of_hours_is_kept_for_a_minute():
    pacing = Pacing(30)
    pacing.throttled(NOON, 1, 7200)
    assert pacing.ask(NOON + 65, 1, PUSH) == NOON + 7200
    assert pacing.ask(NOON + 67, 1, PUSH) == 0.0
    deliver(pacing, [(NOON + 70 + chat, chat, PUSH) for chat in range(2, 9)])
    assert pacing.remembered == 1


@pytest.mark.parametrize("faulty", [{"per_second": 0}, {"chat_interval": -1.0}])
def test_a_faulty_limit_is_refused_by_name(faulty):
    with pytest.raises(ValueError, match=next(iter(faulty))):
        Pacing(**faulty)


WANTED = st.lists(
    st.tuples(
        st.floats(min_value=1.0, max_value=20.0),
        st.sampled_from([1, 2, 3, 4, 5, -6, -7]),
        st.sampled_from(list(Priority)),
    ),
    min_size=1,
    max_size=80,
)


@given(wanted=WANTED, per_second=st.integers(1, 9))
def test_random_schedules_keep_every_limit_and_starve_nobody(wanted, per_second):
    gone = deliver(Pacing(per_second), wanted)

    assert most_within([time for time, _, _ in gone], 1.0) <= per_second
    for chat in {chat for _, chat, _ in gone}:
        mine = [(time, priority) for time, at, priority in gone if at == chat]
        times = [time for time, _ in mine]
        for seconds in (1.0, 5.0, 20.0):
            assert most_within(times, seconds) <= seconds + 1 + 3
        assert chat > 0 or most_within(times, 60.0) <= 20
        for (before, _), (after, priority) in itertools.pairwise(mine):
            assert priority is REPLY or after - before >= 1.0 - 1e-6

    assert len(gone) == len(wanted)
    own_pace = len(wanted) * (1.0 + 1.01 / per_second) + (len(wanted) // 20 + 1) * 60.5
    assert gone[-1][0] <= 20.0 + own_pace


@given(wanted=WANTED, part=st.floats(min_value=0.0, max_value=0.999))
def test_asking_before_the_time_named_is_in_vain(wanted, part):
    pacing = Pacing(3)
    for time, chat, priority in sorted(wanted):
        again = pacing.ask(time, chat, priority)
        earlier = time + (again - time) * part
        if again and time < earlier < again:
            assert pacing.ask(earlier, chat, priority) == again
            break
