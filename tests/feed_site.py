"""Sites on this machine with feeds as a test wants them, and what is needed to poll them."""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

from aiohttp import web

from bot.intake.feeds.introducing import Introducer
from bot.intake.feeds.poller import FeedPoller
from bot.intake.feeds.taking import Taker
from bot.intake.feeds.timing import Pace
from bot.intake.feeds.websub import Hubs
from bot.intake.fetching.fetch import Fetcher
from bot.intake.parsing.addresses import Allowed
from bot.intake.processes.workers import Workers
from storage import EVERYTHING, Store, open_store

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def item(title, *, guid="", link="", at=None, text="", more=""):
    """An item of RSS."""
    parts = {"title": title, "guid": guid, "link": link, "description": text}
    parts["pubDate"] = format_datetime(at) if at else ""
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts.items() if value)
    return f"<item>{inner}{more}</item>"


def rss(*items, title="The Herald", link="", more=""):
    """A feed of RSS 2.0."""
    head = f"<title>{escape(title)}</title><link>{escape(link)}</link>{more}"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'


@dataclass
class Site:
    """Answers by path: text (a feed), or a whole answer as a function of the request."""

    url: str = ""
    answers: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self):
        self.hold.set()

    def count(self, path):
        """How often a path was asked for."""
        return Counter(request.path for request in self.asked)[path]

    async def handle(self, request):
        self.asked.append(request)
        self.came.set()
        await self.hold.wait()
        answer = self.answers.get(request.path)
        if answer is None:
            return web.Response(status=404)
        if isinstance(answer, str):
            kind = "text/html" if answer.startswith("<html") else "application/rss+xml"
            return web.Response(text=answer, content_type=kind)
        made = answer(request)
        return await made if asyncio.iscoroutine(made) else made


@asynccontextmanager
async def serving():
    """A site on loopback."""
    site = Site()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", site.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield site
    finally:
        await runner.cleanup()


class Time:
    """The tests' own clock."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


@dataclass
class Desk:
    """All that polls, on a store."""

    store: Store
    clock: Time
    workers: Workers
    fetcher: Fetcher
    taker: Taker
    introducer: Introducer
    poller: FeedPoller
    hubs: Hubs

    async def titles(self):
        """The titles in the store, the newest first."""
        rows = await self.store.articles.search(EVERYTHING, now=self.clock.now, limit=100)
        return [article.title for article in rows.articles]

    async def unannounced(self):
        """The titles of what is announced now, in order."""
        lease = await self.store.leases.gain("announcer", now=self.clock.now, duration=DAY)
        announced = await self.store.log.announce(lease, now=self.clock.now, limit=1000)
        await self.store.leases.release(lease)
        return len(announced.positions)


@asynccontextmanager
async def desk(
    folder: Path,
    workers: Workers,
    public_url="https://news.example",
    look_seconds=30,
    seen_as=lambda store: store,
    **options,
):
    """A desk whose chance is always 0. `seen_as`: what it has of the store."""
    clock = Time()
    pace = Pace(MINUTE, HOUR)
    async with open_store(f"sqlite:///{folder}/feeds.sqlite") as opened:
        store = seen_as(opened)
        fetcher = Fetcher(Allowed.parse("127.0.0.1"), "Newscrier/test", clock)
        taker = Taker(store, fetcher, workers, clock)
        introducer = Introducer(
            store, fetcher, workers, taker, clock, pace=pace, chance=lambda: 0.0, seconds=look_seconds
        )
        hubs = Hubs(store, fetcher, taker, clock, public_url=public_url)
        poller = FeedPoller(store, fetcher, taker, clock, pace, chance=lambda: 0.0, hubs=hubs, **options)
        try:
            yield Desk(store, clock, workers, fetcher, taker, introducer, poller, hubs)
        finally:
            await fetcher.close()
