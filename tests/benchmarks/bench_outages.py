"""Bad days of `newscrier run`: kills, stops and Telegram's faults; a database and a clock that fail it.

What is judged is what arrived: each article at each chat, once. Bots live side by side, each in a world of its own, and
most of the time they wait.
"""

from __future__ import annotations

import asyncio
import resource
import signal
import sqlite3
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any

import clocked
from following import follow
from forks import Fork, move_in
from measuring import BrokenBenchmarkError, Row, Scale, at_most, expect, remove
from sandbox import Sandbox, TooFewRecordsError

from bot.cli import run as newscrier_run
from storage import EVERYTHING, NewArticle, open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from storage import Store

    Befall = Callable[["World", float], Awaitable[None]]

Json = dict[str, Any]

WORLDS, QUICK_WORLDS = 5, 3
ENDS, QUICK_ENDS = 200, 3  # of all worlds together
IN_FLIGHT = 8  # what a kill may repeat at 30 messages a second
LATENCY_SECONDS = 0.1  # so that several sends are always in flight
FIRST_CHAT = 10_001
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
PATIENCE = 120.0
LIFE_SECONDS = 10.0  # of a bot that has nothing to send; a dead one's leases last 5
MOST_OWED = 10  # a list of more than 20 only counts the rest
HOUR = 3_600
LOSE_NO_ANSWER = ("429", "500", "reset_before")
SWALLOW_ANSWERS = ("reset_after", "hang_after")


async def kills(scale: Scale) -> list[Row]:
    """SIGKILL, SIGTERM and faults in the middle of pushing."""
    async with Sandbox.start() as sandbox:
        worlds = count(1)
        work = [_killed(scale, sandbox, worlds), _stopped(scale, sandbox, worlds), _mixed(scale, sandbox, worlds)]
        if scale.quick:
            return [row for rows in await asyncio.gather(*work) for row in rows]
        return [row for each in work for row in await each]


async def outages(scale: Scale) -> list[Row]:
    """A database that cannot be used for a while, and a clock that is set."""
    seconds = scale.some(1, 10)
    stories: dict[str, tuple[Befall, float]] = {
        "disk full": (_disk_full, seconds),
        "locked by another process": (_locked, scale.some(2, 60)),
        "file moved away and back": (_moved, seconds),
        "clock an hour back": (_clock_back, seconds),
    }
    async with Sandbox.start() as sandbox:
        worlds = count(101)
        rows = await asyncio.gather(
            *(
                _outage(_world(scale, sandbox, next(worlds), scale.some(10, 60)), name, *story)
                for name, story in stories.items()
            )
        )
    return [row for some in rows for row in some]


class World:
    """One bot, its chats that follow everything, and what it was given to push."""

    def __init__(self, sandbox: Sandbox, folder: Path, store: Store, chats: int) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.store = store
        self.chats = list(range(FIRST_CHAT, FIRST_CHAT + chats))
        self.titles: list[str] = []
        self.open_again: Callable[[], Awaitable[Store]]

    @property
    def database(self) -> Path:
        return self.folder / "news.db"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "NEWSCRIER_TOKEN": self.sandbox.token,
            "NEWSCRIER_API_URL": self.sandbox.url,
            "NEWSCRIER_METRICS_LISTEN": "off",
            "NEWSCRIER_DATABASE": f"sqlite:///{self.database}",
        }

    def begin(self, clock: Path | None = None) -> Fork:
        """Start the bot; by the clock that the file sets, if one is given."""
        self.process = Fork(_live, self.folder, self.environment, clock)
        return self.process

    async def publish(self) -> None:
        title = f"Headline {len(self.titles):04}"
        now = datetime.now(UTC)
        await self.store.articles.add([NewArticle("bell", title, title, now)], arrived=now, push_since=ALWAYS)
        self.titles.append(title)

    async def first_message(self, after: int) -> None:
        await self.sandbox.wait_for(after=after, within=PATIENCE)

    async def given(self) -> Given:
        """What has arrived so far."""
        seen: Counter[tuple[int, str]] = Counter()
        repeats = 0
        records = await self.sandbox.messages(kind="sent")
        for record in records:
            text = record["message"]["text"]
            pairs = [(record["chat"], title) for title in self.titles if title in text]
            repeats += any(pair in seen for pair in pairs)
            seen.update(pairs)
        had = Counter(chat for chat, _ in seen)
        owed = [len(self.titles) - had[chat] for chat in self.chats]
        return Given(len(records), sum(owed), repeats, max(owed))

    async def all_given(self) -> Given:
        """Wait until all has arrived, or nothing is owed any more; what has."""
        given = await self.given()
        while given.lost and await self._is_under_way():
            await asyncio.sleep(0.2)
            given = await self.given()
        return given

    async def _is_under_way(self) -> bool:
        """Whether the bot has something to announce or to send."""
        bot = int(self.sandbox.token.partition(":")[0])
        announced = await self.store.log.head() == len(self.titles)
        return not announced or await self.store.mailboxes.next_due(bot) is not None


@dataclass(frozen=True, slots=True)
class Given:
    """What came of a world."""

    messages: int
    lost: int
    """Articles that a chat never got."""
    repeats: int
    """Messages with something that their chat had."""
    most_owed: int = 0
    """Articles that one chat has not got."""

    def __add__(self, other: Given) -> Given:
        return Given(self.messages + other.messages, self.lost + other.lost, self.repeats + other.repeats)


@asynccontextmanager
async def _world(scale: Scale, sandbox: Sandbox, number: int, chats: int) -> AsyncIterator[World]:
    folder = scale.folder / f"world-{number}"
    folder.mkdir(exist_ok=True)
    database = folder / "news.db"
    remove(database)  # what a run that was killed has left
    ours = sandbox.other(f"{number}:benchmark")
    await ours.settings(latency=LATENCY_SECONDS)
    await ours.add_people(chats, FIRST_CHAT, started=True)
    try:
        async with AsyncExitStack() as stores:

            async def opened() -> Store:
                return await stores.enter_async_context(open_store(f"sqlite:///{database}"))

            store = await opened()
            world = World(ours, folder, store, chats)
            world.open_again = opened
            await follow(store, number, ((chat, EVERYTHING) for chat in world.chats))
            yield world
    finally:
        remove(database)


def _live(folder: Path, environment: dict[str, str], clock: Path | None) -> None:
    """Be `newscrier run`, in a process of its own."""
    move_in(folder, environment)
    if clock:
        sys.argv = ["newscrier", str(clock)]
        clocked.main()
    else:
        newscrier_run()


async def _ended(process: Fork) -> int:
    """Wait for its end; the exit code."""
    async with asyncio.timeout(PATIENCE):
        return await process.wait()


async def _stop(process: Fork, world: World) -> None:
    process.terminate()
    if code := await _ended(process):
        raise BrokenBenchmarkError(f"the bot ended with {code}: {(world.folder / 'output.txt').read_text()}")


async def _killed(scale: Scale, sandbox: Sandbox, worlds: count[int]) -> list[Row]:
    """SIGKILL at random moments, with faults of all kinds."""
    ends = scale.some(QUICK_ENDS, ENDS)
    return _rows("SIGKILL", ends, await _all_end(scale, sandbox, worlds, signal.SIGKILL), IN_FLIGHT * ends)


async def _stopped(scale: Scale, sandbox: Sandbox, worlds: count[int]) -> list[Row]:
    """SIGTERM at random moments, with faults that lose no answer."""
    ends = scale.some(QUICK_ENDS, ENDS)
    return _rows("SIGTERM", ends, await _all_end(scale, sandbox, worlds, signal.SIGTERM), 0)


async def _all_end(
    scale: Scale, sandbox: Sandbox, worlds: count[int], how: signal.Signals
) -> Sequence[tuple[Given, int]]:
    several = scale.some(QUICK_WORLDS, WORLDS)
    return await asyncio.gather(*(_end_often(scale, sandbox, next(worlds), how) for _ in range(several)))


def _rows(name: str, ends: int, done: Sequence[tuple[Given, int]], bound: int) -> list[Row]:
    given = sum((given for given, _ in done), Given(0, 0, 0))
    bound += sum(swallowed for _, swallowed in done)
    what = f"{ends} times {name} amid faults"
    return [
        Row(f"{what}: messages", "", (given.messages,)),
        Row(f"{what}: lost", "", (given.lost,), goal=at_most(0)),
        Row(f"{what}: repeated messages", "", (given.repeats,), (bound,), "may be", at_most(bound)),
    ]


async def _end_often(scale: Scale, sandbox: Sandbox, number: int, how: signal.Signals) -> tuple[Given, int]:
    """Let one bot be ended again and again; what came of it, and how many answers the faults may have swallowed."""
    random = Random(f"{number} {how}")  # noqa: S311  no secret
    kinds = LOSE_NO_ANSWER if how == signal.SIGTERM else LOSE_NO_ANSWER + SWALLOW_ANSWERS
    swallowed = 0
    async with _world(scale, sandbox, number, scale.some(20, 60)) as world:
        for _ in range(scale.some(QUICK_ENDS // QUICK_WORLDS, ENDS // WORLDS)):
            await asyncio.sleep(2 * LATENCY_SECONDS)  # what the last life sent is noted
            after = await world.sandbox.last()
            faults = _some_faults(random, world, kinds)
            swallowed += sum(fault["kind"] in SWALLOW_ANSWERS for fault in faults)
            if (await world.given()).most_owed < MOST_OWED:
                await world.publish()
            await world.sandbox.clear_faults()  # a chat that fails again and again waits longer each time
            await world.sandbox.faults(*faults)
            process = world.begin()
            with suppress(TooFewRecordsError):  # who is owed something may have to wait
                await world.sandbox.wait_for(after=after, within=LIFE_SECONDS)
            await asyncio.sleep(random.uniform(0, scale.some(1, 2)))
            process.kill() if how == signal.SIGKILL else process.terminate()
            expect(await _ended(process), -how if how == signal.SIGKILL else 0, "exit code")
        await world.sandbox.clear_faults()
        process = world.begin()
        given = await world.all_given()
        await _stop(process, world)
        return given + Given(0, 0, (await world.given()).repeats - given.repeats), swallowed


def _some_faults(random: Random, world: World, kinds: Sequence[str]) -> list[Json]:
    """One fault each for some of the chats."""
    struck = random.sample(world.chats, len(world.chats) // 5)
    return [{"kind": random.choice(kinds), "method": "sendMessage", "chat": chat, "times": 1} for chat in struck]


async def _mixed(scale: Scale, sandbox: Sandbox, worlds: count[int]) -> list[Row]:
    """One article on a good day, and one while most chats have a fault."""
    chats = scale.some(30, 500)
    async with _world(scale, sandbox, next(worlds), chats) as world:
        process = world.begin()
        shuffled = Random(4).sample(world.chats, chats)  # noqa: S311  no secret
        parts = [shuffled[start : start + chats // 10] for start in range(0, chats, chats // 10)]
        clean = {chat for part in parts[7:] for chat in part}
        await _last_of(world, clean)  # by then it runs, and caches are warm
        good = await _last_of(world, clean)
        kinds = ["429", "429", "500", "500", "reset_before", "reset_after", "429"]
        faults = [
            {"kind": kind, "method": "sendMessage", "chat": chat, "times": 1}
            for kind, part in zip(kinds, parts, strict=False)
            for chat in part
        ]
        twice = [dict(fault) for fault in faults if fault["chat"] in parts[6]]
        await world.sandbox.faults(*faults, *twice)
        bad = await _last_of(world, clean)
        given = await world.all_given()
        await _stop(process, world)
    name = f"faults for 70 % of {chats} chats"
    swallowed = chats // 10
    return [
        Row(f"{name}: lost", "", (given.lost,), goal=at_most(0)),
        Row(f"{name}: repeated messages", "", (given.repeats,), (swallowed,), "may be", at_most(swallowed)),
        Row(f"{name}: from article to the last of the others", "s", (bad,), (good,), "without faults"),
    ]


async def _last_of(world: World, chats: set[int]) -> float:
    """Publish; seconds until the last of these chats has the article."""
    after = await world.sandbox.last()
    await world.publish()
    begun = time.monotonic()
    missing = set(chats)
    last = 0.0
    while missing:
        records = await world.sandbox.wait_for(after=after, within=PATIENCE)
        after = records[-1]["seq"]
        missing -= {record["chat"] for record in records}
        last = records[-1]["at"]["monotonic"]
    return last - begun


async def _outage(made: AbstractAsyncContextManager[World], name: str, befall: Befall, seconds: float) -> list[Row]:
    """One article before the outage, one in it or right after; how long until the first message of that."""
    async with made as world:
        clock = world.folder / "ahead" if befall is _clock_back else None
        if clock:
            clock.write_text("0")
        process = world.begin(clock)
        await world.publish()
        await world.first_message(0)
        given = await world.all_given()
        after = await world.sandbox.last()
        await befall(world, seconds)
        over = time.monotonic()
        if len(world.titles) == 1:
            await world.publish()
        first, *_ = await world.sandbox.wait_for(after=after, within=PATIENCE)
        given = await world.all_given()
        await _stop(process, world)
    what = f"{name} for {seconds:g} s"
    return [
        Row(f"{what}: lost", "", (given.lost,), goal=at_most(0)),
        Row(f"{what}: repeated messages", "", (given.repeats,), goal=at_most(0)),
        Row(f"{what}: from its end to the first message", "s", (first["at"]["monotonic"] - over,), goal=at_most(5)),
    ]


async def _disk_full(world: World, seconds: float) -> None:
    """No file takes anything of the bot's, not even where it was longer before."""
    before = resource.prlimit(world.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(world.process.pid, resource.RLIMIT_FSIZE, (1, before[1]))
    await world.publish()
    await asyncio.sleep(seconds)
    resource.prlimit(world.process.pid, resource.RLIMIT_FSIZE, before)


async def _locked(world: World, seconds: float) -> None:
    with closing(sqlite3.connect(world.database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(seconds)
        connection.execute("ROLLBACK")


async def _moved(world: World, seconds: float) -> None:
    await world.store.close()
    away = world.folder / "away.db"
    world.database.rename(away)
    await asyncio.sleep(seconds)
    away.rename(world.database)
    world.store = await world.open_again()
    await world.publish()


async def _clock_back(world: World, _seconds: float) -> None:
    new = world.folder / "ahead.new"
    new.write_text(str(-HOUR))
    new.rename(world.folder / "ahead")
