"""The writer of the SQLite engine: commits shared, faults kept apart, people first."""

import asyncio
import threading

import pytest
from sqlite_raw import sql

from storage.sqlite.connection import Database, Level


@pytest.fixture
async def database(path):
    opened = await Database.open(path)
    await opened.write(lambda connection: connection.execute("CREATE TABLE note (text TEXT UNIQUE) STRICT"))
    yield opened
    await opened.close()


def note(text):
    def unit(connection):
        connection.execute("INSERT INTO note VALUES (?)", (text,))
        return text

    return unit


async def held(database):
    """Keeps the writer busy until the event is set."""
    free, busy = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def unit(_):
        loop.call_soon_threadsafe(busy.set)
        free.wait(30)

    task = asyncio.create_task(database.write(unit))
    await busy.wait()
    return free, task


async def test_units_that_wait_share_a_commit(database):
    statements = []
    await database.write(lambda connection: connection.set_trace_callback(statements.append))
    free, task = await held(database)
    waiting = [asyncio.create_task(database.write(note(str(number)))) for number in range(50)]
    await asyncio.sleep(0)
    statements.clear()
    free.set()
    assert await asyncio.gather(*waiting) == [str(number) for number in range(50)]
    await task
    assert statements.count("COMMIT") <= 3  # that of the unit before them, and at most two of theirs


async def test_what_a_unit_raises_undoes_it_alone(path, database):
    def broken(connection):
        note("half")(connection)
        raise ZeroDivisionError

    free, task = await held(database)
    units = [note("before"), broken, note("after"), note("before"), note("last")]
    waiting = [asyncio.create_task(database.write(unit)) for unit in units]
    await asyncio.sleep(0)
    free.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    await task
    assert [type(one).__name__ for one in results] == ["str", "ZeroDivisionError", "str", "IntegrityError", "str"]
    assert sql(path, "SELECT text FROM note ORDER BY rowid") == [("before",), ("after",), ("last",)]


async def test_what_a_person_waits_for_goes_before_what_the_loops_write(path, database):
    free, task = await held(database)
    waiting = [asyncio.create_task(database.write(note(f"loop {number}"), Level.LOOPS)) for number in range(3)]
    waiting.append(asyncio.create_task(database.write(note("person"), Level.PEOPLE)))
    await asyncio.sleep(0)
    free.set()
    await asyncio.gather(task, *waiting)
    assert sql(path, "SELECT text FROM note ORDER BY rowid LIMIT 1") == [("person",)]


async def test_a_unit_is_committed_when_it_returns(path, database):
    await database.write(note("here"))
    assert sql(path, "SELECT text FROM note") == [("here",)]


async def test_a_read_sees_one_moment(database):
    def read(connection):
        first = connection.execute("SELECT count(*) FROM note").fetchone()
        asyncio.run_coroutine_threadsafe(database.write(note("meanwhile")), loop).result(30)
        return first, connection.execute("SELECT count(*) FROM note").fetchone()

    loop = asyncio.get_running_loop()
    assert await database.read(read) == ((0,), (0,))
    assert await database.read(lambda connection: connection.execute("SELECT count(*) FROM note").fetchone()) == (1,)


async def test_a_reader_cannot_write(database):
    with pytest.raises(Exception, match="readonly"):
        await database.read(note("never"))
