"""Chats on SQLite: what it looks through, and what is left of claims."""

from sqlite_raw import opened, sql
from storekeeping import BOT, NOON, SECOND, claim_one, follow, give, publish

from storage.sqlite.chats import OF_PERSON


async def test_a_persons_chats_are_found_by_an_index(path):
    async with opened(path):
        [(*_, plan), *_] = sql(path, f"EXPLAIN QUERY PLAN {OF_PERSON}", 7, 1001)
    assert plan == "SEARCH chat USING INDEX chat_set_up_by (bot=? AND set_up_by=?)"


async def test_a_chat_that_comes_back_after_a_kill_waits_for_no_dead_claim(path):
    async with opened(path) as store:
        await follow(store)
        await publish(store, "Peace")
        await claim_one(store)
        assert await store.mailboxes.free(BOT, now=NOON) == 1
        await store.mailboxes.resume(BOT, 1, now=NOON)
        assert sql(path, "SELECT count(*) FROM hold") == [(0,)]
        assert await give(store, NOON + SECOND) == {1: ["Peace"]}
