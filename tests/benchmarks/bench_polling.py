"""Rounds of the poller: many feeds on this machine, all unchanged, then one in a hundred with something new."""

from __future__ import annotations

import asyncio
import gc
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from bench_fetch import LIMITS, SERVER, bare, serving, urls
from feed_server import feed
from measuring import MILLI, Row, Scale, Spent, at_most, at_most_times, cpu_of, expect, loop_watched, remove, spent

from bot.intake.feeds.poller import FeedPoller
from bot.intake.feeds.taking import Taker
from bot.intake.feeds.timing import Pace
from bot.intake.fetching.fetch import Fetched, Fetcher, user_agent
from bot.intake.parsing.addresses import Allowed
from bot.intake.processes.workers import Workers
from bot.loading import loaded
from storage import NewFeed, Polled, Source, Store, open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from bench_fetch import Ask

HOUR = timedelta(hours=1)
ROUNDS = 3  # the middle one counts
IN_TIME = timedelta(minutes=5)
IN_ALL = 10_000
OF_A_CORE = 0.08  # so much polling so many feeds in that time may take: 2.4 ms each
LOOK_SECONDS = 0.02
ENTRIES, QUICK_ENTRIES = 500, 100


async def run(scale: Scale) -> list[Row]:
    feeds = scale.some(30, 10_000)
    some = max(1, feeds // 100)
    async with serving("growing") as port, bare() as ask, _desk(scale, urls(port, feeds)) as desk:
        await desk.round(some)  # all of it is new
        await _bare_round(ask, desk.urls)
        gc.collect()
        loaded()  # as the bot does once it runs
        unchanged, new, beside = [], [], []
        for _ in range(scale.some(1, ROUNDS)):
            unchanged.append(await desk.round(0))
            beside.append(await _bare_round(ask, desk.urls))
            new.append(await desk.round(some))
        entries = scale.some(QUICK_ENTRIES, ENTRIES)
        at_once = await desk.first_read(feed(entries=entries, gzipped=False))
    return [
        *_rows(f"poll {feeds:,} feeds, all unchanged", feeds, unchanged, beside),
        *_rows(f"poll {feeds:,} feeds, one in a hundred new", feeds, new, []),
        Row(
            f"poll: what the event loop does at once for {entries} new entries",
            "ms",
            (at_once * MILLI,),
            goal=at_most(5),
        ),
    ]


def _rows(name: str, feeds: int, ours: Sequence[Spent], theirs: Sequence[Spent]) -> list[Row]:
    cpu = [median(one.cpu for one in each) / feeds * MILLI for each in (ours, theirs) if each]
    wall = [median(one.wall for one in each) for each in (ours, theirs) if each]
    beside = "bare aiohttp" if theirs else ""
    most = OF_A_CORE * IN_TIME.total_seconds() / IN_ALL * MILLI
    goals = [at_most_times(1.5)] * 2 if theirs else [at_most(most), at_most(IN_TIME.total_seconds())]
    return [
        Row(f"{name}: CPU a feed", "ms", (cpu[0],), tuple(cpu[1:]), beside, goals[0]),
        Row(f"{name}: the round", "s", (wall[0],), tuple(wall[1:]), beside, goals[1]),
    ]


@dataclass
class _Desk:
    """A store with feeds, and the poller on it."""

    store: Store
    fetcher: Fetcher
    taker: Taker
    workers: Workers
    urls: list[str]
    ahead: timedelta = timedelta(0)

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def round(self, changed: int) -> Spent:
        """Poll each feed once; so many have something new."""
        before = await self._count()
        await self._forget(changed)
        begun = self.now
        others = sum(map(cpu_of, self.workers.pids))
        poller = FeedPoller(self.store, self.fetcher, self.taker, lambda: self.now, Pace(), chance=lambda: 0.5)
        with spent() as figures:
            polling = asyncio.create_task(poller.run())
            while (await self.store.feeds.next_due() or self.now) < self.now + HOUR / 2:  # noqa: ASYNC110  the store knows
                await asyncio.sleep(LOOK_SECONDS)
        polling.cancel()
        await asyncio.wait([polling])
        figures.cpu += sum(map(cpu_of, self.workers.pids)) - others
        feeds = await self.store.feeds.all()
        expect(sum(feed.answered is not None and feed.answered >= begun for feed in feeds), len(feeds), "feeds polled")
        grown = await self._count() - before
        expect(grown, changed if before else 31 * changed, "new articles")
        return figures

    async def first_read(self, answer: bytes) -> float:
        """Take in a feed that nobody has seen; the longest CPU of the event loop at once, in seconds."""
        _, _, body = answer.partition(b"\r\n\r\n")
        added, _ = await self.store.feeds.add(
            NewFeed("http://large.example/", Source("large", "Large")), now=self.now, lease=HOUR
        )
        turns: list[float] = []
        async with loop_watched(turns):
            document = await self.taker.read(Fetched(200, added.url, body=body), "UTC")
            taken = await self.taker.take(added, document)
        expect(taken.new, len(document.entries), "new articles")
        return max(turns)

    async def _count(self) -> int:
        return (await self.store.stats(1, now=self.now)).articles

    async def _forget(self, changed: int) -> None:
        """Let time pass until all are due, so many of them not as their server has them."""
        self.ahead += 25 * HOUR
        start = self.now
        claims = await self.store.feeds.claim(now=self.now, lease=HOUR, limit=len(self.urls))
        old = set(self.urls[:changed])
        await self.store.feeds.settle(
            [Polled(one, self.now, HOUR, etag='"0"' if one.feed.url in old else '"1"') for one in claims], now=start
        )


@asynccontextmanager
async def _desk(scale: Scale, places: list[str]) -> AsyncIterator[_Desk]:
    path = scale.folder / "polling.sqlite"
    remove(path)
    start = datetime.now(UTC)
    async with open_store(f"sqlite:///{path}") as store, Workers() as workers:
        fetcher = Fetcher(Allowed.parse(SERVER), user_agent(""), lambda: desk.now, lookup=lambda _host: [SERVER])
        taker = Taker(store, fetcher, workers, lambda: desk.now)
        desk = _Desk(store, fetcher, taker, workers, places)
        for number, url in enumerate(places):
            _, claim = await store.feeds.add(NewFeed(url, Source(f"news-{number}", "News")), now=start, lease=HOUR)
            assert claim
            await store.feeds.settle([Polled(claim, start, HOUR, etag='"1"')], now=start)
        try:
            yield desk
        finally:
            await fetcher.close()


async def _bare_round(ask: Ask, places: Sequence[str]) -> Spent:
    waiting = iter(places)
    got: list[int] = []

    async def work() -> None:
        for url in waiting:
            got.append(await ask(url, '"1"'))  # noqa: PERF401  one after the other

    with spent() as figures:
        await asyncio.gather(*[work() for _ in range(LIMITS.together)])
    expect(got.count(304), len(places), "unchanged feeds")
    return figures
