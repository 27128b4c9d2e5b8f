"""The port Mailboxes: settling, freeing, and when the next is due."""

from storekeeping import (
    BOT,
    HOUR,
    LEASE,
    MINUTE,
    NOON,
    SECOND,
    announce,
    claim,
    claim_one,
    delivered,
    follow,
    give,
    give_all,
    owed,
    publish,
    settle,
    take_in,
)

from storage import Delivery, Outcome, Place, Settlement


def chats(claims):
    return [one.mailbox.place.chat for one in claims]


async def test_what_was_delivered_is_not_owed_again(store):
    await follow(store)
    await publish(store, "One")
    assert await give(store) == {1: ["One"]}
    assert await store.mailboxes.next_due(BOT) is None
    await publish(store, "Two")
    assert await give(store) == {1: ["Two"]}


async def test_a_mailbox_whose_cursors_did_not_rise_is_due_again_at_once(store):
    await follow(store)
    await publish(store, "One")
    assert await settle(store, Settlement(await claim_one(store)), NOON + SECOND)
    assert await store.mailboxes.next_due(BOT) == NOON + SECOND


async def test_a_mailbox_that_opens_is_due_again_when_it_does(store):
    await follow(store)
    await publish(store, "One")
    await settle(store, Settlement(await claim_one(store), opens=NOON + MINUTE))
    assert await store.mailboxes.next_due(BOT) == NOON + MINUTE


async def test_a_mailbox_that_opens_and_is_owed_nothing_sleeps(store):
    await follow(store)
    await publish(store, "One")
    one = await claim_one(store)
    await settle(store, delivered(one, await owed(store, one), opens=NOON + MINUTE))
    assert await store.mailboxes.next_due(BOT) is None


async def test_a_match_that_comes_between_reading_and_settling_makes_it_due_again(store, open_again):
    await follow(store)
    await publish(store, "One")
    one = await claim_one(store)
    owing = await owed(store, one)
    await take_in(store, "Two")
    await announce(await open_again())
    assert await settle(store, delivered(one, owing))
    assert await give_all(store) == {1: ["Two"]}


async def test_failures_are_counted_as_told(store):
    await follow(store)
    await publish(store, "One")
    await settle(store, Settlement(await claim_one(store), failures=3))
    assert (await claim_one(store)).mailbox.failures == 3


async def test_cursors_only_rise(store):
    one = await follow(store)
    await publish(store, "One", "Two")
    await give_all(store)
    await publish(store, "Three")
    await settle(store, Settlement(await claim_one(store), cursors={one.id: 1}))
    assert (await store.subscriptions.all(Place(BOT, 1)))[0].cursor == 2
    assert await give_all(store) == {1: ["Three"]}


async def test_a_lost_claim_settles_no_lease(store):
    await follow(store)
    await publish(store, "One")
    lost = await claim_one(store)
    theirs = await claim_one(store, NOON + LEASE)
    assert not await settle(store, Settlement(lost, failures=9, opens=NOON + HOUR, paused="gone"), NOON + LEASE)
    assert await claim(store, NOON + LEASE) == []
    assert await settle(store, Settlement(theirs), NOON + LEASE)
    assert await store.mailboxes.next_due(BOT) == NOON + LEASE
    assert (await claim_one(store, NOON + LEASE)).mailbox.failures == 0


async def test_of_a_lost_claim_cursors_rise(store):
    subscription = await follow(store)
    await publish(store, "One")
    lost = await claim_one(store)
    owing = await owed(store, lost)
    await claim_one(store, NOON + LEASE)
    assert not await settle(store, Settlement(lost, cursors=owing.cursors))
    assert (await store.subscriptions.all(subscription.place))[0].cursor == 1


async def test_of_a_lost_claim_deliveries_are_recorded(store):
    await follow(store)
    await publish(store, "One", "Two")
    lost = await claim_one(store)
    await claim_one(store, NOON + LEASE)
    assert not await settle(store, Settlement(lost, deliveries=(Delivery((1,), Outcome.SENT, NOON, message=5),)))
    assert await give_all(store, NOON + 2 * LEASE) == {1: ["Two"]}


async def test_settling_twice_is_settling_a_lost_claim(store):
    await follow(store)
    await publish(store, "One")
    one = await claim_one(store)
    settlement = delivered(one, await owed(store, one))
    assert await settle(store, settlement)
    assert not await settle(store, settlement)
    assert await store.mailboxes.next_due(BOT) is None


async def test_a_settlement_that_pauses_delivers_nothing_more(store):
    await follow(store)
    await publish(store, "One")
    assert await settle(store, Settlement(await claim_one(store), paused="blocked"))
    assert await store.mailboxes.next_due(BOT) is None
    assert await claim(store, NOON + HOUR) == []


async def test_a_message_without_articles_can_be_recorded(store):
    await follow(store)
    await publish(store, "One")
    assert await settle(store, Settlement(await claim_one(store), deliveries=(Delivery((), Outcome.SENT, NOON),)))
    assert await give_all(store) == {1: ["One"]}


# Freeing


async def test_freeing_ends_every_running_lease_of_the_bot(store):
    for chat in range(3):
        await follow(store, chat=chat)
    await follow(store, bot=BOT + 1)
    await publish(store, "One")
    await claim(store)
    await claim(store, bot=BOT + 1)
    assert await store.mailboxes.free(BOT, now=NOON + SECOND) == 3
    assert await store.mailboxes.next_due(BOT) == NOON + SECOND
    assert chats(await claim(store, NOON + SECOND)) == [0, 1, 2]
    assert await claim(store, NOON + SECOND, bot=BOT + 1) == []


async def test_freeing_counts_no_lease_that_has_ended(store):
    await follow(store)
    await publish(store, "One")
    await claim(store)
    assert await store.mailboxes.free(BOT, now=NOON + LEASE) == 0
    assert len(await claim(store, NOON + LEASE)) == 1


async def test_what_a_dead_sender_had_in_flight_is_owed_again(store):
    await follow(store)
    await publish(store, "One")
    await owed(store, await claim_one(store))
    await store.mailboxes.free(BOT, now=NOON)
    assert await give_all(store) == {1: ["One"]}


# The next due time


async def test_nothing_is_due_where_nothing_is_owed(store):
    assert await store.mailboxes.next_due(BOT) is None
    await follow(store)
    assert await store.mailboxes.next_due(BOT) is None


async def test_the_next_due_is_the_earliest(store):
    for chat, minute in [(1, 5), (2, 3), (3, 4)]:
        await follow(store, f"word{chat}", chat=chat)
        await publish(store, f"word{chat}", now=NOON + minute * MINUTE)
    assert await store.mailboxes.next_due(BOT) == NOON + 3 * MINUTE


async def test_a_running_lease_is_due_when_it_ends(store):
    await follow(store)
    await publish(store, "One")
    await claim(store)
    assert await store.mailboxes.next_due(BOT) == NOON + LEASE
    await publish(store, "Two")
    assert await store.mailboxes.next_due(BOT) == NOON + LEASE


async def test_freeing_brings_forward_what_a_clock_that_was_ahead_put_off(store):
    await follow(store)
    await publish(store, "One", now=NOON + HOUR)
    assert await store.mailboxes.next_due(BOT) == NOON + HOUR
    await store.mailboxes.free(BOT, now=NOON)
    assert await store.mailboxes.next_due(BOT) == NOON


async def test_freeing_leaves_a_mailbox_closed_until_it_opens(store):
    await follow(store)
    await publish(store, "One")
    await settle(store, Settlement(await claim_one(store), opens=NOON + MINUTE), NOON + HOUR)
    await store.mailboxes.free(BOT, now=NOON)
    assert await store.mailboxes.next_due(BOT) == NOON + MINUTE
