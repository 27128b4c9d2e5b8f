"""The port Deliveries: the record of what was delivered."""

from dataclasses import replace

import pytest
from storekeeping import (
    BOT,
    DAY,
    HOUR,
    LEASE,
    MINUTE,
    NOON,
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
    take_in,
)

from storage import Cadence, Delivery, Fate, Outcome, Place, Record, Settlement


async def of_article(store, number, limit=9):
    return await store.deliveries.of_article(number, limit=limit)


async def of_chat(store, chat, limit=9):
    return await store.deliveries.of_chat(chat, limit=limit)


async def test_a_delivery_is_remembered_with_all_that_is_known_of_it(store):
    await follow(store, thread=5)
    await publish(store, "One", "Two")
    one = await claim_one(store)
    settled = delivered(one, await owed(store, one), NOON + MINUTE)
    await settle(store, replace(settled, deliveries=(replace(settled.deliveries[0], message=77),)))
    record = Record(Place(BOT, 1, 5), Cadence.INSTANT, (1, 2), NOON + MINUTE, Outcome.SENT, 77)
    assert await of_article(store, 1) == await of_article(store, 2) == await of_chat(store, 1) == [record]
    assert await of_chat(store, 2) == await of_article(store, 3) == []


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**30])
async def test_of_what_is_not_there_nothing_is_remembered(store, number):
    assert await of_article(store, number) == await of_chat(store, number) == []


async def test_a_refusal_has_its_reason_and_each_try_is_counted(store):
    await follow(store)
    await publish(store, "One")
    for tried in range(2):
        await settle(store, Settlement(await claim_one(store), failures=tried + 1))
    one = await claim_one(store)
    refused = Delivery((1,), Outcome.REFUSED, NOON, reason="no such thing")
    await settle(store, Settlement(one, (await owed(store, one)).cursors, (refused,)))
    (record,) = await of_article(store, 1)
    assert (record.outcome, record.reason, record.attempts, record.message) == (Outcome.REFUSED, "no such thing", 3, 0)


async def test_the_newest_come_first_and_no_more_than_are_asked_for(store):
    for chat in (1, 2, 3):
        await follow(store, chat=chat)
    for hour in range(3):
        await publish(store, f"News {hour}", now=NOON + hour * HOUR)
        await give(store, NOON + hour * HOUR)
    assert [one.articles for one in await of_chat(store, 2)] == [(3,), (2,), (1,)]
    assert [one.articles for one in await of_chat(store, 2, 2)] == [(3,), (2,)]
    assert [one.place.chat for one in await of_article(store, 2)] == [3, 2, 1]
    assert [one.place.chat for one in await of_article(store, 2, 1)] == [3]


async def test_all_revisions_of_an_article_are_its_own(store):
    await follow(store, "peace", 1)
    await follow(store, "war", 2)
    await publish(store, article("Peace", key="k"))
    await give_all(store)
    await publish(store, article("War", key="k"))
    await give_all(store)
    assert [one.place.chat for one in await of_article(store, 1)] == [2, 1]


async def test_what_a_group_got_before_it_moved_is_remembered_under_its_new_id_where_it_was(store):
    await follow(store, chat=-1)
    await follow(store, "war", chat=-9)
    await publish(store, "One")
    await give_all(store)
    await store.mailboxes.move(BOT, -1, -2, now=NOON)
    await store.mailboxes.move(BOT, -2, -9, now=NOON)
    assert [one.place.chat for one in await of_chat(store, -9)] == [-1]


async def test_every_bots_deliveries_are_told(store):
    await follow(store)
    await follow(store, bot=8)
    await publish(store, "One")
    await give(store)
    await give(store, bot=8)
    assert [one.place.bot for one in await of_chat(store, 1)] == [8, BOT]


@pytest.mark.parametrize("fate", [Fate.EDITED, Fate.WITHDRAWN, Fate.DELETED])
async def test_what_became_of_a_message_is_remembered_also_of_a_claim_that_was_lost(store, fate):
    await follow(store)
    await publish(store, article("One", key="k"))
    await give_all(store)
    await take_in(store, article("Two", key="k"))
    await store.deliveries.find_touched(now=NOON, limit=9)
    (edit,) = await store.deliveries.claim(BOT, now=NOON, lease=LEASE, limit=9)
    await store.deliveries.free(BOT)
    await store.deliveries.settle(edit, fate=fate, now=NOON + MINUTE)
    (record,) = await of_chat(store, 1)
    assert (record.fate, record.changed) == (fate, NOON + MINUTE)
    assert len(await store.deliveries.claim(BOT, now=NOON, lease=LEASE, limit=9)) == (fate is not Fate.DELETED)


async def test_a_claim_that_was_lost_is_remembered_too(store):
    await follow(store)
    await publish(store, "One")
    one = await claim_one(store)
    owing = await owed(store, one)
    (other,) = await claim(store, NOON + DAY)
    assert not await settle(store, delivered(one, owing))
    await settle(store, delivered(other, owing))
    assert len(await of_article(store, 1)) == 2
