"""What a message counted without showing it, on SQLite. Its delivery keeps where that is: a range for each query."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import groupby, islice

from storage.errors import NotFound
from storage.models import Article, Cursor, Delivery, Page, Passed
from storage.sqlite.owed import still
from storage.sqlite.rows import COLUMNS, article_of

COUNTED = "SELECT positions, rest FROM delivery WHERE key = ? AND key != 0"


@dataclass(frozen=True, slots=True)
class Counted:
    """What a delivery says of it."""

    more: int
    passed: Sequence[Passed]
    without: Collection[int]
    """The positions among them that were shown, or were not to be given."""


def encode(delivery: Delivery) -> str:
    """The delivery's column `rest`; empty when it counted nothing."""
    if not delivery.key:
        return ""
    passed = [(one.query, one.after, one.through) for one in delivery.rest.passed]
    return json.dumps({"more": delivery.more, "passed": passed, "without": delivery.rest.without})


def more(connection: sqlite3.Connection, key: int, now: datetime, limit: int, cursor: Cursor | None) -> Page:
    """A page of it. See the port `Mailboxes.more`."""
    counted = _counted(connection, key)
    if cursor and not cursor.newer:
        before = _take(connection, counted, now, limit + 1, below=cursor.newest)
        if len(before) > limit:
            page = before[:limit][::-1]
            return Page(_articles(page), counted.more, Cursor(page[0][0]), Cursor(page[-1][0], newer=True))
        # Near the oldest, the first page shows more than what lies before.
        cursor = None
    found = _take(connection, counted, now, limit + 1, above=cursor.newest if cursor else 0)
    page = found[:limit]
    newer = Cursor(page[-1][0], newer=True) if len(found) > limit else None
    # What came before a page stays there, also when this one was withdrawn meanwhile.
    older = Cursor(page[0][0] if page else cursor.newest + 1) if cursor else None
    return Page(_articles(page), counted.more, older, newer)


def _counted(connection: sqlite3.Connection, key: int) -> Counted:
    row = connection.execute(COUNTED, (key,)).fetchone()
    if row is None:
        raise NotFound("list", key)
    positions, rest = map(json.loads, row)
    return Counted(rest["more"], [Passed(*one) for one in rest["passed"]], {*positions, *rest["without"]})


def _articles(page: Sequence[tuple[int, Article]]) -> tuple[Article, ...]:
    return tuple(article for _, article in page)


def _take(  # noqa: PLR0913  a page and where it lies
    connection: sqlite3.Connection,
    counted: Counted,
    now: datetime,
    limit: int,
    *,
    above: int = 0,
    below: int | None = None,
) -> list[tuple[int, Article]]:
    """The first (position, article) above a position in order, or those below one, the last of them first."""
    positions = _walk(connection, counted, above, below)
    found: list[tuple[int, Article]] = []
    # Some of a chunk may have been withdrawn.
    while len(found) < limit and (chunk := list(islice(positions, limit))):
        found += _readable(connection, counted, chunk, now)
    return found[:limit]


def _walk(connection: sqlite3.Connection, counted: Counted, above: int, below: int | None) -> Iterator[int]:
    """The positions of what was counted, each once. Merging the queries' ranges reads no more than is taken."""
    order, downwards = ("ASC", False) if below is None else ("DESC", True)
    ranges = (
        connection.execute(
            "SELECT position FROM match WHERE query_id = ? AND position > ? AND position <= ?"
            f" ORDER BY position {order}",
            (one.query, max(one.after, above), one.through if below is None else min(one.through, below - 1)),
        )
        for one in counted.passed
    )
    for (position,), _ in groupby(merge(*ranges, reverse=downwards)):
        if position not in counted.without:
            yield position


def _readable(
    connection: sqlite3.Connection, counted: Counted, positions: Sequence[int], now: datetime
) -> Iterator[tuple[int, Article]]:
    """Those that are still there and still match, in the order of the positions."""
    rows = connection.execute(
        f"SELECT {COLUMNS}, log.position, log.revision FROM log JOIN article ON article.id = log.article_id"
        " JOIN source ON source.id = article.source_id"
        " WHERE log.position IN (SELECT value FROM json_each(?)) AND NOT article.withdrawn",
        (json.dumps(positions),),
    )
    there = {row[-2]: (article_of(row), row[-1]) for row in rows}
    for position in positions:
        article, announced = there.get(position, (None, 0))
        if article is None:
            continue
        if article.revision == announced or _still_wanted(connection, counted, position, article.id, now):
            yield position, article


def _still_wanted(connection: sqlite3.Connection, counted: Counted, position: int, article: int, now: datetime) -> bool:
    rows = connection.execute(
        "SELECT query.id, query.text FROM match JOIN query ON query.id = match.query_id WHERE match.position = ?"
        " AND query.id IN (SELECT value FROM json_each(?))",
        (position, json.dumps([one.query for one in counted.passed if one.after < position <= one.through])),
    )
    return bool(still(connection, [text for _, text in rows], article, now))
