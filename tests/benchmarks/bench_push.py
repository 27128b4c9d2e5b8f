"""From an article to Telegram's messages through `newscrier run`: at 30 a second, at 1,000, and when it says 429."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import push_parts
import push_throttled
from measuring import MICRO, Row, Scale, at_least, at_most, at_most_times, cpu_of, expect, spent
from pushing import (
    CONNECTIONS,
    LATENCY_SECONDS,
    LIFTED,
    arrived,
    arrives,
    bot_of,
    chats_of,
    followed,
    looped,
    most_in_a_second,
    news,
    on_core,
    rate_of,
    stored,
    times_of,
)
from running import newscrier, running
from sandbox import Sandbox
from telegram import Bot

from bot.render.article import card
from bot.transport.outgoing import Capabilities, to_arguments
from bot.transport.request import AiohttpRequest

if TYPE_CHECKING:
    from storage import Store

PER_SECOND = 30  # Telegram's limit, and the setting's default
# Telegram's free messages and the paid ones; a busy machine may bring two of them too near to each other.
LIMITS = {"per_second": PER_SECOND + 2, "per_chat_per_second": 1, "paid_per_second": 2 * LIFTED}
PAYS = {
    "NEWSCRIER_PAID_BROADCAST": "true",
    "NEWSCRIER_PAID_STARS_PER_DAY": "1000000",
    "NEWSCRIER_MESSAGES_PER_SECOND": str(LIFTED),
}


async def run(scale: Scale) -> list[Row]:
    return [
        *await _at_telegrams_pace(scale),
        *await _paid_for(scale),
        *await push_parts.run(scale),
        *await push_throttled.run(scale),
    ]


async def _at_telegrams_pace(scale: Scale) -> list[Row]:
    chats = scale.some(45, 500)
    async with (
        Sandbox.start() as sandbox,
        followed(scale, sandbox, chats) as (store, database),
        running(*newscrier(sandbox, database), scale.folder, "running") as child,
    ):
        article = news()
        before = cpu_of(child.pid)
        begun = time.monotonic()
        await arrives(store, article)
        await arrived(sandbox, chats, within=chats / PER_SECOND + 60)
        cpu = cpu_of(child.pid) - before
        records = await sandbox.brief()
        # Alone on a machine that sleeps between messages, each costs more than in a crowd: caches are cold.
        alone = await _paced(sandbox, store, scale.some(15, 150))
    expect(sorted(record["chat"] for record in records), list(chats_of(chats)), "chats written to")
    times = times_of(records)
    name = f"push to {chats} chats"
    return [
        Row(f"{name}: from article to first message", "s", (times[0] - begun,), goal=at_most(1)),
        Row(f"{name}: from article to last message", "s", (times[-1] - begun,), (chats / PER_SECOND,), "at 30/s"),
        Row(f"{name}: reached of {PER_SECOND}/s", "%", (rate_of(times) / PER_SECOND * 100,), goal=at_least(98)),
        Row(f"{name}: most in any second", "messages", (most_in_a_second(times),), goal=at_most(PER_SECOND + 2)),
        Row(
            f"{name}: CPU a message, polling and looking included",
            "µs",
            (cpu / chats * MICRO,),
            (alone,),
            "PTB over aiohttp at 30/s",
        ),
    ]


async def _paid_for(scale: Scale) -> list[Row]:
    """The whole process on one core, the sandbox on another."""
    chats = scale.some(300, 100_000)
    async with AsyncExitStack() as stack:
        with on_core(1):
            sandbox = await stack.enter_async_context(Sandbox.start(judged=False))
        store, database = await stack.enter_async_context(followed(scale, sandbox, chats))
        await sandbox.settings(latency=LATENCY_SECONDS, limits=LIMITS)
        async with AsyncExitStack() as life:
            command, settings = newscrier(sandbox, database)
            with on_core(0):
                bot = running(command, settings | PAYS, scale.folder, "running")
                child = await life.enter_async_context(bot)
            before = cpu_of(child.pid)
            await arrives(store, news())
            await arrived(sandbox, chats, within=chats / 100 + 60)
            cpu = cpu_of(child.pid) - before
        records, requests = await sandbox.brief(), await sandbox.requests()
        paid = await store.payments.spent(bot_of(sandbox), datetime.now(UTC).date())
        await sandbox.settings(limits={})
        alone = await looped(sandbox, await stored(store), AiohttpRequest(connections=CONNECTIONS), min(chats, 5_000))
    expect(sorted(record["chat"] for record in records), list(chats_of(chats)), "chats written to")
    times = times_of(records)
    name = f"push to {chats:,} chats, paid broadcast"
    each = cpu / chats * MICRO
    return [
        Row(f"{name}: reached of {LIFTED:,}/s", "%", (rate_of(times) / LIFTED * 100,), goal=at_least(99)),
        Row(f"{name}: most in any second", "messages", (most_in_a_second(times),), goal=at_most(LIFTED * 1.05)),
        Row(f"{name}: of a core", "%", (cpu / (times[-1] - times[0]) * 100,), goal=at_most(50)),
        Row(f"{name}: CPU a message", "µs", (each,), goal=at_most(450)),
        Row(f"{name}: CPU a message", "µs", (each,), (alone.cpu,), "PTB over aiohttp", at_most_times(1.35)),
        Row(f"{name}: refused", "messages", (requests["methods"]["sendMessage"].get("429", 0),), goal=at_most(0)),
        Row(f"{name}: messages paid for", "", (paid,), (requests["paid"],), "as Telegram counts"),
    ]


async def _paced(sandbox: Sandbox, store: Store, messages: int) -> float:
    """Microseconds of CPU a message when the library sends the same at Telegram's pace, and nothing else is done."""
    arguments: dict[str, Any] = to_arguments(card(await stored(store), ("*",)), Capabilities())
    async with Bot(sandbox.token, base_url=f"{sandbox.url}/bot", request=AiohttpRequest()) as bot:
        with spent() as took:
            for chat in chats_of(messages):
                await bot.send_message(chat_id=chat, **arguments)
                await asyncio.sleep(1 / PER_SECOND)
    return took.cpu / messages * MICRO
