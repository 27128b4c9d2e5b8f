"""What lies at an address is told without touching it."""

import shutil
from pathlib import Path

import pytest
from sqlite_raw import opened, sql
from storekeeping import follow

from storage import SchemaError, StorageError, StoreUnavailable, look_at
from storage.sqlite.migrations import schemas

FIXTURES = sorted((Path(__file__).parents[1] / "fixtures").glob("*.sqlite"))


async def look(path):
    return await look_at(f"sqlite:///{path}")


async def test_where_nothing_is_nothing_is_made(path):
    state = await look(path)
    assert (state.schema, state.known, state.folder) == (0, len(schemas()), path.parent)
    assert not path.exists()


async def test_a_database_in_use_is_looked_at(path):
    async with opened(path) as store:
        await follow(store)
        assert (await look(path)).schema == len(schemas())


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
async def test_one_of_any_version_stays_as_it_is(path, fixture):
    shutil.copy(fixture, path)
    before = path.read_bytes()
    state = await look(path)
    assert 0 < state.schema <= state.known
    assert path.read_bytes() == before


async def test_what_is_none_of_ours_is_refused(path):
    sql(path, "CREATE TABLE cheese (name)")
    with pytest.raises(SchemaError, match=f"{path}: .*not made by Newscrier"):
        await look(path)


async def test_what_is_no_database_is_refused(path):
    path.write_text("Dear diary, " * 1000)
    with pytest.raises(SchemaError, match="not a database"):
        await look(path)


async def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(StoreUnavailable, match="there is no such folder"):
        await look(tmp_path / "no" / "news.db")
    with pytest.raises(StorageError, match="is no database address"):
        await look_at("cheese://brie")
