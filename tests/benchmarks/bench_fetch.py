"""Rounds of polling: many feeds on this machine, all unchanged, then one in a hundred changed; bare aiohttp beside."""

from __future__ import annotations

import asyncio
import random
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import aiohttp
import feed_server
from aiohttp.abc import AbstractResolver
from measuring import MICRO, Row, Scale, Spent, at_most_times, expect, spent
from pushing import on_core

from bot.intake.fetching.fetch import FEEDS, Fetcher, Limits, user_agent
from bot.intake.parsing.addresses import Allowed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Ask = Callable[[str, str], Awaitable[int]]  # an address and what is known of it -> the answer's status

SERVER = "127.0.0.1"
LIMITS = Limits()
FEEDS_A_HOST = 100
ROUNDS = 5  # the middle one counts


class Here(AbstractResolver):
    """Every name is on this machine."""

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[dict[str, object]]:
        return [{"hostname": host, "host": SERVER, "port": port, "family": family, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        pass


async def run(scale: Scale) -> list[Row]:
    feeds = scale.some(500, 10_000)
    async with serving() as port, _ours() as ours, bare() as theirs:
        places = urls(port, feeds)
        await _round(ours, places, changed=0), await _round(theirs, places, changed=0)  # names are looked up
        # One beside the other, so that both see the same machine.
        rounds = [
            [await _round(ask, places, changed) for ask in (ours, theirs) for changed in (0, feeds // 100)]
            for _ in range(scale.some(1, ROUNDS))
        ]
    figures = [
        (median(one.cpu for one in each) / feeds * MICRO, median(one.wall for one in each))
        for each in zip(*rounds, strict=True)
    ]
    return [
        row
        for what, mine, theirs in (("all unchanged", *figures[::2]), ("one in a hundred new", *figures[1::2]))
        for row in _rows(f"fetch {feeds:,} feeds, {what}", mine, theirs)
    ]


def _rows(name: str, mine: tuple[float, float], theirs: tuple[float, float]) -> list[Row]:
    beside = "bare aiohttp"
    return [
        Row(f"{name}: CPU a feed", "µs", mine[:1], theirs[:1], beside, at_most_times(1.5)),
        Row(f"{name}: the round", "s", mine[1:], theirs[1:], beside, at_most_times(1.5)),
    ]


async def _round(ask: Ask, urls: list[str], changed: int) -> Spent:
    """Ask for each once, as many at once as the fetcher would; so many have changed."""
    waiting = iter([(url, '"0"' if number < changed else '"1"') for number, url in enumerate(urls)])
    got: list[int] = []

    async def work() -> None:
        for url, etag in waiting:
            got.append(await ask(url, etag))

    with spent() as figures:
        await asyncio.gather(*[work() for _ in range(LIMITS.together)])
    expect((got.count(304), got.count(200)), (len(urls) - changed, changed), "unchanged and changed feeds")
    return figures


def urls(port: int, feeds: int) -> list[str]:
    """Feeds of many hosts, in no order."""
    places = [f"http://news{number // FEEDS_A_HOST}.example:{port}/feeds/{number}.xml" for number in range(feeds)]
    random.Random(7).shuffle(places)  # noqa: S311  made-up news
    return places


@asynccontextmanager
async def _ours() -> AsyncIterator[Ask]:
    fetcher = Fetcher(
        Allowed.parse(SERVER),
        user_agent("news@example.org"),
        lambda: datetime.now(UTC),
        limits=LIMITS,
        lookup=lambda _host: [SERVER],
    )

    async def ask(url: str, etag: str) -> int:
        return (await fetcher.get(url, etag=etag)).status

    try:
        yield ask
    finally:
        await fetcher.close()


@asynccontextmanager
async def bare() -> AsyncIterator[Ask]:
    connector = aiohttp.TCPConnector(resolver=Here(), limit=LIMITS.together, limit_per_host=LIMITS.each_host)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def ask(url: str, etag: str) -> int:
            headers = {"User-Agent": "Bare", "Accept": FEEDS, "If-None-Match": etag}
            async with session.get(url, headers=headers) as answer:
                await answer.read()
                return answer.status

        yield ask


@asynccontextmanager
async def serving(*how: str) -> AsyncIterator[int]:
    with on_core(1):
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(Path(feed_server.__file__)), *how, stdout=asyncio.subprocess.PIPE
        )
    try:
        with on_core(0):
            line = (await process.stdout.readline()).decode()
            yield int(line.removeprefix("listening on "))
    finally:
        process.kill()
        await process.wait()
