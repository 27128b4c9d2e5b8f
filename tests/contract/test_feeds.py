"""The port Feeds: adding and knowing them, and what is noted of them. Claims and leases are test_polling.py's."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from feedkeeping import URL, add, added, claim, claim_one, names, settle
from storekeeping import BOT, DAY, HOUR, LEASE, MINUTE, NOON, SECOND, follow, take_in

from storage import Feed, NewFeed, Place, Source, TooMany

LATER = NOON + HOUR
ELSEWHERE = "https://elsewhere.example/rss"
PAGE = "https://herald.example/"


async def feed(store, name="herald"):
    return await store.feeds.get(name)


# Adding


async def test_a_feed_is_what_was_asked_for_and_who_adds_it_polls_it_first(store):
    wanted = NewFeed(
        URL,
        Source("herald", "The Herald", language="en", zone="Asia/Yerevan"),
        Place(BOT, 1, 5),
        ("sport", "կապ"),
        full_text=True,
    )
    one, mine = await store.feeds.add(wanted, now=NOON, lease=LEASE)
    assert one == Feed(
        replace(wanted.source, id=one.source.id),
        URL,
        NOON,
        Place(BOT, 1, 5),
        ("sport", "կապ"),
        full_text=True,
        due=NOON,
    )
    assert (mine.feed, mine.until) == (one, NOON + LEASE)
    assert await claim(store, NOON + LEASE - SECOND) == []
    await settle(store, mine)
    assert names(await claim(store, LATER)) == ["herald"]


async def test_what_is_there_already_stays_as_it_is_and_there_is_no_claim(store):
    one, _ = await add(store, chat=1, topics=("sport",))
    await store.feeds.pause("herald", paused=True, now=NOON)
    again, mine = await add(store, "other", URL, chat=2, now=LATER)
    assert (again, mine) == (replace(one, due=None, paused=True), None)
    assert await feed(store, "other") is None


async def test_many_who_add_the_same_at_once_get_the_same_and_one_the_claim(store, open_again):
    stores = [store, await open_again()]
    results = await asyncio.gather(*(add(stores[chat % 2], chat=chat) for chat in range(1, 9)))
    assert len({one.source.id for one, _ in results}) == 1
    assert sum(mine is not None for _, mine in results) == 1
    assert len(await store.feeds.all()) == 1


@pytest.mark.parametrize("chat", [0, 1])
async def test_a_name_that_another_feed_or_a_folder_has_gets_a_number(store, chat):
    await add(store)
    await store.folders.add(Path("/inbox"), Source("inbox", "Inbox"), now=NOON)
    for name, url in (("herald", ELSEWHERE), ("herald", PAGE), ("inbox", "https://inbox.example")):
        await add(store, name, url, chat)
    assert [one.source.name for one in await store.feeds.all()] == ["herald", "herald-2", "herald-3", "inbox-2"]


async def test_any_other_source_is_the_operators_to_bring_articles_to(store):
    await store.sources.put(Source("wire", "The Wire", zone="Asia/Yerevan"))
    theirs, _ = await add(store, "wire", ELSEWHERE, chat=1)
    assert theirs.source.name == "wire-2"
    mine, _ = await add(store, "wire")
    assert (mine.source.name, mine.source.title, mine.source.zone) == ("wire", "The Wire", "Asia/Yerevan")


async def test_a_chat_adds_no_more_than_it_may(store):
    for number, chat in enumerate((1, 1, 2)):
        await add(store, f"feed{number}", chat=chat)
    with pytest.raises(TooMany) as raised:
        await add(store, "feed3", chat=1, most=2)
    assert (raised.value.kind, raised.value.most) == ("feed", 2)
    assert len(await store.feeds.all()) == 3
    # What is known costs nothing, another chat has its own, and what has gone makes room.
    assert (await add(store, "feed2", chat=1, most=2))[1] is None
    assert (await add(store, "feed4", chat=2, most=2))[1]
    await store.feeds.remove("feed0")
    assert (await add(store, "feed5", chat=1, most=2))[1]
    await add(store, "feed6", most=0)


async def test_one_that_ended_begins_anew(store):
    one, mine = await add(store, chat=1)
    await store.feeds.ask_hub("herald", "secret")
    await settle(store, mine, failed="Gone", ended="Gone", due=None, etag='"1"')
    assert (await feed(store)).ended == "Gone"
    assert await store.feeds.find(URL) is None
    again, claimed = await add(store, "another", URL, now=LATER)
    assert again == replace(one, added=LATER, added_by=None, due=LATER)
    assert claimed.feed == again
    assert await store.feeds.find(URL) == replace(again, due=None)


async def test_one_that_was_removed_begins_anew_and_has_its_source(store):
    one, mine = await add(store, chat=1, topics=("sport",))
    await settle(store, mine, etag='"1"', hub="https://hub.example", renewed=True)
    await store.feeds.note_hub("herald", NOON + DAY)
    assert await store.feeds.remove("herald")
    again, claimed = await add(store, "another", URL, chat=2, now=LATER)
    assert again == replace(one, added=LATER, added_by=Place(BOT, 2), topics=(), due=LATER)
    assert claimed


async def test_the_operator_puts_another_in_the_place_of_one_that_was_removed(store):
    await added(store, "herald")
    await store.feeds.know(PAGE, "herald")
    await store.feeds.remove("herald")
    one, mine = await add(store, "herald", ELSEWHERE)
    assert (one.source.name, one.url, bool(mine)) == ("herald", ELSEWHERE, True)
    # The old URL is another feed.
    other, _ = await add(store, "herald", URL)
    assert (other.source.name, await store.feeds.find(PAGE)) == ("herald-2", None)


# Finding


async def test_a_feed_is_known_by_all_its_urls(store):
    _, mine = await add(store)
    await store.feeds.know(PAGE, "herald")
    await settle(store, mine, moved_to=ELSEWHERE)
    one = await feed(store)
    assert one.url == ELSEWHERE
    assert [await store.feeds.find(url) for url in (URL, PAGE, ELSEWHERE)] == [one] * 3
    assert await store.feeds.find("https://herald.example/other") is None
    for url in (URL, PAGE, ELSEWHERE):
        assert (await add(store, "another", url))[1] is None


async def test_a_url_that_is_known_stays_with_its_own(store):
    await added(store, "herald", "gazette")
    await store.feeds.know(PAGE, "herald")
    await store.feeds.know(PAGE, "gazette")
    await store.feeds.know("https://gazette.example/feed", "herald")
    await store.feeds.know("https://nobody.example", "nobody")
    assert (await store.feeds.find(PAGE)).source.name == "herald"
    assert (await store.feeds.find("https://gazette.example/feed")).source.name == "gazette"
    assert await store.feeds.find("https://nobody.example") is None


async def test_a_feed_that_was_removed_keeps_its_own_url_alone(store):
    await added(store, "herald", "gazette")
    await store.feeds.know(PAGE, "herald")
    await store.feeds.remove("herald")
    for url in (PAGE, URL):
        assert await store.feeds.find(url) is None
        await store.feeds.know(url, "gazette")
    assert (await store.feeds.find(PAGE)).source.name == "gazette"
    assert await store.feeds.find(URL) is None
    assert (await add(store, "other", URL))[0].source.name == "herald"


async def test_onto_another_feeds_url_none_moves_with_news(store):
    await added(store, "gazette")
    _, mine = await add(store)
    await settle(store, mine, moved_to="https://gazette.example/feed", renewed=True)
    assert (await feed(store)).url == URL
    assert (await store.feeds.find("https://gazette.example/feed")).source.name == "gazette"


async def test_all_come_by_name_but_those_that_were_removed(store):
    await added(store, "herald", "gazette", "bell")
    await store.feeds.remove("gazette")
    await store.feeds.pause("bell", paused=True, now=NOON)
    assert [one.source.name for one in await store.feeds.all()] == ["bell", "herald"]
    assert await feed(store, "gazette") is None


# Changing


async def test_what_is_given_is_changed(store):
    await add(store, topics=("sport",))
    assert await store.feeds.change("herald", full_text=True)
    assert ((await feed(store)).full_text, (await feed(store)).topics) == (True, ("sport",))
    assert await store.feeds.change("herald", topics=("world", "news"))
    assert ((await feed(store)).full_text, (await feed(store)).topics) == (True, ("world", "news"))
    assert await store.feeds.change("herald", full_text=False, topics=())
    assert ((await feed(store)).full_text, (await feed(store)).topics) == (False, ())


async def test_removed_it_is_polled_never_again_and_its_articles_stay(store):
    await added(store, "herald")
    await take_in(store, "Peace")
    [mine] = await claim(store, LATER)
    assert await store.feeds.remove("herald")
    await settle(store, mine, LATER)
    assert await claim(store, LATER + DAY) == []
    assert await store.feeds.next_due() is None
    assert (await store.sources.get("herald")).title == "Herald"
    assert (await store.articles.get(1)).title == "Peace"


@pytest.mark.parametrize("name", ["nobody", "wire", "gone"])
async def test_what_there_is_not_cannot_be_changed(store, name):
    await store.sources.put(Source("wire", "The Wire"))
    await added(store, "gone")
    await store.feeds.remove("gone")
    feeds = store.feeds
    done = [
        await feeds.change(name, full_text=True),
        await feeds.pause(name, paused=False, now=NOON),
        await feeds.poll(name, now=NOON),
        await feeds.remove(name),
    ]
    assert done == [False] * 4
    await feeds.note_told(name, told=True)
    await feeds.ask_hub(name, "secret")
    await feeds.note_hub(name, NOON)
    await feeds.note_renewed(name, now=NOON)
    assert (await feeds.get(name), await claim(store, LATER)) == (None, [])


async def test_a_group_that_moves_takes_along_what_it_has_added(store):
    await follow(store, chat=-1)
    await add(store, chat=-1)
    await add(store, "gazette", chat=-3)
    await add(store, "bell")
    await store.mailboxes.move(BOT, -1, -1001, now=NOON)
    by = {one.source.name: one.added_by for one in await store.feeds.all()}
    assert by == {"herald": Place(BOT, -1001), "gazette": Place(BOT, -3), "bell": None}
    with pytest.raises(TooMany):
        await add(store, "other", chat=-1001, most=1)
    # A chat that ends all it follows ends nobody's feed.
    await store.subscriptions.remove_all(BOT, -1001)
    assert (await feed(store)).due is None
    assert len(await store.feeds.all()) == 3


# Health


async def fail(store, mine, now, **values):
    await settle(store, mine, now, **({"failed": "no answer", "due": now + HOUR} | values))
    return await feed(store, mine.feed.source.name)


async def test_health_is_noted(store):
    _, mine = await add(store)
    await settle(store, mine, NOON, etag='"1"', modified="Mon", renewed=True, hub="https://hub.example", hub_topic=URL)
    well = await feed(store)
    assert (well.answered, well.renewed, well.failures, well.failing_since, well.error) == (NOON, NOON, 0, None, "")
    assert (well.etag, well.modified, well.interval) == ('"1"', "Mon", HOUR)
    assert (well.hub, well.hub_topic) == ("https://hub.example", URL)
    for failures, hours in enumerate((1, 2), 1):
        failing = await fail(store, await claim_one(store, NOON + hours * HOUR), NOON + hours * HOUR, etag="", hub="")
        assert (failing.failures, failing.failing_since, failing.error) == (failures, LATER, "no answer")
        # What was read stays the last that was read.
        assert (failing.etag, failing.modified, failing.hub, failing.answered) == ('"1"', "Mon", well.hub, NOON)
    await settle(store, await claim_one(store, NOON + 3 * HOUR), NOON + 3 * HOUR)
    again = await feed(store)
    assert (again.failures, again.failing_since, again.error) == (0, None, "")
    assert (again.answered, again.renewed, again.etag, again.hub) == (NOON + 3 * HOUR, NOON, "", "")


async def to_tell(store, before, limit=9):
    return [one.source.name for one in await store.feeds.to_tell(before=before, limit=limit)]


async def test_whoever_added_it_is_told_once_that_it_fails_and_once_that_it_works_again(store):
    _, mine = await add(store, chat=1)
    await fail(store, mine, NOON)
    assert await to_tell(store, NOON - SECOND) == []
    assert await to_tell(store, NOON) == ["herald"]
    await store.feeds.note_told("herald", told=True)
    assert (await feed(store)).told
    assert await to_tell(store, NOON + DAY) == []
    await settle(store, await claim_one(store, LATER), LATER)
    assert await to_tell(store, NOON) == ["herald"]
    await store.feeds.note_told("herald", told=False)
    assert await to_tell(store, NOON + DAY) == []
    # It fails anew, and that is counted anew.
    await fail(store, await claim_one(store, LATER + HOUR), LATER + HOUR)
    assert (await to_tell(store, LATER), await to_tell(store, LATER + HOUR)) == ([], ["herald"])


async def test_that_one_has_ended_is_told_also_to_who_knew_that_it_failed(store):
    _, mine = await add(store, chat=1)
    await fail(store, mine, NOON)
    await store.feeds.note_told("herald", told=True)
    await fail(store, await claim_one(store, LATER), LATER, ended="Gone", due=None)
    assert await to_tell(store, NOON - DAY) == ["herald"]
    # It ended while somebody was being told that it fails.
    await store.feeds.note_told("herald", told=True)
    assert await to_tell(store, NOON - DAY) == ["herald"]
    await store.feeds.note_told("herald", told=True, ended="Gone")
    assert await to_tell(store, NOON + DAY) == []
    # It is resumed: it may be there again.
    await store.feeds.pause("herald", paused=False, now=LATER)
    assert (await feed(store)).ended == ""
    await settle(store, await claim_one(store, LATER), LATER)
    assert await to_tell(store, NOON) == ["herald"]


async def test_no_more_are_told_of_than_asked_for_and_none_that_are_paused_or_removed(store):
    for name in ("bell", "herald", "gazette", "wire"):
        _, mine = await add(store, name)
        await fail(store, mine, NOON)
    await store.feeds.pause("bell", paused=True, now=NOON)
    await store.feeds.remove("gazette")
    assert (await to_tell(store, NOON), await to_tell(store, NOON, limit=1)) == (["herald", "wire"], ["herald"])


async def test_what_hubs_were_asked_and_have_confirmed_is_noted(store):
    await add(store)
    await store.feeds.ask_hub("herald", "secret")
    assert ((await feed(store)).hub_secret, (await feed(store)).hub_until) == ("secret", None)
    await store.feeds.note_hub("herald", NOON + DAY)
    assert (await feed(store)).hub_until == NOON + DAY
    await store.feeds.note_hub("herald", None)
    await store.feeds.ask_hub("herald", "")
    assert ((await feed(store)).hub_secret, (await feed(store)).hub_until) == ("", None)


async def test_feeds_are_counted_and_those_that_fail(store):
    for name in ("bell", "herald", "gazette", "wire", "post"):
        _, mine = await add(store, name)
        await fail(store, mine, NOON) if name != "bell" else await settle(store, mine)
    await store.feeds.remove("gazette")
    await store.feeds.pause("wire", paused=True, now=NOON)
    await store.feeds.poll("post", now=NOON)
    await fail(store, await claim_one(store), NOON, ended="Gone")
    stats = await store.stats(BOT, now=NOON + MINUTE)
    assert (stats.feeds, stats.failing) == (2, 1)
