"""The way from a feed to Telegram's message through `newscrier run`: sent by a hub (WebSub), and polled for."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import random
import socket
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from feed_site import Site, item, rss, serving
from following import follow
from measuring import MILLI, Row, Scale, at_most, expect, remove, spread
from pushing import FIRST_CHAT, bot_of
from running import newscrier, running
from sandbox import Sandbox

from storage import NewFeed, Query, Source, open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Publish = Callable[[int, str], Awaitable[None]]

POLL_SECONDS = 10  # the shortest interval that can be set
WITHIN = 1  # second: so long after it is due a poll begins, is read, and what it brings is pushed


async def run(scale: Scale) -> list[Row]:
    feeds = scale.some(5, 200)
    async with _desk(scale, feeds, public=True) as desk:
        async with asyncio.timeout(60):
            await desk.hub.all_confirmed.wait()
        sent = [await desk.way(number, desk.send) for number in range(feeds)]
    rows = [Row("feed to message, by WebSub", "ms", spread(sent), goal=at_most(WITHIN * MILLI))]
    if not scale.quick:
        async with _desk(scale, feeds, public=False) as desk:
            chosen = random.Random(9)  # noqa: S311  when news comes

            async def come(number: int) -> float:
                await asyncio.sleep(POLL_SECONDS + chosen.random() * POLL_SECONDS)  # all have been polled once
                return await desk.way(number, desk.wait)

            polled = await asyncio.gather(*map(come, range(feeds)))
        goal = at_most(POLL_SECONDS + WITHIN)
        rows.append(Row(f"feed to message, polled each {POLL_SECONDS} s", "s", spread(polled, 1), goal=goal))
    return rows


@dataclass
class Hub:
    """Confirms at once whatever it is asked to send."""

    session: aiohttp.ClientSession
    feeds: int
    asked: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By topic: where to send, and what to sign with."""
    all_confirmed: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __call__(self, request: web.Request) -> web.Response:
        form = await request.post()
        topic, address, secret = (str(form[f"hub.{name}"]) for name in ("topic", "callback", "secret"))
        self.tasks.add(asyncio.create_task(self._confirm(topic, address, secret)))
        return web.Response(status=202)

    async def _confirm(self, topic: str, address: str, secret: str) -> None:
        said = {"mode": "subscribe", "topic": topic, "challenge": "42", "lease_seconds": "864000"}
        async with self.session.get(address, params={f"hub.{name}": value for name, value in said.items()}) as answer:
            expect(await answer.text(), "42", "what the bot answers to a hub")
        self.asked[topic] = address, secret
        if len(self.asked) == self.feeds:
            self.all_confirmed.set()

    async def send(self, topic: str, document: str) -> None:
        address, secret = self.asked[topic]
        signature = hmac.new(secret.encode(), document.encode(), hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature": f"sha256={signature}", "Content-Type": "application/rss+xml"}
        async with self.session.post(address, data=document.encode(), headers=headers) as answer:
            expect(answer.status, 202, "answer to a hub")


@dataclass
class _Desk:
    """A running bot, of which each chat follows a feed of its own."""

    sandbox: Sandbox
    site: Site
    hub: Hub

    async def way(self, number: int, publish: Publish) -> float:
        """Seconds from publication to the message."""
        path = f"/{number}.xml"
        now = datetime.now(UTC)
        document = self.document(number, item(f"Late news, number {number}", guid=f"late-{number}", at=now))
        begun = time.monotonic()
        self.site.answers[path] = document
        await publish(number, document)
        [record] = await self.sandbox.wait_for(chat=FIRST_CHAT + number)
        return float(record["at"]["monotonic"]) - begun

    async def send(self, number: int, document: str) -> None:
        await self.hub.send(f"{self.site.url}/{number}.xml", document)

    async def wait(self, _number: int, _document: str) -> None:
        """It is polled for."""

    def document(self, number: int, *items: str) -> str:
        old = item("Old news", guid=f"old-{number}", at=datetime.now(UTC) - timedelta(days=2))
        atom = "xmlns:a='http://www.w3.org/2005/Atom'"
        links = f"<a:link {atom} rel='self' href='{self.site.url}/{number}.xml'/>"
        links += f"<a:link {atom} rel='hub' href='{self.site.url}/hub'/>"
        return rss(*items, old, title=f"Feed {number}", more=links)


@asynccontextmanager
async def _desk(scale: Scale, feeds: int, *, public: bool) -> AsyncIterator[_Desk]:
    database = scale.folder / "feed_way.db"
    remove(database)  # what a run that was killed has left
    async with AsyncExitStack() as stack:
        stack.callback(remove, database)
        sandbox = await stack.enter_async_context(Sandbox.start(judged=False))
        site = await stack.enter_async_context(serving())
        session = await stack.enter_async_context(aiohttp.ClientSession())
        desk = _Desk(sandbox, site, Hub(session, feeds))
        site.answers = {f"/{number}.xml": desk.document(number) for number in range(feeds)} | {"/hub": desk.hub}
        await sandbox.add_people(feeds, FIRST_CHAT, started=True)
        async with open_store(f"sqlite:///{database}") as store:
            now = datetime.now(UTC)
            for number in range(feeds):
                wish = NewFeed(f"{site.url}/{number}.xml", Source(f"feed-{number}", f"Feed {number}"))
                _, claim = await store.feeds.add(wish, now=now, lease=timedelta(minutes=1))
                expect(claim is not None, wanted=True, what="a new feed")
                await store.feeds.put_off([(claim, now)])
            queries = ((FIRST_CHAT + number, Query.parse(f"source:feed-{number}")) for number in range(feeds))
            await follow(store, bot_of(sandbox), queries)
        command, settings = newscrier(sandbox, database)
        settings |= {"NEWSCRIER_FETCH_ALLOW": "127.0.0.1", "NEWSCRIER_POLL_MIN": f"{POLL_SECONDS}"}
        settings |= {"NEWSCRIER_POLL_MAX": f"{3600 if public else POLL_SECONDS}"}
        if public:
            address = _free_address()
            settings |= {"NEWSCRIER_LISTEN": address, "NEWSCRIER_PUBLIC_URL": f"http://{address}"}
        await stack.enter_async_context(running(command, settings, scale.folder, "running"))
        yield desk


def _free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"
