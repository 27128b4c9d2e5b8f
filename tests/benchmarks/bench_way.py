"""The way from publication to Telegram's message through `newscrier run`: by POST; and how much can be posted."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import aiohttp
from corpus import Corpus
from following import follow
from measuring import MICRO, Row, Scale, at_most, cpu_of, expect, remove, spread
from pushing import FIRST_CHAT, bot_of
from running import Child, newscrier, running
from sandbox import Sandbox

from storage import NewArticle, Query, open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

KEY = "a-key-for-benchmarks"
HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
A_CALL = 500
LOOKS_SECONDS = 0.005


async def run(scale: Scale) -> list[Row]:
    articles = scale.some(15, 300)
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox.start(judged=False))
        desk = await stack.enter_async_context(_desk(scale, sandbox, articles))
        took = [await desk.way(number) for number in range(articles)]
        many = await desk.in_calls(scale.some(100, 5_000))
        single = await desk.one_by_one(scale.some(20, 500))
        large = await desk.beside_a_large_call(scale.some(1, 10))
    return [
        Row("publication to message, by POST", "ms", spread(took), goal=at_most(100)),
        Row(f"POST: articles in calls of {A_CALL}", "articles/s", (many.rate,)),
        Row(f"POST: articles in calls of {A_CALL}: CPU each", "µs", (many.cpu,)),
        Row("POST: articles one by one", "articles/s", (single.rate,)),
        Row("POST: articles one by one: CPU each", "µs", (single.cpu,)),
        Row("POST: another request beside calls of 9 MB", "ms", spread(large)),
    ]


class Posted:
    """How articles went in."""

    def __init__(self, articles: int, seconds: float, cpu: float) -> None:
        self.rate = articles / seconds
        """A second."""
        self.cpu = cpu / articles * MICRO
        """Microseconds each."""


class Desk:
    """A program that posts to a running bot, of which each chat follows a topic of its own."""

    def __init__(self, sandbox: Sandbox, child: Child, url: str, session: aiohttp.ClientSession) -> None:
        self._sandbox = sandbox
        self._child = child
        self._url = url
        self._session = session
        self._corpus = Corpus()

    async def way(self, number: int) -> float:
        """Seconds from publication to the message in the chat that follows this number's topic."""
        [article] = self._corpus.articles(1)
        said = {**_said(article), "id": f"way {number}", "topics": [_topic(number)]}
        begun = time.monotonic()
        await self._post(said)
        [record] = await self._sandbox.wait_for(chat=FIRST_CHAT + number)
        return float(record["at"]["monotonic"]) - begun

    async def in_calls(self, count: int) -> Posted:
        """Post so many articles, many at a time."""
        articles = [{**_said(article), "id": f"many {at}"} for at, article in enumerate(self._corpus.articles(count))]
        return await self._posted([articles[at : at + A_CALL] for at in range(0, count, A_CALL)])

    async def one_by_one(self, count: int) -> Posted:
        """Post so many articles, one after the other."""
        articles = self._corpus.articles(count)
        return await self._posted([[{**_said(article), "id": f"one {at}"}] for at, article in enumerate(articles)])

    async def _posted(self, calls: Sequence[list[dict[str, Any]]]) -> Posted:
        bodies = [json.dumps(call).encode() for call in calls]
        before, begun = cpu_of(self._child.pid), time.perf_counter()
        counts = [await self._post_body(body) for body in bodies]
        seconds, cpu = time.perf_counter() - begun, cpu_of(self._child.pid) - before
        expect(counts, [{"new": len(call)} for call in calls], "articles taken")
        return Posted(sum(map(len, calls)), seconds, cpu)

    async def beside_a_large_call(self, calls: int) -> list[float]:
        """Seconds that another request takes while articles of nothing but letters, 9 MB a call, are known already."""
        said = [{"source": "Large", "title": "x", "id": at, "body": "letters " * 56_000} for at in range(20)]
        body = json.dumps(said).encode()
        await self._post_body(body)
        took = []

        async def look() -> None:
            while True:
                begun = time.perf_counter()
                async with self._session.get(f"{self._url}/healthz") as response:
                    await response.read()
                took.append(time.perf_counter() - begun)
                await asyncio.sleep(LOOKS_SECONDS)

        looking = asyncio.create_task(look())
        for _ in range(calls):
            await self._post_body(body)
        looking.cancel()
        await asyncio.wait([looking])
        return took

    async def _post(self, said: dict[str, Any]) -> None:
        expect(await self._post_body(json.dumps(said).encode()), {"new": 1}, "articles taken")

    async def _post_body(self, body: bytes) -> dict[str, int]:
        async with self._session.post(f"{self._url}/articles", data=body, headers=HEADERS) as response:
            answer = await response.json()
        expect(response.status, 200, f"answer to a POST ({answer.get('error') or answer['counts']})")
        return answer["counts"]


@asynccontextmanager
async def _desk(scale: Scale, sandbox: Sandbox, chats: int) -> AsyncIterator[Desk]:
    database = scale.folder / "way.db"
    remove(database)  # what a run that was killed has left
    await sandbox.add_people(chats, FIRST_CHAT, started=True)
    async with open_store(f"sqlite:///{database}") as store:
        queries = ((FIRST_CHAT + number, Query.parse(f"topic:{_topic(number)}")) for number in range(chats))
        await follow(store, bot_of(sandbox), queries)
    address = _free_address()
    command, settings = newscrier(sandbox, database)
    settings |= {"NEWSCRIER_INTAKE_KEY": KEY, "NEWSCRIER_LISTEN": address}
    try:
        async with running(command, settings, scale.folder, "running") as child, aiohttp.ClientSession() as session:
            yield Desk(sandbox, child, f"http://{address}", session)
    finally:
        remove(database)


def _topic(number: int) -> str:
    return f"way-{number}"


def _said(article: NewArticle) -> dict[str, Any]:
    """The article as a program hands it in, published now."""
    return {
        "source": article.source,
        "title": article.title,
        "body": article.body,
        "summary": article.summary,
        "language": article.language,
        "topics": article.topics,
        "published": datetime.now(UTC).isoformat(),
    }


def _free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"
