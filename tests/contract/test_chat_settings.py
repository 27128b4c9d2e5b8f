"""The ports Chats and Mailboxes: what a chat has chosen, and when its schedule lets it be delivered to."""

from dataclasses import replace

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
    owed,
    publish,
    settle,
)

from storage import Cadence, Chat, ChatKind, ChatSettings, Pictures, Place, Query, Quiet, Settlement

NIGHT = Quiet(23 * 60, 7 * 60)
CHOSEN = ChatSettings("Asia/Yerevan", NIGHT, 9 * 60 + 30, 4, NOON + DAY, Pictures.PHOTO)
SETTINGS = [
    CHOSEN,
    ChatSettings(),
    ChatSettings(quiet=Quiet(0, 60, silent=True)),
    ChatSettings(pictures=Pictures.NONE),
    ChatSettings(digest_minute=0, digest_weekday=6),
]


async def change(store, chosen, now=NOON, chat=1):
    await store.chats.change_settings(BOT, chat, chosen, now=now)


async def follow_daily(store, query="*", chat=1):
    await store.subscriptions.add(Place(BOT, chat), Query.parse(query), now=NOON, cadence=Cadence.DAILY)


async def put_back(store, one, slot, now=NOON):
    """Settle the claim undelivered, not before the slot."""
    assert await settle(store, Settlement(one, slot=slot), now)


# Settings


@pytest.mark.parametrize("chosen", SETTINGS)
async def test_what_a_chat_chose_is_kept(store, chosen):
    await change(store, CHOSEN)
    await change(store, chosen)
    assert await store.chats.settings(BOT, 1) == chosen


async def test_a_chat_that_is_not_known_has_what_all_begin_with(store):
    await change(store, CHOSEN, chat=2)
    assert await store.chats.settings(BOT, 1) == ChatSettings()
    assert await store.chats.settings(BOT + 1, 2) == ChatSettings()


async def test_what_is_known_of_a_chat_leaves_what_it_chose(store):
    await change(store, CHOSEN)
    await store.chats.put(Chat(BOT, 1, ChatKind.GROUP, "The Bell"))
    assert await store.chats.settings(BOT, 1) == CHOSEN


async def test_a_claim_comes_with_what_its_chat_chose(store):
    await change(store, CHOSEN, chat=2)
    for chat in (1, 2):
        await follow(store, chat=chat)
    await publish(store, "Peace")
    assert {one.mailbox.place.chat: one.settings for one in await claim(store)} == {1: ChatSettings(), 2: CHOSEN}


async def test_a_chat_that_moves_takes_along_what_it_chose(store):
    await follow(store)
    await change(store, CHOSEN)
    await store.mailboxes.move(BOT, 1, 2, now=NOON)
    assert await store.chats.settings(BOT, 2) == CHOSEN


async def test_a_known_chat_keeps_what_it_chose_itself(store):
    own = replace(CHOSEN, zone="Asia/Baku")
    for chat, chosen in ((1, CHOSEN), (2, own)):
        await follow(store, chat=chat)
        await change(store, chosen, chat=chat)
    await store.mailboxes.move(BOT, 1, 2, now=NOON)
    assert await store.chats.settings(BOT, 2) == own


# Slots


async def test_a_mailbox_is_not_due_before_its_slot(store):
    await follow(store)
    await publish(store, "Peace")
    await put_back(store, await claim_one(store), NOON + HOUR)
    await publish(store, "War", now=NOON + MINUTE)
    assert await store.mailboxes.next_due(BOT) == NOON + HOUR
    assert await claim(store, NOON + HOUR - SECOND) == []
    assert await give(store, NOON + HOUR) == {1: ["Peace", "War"]}


async def test_the_later_of_slot_and_opening_counts(store):
    await follow(store)
    await publish(store, "Peace")
    for slot, opens in ((HOUR, MINUTE), (MINUTE, HOUR)):
        (one,) = await claim(store)
        assert await settle(store, Settlement(one, slot=NOON + slot, opens=NOON + opens), NOON)
        assert await store.mailboxes.next_due(BOT) == NOON + HOUR
        await change(store, ChatSettings())
        await store.mailboxes.reopen(Place(BOT, 1), now=NOON)
        await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
        await store.mailboxes.resume(BOT, 1, now=NOON)


async def test_changed_settings_forget_the_slot_but_not_the_opening(store):
    for chat in (1, 2):
        await follow(store, chat=chat)
    await publish(store, "Peace")
    for one in await claim(store):
        opens = NOON + SECOND if one.mailbox.place.chat == 2 else None
        assert await settle(store, Settlement(one, slot=NOON + HOUR, opens=opens), NOON)
    for chat in (1, 2):
        await change(store, CHOSEN, chat=chat)
    assert [one.mailbox.place.chat for one in await claim(store)] == [1]
    assert [one.mailbox.place.chat for one in await claim(store, NOON + SECOND)] == [2]


async def test_changed_settings_make_nothing_due_that_owes_nothing(store):
    await follow(store)
    await change(store, CHOSEN)
    assert await store.mailboxes.next_due(BOT) is None


async def test_a_slot_of_a_claim_made_under_other_settings_counts_for_nothing(store):
    await follow(store)
    await publish(store, "Peace")
    one = await claim_one(store)
    await change(store, CHOSEN)
    assert await claim(store) == []
    await put_back(store, one, NOON + HOUR)
    again = await claim_one(store)
    assert again.settings == CHOSEN
    await put_back(store, again, NOON + 2 * HOUR)
    assert await store.mailboxes.next_due(BOT) == NOON + 2 * HOUR


async def test_a_claim_that_was_lost_voids_no_later_slot(store):
    await follow(store)
    await publish(store, "Peace")
    await claim_one(store)
    await change(store, CHOSEN)
    again = await claim_one(store, NOON + LEASE)
    await put_back(store, again, NOON + HOUR, NOON + LEASE)
    assert await store.mailboxes.next_due(BOT) == NOON + HOUR


async def test_a_delivery_is_remembered_as_served(store):
    await follow(store)
    await publish(store, "Peace")
    one = await claim_one(store)
    assert one.mailbox.served is None
    assert await settle(store, delivered(one, await owed(store, one)), NOON + SECOND)
    await publish(store, "War", now=NOON + MINUTE)
    assert (await claim_one(store, NOON + MINUTE)).mailbox.served == NOON + SECOND
    assert [each.served for each in await store.subscriptions.all(Place(BOT, 1))] == [NOON + SECOND]


@pytest.mark.parametrize("chat", [1, 2])
async def test_a_delivery_of_a_claim_that_was_lost_is_remembered_as_served(store, chat):
    await follow(store)
    await follow(store, chat=2)
    await publish(store, "Peace", "War")
    one = next(one for one in await claim(store) if one.mailbox.place.chat == 1)
    owing = await owed(store, one)
    if chat == 1:
        await store.mailboxes.resume(BOT, 1, now=NOON)
    else:
        await store.mailboxes.move(BOT, 1, 2, now=NOON)
    assert not await settle(store, delivered(one, owing), NOON + SECOND)
    await publish(store, "Rain", now=NOON + MINUTE)
    served = {one.mailbox.place.chat: one.mailbox.served for one in await claim(store, NOON + MINUTE)}
    assert served[chat] == NOON + SECOND


async def test_owed_says_since_when(store):
    await follow(store)
    await publish(store, "Peace", now=NOON)
    await publish(store, "War", now=NOON + HOUR)
    one = await claim_one(store, NOON + HOUR)
    assert (await owed(store, one)).since == NOON


# Digests


async def test_digests_and_pushes_are_claimed_apart(store):
    await follow_daily(store, chat=1)
    await follow(store, chat=2)
    await publish(store, "Peace")
    for digests, chat in ((True, 1), (False, 2)):
        (one,) = await store.mailboxes.claim(BOT, now=NOON, lease=LEASE, limit=10, digests=digests)
        assert (one.mailbox.place.chat, one.mailbox.cadence is Cadence.DAILY) == (chat, digests)


async def test_next_due_is_the_first_of_both(store):
    await follow_daily(store, chat=1)
    await follow(store, chat=2)
    await publish(store, "Peace")
    slots = {1: NOON + HOUR, 2: NOON + 2 * HOUR}
    for one in await claim(store):
        await put_back(store, one, slots[one.mailbox.place.chat])
    assert await store.mailboxes.next_due(BOT) == NOON + HOUR
