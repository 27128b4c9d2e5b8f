"""The SQLite file: making, migrating, refusing, locking."""

import asyncio
from datetime import timedelta
from importlib.resources import files

import pytest
from sqlite_raw import bare, opened, sql
from storekeeping import BOT, LEASE, NOON, announcer, article, follow, found, publish, take_in

from storage import (
    Change,
    Delivery,
    Outcome,
    Place,
    Query,
    SchemaError,
    Settlement,
    Source,
    StoreUnavailable,
    open_store,
)
from storage.sqlite import SqliteStore, migrations
from storage.sqlite.migrations import APPLICATION, schemas

SCHEMA = len(schemas())
SHORT = timedelta(milliseconds=20)


def test_migrations_are_numbered_without_a_gap():
    """A file is its place in the row: one that came into a gap later would be taken for the next, which is applied."""
    names = sorted(file.name for file in files(migrations).iterdir() if file.name.endswith(".sql"))
    assert [int(name.split("_")[0]) for name in names] == list(range(1, SCHEMA + 1))


async def test_a_fresh_file_has_the_newest_schema(path):
    async with opened(path):
        assert sql(path, "PRAGMA user_version") == [(SCHEMA,)]
        assert sql(path, "PRAGMA application_id") == [(APPLICATION,)]
        assert sql(path, "PRAGMA integrity_check") == [("ok",)]


async def test_an_empty_file_is_a_fresh_one(path):
    path.touch()
    async with opened(path) as store:
        await take_in(store, "Peace")


async def test_all_who_wait_hear_of_what_another_process_writes(path):
    kinds = (Change.ARTICLES, Change.FEEDS, Change.DUE)
    async with opened(path) as store, opened(path) as other:
        while await store.changed(Change.ARTICLES, 0.3):
            pass
        for kind in kinds:
            await store.changed(kind, 0.01)  # what was noted before is heard
        waiting = [asyncio.create_task(store.changed(kind, 60.0)) for kind in kinds]
        await other.sources.put(Source("bell", "The Bell"))
        assert await asyncio.gather(*waiting) == [True] * 3


async def test_opening_again_changes_nothing(path):
    async with opened(path) as store:
        await take_in(store, "Peace")
    before = sql(path, "SELECT sql FROM sqlite_schema ORDER BY name")
    async with opened(path) as store:
        assert await found(store) == ["Peace"]
    assert sql(path, "SELECT sql FROM sqlite_schema ORDER BY name") == before


async def test_readers_never_wait_since_wal_is_on(path):
    async with opened(path, busy=SHORT) as store:
        await take_in(store, "Peace")
        assert sql(path, "PRAGMA journal_mode") == [("wal",)]
        with bare(path) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE article SET title = 'half written'")
            assert await found(store) == ["Peace"]
            assert await store.log.head() == 0
            other.execute("ROLLBACK")


@pytest.mark.parametrize("round_", range(5))
async def test_several_may_make_the_file_at_once(path, round_):  # noqa: ARG001  a race is run more than once
    stores = await asyncio.gather(*(SqliteStore.open(path) for _ in range(6)))
    try:
        await asyncio.gather(*(follow(store, chat=chat) for chat, store in enumerate(stores)))
        await publish(stores[0], "Peace")
        assert await stores[5].log.head() == 1
    finally:
        await asyncio.gather(*(store.close() for store in stores))


async def test_a_newer_schema_is_refused_and_left_alone(path):
    async with opened(path):
        pass
    sql(path, f"PRAGMA user_version = {SCHEMA + 1}")
    before = path.read_bytes()
    with pytest.raises(SchemaError, match=rf"schema {SCHEMA + 1}, .* up to {SCHEMA}: install the newer version"):
        await SqliteStore.open(path)
    assert path.read_bytes() == before


async def test_another_programs_database_is_refused_and_left_alone(path):
    sql(path, "CREATE TABLE cookies (name TEXT)")
    before = path.read_bytes()
    with pytest.raises(SchemaError, match="not made by Newscrier; name another file in NEWSCRIER_DATABASE"):
        await SqliteStore.open(path)
    assert path.read_bytes() == before


async def test_what_is_no_database_is_refused_and_left_alone(path):
    path.write_text("Dear diary, " * 1000)
    with pytest.raises(SchemaError, match="this file is not a database; name another file in NEWSCRIER_DATABASE"):
        await SqliteStore.open(path)
    assert path.read_text() == "Dear diary, " * 1000


@pytest.mark.parametrize("name", ["no/such/folder/a.sqlite", "."])
async def test_what_cannot_be_opened_is_named(tmp_path, name):
    with pytest.raises(StoreUnavailable, match=f"{tmp_path}.*: the database cannot be used now: unable to open"):
        async with open_store(f"sqlite:///{tmp_path}/{name}"):
            pass


async def test_a_damaged_file_is_unavailable(path):
    async with opened(path) as store:
        await take_in(store, *(article(f"Peace {number}", body="text " * 500) for number in range(50)))
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreUnavailable, match="malformed"):
        async with opened(path) as store:
            await found(store)


WRITES = {
    "sources.put": lambda store, _: store.sources.put(Source("herald", "The Herald")),
    "articles.add": lambda store, _: store.articles.add([article("New")], arrived=NOON, push_since=NOON),
    "queries.keep": lambda store, _: store.queries.keep(Query.parse("new")),
    "subscriptions.add": lambda store, _: follow(store, "new"),
    "subscriptions.remove": lambda store, _: store.subscriptions.remove(Place(BOT, 1), 1),
    "leases.gain": lambda store, _: store.leases.gain("job", now=NOON, duration=LEASE),
    "leases.renew": lambda store, held: store.leases.renew(held, now=NOON, duration=LEASE),
    "leases.release": lambda store, held: store.leases.release(held),
    "log.announce": lambda store, held: store.log.announce(held, now=NOON, limit=3),
    "log.wake": lambda store, held: store.log.wake(held, now=NOON, limit=3),
    "mailboxes.claim": lambda store, _: store.mailboxes.claim(BOT, now=NOON, lease=LEASE, limit=3),
    "mailboxes.free": lambda store, _: store.mailboxes.free(BOT, now=NOON),
    "mailboxes.pause": lambda store, _: store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked"),
    "mailboxes.move": lambda store, _: store.mailboxes.move(BOT, 1, 2, now=NOON),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
async def test_a_file_that_another_process_keeps_locked_is_unavailable_for_writing(path, write):
    async with opened(path, busy=SHORT) as store:
        await follow(store)
        await take_in(store, "Queued")
        held = await announcer(store)
        with bare(path) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailable, match="locked"):
                await write(store, held)
            other.execute("ROLLBACK")
        await write(store, held)


async def test_settling_in_a_locked_file_can_be_tried_again(path):
    async with opened(path, busy=SHORT) as store:
        await follow(store)
        await publish(store, "Peace")
        (one,) = await store.mailboxes.claim(BOT, now=NOON, lease=LEASE, limit=1)
        (owing,) = await store.mailboxes.owed([one], now=NOON)
        sent = Delivery((1,), Outcome.SENT, NOON, message=3)
        settlement = Settlement(one, cursors=owing.cursors, deliveries=(sent,))
        with bare(path) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailable):
                await store.mailboxes.settle(settlement, now=NOON)
            other.execute("ROLLBACK")
        assert await store.mailboxes.settle(settlement, now=NOON)
        assert sql(path, "SELECT positions, outcome, message FROM delivery") == [("[1]", "sent", 3)]


async def test_a_file_that_lost_its_right_to_write_is_unavailable(path):
    async with opened(path, busy=SHORT) as store:
        await store._database.write(lambda connection: connection.execute("PRAGMA query_only = ON"))
        with pytest.raises(StoreUnavailable, match="readonly"):
            await follow(store)
        assert await store.log.head() == 0
