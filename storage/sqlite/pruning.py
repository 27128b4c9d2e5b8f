"""Clearing away what is too old, on SQLite: a chunk of one kind in each transaction.

The matches go first: as long as one is there, what was delivered of it must be known, or it would be given again.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from typing import Any

from storage.models import Lease
from storage.sqlite.connection import MICROSECOND
from storage.sqlite.joining import OWES_NOTHING
from storage.sqlite.leases import holds

# What was announced long ago may have been delivered a moment ago, and be edited for two days.
LOG_LONGER = timedelta(days=3) // MICROSECOND

Rows = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of one kind to be cleared away, if they are there and not needed again by then."""

    rows: Rows
    clear: Callable[[sqlite3.Connection, Rows, int], None]
    """(connection, rows, before)"""
    before: int


def find(connection: sqlite3.Connection, before: int, limit: int) -> Found | None:
    """A chunk of what is to be cleared away; None: there is no more."""
    for find_some, clear_some in STEPS:
        if rows := find_some(connection, before, limit):
            return Found(rows, clear_some, before)
    return None


def clear(connection: sqlite3.Connection, lease: Lease, found: Found) -> bool:
    """Clear away what was found. False: the lease is lost."""
    if not holds(connection, lease):
        return False
    found.clear(connection, found.rows, found.before)
    return True


def _old_through(connection: sqlite3.Connection, before: int) -> int:
    """The last position of the log that is that old, and whose followers are woken."""
    # Positions rise with the time of announcing, unless a clock was set back meanwhile.
    first = connection.execute("SELECT position FROM log ORDER BY position LIMIT 1").fetchone()
    if first is None:
        return _woken(connection)
    low, high = int(first[0]), _woken(connection) + 1
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(
            "SELECT position, announced FROM log WHERE position >= ? ORDER BY position LIMIT 1", (middle,)
        ).fetchone()
        if row is None or row[1] >= before:
            high = middle
        else:
            low = row[0] + 1
    return min(low - 1, _woken(connection))


def _up_to_young(rows: Iterable[Any], before: int) -> Iterable[Any]:
    """Those before the first that is too young by when it was announced, which ends each row.

    A clock that was behind has noted old times after young ones: what lies before those may still be owed.
    """
    return takewhile(lambda row: row[-1] is None or row[-1] < before, rows)


def _woken(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT woken_through FROM progress").fetchone()[0])


def _find_matches(connection: sqlite3.Connection, before: int, limit: int) -> Rows:
    rows = connection.execute(
        "SELECT query_id, match.position, announced FROM match LEFT JOIN log ON log.position = match.position"
        " WHERE match.position <= ? ORDER BY match.position LIMIT ?",
        (_old_through(connection, before), limit),
    )
    return [row[:-1] for row in _up_to_young(rows, before)]


def _clear_matches(connection: sqlite3.Connection, found: Rows, _before: int) -> None:
    connection.executemany("DELETE FROM match WHERE query_id = ? AND position = ?", found)


def _find_deliveries(connection: sqlite3.Connection, before: int, limit: int) -> Rows:
    # They are in about the order of their times: those that are old are among the first.
    rows = connection.execute("SELECT id, positions, at FROM delivery ORDER BY id LIMIT ?", (limit,))
    return [(id_, positions) for id_, positions, at in rows if at < before]


def _clear_deliveries(connection: sqlite3.Connection, found: Rows, _before: int) -> None:
    connection.executemany(
        "DELETE FROM carried WHERE position = ? AND delivery_id = ?",
        [(position, id_) for id_, positions in found for position in json.loads(positions)],
    )
    ids = [(id_,) for id_, _ in found]
    connection.executemany("DELETE FROM edit WHERE delivery_id = ?", ids)
    connection.executemany("DELETE FROM delivery WHERE id = ?", ids)


def _find_log(connection: sqlite3.Connection, before: int, limit: int) -> Rows:
    before -= LOG_LONGER
    rows = connection.execute(
        "SELECT position, announced FROM log WHERE position <= ? ORDER BY position LIMIT ?",
        (_old_through(connection, before), limit),
    )
    return [row[:-1] for row in _up_to_young(rows, before)]


def _clear_log(connection: sqlite3.Connection, found: Rows, _before: int) -> None:
    connection.executemany("DELETE FROM log WHERE position = ?", found)


def _find_formers(connection: sqlite3.Connection, before: int, limit: int) -> Rows:
    return connection.execute(
        "SELECT subscription_id, mailbox_id FROM former WHERE through <= ? LIMIT ?",
        (_old_through(connection, before), limit),
    ).fetchall()


def _clear_formers(connection: sqlite3.Connection, found: Rows, before: int) -> None:
    through = _old_through(connection, before)
    connection.executemany(
        "DELETE FROM former WHERE subscription_id = ? AND mailbox_id = ? AND through <= ?",
        [(*row, through) for row in found],
    )


_SERVED = f"successor_id IS NOT NULL AND cursor <= ? AND {OWES_NOTHING}"


def _find_served(connection: sqlite3.Connection, before: int, limit: int) -> Rows:
    """Subscriptions that are followed on as others (`Feeds.settle`) and owe nothing, since long ago."""
    return connection.execute(
        f"SELECT id FROM subscription WHERE {_SERVED} LIMIT ?", (_old_through(connection, before), limit)
    ).fetchall()


def _clear_served(connection: sqlite3.Connection, found: Rows, before: int) -> None:
    through = _old_through(connection, before)
    connection.executemany(f"DELETE FROM subscription WHERE id = ? AND {_SERVED}", [(id_, through) for (id_,) in found])


UNUSED = (
    " NOT EXISTS (SELECT 1 FROM query WHERE anchor IS NOT NULL AND anchor = need.id)"
    " AND NOT EXISTS (SELECT 1 FROM query WHERE second IS NOT NULL AND second = need.id)"
)


def _find_needs(connection: sqlite3.Connection, _before: int, limit: int) -> Rows:
    return connection.execute(f"SELECT id, terms FROM need WHERE {UNUSED} LIMIT ?", (limit,)).fetchall()


def _clear_needs(connection: sqlite3.Connection, found: Rows, _before: int) -> None:
    for id_, terms in found:
        # Somebody may have begun to follow what needs it.
        if connection.execute(f"DELETE FROM need WHERE id = ? AND {UNUSED}", (id_,)).rowcount:
            connection.executemany(
                "DELETE FROM anchor WHERE term = ? AND need_id = ?", [(term, id_) for term in terms.split(" ")]
            )


STEPS = (
    (_find_matches, _clear_matches),
    (_find_deliveries, _clear_deliveries),
    (_find_log, _clear_log),
    (_find_formers, _clear_formers),
    (_find_served, _clear_served),
    (_find_needs, _clear_needs),
)
