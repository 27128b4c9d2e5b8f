"""The port Mailboxes: pausing and resuming."""

import pytest
from storekeeping import (
    BOT,
    DAY,
    HOUR,
    LEASE,
    MINUTE,
    NOON,
    SECOND,
    claim,
    claim_one,
    delivered,
    follow,
    give,
    give_all,
    owed,
    publish,
    settle,
)

from storage import Settlement


async def retried(store, now):
    await store.mailboxes.retry(BOT, now=now)


async def resumed(store, now):
    await store.mailboxes.resume(BOT, 1, now=now)


async def test_a_paused_chat_is_given_nothing_until_it_is_resumed(store):
    await follow(store, thread=0)
    await follow(store, thread=1)
    await publish(store, "One")
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
    assert await claim(store) == []
    assert await store.mailboxes.next_due(BOT) is None


async def test_a_pause_ends_a_claim(store):
    await follow(store)
    await publish(store, "One")
    one = await claim_one(store)
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
    assert not await settle(store, Settlement(one))
    assert await store.mailboxes.next_due(BOT) is None


async def test_a_resumed_chat_picks_up_where_it_stopped(store):
    await follow(store)
    await publish(store, "One")
    await give_all(store)
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
    await publish(store, "Two")
    assert await store.mailboxes.resume(BOT, 1, now=NOON + MINUTE)
    assert await store.mailboxes.next_due(BOT) == NOON + MINUTE
    assert await give_all(store) == {1: ["Two"]}


async def test_a_resumed_chat_that_is_owed_nothing_sleeps(store):
    await follow(store)
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
    assert await store.mailboxes.resume(BOT, 1, now=NOON)
    assert await store.mailboxes.next_due(BOT) is None


async def test_resuming_what_was_not_paused_says_so(store):
    await follow(store)
    await publish(store, "One")
    assert not await store.mailboxes.resume(BOT, 1, now=NOON)
    assert not await store.mailboxes.resume(BOT, 2, now=NOON)
    one = await claim_one(store)
    assert await settle(store, delivered(one, await owed(store, one)))


@pytest.mark.parametrize("sign", [lambda store: store.mailboxes.resume(BOT, 1, now=NOON), follow])
async def test_a_403_on_its_way_when_the_chat_gives_a_sign_of_life_pauses_nothing(store, sign):
    await follow(store)
    await publish(store, "One")
    one = await claim_one(store)
    await sign(store)
    assert not await settle(store, Settlement(one, paused="blocked"))
    assert await give_all(store) == {1: ["One"]}


async def test_what_is_in_flight_when_a_chat_is_resumed_is_waited_for(store):
    await follow(store)
    await publish(store, "One")
    one = await claim_one(store)
    owing = await owed(store, one)
    await store.mailboxes.resume(BOT, 1, now=NOON + SECOND)
    assert await claim(store, NOON + SECOND) == []
    await settle(store, delivered(one, owing), NOON + 2 * SECOND)
    assert await give_all(store) == {}


async def test_a_resumed_chat_forgets_its_failures_and_when_it_opens(store):
    await follow(store)
    await publish(store, "One")
    await settle(store, Settlement(await claim_one(store), failures=4, opens=NOON + HOUR))
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
    await store.mailboxes.resume(BOT, 1, now=NOON)
    assert (await claim_one(store)).mailbox.failures == 0


async def test_a_late_403_pauses_nothing(store):
    await follow(store)
    await publish(store, "One")
    one = await claim_one(store)
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
    await store.mailboxes.resume(BOT, 1, now=NOON)
    assert not await settle(store, Settlement(one, paused="blocked"))
    assert await give_all(store) == {1: ["One"]}


async def test_what_is_in_flight_through_a_pause_is_not_given_twice(store):
    await follow(store)
    await publish(store, "One")
    one = await claim_one(store)
    owing = await owed(store, one)
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="another thread was refused")
    await store.mailboxes.resume(BOT, 1, now=NOON + SECOND)
    assert await claim(store, NOON + SECOND) == []
    assert await store.mailboxes.next_due(BOT) == NOON + LEASE
    assert not await settle(store, delivered(one, owing), NOON + 2 * SECOND)
    assert await give_all(store) == {}


async def test_what_was_in_flight_through_a_pause_and_died_is_owed_when_its_lease_ends(store):
    await follow(store)
    await publish(store, "One")
    await claim_one(store)
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="another thread was refused")
    await store.mailboxes.resume(BOT, 1, now=NOON + SECOND)
    assert await give(store, NOON + LEASE) == {1: ["One"]}


async def test_pauses_are_the_bots_own(store):
    await follow(store, bot=BOT)
    await follow(store, bot=BOT + 1)
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
    await publish(store, "One")
    assert await claim(store) == []
    assert len(await claim(store, bot=BOT + 1)) == 1


async def test_a_chat_that_is_to_be_tried_again_is_resumed_when_its_time_comes(store):
    await follow(store)
    await publish(store, "One")
    await settle(store, Settlement(await claim_one(store), paused="muted", retry=NOON + HOUR))
    assert await store.mailboxes.retry(BOT, now=NOON + HOUR - SECOND) == 0
    assert await store.mailboxes.next_due(BOT) is None
    assert await store.mailboxes.retry(BOT + 1, now=NOON + HOUR) == 0
    assert await store.mailboxes.retry(BOT, now=NOON + HOUR) == 1
    assert await store.mailboxes.next_due(BOT) == NOON + HOUR
    assert await store.mailboxes.retry(BOT, now=NOON + 2 * HOUR) == 0
    assert await give_all(store, NOON + HOUR) == {1: ["One"]}


@pytest.mark.parametrize("retry", [None, NOON + HOUR])
async def test_another_pause_decides_anew_whether_it_is_tried_again(store, retry):
    await follow(store)
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="muted", retry=NOON)
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked", retry=retry)
    assert await store.mailboxes.retry(BOT, now=NOON) == 0
    assert await store.mailboxes.retry(BOT, now=NOON + HOUR) == (1 if retry else 0)


async def test_a_chat_that_was_resumed_is_tried_no_more(store):
    await follow(store)
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="muted", retry=NOON)
    await store.mailboxes.resume(BOT, 1, now=NOON)
    assert await store.mailboxes.retry(BOT, now=NOON) == 0


MONTH = 30 * DAY
LATER = NOON + MONTH


async def test_a_chat_paused_for_over_30_days_begins_anew_when_it_comes_back(store):
    followed = await follow(store)
    await follow(store, thread=4)
    await publish(store, "One")
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
    assert await store.mailboxes.resume(BOT, 1, now=LATER + SECOND)
    assert await store.mailboxes.next_due(BOT) is None
    assert [one.id for one in await store.subscriptions.all(followed.place)] == [followed.id]
    await publish(store, "Two", now=LATER + MINUTE)
    assert await give_all(store, LATER + MINUTE) == {1: ["Two", "Two"]}


@pytest.mark.parametrize("after", [DAY, MONTH])
async def test_a_chat_that_comes_back_within_30_days_is_given_what_came(store, after):
    await follow(store)
    await publish(store, "One")
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
    await store.mailboxes.resume(BOT, 1, now=NOON + after)
    assert await give_all(store, NOON + after) == {1: ["One"]}


async def test_who_follows_something_after_a_long_pause_begins_anew(store):
    await follow(store, "one")
    await publish(store, "One")
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
    await follow(store, "two", now=LATER + SECOND)
    await publish(store, "One and two", now=LATER + SECOND)
    assert await give_all(store, LATER + MINUTE) == {1: ["One and two"]}


async def fail(store, now):
    """Try the chat, in vain: it is paused again, and to be tried a day later."""
    await store.mailboxes.retry(BOT, now=now)
    await settle(store, Settlement(await claim_one(store, now), paused="muted", retry=now + DAY), now)


async def test_daily_tries_are_one_pause_and_end_after_30_days(store):
    await follow(store)
    await publish(store, "One")
    await settle(store, Settlement(await claim_one(store), paused="muted", retry=NOON + DAY))
    for day in range(1, 32):
        await fail(store, NOON + day * DAY)
    assert await store.mailboxes.retry(BOT, now=NOON + 99 * DAY) == 0
    assert await store.mailboxes.resume(BOT, 1, now=NOON + 99 * DAY)
    assert await give_all(store, NOON + 99 * DAY) == {}


async def test_a_pause_after_something_was_delivered_is_another_one(store):
    await follow(store)
    await publish(store, "One")
    await settle(store, Settlement(await claim_one(store), paused="muted", retry=NOON + DAY))
    await store.mailboxes.retry(BOT, now=NOON + DAY)
    assert await give_all(store, NOON + DAY) == {1: ["One"]}
    await publish(store, "Two", now=LATER + DAY)
    await store.mailboxes.pause(BOT, 1, now=LATER + DAY, reason="muted")
    await store.mailboxes.resume(BOT, 1, now=LATER + 2 * DAY)
    assert await give_all(store, LATER + 2 * DAY) == {1: ["Two"]}


@pytest.mark.parametrize("sign", [retried, resumed], ids=["a try with nothing to give", "a sign of life"])
async def test_a_pause_after_the_chat_was_let_back_is_another_one(store, sign):
    await follow(store)
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="muted", retry=NOON + DAY)
    await sign(store, NOON + DAY)
    await store.mailboxes.pause(BOT, 1, now=LATER + DAY, reason="muted")
    await publish(store, "One", now=LATER + DAY)
    await store.mailboxes.resume(BOT, 1, now=LATER + 2 * DAY)
    assert await give_all(store, LATER + 2 * DAY) == {1: ["One"]}


async def test_a_sign_of_life_between_two_tries_ends_the_pause(store):
    await follow(store)
    await publish(store, "One")
    await settle(store, Settlement(await claim_one(store), paused="muted", retry=NOON + DAY))
    await store.mailboxes.retry(BOT, now=NOON + DAY)
    assert not await store.mailboxes.resume(BOT, 1, now=NOON + DAY)
    await store.mailboxes.pause(BOT, 1, now=LATER + DAY, reason="muted")
    await store.mailboxes.resume(BOT, 1, now=LATER + 2 * DAY)
    assert await give_all(store, LATER + 2 * DAY) == {1: ["One"]}
