"""What a push costs part by part, and what the library's plain loops cost."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from measuring import MICRO, Row, Scale, expect, spent
from pushing import (
    CONNECTIONS,
    LATENCY_SECONDS,
    LIFTED,
    Sent,
    arrives,
    bot_of,
    chats_of,
    counted,
    followed,
    looped,
    news,
    stored,
)
from sandbox import Sandbox
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from bot.render.lists import pushed
from bot.transport.limiter import Limiter, Turn
from bot.transport.outgoing import Capabilities, send_message, to_json_arguments
from bot.transport.pacing import Pacing, Priority
from bot.transport.request import AiohttpRequest
from storage import Claim, Delivery, Outcome, Owed, OwedArticle, Place, Settlement, Store

if TYPE_CHECKING:
    from storage import Article

BATCH = 100
LEASE = timedelta(seconds=30)
UNLIMITED = 1_000_000  # messages a second
NAME = "push, part by part"


async def run(scale: Scale) -> list[Row]:
    messages = scale.some(150, 5_000)
    async with Sandbox.start() as sandbox, followed(scale, sandbox, messages) as (store, _):
        await sandbox.settings(latency=LATENCY_SECONDS)
        kept = await _kept(store, sandbox, messages)
        article = await stored(store)
        rendered = _rendered(article, messages)
        waited = await _waited(messages)
        sent = await _sent(sandbox, article, messages)
        aiohttp = await looped(sandbox, article, AiohttpRequest(connections=CONNECTIONS), messages)
        httpx = await looped(sandbox, article, HTTPXRequest(), messages // 10)
        limited = await _limited(sandbox, article, messages // 10)
    parts = [
        Row(f"{NAME}: the store (claim, read, settle)", "µs", (kept,)),
        Row(f"{NAME}: rendering", "µs", (rendered,)),
        Row(f"{NAME}: turns and pacing", "µs", (waited,)),
        Row(f"{NAME}: PTB and aiohttp", "µs", (sent.cpu,), (aiohttp.cpu,), "PTB's send_message over aiohttp"),
    ]
    total = kept + rendered + waited + sent.cpu
    beside = [("PTB over aiohttp", aiohttp), ("PTB as it comes", httpx), ("PTB with AIORateLimiter", limited)]
    return [
        *parts,
        *(
            Row(f"{NAME}: the sum", "µs", (total,), (loop.cpu,), f"{name}, {loop.rate:,.0f}/s")
            for name, loop in beside
            if loop
        ),
    ]


async def _kept(store: Store, sandbox: Sandbox, messages: int) -> float:
    """Microseconds of CPU a message for what the store does: a mailbox's turn, as sends that end together settle it."""
    now = datetime.now(UTC)
    await arrives(store, news())
    lease = await store.leases.gain("announcer", now=now, duration=timedelta(minutes=5))
    expect(lease is not None, True, "announcer's lease")  # noqa: FBT003  what is expected
    await store.log.announce(lease, now=now, limit=1)
    while await store.log.wake(lease, now=now, limit=1_000):
        pass
    served = 0
    with spent() as took:
        while served < messages:
            claims = await store.mailboxes.claim(bot_of(sandbox), now=now, lease=LEASE, limit=BATCH)
            owed = await store.mailboxes.owed(claims, now=now)
            ends = [_settlement(claim, owing, now) for claim, owing in zip(claims, owed, strict=True)]
            served += sum(await asyncio.gather(*(store.mailboxes.settle(end, now=now) for end in ends)))
            if not claims:
                break
    expect(served, messages, "turns")
    return took.cpu / messages * MICRO


def _settlement(claim: Claim, owed: Owed, now: datetime) -> Settlement:
    positions = tuple(one.position for one in owed.articles)
    return Settlement(claim, owed.cursors, (Delivery(positions, Outcome.SENT, now, message=1),))


def _rendered(article: Article, messages: int) -> float:
    with spent() as took:
        for _ in range(messages):
            message, _shown = pushed((OwedArticle(1, article, ("*",)),))
            to_json_arguments(message, Capabilities())
    return took.cpu / messages * MICRO


async def _waited(messages: int) -> float:
    """What waiting for a turn costs where a second's messages wait together and all are answered at once."""
    loop = asyncio.get_running_loop()
    limiter = Limiter(Pacing(UNLIMITED), max_pushes_in_flight=CONNECTIONS, clock=loop.time, chance=lambda: 0.0)
    await limiter.initialize()

    async def answer() -> bool:
        return True

    async def push(chat: int) -> None:
        turn = Turn(Priority.PUSH, loop.time() + 10)
        await limiter.process_request(answer, (), {}, "sendmessage", {"chat_id": str(chat)}, turn)

    with spent() as took:
        for start in range(0, messages, LIFTED):
            await asyncio.gather(*(push(chat) for chat in range(start, min(start + LIFTED, messages))))
    await limiter.shutdown()
    return took.cpu / messages * MICRO


async def _sent(sandbox: Sandbox, article: Article, messages: int) -> Sent:
    """What sending alone costs: no turns, nothing kept."""
    message, _shown = pushed((OwedArticle(1, article, ("*",)),))
    arguments = to_json_arguments(message, Capabilities())
    chats = iter(chats_of(messages))
    bot: ExtBot[Any] = ExtBot(
        sandbox.token,
        base_url=f"{sandbox.url}/bot",
        request=AiohttpRequest(connections=CONNECTIONS),
    )
    async with bot:

        async def send() -> None:
            for chat in chats:
                await send_message(bot, Place(bot.id, chat), None, 20.0, **arguments)

        async def send_all() -> None:
            await asyncio.gather(*(send() for _ in range(CONNECTIONS)))

        return await counted(sandbox, messages, send_all)


async def _limited(sandbox: Sandbox, article: Article, messages: int) -> Sent | None:
    """The library's own limiter, at the rate of paid broadcast."""
    if importlib.util.find_spec("aiolimiter") is None:
        print("AIORateLimiter is left out: aiolimiter, of the extra dev, is not installed", file=sys.stderr)
        return None
    return await looped(sandbox, article, HTTPXRequest(), messages, AIORateLimiter())
