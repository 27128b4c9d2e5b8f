"""Readers follow what a site on this machine publishes, through the real library and the real intake."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web
from sandbox import button

from bot.render import words
from storage import NewFeed, Place, Polled, Source

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>The Herald</title>
<item><title>The bridge is open</title><guid>1</guid><pubDate>{}</pubDate></item></channel></rss>"""
PAGE = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body>News</body></html>'


@pytest.fixture
async def site():
    """A site with a feed; gives its address and the paths that it was asked for."""
    asked = []

    async def answer(request):
        asked.append(request.path)
        if request.path == "/feed.xml":
            return web.Response(
                text=FEED.format(format_datetime(datetime.now(UTC))), content_type="application/rss+xml"
            )
        return web.Response(text=PAGE, content_type="text/html")

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    await runner.cleanup()


async def failing_for_long(newsroom, chat):
    """A feed that the chat has added, and that has not answered for two days."""
    then, place = datetime.now(UTC) - timedelta(days=2), Place(newsroom.bot, chat)
    async with newsroom.store() as store:
        wanted = NewFeed("https://127.0.0.2/feed", Source("late", "The Late Paper"), place)
        _, claim = await store.feeds.add(wanted, now=then, lease=timedelta(seconds=30))
        polled = Polled(claim, datetime.now(UTC) + timedelta(hours=1), timedelta(hours=1), failed="timed out")
        await store.feeds.settle([polled], now=then)
    await newsroom.follow([chat], "source:late")


async def test_readers_follow_sites_and_are_told_how_they_are(sandbox, newsroom, site):
    url, asked = site
    boris = await sandbox.add_person("Boris")
    await failing_for_long(newsroom, boris)
    await newsroom.start(fetch_allow="127.0.0.1", reader_feeds="1")
    [told] = await sandbox.wait_for(chat=boris)
    assert told["silent"]
    assert told["message"]["text"] == words.fails("The Late Paper", "timed out")
    people = await sandbox.add_people(50)
    after = await sandbox.last()
    await asyncio.gather(*(sandbox.say(person, f"/subscribe {url}") for person in people))
    answers = await sandbox.wait_for(50, after=after)
    assert {record["chat"] for record in answers} == set(people)
    for record in answers:
        said = record["message"]["text"]
        assert said.startswith("🔔 Now following The Herald · source:the-herald\n")
        assert "The bridge is open" in said
    assert asked == ["/", "/feed.xml"]
    async with newsroom.store() as store:
        assert [source.name for source in await store.sources.all()] == ["late", "the-herald"]
        assert len(await store.feeds.all()) == 2

    ada = people[0]
    again = await sandbox.ask(ada, f"/subscribe <{url}/feed.xml>")
    assert again["text"].startswith("🔔 Already following The Herald")
    ended = await sandbox.ask(ada, f"/unsubscribe {url}")
    assert ended["text"] == "🔕 No longer following source:the-herald"
    listed = await sandbox.ask(ada, "/sources herald")
    after = await sandbox.last()
    await sandbox.press(ada, listed["message_id"], button(listed, "🔔 1")["callback_data"])
    [followed] = await sandbox.wait_for(chat=ada, after=after)
    assert followed["message"]["text"].startswith("🔔 Now following The Herald")
    assert asked == ["/", "/feed.xml"]
    # What an answer has shown is not pushed, too.
    assert not any(words.MATCHED in record["message"]["text"] for record in await sandbox.messages(kind="sent"))
