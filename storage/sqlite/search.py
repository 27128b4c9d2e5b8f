"""Finding articles on SQLite: a query becomes one FTS5 expression for each stretch of time in which its dates hold."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from storage.models import Cursor
from storage.query import After, And, Before, Facet, Node, Not, Or, Prefix, Query, Words
from storage.query.nodes import walk
from storage.sqlite import parts
from storage.sqlite.connection import EPOCH, moment
from storage.sqlite.index import EVERYTHING, leaf, token
from storage.sqlite.parts import FARTHEST

NOTHING = ""

COUNTED = 1_000
COUNTED_FOR_RATE = 1_000
COUNTED_FOR_FREQUENCY = 200
RATE_DAYS = 30
FIRST_WINDOW = 64  # so many windows like the first would take in the whole store
SMALL = 20_000  # articles
COUNT_SECONDS = 0.003  # of the thread's own time


def frequency(connection: sqlite3.Connection, anchor: str) -> int:
    """About how many articles can be found under an anchor term (`Query.filing`): counted to 200, then estimated.

    The estimate is that the newest 200 have come as often as all the others.
    """
    if anchor == "*":
        # The highest number given: close enough for choosing, and free.
        return int(connection.execute("SELECT coalesce(max(id), 0) FROM article").fetchone()[0])
    places = _take(parts.walk(connection, f'"{token(anchor)}"', -FARTHEST, FARTHEST), COUNTED_FOR_FREQUENCY)
    if len(places) < COUNTED_FOR_FREQUENCY:
        return len(places)
    first, last = _ends(connection)
    return int(len(places) * max((last - first) / max(last - places[-1], 1), 1))


@dataclass(frozen=True, slots=True)
class Found:
    """A slice of what a query finds."""

    newest: list[int]
    older: Cursor | None
    newer: Cursor | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Places within which no date of a query begins or ends, and what FTS5 is to match there."""

    low: int
    high: int
    match: str


def find(connection: sqlite3.Connection, stretches: Sequence[Stretch], limit: int, cursor: Cursor | None) -> Found:
    """One page of what a query finds, newest first."""
    if cursor and cursor.newer:
        page = _take(hits(connection, stretches, low=cursor.newest + 1, newest_first=False), limit + 1)
        more, page = len(page) > limit, page[:limit][::-1]
        if more:
            return Found(page, Cursor(page[-1]), Cursor(page[0], newer=True))
        # Near the newest, the first page shows more than what lies between.
    before = cursor.newest if cursor and not cursor.newer else None
    high = FARTHEST if before is None else before - 1
    page = _take(hits(connection, stretches, high=high), limit + 1)
    older = Cursor(page[limit - 1]) if len(page) > limit else None
    newer = Cursor(page[0], newer=True) if page and before is not None else None
    return Found(page[:limit], older, newer)


def finds(connection: sqlite3.Connection, query: Query, now: datetime) -> bool:
    """Whether the query finds anything."""
    return bool(_take(hits(connection, stretches_of(connection, query, now)), 1))


def count(connection: sqlite3.Connection, stretches: Sequence[Stretch]) -> tuple[int, bool]:
    """How many articles a query finds, and whether there are, or may be, more.

    Counted to 1,000, from the newest on, window by window: each as wide as the last ones let expect to take no more
    time than is left. So a query whose hits are few among very many candidates keeps nobody waiting. A small store is
    counted whole.
    """
    first, last = _ends(connection)
    if frequency(connection, "*") <= SMALL:
        found = len(_take(hits(connection, stretches), COUNTED + 1))
        return min(found, COUNTED), found > COUNTED
    # One wrong date, of 1970, must not make the first window take in all that there is.
    widest = max((last - first) // FIRST_WINDOW, 1)
    found, high, width = 0, last, min(widest, last - nth_newest(connection, SMALL, first) + 1)
    began = time.thread_time()
    while True:
        low = high - width + 1
        found += len(_take(hits(connection, stretches, low=low, high=high), COUNTED + 1 - found))
        if found > COUNTED or low <= first:
            return min(found, COUNTED), found > COUNTED
        took = time.thread_time() - began
        seen = last - low + 1
        width = min(2 * seen, int(seen * (COUNT_SECONDS - took) / took) if took else seen)
        if width < seen // FIRST_WINDOW:
            return found, True
        high = low - 1


def per_day(connection: sqlite3.Connection, query: Query, now: datetime, *, counted: int = COUNTED_FOR_RATE) -> float:
    """How many articles a day the query found of late: in the last days, or those in which it found `counted`."""
    first = connection.execute("SELECT min(newest) FROM article").fetchone()[0]
    if first is None:
        return 0.0
    # A day at least: the first hours of a store are no measure of one.
    begins = min(max(now - timedelta(days=RATE_DAYS), _published(first)), now - timedelta(days=1))
    found = _take(hits(connection, stretches_of(connection, query, now), low=_place(begins)), counted)
    if len(found) == counted:
        begins = _published(found[-1])
    return len(found) / max((now - begins) / timedelta(days=1), 1 / 24)


def hits(
    connection: sqlite3.Connection,
    stretches: Sequence[Stretch],
    *,
    low: int = -FARTHEST,
    high: int = FARTHEST,
    newest_first: bool = True,
) -> Iterator[int]:
    """The places from `low` to `high` of what is found, read as they are asked for."""
    for stretch in reversed(stretches) if newest_first else stretches:
        # Cursors come back from outside: any number may be in them.
        first, last = max(stretch.low, low), min(stretch.high, high)
        if first <= last:
            yield from _walk(connection, stretch.match, first, last, newest_first=newest_first)


def _walk(connection: sqlite3.Connection, match: str, first: int, last: int, *, newest_first: bool) -> Iterator[int]:
    if match != EVERYTHING:
        return parts.walk(connection, match, first, last, newest_first=newest_first)
    # Along the articles: cheaper than a list of them all.
    order = "DESC" if newest_first else "ASC"
    sql = f"SELECT newest FROM article WHERE NOT withdrawn AND newest BETWEEN ? AND ? ORDER BY newest {order}"
    return (place for (place,) in connection.execute(sql, (first, last)))


def _ends(connection: sqlite3.Connection) -> tuple[int, int]:
    """The places of the oldest and the newest article."""
    first, last = connection.execute(
        "SELECT coalesce((SELECT min(newest) FROM article), 0), coalesce((SELECT max(newest) FROM article), 0)"
    ).fetchone()
    return first, last


def nth_newest(connection: sqlite3.Connection, number: int, first: int) -> int:
    """The place of the article that so many are newer than; where there are not so many, the first."""
    sql = "SELECT newest FROM article ORDER BY newest DESC LIMIT 1 OFFSET ?"
    row = connection.execute(sql, (number,)).fetchone()
    return int(row[0]) if row else first


def _take(places: Iterator[int], limit: int) -> list[int]:
    return list(islice(places, limit))


def stretches_of(connection: sqlite3.Connection, query: Query, now: datetime) -> list[Stretch]:
    """The query for this index, oldest first. What cannot match is left out.

    The moments of its dates cut time into stretches (a query's length allows few). Within one, each date holds
    everywhere or nowhere, so that the index alone decides: no article needs to be looked at.
    """
    dates = [node for node in walk(query.node) if isinstance(node, (After, Before))]
    lows = sorted({-FARTHEST, *(_place(date.moment(now)) for date in dates)})
    highs = [*(low - 1 for low in lows[1:]), FARTHEST]
    stretches = (
        Stretch(low, high, _match(connection, query.node, low, now)) for low, high in zip(lows, highs, strict=True)
    )
    return [stretch for stretch in stretches if stretch.match != NOTHING]


def _match(connection: sqlite3.Connection, node: Node, low: int, now: datetime) -> str:
    """An FTS5 expression for the node, within the stretch that begins at this place."""
    match node:
        case Words() | Prefix() | Facet():
            return leaf(connection, node)
        case After() | Before():
            holds = (low >= _place(node.moment(now))) == isinstance(node, After)
            return EVERYTHING if holds else NOTHING
        case Not():
            return _other_than(_match(connection, node.child, low, now))
        case And():
            return _all([_match(connection, child, low, now) for child in node.children])
        case Or():
            return _any([_match(connection, child, low, now) for child in node.children])
    return EVERYTHING


def _other_than(part: str) -> str:
    if part == EVERYTHING:
        return NOTHING
    return EVERYTHING if part == NOTHING else f"({EVERYTHING} NOT {part})"


def _all(parts_: list[str]) -> str:
    if NOTHING in parts_:
        return NOTHING
    wanted = [part for part in parts_ if part != EVERYTHING]
    return "(" + " AND ".join(wanted) + ")" if wanted else EVERYTHING


def _any(parts_: list[str]) -> str:
    if EVERYTHING in parts_:
        return EVERYTHING
    wanted = [part for part in parts_ if part != NOTHING]
    return "(" + " OR ".join(wanted) + ")" if wanted else NOTHING


def _place(when: datetime) -> int:
    """The least `newest` of what was published at this moment or later; seconds before it may share its second."""
    seconds = -((EPOCH - when) // timedelta(seconds=1))
    return seconds << 20


def _published(place: int) -> datetime:
    """The second in which what stands at this place was published."""
    return moment((place >> 20) * 1_000_000)
