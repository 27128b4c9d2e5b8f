"""The port Mailboxes: moving a chat with all it has."""

import pytest
from storekeeping import (
    BOT,
    DAY,
    HOUR,
    LEASE,
    MINUTE,
    NOON,
    SECOND,
    article,
    claim,
    claim_one,
    delivered,
    follow,
    give,
    give_all,
    owed,
    publish,
    settle,
    titles,
)

from storage import Delivery, NewFeed, Outcome, Place, Settlement, Source

OLD, NEW, THIRD = 1, 2, 3


async def move(store, chat=OLD, to=NEW, now=NOON):
    await store.mailboxes.move(BOT, chat, to, now=now)


async def followed(store, chat):
    return [one.query for one in await store.subscriptions.all(Place(BOT, chat))]


async def in_flight(store, now=NOON):
    """A claim with what it has just sent, not settled yet."""
    one = await claim_one(store, now)
    return one, await owed(store, one, now)


async def test_an_unknown_chat_gets_all_that_the_chat_has(store):
    for query in ("peace", "war"):
        await follow(store, query, OLD)
    await follow(store, "thread", OLD, thread=5)
    await publish(store, "Peace")
    await move(store)
    assert await followed(store, OLD) == []
    assert await followed(store, NEW) == ["peace", "war"]
    assert [one.query for one in await store.subscriptions.all(Place(BOT, NEW, 5))] == ["thread"]
    assert await give_all(store) == {NEW: ["Peace"]}


async def test_a_known_chat_keeps_its_own_beside_it(store):
    await follow(store, "peace", OLD)
    await follow(store, "war", NEW)
    await publish(store, "Peace", "War")
    await move(store)
    assert sorted(await followed(store, NEW)) == ["peace", "war"]
    assert await give_all(store) == {NEW: ["Peace", "War"]}
    await publish(store, "More peace", "More war")
    assert await give_all(store) == {NEW: ["More peace", "More war"]}


async def test_other_chats_and_bots_keep_theirs(store):
    await follow(store, "peace", OLD)
    await follow(store, "peace", THIRD)
    await follow(store, "peace", OLD, bot=BOT + 1)
    await move(store)
    await publish(store, "Peace")
    assert sorted(await give_all(store)) == [NEW, THIRD]
    assert sorted(await give_all(store, bot=BOT + 1)) == [OLD]


async def test_the_feeds_that_were_added_from_the_chat_go_along(store):
    for name, place in (("one", Place(BOT, OLD, 3)), ("two", Place(BOT, THIRD)), ("three", Place(BOT + 1, OLD))):
        wanted = NewFeed(f"https://{name}.example", Source(name, name), place)
        await store.feeds.add(wanted, now=NOON, lease=LEASE)
    await move(store)
    assert (await store.feeds.get("one")).added_by == Place(BOT, NEW, 3)
    assert (await store.feeds.get("three")).added_by == Place(BOT + 1, OLD)
    assert [await store.feeds.added_from(Place(BOT, chat)) for chat in (OLD, NEW, THIRD)] == [0, 1, 1]
    await store.feeds.remove("two")
    assert await store.feeds.added_from(Place(BOT, THIRD)) == 0


async def test_the_same_query_in_both_keeps_the_lower_cursor(store):
    await follow(store, "peace", OLD)
    await publish(store, "Peace 1")
    await follow(store, "peace", NEW)
    await publish(store, "Peace 2")
    await move(store)
    (one,) = await store.subscriptions.all(Place(BOT, NEW))
    assert one.cursor == 0
    assert await give_all(store) == {NEW: ["Peace 1", "Peace 2"]}


async def test_the_lower_cursor_is_kept_also_where_the_known_chat_has_it(store):
    await follow(store, "peace", NEW)
    await publish(store, "Peace 1")
    await follow(store, "peace", OLD)
    await publish(store, "Peace 2")
    await move(store)
    assert await give_all(store) == {NEW: ["Peace 1", "Peace 2"]}


async def test_what_either_was_given_is_not_given_again(store):
    for chat in (OLD, NEW):
        await follow(store, "peace", chat)
    await publish(store, "Peace 1", "Peace 2")
    for one in await claim(store):
        positions = (1,) if one.mailbox.place.chat == OLD else (2,)
        await settle(store, Settlement(one, deliveries=(Delivery(positions, Outcome.SENT, NOON, message=3),)))
    await move(store)
    assert await give_all(store) == {}


@pytest.mark.parametrize("moves", [[(OLD, NEW), (NEW, THIRD)], [(NEW, THIRD), (OLD, THIRD)]])
async def test_what_any_of_three_was_given_is_not_given_again(store, moves):
    for chat in (OLD, NEW, THIRD):
        await follow(store, "peace", chat)
    await publish(store, "Peace 1", "Peace 2", "Peace 3", "Peace 4")
    for one in await claim(store):
        positions = (one.mailbox.place.chat,)
        await settle(store, Settlement(one, deliveries=(Delivery(positions, Outcome.SENT, NOON, message=3),)))
    for chat, to in moves:
        await move(store, chat, to)
    assert await give_all(store) == {THIRD: ["Peace 4"]}


async def test_what_either_was_given_through_another_query_is_not_given_again(store):
    await follow(store, "peace", OLD)
    await follow(store, "*", NEW)
    await publish(store, "Peace")
    one = next(one for one in await claim(store) if one.mailbox.place.chat == NEW)
    await settle(store, delivered(one, await owed(store, one)))
    await move(store)
    assert await give_all(store, NOON) == {}


async def test_what_lies_beyond_50_that_were_given_is_not_passed_over(store):
    for chat in (OLD, NEW):
        await follow(store, "news", chat)
    await store.mailboxes.pause(BOT, NEW, now=NOON, reason="blocked")
    await publish(store, *(f"News {number}" for number in range(50)))
    assert len((await give_all(store))[OLD]) == 50
    await publish(store, "News 50", "News 51")
    await store.mailboxes.resume(BOT, NEW, now=NOON)
    await move(store)
    assert await give_all(store) == {NEW: ["News 50", "News 51"]}


async def test_a_claim_of_the_moved_chat_is_lost(store):
    await follow(store, "peace", OLD)
    await publish(store, "Peace")
    one, _ = await in_flight(store)
    await move(store)
    assert not await settle(store, Settlement(one, opens=NOON + HOUR, failures=7))
    assert (await claim_one(store)).mailbox.failures == 0


async def test_a_claim_of_the_known_chat_is_lost(store):
    await follow(store, "peace", NEW)
    await follow(store, "war", OLD)
    await publish(store, "Peace")
    one, _ = await in_flight(store)
    await move(store)
    assert not await settle(store, Settlement(one, opens=NOON + HOUR, failures=7))
    assert (await claim_one(store)).mailbox.failures == 0


async def test_a_403_about_the_old_chat_says_nothing_of_the_new_one(store):
    await follow(store, "peace", OLD)
    await publish(store, "Peace")
    one, _ = await in_flight(store)
    await move(store)
    await settle(store, Settlement(one, paused="bot was kicked"))
    assert await give_all(store) == {NEW: ["Peace"]}


@pytest.mark.parametrize("known", [False, True])
async def test_what_is_in_flight_is_waited_for(store, known):
    await follow(store, "peace", OLD)
    if known:
        await follow(store, "peace", NEW)
    await publish(store, "Peace")
    flying = [(one, await owed(store, one)) for one in await claim(store)]
    await move(store)
    assert await claim(store) == []
    for one, owing in flying:
        assert await give(store, NOON + SECOND) == {}
        await settle(store, delivered(one, owing), NOON + SECOND)
    assert await give_all(store, NOON + SECOND) == {}


@pytest.mark.parametrize("known", [False, True])
async def test_what_was_in_flight_and_failed_is_due_at_once(store, known):
    await follow(store, "peace", OLD)
    if known:
        await follow(store, "peace", NEW)
    await publish(store, "Peace")
    claims = await claim(store)
    await move(store)
    for one in claims:
        await settle(store, Settlement(one), NOON + SECOND)
    assert await give(store, NOON + SECOND) == {NEW: ["Peace"]}


async def test_what_is_in_flight_is_waited_for_until_its_lease_ends(store):
    await follow(store, "peace", OLD)
    await publish(store, "Peace")
    await in_flight(store)
    await move(store)
    assert await store.mailboxes.next_due(BOT) == NOON + LEASE
    assert await give(store, NOON + LEASE - SECOND) == {}
    assert await give(store, NOON + LEASE) == {NEW: ["Peace"]}


async def test_what_is_in_flight_from_one_query_is_not_given_through_another(store):
    await follow(store, "peace", OLD)
    await follow(store, "*", NEW)
    await publish(store, "Peace")
    (old,) = await claim(store, limit=1)
    assert old.mailbox.place.chat == OLD
    owing = await owed(store, old)
    await move(store)
    assert await give(store, NOON + SECOND) == {}
    await settle(store, delivered(old, owing), NOON + 2 * SECOND)
    assert await give_all(store, NOON + 2 * SECOND) == {}


async def test_order_is_kept_beside_what_is_in_flight(store):
    await follow(store, "peace", OLD)
    await follow(store, "war", NEW)
    await publish(store, "Peace")
    old, _ = await in_flight(store)
    await move(store)
    await publish(store, "War", now=NOON + SECOND)
    assert await give(store, NOON + SECOND) == {}
    await settle(store, Settlement(old), NOON + 2 * SECOND)
    assert await give(store, NOON + 2 * SECOND) == {NEW: ["Peace", "War"]}


async def test_nothing_is_in_flight_of_a_dead_sender(store):
    await follow(store, "peace", OLD)
    await publish(store, "Peace")
    await in_flight(store)
    await move(store)
    await store.mailboxes.free(BOT, now=NOON + SECOND)
    assert await give(store, NOON + SECOND) == {NEW: ["Peace"]}


@pytest.mark.parametrize("behind", [OLD, NEW])
async def test_what_is_in_flight_does_not_pass_over_what_the_lower_cursor_still_owes(store, behind):
    await follow(store, "peace", behind)
    await publish(store, "Peace 1")
    await follow(store, "peace", OLD + NEW - behind)
    await publish(store, "Peace 2")
    flying = [(one, await owed(store, one)) for one in await claim(store)]
    one, owing = next((one, owing) for one, owing in flying if one.mailbox.place.chat != behind)
    assert titles(owing) == ["Peace 2"]
    await move(store)
    await settle(store, delivered(one, owing), NOON + SECOND)
    assert await give_all(store, NOON + LEASE) == {NEW: ["Peace 1"]}


@pytest.mark.parametrize("behind", [OLD, NEW])
async def test_what_the_one_behind_has_in_flight_counts_when_it_settles(store, behind):
    await follow(store, "peace", behind)
    await publish(store, "Peace 1")
    await follow(store, "peace", OLD + NEW - behind)
    one, owing = await in_flight(store)
    await move(store)
    await publish(store, "Peace 2", now=NOON + SECOND)
    await settle(store, delivered(one, owing), NOON + SECOND)
    assert await give_all(store, NOON + SECOND) == {NEW: ["Peace 2"]}


async def test_what_either_was_given_in_a_later_revision_is_not_given_again(store):
    await follow(store, "*", OLD)
    await publish(store, article("Peace", key="k"))
    await store.mailboxes.pause(BOT, OLD, now=NOON, reason="blocked")
    await follow(store, "war", NEW)
    await publish(store, article("War", key="k"))
    assert await give_all(store) == {NEW: ["War"]}
    await move(store)
    assert await give_all(store) == {}


async def test_a_claim_that_was_lost_before_it_was_read_is_owed_nothing(store):
    await follow(store, "peace", OLD)
    await follow(store, "*", NEW)
    await publish(store, "Peace")
    old, new = sorted(await claim(store), key=lambda one: one.mailbox.place.chat)
    assert titles(await owed(store, old)) == ["Peace"]
    await move(store)
    assert titles(await owed(store, new)) == []
    assert titles(await owed(store, old)) == []


async def test_a_message_in_flight_through_two_merges_is_waited_for(store):
    for chat in (OLD, NEW, THIRD):
        await follow(store, "peace", chat)
    await publish(store, "Peace")
    flying = {one.mailbox.place.chat: (one, await owed(store, one)) for one in await claim(store)}
    await move(store, OLD, NEW)
    await move(store, NEW, THIRD)
    for chat in (NEW, OLD):
        one, owing = flying[chat]
        await settle(store, delivered(one, owing), NOON + SECOND)
        assert await give(store, NOON + SECOND) == {}
    one, owing = flying[THIRD]
    await settle(store, Settlement(one), NOON + SECOND)
    assert await give_all(store, NOON + SECOND) == {}


async def test_what_is_owed_is_due_at_once(store):
    await follow(store, "peace", OLD)
    await follow(store, "war", NEW)
    await publish(store, "Peace")
    await settle(store, Settlement(await claim_one(store), opens=NOON + HOUR))
    await move(store, now=NOON + MINUTE)
    assert await store.mailboxes.next_due(BOT) == NOON + MINUTE


async def test_when_the_known_chat_opens_later_it_is_due_then(store):
    await follow(store, "peace", OLD)
    await follow(store, "war", NEW)
    await publish(store, "War")
    await settle(store, Settlement(await claim_one(store), opens=NOON + HOUR))
    await publish(store, "Peace")
    await move(store, now=NOON + MINUTE)
    assert await store.mailboxes.next_due(BOT) == NOON + HOUR
    assert await give_all(store) == {NEW: ["War", "Peace"]}


async def test_a_chat_that_is_owed_nothing_sleeps_after_moving(store):
    await follow(store, "peace", OLD)
    await follow(store, "peace", NEW)
    await move(store)
    assert await store.mailboxes.next_due(BOT) is None


@pytest.mark.parametrize("known", [False, True])
async def test_moving_again_changes_nothing(store, known):
    await follow(store, "peace", OLD)
    if known:
        await follow(store, "peace", NEW)
    await publish(store, "Peace")
    await move(store)
    before = await store.subscriptions.all(Place(BOT, NEW))
    one, owing = await in_flight(store)
    await move(store)
    assert await store.subscriptions.all(Place(BOT, NEW)) == before
    assert await settle(store, delivered(one, owing))


async def test_moving_a_chat_to_itself_changes_nothing(store):
    await follow(store, "peace", OLD)
    await publish(store, "Peace")
    one, owing = await in_flight(store)
    await move(store, OLD, OLD)
    assert await settle(store, delivered(one, owing))


async def test_moving_an_unknown_chat_changes_nothing(store):
    await follow(store, "peace", NEW)
    await publish(store, "Peace")
    one, owing = await in_flight(store)
    await move(store, THIRD, NEW)
    assert await settle(store, delivered(one, owing))
    await move(store, THIRD, 99)
    assert await store.mailboxes.next_due(BOT) is None


@pytest.mark.parametrize("known", [False, True])
async def test_a_chat_may_move_in_a_circle(store, known):
    await follow(store, "peace", OLD)
    if known:
        await follow(store, "war", NEW)
    await publish(store, "Peace")
    for _ in range(2):
        await move(store, OLD, NEW)
        await move(store, NEW, OLD)
    await publish(store, "War")
    assert await give_all(store) == {OLD: ["Peace", "War"] if known else ["Peace"]}


async def test_a_circle_of_three_ends_where_it_began(store):
    for chat, query in [(OLD, "peace"), (NEW, "war"), (THIRD, "*")]:
        await follow(store, query, chat)
    await publish(store, "Peace", "War")
    flying = [(one, await owed(store, one)) for one in await claim(store)]
    for chat, to in [(OLD, NEW), (NEW, THIRD), (THIRD, OLD)]:
        await move(store, chat, to)
    await settle(store, delivered(*flying[0]), NOON + SECOND)
    for one, _ in flying[1:]:
        await settle(store, Settlement(one), NOON + SECOND)
    given = titles(flying[0][1])
    assert await give_all(store, NOON + SECOND) == {OLD: [one for one in ("Peace", "War") if one not in given]}


async def test_a_chat_that_comes_up_again_after_it_moved_begins_anew(store):
    await follow(store, "peace", OLD)
    await move(store)
    await follow(store, "peace", OLD)
    await publish(store, "Peace")
    assert await give_all(store) == {OLD: ["Peace"], NEW: ["Peace"]}


async def test_a_late_settlement_does_not_reach_a_chat_that_came_up_again(store):
    await follow(store, "peace", OLD)
    await follow(store, "peace", NEW)
    await publish(store, "Peace")
    flying = {one.mailbox.place.chat: (one, await owed(store, one)) for one in await claim(store)}
    await move(store)
    await follow(store, "peace", OLD)
    await publish(store, "Peace 2")
    one, owing = flying[OLD]
    assert not await settle(store, delivered(one, owing, paused="kicked"))
    await settle(store, Settlement(flying[NEW][0]))
    assert await give_all(store) == {OLD: ["Peace 2"], NEW: ["Peace 2"]}


async def test_a_paused_chat_that_moves_is_resumed(store):
    await follow(store, "peace", OLD)
    await publish(store, "Peace")
    await store.mailboxes.pause(BOT, OLD, now=NOON, reason="kicked")
    await move(store)
    assert await give_all(store) == {NEW: ["Peace"]}


@pytest.mark.parametrize("known", [False, True])
async def test_a_chat_that_moves_into_a_paused_one_waits_for_it(store, known):
    await follow(store, "peace", OLD)
    if known:
        await follow(store, "war", NEW)
    await store.mailboxes.pause(BOT, NEW, now=NOON, reason="blocked")
    await publish(store, "Peace")
    await move(store)
    assert await store.mailboxes.next_due(BOT) is None
    await store.mailboxes.resume(BOT, NEW, now=NOON)
    assert await give_all(store) == {NEW: ["Peace"]}


async def test_a_subscription_ended_while_held_is_ended(store):
    one = await follow(store, "peace", OLD)
    await publish(store, "Peace")
    flying = await in_flight(store)
    await move(store)
    await store.subscriptions.remove(Place(BOT, NEW), one.id)
    await settle(store, Settlement(flying[0]))
    assert await give_all(store) == {}


async def test_a_chat_paused_for_over_30_days_brings_nothing_of_what_was(store):
    await follow(store, chat=OLD)
    await publish(store, "One")
    await store.mailboxes.pause(BOT, OLD, now=NOON, reason="kicked")
    later = NOON + 31 * DAY
    await store.mailboxes.move(BOT, OLD, NEW, now=later)
    await publish(store, "Two", now=later)
    assert await give_all(store, later) == {NEW: ["Two"]}


async def test_what_comes_to_a_chat_that_was_long_paused_is_kept(store):
    await follow(store, "two", chat=NEW)
    await store.mailboxes.pause(BOT, NEW, now=NOON, reason="blocked")
    await follow(store, "one", chat=OLD)
    later = NOON + 31 * DAY
    await publish(store, "One", now=later)
    await store.mailboxes.move(BOT, OLD, NEW, now=later)
    await store.mailboxes.resume(BOT, NEW, now=later + DAY)
    assert await give_all(store, later + DAY) == {NEW: ["One"]}
