"""The port Feeds: a feed that moves onto another's URL joins it, and nobody loses or is given twice any news."""

import pytest
from feedkeeping import add, claim, settle
from storekeeping import BOT, DAY, HOUR, MINUTE, NOON, announce, announcer, article, found, give, publish, take_in

from storage import Cadence, NotFound, Place, Query

OLD, NEW = "http://herald.example/feed", "https://herald.example/feed"
LATER = NOON + HOUR


async def both(store, *, chat=0, other=0, **values):
    """Two feeds that were polled once: `old` moves onto the URL of `herald`."""
    for name, url, by in (("herald", NEW, other), ("old", OLD, chat)):
        _, mine = await add(store, name, url, by, **(values if name == "old" else {}))
        await settle(store, mine)


async def story(store, title, *sources):
    """The sources bring the story, and it is announced."""
    return await publish(store, *(article(title, source=source, key=title) for source in sources))


async def polled(store, now=LATER, **old):
    """Poll both: first the one that stays."""
    claims = {one.feed.source.name: one for one in await claim(store, now)}
    await settle(store, claims["herald"], now)
    await settle(store, claims["old"], now, **({"moved_to": NEW} | old))
    return [one.source.name for one in await store.feeds.all()]


async def follows(store, query, chat=1, cadence=Cadence.INSTANT):
    return (await store.subscriptions.add(Place(BOT, chat), Query.parse(query), now=NOON, cadence=cadence))[0]


async def followed(store, chat=1):
    return [one.query for one in await store.subscriptions.all(Place(BOT, chat))]


async def test_it_is_the_others_from_then_on(store):
    await both(store, topics=("sport",), full_text=True, other=1)
    assert await polled(store) == ["herald"]
    one = await store.feeds.get("herald")
    assert await store.feeds.find(OLD) == await store.feeds.find(NEW) == one
    assert (one.topics, one.full_text, one.added_by) == (("sport",), True, None)
    assert [one.name for one in await store.sources.find("", limit=9)] == ["herald"]
    # Its name is not another's: what it brought is found by it.
    assert (await add(store, "old", "https://other.example"))[0].source.name == "old-2"


@pytest.mark.parametrize("hindrance", ["news", "failed", "waiting", "behind", "paused", "ended"])
async def test_not_before_both_have_brought_the_same(store, hindrance):
    await both(store)
    if hindrance == "waiting":
        await take_in(store, article("Bridge opens", source="herald"))
    if hindrance == "paused":
        await store.feeds.pause("herald", paused=True, now=NOON)
    claims = {one.feed.source.name: one for one in await claim(store, LATER)}
    if hindrance not in {"paused", "behind"}:
        await settle(store, claims["herald"], LATER, ended="Gone" if hindrance == "ended" else "")
    values = {"news": {"renewed": True}, "failed": {"failed": "no answer"}}.get(hindrance, {})
    await settle(store, claims["old"], LATER, moved_to=NEW, **values)
    assert {one.source.name for one in await store.feeds.all()} == {"herald", "old"}
    assert (await store.feeds.get("old")).url == OLD
    if hindrance in {"news", "waiting"}:
        await announce(store)
        assert await polled(store, LATER + HOUR) == ["herald"]


async def test_the_other_is_polled_soon_if_it_is_behind(store):
    await both(store)
    claims = {one.feed.source.name: one for one in await claim(store, LATER)}
    await settle(store, claims["herald"], LATER, due=LATER + DAY)
    mine = claims["old"]
    await settle(store, mine, LATER, moved_to=NEW, renewed=True)
    # It was polled since: there is no need.
    assert (await store.feeds.get("herald")).due == LATER + DAY
    [mine] = await claim(store, LATER + 2 * HOUR)
    await settle(store, mine, LATER + 2 * HOUR, moved_to=NEW, renewed=True)
    assert (await store.feeds.get("herald")).due == LATER + 2 * HOUR


async def test_who_follows_it_follows_the_other_and_is_given_all_once(store):
    await both(store)
    await follows(store, "source:old")
    await follows(store, "source:old", 2)
    await follows(store, "source:herald", 2)
    assert await story(store, "Bridge opens", "herald", "old")
    assert await give(store) == {1: ["Bridge opens"], 2: ["Bridge opens", "Bridge opens"]}
    await polled(store)
    await story(store, "Mayor speaks", "herald")
    assert await give(store) == {1: ["Mayor speaks"], 2: ["Mayor speaks"]}
    assert await followed(store) == await followed(store, 2) == ["source:herald"]
    assert await found(store, "source:old") == ["Bridge opens"]


async def test_what_they_had_of_it_is_not_given_again_when_the_other_corrects_it(store):
    await both(store)
    await follows(store, "source:old")
    await story(store, "Bridge opens", "herald", "old")
    assert await give(store) == {1: ["Bridge opens"]}
    await polled(store)
    await publish(store, article("Bridge is open", source="herald", key="Bridge opens"))
    assert await give(store) == {}


async def test_what_somebody_is_owed_they_get_once(store):
    await both(store)
    await follows(store, "source:old", cadence=Cadence.DAILY)
    await story(store, "Bridge opens", "herald", "old")
    await polled(store)
    await story(store, "Mayor speaks", "herald")
    assert await followed(store) == ["source:herald"]
    assert await give(store) == {1: ["Bridge opens", "Mayor speaks"]}
    while await store.deliveries.prune(await announcer(store), before=NOON - 9 * DAY, limit=9):
        pass
    assert (await store.stats(BOT, now=NOON)).subscriptions == 1
    assert await give(store, LATER) == {}


async def test_who_ends_following_is_not_given_what_they_were_owed(store):
    await both(store)
    old = await follows(store, "source:old", cadence=Cadence.DAILY)
    await story(store, "Bridge opens", "herald", "old")
    await polled(store)
    with pytest.raises(NotFound):
        await store.subscriptions.remove(Place(BOT, 1), old.id)
    [one] = await store.subscriptions.all(Place(BOT, 1))
    await store.subscriptions.remove(Place(BOT, 1), one.id)
    assert await give(store) == {}
    assert (await store.stats(BOT, now=NOON)).subscriptions == 0


async def test_who_ends_all_that_they_follow_has_followed_it_once(store):
    await both(store)
    await follows(store, "source:old", cadence=Cadence.DAILY)
    await story(store, "Bridge opens", "herald", "old")
    await polled(store)
    assert await store.subscriptions.remove_all(BOT, 1) == 1
    assert await give(store) == {}


@pytest.mark.parametrize(
    ("query", "then"),
    [
        ("peace source:old", "peace source:herald"),
        ("source:old OR source:herald", "source:herald"),
        ("(peace source:old) OR source:bell", "source:bell OR (peace source:herald)"),
        ("* -source:old", "* -source:old"),
        ("source:older", "source:older"),
        ('"source old"', '"source old"'),
    ],
)
async def test_whatever_asks_for_its_source_asks_for_the_others(store, query, then):
    await both(store)
    then = Query.parse(then).text
    await follows(store, query)
    await polled(store)
    assert await followed(store) == [then]
    # Who comes later, too.
    again, new = await store.subscriptions.add(Place(BOT, 1), Query.parse(query), now=LATER)
    assert (again.query, new) == (then, False)
    await publish(store, *(article(f"Peace, says {name}", source=name) for name in ("herald", "old", "older", "bell")))
    expected = [one for one in await found(store, then) if one]
    assert sorted((await give(store)).get(1, [])) == sorted(expected)


async def test_one_that_others_have_joined_may_join_another(store):
    await both(store)
    await follows(store, "source:old", cadence=Cadence.DAILY)
    await story(store, "Bridge opens", "herald", "old")
    await polled(store)
    _, mine = await add(store, "bell", "https://bell.example/feed")
    await settle(store, mine, LATER + MINUTE)
    now = LATER + 2 * HOUR
    claims = {one.feed.source.name: one for one in await claim(store, now)}
    await settle(store, claims["bell"], now)
    await settle(store, claims["herald"], now, moved_to="https://bell.example/feed")
    assert await followed(store) == ["source:bell"]
    assert (await store.feeds.find(OLD)).source.name == "bell"
    assert (await follows(store, "source:old", 2)).query == "source:bell"
    await story(store, "Mayor speaks", "bell")
    assert await give(store) == {1: ["Bridge opens", "Mayor speaks"], 2: ["Mayor speaks"]}
