"""The parts of the index: one table, or several while it is made anew under other rules for terms.

Each part holds a stretch of places. The newest number's begins at its `low`; below that, the next lower number's goes
on, and so on. Making anew moves the newest part's `low` down, article by article (reindexing.py), so that each article
is looked for in exactly one part.

Out of a part of another version nothing can be taken: FTS5 needs the terms that were put in. What is corrected there is
found by its old terms, too, until the part is made anew; what was withdrawn is passed over.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from storage.text.version import terms_version

FARTHEST: Final = 1 << 62
"""No place lies so far in either direction."""


@dataclass(frozen=True, slots=True)
class Part:
    """A table of the index, for the places from `low` to `high`."""

    number: int
    version: str
    low: int
    high: int

    @property
    def table(self) -> str:
        """Its table."""
        return f"terms_{self.number}"

    @property
    def is_current(self) -> bool:
        """Whether its terms are made by this version's rules."""
        return self.version == terms_version()


def parts(connection: sqlite3.Connection) -> list[Part]:
    """The parts that hold anything, of the newest articles first."""
    rows = connection.execute("SELECT number, version, low FROM index_part ORDER BY number DESC").fetchall()
    found: list[Part] = []
    high = FARTHEST
    for number, version, low in rows:
        if low <= high:
            found.append(Part(number, version, low, high))
            high = low - 1
    return found


def newest(connection: sqlite3.Connection) -> Part:
    """The part that is, or will be, the whole index."""
    number, version, low = connection.execute(
        "SELECT number, version, low FROM index_part ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return Part(number, version, low, FARTHEST)


def walk(
    connection: sqlite3.Connection, match: str, first: int, last: int, *, newest_first: bool = True
) -> Iterator[int]:
    """The places from `first` to `last` whose documents an FTS5 expression matches, read as they are asked for."""
    found = parts(connection)
    order = "DESC" if newest_first else "ASC"
    for part in found if newest_first else reversed(found):
        low, high = max(part.low, first), min(part.high, last)
        if low <= high:
            sql = f"SELECT rowid FROM {part.table} WHERE {part.table} MATCH ? AND rowid BETWEEN ? AND ?"
            if not part.is_current:
                sql += (
                    " AND EXISTS (SELECT 1 FROM article INDEXED BY article_shown"
                    f" WHERE newest = {part.table}.rowid AND NOT withdrawn)"
                )
            rows = connection.execute(f"{sql} ORDER BY rowid {order}", (match, low, high))
            yield from (place for (place,) in rows)


def tokens(connection: sqlite3.Connection, beginning: str, most: int) -> list[str]:
    """The first `most` tokens of the index, in order, that begin so."""
    found: set[str] = set()
    for part in parts(connection):
        found.update(islice(_tokens(connection, part, beginning), most))
    return sorted(found)[:most]


def _tokens(connection: sqlite3.Connection, part: Part, beginning: str) -> Iterator[str]:
    # One look for each: going on from one token to the next would pass by all the places of the first.
    sql = f"SELECT term FROM words_{part.number} WHERE term >= ? LIMIT 1"
    row = connection.execute(sql, (beginning,)).fetchone()
    while row and row[0].startswith(beginning):
        yield row[0]
        row = connection.execute(sql, (row[0] + "\0",)).fetchone()


def holds(connection: sqlite3.Connection, match: str, place: int) -> bool:
    """Whether the expression matches the document at this place."""
    return next(walk(connection, match, place, place), None) is not None


def add(connection: sqlite3.Connection, place: int, document: str) -> None:
    """Put a document into the index."""
    part = _at(connection, place)
    connection.execute(f"INSERT INTO {part.table} (rowid, document) VALUES (?, ?)", (place, document))


def remove(connection: sqlite3.Connection, place: int, document: str) -> None:
    """Take a document out of the index. It must be the one that was put in."""
    part = _at(connection, place)
    if part.is_current:
        sql = f"INSERT INTO {part.table} ({part.table}, rowid, document) VALUES ('delete', ?, ?)"
        connection.execute(sql, (place, document))


def change(connection: sqlite3.Connection, old: int, outdated: str, new: int, document: str) -> None:
    """Put a document in the place of another, `outdated`; empty: there is none at the old place."""
    if outdated:
        remove(connection, old, outdated)
    add(connection, new, document)


def adopt_empty(connection: sqlite3.Connection) -> None:
    """Let an index that has never held anything be of this version."""
    part = newest(connection)
    if part.is_current or connection.execute("SELECT EXISTS (SELECT 1 FROM article)").fetchone()[0]:
        return
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "UPDATE index_part SET version = ? WHERE number = ? AND NOT EXISTS (SELECT 1 FROM article)",
        (terms_version(), part.number),
    )
    connection.execute("COMMIT")


def _at(connection: sqlite3.Connection, place: int) -> Part:
    return next(part for part in parts(connection) if part.low <= place)
