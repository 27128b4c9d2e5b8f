"""The ports Log, Mailboxes and Articles: urgent news, for chats that have agreed to have it at once and for others."""

from dataclasses import replace

import pytest
from storekeeping import (
    BOT,
    DAY,
    HOUR,
    LEASE,
    MINUTE,
    NOON,
    announce,
    article,
    claim,
    claim_one,
    delivered,
    follow,
    give,
    owed,
    publish,
    settle,
    take_in,
    the_article,
    titles,
    wake,
)

from storage import Arrival, Cadence, ChatSettings, Delivery, Outcome, Place, Query, Settlement

SLOT = NOON + 20 * HOUR
AGREED = ChatSettings(urgent=True)


def urgent(title, **values):
    return article(title, urgent=True, **values)


async def agree(store, *chats, settings=AGREED):
    for chat in chats:
        await store.chats.change_settings(BOT, chat, settings, now=NOON)


async def follow_daily(store, query="*", chat=1):
    parsed = Query.parse(query)
    return (await store.subscriptions.add(Place(BOT, chat), parsed, now=NOON, cadence=Cadence.DAILY))[0]


async def put_back(store, now=NOON, slot=SLOT):
    """Settle what is due as the sender does whose schedule says: not before the slot."""
    for one in await claim(store, now):
        await settle(store, Settlement(one, slot=slot), now)


async def waiting(store, *articles, chat=1):
    """Somebody who has agreed, and is owed these in their slot."""
    await agree(store, chat)
    await follow_daily(store, chat=chat)
    await publish(store, *(articles or ["Bread"]))
    await put_back(store)


def aside(one, owing, now=NOON, slot=SLOT):
    """The settlement when what is urgent was sent, and the rest waits."""
    positions = tuple(each.position for each in owing.urgent)
    return Settlement(one, deliveries=(Delivery(positions, Outcome.SENT, now, message=1, aside=True),), slot=slot)


def urgent_titles(owing):
    return [one.article.title for one in owing.urgent]


# Waking


async def test_a_slot_is_forgotten_for_urgent_news_where_the_chat_has_agreed(store):
    for chat in (1, 2):
        await follow_daily(store, chat=chat)
    await agree(store, 2)
    await publish(store, "Bread")
    await put_back(store)
    await publish(store, urgent("Flood"), now=NOON + HOUR)
    one = await claim_one(store, NOON + HOUR)
    assert one.mailbox.place.chat == 2
    await settle(store, aside(one, await owed(store, one)))
    assert await claim(store, SLOT - MINUTE) == []
    assert [each.mailbox.place.chat for each in await claim(store, SLOT)] == [1, 2]


async def test_other_news_leaves_the_slot(store):
    await waiting(store)
    await publish(store, "Soup")
    assert await store.mailboxes.next_due(BOT) == SLOT


async def test_urgent_news_that_is_not_followed_leaves_the_slot(store):
    await agree(store, 1)
    await follow_daily(store, "bread")
    await publish(store, "Bread")
    await put_back(store)
    await publish(store, urgent("Flood"))
    assert await store.mailboxes.next_due(BOT) == SLOT


async def test_a_throttled_mailbox_opens_no_sooner(store):
    await waiting(store)
    for one in await claim(store, SLOT):
        await settle(store, Settlement(one, opens=SLOT + HOUR), SLOT)
    await publish(store, urgent("Flood"), now=SLOT)
    assert await store.mailboxes.next_due(BOT) == SLOT + HOUR


async def test_a_claim_that_was_read_before_sleeps_over_nothing(store):
    await waiting(store)
    [one] = await claim(store, SLOT)
    await owed(store, one, SLOT)
    await publish(store, urgent("Flood"), now=SLOT)
    assert await settle(store, Settlement(one, slot=SLOT + DAY), SLOT)
    again = await claim_one(store, SLOT)
    assert urgent_titles(await owed(store, again, SLOT)) == ["Flood"]


async def test_a_paused_chat_is_asked_anew_when_it_is_back(store):
    await waiting(store)
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
    await publish(store, urgent("Flood"))
    assert await claim(store) == []
    await store.mailboxes.resume(BOT, 1, now=NOON + HOUR)
    assert await store.mailboxes.next_due(BOT) == NOON + HOUR


async def test_who_agrees_later_is_asked_anew(store):
    await follow_daily(store)
    await publish(store, "Bread", urgent("Flood"))
    one = await claim_one(store)
    assert (await owed(store, one)).urgent == ()
    await settle(store, Settlement(one, slot=SLOT))
    await agree(store, 1)
    one = await claim_one(store)
    assert urgent_titles(await owed(store, one)) == ["Flood"]


async def test_what_is_woken_for_is_claimed_with_pushes_until_it_settles(store):
    await waiting(store)
    await publish(store, urgent("Flood"))

    async def pushes(now=NOON):
        return await store.mailboxes.claim(BOT, now=now, lease=LEASE, limit=9)

    [one] = await pushes()
    assert one.mailbox.cadence is Cadence.DAILY
    # What is throttled is not to wait behind digests afterwards.
    await settle(store, Settlement(one, opens=NOON + MINUTE))
    [one] = await pushes(NOON + MINUTE)
    await settle(store, aside(one, await owed(store, one)))
    assert await pushes(SLOT) == []
    assert len(await claim(store, SLOT)) == 1


async def test_pushes_and_urgent_digests_are_claimed_together_longest_due_first(store):
    await agree(store, 2)
    await follow(store, "soup", chat=1)
    await follow_daily(store, "flood", chat=2)
    await follow(store, "bread", chat=3)
    for number, title in enumerate(["Soup", "Flood", "Bread"]):
        await publish(store, urgent(title), now=NOON + number * MINUTE)
    claimed = [await store.mailboxes.claim(BOT, now=NOON + HOUR, lease=LEASE, limit=2) for _ in range(2)]
    assert [[one.mailbox.place.chat for one in some] for some in claimed] == [[1, 2], [3]]


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_in_chunks_of_any_size_all_are_woken(store, limit):
    chats = range(1, 8)
    for chat in chats:
        await follow_daily(store, chat=chat)
        await follow_daily(store, "flood", chat=chat)
    await agree(store, *(chat for chat in chats if chat % 2))
    await publish(store, "Bread")
    await put_back(store)
    await take_in(store, "Soup", urgent("Flood"), "Rain")
    await announce(store)
    await wake(store, limit=limit)
    assert [one.mailbox.place.chat for one in await claim(store)] == [1, 3, 5, 7]


# What is owed


async def test_what_is_urgent_comes_by_itself_too_and_in_order(store):
    await waiting(store, "Bread", urgent("Flood"), "Soup", urgent("Storm"))
    one = await claim_one(store, SLOT)
    owing = await owed(store, one, SLOT)
    assert titles(owing) == ["Bread", "Flood", "Soup", "Storm"]
    assert urgent_titles(owing) == ["Flood", "Storm"]
    assert owing.urgent == tuple(each for each in owing.articles if each.article.urgent)


async def test_it_is_found_beyond_the_50_that_are_read(store):
    await waiting(store, *(f"Bread {number}" for number in range(60)), urgent("Flood"))
    owing = await owed(store, await claim_one(store, SLOT), SLOT)
    assert (len(owing.articles), owing.more, urgent_titles(owing)) == (50, 11, ["Flood"])


async def test_what_went_ahead_is_neither_given_again_nor_counted_and_the_rest_comes_in_its_slot(store):
    some = [f"Bread {number}" for number in range(60)]
    await waiting(store, *some, urgent("Flood"))
    [before] = await store.subscriptions.all(Place(BOT, 1))
    await publish(store, urgent("Storm"))
    one = await claim_one(store)
    assert await settle(store, aside(one, await owed(store, one)))
    [after] = await store.subscriptions.all(Place(BOT, 1))
    assert after.cursor == before.cursor
    assert await store.mailboxes.next_due(BOT) == SLOT
    one = await claim_one(store, SLOT)
    owing = await owed(store, one, SLOT)
    assert (titles(owing), owing.more, owing.urgent) == (some[:50], 10, ())
    shown = Delivery(tuple(each.position for each in owing.articles), Outcome.SENT, SLOT, 2, key=5, more=10)
    settled = replace(delivered(one, owing, SLOT), deliveries=(replace(shown, rest=owing.rest),))
    assert await settle(store, settled, SLOT)
    page = await store.mailboxes.more(5, now=SLOT, limit=99)
    assert [each.title for each in page.articles] == some[50:]
    assert await store.mailboxes.next_due(BOT) is None


async def test_what_went_ahead_is_no_digest(store):
    await waiting(store, urgent("Flood"))
    one = await claim_one(store, SLOT)
    await settle(store, aside(one, await owed(store, one, SLOT), SLOT, slot=None), SLOT)
    [subscription] = await store.subscriptions.all(Place(BOT, 1))
    assert subscription.served is None
    [record] = await store.deliveries.of_chat(1, limit=9)
    assert record.cadence is Cadence.INSTANT
    await publish(store, "Bread", now=SLOT)
    assert await give(store, SLOT + HOUR) == {1: ["Bread"]}
    [subscription] = await store.subscriptions.all(Place(BOT, 1))
    assert subscription.served == SLOT + HOUR


async def test_a_message_that_went_ahead_is_edited_as_a_push(store):
    await waiting(store, urgent("Flood"))
    one = await claim_one(store, SLOT)
    await settle(store, aside(one, await owed(store, one, SLOT), SLOT), SLOT)
    await take_in(store, article("The flood", key="Flood"))
    await store.deliveries.find_touched(now=SLOT, limit=9)
    [edit] = await store.deliveries.claim(BOT, now=SLOT, lease=LEASE, limit=9)
    assert edit.cadence is Cadence.INSTANT


async def test_after_a_claim_that_was_lost_it_is_not_given_again(store):
    await waiting(store, urgent("Flood"))
    one = await claim_one(store, SLOT)
    owing = await owed(store, one, SLOT)
    await store.mailboxes.resume(BOT, 1, now=SLOT)
    assert not await settle(store, aside(one, owing, SLOT), SLOT)
    again = await claim_one(store, SLOT)
    left = await owed(store, again, SLOT)
    assert (left.articles, left.urgent) == ((), ())


@pytest.mark.parametrize("title", ["Bread", None])
async def test_what_no_longer_matches_or_was_withdrawn_is_not_urgent(store, title):
    await agree(store, 1)
    await follow_daily(store, "flood")
    await publish(store, urgent("Flood"))
    if title:
        await take_in(store, article(title, key="Flood"))
    else:
        await store.articles.withdraw_key("herald", "Flood")
    assert (await owed(store, await claim_one(store))).urgent == ()


async def test_what_was_announced_before_it_was_followed_is_not_owed(store):
    await agree(store, 1)
    await follow_daily(store, "bread")
    await publish(store, "Bread")
    await follow_daily(store, "storm", chat=2)
    await publish(store, urgent("Storm"))
    await follow_daily(store, "storm")
    await publish(store, urgent("Storm again"))
    one = next(each for each in await claim(store) if each.mailbox.place.chat == 1)
    owing = await owed(store, one)
    assert (titles(owing), urgent_titles(owing)) == (["Bread", "Storm again"], ["Storm again"])


async def test_only_the_last_200_that_were_urgent_are_looked_at(store):
    await waiting(store, *(urgent(f"Flood {number}") for number in range(201)))
    owing = await owed(store, await claim_one(store, SLOT), SLOT)
    assert urgent_titles(owing) == [f"Flood {number}" for number in range(1, 201)]


# Moving


async def test_a_chat_that_takes_over_something_urgent_is_asked_anew(store):
    await waiting(store, chat=2)
    await follow_daily(store, "flood", chat=1)
    await publish(store, urgent("Flood"))
    await put_back(store)
    await store.mailboxes.move(BOT, 1, 2, now=NOON)
    assert await store.mailboxes.next_due(BOT) == NOON


async def test_a_mailbox_that_is_given_a_subscription_is_asked_anew(store):
    await waiting(store)
    one = await follow(store, "flood")
    await publish(store, "Flood")
    await put_back(store)
    await store.subscriptions.change_cadence(one.place, one.id, Cadence.DAILY, now=NOON)
    assert await store.mailboxes.next_due(BOT) == NOON


async def test_where_nobody_has_agreed_the_slot_of_the_known_mailbox_stays(store):
    await waiting(store)
    await agree(store, 1, settings=ChatSettings())
    await put_back(store)
    one = await follow(store, "flood")
    await publish(store, "Flood")
    await put_back(store)
    await store.subscriptions.change_cadence(one.place, one.id, Cadence.DAILY, now=NOON)
    assert await store.mailboxes.next_due(BOT) == SLOT


# Becoming urgent


async def test_to_become_urgent_is_a_correction_and_it_stays_so(store):
    await take_in(store, "Flood")
    assert await take_in(store, urgent("Flood")) == [Arrival.CHANGED]
    assert await take_in(store, "Flood", urgent("Flood")) == [Arrival.KNOWN, Arrival.KNOWN]
    assert await take_in(store, article("The flood", key="Flood")) == [Arrival.CHANGED]
    assert (await the_article(store, "The flood")).urgent


async def test_what_becomes_urgent_before_it_is_announced_goes_at_once(store):
    await waiting(store)
    await take_in(store, "Flood")
    await publish(store, urgent("Flood"))
    assert urgent_titles(await owed(store, await claim_one(store))) == ["Flood"]


async def test_who_has_it_already_is_not_woken_when_it_becomes_urgent_but_shown_so(store):
    await waiting(store, "Flood")
    await give(store, SLOT)
    await take_in(store, urgent("Flood"))
    await announce(store)
    await wake(store)
    assert await store.mailboxes.next_due(BOT) is None
    await store.deliveries.find_touched(now=SLOT, limit=9)
    [edit] = await store.deliveries.claim(BOT, now=SLOT, lease=LEASE, limit=9)
    [[shown]] = await store.deliveries.now_showing([edit])
    assert shown.article.urgent
