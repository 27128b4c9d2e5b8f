"""Of a large store as much is counted as is quickly counted; the rest is estimated."""

from sqlite_raw import bare, opened
from storekeeping import BOT, DAY, HOUR, NOON, follow

from storage import ChatKind, Stats
from storage.sqlite.connection import stamp

MANY = Stats.COUNTED + 5_000


async def test_what_is_beyond_counting_is_estimated(path):
    async with opened(path) as store:
        await follow(store)
        with bare(path) as other:
            other.execute("BEGIN")
            other.executemany(
                "INSERT INTO delivery (mailbox_id, bot, chat, message, positions, last, outcome, reason, at)"
                " VALUES (1, ?, 1, 1, '[]', 0, 'sent', '', ?)",
                ((BOT, stamp(NOON - HOUR) + number) for number in range(MANY)),
            )
            other.executemany(
                "INSERT INTO chat (bot, id, kind, paused) VALUES (?, ?, '', 'blocked')",
                ((BOT, number + 2) for number in range(MANY)),
            )
            other.execute("COMMIT")
            other.execute("INSERT INTO chat (bot, id, kind) VALUES (?, -1, 'group')", (BOT,))
            # Older ones were forgotten.
            other.execute("DELETE FROM delivery WHERE id <= 1000")
        stats = await store.stats(BOT, now=NOON)
        assert (stats.sent_in_day, stats.sent_in_hour) == (MANY - 1_000, MANY - 1_000)
        assert stats.chats == {ChatKind.PRIVATE: MANY + 1, ChatKind.GROUP: 1, ChatKind.CHANNEL: 0}
        assert stats.paused == {"blocked": Stats.COUNTED}
        late = await store.stats(BOT, now=NOON + 2 * DAY)
        assert (late.sent_in_day, late.sent_in_hour) == (0, 0)
