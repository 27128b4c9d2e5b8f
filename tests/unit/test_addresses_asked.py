"""What people are answered about addresses, by the whole of intake, from a site on this machine."""

import asyncio
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio
from feed_site import HOUR, NOON, desk, item, rss, serving

from bot.commands.answering import answer
from bot.commands.calls import read_call
from bot.commands.desk import Ask
from bot.commands.desk import Desk as Answering
from bot.reader_feeds import ReadersFeeds
from bot.render import words
from storage import Chat, ChatKind, Place

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body>News</body></html>'
FEED = rss(item("Bridge opens", guid="1", at=NOON - HOUR), title="The Herald")


@pytest_asyncio.fixture(loop_scope="module")
async def site():
    async with serving() as site:
        site.answers = {"/feed.xml": FEED, "/": PAGE, "/page": "<html><body>Welcome</body></html>"}
        yield site


@dataclass
class Front:
    """Where people ask."""

    answering: Answering
    ending: asyncio.Event
    room: list

    async def say(self, said, person=42):
        call = read_call(said, "news_bot", private=True)
        ask = Ask(Place(1, person), call.text, NOON, Chat(1, person, ChatKind.PRIVATE, "Ada"), person)
        return (await answer(call, ask, self.answering)).text.plain()


@pytest_asyncio.fixture(loop_scope="module")
async def front(tmp_path, workers):
    async with desk(tmp_path, workers) as made:
        ending, room = asyncio.Event(), [True]
        feeds = ReadersFeeds(made.store, made.introducer, "UTC", lambda: all(room), ending, announcing_seconds=0.0)
        yield Front(Answering(made.store, "news_bot", None, feeds, reader_feeds=1), ending, room)


async def test_fifty_chats_at_once_follow_one_new_feed(front, site):
    said = await asyncio.gather(*(front.say(f"/subscribe {site.url}/feed.xml", chat) for chat in range(1, 51)))
    assert all(one.startswith("🔔 Now following The Herald · source:the-herald\n") for one in said)
    assert all("Bridge opens" in one for one in said)
    assert site.count("/feed.xml") == 1
    [feed] = await front.answering.store.feeds.all()
    [source] = await front.answering.store.sources.all()
    assert feed.source == source


async def test_who_follows_a_new_feed_is_not_sent_what_the_answer_shows(front, site):
    feeds, store, address = front.answering.feeds, front.answering.store, f"{site.url}/feed.xml"
    await feeds.introduce(address, Place(1, 41), None)
    patient = asyncio.create_task(replace(feeds, announcing_seconds=60.0).known(address))
    for _ in range(10):  # it would have looked its feed up by now
        await store.feeds.find(address)
    assert not patient.done()
    lease = await store.leases.gain("announcer", now=NOON, duration=HOUR)
    assert len((await store.log.announce(lease, now=NOON, limit=9)).positions) == 1
    assert (await patient).source.name == "the-herald"
    assert "Bridge opens" in await front.say(f"/subscribe {address}")
    await store.log.wake(lease, now=NOON, limit=9)
    assert await store.mailboxes.claim(1, now=NOON, lease=HOUR, limit=9) == []


async def test_an_address_is_known_however_it_is_typed(front, site):
    await front.say(f"/subscribe {site.url}/")
    asked = len(site.asked)
    bare = site.url.removeprefix("http://")
    feeds = (f"feed:{site.url}/feed.xml#top", f"feed://{bare}/feed.xml", f"FEED:{bare}")
    for address in (f"{site.url}/feed.xml", f"<{site.url}>", *feeds):
        assert (await front.say(f"/subscribe {address}")).startswith("🔔 Already following The Herald")
    assert len(site.asked) == asked
    assert await front.say(f"/unsubscribe feed:{bare}") == "🔕 No longer following source:the-herald"


async def test_what_hinders_is_told_apart(front, site):
    host = site.url.removeprefix("http://").partition(":")[0]
    for address, said in (
        ("ftp://herald.example/feed", words.NO_ADDRESS),
        ("http://user:pw@127.0.0.2/feed", words.not_allowed("127.0.0.2")),
        ("http://169.254.169.254/latest", words.not_allowed("169.254.169.254")),
        (f"{site.url}/missing", words.unreachable(host)),
        (f"{site.url}/page", words.no_feed(host)),
    ):
        site.answers.pop("/feed.xml", None)
        assert (await front.say(f"/subscribe {address}")).partition("\n")[0] == said
    assert await front.answering.store.feeds.all() == []


async def test_nothing_is_looked_at_without_room_or_at_the_end(front, site):
    address = f"{site.url}/feed.xml"
    front.room[:] = [False]
    assert await front.say(f"/subscribe {address}") == words.not_now("127.0.0.1")
    assert site.asked == []
    front.room[:] = [True]
    site.hold.clear()
    asking = asyncio.create_task(front.say(f"/subscribe {address}"))
    await site.came.wait()
    front.ending.set()
    assert await asking == words.not_now("127.0.0.1")
    site.hold.set()
