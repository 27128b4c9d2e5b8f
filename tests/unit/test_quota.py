"""How much a group may ask in a minute."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.commands.quota import CHATS_REMEMBERED, MOST_OF_A_CHAT, MOST_OF_A_PERSON, Quota

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HERE, ELSEWHERE = -1007, -1008


def ask(quota, speaker, now=NOON, chat=HERE):
    """Ask once; give whether there was an answer."""
    if not quota.has_room(chat, speaker, now):
        return False
    quota.count(chat, speaker, now)
    return True


def test_a_person_gets_five_answers_a_minute():
    quota = Quota()
    assert [ask(quota, 1) for _ in range(6)] == [True] * 5 + [False]
    assert ask(quota, 2)
    assert ask(quota, 1, chat=ELSEWHERE)


def test_a_chat_gets_twelve_answers_a_minute():
    quota = Quota()
    assert [ask(quota, speaker) for speaker in range(13)] == [True] * 12 + [False]
    assert ask(quota, 1, chat=ELSEWHERE)


def test_a_minute_later_there_is_room_again():
    quota = Quota()
    for number in range(5):
        ask(quota, 1, NOON + number * SECOND)
    assert not ask(quota, 1, NOON + 59 * SECOND)
    assert ask(quota, 1, NOON + 60 * SECOND)
    assert not ask(quota, 1, NOON + 60 * SECOND)
    assert ask(quota, 1, NOON + 61 * SECOND)


def test_looking_counts_nothing():
    quota = Quota()
    assert all(quota.has_room(HERE, 1, NOON) for _ in range(20))


def test_a_notice_comes_once_a_minute_in_each_chat():
    quota = Quota()
    assert [quota.tells(HERE, NOON + seconds * SECOND) for seconds in (0, 1, 59, 60, 61)] == [
        True,
        False,
        False,
        True,
        False,
    ]
    assert quota.tells(ELSEWHERE, NOON)


def test_only_so_many_chats_are_remembered():
    quota = Quota()
    for _ in range(5):
        ask(quota, 1)
    for chat in range(CHATS_REMEMBERED):
        ask(quota, 1, chat=chat)
    assert ask(quota, 1)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4)), max_size=200))
def test_no_minute_has_more(asked):
    quota, now, answered = Quota(), NOON, []
    for seconds, speaker in asked:
        now += seconds * SECOND / 3
        if ask(quota, speaker, now):
            answered.append((now, speaker))
    for at, speaker in answered:
        minute = [one for when, one in answered if at - 60 * SECOND < when <= at]
        assert len(minute) <= MOST_OF_A_CHAT
        assert minute.count(speaker) <= MOST_OF_A_PERSON
