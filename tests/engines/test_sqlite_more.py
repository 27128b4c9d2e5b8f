"""What a message counted, on SQLite: what is looked through for it."""

from sqlite_raw import opened, sql

from storage.sqlite.more import COUNTED


async def test_a_delivery_is_found_by_its_key(path):
    async with opened(path):
        [(*_, plan)] = sql(path, f"EXPLAIN QUERY PLAN {COUNTED}", 7)
    assert plan == "SEARCH delivery USING INDEX delivery_key (key=?)"
