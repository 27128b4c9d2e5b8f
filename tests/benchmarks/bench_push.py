"""From an article to Telegram's messages: at Telegram's pace through `newscrier run`, and as fast as it goes."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from corpus import Corpus
from following import follow
from measuring import MICRO, Row, Scale, at_least, at_most, at_most_times, cpu_of, expect, remove, spent
from running import newscrier, running
from sandbox import Sandbox
from telegram import Bot
from telegram.ext import ExtBot
from telegram.request import BaseRequest, HTTPXRequest

from bot.push.announcer import Announcer
from bot.push.giving import Clocks
from bot.push.sender import Sender
from bot.render.article import card
from bot.transport.limiter import Limiter
from bot.transport.outgoing import Capabilities, to_arguments
from bot.transport.pacing import Pacing
from bot.transport.request import AiohttpRequest
from storage import EVERYTHING, Article, NewArticle, Store, open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

PER_SECOND = 30  # Telegram's limit, and the setting's default
LIFTED = 1_000
CONNECTIONS = 64
LATENCY_SECONDS = 0.05
FIRST_CHAT = 10_001


async def run(scale: Scale) -> list[Row]:
    return [*await _at_telegrams_pace(scale), *await _as_fast_as_it_goes(scale)]


async def _at_telegrams_pace(scale: Scale) -> list[Row]:
    chats = scale.some(45, 500)
    async with (
        Sandbox.start() as sandbox,
        _followed(scale, sandbox, chats) as (store, database),
        running(*newscrier(sandbox, database), scale.folder, "running") as child,
    ):
        article = _news()
        before = cpu_of(child.pid)
        begun = time.monotonic()
        await _arrives(store, article)
        records = await sandbox.wait_for(chats, within=chats / PER_SECOND + 60)
        cpu = cpu_of(child.pid) - before
        # Alone on a machine that sleeps between messages, each costs more than in a crowd: caches are cold.
        alone = await _paced(sandbox, store, scale.some(30, 150))
    expect(
        sorted(record["chat"] for record in records), list(range(FIRST_CHAT, FIRST_CHAT + chats)), "chats written to"
    )
    times = sorted(record["at"]["monotonic"] for record in records)
    reached = (chats - 1) / (times[-1] - times[0]) / PER_SECOND
    name = f"push to {chats} chats"
    return [
        Row(f"{name}: from article to first message", "s", (times[0] - begun,), goal=at_most(1)),
        Row(f"{name}: from article to last message", "s", (times[-1] - begun,), (chats / PER_SECOND,), "at 30/s"),
        Row(f"{name}: reached of {PER_SECOND}/s", "%", (reached * 100,), goal=at_least(95)),
        Row(f"{name}: most in any second", "messages", (_most_in_a_second(times),), goal=at_most(PER_SECOND)),
        Row(
            f"{name}: CPU a message, polling and looking included",
            "µs",
            (cpu / chats * MICRO,),
            (alone,),
            "PTB over aiohttp at 30/s",
        ),
    ]


async def _as_fast_as_it_goes(scale: Scale) -> list[Row]:
    messages = scale.some(300, 5_000)
    async with Sandbox.start() as sandbox, _followed(scale, sandbox, messages) as (store, _):
        await sandbox.settings(latency=LATENCY_SECONDS)
        pushed = await _pushed(sandbox, store, messages)
        article = await _stored(store)
        aiohttp = await _sent(sandbox, article, AiohttpRequest(connections=CONNECTIONS), messages)
        httpx = await _sent(sandbox, article, HTTPXRequest(), messages // 10)
    pipeline = "push, limits lifted, 50 ms away"
    return [
        Row(f"{pipeline}: messages a second of {LIFTED:,}", "", (pushed.rate,), (aiohttp.rate,), "PTB over aiohttp"),
        Row(f"{pipeline}: CPU a message", "µs", (pushed.cpu,), (aiohttp.cpu,), "PTB over aiohttp", at_most_times(1.35)),
        Row(f"{pipeline}: CPU a message", "µs", (pushed.cpu,), (httpx.cpu,), "PTB as it comes", at_most(450)),
    ]


@dataclass(frozen=True, slots=True)
class Sent:
    """How messages went."""

    rate: float
    """A second."""
    cpu: float
    """Microseconds a message."""


@asynccontextmanager
async def _followed(scale: Scale, sandbox: Sandbox, chats: int) -> AsyncIterator[tuple[Store, Path]]:
    """A store in which so many chats of the sandbox follow everything."""
    database = scale.folder / "pushed.db"
    remove(database)  # what a run that was killed has left
    await sandbox.add_people(chats, FIRST_CHAT, started=True)
    try:
        async with open_store(f"sqlite:///{database}") as store:
            bot = int(sandbox.token.partition(":")[0])
            await follow(store, bot, ((chat, EVERYTHING) for chat in range(FIRST_CHAT, FIRST_CHAT + chats)))
            yield store, database
    finally:
        remove(database)


async def _arrives(store: Store, article: NewArticle) -> None:
    await store.articles.add([article], arrived=article.published, push_since=article.published)


def _news() -> NewArticle:
    [article] = Corpus().articles(1)
    return replace(article, published=datetime.now(UTC), link="https://news.example/1")


async def _pushed(sandbox: Sandbox, store: Store, messages: int) -> Sent:
    """Through announcer, sender, limiter and request, all in this process."""
    article = _news()
    clocks = Clocks(now=lambda: datetime.now(UTC), monotonic=asyncio.get_running_loop().time)
    limiter = Limiter(Pacing(LIFTED), max_pushes_in_flight=CONNECTIONS, clock=clocks.monotonic, chance=random.random)
    bot = ExtBot(
        sandbox.token,
        base_url=f"{sandbox.url}/bot",
        request=AiohttpRequest(connections=CONNECTIONS),
        rate_limiter=limiter,
    )
    async with bot:
        announcer = Announcer(store, clocks.now)
        sender = Sender(store, bot, Capabilities(), clocks, at_once=LIFTED)
        loops = [asyncio.create_task(announcer.run()), asyncio.create_task(sender.run())]
        await asyncio.sleep(0.2)  # both have looked, and wait
        sent = await _counted(sandbox, messages, lambda: _arrives(store, article))
        announcer.stop()
        sender.stop()
        await asyncio.gather(*loops)
    return sent


async def _stored(store: Store) -> Article:
    return (await store.articles.search(EVERYTHING, now=datetime.now(UTC), limit=1)).articles[0]


async def _paced(sandbox: Sandbox, store: Store, messages: int) -> float:
    """Microseconds of CPU a message when the library sends the same at Telegram's pace, and nothing else is done."""
    arguments: dict[str, Any] = to_arguments(card(await _stored(store), ("*",)), Capabilities())
    async with Bot(sandbox.token, base_url=f"{sandbox.url}/bot", request=AiohttpRequest()) as bot:
        with spent() as took:
            for chat in range(FIRST_CHAT, FIRST_CHAT + messages):
                await bot.send_message(chat_id=chat, **arguments)
                await asyncio.sleep(1 / PER_SECOND)
    return took.cpu / messages * MICRO


async def _sent(sandbox: Sandbox, article: Article, request: BaseRequest, messages: int) -> Sent:
    """The same message to as many chats, by the library's `send_message` and nothing else."""
    arguments: dict[str, Any] = to_arguments(card(article, ("*",)), Capabilities())
    chats = iter(range(FIRST_CHAT, FIRST_CHAT + messages))
    async with Bot(sandbox.token, base_url=f"{sandbox.url}/bot", request=request) as bot:

        async def send() -> None:
            for chat in chats:
                await bot.send_message(chat_id=chat, **arguments)

        async def send_all() -> None:
            await asyncio.gather(*(send() for _ in range(CONNECTIONS)))

        return await _counted(sandbox, messages, send_all)


async def _counted(sandbox: Sandbox, messages: int, work: Callable[[], Any]) -> Sent:
    """What it took until the sandbox had so many messages more."""
    last = await sandbox.last()
    arrived = asyncio.create_task(sandbox.wait_for(messages, after=last, within=120))
    with spent() as took:
        await work()
        # The answer holds every message: reading it is ours, not the pipeline's.
        while (await sandbox.last()) < last + messages:  # noqa: ASYNC110  it is another process that counts
            await asyncio.sleep(0.05)
    records = await arrived
    expect(len({record["chat"] for record in records}), messages, "chats written to")
    times = sorted(record["at"]["monotonic"] for record in records)
    return Sent((messages - 1) / (times[-1] - times[0]), took.cpu / messages * MICRO)


def _most_in_a_second(times: Sequence[float]) -> int:
    most = start = 0
    for end, at in enumerate(times):
        while at - times[start] >= 1:
            start += 1
        most = max(most, end - start + 1)
    return most
