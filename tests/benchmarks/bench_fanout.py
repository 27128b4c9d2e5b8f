"""One article for very many chats: until all are due, and what others notice meanwhile."""

from __future__ import annotations

import asyncio
import itertools
import os
import sqlite3
import time
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from corpus import NOW, Corpus, vocabulary
from following import follow, follow_alike
from measuring import MILLI, Row, Scale, at_most, expect, memory_of, remove, spent, spread

from bot.push.announcer import MAILBOXES_A_CHUNK, PAUSE_SECONDS
from bot.push.sender import LEASE
from storage import EVERYTHING, Lease, Place, Query, Store, open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

BOT = 1
WORDS = 100
WITH_A_WORD = 10  # each so many-th chat follows a word beside everything
PAGE = 10
CLAIMS, CLAIMED = 50, 30
READ_SECONDS, WRITE_SECONDS, LOOK_SECONDS = 0.003, 0.01, 0.001  # between two of each


@dataclass(slots=True)
class Noticed:
    """Seconds that others waited."""

    latest: list[float] = field(default_factory=list)
    write: list[float] = field(default_factory=list)
    loop: list[float] = field(default_factory=list)
    """How much later than asked for the event loop went on."""


async def run(scale: Scale) -> list[Row]:
    chats = scale.some(5_000, 1_000_000)
    path = scale.folder / "fanout.db"
    remove(path)
    await _filled(path, chats, scale.some(20, 2_000))
    held, size = memory_of(os.getpid()), path.stat().st_size
    async with open_store(f"sqlite:///{path}") as store:
        lease, news = await _announcer(store), Corpus()
        await _announced(store, lease, news)
        alone = await _woken(store, lease)
        _expect_due(path, chats)
        bare = _bare_wake(path)
        _sleep(path)
        await _announced(store, lease, news, urgent=True)
        urgent = await _woken(store, lease)
        _expect_due(path, chats)
        _sleep(path)
        await _announced(store, lease, news)
        noticed = Noticed()
        async with _others(store, noticed, chats):
            with spent() as took:
                await _woken(store, lease)
        _expect_due(path, chats)
        claims = await _claimed(store)
        memory = memory_of(os.getpid()) - held
    grown = path.stat().st_size - size
    remove(path)
    return [
        Row(f"fan-out: an article to {chats:,} chats until all are due", "s", (took.wall,), goal=at_most(1.5)),
        Row(f"wake {chats:,} mailboxes: CPU in all", "ms", (sum(alone) * MILLI,), (bare * MILLI,), "one UPDATE"),
        Row(
            f"wake {chats:,} mailboxes for something urgent: CPU in all",
            "ms",
            (sum(urgent) * MILLI,),
            (bare * MILLI,),
            "one UPDATE",
        ),
        Row(
            "wake: CPU of a transaction, p50 / longest",
            "ms",
            (spread(alone)[0], max(alone) * MILLI),
            goal=at_most(50),
        ),
        Row(f"fan-out: claim {CLAIMED} of them: CPU", "ms", spread(claims)),
        Row("fan-out: /latest meanwhile", "ms", spread(noticed.latest), goal=at_most(1)),
        Row("fan-out: /latest meanwhile, longest", "ms", (max(noticed.latest) * MILLI,)),
        Row("fan-out: a person's write meanwhile", "ms", spread(noticed.write), goal=at_most(10)),
        Row("fan-out: a person's write meanwhile, longest", "ms", (max(noticed.write) * MILLI,)),
        Row("fan-out: the event loop went on late, longest", "ms", (max(noticed.loop) * MILLI,)),
        Row("fan-out: memory and file grown by", "MB", (memory, grown / 1e6)),
    ]


async def _filled(path: Path, chats: int, articles: int) -> None:
    """Chats 1 to `chats` follow everything, some of them a word beside."""
    words = [Query.parse(word) for word in vocabulary("en")[-WORDS:]]
    async with open_store(f"sqlite:///{path}") as store:
        await store.articles.add(list(Corpus(2).articles(articles)), arrived=NOW, push_since=NOW + timedelta(days=1))
        await follow(store, BOT, ((chat, EVERYTHING) for chat in range(1, WORDS + 2)))
        await follow(store, BOT, ((chat, word) for chat, word in enumerate(words, 1)))
    alike = itertools.cycle(range(1, WORDS + 1))
    follow_alike(
        path,
        BOT,
        ((chat, WORDS + 1 if chat % WITH_A_WORD else next(alike)) for chat in range(WORDS + 2, chats + 1)),
    )


async def _announcer(store: Store) -> Lease:
    lease = await store.leases.gain("announcer", now=NOW, duration=timedelta(hours=1))
    assert lease
    return lease


async def _announced(store: Store, lease: Lease, news: Corpus, *, urgent: bool = False) -> None:
    head = await store.log.head()
    [article] = news.articles(1)
    await store.articles.add([replace(article, urgent=urgent)], arrived=NOW, push_since=article.published)
    announced = await store.log.announce(lease, now=NOW, limit=1)
    expect(announced and announced.positions, (head + 1,), "announced")


async def _woken(store: Store, lease: Lease) -> list[float]:
    """Wake as the announcer does. Seconds of CPU of each transaction."""
    chunks = []
    more = True
    while more:
        with spent() as took:
            more = await store.log.wake(lease, now=NOW, limit=MAILBOXES_A_CHUNK)
        chunks.append(took.cpu)
        await asyncio.sleep(PAUSE_SECONDS)
    return chunks


async def _claimed(store: Store) -> list[float]:
    """Seconds of CPU of each claim."""
    claims = []
    for _ in range(CLAIMS):
        with spent() as took:
            claimed = await store.mailboxes.claim(BOT, now=NOW, lease=LEASE, limit=CLAIMED)
        expect(len(claimed), CLAIMED, "claimed")
        claims.append(took.cpu)
    return claims


@asynccontextmanager
async def _others(store: Store, noticed: Noticed, chats: int) -> AsyncIterator[None]:
    """Meanwhile people ask and follow, and somebody looks at the clock."""
    new = itertools.count(chats + 1)

    async def latest() -> None:
        expect(len((await store.articles.search(EVERYTHING, now=NOW, limit=PAGE)).articles), PAGE, "the latest")

    async def write() -> None:
        await store.subscriptions.add(Place(BOT, next(new)), EVERYTHING, now=NOW)

    over = asyncio.Event()
    tasks = [
        asyncio.create_task(_again(noticed.latest, latest, READ_SECONDS, over)),
        asyncio.create_task(_again(noticed.write, write, WRITE_SECONDS, over)),
        asyncio.create_task(_look(noticed.loop, over)),
    ]
    await asyncio.sleep(READ_SECONDS)
    yield
    over.set()
    await asyncio.gather(*tasks)


async def _again(times: list[float], do: Callable[[], Awaitable[None]], pause: float, over: asyncio.Event) -> None:
    while not over.is_set():
        begun = time.perf_counter()
        await do()
        times.append(time.perf_counter() - begun)
        await asyncio.sleep(pause)


async def _look(late: list[float], over: asyncio.Event) -> None:
    while not over.is_set():
        begun = time.perf_counter()
        await asyncio.sleep(LOOK_SECONDS)
        late.append(time.perf_counter() - begun - LOOK_SECONDS)


def _bare_wake(path: Path) -> float:
    _sleep(path)
    with closing(sqlite3.connect(path)) as connection, spent() as took:
        connection.execute("UPDATE mailbox SET due_at = 1")
        connection.commit()
    return took.cpu


def _sleep(path: Path) -> None:
    """Let nothing be due."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE mailbox SET due_at = NULL")
        connection.commit()


def _expect_due(path: Path, chats: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        due = connection.execute("SELECT count(*) FROM mailbox WHERE due_at IS NOT NULL AND chat <= ?", (chats,))
        expect(due.fetchone()[0], chats, "due")
