"""The port Subscriptions: who follows what."""

import asyncio

import pytest
from storekeeping import (
    BOT,
    MINUTE,
    NOON,
    announce,
    article,
    claim,
    delivered,
    follow,
    give_all,
    owed,
    publish,
    settle,
    take_in,
    wake,
)

from storage import Cadence, NotFound, Place, Query, TooMany

HERE = Place(BOT, 1)


async def test_a_subscription_comes_back_with_whether_it_is_new(store):
    added, new = await store.subscriptions.add(HERE, Query.parse("Peace  treaty"), now=NOON)
    assert new
    assert (added.place, added.query, added.cursor, added.created) == (HERE, "peace treaty", 0, NOON)
    again, new = await store.subscriptions.add(HERE, Query.parse("treaty peace"), now=NOON + MINUTE)
    assert (again, new) == (added, False)


async def test_it_begins_at_the_logs_head(store):
    await publish(store, "One", "Two", "Three")
    assert (await follow(store)).cursor == await store.log.head() == 3


async def test_what_is_announced_after_is_owed(store):
    await take_in(store, "Taken in before")
    await follow(store)
    await publish(store, "Taken in after")
    assert await give_all(store) == {1: ["Taken in before", "Taken in after"]}


async def test_nothing_that_was_announced_before_is_owed(store):
    await follow(store, chat=1)
    await take_in(store, "Before")
    await announce(store)
    await follow(store, chat=2)
    await wake(store)
    assert await give_all(store) == {1: ["Before"]}


async def test_a_query_followed_while_announcing_misses_nothing_after_its_cursor(store, open_again):
    other = await open_again()
    for number in range(20):
        await take_in(store, article(f"News {number}"))
        chat = 100 + number
        position, subscription = await asyncio.gather(announce(store), follow(other, f"news OR n{number}", chat=chat))
        await wake(store)
        expected = {chat: [f"News {number}"]} if position[0] > subscription.cursor else {}
        assert await give_all(store) == expected
        await store.subscriptions.remove(Place(BOT, chat), subscription.id)


async def test_a_query_that_the_place_follows_already_keeps_its_cursor(store):
    await follow(store)
    await publish(store, "One")
    assert (await follow(store)).cursor == 0
    assert await give_all(store) == {1: ["One"]}


async def test_a_paused_mailbox_is_resumed(store):
    await follow(store, "peace")
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
    await publish(store, "Peace")
    assert await store.mailboxes.next_due(BOT) is None
    await follow(store, "war")
    assert await give_all(store) == {1: ["Peace"]}


async def test_removing_ends_it(store):
    one = await follow(store, "peace")
    await follow(store, "war")
    assert await store.subscriptions.remove(HERE, one.id) == one
    await publish(store, "Peace", "War")
    assert await give_all(store) == {1: ["War"]}


async def test_what_was_owed_to_a_removed_subscription_is_not_given(store):
    one = await follow(store)
    await publish(store, "Peace")
    await store.subscriptions.remove(HERE, one.id)
    assert await give_all(store) == {}


@pytest.mark.parametrize("place", [Place(BOT, 2), Place(BOT, 1, thread=3), Place(BOT + 1, 1)], ids=str)
async def test_removing_raises_unless_it_is_this_places(store, place):
    one = await follow(store)
    await follow(store, chat=place.chat, thread=place.thread, bot=place.bot)
    with pytest.raises(NotFound, match=f"subscription {one.id}"):
        await store.subscriptions.remove(place, one.id)
    assert await store.subscriptions.all(HERE) == [one]


@pytest.mark.parametrize("number", [0, -1, 99, 2**63])
async def test_removing_what_is_not_there_raises(store, number):
    await follow(store)
    with pytest.raises(NotFound):
        await store.subscriptions.remove(HERE, number)


async def test_removing_twice_raises(store):
    one = await follow(store)
    await store.subscriptions.remove(HERE, one.id)
    with pytest.raises(NotFound):
        await store.subscriptions.remove(HERE, one.id)


async def test_an_id_is_never_used_again(store):
    one = await follow(store)
    await store.subscriptions.remove(HERE, one.id)
    assert (await follow(store)).id > one.id


async def test_a_query_taken_up_again_begins_anew(store):
    one = await follow(store)
    await publish(store, "One")
    await store.subscriptions.remove(HERE, one.id)
    await publish(store, "Two")
    await follow(store)
    await publish(store, "Three")
    assert await give_all(store) == {1: ["Three"]}


async def test_all_come_in_the_order_in_which_they_began(store):
    texts = ["zebra", "peace", "armenia"]
    for text in texts:
        await follow(store, text)
    await follow(store, "elsewhere", chat=2)
    await follow(store, "in a thread", thread=5)
    assert [one.query for one in await store.subscriptions.all(HERE)] == texts
    assert [one.query for one in await store.subscriptions.all(Place(BOT, 1, 5))] == [Query.parse("in a thread").text]
    assert await store.subscriptions.all(Place(BOT, 3)) == []


async def test_a_query_stays_followed_while_one_place_follows_it(store):
    first = await follow(store, "peace", chat=1)
    await follow(store, "peace", chat=2)
    await store.subscriptions.remove(HERE, first.id)
    await publish(store, "Peace")
    assert await give_all(store) == {2: ["Peace"]}


async def test_nobody_is_claimed_for_having_subscribed(store):
    await publish(store, "One")
    await follow(store)
    assert await claim(store) == []


async def test_a_place_follows_at_most_100(store):
    for number in range(100):
        await follow(store, f"word{number}")
    with pytest.raises(TooMany) as raised:
        await follow(store, "peace")
    assert (raised.value.kind, raised.value.most) == ("subscription", 100)
    assert len(await store.subscriptions.all(Place(BOT, 1))) == 100
    await publish(store, "Peace")
    assert await give_all(store) == {}
    await follow(store, "word7")  # what is followed already is no other
    await follow(store, "peace", thread=1)
    await follow(store, "peace", chat=2)


async def test_all_that_a_chat_follows_is_ended_at_once(store):
    await follow(store, "peace")
    daily = await follow(store, "war", thread=4)
    await store.subscriptions.change_cadence(daily.place, daily.id, Cadence.DAILY, now=NOON)
    await publish(store, "War and peace")
    assert await store.subscriptions.remove_all(BOT, 1) == 2
    assert [await store.subscriptions.all(place) for place in (Place(BOT, 1), daily.place)] == [[], []]
    assert await store.mailboxes.next_due(BOT) is None
    assert await store.subscriptions.remove_all(BOT, 1) == 0
    await publish(store, "More war")
    assert await give_all(store) == {}
    await follow(store, "peace")
    await publish(store, "More peace")
    assert await give_all(store) == {1: ["More peace"]}


async def test_what_others_follow_stays_when_a_chats_are_ended(store):
    for chat, bot in ((1, BOT), (2, BOT), (1, BOT + 1)):
        await follow(store, "peace", chat, bot=bot)
    await store.subscriptions.remove_all(BOT, 1)
    await publish(store, "Peace")
    assert await give_all(store) == {2: ["Peace"]}
    assert await give_all(store, bot=BOT + 1) == {1: ["Peace"]}


async def test_what_is_in_flight_when_all_is_ended_settles_and_stays_recorded(store):
    await follow(store)
    await publish(store, "Peace")
    (one,) = await claim(store)
    owing = await owed(store, one)
    await store.subscriptions.remove_all(BOT, 1)
    assert await settle(store, delivered(one, owing))
    assert (await store.stats(BOT, now=NOON)).sent_in_day == 1
    await follow(store)
    assert await give_all(store) == {}
