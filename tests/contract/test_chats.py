"""The port Chats, and places of a chat that alone cannot be delivered to."""

from dataclasses import replace

import pytest
from storekeeping import (
    BOT,
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

from storage import Chat, ChatKind, Place, Settlement

ADA, BORIS = 1001, 1002
CHANNEL = Chat(BOT, -1005, ChatKind.CHANNEL, "Velmora News", "velmora", set_up_by=ADA)
GROUP = Chat(BOT, -1006, ChatKind.GROUP, "Allotments", set_up_by=ADA)
HERE = Place(BOT, GROUP.id)
TOPIC = Place(BOT, GROUP.id, 4)


async def shut(store, title="One", now=NOON):
    """The topic follows everything; what comes is refused, for its thread is gone."""
    await follow(store, chat=TOPIC.chat, thread=TOPIC.thread)
    await publish(store, title)
    one = await claim_one(store, now)
    assert await settle(store, Settlement(one, failures=1, shut="message thread not found"), now)


async def tell(store, place, *, whole, gone=False):
    return await store.chats.to_tell(place, whole=whole, gone=gone)


# What is known of a chat


async def test_what_is_put_is_known(store):
    assert await store.chats.get(BOT, CHANNEL.id) is None
    await store.chats.put(CHANNEL)
    assert await store.chats.get(BOT, CHANNEL.id) == CHANNEL
    assert await store.chats.get(BOT + 1, CHANNEL.id) is None
    renamed = replace(CHANNEL, title="News of Velmora", username="")
    await store.chats.put(renamed)
    assert await store.chats.get(BOT, CHANNEL.id) == renamed


async def test_whoever_set_a_chat_up_is_known_until_somebody_else_does(store):
    await store.chats.put(CHANNEL)
    await store.chats.put(replace(CHANNEL, set_up_by=0))
    assert (await store.chats.get(BOT, CHANNEL.id)).set_up_by == ADA
    await store.chats.put(replace(CHANNEL, set_up_by=BORIS))
    assert (await store.chats.get(BOT, CHANNEL.id)).set_up_by == BORIS


async def test_a_chat_that_only_follows_is_not_known(store):
    await follow(store, chat=GROUP.id)
    assert await store.chats.get(BOT, GROUP.id) is None
    await store.chats.put(GROUP)
    assert await store.chats.get(BOT, GROUP.id) == GROUP


async def test_putting_a_chat_neither_pauses_nor_resumes_it(store):
    await store.chats.put(replace(GROUP, paused="by hand"))
    assert (await store.chats.get(BOT, GROUP.id)).paused == ""
    await store.mailboxes.pause(BOT, GROUP.id, now=NOON, reason="muted")
    await store.chats.put(GROUP)
    assert (await store.chats.get(BOT, GROUP.id)).paused == "muted"


async def test_why_a_chat_is_paused_can_be_asked_whether_it_is_known_or_not(store):
    assert await store.chats.paused(BOT, 1) == ""
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
    assert await store.chats.paused(BOT, 1) == "blocked"
    assert await store.chats.paused(BOT + 1, 1) == ""
    await store.mailboxes.resume(BOT, 1, now=NOON)
    assert await store.chats.paused(BOT, 1) == ""


async def test_a_persons_chats_are_those_they_set_up_and_that_can_be_delivered_to(store):
    for chat in (CHANNEL, GROUP, Chat(BOT, -1007, ChatKind.GROUP, "Elsewhere", set_up_by=BORIS)):
        await store.chats.put(chat)
    assert await store.chats.set_up_by(BOT, ADA) == [GROUP, CHANNEL]
    assert await store.chats.set_up_by(BOT + 1, ADA) == []
    assert await store.chats.set_up_by(BOT, 0) == []
    await store.mailboxes.pause(BOT, GROUP.id, now=NOON, reason="removed")
    assert await store.chats.set_up_by(BOT, ADA) == [CHANNEL]


async def test_what_is_known_moves_along(store):
    await store.chats.put(GROUP)
    await store.mailboxes.move(BOT, GROUP.id, -1009, now=NOON)
    assert await store.chats.get(BOT, GROUP.id) is None
    assert await store.chats.get(BOT, -1009) == replace(GROUP, id=-1009)


async def test_what_is_known_of_the_chat_moved_into_stays(store):
    known = Chat(BOT, -1009, ChatKind.GROUP, "Allotments, new")
    await store.chats.put(GROUP)
    await store.chats.put(known)
    await store.mailboxes.move(BOT, GROUP.id, known.id, now=NOON)
    assert await store.chats.get(BOT, known.id) == replace(known, set_up_by=ADA)


# Who is to be told, once


async def test_whoever_set_a_chat_up_is_told_once(store, open_again):
    await store.chats.put(GROUP)
    await store.mailboxes.pause(BOT, GROUP.id, now=NOON, reason="muted")
    assert await tell(store, HERE, whole=True) == replace(GROUP, paused="muted")
    assert await tell(await open_again(), HERE, whole=True) is None


async def test_they_are_told_again_when_it_happens_again(store):
    await store.chats.put(GROUP)
    for _ in range(2):
        await store.mailboxes.pause(BOT, GROUP.id, now=NOON, reason="muted")
        assert await tell(store, HERE, whole=True)
        await store.mailboxes.resume(BOT, GROUP.id, now=NOON)


@pytest.mark.parametrize("whole", [True, False])
async def test_nobody_is_told_where_nobody_is_known(store, whole):
    await shut(store)
    await store.mailboxes.pause(BOT, GROUP.id, now=NOON, reason="muted")
    assert await tell(store, TOPIC, whole=whole) is None
    await store.chats.put(replace(GROUP, set_up_by=0))
    assert await tell(store, TOPIC, whole=whole) is None
    await store.chats.put(GROUP)
    assert await tell(store, TOPIC, whole=whole)


async def test_nobody_is_told_of_what_is_over(store):
    await store.chats.put(GROUP)
    await store.mailboxes.pause(BOT, GROUP.id, now=NOON, reason="muted")
    await store.mailboxes.resume(BOT, GROUP.id, now=NOON)
    assert await tell(store, HERE, whole=True) is None  # the late word of a push
    await store.mailboxes.pause(BOT, GROUP.id, now=NOON, reason="muted")
    assert await tell(store, HERE, whole=True)


async def test_nobody_is_told_of_a_place_that_was_reopened_meanwhile(store):
    await store.chats.put(GROUP)
    await shut(store)
    await store.mailboxes.reopen(TOPIC, now=NOON)
    assert await tell(store, TOPIC, whole=False) is None
    await settle(store, Settlement(await claim_one(store), failures=1, opens=NOON + HOUR))
    assert await tell(store, TOPIC, whole=False)


async def test_that_it_is_gone_is_told_after_that_it_takes_nothing(store):
    await store.chats.put(GROUP)
    await shut(store)
    await store.mailboxes.pause(BOT, GROUP.id, now=NOON, reason="muted")
    for whole in (True, False):
        told = [bool(await tell(store, TOPIC, whole=whole, gone=gone)) for gone in (False, False, True, True, False)]
        assert told == [True, False, True, False, False]


async def test_of_a_place_they_are_told_beside_the_chat(store):
    await store.chats.put(GROUP)
    await shut(store)
    await store.mailboxes.pause(BOT, GROUP.id, now=NOON, reason="muted")
    assert await tell(store, TOPIC, whole=False)
    assert await tell(store, TOPIC, whole=False) is None
    assert await tell(store, TOPIC, whole=True)
    assert await tell(store, TOPIC, whole=True) is None


async def test_of_a_place_they_are_told_again_after_it_was_delivered_to(store):
    await store.chats.put(GROUP)
    await follow(store, chat=GROUP.id, thread=4)
    for title in ("One", "Two"):
        await publish(store, title)
        for told in (GROUP, None):
            await settle(store, Settlement(await claim_one(store), failures=1))
            assert await tell(store, TOPIC, whole=False) == told
        assert await give_all(store) == {GROUP.id: [title]}


# A place that is shut


async def test_a_place_that_is_shut_is_given_nothing_and_the_rest_of_its_chat_is(store):
    await shut(store)
    assert await store.mailboxes.next_due(BOT) is None
    await follow(store, chat=GROUP.id)
    await follow(store, chat=GROUP.id, thread=5)
    await publish(store, "Two")
    assert await give_all(store) == {GROUP.id: ["Two", "Two"]}
    assert await store.mailboxes.next_due(BOT) is None


async def test_a_reopened_place_picks_up_where_it_stopped(store):
    await shut(store)
    await publish(store, "Two")
    await store.mailboxes.reopen(TOPIC, now=NOON + MINUTE)
    assert await store.mailboxes.next_due(BOT) == NOON + MINUTE
    assert (await claim_one(store, NOON + MINUTE)).mailbox.failures == 0
    assert await give_all(store, NOON + MINUTE + LEASE) == {GROUP.id: ["One", "Two"]}


async def test_following_more_there_reopens_it(store):
    await shut(store)
    await follow(store, "peace", chat=TOPIC.chat, thread=TOPIC.thread)
    assert await give_all(store) == {GROUP.id: ["One"]}


async def test_a_resumed_chat_leaves_what_is_shut(store):
    await shut(store)
    await store.mailboxes.pause(BOT, GROUP.id, now=NOON, reason="muted")
    assert await store.mailboxes.resume(BOT, GROUP.id, now=NOON)
    assert await store.mailboxes.next_due(BOT) is None


async def test_a_reopened_place_of_a_paused_chat_waits_for_the_chat(store):
    await shut(store)
    await store.mailboxes.pause(BOT, GROUP.id, now=NOON, reason="muted")
    await store.mailboxes.reopen(TOPIC, now=NOON)
    assert await store.mailboxes.next_due(BOT) is None
    await store.mailboxes.resume(BOT, GROUP.id, now=NOON)
    assert await give_all(store) == {GROUP.id: ["One"]}


async def test_a_late_refusal_shuts_nothing_that_was_reopened(store):
    await follow(store, chat=TOPIC.chat, thread=TOPIC.thread)
    await publish(store, "One")
    one = await claim_one(store)
    owing = await owed(store, one)
    await store.mailboxes.reopen(TOPIC, now=NOON + SECOND)
    assert await claim(store, NOON + SECOND) == []
    assert not await settle(store, Settlement(one, shut="closed"), NOON + SECOND)
    assert owing.articles
    assert await give_all(store, NOON + SECOND) == {GROUP.id: ["One"]}


async def test_reopening_ends_a_back_off_but_not_a_429(store):
    await follow(store, chat=TOPIC.chat, thread=TOPIC.thread)
    await publish(store, "One")
    await settle(store, Settlement(await claim_one(store), failures=3, opens=NOON + HOUR))
    await store.mailboxes.reopen(TOPIC, now=NOON)
    assert await store.mailboxes.next_due(BOT) == NOON
    await settle(store, Settlement(await claim_one(store), opens=NOON + MINUTE))
    await store.mailboxes.reopen(TOPIC, now=NOON)
    assert await store.mailboxes.next_due(BOT) == NOON + MINUTE


async def test_a_place_that_is_shut_stays_so_when_its_chat_moves(store):
    await shut(store)
    await store.mailboxes.move(BOT, GROUP.id, -1009, now=NOON)
    assert await store.mailboxes.next_due(BOT) is None
    await store.mailboxes.reopen(Place(BOT, -1009, 4), now=NOON)
    assert await give_all(store) == {-1009: ["One"]}


async def test_reopening_what_is_open_changes_nothing(store):
    await follow(store, chat=GROUP.id)
    await publish(store, "One")
    await store.mailboxes.reopen(HERE, now=NOON + HOUR)
    assert await give(store) == {GROUP.id: ["One"]}
    await store.mailboxes.reopen(replace(HERE, thread=9), now=NOON)
    assert await store.mailboxes.next_due(BOT) is None


async def test_a_delivery_tells_of_none_but_its_own_mailbox(store):
    await store.chats.put(GROUP)
    await shut(store)
    assert await tell(store, TOPIC, whole=False)
    await follow(store, chat=GROUP.id)
    await publish(store, "Two")
    one = await claim_one(store)
    assert await settle(store, delivered(one, await owed(store, one)))
    assert await tell(store, TOPIC, whole=False) is None


async def test_who_was_told_is_not_told_again_of_what_is_tried_in_vain(store):
    await store.chats.put(GROUP)
    await follow(store, chat=GROUP.id)
    await publish(store, "One")
    await settle(store, Settlement(await claim_one(store), paused="muted", retry=NOON))
    assert await store.chats.to_tell(HERE, whole=True, gone=False)
    await store.mailboxes.retry(BOT, now=NOON)
    await settle(store, Settlement(await claim_one(store), paused="muted", retry=NOON))
    assert await store.chats.to_tell(HERE, whole=True, gone=False) is None
    await store.mailboxes.retry(BOT, now=NOON)
    assert await give_all(store) == {GROUP.id: ["One"]}
    await store.mailboxes.pause(BOT, GROUP.id, now=NOON, reason="muted")
    assert await store.chats.to_tell(HERE, whole=True, gone=False)
