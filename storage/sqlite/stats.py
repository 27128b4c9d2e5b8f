"""How a bot and its store are doing, on SQLite: every count goes along an index, and no farther than COUNTED."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from storage.models import ChatKind, Outcome, RefusedMessage, Stats
from storage.sqlite.connection import moment, stamp
from storage.sqlite.idling import IS_POLLED
from storage.sqlite.rows import first_place

REFUSALS_SHOWN = 20
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
DISORDER = timedelta(minutes=10)  # a delivery may be recorded so much later than it was sent
DUE = "SELECT due_at FROM mailbox WHERE bot = ? AND due_at IS NOT NULL AND due_at <= ? AND cadence"
POLLED = f"FROM feed INDEXED BY feed_polled WHERE {IS_POLLED}"
REFUSED = "FROM delivery INDEXED BY delivery_refused WHERE outcome = 'refused' AND bot = ? AND at >= ?"


def stats(connection: sqlite3.Connection, bot: int, now: datetime) -> Stats:
    """See the port `Store.stats`."""
    touched = "FROM article INDEXED BY article_touched WHERE (revision > 1 OR withdrawn)"
    withdrawn = _count(connection, f"{touched} AND withdrawn")
    followed_on = _all(connection, "subscription WHERE successor_id IS NOT NULL")
    first_due = _first_due(connection, bot, now)
    week = (bot, stamp(now - 7 * DAY))
    return Stats(
        chats=_chats(connection, bot),
        paused=_paused(connection, bot),
        subscriptions=_all(connection, "subscription") - followed_on,
        queries=_count(connection, "FROM query INDEXED BY query_filed WHERE anchor IS NOT NULL"),
        articles=_all(connection, "article") - withdrawn,
        published=_count(
            connection,
            "FROM article INDEXED BY article_shown WHERE newest >= ? AND NOT withdrawn",
            (first_place(now - DAY),),
        ),
        unannounced=_all(connection, "unannounced"),
        sent_in_day=_sent(connection, bot, now - DAY),
        sent_in_hour=_sent(connection, bot, now - HOUR),
        due=_due(connection, bot, now),
        wait=now - first_due if first_due else timedelta(0),
        feeds=_count(connection, POLLED),
        failing=_count(connection, f"{POLLED} AND failing_since IS NOT NULL"),
        refused=_count(connection, REFUSED, week),
        refusals=_refusals(connection, week),
    )


def _all(connection: sqlite3.Connection, table: str) -> int:
    """The rows of a table, or of one of its indices: SQLite adds up what its pages say of themselves."""
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _count(connection: sqlite3.Connection, what: str, values: Sequence[Any] = ()) -> int:
    counted = f"SELECT count(*) FROM (SELECT 1 {what} LIMIT ?)"
    return int(connection.execute(counted, (*values, Stats.COUNTED)).fetchone()[0])


def _chats(connection: sqlite3.Connection, bot: int) -> dict[ChatKind, int]:
    kinds = "FROM chat INDEXED BY chat_kind WHERE bot = ? AND kind = ?"
    counts = {kind: _count(connection, kinds, (bot, kind)) for kind in ChatKind}
    unknown = _count(connection, kinds, (bot, ""))
    others = counts[ChatKind.GROUP] + counts[ChatKind.CHANNEL]
    own = counts[ChatKind.PRIVATE] + unknown
    counts[ChatKind.PRIVATE] = own if unknown < Stats.COUNTED else max(own, _all(connection, "chat") - others)
    return counts


def _sent(connection: sqlite3.Connection, bot: int, since: datetime) -> int:
    """Deliveries are numbered in about the order in which they were sent."""
    first, last = _first_delivery(connection, stamp(since - DISORDER)), _last_delivery(connection)
    if last - first >= Stats.COUNTED:
        return last - _first_delivery(connection, stamp(since)) + 1
    row = connection.execute(
        "SELECT count(*) FROM delivery WHERE id >= ? AND bot = ? AND outcome = ? AND at >= ?",
        (first, bot, Outcome.SENT, stamp(since)),
    ).fetchone()
    return int(row[0])


def _first_delivery(connection: sqlite3.Connection, at: int) -> int:
    """The number of the first delivery at this time or after it, found by halving."""
    low, high = connection.execute("SELECT coalesce(min(id), 0), coalesce(max(id) + 1, 0) FROM delivery").fetchone()
    while low < high:
        middle = (low + high) // 2
        id_, when = connection.execute(
            "SELECT id, at FROM delivery WHERE id >= ? ORDER BY id LIMIT 1", (middle,)
        ).fetchone()
        if when < at:
            low = id_ + 1
        else:
            high = middle
    return int(low)


def _last_delivery(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT coalesce(max(id), -1) FROM delivery").fetchone()[0])


def _paused(connection: sqlite3.Connection, bot: int) -> dict[str, int]:
    rows = connection.execute(
        "SELECT paused, count(*) FROM"
        " (SELECT paused FROM chat INDEXED BY chat_paused WHERE bot = ? AND paused != '' ORDER BY paused LIMIT ?)"
        " GROUP BY paused ORDER BY 2 DESC, 1",
        (bot, Stats.COUNTED),
    )
    return dict(rows.fetchall())


def _due(connection: sqlite3.Connection, bot: int, now: datetime) -> int:
    at = (bot, stamp(now))
    kinds = ("= 'instant'", "!= 'instant'")
    return sum(_count(connection, f"FROM ({DUE} {kind})", at) for kind in kinds)


def _first_due(connection: sqlite3.Connection, bot: int, now: datetime) -> datetime | None:
    at = (bot, stamp(now))
    kinds = ("= 'instant'", "!= 'instant'")
    firsts = [connection.execute(f"{DUE} {kind} ORDER BY due_at LIMIT 1", at).fetchone() for kind in kinds]
    return min((moment(first[0]) for first in firsts if first), default=None)


def _refusals(connection: sqlite3.Connection, week: Sequence[Any]) -> tuple[RefusedMessage, ...]:
    rows = connection.execute(
        f"SELECT at, chat, reason, positions {REFUSED} ORDER BY at DESC, id DESC LIMIT ?", (*week, REFUSALS_SHOWN)
    ).fetchall()
    return tuple(
        RefusedMessage(moment(at), chat, reason, _articles(connection, positions))
        for at, chat, reason, positions in rows
    )


def _articles(connection: sqlite3.Connection, positions: str) -> tuple[int, ...]:
    rows = connection.execute(
        "SELECT article_id FROM log WHERE position IN (SELECT value FROM json_each(?)) ORDER BY position",
        (positions,),
    )
    return tuple(article for (article,) in rows)
