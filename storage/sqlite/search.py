"""Finding articles on SQLite: the index (FTS5 over terms made in Python), and queries compiled for it.

The rowid of an article in the index is its `newest`, so that FTS5 gives the newest first without sorting, and dates are
bounds of the rowid. One document holds, apart from each other: facets, the title's terms (marked), the sections, and
the words that differ from their stems (marked), which only the beginning of a word (`word*`) asks for. Marks are
letters of Unicode's private use, which no term has.
"""

import math
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, islice

from storage.models import Article, Cursor
from storage.query import After, And, Before, Facet, Node, Not, Or, Prefix, Query, Words
from storage.query.nodes import walk
from storage.sqlite.connection import EPOCH, moment
from storage.text.terms import ArticleTerms, article_terms

GAP = "\ue000"  # between sections: a phrase lies within one
FACET = "\ue001"
TITLE = "\ue002"
FORM = "\ue003"
TITLE_FORM = "\ue004"
# The tokenizer splits on these, and names may have them.
NAME = str.maketrans({":": "\ue005", "-": "\ue006", "*": "\ue007"})
EVERYTHING = f'"{FACET}\ue007"'
NOTHING = ""

FARTHEST = 1 << 62  # no place lies so far in either direction
COUNTED = 1_000
COUNTED_FOR_RATE = 5_000
RATE_DAYS = 30
RARE = 500  # a title word that so many articles have at most says something about the article
TITLE_WORDS = 6
CANDIDATES = 30


def document(article: Article) -> str:
    """What the index holds of an article, as blank-separated tokens."""
    terms = article_terms(article)
    tokens = [_facet(facet) for facet in sorted(terms.facets)]
    tokens += [GAP, *(TITLE + term for term in terms.title)]
    for section in terms.text:
        tokens += [GAP, *section]
    tokens += [GAP, *(FORM + form for form in sorted(terms.forms - terms.terms))]
    tokens += (TITLE_FORM + form for form in sorted(terms.title_forms - terms.title_terms))
    return " ".join(tokens)


def insert(connection: sqlite3.Connection, newest: int, document_: str) -> None:
    """Add a document to the index."""
    connection.execute("INSERT INTO terms (rowid, document) VALUES (?, ?)", (newest, document_))


def remove(connection: sqlite3.Connection, newest: int, document_: str) -> None:
    """Take a document out of the index. It must be the one that was added."""
    connection.execute("INSERT INTO terms (terms, rowid, document) VALUES ('delete', ?, ?)", (newest, document_))


def frequency(connection: sqlite3.Connection, anchor: str) -> int:
    """How many articles can be found under an anchor term (`Query.anchors`)."""
    if anchor == "*":
        # The highest number given: close enough for choosing, and free.
        row = connection.execute("SELECT coalesce(max(id), 0) FROM article").fetchone()
    elif anchor.startswith("^"):
        beginning = anchor.removeprefix("^")
        row = connection.execute(
            "SELECT coalesce(sum(doc), 0) FROM (SELECT doc FROM term_count WHERE term >= ? AND term < ? LIMIT 200)",
            (beginning, beginning + "\U0010ffff"),
        ).fetchone()
    else:
        token = _facet(anchor) if ":" in anchor else anchor
        row = connection.execute("SELECT coalesce(max(doc), 0) FROM term_count WHERE term = ?", (token,)).fetchone()
    return int(row[0])


@dataclass(frozen=True, slots=True)
class Found:
    """A slice of what a query finds, newest first."""

    newest: list[int]
    total: int
    older: Cursor | None
    newer: Cursor | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Places within which no date of a query begins or ends, and what FTS5 is to match there."""

    low: int
    high: int
    match: str


def find(connection: sqlite3.Connection, query: Query, now: datetime, limit: int, cursor: Cursor | None) -> Found:
    """One page of what the query finds."""
    stretches = _compile(query, now)
    first = _take(_hits(connection, stretches), max(COUNTED, limit) + 1)
    total = min(len(first), COUNTED + 1)
    if cursor and cursor.newer:
        page = _take(_hits(connection, stretches, low=cursor.newest + 1, newest_first=False), limit + 1)
        more, page = len(page) > limit, page[:limit][::-1]
        if more:
            return Found(page, total, Cursor(page[-1]), Cursor(page[0], newer=True))
        # Near the newest, the first page shows more than what lies between.
    before = cursor.newest if cursor and not cursor.newer else None
    # What was counted begins with the first page.
    page = first if before is None else _take(_hits(connection, stretches, high=before - 1), limit + 1)
    older = Cursor(page[limit - 1]) if len(page) > limit else None
    newer = Cursor(page[0], newer=True) if page and before is not None else None
    return Found(page[:limit], total, older, newer)


def count(connection: sqlite3.Connection, query: Query, now: datetime) -> int:
    """How many articles the query finds, counted to 1,000."""
    return len(_take(_hits(connection, _compile(query, now)), COUNTED + 1))


def per_day(connection: sqlite3.Connection, query: Query, now: datetime, *, counted: int = COUNTED_FOR_RATE) -> float:
    """How many articles a day the query found of late: in the last days, or those in which it found `counted`."""
    first = connection.execute("SELECT min(newest) FROM article").fetchone()[0]
    if first is None:
        return 0.0
    # A day at least: the first hours of a store are no measure of one.
    begins = min(max(now - timedelta(days=RATE_DAYS), _published(first)), now - timedelta(days=1))
    hits = _take(_hits(connection, _compile(query, now), low=_place(begins)), counted)
    if len(hits) == counted:
        begins = _published(hits[-1])
    return len(hits) / max((now - begins) / timedelta(days=1), 1 / 24)


def related(connection: sqlite3.Connection, article: Article, limit: int) -> list[int]:
    """The places of the articles closest to this one: two rare title words shared, or a topic."""
    own = article_terms(article)
    rare = _rarest(connection, own)
    pairs = " OR ".join(f'("{TITLE}{one}" AND "{TITLE}{other}")' for one, other in combinations(rare, 2))
    topics = " OR ".join(f'"{_facet(facet)}"' for facet in sorted(own.facets) if facet.startswith("topic:"))
    places = {place for match in (pairs, topics) if match for place in _nearest(connection, match, article.newest)}
    return sorted(places - {article.newest}, key=lambda place: _distance(connection, own, rare, article, place))[:limit]


def _rarest(connection: sqlite3.Connection, terms: ArticleTerms) -> list[str]:
    """The title's words that few other articles have, the rarest first."""
    counted = sorted((frequency(connection, term), term) for term in terms.title_terms)
    return [term for times, term in counted if 1 < times <= RARE][:TITLE_WORDS]


def _nearest(connection: sqlite3.Connection, match: str, newest: int) -> Iterator[int]:
    """The matches nearest in time, before and after."""
    for side, order in (("<", "DESC"), (">", "ASC")):
        rows = connection.execute(
            f"SELECT rowid FROM terms WHERE terms MATCH ? AND rowid {side} ? ORDER BY rowid {order} LIMIT ?",
            (match, newest, CANDIDATES),
        )
        yield from (place for (place,) in rows)


def _distance(
    connection: sqlite3.Connection, own: ArticleTerms, rare: list[str], article: Article, place: int
) -> tuple[float, int]:
    """Less is closer: by shared rare title words and topics, then by time."""
    shared = [f"{TITLE}{term}" for term in rare] + [_facet(facet) for facet in own.facets if facet.startswith("topic:")]
    weight = {f"{TITLE}{term}": 2.0 for term in rare}
    found = (
        weight.get(token, 1.0)
        for token in shared
        if connection.execute("SELECT 1 FROM terms WHERE terms MATCH ? AND rowid = ?", (f'"{token}"', place)).fetchone()
    )
    return -math.fsum(found), abs(place - article.newest)


def _hits(
    connection: sqlite3.Connection,
    stretches: Sequence[Stretch],
    *,
    low: int = -FARTHEST,
    high: int = FARTHEST,
    newest_first: bool = True,
) -> Iterator[int]:
    """The places from `low` to `high` of what is found."""
    for stretch in reversed(stretches) if newest_first else stretches:
        # Cursors come back from outside: any number may be in them.
        first, last = max(stretch.low, low), min(stretch.high, high)
        if first <= last:
            yield from _walk(connection, stretch.match, first, last, "DESC" if newest_first else "ASC")


def _walk(connection: sqlite3.Connection, match: str, first: int, last: int, order: str) -> Iterator[int]:
    if match == EVERYTHING:
        # Along the articles: cheaper than a list of them all.
        sql = f"SELECT newest FROM article WHERE NOT withdrawn AND newest BETWEEN ? AND ? ORDER BY newest {order}"
        rows = connection.execute(sql, (first, last))
    else:
        sql = f"SELECT rowid FROM terms WHERE terms MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid {order}"
        rows = connection.execute(sql, (match, first, last))
    yield from (place for (place,) in rows)


def _take(places: Iterator[int], limit: int) -> list[int]:
    return list(islice(places, limit))


def _compile(query: Query, now: datetime) -> list[Stretch]:
    """The query for this index, oldest first. What cannot match is left out.

    The moments of its dates cut time into stretches (a query's length allows few). Within one, each date holds
    everywhere or nowhere, so that the index alone decides: no article needs to be looked at.
    """
    dates = [node for node in walk(query.node) if isinstance(node, (After, Before))]
    lows = sorted({-FARTHEST, *(_place(date.moment(now)) for date in dates)})
    highs = [*(low - 1 for low in lows[1:]), FARTHEST]
    stretches = (Stretch(low, high, _match(query.node, low, now)) for low, high in zip(lows, highs, strict=True))
    return [stretch for stretch in stretches if stretch.match != NOTHING]


def _match(node: Node, low: int, now: datetime) -> str:
    """An FTS5 expression for the node, within the stretch that begins at this place."""
    match node:
        case Words() | Prefix() | Facet():
            return _leaf(node)
        case After() | Before():
            holds = (low >= _place(node.moment(now))) == isinstance(node, After)
            return EVERYTHING if holds else NOTHING
        case Not():
            return _other_than(_match(node.child, low, now))
        case And():
            return _all([_match(child, low, now) for child in node.children])
        case Or():
            return _any([_match(child, low, now) for child in node.children])
    return EVERYTHING


def _other_than(part: str) -> str:
    if part == EVERYTHING:
        return NOTHING
    return EVERYTHING if part == NOTHING else f"({EVERYTHING} NOT {part})"


def _all(parts: list[str]) -> str:
    if NOTHING in parts:
        return NOTHING
    wanted = [part for part in parts if part != EVERYTHING]
    return "(" + " AND ".join(wanted) + ")" if wanted else EVERYTHING


def _any(parts: list[str]) -> str:
    if EVERYTHING in parts:
        return EVERYTHING
    wanted = [part for part in parts if part != NOTHING]
    return "(" + " OR ".join(wanted) + ")" if wanted else NOTHING


def _leaf(node: Words | Prefix | Facet) -> str:
    if isinstance(node, Facet):
        return f'"{_facet(node.term)}"'
    if isinstance(node, Prefix):
        marks = (TITLE, TITLE_FORM) if node.title else ("", FORM)
        return "(" + " OR ".join(f'"{mark}{node.prefix}" *' for mark in marks) + ")"
    mark: Callable[[str], str] = (lambda term: TITLE + term) if node.title else str
    return "(" + " OR ".join('"' + " ".join(map(mark, variant)) + '"' for variant in sorted(node.variants)) + ")"


def _facet(name: str) -> str:
    return FACET + name.translate(NAME)


def _place(when: datetime) -> int:
    """The least `newest` of what was published at this moment or later; seconds before it may share its second."""
    seconds = -((EPOCH - when) // timedelta(seconds=1))
    return seconds << 20


def _published(place: int) -> datetime:
    """The second in which what stands at this place was published."""
    return moment((place >> 20) * 1_000_000)
