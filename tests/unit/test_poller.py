"""Feeds are asked in their time, and what is new is taken in, once."""

import asyncio
import logging
from email.utils import format_datetime

import pytest
from aiohttp import web
from feed_site import DAY, HOUR, MINUTE, NOON, desk, item, rss

from bot.intake.documents.listing import add_listed
from bot.intake.feeds.idling import GRACE, let_rest
from bot.intake.feeds.introducing import Wanted
from bot.intake.feeds.poller import FeedPoller
from bot.intake.feeds.timing import Pace
from bot.intake.parsing.entries import ListedFeed
from storage import NewFeed, Place, Query, Source, StoreUnavailable, open_store

pytestmark = pytest.mark.asyncio(loop_scope="module")

BRIDGE = item("Bridge opens", guid="1", at=NOON - HOUR)
MAYOR = item("Mayor speaks", guid="2", at=NOON + MINUTE)


async def followed(at, site, *items, **more):
    """A feed with these items that was read once."""
    site.answers["/feed.xml"] = rss(*items)
    introduced = await at.introducer.introduce(f"{site.url}/feed.xml", Wanted(name="herald", **more))
    await at.unannounced()
    return introduced.feed


async def polled(at, after=HOUR):
    """The feed, after it was polled when so much time had passed."""
    at.clock.now += after
    await at.poller.poll_due()
    return await at.store.feeds.get("herald")


async def ended(running):
    """End what polls."""
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_what_is_new_is_announced_once_and_what_is_edited_is_edited(at, site):
    await followed(at, site, BRIDGE)
    site.answers["/feed.xml"] = rss(MAYOR, BRIDGE)
    feed = await polled(at)
    assert await at.titles() == ["Mayor speaks", "Bridge opens"]
    assert feed.renewed == at.clock.now
    assert await at.unannounced() == 1
    await polled(at)
    assert await at.unannounced() == 0
    site.answers["/feed.xml"] = rss(
        item("Mayor speaks at last", guid="other", at=NOON + MINUTE, link="https://a.example/m")
    )
    await polled(at)
    site.answers["/feed.xml"] = rss(item("The mayor has spoken", guid="2", at=NOON + MINUTE))
    await polled(at)
    assert set(await at.titles()) == {"The mayor has spoken", "Mayor speaks at last", "Bridge opens"}


OPEN = item("Bridge is open", guid="1", at=NOON - HOUR)


@pytest.mark.parametrize(
    ("versions", "then", "edits"),
    [
        ([OPEN, BRIDGE, OPEN, BRIDGE, OPEN], "Bridge is open", 1),
        ([OPEN, MAYOR + BRIDGE, BRIDGE], "Bridge is open", 1),
        ([OPEN, item("Bridge closes", guid="1", at=NOON - HOUR), BRIDGE], "Bridge opens", 3),
        ([OPEN, *[BRIDGE] * 25], "Bridge opens", 2),
    ],
)
async def test_what_comes_back_for_a_while_is_no_correction(at, site, versions, then, edits):
    feed = await followed(at, site, BRIDGE)
    for number, version in enumerate(versions):
        # Each is another document, so that each is read.
        site.answers["/feed.xml"] = rss(version, more=f"<ttl>{number % 2}</ttl>")
        await polled(at)
    article = (await at.store.articles.known("herald", ["id:1"]))["id:1"]
    assert (article.title, article.revision, feed.source.name) == (then, 1 + edits, "herald")


async def test_an_unchanged_feed_is_asked_for_with_what_its_server_called_it(at, site):
    headers = []

    def answer(request):
        headers.append((request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")))
        if request.headers.get("If-None-Match") == '"7"':
            return web.Response(status=304)
        modified = format_datetime(NOON, usegmt=True)
        return web.Response(text=rss(BRIDGE), headers={"ETag": '"7"', "Last-Modified": modified})

    site.answers["/feed.xml"] = answer
    await at.introducer.introduce(f"{site.url}/feed.xml", Wanted(name="herald"))
    feed = await polled(at)
    again = await polled(at)
    assert headers == [(None, None)] + [('"7"', "Mon, 23 Nov 2026 12:00:00 GMT")] * 2
    assert feed.etag == again.etag == '"7"'
    assert again.answered == at.clock.now


async def test_a_poll_begins_when_it_is_due_and_not_before(at, site):
    feed = await followed(at, site, BRIDGE)
    at.clock.now = feed.due - MINUTE / 60
    await at.poller.poll_due()
    assert site.count("/feed.xml") == 1
    at.clock.now = feed.due
    await at.poller.poll_due()
    assert site.count("/feed.xml") == 2
    assert (await at.store.feeds.get("herald")).due == feed.due + (await at.store.feeds.get("herald")).interval


async def test_a_feed_that_is_redirected_to_a_host_with_no_place_is_put_off_and_fails_not(tmp_path, workers, site):
    goes_on = asyncio.Event()

    async def slow(_request):
        await goes_on.wait()
        return web.Response(text=rss(MAYOR, BRIDGE))

    async with desk(tmp_path, workers, patience=0.01) as at:
        before = await followed(at, site, BRIDGE)
        there = f"{site.url}/slow".replace("127.0.0.1", "localhost")
        site.answers |= {
            "/slow": slow,
            "/feed.xml": lambda _request: web.Response(status=302, headers={"Location": there}),
        }
        others = [asyncio.create_task(at.fetcher.get(there)) for _ in range(2)]
        while site.count("/slow") < 2:
            site.came.clear()
            await site.came.wait()
        feed = await polled(at)
        assert (feed.failures, feed.answered, feed.due) == (0, before.answered, at.clock.now + MINUTE * 4 / 3)
        goes_on.set()
        await asyncio.gather(*others)
        feed = await polled(at, after=MINUTE * 4 / 3)
        assert (feed.failures, feed.answered) == (0, at.clock.now)
        assert await at.titles() == ["Mayor speaks", "Bridge opens"]


@pytest.mark.parametrize(
    ("answer", "error", "waits"),
    [
        ({"status": 404}, "the answer is 404 Not Found", (MINUTE, HOUR)),
        ({"status": 401}, "the answer is 401 Unauthorized", (MINUTE, HOUR)),
        ({"status": 599}, "the answer is 599", (MINUTE, HOUR)),
        ({"status": 503, "headers": {"Retry-After": "7200"}}, "503 Service Unavailable", (2 * HOUR, 3 * HOUR)),
        ({"status": 429, "headers": {"Retry-After": "999999"}}, "429 Too Many Requests", (DAY, DAY)),
        ({"text": "<html>Sorry</html>"}, "HTML page", (MINUTE, HOUR)),
        ({"text": ""}, "empty", (MINUTE, HOUR)),
    ],
)
async def test_a_feed_that_fails_is_tried_again_later_and_works_again(at, site, answer, error, waits):
    await followed(at, site, BRIDGE)
    site.answers["/feed.xml"] = lambda _: web.Response(**answer)
    feed = await polled(at)
    assert error in feed.error
    assert (feed.failures, feed.failing_since, feed.ended) == (1, at.clock.now, "")
    assert waits[0] <= feed.due - at.clock.now <= waits[1]
    assert (await polled(at, DAY)).failures == 2
    site.answers["/feed.xml"] = rss(MAYOR)
    feed = await polled(at, DAY)
    assert (feed.failures, feed.error) == (0, "")
    assert await at.titles() == ["Mayor speaks", "Bridge opens"]


async def test_a_feed_that_is_gone_is_polled_no_more(at, site):
    await followed(at, site, BRIDGE)
    site.answers["/feed.xml"] = lambda _: web.Response(status=410)
    feed = await polled(at)
    assert (feed.ended, feed.due) == ("the answer is 410 Gone", None)
    await polled(at, DAY)
    assert site.count("/feed.xml") == 2


@pytest.mark.parametrize(("status", "kept"), [(301, True), (308, True), (302, False), (307, False)])
async def test_only_what_moved_for_good_is_asked_for_there_from_then_on(at, site, status, kept):
    await followed(at, site, BRIDGE)
    site.answers["/new.xml"] = rss(BRIDGE, MAYOR)
    site.answers["/feed.xml"] = lambda _: web.Response(status=status, headers={"Location": "/new.xml"})
    feed = await polled(at)
    assert feed.url == f"{site.url}/{'new' if kept else 'feed'}.xml"
    await polled(at)
    assert site.count("/feed.xml") == (2 if kept else 3)
    assert (await at.store.feeds.find(f"{site.url}/feed.xml")).source == feed.source


async def test_two_that_moved_to_one_address_become_one_and_the_operator_is_told(at, site, caplog):
    site.answers["/new.xml"] = rss(BRIDGE)
    for path in ("/feed.xml", "/other.xml"):
        site.answers[path] = lambda _: web.Response(status=301, headers={"Location": "/new.xml"})
        listed = ListedFeed(f"{site.url}{path}", title=path[1:-4])
        assert await add_listed(at.store, listed, zone="UTC", now=at.clock.now)
    place = Place(7, 1)
    for name in ("feed", "other"):
        await at.store.subscriptions.add(place, Query.parse(f"source:{name}"), now=at.clock.now)
    for _ in range(3):
        at.clock.now += HOUR
        await at.poller.poll_due()
        await at.unannounced()
    [feed] = await at.store.feeds.all()
    assert [one.query for one in await at.store.subscriptions.all(place)] == [f"source:{feed.source.name}"]
    for path in ("/feed.xml", "/other.xml", "/new.xml"):
        assert (await at.store.feeds.find(f"{site.url}{path}")).source == feed.source
    told = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert [record.other for record in told] == [feed.source.name]
    asked = site.count("/new.xml")
    await polled(at)
    assert site.count("/new.xml") == asked + 1


async def test_a_readers_feed_is_polled_while_it_is_followed_and_comes_back_without_a_flood(at, site):
    place, query = Place(7, 1), Query.parse("source:herald")
    await followed(at, site, BRIDGE, added_by=place)
    await let_rest(at.store, at.clock.now + GRACE / 2)
    assert (await polled(at)).idle_since is None
    await let_rest(at.store, at.clock.now)
    asked = site.count("/feed.xml")
    stories = [item(f"Story {day}", guid=f"s{day}", at=NOON + day * DAY) for day in range(1, 30)]
    site.answers["/feed.xml"] = rss(*stories)
    await polled(at, 29 * DAY)
    assert site.count("/feed.xml") == asked
    # By its address it is the same, whoever may add feeds.
    feed = await at.introducer.known(f"{site.url}/feed.xml")
    assert feed.idle_since
    await at.store.subscriptions.add(place, query, now=at.clock.now)
    await at.poller.poll_due()
    assert await at.unannounced() == 1
    assert len(await at.titles()) == 30


async def test_what_the_operator_asks_for_too_is_theirs(at, site):
    await followed(at, site, BRIDGE, added_by=Place(7, 1))
    await at.introducer.introduce(f"{site.url}/feed.xml", Wanted())
    assert (await at.store.feeds.get("herald")).added_by is None
    site.answers["/other.xml"] = rss(MAYOR)
    await at.introducer.introduce(f"{site.url}/other.xml", Wanted(Place(7, 1), name="other"))
    listed = ListedFeed(f"{site.url}/other.xml")
    assert not await add_listed(at.store, listed, zone="UTC", now=at.clock.now)
    assert (await at.store.feeds.get("other")).added_by is None


async def test_a_list_names_a_feed_with_tls_and_without_it(at):
    added = [
        await add_listed(at.store, ListedFeed(f"{scheme}://herald.example/rss"), zone="UTC", now=at.clock.now)
        for scheme in ("http", "https")
    ]
    assert added == [True, False]


async def test_what_a_feed_wishes_counts_after_unchanged_answers_and_a_restart_too(at, site):
    skipping = "".join(f"<hour>{hour}</hour>" for hour in range(14, 20))

    def answer(request):
        if request.headers.get("If-None-Match"):
            return web.Response(status=304)
        return web.Response(text=rss(BRIDGE, more=f"<skipHours>{skipping}</skipHours>"), headers={"ETag": '"1"'})

    await followed(at, site, BRIDGE)
    site.answers["/feed.xml"] = answer
    await polled(at)
    at.poller = FeedPoller(at.store, at.fetcher, at.taker, at.clock, Pace(MINUTE, HOUR), chance=lambda: 0.0)
    feed = await polled(at)
    assert at.clock.now == NOON + 2 * HOUR
    assert feed.due == NOON + 8 * HOUR


async def test_what_a_feed_does_not_date_is_news_when_it_appears_but_not_at_first(at, site):
    site.answers["/feed.xml"] = rss(item("Old one", guid="1"), item("Older one", guid="2"))
    await at.introducer.introduce(f"{site.url}/feed.xml", Wanted(name="herald"))
    assert await at.unannounced() == 0
    site.answers["/feed.xml"] = rss(item("New one", guid="3"), item("Old one", guid="1"), item("Older one", guid="2"))
    await polled(at)
    assert await at.unannounced() == 1


async def test_a_feed_lends_its_articles_topics_and_language(at, site):
    entry = item("Мост открыт", guid="1", at=NOON, more="<category>Economy</category><author>Ann Lee</author>")
    site.answers["/feed.xml"] = rss(entry, more="<language>ru</language>")
    await at.introducer.introduce(f"{site.url}/feed.xml", Wanted(name="herald", topics=("armenia",)))
    (article,) = (
        await at.store.articles.search(Query.parse("topic:armenia topic:economy lang:ru"), now=at.clock.now, limit=5)
    ).articles
    assert (article.title, article.source.language) == ("Мост открыт", "ru")


async def test_a_feed_that_says_it_is_english_and_is_not_is_what_its_words_are(at, site):
    site.answers["/feed.xml"] = rss(item("Կամուրջը բացվեց", guid="1", at=NOON), more="<language>en-US</language>")
    await at.introducer.introduce(f"{site.url}/feed.xml", Wanted(name="herald"))
    (article,) = (await at.store.articles.search(Query.parse("lang:hy"), now=at.clock.now, limit=5)).articles
    assert (article.title, article.source.language) == ("Կամուրջը բացվեց", "hy")


async def test_a_feed_added_from_a_list_learns_its_title_with_the_first_document(at, site):
    site.answers["/feed.xml"] = rss(BRIDGE, title="The Herald of Yerevan")
    site.answers["/second.xml"] = rss(MAYOR, title="The Courier")
    site.answers["/third.xml"] = rss(MAYOR, title="Another herald")
    for path, title in (("feed", ""), ("second", ""), ("third", "Mine")):
        listed = ListedFeed(f"{site.url}/{path}.xml", title=title)
        await add_listed(at.store, listed, zone="UTC", now=at.clock.now)
    await polled(at)
    titles = {feed.source.title for feed in await at.store.feeds.all()}
    assert titles == {"The Herald of Yerevan", "The Courier", "Mine"}


RIVERS = ("Arax", "Kura", "Debed", "Vorotan", "Hrazdan", "Akhurian", "Aghstev", "Arpa", "Voghji", "Azat")
LINES = [f"The bridge over the {river} was opened by the mayor on Sunday morning, after years." for river in RIVERS]
TEXT = "".join(f"<p>{line} {line.replace('bridge', 'road')}</p>" for line in LINES)
PAGE = f"<html><head><title>Bridge</title></head><body><article><h1>Bridge opens</h1>{TEXT}</article></body></html>"


async def test_teasers_are_completed_from_their_pages_where_that_is_wanted(at, site):
    site.answers |= {"/bridge": PAGE, "/slow": lambda _: web.Response(status=500)}
    teasers = [
        item("Bridge opens", guid="1", at=NOON, link=f"{site.url}/bridge", text="The bridge is open."),
        item("Mayor speaks", guid="2", at=NOON - MINUTE, link=f"{site.url}/slow", text="He spoke for hours."),
    ]
    await followed(at, site, *teasers, full_text=True)
    bridge, mayor = (await at.store.articles.search(Query.parse("*"), now=at.clock.now + HOUR, limit=5)).articles
    assert bridge.body.count("The bridge over the") == 10
    assert (bridge.summary, mayor.summary) == ("The bridge is open.", "He spoke for hours.")
    await polled(at)
    await polled(at)
    # What was read is not asked for again, and what was not only when the feed is read again; nothing changed.
    assert (site.count("/bridge"), site.count("/slow")) == (1, 2)
    assert await at.unannounced() == 0
    again = await at.store.articles.get(bridge.id)
    assert (again.revision, again.body) == (1, bridge.body)


async def test_a_page_that_is_not_there_yet_is_read_with_a_later_version_of_the_feed(at, site):
    teasers = [
        item("Bridge opens", guid="1", at=NOON, link=f"{site.url}/bridge", text="The bridge is open."),
        item("Mayor speaks", guid="2", at=NOON - MINUTE, link=f"{site.url}/gone", text="He spoke for hours."),
    ]
    await followed(at, site, *teasers, full_text=True)
    site.answers["/bridge"] = PAGE
    for n in range(4):
        site.answers["/feed.xml"] = rss(*teasers, more=f"<description>{n}</description>")
        await polled(at)
    bridge, mayor = (await at.store.articles.search(Query.parse("*"), now=at.clock.now, limit=5)).articles
    assert (bridge.body.count("The bridge over the"), mayor.headline_only) == (10, True)
    # One that was read is not asked for again, nor one that is never there more than three times.
    assert (site.count("/bridge"), site.count("/gone")) == (2, 3)


async def test_without_room_nothing_is_polled(tmp_path, workers, site):
    room = False
    async with desk(tmp_path, workers, has_room=lambda: room) as at:
        await followed(at, site, BRIDGE)
        await polled(at)
        assert site.count("/feed.xml") == 1
        room = True
        await polled(at)
        assert site.count("/feed.xml") == 2


async def test_who_ends_polling_lets_go_of_what_is_under_way(at, site):
    await followed(at, site, BRIDGE)
    site.came.clear()
    site.hold.clear()
    at.clock.now += HOUR
    running = asyncio.create_task(at.poller.run())
    await site.came.wait()
    await ended(running)
    site.hold.set()
    feed = await at.store.feeds.get("herald")
    assert feed.failures == 0
    assert len(await at.store.feeds.claim(now=at.clock.now, lease=MINUTE, limit=5)) == 1


async def test_who_ends_polling_lets_go_of_what_waits_for_its_turn_at_its_host_too(at, site):
    paths = [f"/{number}.xml" for number in range(5)]
    for path in paths:
        site.answers[path] = rss(BRIDGE)
        await add_listed(at.store, ListedFeed(f"{site.url}{path}"), zone="UTC", now=at.clock.now)
    site.came.clear()
    site.hold.clear()
    running = asyncio.create_task(at.poller.run())
    await site.came.wait()
    await ended(running)
    site.hold.set()
    assert sum(map(site.count, paths)) <= 2
    claims = await at.store.feeds.claim(now=at.clock.now, lease=MINUTE, limit=9)
    assert [claim.feed.failures for claim in claims] == [0] * 5


async def test_who_waits_for_pages_keeps_no_other_feed_of_the_host_waiting(at, site):
    freed = asyncio.Event()

    async def page(_):
        await freed.wait()
        return web.Response(text=PAGE, content_type="text/html")

    site.answers["/page"] = page
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    paths = [f"/{number}.xml" for number in range(5)]
    for path in paths:
        site.answers[path] = rss(item("Bridge opens", guid=path, at=NOON, link=f"{elsewhere}/page", text="It is open."))
        wish = NewFeed(f"{site.url}{path}", Source(f"herald{path[1]}", "Herald"), full_text=True)
        _, claim = await at.store.feeds.add(wish, now=at.clock.now, lease=MINUTE)
        await at.store.feeds.put_off([(claim, at.clock.now)])
    polling = asyncio.create_task(at.poller.poll_due())
    while sum(map(site.count, paths)) < 5:
        site.came.clear()
        await site.came.wait()
    freed.set()
    await polling
    assert [feed.failures for feed in await at.store.feeds.all()] == [0] * 5
    assert len(await at.titles()) == 5


async def test_a_feed_that_is_added_while_it_runs_is_polled_at_once(at, site):
    site.answers["/feed.xml"] = rss(BRIDGE)
    running = asyncio.create_task(at.poller.run())
    wish = NewFeed(f"{site.url}/feed.xml", Source(name="herald", title="herald"))
    _, claim = await at.store.feeds.add(wish, now=at.clock.now, lease=MINUTE)
    await at.store.feeds.put_off([(claim, at.clock.now)])
    await at.store.feeds.poll("herald", now=at.clock.now)
    await site.came.wait()
    await ended(running)


async def test_what_cannot_be_read_is_said_once(at, site, caplog):
    caplog.set_level(logging.INFO)
    broken = "<item><guid>9</guid></item>"
    await followed(at, site, BRIDGE, broken)
    site.answers["/feed.xml"] = rss(MAYOR, BRIDGE, broken)
    await polled(at)
    await polled(at)
    said = [record for record in caplog.records if "not all of a feed" in record.message]
    assert len(said) <= 2
    assert said


async def test_credentials_are_never_logged(at, site, caplog):
    caplog.set_level(logging.DEBUG)
    site.answers["/feed.xml"] = rss(BRIDGE)
    url = f"{site.url}/feed.xml".replace("//", "//ann:hunter2@")
    await at.introducer.introduce(url, Wanted(name="herald"))
    site.answers["/feed.xml"] = lambda _: web.Response(status=500)
    await polled(at)
    assert "hunter2" not in "".join(f"{record.__dict__}" for record in caplog.records)


async def test_what_comes_again_word_for_word_is_not_read_again_but_what_failed_is(at, site):
    feed = await followed(at, site, BRIDGE)
    site.answers["/feed.xml"] = rss(BRIDGE, MAYOR)
    first = await polled(at)
    assert (first.renewed, feed.renewed) == (at.clock.now, NOON)
    again = await polled(at)
    assert (again.renewed, again.answered) == (first.renewed, at.clock.now)
    site.answers["/feed.xml"] = "<html>Sorry</html>"
    assert [(await polled(at)).failures, (await polled(at, DAY)).failures] == [1, 2]


class Flaky:
    """A store, or a part of one, whose database fails once at each of these methods."""

    def __init__(self, inner, failing):
        self._inner, self._failing = inner, failing

    def __getattr__(self, name):
        found = getattr(self._inner, name)
        if not asyncio.iscoroutinefunction(found):
            return Flaky(found, self._failing)

        async def call(*given, **named):
            if name in self._failing:
                self._failing.remove(name)
                raise StoreUnavailable("the database is busy")
            return await found(*given, **named)

        return call


async def test_a_database_that_fails_ends_nothing_and_loses_nothing(tmp_path, workers, site):
    site.answers["/feed.xml"] = rss(BRIDGE)
    failing, begun = {"claim", "add", "settle"}, asyncio.get_running_loop().time()
    async with (
        desk(tmp_path, workers, seen_as=lambda store: Flaky(store, failing)) as at,
        open_store(f"sqlite:///{tmp_path}/feeds.sqlite") as store,
    ):
        wish = NewFeed(f"{site.url}/feed.xml", Source(name="herald", title="herald"))
        _, claim = await store.feeds.add(wish, now=NOON, lease=MINUTE)
        await store.feeds.put_off([(claim, NOON)])
        running = asyncio.create_task(at.poller.run())
        while (feed := await store.feeds.get("herald")).answered is None:
            at.clock.now = NOON + (asyncio.get_running_loop().time() - begun) * MINUTE / 60
            await asyncio.sleep(0.02)
        await ended(running)
        assert feed.failures == 0
        found = await store.articles.search(Query.parse("*"), now=at.clock.now, limit=5)
        assert [article.title for article in found.articles] == ["Bridge opens"]
    assert not failing
