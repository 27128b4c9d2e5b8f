"""Edits on SQLite: after days of standing still there may be very many, and the lock is short all the same."""

from sqlite_raw import opened
from storekeeping import BOT, DAY, LEASE, NOON, article, claim_one, follow, publish, settle, take_in

from storage import Delivery, Outcome, Settlement


async def test_very_many_that_are_too_old_are_dropped_in_chunks(path):
    async with opened(path) as store:
        await follow(store)
        await publish(store, article(key="peace"))
        one = await claim_one(store)
        sent = tuple(Delivery((1,), Outcome.SENT, NOON, message) for message in range(1, 1002))
        await settle(store, Settlement(one, cursors={1: 1}, deliveries=sent))
        await take_in(store, article("Peace at last", key="peace"))
        while await store.deliveries.find_touched(now=NOON, limit=1000):
            pass
        commits = []
        await store._database.write(lambda connection: connection.set_trace_callback(commits.append))
        assert await store.deliveries.claim(BOT, now=NOON + 3 * DAY, lease=LEASE, limit=100) == []
        assert commits.count("COMMIT") == 3 + 1  # that of the unit that began to listen
        assert await store.deliveries.claim(BOT, now=NOON, lease=LEASE, limit=100) == []
