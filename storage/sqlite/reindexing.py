"""Making the index anew under this version's rules for terms, beside the old one and step by step.

A new part is begun above all places; each step moves its `low` down by some articles, so that from then on they are
looked for in it. When nothing is left below, the parts before it are cleared away, some pages at a time: dropping a
large table at once would hold the lock for seconds. Every step is a transaction of its own; whoever comes next goes on.
"""

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storage.sqlite import parts
from storage.sqlite.index import document
from storage.sqlite.parts import FARTHEST, Part
from storage.sqlite.rows import COLUMNS, FROM, ID, article_of
from storage.text.terms import article_terms
from storage.text.version import terms_version

CHARACTERS = 40_000  # of articles in a step: the lock must not be held over 50 ms
PAGES = 500  # cleared away in a step
BOOKKEEPING = 10  # FTS5 keeps its own notes in the rows up to this id

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Begin:
    """A new part is to be begun."""


@dataclass(frozen=True, slots=True)
class Move:
    """Articles are to be taken into the newest part."""

    part: Part
    low: int
    """Where it will begin."""
    documents: Mapping[int, tuple[int, str]]
    """Place -> the article's revision, and its document; empty: it cannot be read."""


@dataclass(frozen=True, slots=True)
class Clear:
    """Some pages of a part that nobody reads are to be cleared away."""

    number: int


Step = Begin | Move | Clear


def next_step(connection: sqlite3.Connection, limit: int) -> Step | None:
    """What is to be done next, with all that can be made of it outside the writer; None: nothing."""
    part = parts.newest(connection)
    if not part.is_current:
        return Begin()
    if part.low > -FARTHEST:
        return _move(connection, part, limit)
    row = connection.execute("SELECT number FROM index_remains LIMIT 1").fetchone()
    return Clear(row[0]) if row else None


def take(connection: sqlite3.Connection, step: Step) -> None:
    """Take the step, unless another process has taken it, or articles came into it: then it is prepared anew."""
    match step:
        case Begin():
            _begin(connection)
        case Move():
            _take_in(connection, step)
        case Clear(number):
            _clear(connection, number)


def _move(connection: sqlite3.Connection, part: Part, limit: int) -> Move:
    rows = connection.execute(
        f"SELECT {COLUMNS}, newest, revision {FROM} WHERE NOT withdrawn AND newest < ? ORDER BY newest DESC LIMIT ?",
        (part.low, limit),
    )
    documents = {}
    low, characters = -FARTHEST, 0
    for *row, newest, revision in rows:
        text, length = _document(row)
        documents[newest] = (revision, text)
        characters += length
        if len(documents) == limit or characters >= CHARACTERS:
            low = newest
            break
    return Move(part, low, documents)


def _begin(connection: sqlite3.Connection) -> None:
    part = parts.newest(connection)
    if part.is_current:
        return
    new = Part(part.number + 1, terms_version(), FARTHEST, FARTHEST)
    connection.execute(
        f"CREATE VIRTUAL TABLE {new.table} USING fts5 (document, content = '', columnsize = 0, tokenize = 'ascii')"
    )
    connection.execute(f"CREATE VIRTUAL TABLE words_{new.number} USING fts5vocab ({new.table}, 'instance')")
    connection.execute(
        "INSERT INTO index_part (number, version, low) VALUES (?, ?, ?)", (new.number, new.version, new.low)
    )


def _take_in(connection: sqlite3.Connection, step: Move) -> None:
    if parts.newest(connection) != step.part:
        return
    there = connection.execute(
        "SELECT newest, revision FROM article WHERE NOT withdrawn AND newest >= ? AND newest < ? ORDER BY newest",
        (step.low, step.part.low),
    ).fetchall()
    documents = [step.documents.get(newest, (0, "")) for newest, _ in there]
    if [revision for revision, _ in documents] != [revision for _, revision in there]:
        return  # something came or was corrected since: its terms are not to be made under the lock
    connection.execute("UPDATE index_part SET low = ? WHERE number = ?", (step.low, step.part.number))
    for (newest, _), (_, text) in zip(there, documents, strict=True):
        if text:
            parts.add(connection, newest, text)
    # What begins where newer parts reach down to holds nothing any more.
    connection.execute(
        "INSERT INTO index_remains SELECT number FROM index_part WHERE number < ? AND low >= ?",
        (step.part.number, step.low),
    )
    connection.execute("DELETE FROM index_part WHERE number IN (SELECT number FROM index_remains)")


def _clear(connection: sqlite3.Connection, number: int) -> None:
    if not connection.execute("SELECT 1 FROM index_remains WHERE number = ?", (number,)).fetchone():
        return
    cleared = connection.execute(
        f"DELETE FROM terms_{number}_data WHERE id IN (SELECT id FROM terms_{number}_data WHERE id > ? LIMIT ?)",
        (BOOKKEEPING, PAGES),
    )
    if cleared.rowcount:
        return
    connection.execute(f"DROP TABLE words_{number}")
    connection.execute(f"DROP TABLE terms_{number}")
    connection.execute("DELETE FROM index_remains WHERE number = ?", (number,))


def _document(row: Sequence[Any]) -> tuple[str, int]:
    """What the index is to hold of the article of this row, and how many characters it has.

    Nothing, and a word to the operator, when it cannot be read: the others must not wait for it.
    """
    try:
        article = article_of(row)
        return document(article_terms(article)), len(article.title) + len(article.summary) + len(article.body)
    except Exception:
        log.exception("an article cannot be read and is left out of the index", extra={"article": row[ID]})
        return "", 0
