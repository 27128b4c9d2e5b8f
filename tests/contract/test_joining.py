"""The port Feeds: a feed that moves onto another's URL joins it, and nobody loses or is given twice any news."""

import pytest
from feedkeeping import add, claim, settle
from feedkeeping import polled as is_polled
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
    await both(store, topics=("sport",), full_text=True)
    assert await polled(store) == ["herald"]
    one = await store.feeds.get("herald")
    assert await store.feeds.find(OLD) == await store.feeds.find(NEW) == one
    assert (one.topics, one.full_text, one.added_by) == (("sport",), True, None)
    assert [one.name for one in await store.sources.find("", limit=9)] == ["herald"]
    # Its name is not another's: what it brought is found by it.
    assert (await add(store, "old", "https://other.example"))[0].source.name == "old-2"


async def test_a_readers_joins_that_of_the_operator_whichever_moved(store):
    await both(store, other=1, topics=("sport",))
    await follows(store, "source:herald")
    await follows(store, "source:old", 2)
    assert await polled(store) == ["old"]
    one = await store.feeds.get("old")
    assert await store.feeds.find(OLD) == await store.feeds.find(NEW) == one
    assert (one.url, one.topics, one.added_by) == (NEW, ("sport",), None)
    assert await followed(store) == await followed(store, 2) == ["source:old"]
    await story(store, "Mayor speaks", "old")
    assert await give(store) == {1: ["Mayor speaks"], 2: ["Mayor speaks"]}


async def test_a_site_that_moves_with_all_its_feeds_is_joined_a_few_at_a_time(store):
    for number in range(10):
        for scheme in ("https", "http"):
            _, mine = await add(store, f"{scheme}{number}", f"{scheme}://herald.example/{number}")
            await settle(store, mine)
    for hours, left in ((1, 12), (2, 10)):
        now = NOON + hours * HOUR
        claims = await claim(store, now)
        moved = [one for one in claims if one.feed.url.startswith("http:")]
        await store.feeds.settle([is_polled(one, now) for one in claims if one not in moved], now=now)
        others = [is_polled(one, now, moved_to=one.feed.url.replace("http:", "https:")) for one in moved]
        await store.feeds.settle(others, now=now)
        assert len(await store.feeds.all()) == left


async def test_one_that_rests_joins_what_moves_onto_its_url(store):
    await both(store, other=1, chat=2)
    await follows(store, "source:old")
    assert await store.feeds.rest(now=NOON, added_before=NOON) == ["herald"]
    [mine] = await claim(store, LATER)
    await settle(store, mine, LATER, moved_to=NEW)
    [one] = await store.feeds.all()
    assert (one.source.name, one.url, one.added_by) == ("old", NEW, Place(BOT, 2))
    assert await store.feeds.find(NEW) == one
    assert (await follows(store, "source:herald", 3)).query == "source:old"


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


async def test_the_other_is_polled_again_if_it_was_asked_before_the_one(store):
    await both(store)
    claims = {one.feed.source.name: one for one in await claim(store, LATER)}
    await settle(store, claims["old"], LATER + MINUTE, moved_to=NEW, renewed=True)
    await settle(store, claims["herald"], LATER + 2 * MINUTE, due=LATER + DAY)
    assert (await store.feeds.get("herald")).due == LATER + MINUTE


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
    [one] = await store.subscriptions.all(Place(BOT, 1))
    await store.subscriptions.remove(Place(BOT, 1), one.id)
    with pytest.raises(NotFound):
        await store.subscriptions.remove(Place(BOT, 1), old.id)
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
        ("* -source:old -source:herald", "* -source:old -source:herald"),
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
    assert await store.subscriptions.find(Place(BOT, 1), Query.parse(query)) == again
    assert await store.subscriptions.find(Place(BOT, 2), Query.parse(query)) is None
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


async def test_what_is_there_for_what_it_owes_is_owed_nothing_more(store):
    await both(store)
    await follows(store, "source:old OR source:herald", cadence=Cadence.DAILY)
    await follows(store, "source:herald")
    await story(store, "Bridge opens", "herald", "old")
    await polled(store)
    await story(store, "Mayor speaks", "herald")
    # By the one at once, by what the other left in its digest.
    given = await give(store)
    assert given[1].count("Mayor speaks") == 1
    await story(store, "Tower falls", "herald")
    assert await give(store, LATER) == {1: ["Tower falls"]}


async def test_what_came_of_joining_twice_ends_as_one(store):
    await both(store)
    await follows(store, "source:old", cadence=Cadence.DAILY)
    await story(store, "Bridge opens", "herald", "old")
    await polled(store)
    await joined_again(store)
    [one] = await store.subscriptions.all(Place(BOT, 1))
    await store.subscriptions.remove(Place(BOT, 1), one.id)
    assert await give(store) == {}


async def joined_again(store):
    """That which the feed has joined joins a third, `bell`."""
    _, mine = await add(store, "bell", "https://bell.example/feed")
    await settle(store, mine, LATER + MINUTE)
    now = LATER + 2 * HOUR
    claims = {one.feed.source.name: one for one in await claim(store, now)}
    await settle(store, claims["bell"], now)
    await settle(store, claims["herald"], now, moved_to="https://bell.example/feed")
    assert {one.source.name for one in await store.feeds.all()} == {"bell"}


async def test_nobody_is_matched_for_what_nobody_follows_after_joining_twice(store):
    await both(store)
    await follows(store, "source:old OR source:herald", cadence=Cadence.DAILY)
    await story(store, "Bridge opens", "herald", "old")
    await polled(store)
    await joined_again(store)
    assert (await store.stats(BOT, now=NOON)).queries == 1


@pytest.mark.parametrize("chats", [(1, 2), (2, 1)])
async def test_what_groups_that_become_one_are_owed_ends_with_what_they_follow(store, chats):
    await both(store)
    for chat in chats:
        await follows(store, "source:old", chat, Cadence.DAILY)
        await story(store, f"Story {chat}", "herald", "old")
    await polled(store)
    await store.mailboxes.move(BOT, 1, 2, now=NOON)
    [one] = await store.subscriptions.all(Place(BOT, 2))
    await store.subscriptions.remove(Place(BOT, 2), one.id)
    assert await give(store) == {}


@pytest.mark.parametrize("twin", [False, True])
async def test_what_is_owed_comes_at_the_cadence_that_is_chosen(store, twin):
    await both(store)
    await follows(store, "source:old", cadence=Cadence.DAILY)
    await story(store, "Bridge opens", "herald", "old")
    await polled(store)
    if twin:  # another group has followed it at once, and becomes this one
        await follows(store, "source:herald", 2)
        await store.mailboxes.move(BOT, 2, 1, now=NOON)
    one = next(one for one in await store.subscriptions.all(Place(BOT, 1)) if one.cadence is Cadence.DAILY)
    await store.subscriptions.change_cadence(Place(BOT, 1), one.id, Cadence.INSTANT, now=NOON)
    [mine] = await store.mailboxes.claim(BOT, now=NOON, lease=HOUR, limit=9, digests=False)
    [owed] = await store.mailboxes.owed([mine], now=NOON)
    assert [one.article.title for one in owed.articles] == ["Bridge opens"]
    [left] = await store.subscriptions.all(Place(BOT, 1))
    await store.subscriptions.remove(Place(BOT, 1), left.id)
    assert await give(store, NOON + 2 * DAY) == {}


@pytest.mark.parametrize("owing", [False, True])
async def test_buttons_of_the_one_work_for_the_other(store, owing):
    await both(store)
    old = await follows(store, "source:old")
    await story(store, "Bridge opens", *(["herald", "old"] if owing else ["bell"]))
    await polled(store)
    await prune(store, NOON - DAY)
    changed = await store.subscriptions.change_cadence(Place(BOT, 1), old.id, Cadence.DAILY, now=NOON)
    assert (changed.query, changed.cadence) == ("source:herald", Cadence.DAILY)
    with pytest.raises(NotFound):
        await store.subscriptions.remove(Place(BOT, 2), old.id)
    assert (await store.subscriptions.remove(Place(BOT, 1), old.id)).query == "source:herald"
    assert await followed(store) == []
    assert await give(store) == {}
    with pytest.raises(NotFound):
        await store.subscriptions.remove(Place(BOT, 1), old.id)


async def prune(store, before):
    while await store.deliveries.prune(await announcer(store), before=before, limit=9):
        pass


async def test_what_was_followed_is_forgotten_in_time(store):
    await both(store)
    old = await follows(store, "source:old")
    await polled(store)
    await story(store, "Mayor speaks", "herald")
    await give(store)
    await prune(store, NOON + 9 * DAY)
    with pytest.raises(NotFound):
        await store.subscriptions.remove(Place(BOT, 1), old.id)
    assert await followed(store) == ["source:herald"]


@pytest.mark.parametrize(
    ("query", "then"),
    [
        ("* -source:herald", "*"),
        ("peace -source:herald -war", "peace -war"),
        ("bell OR (peace -source:herald)", "bell OR peace"),
        ("source:old -source:herald", "source:herald"),
    ],
)
async def test_who_left_out_the_other_is_given_what_comes_by_it_alone(store, query, then):
    await both(store)
    await follows(store, query)
    await story(store, "Peace", "herald", "old")
    assert await give(store) == {1: ["Peace"]}
    await polled(store)
    assert await followed(store) == [Query.parse(then).text]
    await publish(store, article("Peace at last", source="herald", key="Peace"))
    await story(store, "Peace holds", "herald")
    assert await give(store) == {1: ["Peace holds"]}
    # Who leaves it out from now on means it.
    assert (await follows(store, "* -source:herald", 2)).query == Query.parse("* -source:herald").text


async def test_a_readers_feed_lets_nothing_in_that_others_leave_out(store):
    await both(store, chat=5)
    await follows(store, "* -source:herald")
    await polled(store)
    assert await followed(store) == ["* -source:herald"]


async def test_no_feed_joins_another_where_that_leaves_somebody_without(store):
    await both(store)
    words = " ".join(f"{letter}{'a' * 31}" for letter in "bcdefg")
    query = f"source:old {words} {'h' * 45}"
    assert len(query) <= 256 < len(query.replace("source:old", "source:herald"))
    long = await follows(store, query)
    assert await polled(store) == ["herald", "old"]
    assert await followed(store) == [long.query]
    await store.subscriptions.remove(Place(BOT, 1), long.id)
    assert await polled(store, LATER + 2 * HOUR) == ["herald"]


async def test_what_programs_bring_to_its_source_goes_to_the_others(store):
    await both(store)
    await follows(store, "source:old")
    await story(store, "Bridge opens", "herald", "old")
    await give(store)
    await polled(store)
    await publish(store, article("Mayor speaks", source="old", key="own"))
    assert await give(store) == {1: ["Mayor speaks"]}
    assert await found(store, "source:herald") == ["Mayor speaks", "Bridge opens"]
    # What it had is still its own.
    await publish(store, article("Bridge is open", source="old", key="Bridge opens"))
    assert await found(store, "source:old") == ["Bridge is open"]
    known = await store.articles.known("old", ["own", "Bridge opens", "none"])
    assert {key: one.source.name for key, one in known.items()} == {"own": "herald", "Bridge opens": "old"}
    # One batch may name both.
    await publish(store, *(article("Tower falls", source=source, key="tower") for source in ("herald", "old")))
    assert await give(store) == {1: ["Tower falls"]}


async def test_a_correction_makes_nobody_be_owed_what_does_not_match(store):
    await both(store)
    await follows(store, "peace source:herald", cadence=Cadence.DAILY)
    await follows(store, "peace source:old", 2)
    texts = {"herald": "", "old": "Peace at last."}
    await publish(store, *(article("Bridge", body=body, source=name, key="b") for name, body in texts.items()))
    assert await give(store) == {2: ["Bridge"]}
    await polled(store)
    await publish(store, article("Peace", source="herald", key="p"))
    assert await give(store) == {1: ["Peace"], 2: ["Peace"]}


async def test_a_feed_takes_over_the_url_of_one_that_was_removed(store):
    await both(store)
    await store.feeds.remove("herald")
    [mine] = await claim(store, LATER)
    await settle(store, mine, LATER, moved_to=NEW)
    assert (await store.feeds.get("old")).url == NEW
    assert (await store.feeds.find(NEW)).source.name == "old"


async def test_a_readers_feed_takes_over_nothing_that_the_operator_removed(store):
    await both(store, chat=1)
    await store.feeds.remove("herald")
    [mine] = await claim(store, LATER)
    await settle(store, mine, LATER, moved_to=NEW)
    assert (await store.feeds.get("old")).url == OLD
    assert (await add(store, "herald", NEW))[0].source.name == "herald"
