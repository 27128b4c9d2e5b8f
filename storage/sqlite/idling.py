"""Feeds that readers have added, while nobody follows them, on SQLite: they are not polled."""

import re
import sqlite3
from collections.abc import Iterable

from storage.sqlite import filing
from storage.sqlite.filing import FOLLOWED

_NAMED = re.compile(r"(?<![-\w:])source:([^\s()]+)")
IS_POLLED = "NOT removed AND NOT paused AND ended = '' AND idle_since IS NULL"
"""Of feeds; as the index feed_polled has it."""
_MAY_REST = f"chat != 0 AND {IS_POLLED}"
_CANDIDATES = (
    f" FROM feed JOIN source ON source.id = feed.source_id WHERE {_MAY_REST} AND added <= ? AND NOT EXISTS ("
    "  SELECT 1 FROM query JOIN subscription ON query_id = query.id WHERE text = 'source:' || source.name"
    f"  AND {FOLLOWED})"
)


def unfollowed(connection: sqlite3.Connection, added_before: int) -> tuple[list[int], int]:
    """The feeds that nobody follows for their sources, and the newest subscription that was looked at.

    Apart from the writing, for it may read every followed query.
    """
    through = filing.newest_subscription(connection)
    found = connection.execute(f"SELECT source_id, source.name {_CANDIDATES}", (added_before,)).fetchall()
    if not found:
        return [], through
    texts = connection.execute(
        "SELECT text FROM query WHERE instr(text, 'source:')"
        f" AND EXISTS (SELECT 1 FROM subscription WHERE query_id = query.id AND {FOLLOWED})"
    )
    named = {name for (text,) in texts for name in _NAMED.findall(text)}
    return [id_ for id_, name in found if name not in named], through


def let_rest(connection: sqlite3.Connection, ids: Iterable[int], through: int, now: int) -> list[str]:
    """Poll these no more, unless somebody has begun to follow something meanwhile. Returns their sources' names."""
    if filing.newest_subscription(connection) != through:
        return []
    names: list[str] = []
    for id_ in ids:
        # What is wrong with it is nobody's concern for now.
        rows = connection.execute(
            "UPDATE feed SET idle_since = ?, due_at = NULL, lease_until = NULL, token = NULL, failures = 0,"
            f" failing_since = NULL, error = '', told = 0 WHERE source_id = ? AND {_MAY_REST}"
            " RETURNING (SELECT name FROM source WHERE id = source_id)",
            (now, id_),
        ).fetchall()
        names += (name for (name,) in rows)
    return names


def wake(connection: sqlite3.Connection, name: str, now: int) -> None:
    """Poll the source's feed again if it rested, as one that is new: only its last day is news."""
    connection.execute(
        "UPDATE feed SET idle_since = NULL, answered = NULL, due_at = iif(paused OR removed OR ended != '', NULL, ?)"
        " WHERE source_id = (SELECT id FROM source WHERE name = ?) AND idle_since IS NOT NULL",
        (now, name),
    )
