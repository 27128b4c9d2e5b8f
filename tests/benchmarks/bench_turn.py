"""Delivering, in the store alone: a chat's turn (claim, read what is owed, settle)."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

from corpus import NOW, Corpus
from following import follow
from measuring import MICRO, MILLI, Row, Scale, at_most, expect, remove, spent

from bot.push.announcer import MAILBOXES_A_CHUNK
from storage import EVERYTHING, Announced, Claim, Delivery, Outcome, Owed, Place, Settlement, Store, open_store

if TYPE_CHECKING:
    from pathlib import Path

BOT = 1
BATCH = 100
LEASE = timedelta(seconds=30)


async def run(scale: Scale) -> list[Row]:
    mailboxes, messages = scale.some(2_000, 100_000), scale.some(1_000, 100_000)
    path = scale.folder / "turns.db"
    remove(path)
    async with open_store(f"sqlite:///{path}") as store:
        await follow(store, BOT, ((chat, EVERYTHING) for chat in range(1, mailboxes + 1)))
        await _woken(store)
        turns = min(mailboxes, 10_000)
        cpu = await _served(store, turns)
        moved = await _moved(store, path, messages)
    settled = _bare_settle(path, turns)
    remove(path)
    return [
        Row(
            "a chat's turn in the store (claim, owed, settle): CPU",
            "µs",
            (cpu / turns * MICRO,),
            (settled / turns * MICRO,),
            "its writes alone, executemany",
            at_most(60),
        ),
        Row(
            f"a chat that was sent {messages:,} messages moves into another: CPU",
            "ms",
            (moved * MILLI,),
            goal=at_most(50),
        ),
    ]


async def _woken(store: Store) -> None:
    """Announce an article and wake all."""
    [article] = Corpus().articles(1)
    await store.articles.add([article], arrived=NOW, push_since=article.published)
    lease = await store.leases.gain("announcer", now=NOW, duration=timedelta(hours=1))
    announced = lease and await store.log.announce(lease, now=NOW, limit=1)
    expect(announced, Announced((1,), 1, waiting=False), "announced")
    while await store.log.wake(lease, now=NOW, limit=MAILBOXES_A_CHUNK):
        pass


async def _served(store: Store, turns: int) -> float:
    """Seconds of CPU for so many mailboxes' turns, settled as they are when their sends end together."""
    served = 0
    with spent() as took:
        while served < turns:
            claims = await store.mailboxes.claim(BOT, now=NOW, lease=LEASE, limit=min(BATCH, turns - served))
            owed = await store.mailboxes.owed(claims, now=NOW)
            settlements = [_settlement(claim, owing) for claim, owing in zip(claims, owed, strict=True)]
            settled = await asyncio.gather(*(store.mailboxes.settle(one, now=NOW) for one in settlements))
            served += sum(settled)
            if not claims:
                break
    expect(served, turns, "turns")
    return took.cpu


def _settlement(claim: Claim, owed: Owed) -> Settlement:
    positions = tuple(one.position for one in owed.articles)
    return Settlement(claim, owed.cursors, (Delivery(positions, Outcome.SENT, NOW, message=1),))


async def _moved(store: Store, path: Path, messages: int) -> float:
    """Seconds of CPU until the first chat is the second's."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        for _ in range(messages):
            connection.execute(
                "INSERT INTO delivery (mailbox_id, bot, chat, message, positions, last, outcome, reason, at)"
                " SELECT id, bot, chat, 1, '[1]', 1, 'sent', '', 1 FROM mailbox WHERE id = 1"
            )
        connection.execute("COMMIT")
    with spent() as took:
        await store.mailboxes.move(BOT, 1, 2, now=NOW)
    followed = [len(await store.subscriptions.all(Place(BOT, chat))) for chat in (1, 2)]
    expect(followed, [0, 1], "what the two chats follow")
    return took.cpu


def _bare_settle(path: Path, turns: int) -> float:
    """The three rows that a turn writes, a batch to a transaction."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection, spent() as took:
        for start in range(1, turns, BATCH):
            ids = [(id_,) for id_ in range(start, start + BATCH)]
            connection.execute("BEGIN")
            connection.executemany("UPDATE mailbox SET due_at = NULL, token = NULL WHERE id = ?", ids)
            connection.executemany("UPDATE subscription SET cursor = cursor + 1 WHERE mailbox_id = ?", ids)
            connection.executemany(
                "INSERT INTO delivery (mailbox_id, bot, chat, message, positions, last, outcome, reason, at)"
                " SELECT ?, 1, 1, 1, '[1]', 1, 'sent', '', 1",
                ids,
            )
            connection.execute("COMMIT")
    return took.cpu
