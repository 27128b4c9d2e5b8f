"""The machine's clock is set back: what was to come does not come later for that."""

import pytest
from storekeeping import (
    BOT,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    claim,
    claim_one,
    delivered,
    follow,
    give_all,
    owed,
    publish,
)
from storekeeping import settle as settled

from storage import Settlement

THEN = NOON - HOUR  # what the clock shows after it was set


async def set_back(store, bot=BOT):
    await store.mailboxes.set_back(bot, by=HOUR, now=THEN)


async def test_what_was_due_is_due(store):
    await follow(store)
    await publish(store, "Peace")
    assert await claim(store, THEN) == []
    await set_back(store)
    assert await give_all(store, THEN) == {1: ["Peace"]}


async def test_what_was_to_open_opens_as_much_earlier(store):
    await follow(store)
    await publish(store, "Peace")
    one = await claim_one(store)
    assert await settled(store, Settlement(one, failures=1, opens=NOON + MINUTE))
    await set_back(store)
    assert await store.mailboxes.next_due(BOT) == THEN + MINUTE
    assert await claim(store, THEN + MINUTE - SECOND) == []
    again = await claim_one(store, THEN + MINUTE)
    assert await settled(store, delivered(again, await owed(store, again, THEN)), THEN)
    assert await give_all(store, THEN) == {}


async def test_what_a_mailbox_is_held_for_ends_as_much_earlier(store):
    await follow(store)
    await publish(store, "Peace")
    await claim_one(store)
    assert not await store.mailboxes.resume(BOT, 1, now=NOON)  # the claim is lost, and what it sends is waited for
    await set_back(store)
    held_until = await store.mailboxes.next_due(BOT)
    assert THEN < held_until <= THEN + MINUTE
    assert await give_all(store, held_until) == {1: ["Peace"]}


@pytest.mark.parametrize("chats", [3, 1001])
async def test_all_of_the_bots_and_none_of_anothers(store, chats):
    for chat in range(1, chats + 1):
        await follow(store, chat=chat)
    await follow(store, chat=1, bot=BOT + 1)
    await publish(store, "Peace")
    await set_back(store)
    assert len(await claim(store, THEN, limit=2 * chats)) == chats
    assert await claim(store, THEN, bot=BOT + 1) == []
    assert len(await claim(store, bot=BOT + 1)) == 1


async def test_a_paused_chat_is_tried_as_much_earlier(store):
    for bot in (BOT, BOT + 1):
        await store.mailboxes.pause(bot, 1, now=NOON, reason="no rights", retry=NOON + MINUTE)
    await set_back(store)
    assert await store.mailboxes.retry(BOT, now=THEN + MINUTE - SECOND) == 0
    assert await store.mailboxes.retry(BOT + 1, now=NOON) == 0
    assert await store.mailboxes.retry(BOT, now=THEN + MINUTE) == 1


FAR, NEAR = NOON + 9 * DAY, NOON + 7 * DAY


@pytest.mark.parametrize(
    ("opens", "slot", "due"),
    [
        (None, FAR, NOON),
        (FAR, None, NOON),
        (FAR, NEAR, NEAR),
        (NEAR, FAR, NEAR),
        (FAR, FAR, NOON),
        (None, NEAR, NEAR),
        (NEAR, None, NEAR),
    ],
)
async def test_what_was_to_wait_too_long_waits_no_more_after_a_start(store, opens, slot, due):
    await follow(store)
    await publish(store, "Peace")
    assert await settled(store, Settlement(await claim_one(store), opens=opens, slot=slot))
    await store.mailboxes.free(BOT, now=NOON)
    assert await store.mailboxes.next_due(BOT) == due
    assert await give_all(store) == {1: ["Peace"]}
