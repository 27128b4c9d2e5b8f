"""The port Store: how a bot and its store are doing."""

from dataclasses import replace

from storekeeping import (
    BOT,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    article,
    claim,
    claim_one,
    delivered,
    follow,
    give_all,
    owed,
    publish,
    settle,
    take_in,
)

from storage import (
    Chat,
    ChatKind,
    Delivery,
    NewFeed,
    Outcome,
    Polled,
    RefusedMessage,
    Settlement,
    Source,
)

OTHER = BOT + 1
NO_CHATS = dict.fromkeys(ChatKind, 0)


async def stats(store, now=NOON):
    return await store.stats(BOT, now=now)


async def test_an_empty_store_has_nothing_to_count(store):
    empty = await stats(store)
    assert (empty.chats, empty.paused, empty.refusals, empty.wait) == (NO_CHATS, {}, (), 0 * SECOND)
    numbers = (empty.subscriptions, empty.queries, empty.articles, empty.published, empty.unannounced)
    assert (*numbers, empty.sent_in_day, empty.sent_in_hour, empty.due, empty.refused) == (0,) * 9


async def test_chats_are_counted_by_kind(store):
    for chat in (1, 2, -4):
        await follow(store, chat=chat)
    await store.chats.put(Chat(BOT, -3, ChatKind.CHANNEL, "Bay News"))
    await store.chats.put(Chat(BOT, -4, ChatKind.GROUP, "Home"))
    await store.chats.put(Chat(OTHER, -4, ChatKind.GROUP, "Home"))
    assert (await stats(store)).chats == {ChatKind.PRIVATE: 2, ChatKind.GROUP: 1, ChatKind.CHANNEL: 1}


async def test_feeds_are_counted_as_far_as_they_are_polled(store):
    for name, failed, ended in (("well", "", ""), ("late", "HTTP 503", ""), ("gone", "", "HTTP 410"), ("off", "x", "")):
        wanted = NewFeed(f"https://{name}.example", Source(name, name))
        _, claimed = await store.feeds.add(wanted, now=NOON, lease=MINUTE)
        await store.feeds.settle([Polled(claimed, NOON, MINUTE, failed=failed, ended=ended)], now=NOON)
    await store.feeds.pause("off", paused=True, now=NOON)
    counted = await stats(store)
    assert (counted.feeds, counted.failing) == (2, 1)


async def test_paused_chats_are_counted_by_reason(store):
    for chat, reason in ((1, "muted"), (2, "blocked"), (3, "blocked"), (4, "kicked")):
        await store.mailboxes.pause(BOT, chat, now=NOON, reason=reason)
    await store.mailboxes.pause(OTHER, 5, now=NOON, reason="blocked")
    await store.mailboxes.resume(BOT, 4, now=NOON)
    paused = (await stats(store)).paused
    assert list(paused.items()) == [("blocked", 2), ("muted", 1)]


async def test_subscriptions_and_different_queries_are_counted(store):
    ended = await follow(store, "peace", 1)
    await follow(store, "peace", 2)
    await follow(store, "war", 2)
    assert ((await stats(store)).subscriptions, (await stats(store)).queries) == (3, 2)
    await store.subscriptions.remove(ended.place, ended.id)
    await store.subscriptions.remove_all(BOT, 2)
    assert ((await stats(store)).subscriptions, (await stats(store)).queries) == (0, 0)


async def test_articles_are_counted_that_are_there(store):
    await take_in(store, article("Old", published=NOON - DAY - SECOND), article("New", published=NOON - DAY))
    await take_in(store, "Corrected", "Withdrawn")
    await take_in(store, article("Corrected", body="In full."))
    await store.articles.withdraw(4)
    counted = await stats(store)
    assert (counted.articles, counted.published, counted.unannounced) == (3, 2, 3)


async def test_messages_are_counted_of_the_last_day_and_hour(store):
    await follow(store)
    await follow(store, bot=OTHER)
    for number, before in enumerate((DAY + SECOND, DAY, HOUR + SECOND, HOUR, 0 * SECOND)):
        await publish(store, str(number), now=NOON - before)
        await give_all(store, NOON - before)
    await give_all(store, bot=OTHER)
    assert ((await stats(store)).sent_in_day, (await stats(store)).sent_in_hour) == (4, 2)


async def test_who_waits_is_counted_and_how_long(store):
    for chat in (1, 2, 3):
        await follow(store, chat=chat)
    await follow(store, bot=OTHER)
    await publish(store, "One", now=NOON - HOUR)
    await publish(store, "Two", now=NOON - MINUTE)
    waiting = await stats(store)
    assert (waiting.due, waiting.wait) == (3, HOUR)
    first, second, _ = await claim(store)
    await settle(store, Settlement(first, opens=NOON + MINUTE))
    await settle(store, delivered(second, await owed(store, second)))
    assert ((await stats(store)).due, (await stats(store)).wait) == (0, 0 * SECOND)
    later = await stats(store, NOON + 2 * MINUTE)
    assert (later.due, later.wait) == (1, MINUTE)


async def test_what_was_refused_is_told_with_its_articles_the_newest_first(store):
    await follow(store)
    for number, at in enumerate((NOON - 8 * DAY, NOON - 7 * DAY, NOON)):
        positions = tuple(await publish(store, f"{number} a", f"{number} b", now=at))
        one = await claim_one(store, at)
        refused = Delivery(positions, Outcome.REFUSED, at, reason=f"reason {number}")
        await settle(store, replace(delivered(one, await owed(store, one, at)), deliveries=(refused,)), at)
    told = await stats(store)
    assert told.refused == 2
    assert told.refusals == (
        RefusedMessage(NOON, 1, "reason 2", (5, 6)),
        RefusedMessage(NOON - 7 * DAY, 1, "reason 1", (3, 4)),
    )
    assert told.sent_in_day == 0


async def test_of_many_refusals_the_last_are_told(store):
    await follow(store)
    for number in range(25):
        (position,) = await publish(store, str(number))
        one = await claim_one(store)
        refused = Delivery((position,), Outcome.REFUSED, NOON, reason=str(number))
        await settle(store, replace(delivered(one, await owed(store, one)), deliveries=(refused,)))
    told = await stats(store)
    assert told.refused == 25
    assert [one.reason for one in told.refusals] == [str(number) for number in range(24, 4, -1)]
