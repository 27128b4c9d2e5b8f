"""The port Feeds: what readers have added is polled while somebody follows it."""

import pytest
from feedkeeping import URL, add, added, claim, claim_one, names, settle
from storekeeping import BOT, DAY, HOUR, NOON, follow

from storage import Place, Query

LATER = NOON + DAY


async def readers(store, *, chat=1, **outcome):
    """A feed that a chat has added, and that was polled once."""
    _, mine = await add(store, chat=chat)
    await settle(store, mine, **outcome)


async def rest(store, now=LATER, added_before=NOON):
    return await store.feeds.rest(now=now, added_before=added_before)


async def test_it_is_polled_no_more_when_nobody_follows_it(store):
    await readers(store)
    one = await follow(store, "source:herald")
    other = await follow(store, "source:herald", 2)
    await store.subscriptions.remove(Place(BOT, 1), one.id)
    assert await rest(store) == []
    await store.subscriptions.remove(Place(BOT, 2), other.id)
    assert await rest(store, added_before=NOON - HOUR) == []
    assert await rest(store) == ["herald"]
    assert await rest(store) == []
    assert (await claim(store, LATER), await store.feeds.next_due()) == ([], None)
    feed = await store.feeds.get("herald")
    assert (feed.idle_since, await store.feeds.find(URL)) == (LATER, feed)
    # It costs who added it nothing, and nobody asks for it on the quiet.
    assert (await store.feeds.added_from(Place(BOT, 1)), (await store.stats(BOT, now=LATER)).feeds) == (0, 0)
    assert await store.feeds.poll("herald", now=LATER) is False


@pytest.mark.parametrize(
    ("query", "follows"),
    [
        ("source:herald", True),
        ("peace source:herald", True),
        ("(peace source:herald) OR war", True),
        ("source:bell OR source:herald", True),
        ("*", False),
        ("* -source:herald", False),
        ("source:herald-2", False),
        ('"source herald"', False),
    ],
)
async def test_who_asks_for_its_source_follows_it(store, query, follows):
    await readers(store)
    await follow(store, query)
    assert await rest(store) == ([] if follows else ["herald"])
    await store.subscriptions.remove_all(BOT, 1)
    await rest(store)
    await follow(store, query)
    assert names(await claim(store, LATER)) == (["herald"] if follows else [])


async def test_it_comes_back_at_once_as_one_that_is_new(store):
    await readers(store, etag='"1"', failed="no answer")
    await rest(store)
    feed = await store.feeds.get("herald")
    assert (feed.failures, feed.failing_since, feed.error) == (0, None, "")
    assert await store.feeds.to_tell(before=LATER, limit=9) == []
    await store.subscriptions.add(Place(BOT, 2), Query.parse("source:herald"), now=LATER)
    mine = await claim_one(store, LATER)
    assert (mine.feed.answered, mine.feed.idle_since, mine.feed.due) == (None, None, LATER)
    await settle(store, mine, LATER)
    assert await rest(store) == []


async def test_what_is_being_polled_rests_all_the_same(store):
    await readers(store)
    mine = await claim_one(store, NOON + HOUR)
    await rest(store)
    await settle(store, mine, LATER)
    assert await claim(store, LATER + DAY) == []


async def test_what_the_operator_has_added_paused_or_removed_is_left_alone(store):
    await added(store, "bell")
    await readers(store)
    await store.feeds.pause("herald", paused=True, now=NOON)
    assert await rest(store) == []
    await store.feeds.pause("herald", paused=False, now=NOON)
    assert await rest(store) == ["herald"]
    await store.feeds.remove("herald")
    await follow(store, "source:herald")
    assert names(await claim(store, LATER)) == ["bell"]


@pytest.mark.parametrize("idle", [False, True])
async def test_the_operators_it_is_for_good(store, idle):
    await readers(store)
    if idle:
        await rest(store)
    await store.feeds.adopt("herald", now=LATER)
    await store.feeds.adopt("nobody", now=LATER)
    assert (await rest(store), (await store.feeds.get("herald")).added_by) == ([], None)
    assert names(await claim(store, LATER)) == ["herald"]


async def test_who_is_resumed_or_added_again_is_polled(store):
    await readers(store)
    await rest(store)
    await store.feeds.pause("herald", paused=False, now=LATER)
    assert names(await claim(store, LATER)) == ["herald"]
