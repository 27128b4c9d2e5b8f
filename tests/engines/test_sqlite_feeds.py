"""What is asked of very many feeds goes along an index, whichever of them it is about."""

import asyncio

import pytest
from feedkeeping import add, new_feed, polled
from sqlite_raw import bare, opened
from storekeeping import LEASE, NOON

from storage.sqlite.embargoes import SqliteEmbargoes
from storage.sqlite.feeds import SqliteFeeds

SCANS = tuple(f"SCAN {table}" for table in ("feed", "source", "folder", "embargo"))


class Explained:
    """A connection that notes how each statement finds its rows."""

    def __init__(self, connection):
        self._connection = connection
        self.plans = []

    @property
    def scanned(self):
        """How tables were read from one end to the other, if any were."""
        return [plan for plan in self.plans if plan.startswith(SCANS)]

    def execute(self, sql, values=()):
        self.plans += [plan for *_, plan in self._connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
        return self._connection.execute(sql, values)

    def executemany(self, sql, rows):
        for row in rows:
            self.execute(sql, row)


class Database:
    """The port's database, on this connection."""

    def __init__(self, connection):
        self._connection = connection

    async def read(self, unit):
        return unit(self._connection)

    async def write(self, unit, _level=None):
        return unit(self._connection)


async def settled(feeds):
    await feeds.settle([polled(one) for one in await feeds.claim(now=NOON, lease=LEASE, limit=2)], now=NOON)


CALLS = {
    "add": lambda feeds: feeds.add(new_feed("wire", chat=1), now=NOON, lease=LEASE, most=5),
    "add a known one": lambda feeds: feeds.add(new_feed("herald"), now=NOON, lease=LEASE),
    "find": lambda feeds: feeds.find("https://herald.example/feed"),
    "get": lambda feeds: feeds.get("herald"),
    "know": lambda feeds: feeds.know("https://herald.example", "herald"),
    "claim": lambda feeds: feeds.claim(now=NOON, lease=LEASE, limit=2),
    "settle": settled,
    "poll": lambda feeds: feeds.poll("herald", now=NOON),
    "next_due": lambda feeds: feeds.next_due(),
    "free": lambda feeds: feeds.free(),
    "change": lambda feeds: feeds.change("herald", full_text=True),
    "pause": lambda feeds: feeds.pause("herald", paused=True, now=NOON),
    "adopt": lambda feeds: feeds.adopt("herald", now=NOON),
    "remove": lambda feeds: feeds.remove("herald"),
    "note_renewed": lambda feeds: feeds.note_renewed("herald", now=NOON),
    "note_told": lambda feeds: feeds.note_told("herald", told=True),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_no_statement_reads_all_feeds(path, call):
    async with opened(path) as store:
        await add(store, "herald", chat=1)
        await add(store, "bell")
        await store.feeds.free()
    with bare(path) as connection:
        explained = Explained(connection)
        await call(SqliteFeeds(Database(explained), asyncio.Event()))
    assert explained.plans
    assert explained.scanned == []


async def test_embargoes_too(path):
    async with opened(path):
        pass
    with bare(path) as connection:
        explained = Explained(connection)
        embargoes = SqliteEmbargoes(Database(explained), asyncio.Event())
        await embargoes.over(now=NOON, limit=9)
        await embargoes.next()
        await embargoes.lift("herald", "k")
    assert explained.plans
    assert explained.scanned == []
