"""What the benchmarks of pushing share: a sandbox's chats that follow everything, an article for them, plain loops."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from corpus import Corpus
from following import follow
from measuring import MICRO, Scale, expect, remove, spent
from telegram.ext import ExtBot

from bot.render.article import card
from bot.transport.outgoing import Capabilities, to_arguments
from storage import EVERYTHING, Article, NewArticle, Store, open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from pathlib import Path

    from sandbox import Sandbox
    from telegram.ext import BaseRateLimiter
    from telegram.request import BaseRequest

LIFTED = 1_000
CONNECTIONS = 64
LATENCY_SECONDS = 0.05
FIRST_CHAT = 10_001


@dataclass(frozen=True, slots=True)
class Sent:
    """How messages went."""

    rate: float
    """A second."""
    cpu: float
    """Microseconds a message."""


@asynccontextmanager
async def followed(
    scale: Scale, sandbox: Sandbox, chats: int, name: str = "pushed"
) -> AsyncIterator[tuple[Store, Path]]:
    """A store in which so many chats of the sandbox follow everything."""
    database = scale.folder / f"{name}.db"
    remove(database)  # what a run that was killed has left
    await sandbox.add_people(chats, FIRST_CHAT, started=True)
    try:
        async with open_store(f"sqlite:///{database}") as store:
            await follow(store, bot_of(sandbox), ((chat, EVERYTHING) for chat in chats_of(chats)))
            yield store, database
    finally:
        remove(database)


def bot_of(sandbox: Sandbox) -> int:
    return int(sandbox.token.partition(":")[0])


def chats_of(count: int) -> range:
    return range(FIRST_CHAT, FIRST_CHAT + count)


def news() -> NewArticle:
    [article] = Corpus().articles(1)
    return replace(article, published=datetime.now(UTC), link="https://news.example/1")


async def arrives(store: Store, article: NewArticle) -> None:
    await store.articles.add([article], arrived=article.published, push_since=article.published)


async def stored(store: Store) -> Article:
    return (await store.articles.search(EVERYTHING, now=datetime.now(UTC), limit=1)).articles[0]


async def looped(
    sandbox: Sandbox,
    article: Article,
    request: BaseRequest,
    messages: int,
    limiter: BaseRateLimiter[Any] | None = None,
) -> Sent:
    """The same message to as many chats, by the library's `send_message` and nothing else."""
    arguments: dict[str, Any] = to_arguments(card(article, ("*",)), Capabilities())
    if limiter:
        arguments["allow_paid_broadcast"] = True
    chats = iter(chats_of(messages))
    async with ExtBot(sandbox.token, base_url=f"{sandbox.url}/bot", request=request, rate_limiter=limiter) as bot:

        async def send() -> None:
            for chat in chats:
                await bot.send_message(chat_id=chat, **arguments)

        async def send_all() -> None:
            await asyncio.gather(*(send() for _ in range(CONNECTIONS)))

        return await counted(sandbox, messages, send_all)


async def counted(sandbox: Sandbox, messages: int, work: Callable[[], Any]) -> Sent:
    """What it took until the sandbox had so many messages more."""
    last = await sandbox.last()
    with spent() as took:
        await work()
        await arrived(sandbox, last + messages)
    records = await sandbox.brief(after=last)
    expect(len({record["chat"] for record in records}), messages, "chats written to")
    return Sent(rate_of(times_of(records)), took.cpu / messages * MICRO)


async def arrived(sandbox: Sandbox, last: int, within: float = 300.0) -> None:
    """Wait until the sandbox has so many records."""
    async with asyncio.timeout(within):
        while await sandbox.last() < last:  # noqa: ASYNC110  it is another process that counts
            await asyncio.sleep(0.05)


def times_of(records: Sequence[dict[str, Any]]) -> list[float]:
    return sorted(record["at"]["monotonic"] for record in records)


def rate_of(times: Sequence[float]) -> float:
    return (len(times) - 1) / (times[-1] - times[0])


def most_in_a_second(times: Sequence[float]) -> int:
    most = start = 0
    for end, at in enumerate(times):
        while at - times[start] >= 1:
            start += 1
        most = max(most, end - start + 1)
    return most


@contextmanager
def on_core(number: int) -> Iterator[None]:
    """What is started within runs on this core of ours alone, where there are several."""
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(ours)[number % len(ours)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, ours)
