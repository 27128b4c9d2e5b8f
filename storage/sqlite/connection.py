"""One SQLite file: one writer with a queue of two levels, several readers, whole units of work in one's thread.

A unit is a function of a `sqlite3.Connection`. Handing a whole one over costs one hop between threads instead of one
for each statement. What waits while a commit runs shares the next one; what a person waits for goes first.
"""

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from storage.errors import SchemaError, StorageError, StoreUnavailable
from storage.sqlite import parts
from storage.sqlite.migrations import check, migrate

T = TypeVar("T")
Unit = Callable[[sqlite3.Connection], T]

READERS = 3
GROUP_SECONDS = 0.02  # a group of units ends here, so that no lock is held over 50 ms
BUSY = timedelta(seconds=10)  # how long another process's write is waited for
LOOK_AGAIN_SECONDS = 0.005
PAUSE_SECONDS = 0.002  # between chunks: SQLite's lock is unfair, another process needs a gap to get it
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LARGEST_ID = 2**63 - 1  # the driver takes no larger numbers, and people may type any


class Level(IntEnum):
    """Whose write goes first."""

    PEOPLE = 0
    LOOPS = 1


def stamp(moment: datetime) -> int:
    """Microseconds since 1970 UTC, as the tables keep times."""
    return (moment - EPOCH) // MICROSECOND


def moment(stamp_: int) -> datetime:
    """The aware UTC time of a stamp."""
    return EPOCH + timedelta(microseconds=stamp_)


class Connection(aiosqlite.Connection):
    """aiosqlite's connection, which also takes a whole unit."""

    stopped: asyncio.Future[Any] | None = None

    def stop(self) -> asyncio.Future[Any] | None:
        """End the thread; `stopped` is done when it has ended."""
        self.stopped = super().stop()
        return self.stopped

    async def run(self, unit: Unit[T]) -> T:
        """Run the unit in the connection's thread."""
        result: T = await self._execute(unit, self._conn)  # type: ignore[no-untyped-call]  # aiosqlite's own
        return result


class Job:
    """A unit that waits for the writer."""

    def __init__(self, unit: Unit[Any]) -> None:
        self.unit = unit
        self.done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()


class Database:
    """The file, open. Made by `Database.open`."""

    def __init__(self, writer: Connection, readers: list[Connection]) -> None:
        self._writer = writer
        self._readers = readers
        self._idle: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
        for reader in readers:
            self._idle.put_nowait(reader)
        self._waiting: tuple[deque[Job], deque[Job]] = (deque(), deque())
        self._wanted = asyncio.Event()
        self._closing = False
        self._loop = asyncio.create_task(self._write_all(), name="sqlite writer")
        self._version = -1

    @classmethod
    async def open(cls, path: Path, busy: timedelta = BUSY) -> "Database":
        """Open the file, making and migrating it as needed. Raises SchemaError, StoreUnavailable.

        `busy`: how long another process's write is waited for.
        """
        opened: list[Connection] = []
        try:
            with translated():
                opened.append(await _connect(path, busy, writer=True))
                opened.extend([await _connect(path, busy, writer=False) for _ in range(READERS)])
        except BaseException:
            for connection in opened:
                await connection.close()
            raise
        return cls(opened[0], opened[1:])

    def check_open(self) -> None:
        """Raise StoreUnavailable if the database was closed."""
        if self._closing:
            raise StoreUnavailable("the store is closed")

    async def read(self, unit: Unit[T]) -> T:
        """Run the unit on a reader, in one snapshot."""
        self.check_open()
        reader = await self._idle.get()
        try:
            with translated():
                return await reader.run(lambda connection: _in_snapshot(connection, unit))
        finally:
            self._idle.put_nowait(reader)

    async def write(self, unit: Unit[T], level: Level = Level.LOOPS) -> T:
        """Run the unit on the writer; committed when this returns. What the unit raises undoes it alone."""
        self.check_open()
        job = Job(unit)
        self._waiting[level].append(job)
        self._wanted.set()
        result: T = await job.done
        return result

    async def written_elsewhere(self) -> bool:
        """Whether another process has written since this was asked last."""
        self.check_open()
        with translated():
            # On the writer's own connection: there, our own commits leave the number as it is.
            version = await self._writer.run(
                lambda connection: int(connection.execute("PRAGMA data_version").fetchone()[0])
            )
        changed = version != self._version
        self._version = version
        return changed

    async def close(self) -> None:
        """Finish what waits, then close every connection."""
        if self._closing:
            return
        self._closing = True
        self._wanted.set()
        await self._loop
        for _ in self._readers:
            await (await self._idle.get()).close()
        await self._writer.close()

    async def _write_all(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            while group := self._group():
                await self._commit(group)
            if self._closing:
                return

    def _group(self) -> list[Job]:
        people, loops = self._waiting
        return [job for job in (*people, *loops) if not job.done.cancelled()]

    async def _commit(self, group: list[Job]) -> None:
        """Commit as many of the group as fit the time, and answer them."""
        try:
            with translated():
                results = await self._writer.run(lambda connection: _run_group(connection, group))
        except Exception as error:  # noqa: BLE001  handed to whoever waits; the writer goes on
            results = [error] * len(group)
        finished = set(group[: len(results)])
        for waiting in self._waiting:
            kept = [job for job in waiting if job not in finished and not job.done.cancelled()]
            waiting.clear()
            waiting.extend(kept)
        for job, result in zip(group, results, strict=False):
            _answer(job, result)


async def _connect(path: Path, busy: timedelta, *, writer: bool) -> Connection:
    connection = Connection(lambda: _opened(path, busy, writer=writer), iter_chunk_size=64)
    try:
        await connection
    except BaseException:
        # aiosqlite lets go of its thread, which would answer to an event loop that may have ended by then.
        if connection.stopped is not None:
            await connection.stopped
        raise
    return connection


def _opened(path: Path, busy: timedelta, *, writer: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=busy.total_seconds(), check_same_thread=False)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -16000")
        if writer:
            check(connection)  # before anything of the file is changed
            _use_wal(connection, busy)
            connection.execute("PRAGMA synchronous = NORMAL")
            migrate(connection)
            parts.adopt_empty(connection)
        else:
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _use_wal(connection: sqlite3.Connection, busy: timedelta) -> None:
    """Let readers never wait for writers. Another process may be making the file: SQLite itself does not wait then."""
    ends = time.monotonic() + busy.total_seconds()
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= ends:
                raise
            time.sleep(LOOK_AGAIN_SECONDS)
        else:
            return


def _in_snapshot(connection: sqlite3.Connection, unit: Unit[T]) -> T:
    connection.execute("BEGIN")
    try:
        return unit(connection)
    finally:
        if connection.in_transaction:  # a disk that fails has ended it already
            connection.execute("COMMIT")


def _run_group(connection: sqlite3.Connection, group: list[Job]) -> list[Any]:
    """Run units in one transaction until the time is up; a result or an error for each that was run."""
    results: list[Any] = []
    connection.execute("BEGIN IMMEDIATE")
    try:
        ends = time.monotonic() + GROUP_SECONDS
        for job in group:
            results.append(_run_alone(connection, job.unit))
            if time.monotonic() >= ends:
                break
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return results


def _run_alone(connection: sqlite3.Connection, unit: Unit[Any]) -> Any:
    """Run one unit so that its failure undoes it and nothing else."""
    connection.execute("SAVEPOINT unit")
    try:
        result = unit(connection)
    except Exception as error:  # noqa: BLE001  handed to whoever waits for this unit
        connection.execute("ROLLBACK TO unit")
        result = error
    connection.execute("RELEASE unit")
    return result


def _answer(job: Job, result: Any) -> None:
    if job.done.cancelled():
        return
    if isinstance(result, Exception):
        with suppress(asyncio.InvalidStateError):
            job.done.set_exception(_translation(result) or result)
    else:
        job.done.set_result(result)


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors that a user can act on into ours; bugs come through as they are."""
    try:
        yield
    except sqlite3.Error as error:
        translation = _translation(error)
        if translation is None:
            raise
        raise translation from error


def _translation(error: Exception) -> StorageError | None:
    translation: StorageError | None = None
    # The module's own errors have no code.
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
        translation = SchemaError("this file is not a database; name another file in NEWSCRIER_DATABASE")
    # OperationalError: locked, full, read-only, gone. DatabaseError itself, not its other children: damaged.
    elif isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError:
        translation = StoreUnavailable(f"the database cannot be used now: {error}")
    if translation:
        translation.__cause__ = error
    return translation
