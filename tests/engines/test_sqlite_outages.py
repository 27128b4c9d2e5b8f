"""The SQLite file on bad days: full, locked, moved away, removed; what is said of it, and what is left in the end."""

import asyncio
import logging
import os
from datetime import timedelta

import pytest
from sqlite_raw import bare, opened, sql
from storekeeping import BOT, NOON, SECOND, article, claim_one, delivered, follow, found, owed, publish, take_in

from storage import Change, StoreUnavailable
from storage.sqlite import SqliteStore
from storage.sqlite.outage import Outage

SHORT = timedelta(milliseconds=20)
FAILS, WORKS = "the database fails", "the database works again"


@pytest.fixture
def said(caplog):
    """What the operator is told, so far."""
    caplog.set_level(logging.INFO)
    return lambda: [record.getMessage().partition(";")[0] for record in caplog.records]


async def test_a_full_file_takes_nothing_and_loses_nothing(path, said):
    async with opened(path) as store:
        await follow(store)
        await publish(store, "Peace")
        one = await claim_one(store)
        settlement = delivered(one, await owed(store, one))
        await store._database.write(lambda connection: connection.execute("PRAGMA max_page_count = 1").fetchone())
        large = [article(f"Large {number}", body="text " * 5000) for number in range(20)]
        for _ in range(3):
            with pytest.raises(StoreUnavailable, match="full; free some space"):
                await take_in(store, *large)
        assert await found(store) == ["Peace"]
        await store._database.write(lambda connection: connection.execute("PRAGMA max_page_count = 100000").fetchone())
        await take_in(store, *large)
        assert await store.mailboxes.settle(settlement, now=NOON)
        assert said() == [FAILS]
    assert sql(path, "PRAGMA integrity_check") == [("ok",)]


async def test_others_writes_are_not_undone_in_silence_when_the_disk_is_full_amid_a_group(path):
    async with opened(path) as store:
        await take_in(store, "Peace")
        await store._database.write(lambda connection: connection.execute("PRAGMA max_page_count = 1").fetchone())
        large = [article(f"Large {number}", body="text " * 5000) for number in range(20)]
        done = await asyncio.gather(
            *(follow(store, chat=chat) for chat in range(3)), take_in(store, *large), return_exceptions=True
        )
        kept = {chat for (chat,) in sql(path, "SELECT chat FROM mailbox")}
        assert isinstance(done[3], StoreUnavailable)
        assert kept == {chat for chat in range(3) if not isinstance(done[chat], StoreUnavailable)}


async def test_a_lock_is_waited_for_and_told_of_when_it_is_over(path, said):
    async with opened(path, busy=SHORT) as store:
        with bare(path) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailable, match="locked; another program keeps it so"):
                await follow(store)
            other.execute("ROLLBACK")
        await follow(store)
        assert said() == [FAILS]


def test_an_outage_is_told_of_once_then_once_a_minute_and_when_it_is_over(path, said):
    now = 100.0
    outage = Outage(path, lambda: now)
    outage.worked()
    for seconds in range(121):
        now = 100.0 + seconds
        outage.failed(StoreUnavailable("full"))
        outage.worked()  # some writes pass on a full disk
    assert said() == [FAILS] * 3
    for _ in range(2):
        now += 2
        outage.worked()
    assert said() == [FAILS] * 3 + [WORKS]


async def test_closing_waits_for_no_lock(path):
    store = await SqliteStore.open(path, busy=timedelta(hours=1))
    with bare(path) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(store.leases.gain("job", now=NOON, duration=SECOND))
        await asyncio.sleep(0)
        await store.close()
        with pytest.raises(StoreUnavailable, match="locked"):
            await waiting


async def test_a_file_that_was_moved_away_takes_nothing_until_it_is_back(path, tmp_path, said):
    away = tmp_path / "away"
    async with opened(path) as store:
        await take_in(store, "Peace")
        path.rename(away)
        with pytest.raises(StoreUnavailable, match=f"{path} is gone: move it back"):
            await take_in(store, "War")
        # What is moved is whole, without what lies beside it.
        assert sql(away, "SELECT title FROM article") == [("Peace",)]
        assert await found(store) == ["Peace"]
        for file in tmp_path.glob("away-*"):
            file.unlink()
        away.rename(path)
        await take_in(store, "Rain")
        assert said() == [FAILS]
        async with opened(path) as other:
            await take_in(other, "Sun")
            assert sorted(await found(store)) == ["Peace", "Rain", "Sun"]
    assert sql(path, "PRAGMA integrity_check") == [("ok",)]


async def test_a_file_that_is_moved_while_somebody_reads_it_loses_nothing(path, tmp_path):
    away = tmp_path / "away"
    async with opened(path) as store:
        await take_in(store, "Peace")
        with bare(path) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT title FROM article").fetchall()
            await take_in(store, "War")  # which cannot be written into the file as long as that is read
            path.rename(away)
            for _ in range(2):
                with pytest.raises(StoreUnavailable, match="is gone"):
                    await take_in(store, "Rain")
            away.rename(path)
            await take_in(store, "Rain")
        assert sorted(await found(store)) == ["Peace", "Rain", "War"]
        await store.changed(Change.DUE, 0.3)
    assert sql(path, "SELECT title FROM article ORDER BY id") == [("Peace",), ("War",), ("Rain",)]
    assert sql(path, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("is_mended", [True, False])
async def test_a_file_that_comes_back_newer_is_not_used_until_it_is_as_it_was(path, tmp_path, is_mended):
    away = tmp_path / "away"

    def is_made(schema):
        sql(away, f"PRAGMA user_version = {schema}")
        sql(away, "PRAGMA wal_checkpoint")

    async with opened(path) as store:
        ((schema,),) = sql(path, "PRAGMA user_version")
        await take_in(store, "Peace")
        path.rename(away)
        with pytest.raises(StoreUnavailable, match="is gone"):
            await store.leases.gain("job", now=NOON, duration=SECOND)
        is_made(99)
        away.rename(path)
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match="opened again: this database has schema 99"):
                await store.leases.gain("job", now=NOON, duration=SECOND)
            with pytest.raises(StoreUnavailable, match="opened again"):
                await found(store)
        path.rename(away)
        with pytest.raises(StoreUnavailable, match="is gone"):
            await store.leases.gain("job", now=NOON, duration=SECOND)
        assert not path.exists()
        if is_mended:
            is_made(schema)
            away.rename(path)
            await store.leases.gain("job", now=NOON, duration=SECOND)
            assert await found(store) == ["Peace"]


async def test_what_lies_beside_the_file_may_be_removed(path, tmp_path):
    async with opened(path) as store:
        await take_in(store, "Peace")
        for file in tmp_path.glob(f"{path.name}-*"):
            file.unlink()
        with pytest.raises(StoreUnavailable, match="is gone"):
            await take_in(store, "War")
        await take_in(store, "Rain")
        async with opened(path) as other:
            assert sorted(await found(other)) == ["Peace", "Rain"]
    assert sql(path, "PRAGMA integrity_check") == [("ok",)]


async def test_a_file_that_cannot_be_looked_at_takes_nothing_until_it_can(path, tmp_path):
    away = tmp_path / "away"
    async with opened(path) as store:
        await take_in(store, "Peace")
        path.rename(away)
        path.symlink_to(path)  # which leads nowhere
        with pytest.raises(StoreUnavailable, match="is gone"):
            await take_in(store, "War")
        with pytest.raises(StoreUnavailable):
            await store.changed(Change.DUE, 5)
        away.rename(path)
        await take_in(store, "Rain")
        assert sorted(await found(store)) == ["Peace", "Rain"]


async def test_a_file_that_was_removed_is_noticed_by_who_waits(path):
    async with opened(path) as store:
        path.unlink()
        with pytest.raises(StoreUnavailable, match="is gone"):
            await store.changed(next(iter(store._changes)), 5)


@pytest.mark.parametrize("pattern", ["engine.sqlite", "engine.sqlite*"])
async def test_what_was_removed_is_written_anew_at_the_end(path, tmp_path, pattern, said):
    async with opened(path) as store:
        await follow(store)
        await publish(store, "Peace")
        for file in tmp_path.glob(pattern):
            file.unlink()
    assert said()[-1].startswith("the database was written anew")
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    async with opened(path) as store:
        assert await found(store) == ["Peace"]
        assert (await claim_one(store)).mailbox.place.chat == 1
    assert sql(path, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize(("is_taken", "name"), [(False, "engine.sqlite"), (True, "engine.sqlite.rescued")])
async def test_where_a_file_cannot_have_two_names_it_is_written_anew(path, tmp_path, is_taken, name, monkeypatch):
    def refuse(*_):
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    async with opened(path) as store:
        await take_in(store, "Peace")
        path.unlink()
        if is_taken:
            path.write_text("something else")
    assert sql(tmp_path / name, "SELECT title FROM article") == [("Peace",)]
    assert not is_taken or path.read_text() == "something else"


async def test_behind_a_link_too_what_was_removed_is_written_anew(path, tmp_path):
    lies = tmp_path / "data" / "news.db"
    lies.parent.mkdir()
    path.symlink_to(lies)
    async with opened(path) as store:
        await take_in(store, "Peace")
        lies.unlink()
        with pytest.raises(StoreUnavailable, match="is gone"):
            await take_in(store, "War")
        assert list(lies.parent.iterdir()) == []
    async with opened(path) as store:
        assert await found(store) == ["Peace"]
    assert sql(lies, "PRAGMA integrity_check") == [("ok",)]


async def test_while_a_link_leads_elsewhere_nothing_is_taken(path, tmp_path):
    lies, other = tmp_path / "lies", tmp_path / "other"
    path.symlink_to(lies)
    other.write_text("something else")
    async with opened(path) as store:
        await take_in(store, "Peace")
        path.unlink()
        path.symlink_to(other)
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match="another file is at"):
                await take_in(store, "War")
        path.unlink()
        path.symlink_to(lies)
        await take_in(store, "Rain")
        assert sorted(await found(store)) == ["Peace", "Rain"]
        path.unlink()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["lies", "other"]
    assert sql(lies, "SELECT title FROM article ORDER BY id") == [("Peace",), ("Rain",)]


async def test_a_folder_that_was_removed_is_made_anew(tmp_path):
    path = tmp_path / "folder" / "news.db"
    path.parent.mkdir()
    async with opened(path) as store:
        await take_in(store, "Peace")
        path.parent.rename(tmp_path / "elsewhere")
    assert sql(path, "SELECT title FROM article") == [("Peace",)]


async def test_another_file_in_its_place_is_left_alone(path, tmp_path):
    async with opened(path) as store:
        await take_in(store, "Peace")
        path.unlink()
        with pytest.raises(StoreUnavailable, match="is gone"):
            await take_in(store, "War")
        async with opened(path) as other:
            await take_in(other, "Rain")
            with pytest.raises(StoreUnavailable, match="another file is at"):
                await take_in(store, "War")
            await store.close()
            await take_in(other, "Sun")
    assert sql(path, "SELECT title FROM article ORDER BY id") == [("Rain",), ("Sun",)]
    assert sql(tmp_path / f"{path.name}.rescued", "SELECT title FROM article") == [("Peace",)]


async def test_who_only_looked_rescues_nothing_from_another_file(path, tmp_path):
    async with opened(path):
        pass
    async with opened(path) as store:
        path.unlink()
        path.write_text("something else")
        with pytest.raises(StoreUnavailable, match="another file is at"):
            await store.leases.gain("job", now=NOON, duration=SECOND)
    assert path.read_text() == "something else"
    assert not (tmp_path / f"{path.name}.rescued").exists()


async def test_many_chats_are_tried_again_in_chunks(path):
    async with opened(path) as store:
        for chat in range(1, 251):
            await store.mailboxes.pause(BOT, chat, now=NOON, reason="no rights", retry=NOON)
        commits = []
        await store._database.write(lambda connection: connection.set_trace_callback(commits.append))
        assert await store.mailboxes.retry(BOT, now=NOON) == 250
        assert commits.count("COMMIT") == 3 + 1  # that of the unit that began to listen
