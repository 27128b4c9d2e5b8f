"""What hostile feeds and pages cost the process that reads them, and what those who ask meanwhile notice of it."""

from __future__ import annotations

import asyncio
import gc
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bulk import filled
from corpus import NOW
from hostile import FEEDS, PAGES
from measuring import (
    MICRO,
    MILLI,
    BrokenBenchmarkError,
    Row,
    Scale,
    at_most,
    cpu_of,
    expect,
    loop_watched,
    memory_of,
    spent,
    spread,
)
from running import WARM_SECONDS, newscrier, running
from sandbox import Sandbox

from bot.intake.parsing.entries import Entry, FeedDocument, UnreadableError
from bot.intake.processes.jobs import read_feed, read_page
from bot.intake.processes.workers import Workers
from bot.waiting import doing
from storage import EVERYTHING, Store, open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from hostile import Hostile

SIZE = 9_800_000  # what comes after 10 MB is not read
QUICK_SIZE = 20_000
PAUSE = 0.003
PLAIN_FEED = FEEDS[13].data(20_000)
PLAIN_PAGE = PAGES[0].data(100)
SETTINGS = {"url": "https://shore.example/", "zone": "UTC", "now": NOW}


@dataclass(slots=True)
class Cost:
    """What the processes of some workers have taken."""

    cpu: dict[int, float] = field(default_factory=dict)
    peak: float = 0.0

    def look(self, workers: Workers) -> None:
        for pid in workers.pids:
            with suppress(OSError, BrokenBenchmarkError):  # it ends just now
                self.cpu[pid] = cpu_of(pid)
                self.peak = max(self.peak, memory_of(pid, "VmHWM"))

    async def keep_looking(self, workers: Workers) -> None:
        while True:
            self.look(workers)
            await asyncio.sleep(PAUSE)


async def run(scale: Scale) -> list[Row]:
    path = await filled(scale, scale.size)
    inputs = await asyncio.to_thread(_written, scale)
    gc.collect()
    gc.freeze()  # as the bot does; benchmarks have made much more
    alone: list[float] = []
    asked: list[float] = []
    turns: list[float] = []
    async with open_store(f"sqlite:///{path}") as store:
        async with _asked(store, alone):
            await asyncio.sleep(scale.some(0, 10) or 0.1)
        async with _asked(store, asked), loop_watched(turns):
            rows = await _read_all(scale, inputs)
    rows.append(Row("hostile: longest CPU", "s", (max(row.ours[0] for row in rows),), goal=at_most(2)))
    for file in inputs.values():
        file.unlink()
    what, beside = f"/latest while hostile inputs are read, {scale.size:,} articles", "when nothing is read"
    rows.append(Row(f"{what}: p50 / p99", "ms", spread(asked), spread(alone), beside))
    rows.append(Row(f"{what}: longest", "ms", (max(asked) * MILLI,), (max(alone) * MILLI,), beside, at_most(100)))
    rows.append(
        Row("what the bot's event loop does at once: longest CPU", "ms", (max(turns) * MILLI,), goal=at_most(5))
    )
    return rows + await _workers(scale) + await _service(scale, path)


def _written(scale: Scale) -> dict[Hostile, Path]:
    """All inputs as files: making them takes time in which nobody would be answered."""
    size = scale.some(QUICK_SIZE, SIZE)
    files = {}
    for number, hostile in enumerate((*FEEDS, *PAGES)[:: scale.some(5, 1)]):
        files[hostile] = scale.folder / f"hostile-{number}"
        files[hostile].write_bytes(hostile.data(size))
    return files


async def _read_all(scale: Scale, inputs: Mapping[Hostile, Path]) -> list[Row]:
    if scale.quick:
        async with Workers() as workers:
            return [await _read(workers, one, file) for one, file in inputs.items()]
    rows = []
    for one, file in inputs.items():
        async with Workers() as workers:  # a process's peak never falls
            await _warm(workers)
            rows.append(await _read(workers, one, file))
    return rows


async def _read(workers: Workers, hostile: Hostile, file: Path) -> Row:
    """CPU of the reader's process, and its greatest memory."""
    data = await asyncio.to_thread(file.read_bytes)
    cost = Cost()
    cost.look(workers)
    before = sum(cost.cpu.values())
    looking = asyncio.create_task(cost.keep_looking(workers))
    kept = await _kept(workers, hostile, data)
    cost.look(workers)
    looking.cancel()
    what = f"hostile: {hostile.name}, {len(data) / 1e6:.1f} MB: CPU / memory; {kept}"
    return Row(what, "s / MB", (sum(cost.cpu.values()) - before, cost.peak), goal=at_most(300))


async def _warm(workers: Workers) -> None:
    await workers.run(read_feed, PLAIN_FEED, content_type="application/xml", **SETTINGS)
    await workers.run(read_page, PLAIN_PAGE, content_type="text/html", **SETTINGS)


async def _kept(workers: Workers, hostile: Hostile, data: bytes) -> str:
    try:
        value = await workers.run(hostile.job, data, content_type=hostile.content_type, **SETTINGS)
    except UnreadableError as error:
        return str(error)[:60]
    if isinstance(value, FeedDocument):
        return f"{len(value.entries)} entries"
    if isinstance(value, Entry):
        return f"{len(value.body):,} characters"
    raise BrokenBenchmarkError(f"{value!r:.100}")


@asynccontextmanager
async def _asked(store: Store, seconds: list[float]) -> AsyncIterator[None]:
    """Ask for the newest articles all the time."""

    async def ask() -> None:
        while True:
            started = time.perf_counter()
            page = await store.articles.search(EVERYTHING, now=NOW, limit=10)
            seconds.append(time.perf_counter() - started)
            expect(len(page.articles), 10, "articles on a page")
            await asyncio.sleep(PAUSE)

    async with doing(ask()):
        yield


async def _workers(scale: Scale) -> list[Row]:
    """What a reader's process costs when nobody is hostile."""
    started = time.perf_counter()
    async with Workers() as workers:
        await workers.run(read_page, PLAIN_PAGE, content_type="text/html", **SETTINGS)
        first = time.perf_counter() - started
        (pid,) = workers.pids
        await _warm(workers)
        times = scale.some(20, 500)
        before = cpu_of(pid)
        with spent() as ours:
            for _ in range(times):
                with suppress(UnreadableError):
                    await workers.run(read_feed, b"", content_type="", **SETTINGS)
        each = (ours.cpu + cpu_of(pid) - before) / times
        expect(workers.pids, (pid,), "processes")
        held = memory_of(pid)
    return [
        Row("a reader: start to the first page read", "ms", (first * MILLI,)),
        Row("a reader: what a job costs beside reading: CPU of both", "us", (each * MICRO,), goal=at_most(1_000)),
        Row("a reader: memory after feeds and pages", "MB", (held,)),
    ]


async def _service(scale: Scale, path: Path) -> list[Row]:
    """The bot as it runs, and as many readers as there can be, each having read."""
    async with Sandbox.start() as sandbox, Workers() as one, Workers() as other:
        await asyncio.gather(_warm(one), _warm(other))
        async with running(*newscrier(sandbox, path), scale.folder, "running") as bot:
            await asyncio.sleep(scale.some(0, 1) * WARM_SECONDS)
            readers = sum(memory_of(pid) for workers in (one, other) for pid in workers.pids)
            whole = memory_of(bot.pid) + readers
    return [Row(f"the bot with {scale.size:,} articles, and two readers: memory", "MB", (whole,), goal=at_most(350))]
