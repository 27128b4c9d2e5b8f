"""What a 429 does to whom it concerns and to the others: for one chat, for one group, for the whole bot."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from following import follow
from measuring import Row, Scale, at_most, expect
from pushing import arrived, arrives, bot_of, chats_of, followed, news
from running import newscrier, running
from sandbox import Sandbox

from storage import EVERYTHING

if TYPE_CHECKING:
    from storage import Store

CHATS = 30
EVERYBODY = "the whole bot"


async def run(scale: Scale) -> list[Row]:
    seconds = scale.some(1, 60)
    async with Sandbox.start() as sandbox:
        worlds = [sandbox.other(f"{number}:benchmark") for number in (7_000_000_011, 7_000_000_012, 7_000_000_013)]
        rows = await asyncio.gather(
            _one(scale, worlds[0], "one chat", seconds),
            _one(scale, worlds[1], "one group", seconds),
            _all(scale, worlds[2], seconds),
        )
    return [row for some in rows for row in some]


async def _one(scale: Scale, sandbox: Sandbox, whom: str, seconds: int) -> list[Row]:
    """One chat is told to stay away; the others are not to notice."""
    async with followed(scale, sandbox, CHATS, whom.replace(" ", "-")) as (store, database):
        throttled = chats_of(CHATS)[0]
        chats = CHATS
        if whom == "one group":
            throttled = await _with_group(sandbox, store)
            chats += 1
        await sandbox.faults({"kind": "429", "chat": throttled, "times": 1, "retry_after": seconds})
        async with running(*newscrier(sandbox, database), scale.folder, "running"):
            after, begun = await _published(sandbox, store)
            await arrived(sandbox, after + chats, within=2 * seconds + 60)
            records = await sandbox.brief(after=after)
    waited = {record["chat"]: record["at"]["monotonic"] - begun for record in records}
    expect(len(waited), chats, "chats written to")
    own = waited.pop(throttled)
    name = f"push, a 429 of {seconds} s for {whom}"
    return [
        Row(f"{name}: it waited", "s", (own,), goal=at_most(_longest(seconds))),
        Row(f"{name}: of the others each at most", "s", (max(waited.values()),), (CHATS / 30,), "at 30/s", at_most(3)),
    ]


async def _all(scale: Scale, sandbox: Sandbox, seconds: int) -> list[Row]:
    """Every call is told to stay away, for so many seconds in all."""
    async with followed(scale, sandbox, CHATS, "all") as (store, database):
        await sandbox.faults({"kind": "429", "method": "sendMessage", "retry_after": seconds})
        async with running(*newscrier(sandbox, database), scale.folder, "running"):
            after, begun = await _published(sandbox, store)
            await asyncio.sleep(seconds)
            tried = (await sandbox.requests())["methods"]["sendMessage"]["429"]
            await sandbox.clear_faults()
            await arrived(sandbox, after + CHATS, within=2 * seconds + 60)
            records = await sandbox.brief(after=after)
    expect(len({record["chat"] for record in records}), CHATS, "chats written to")
    waits = [record["at"]["monotonic"] - begun for record in records]
    name = f"push, a 429 of {seconds} s for {EVERYBODY}"
    return [
        # A chat that was tried near the end of it waits for as long again.
        Row(f"{name}: each waited at most", "s", (max(waits),), goal=at_most(seconds + _longest(seconds))),
        Row(f"{name}: the first after it", "s", (min(waits) - seconds,), goal=at_most(3)),
        Row(f"{name}: tried in vain meanwhile", "messages", (tried,), goal=at_most(8 + 2 + seconds)),
    ]


async def _with_group(sandbox: Sandbox, store: Store) -> int:
    group: int = await sandbox.add_group(chats_of(CHATS)[1], bot="member")
    await follow(store, bot_of(sandbox), [(group, EVERYTHING)])
    return group


async def _published(sandbox: Sandbox, store: Store) -> tuple[int, float]:
    """An article comes: after which record, and when."""
    after: int = await sandbox.last()
    loop = asyncio.get_running_loop()
    await arrives(store, news())
    return after, loop.time()


def _longest(seconds: int) -> float:
    """What was asked for, the jitter on top, and the time until its turn."""
    return math.ceil(seconds + max(1.0, seconds / 10) + 2)
