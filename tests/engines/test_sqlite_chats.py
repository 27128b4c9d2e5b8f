"""Chats on SQLite: what it looks through."""

from sqlite_raw import opened, sql

from storage.sqlite.chats import OF_PERSON


async def test_a_persons_chats_are_found_by_an_index(path):
    async with opened(path):
        [(*_, plan), *_] = sql(path, f"EXPLAIN QUERY PLAN {OF_PERSON}", 7, 1001)
    assert plan == "SEARCH chat USING INDEX chat_set_up_by (bot=? AND set_up_by=?)"
