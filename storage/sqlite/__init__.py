"""The engine for one machine: SQLite in WAL mode, so that readers never wait for writers."""

import asyncio
import math
from datetime import datetime, timedelta
from pathlib import Path

from storage.models import Change, Stats
from storage.sqlite.articles import SqliteArticles
from storage.sqlite.chats import SqliteChats
from storage.sqlite.connection import BUSY, Database
from storage.sqlite.deliveries import SqliteDeliveries
from storage.sqlite.embargoes import SqliteEmbargoes
from storage.sqlite.feeds import SqliteFeeds
from storage.sqlite.folders import SqliteFolders
from storage.sqlite.leases import SqliteLeases
from storage.sqlite.log import SqliteLog
from storage.sqlite.mailboxes import SqliteMailboxes
from storage.sqlite.payments import SqlitePayments
from storage.sqlite.queries import SqliteQueries
from storage.sqlite.sources import SqliteSources
from storage.sqlite.stats import stats
from storage.sqlite.subscriptions import SqliteSubscriptions

LOOK_SECONDS = 0.2  # how often another process's writes are looked for


class SqliteStore:
    """The port `Store`. Made by `SqliteStore.open`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changes = {change: asyncio.Event() for change in Change}
        self._looked = -math.inf  # when another process's writes were looked for last, by the event loop's clock
        due = self._changes[Change.DUE]
        self.sources = SqliteSources(database)
        self.feeds = SqliteFeeds(database, self._changes[Change.FEEDS])
        self.folders = SqliteFolders(database, self._changes[Change.FOLDERS])
        self.embargoes = SqliteEmbargoes(database, self._changes[Change.EMBARGOES])
        self.articles = SqliteArticles(database, self._changes[Change.ARTICLES], self._changes[Change.TOUCHED])
        self.queries = SqliteQueries(database)
        self.chats = SqliteChats(database, due)
        self.subscriptions = SqliteSubscriptions(database, due)
        self.leases = SqliteLeases(database)
        self.log = SqliteLog(database, due)
        self.mailboxes = SqliteMailboxes(database, due)
        self.payments = SqlitePayments(database)
        self.deliveries = SqliteDeliveries(database)

    @classmethod
    async def open(cls, path: Path, busy: timedelta = BUSY) -> "SqliteStore":
        """Open the file, and wait for another process's write up to `busy`. Raises SchemaError, StoreUnavailable."""
        return cls(await Database.open(path, busy))

    async def stats(self, bot: int, *, now: datetime) -> Stats:
        return await self._database.read(lambda connection: stats(connection, bot, now))

    async def offset(self) -> timedelta:
        self._database.check_open()
        # The file has no clock of its own: the machine that opens it is its clock.
        return timedelta(0)

    async def changed(self, change: Change, seconds: float) -> bool:
        self._database.check_open()
        event = self._changes[change]
        loop = asyncio.get_running_loop()
        ends = loop.time() + seconds
        while not event.is_set() and (left := ends - loop.time()) > 0:
            await _wait(event, min(left, max(0.0, self._looked + LOOK_SECONDS - loop.time())))
            if not event.is_set() and loop.time() >= self._looked + LOOK_SECONDS:
                self._looked = loop.time()  # for all who wait: each look is two changes of threads
                await self._look_elsewhere()
        happened = event.is_set()
        event.clear()
        return happened

    async def _look_elsewhere(self) -> None:
        if await self._database.written_elsewhere():
            # What another process wrote is not known: all who wait look for themselves.
            for each in self._changes.values():
                each.set()

    async def close(self) -> None:
        await self._database.close()


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
