"""One SQLite file: one writer with a queue of two levels, several readers, whole units of work in one's thread.

A unit is a function of a `sqlite3.Connection`. Handing a whole one over costs one hop between threads instead of one
for each statement. What waits while a commit runs shares the next one; what a person waits for goes first.
"""

import asyncio
import logging
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
from storage.sqlite import parts, rescue
from storage.sqlite.migrations import check, migrate
from storage.sqlite.outage import Outage
from storage.sqlite.whereabouts import Whereabouts

T = TypeVar("T")
Unit = Callable[[sqlite3.Connection], T]

READERS = 3
GROUP_SECONDS = 0.02  # a group of units ends here, so that no lock is held over 50 ms
BUSY = timedelta(seconds=10)  # how long another process's write is waited for
BUSY_WHEN_CLOSING = timedelta(seconds=0.5)
LOOK_AGAIN_SECONDS = 0.005
CHECKPOINT_SECONDS = 1.0  # between two of them, while there are commits
LARGEST_WAL = 64_000_000  # bytes; what a flood of writes has made it longer is given back
PAUSE_SECONDS = 0.002  # between chunks: SQLite's lock is unfair, another process needs a gap to get it
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LARGEST_ID = 2**63 - 1  # the driver takes no larger numbers, and people may type any
MOST_AT_ONCE = timedelta(milliseconds=50)  # of waiting for a lock, in which nobody can be told to hurry

log = logging.getLogger(__name__)

_ADVICE = {
    sqlite3.SQLITE_BUSY: "; another program keeps it so: let that end",
    sqlite3.SQLITE_FULL: "; free some space, or lift its limit",
    sqlite3.SQLITE_IOERR: "; is the disk full, or failing?",
}


class Level(IntEnum):
    """Whose write goes first."""

    PEOPLE = 0
    LOOPS = 1


def stamp(moment: datetime) -> int:
    """Microseconds since 1970 UTC, as the tables keep times."""
    return (moment - EPOCH) // MICROSECOND


def stamped(moment: datetime | None) -> int | None:
    """The stamp of a moment, if there is one."""
    return None if moment is None else stamp(moment)


def dated(stamp_: int | None) -> datetime | None:
    """The moment of a stamp, if there is one."""
    return None if stamp_ is None else moment(stamp_)


def moment(stamp_: int) -> datetime:
    """The aware UTC time of a stamp."""
    return EPOCH + stamp_ * MICROSECOND


class Connection(aiosqlite.Connection):
    """aiosqlite's connection, which also takes a whole unit."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        # Whoever is cut short before it can close keeps no process alive by it: to the file that is a kill.
        self._thread.daemon = True
        self.stopped: asyncio.Future[Any] | None = None

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

    def __init__(self, path: Path, busy: timedelta, writer: Connection, readers: list[Connection]) -> None:
        self._busy = busy
        self._outage = Outage(path.absolute())
        self._has_written = False
        self._idle: asyncio.LifoQueue[Connection | None] = asyncio.LifoQueue()  # None: there are no readers
        self._use(path, writer, readers)
        self._waiting: tuple[deque[Job], deque[Job]] = (deque(), deque())
        self._wanted = asyncio.Event()
        self._closing = False
        self._loop = asyncio.create_task(self._write_all(), name="sqlite writer")
        self._checkpointing: asyncio.Task[None] | None = None
        self._version = -1

    def _use(self, path: Path, writer: Connection, readers: list[Connection]) -> None:
        """Serve by these connections."""
        self._writer = writer
        self._readers = readers
        for reader in readers:
            self._idle.put_nowait(reader)
        self._place = Whereabouts(path)
        self._is_misplaced = self._is_saved = self._is_shut = False

    @classmethod
    async def open(cls, path: Path, busy: timedelta = BUSY) -> "Database":
        """Open the file, making and migrating it as needed. Raises SchemaError, StoreUnavailable.

        `busy`: how long another process's write is waited for.
        """
        writer, readers = await _connections(path, busy)
        return cls(path, busy, writer, readers)

    def check_open(self) -> None:
        """Raise StoreUnavailable if the database was closed."""
        if self._closing:
            raise StoreUnavailable("the store is closed")

    async def read(self, unit: Unit[T]) -> T:
        """Run the unit on a reader, in one snapshot."""
        self.check_open()
        reader = await self._idle.get()
        if reader is None:
            self._idle.put_nowait(None)
            raise StoreUnavailable("the database cannot be used now: it could not be opened again")
        try:
            with translated():
                return await reader.run(lambda connection: _in_snapshot(connection, unit))
        except StoreUnavailable as error:
            self._outage.failed(error)
            raise
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
        """Whether another process has written since this was asked last. Looks for the file, too."""
        self.check_open()
        if self._is_misplaced:
            raise StoreUnavailable("the database cannot be used now: its file is not in its place")

        def look(connection: sqlite3.Connection) -> int:
            self._check_place(connection)
            # On the writer's own connection: there, our own commits leave the number as it is.
            return int(connection.execute("PRAGMA data_version").fetchone()[0])

        try:
            with translated():
                version = await self._writer.run(look)
        except StoreUnavailable as error:
            self._outage.failed(error)
            raise
        changed = version != self._version
        self._version = version
        return changed

    async def close(self) -> None:
        """Finish what waits, then close every connection. A file that was removed is written anew."""
        if self._closing:
            return
        self._closing = True
        self._wanted.set()
        await self._loop
        if self._checkpointing:
            self._checkpointing.cancel()
        if self._is_shut:
            return
        await self._close_readers()
        copy = await self._rescued()
        with self._place.others_kept():
            await self._writer.close()
        if copy:
            place = await asyncio.to_thread(rescue.put_in_place, copy, self._place.path)
            log.warning("the database was written anew: its file was not there any more", extra={"file": str(place)})

    async def _close_readers(self) -> None:
        for _ in self._readers:
            if reader := await self._idle.get():
                await reader.close()
        self._readers = []

    async def _rescued(self) -> Path | None:
        """A copy of all that this process still holds, if its file is not in its place. Where the copy is."""

        def save(connection: sqlite3.Connection) -> Path | None:
            if not self._place.fault():
                return None
            if not self._place.is_taken:
                _is_saved(connection)  # what was moved is whole
            if self._place.is_there or (self._place.path.exists() and not self._has_written):
                return None
            return rescue.copied(connection, self._place.path)

        try:
            return await self._writer.run(save)
        except (sqlite3.Error, OSError):
            log.exception("the database's file is not there any more, and could not be written anew")
            return None

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
            if self._is_shut or (self._is_misplaced and self._is_saved and self._place.is_found):
                await self._open_again()
            results = await self._writer.run(lambda connection: self._run_group(connection, group))
        except Exception as error:  # noqa: BLE001  handed to whoever waits; the writer goes on
            results = [error] * len(group)
        results = [_told(result) for result in results]
        self._note(results)
        self._begin_checkpoint()
        finished = set(group[: len(results)])
        for waiting in self._waiting:
            kept = [job for job in waiting if job not in finished and not job.done.cancelled()]
            waiting.clear()
            waiting.extend(kept)
        for job, result in zip(group, results, strict=False):
            _answer(job, result)

    def _begin_checkpoint(self) -> None:
        """Let what was committed be brought into the file itself, at most once in a while.

        SQLite would have a writer do it, now and then, while the others wait.
        """
        if not self._is_misplaced and (self._checkpointing is None or self._checkpointing.done()):
            self._checkpointing = asyncio.create_task(self._checkpoint(), name="sqlite checkpoint")

    async def _checkpoint(self) -> None:
        reader = await self._idle.get()
        try:
            if reader:
                await reader.run(lambda connection: connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone())
        except sqlite3.Error as error:  # who writes has the same trouble, and says so
            log.debug("not brought into the database's file yet", extra={"error": str(error)})
        finally:
            self._idle.put_nowait(reader)
        await asyncio.sleep(CHECKPOINT_SECONDS)

    async def _open_again(self) -> None:
        """The file is back, perhaps without what lay beside it, or with another's: begin with it anew.

        Raises StoreUnavailable. Then there is nothing to read from or write to, until this is tried again.
        """
        # All are to be closed before the first is opened: within a process SQLite shares what they know of the files.
        if not self._is_shut:
            with self._place.others_kept():
                await self._close_readers()
                await self._writer.close()
            self._is_shut = True
            self._idle.put_nowait(None)
        if not self._place.is_found:  # it would be made anew
            raise StoreUnavailable(f"the database cannot be used now: {self._place.fault()}")
        try:
            writer, readers = await _connections(self._place.name, self._busy)
        except StorageError as error:
            raise StoreUnavailable(f"the database cannot be opened again: {error}") from error
        self._idle.get_nowait()
        self._use(self._place.name, writer, readers)

    def _note(self, results: list[Any]) -> None:
        for result in results:
            if isinstance(result, StoreUnavailable):
                self._outage.failed(result)
                return
        self._outage.worked()

    def _run_group(self, connection: sqlite3.Connection, group: list[Job]) -> list[Any]:
        """Run units in one transaction until the time is up; a result or an error for each that was run."""
        results: list[Any] = []
        self._begin(connection)
        try:
            ends = time.monotonic() + GROUP_SECONDS
            for job in group:
                results.append(_run_alone(connection, job.unit))
                if time.monotonic() >= ends:
                    break
            self._check_place(connection)
            connection.execute("COMMIT")
            self._has_written = True
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return results

    def _begin(self, connection: sqlite3.Connection) -> None:
        """Wait for the lock; once this is closing, not for long."""
        began = time.monotonic()
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                patience = min(self._busy, BUSY_WHEN_CLOSING) if self._closing else self._busy
                if not _is_busy(error) or time.monotonic() - began >= patience.total_seconds():
                    raise
            else:
                return

    def _check_place(self, connection: sqlite3.Connection) -> None:
        """Raise StoreUnavailable when the file is not in its place: nobody would find what is written there."""
        fault = self._place.fault()
        self._is_misplaced = bool(fault)
        if not fault:
            return
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        # Whoever has moved it may use it there, without what lies beside it; and a new one may be made here.
        self._is_saved = self._place.is_taken or _is_saved(connection)
        if self._is_saved:
            self._clear(connection)
        raise StoreUnavailable(f"the database cannot be used now: {fault}")

    def _clear(self, connection: sqlite3.Connection) -> None:
        """Take away what lies beside the place of a file that is gone, once nobody's commit is in it alone."""
        with suppress(sqlite3.OperationalError):  # somebody is writing: the next time
            connection.execute("BEGIN IMMEDIATE")  # from here on others cannot commit, and then see that it is gone
            self._place.clear()
            connection.execute("ROLLBACK")


async def _connections(path: Path, busy: timedelta) -> tuple[Connection, list[Connection]]:
    """The writer and the readers. Raises SchemaError, StoreUnavailable."""
    opened: list[Connection] = []
    try:
        with translated():
            opened.append(await _connect(path, busy, writer=True))
            opened.extend([await _connect(path, busy, writer=False) for _ in range(READERS)])
    except BaseException:
        for connection in opened:
            await connection.close()
        raise
    return opened[0], opened[1:]


async def _connect(path: Path, busy: timedelta, *, writer: bool) -> Connection:
    connection = Connection(lambda: _opened(path, busy, writer=writer))
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
            connection.execute("PRAGMA wal_autocheckpoint = 0")  # a reader does it, beside the writer
            connection.execute(f"PRAGMA journal_size_limit = {LARGEST_WAL}")
            migrate(connection)
            parts.adopt_empty(connection)
            # From here on it is waited for in short steps, so that a stop is not kept waiting.
            connection.execute(f"PRAGMA busy_timeout = {min(busy, MOST_AT_ONCE) // timedelta(milliseconds=1)}")
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
            if not _is_busy(error) or time.monotonic() >= ends:
                raise
            time.sleep(LOOK_AGAIN_SECONDS)
        else:
            return


def _is_saved(connection: sqlite3.Connection) -> bool:
    """Write all commits into the file itself. Whether that is done: somebody may be reading what they replace."""
    ends = time.monotonic() + CHECKPOINT_SECONDS
    # SQLite does not wait for a checkpoint that is under way.
    while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if time.monotonic() >= ends:
            return False
        time.sleep(LOOK_AGAIN_SECONDS)
    return True


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def _in_snapshot(connection: sqlite3.Connection, unit: Unit[T]) -> T:
    connection.execute("BEGIN")
    try:
        return unit(connection)
    finally:
        if connection.in_transaction:  # a disk that fails has ended it already
            connection.execute("COMMIT")


def _run_alone(connection: sqlite3.Connection, unit: Unit[Any]) -> Any:
    """Run one unit so that its failure undoes it and nothing else."""
    connection.execute("SAVEPOINT unit")
    try:
        result = unit(connection)
    except Exception as error:
        if not connection.in_transaction:  # a disk that is full or fails has ended it, with all before
            raise
        connection.execute("ROLLBACK TO unit")
        result = error
    connection.execute("RELEASE unit")
    return result


def _answer(job: Job, result: Any) -> None:
    if job.done.cancelled():
        return
    if isinstance(result, Exception):
        with suppress(asyncio.InvalidStateError):
            job.done.set_exception(result)
    else:
        job.done.set_result(result)


def _told(result: Any) -> Any:
    """The result as its caller is given it."""
    return (_translation(result) or result) if isinstance(result, Exception) else result


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
        translation = StoreUnavailable(f"the database cannot be used now: {error}{_advice(error)}")
    if translation:
        translation.__cause__ = error
    return translation


def _advice(error: Exception) -> str:
    """What an operator can do about it, where that is known."""
    return _ADVICE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "")
