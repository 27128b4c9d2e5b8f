"""More news than can be sent: messages get fuller, not later, and nothing is lost.

The clock is handed in: what would take an hour is done as fast as the store goes.
"""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from corpus import NOW, Corpus
from following import follow, follow_alike
from measuring import MICRO, MILLI, Row, Scale, at_most, expect, remove, spent

from bot.push.announcer import MAILBOXES_A_CHUNK
from bot.push.sender import LEASE
from storage import EVERYTHING, Announced, Claim, Delivery, Lease, Outcome, Owed, Settlement, Store, open_store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

T = TypeVar("T")

BOT = 1
SHOWN = 20  # in one message
ARTICLES = 60
BETWEEN = timedelta(seconds=10)
OPENED, PAGE = 36, 10


@dataclass(slots=True)
class Told:
    """What the chats were given, kept beside the store. Positions are bits of a number."""

    given: Counter[int] = field(default_factory=Counter)
    """Chat -> what was shown to it or counted."""
    lists: dict[int, int] = field(default_factory=dict)
    """Key -> what it must open."""
    messages: int = 0

    def record(self, chat: int, owed: Owed, delivery: Delivery) -> None:
        """Note a message. Nothing in it may have been in one before."""
        shown, counted = _bits(delivery.positions), 0
        if delivery.key:
            [passed] = owed.rest.passed
            counted = _bits(range(passed.after + 1, passed.through + 1)) & ~shown & ~_bits(owed.rest.without)
            self.lists[delivery.key] = counted
        expect(counted.bit_count(), delivery.more, "how many are counted")
        expect((shown | counted) & self.given[chat], 0, f"given to chat {chat} again")
        self.given[chat] |= shown | counted
        self.messages += 1


@dataclass(slots=True)
class Queue:
    """Since when each chat is due, kept beside the store."""

    since: dict[int, datetime] = field(default_factory=dict)
    chats_since: Counter[datetime] = field(default_factory=Counter)
    longest: timedelta = timedelta()

    def join(self, chats: Iterable[int], now: datetime) -> None:
        """They are due, since now unless they were."""
        for chat in chats:
            if chat not in self.since:
                self.since[chat] = now
                self.chats_since[now] += 1

    def leave(self, chat: int, now: datetime) -> None:
        """It is the chat's turn: nobody may have waited longer."""
        since = self.since.pop(chat)
        expect(since, min(self.chats_since), f"since when whoever is next waits, where chat {chat} is")
        self.longest = max(self.longest, now - since)
        self.chats_since[since] -= 1
        if not self.chats_since[since]:
            del self.chats_since[since]


@dataclass(slots=True)
class Cost:
    """Seconds of CPU."""

    turns: float = 0.0
    longest: float = 0.0
    """Of what one transaction does, and of a few that are done together."""

    async def of(self, writing: Awaitable[T]) -> T:
        with spent() as took:
            result = await writing
        self.longest = max(self.longest, took.cpu)
        return result


@dataclass(slots=True)
class Flood:
    """A store under load, a second after the other."""

    store: Store
    lease: Lease
    chats: range
    news: Corpus = field(default_factory=Corpus)
    keys: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    told: Told = field(default_factory=Told)
    queue: Queue = field(default_factory=Queue)
    cost: Cost = field(default_factory=Cost)

    async def arrive(self, now: datetime) -> None:
        """An article comes, is announced, and wakes all."""
        head = await self.store.log.head()
        [article] = self.news.articles(1)
        await self.store.articles.add([article], arrived=now, push_since=article.published)
        announced = await self.store.log.announce(self.lease, now=now, limit=1)
        expect(announced, Announced((head + 1,), 1, waiting=False), "announced")
        while await self.cost.of(self.store.log.wake(self.lease, now=now, limit=MAILBOXES_A_CHUNK)):
            pass
        self.queue.join(self.chats, now)

    async def send(self, now: datetime, limit: int) -> bool:
        """Give so many chats their turn, as the sender does. Whether any was due."""
        mailboxes = self.store.mailboxes
        with spent() as took:
            claims = await self.cost.of(mailboxes.claim(BOT, now=now, lease=LEASE, limit=limit))
            owed = await mailboxes.owed(claims, now=now)
            given = [_settlement(claim, owing, now, next(self.keys)) for claim, owing in zip(claims, owed, strict=True)]
            settled = await self.cost.of(asyncio.gather(*(mailboxes.settle(one, now=now) for one in given)))
        self.cost.turns += took.cpu
        expect(all(settled), wanted=True, what="settled")
        expect(len({claim.mailbox.place.chat for claim in claims}), len(claims), "chats in turn")
        for settlement, owing in zip(given, owed, strict=True):
            chat = settlement.claim.mailbox.place.chat
            self.queue.leave(chat, now)
            [delivery] = settlement.deliveries
            self.told.record(chat, owing, delivery)
        return bool(claims)


async def run(scale: Scale) -> list[Row]:
    chats = range(1, scale.some(1_000, 100_000) + 1)
    path = scale.folder / "overload.db"
    remove(path)
    async with open_store(f"sqlite:///{path}") as store:
        await follow(store, BOT, [(1, EVERYTHING)])
    follow_alike(path, BOT, ((chat, 1) for chat in chats[1:]))
    async with open_store(f"sqlite:///{path}") as store:
        lease = await store.leases.gain("announcer", now=NOW, duration=timedelta(days=1))
        assert lease
        flood = Flood(store, lease, chats)
        # As many messages a second for each chat, whatever the scale.
        most = await _flooded(flood, path, timedelta(seconds=scale.some(10, 1)), scale.some(3, 30))
        expect(set(flood.told.given.values()), {_bits(range(1, ARTICLES + 1))}, "what each chat was given")
        await _open(store, flood.told)
    sizes = _size_of(path, "log", "match"), _size_of(path, "delivery")
    remove(path)
    what, told, cost = f"overload: {ARTICLES} articles for {len(chats):,} chats", flood.told, flood.cost
    return [
        Row(f"{what}: messages", "", (told.messages,)),
        Row("overload: articles a message", "", (ARTICLES * len(chats) / told.messages,)),
        Row("overload: lists that count what they do not show", "", (len(told.lists),)),
        Row("overload: chats due at once", "", (most,), goal=at_most(len(chats))),
        Row("overload: longest wait for a turn", "s", (flood.queue.longest.total_seconds(),)),
        Row("overload: a chat's turn in the store: CPU", "µs", (cost.turns / told.messages * MICRO,)),
        Row("overload: CPU of a transaction, longest", "ms", (cost.longest * MILLI,), goal=at_most(50)),
        Row("overload: the log and its matches", "MB", (sizes[0],), goal=at_most(5)),
        Row("overload: the deliveries", "MB", (sizes[1],)),
    ]


async def _flooded(flood: Flood, path: Path, step: timedelta, a_step: int) -> int:
    """Let all articles come, and send until nothing is due. Returns how many chats were due at most."""
    now, come, most = NOW, 0, 0
    while True:
        if come < ARTICLES and now >= NOW + come * BETWEEN:
            await flood.arrive(now)
            come += 1
            most = max(most, _due(path))
        if not await flood.send(now, a_step) and come == ARTICLES:
            break
        now += step
    expect(await flood.store.mailboxes.next_due(BOT), None, "due in the end")
    expect(flood.queue.since, {}, "whom the store left waiting")
    return most


def _settlement(claim: Claim, owed: Owed, now: datetime, key: int) -> Settlement:
    """As the sender's after a message that was sent."""
    shown = tuple(one.position for one in owed.articles[:SHOWN])
    counted = len(owed.articles) - len(shown) + owed.more
    delivery = Delivery(shown, Outcome.SENT, now, message=1)
    if counted:
        delivery = Delivery(shown, Outcome.SENT, now, message=1, key=key, more=counted, rest=owed.rest)
    return Settlement(claim, owed.cursors, (delivery,))


async def _open(store: Store, told: Told) -> None:
    """Some of the lists open what they counted."""
    expect(bool(told.lists), wanted=True, what="lists that count")
    for key in list(told.lists)[:: max(1, len(told.lists) // OPENED)]:
        page = await store.mailboxes.more(key, now=NOW, limit=PAGE)
        opened = [one.id for one in page.articles]
        while page.newer:
            page = await store.mailboxes.more(key, now=NOW, limit=PAGE, cursor=page.newer)
            opened += [one.id for one in page.articles]
        # Articles came one by one: their numbers are their positions.
        expect((len(opened), _bits(opened)), (told.lists[key].bit_count(), told.lists[key]), "opened")


def _bits(positions: Iterable[int]) -> int:
    return sum(1 << position for position in positions)


def _due(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM mailbox WHERE due_at IS NOT NULL").fetchone()[0])


def _size_of(path: Path, *tables: str) -> float:
    """Megabytes that the tables take with their indexes."""
    with closing(sqlite3.connect(path)) as connection:
        return (
            sum(
                connection.execute(
                    "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name = ?)",
                    (table,),
                ).fetchone()[0]
                for table in tables
            )
            / 1e6
        )
