"""Finding articles on SQLite: the index (FTS5 over terms made in Python), and queries compiled for it.

The rowid of an article in the index is its `newest`, so that FTS5 gives the newest first without sorting. One document
holds, apart from each other: facets, the title's terms (marked), the sections, and the words that differ from their
stems (marked), which only the beginning of a word (`word*`) asks for. Marks are letters of Unicode's private
use, which no term has.
"""

import math
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations, islice

from storage.models import Article, Cursor
from storage.query import After, All, And, Before, Facet, Node, Not, Or, Prefix, Query, Words
from storage.sqlite.connection import EPOCH, moment
from storage.sqlite.rows import by_newest
from storage.text.terms import ArticleTerms, article_terms

GAP = "\ue000"  # between sections: a phrase lies within one
FACET = "\ue001"
TITLE = "\ue002"
FORM = "\ue003"
TITLE_FORM = "\ue004"
# The tokenizer splits on these, and names may have them.
NAME = str.maketrans({":": "\ue005", "-": "\ue006", "*": "\ue007"})
EVERYTHING = f'"{FACET}\ue007"'

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


def remove(connection: sqlite3.Connection, article: Article) -> None:
    """Take an article out of the index. It must be as it was when it was added: its terms are made again."""
    connection.execute(
        "INSERT INTO terms (terms, rowid, document) VALUES ('delete', ?, ?)", (article.newest, document(article))
    )


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
class Compiled:
    """A query for this index: what FTS5 matches, within bounds of `newest`.

    `exact`: nothing needs to be looked at again.
    """

    match: str
    low: int
    high: int
    exact: bool


def find(connection: sqlite3.Connection, query: Query, now: datetime, limit: int, cursor: Cursor | None) -> Found:
    """One page of what the query finds."""
    compiled = _compile(query, now)
    first = _take(_hits(connection, query, compiled, now), max(COUNTED, limit) + 1)
    total = min(len(first), COUNTED + 1)
    if cursor and cursor.newer:
        page = _take(_hits(connection, query, compiled, now, after=cursor.newest), limit + 1)
        more, page = len(page) > limit, page[:limit][::-1]
        if more:
            return Found(page, total, Cursor(page[-1]), Cursor(page[0], newer=True))
        # Near the newest, the first page shows more than what lies between.
    before = cursor.newest if cursor and not cursor.newer else None
    if before is None:
        page = first[: limit + 1]  # what was counted begins with it
    else:
        page = _take(_hits(connection, query, compiled, now, before=before), limit + 1)
    older = Cursor(page[limit - 1]) if len(page) > limit else None
    newer = Cursor(page[0], newer=True) if page and before is not None else None
    return Found(page[:limit], total, older, newer)


def count(connection: sqlite3.Connection, query: Query, now: datetime) -> int:
    """How many articles the query finds, counted to 1,000."""
    return len(_take(_hits(connection, query, _compile(query, now), now), COUNTED + 1))


def per_day(connection: sqlite3.Connection, query: Query, now: datetime, *, counted: int = COUNTED_FOR_RATE) -> float:
    """How many articles a day the query found of late: in the last days, or those in which it found `counted`."""
    first = connection.execute("SELECT min(newest) FROM article").fetchone()[0]
    if first is None:
        return 0.0
    begins = max(now - timedelta(days=RATE_DAYS), _published(first))
    compiled = _compile(query, now)
    recent = replace(compiled, low=max(compiled.low, _place(begins)))
    hits = _take(_hits(connection, query, recent, now), counted)
    if len(hits) == counted:
        begins = _published(hits[-1])
    # An hour at least: the first minutes of a store are no measure of a day.
    days = max((now - begins) / timedelta(days=1), 1 / 24)
    return len(hits) / days


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


def _hits(  # noqa: PLR0913  a slice is two bounds of one question
    connection: sqlite3.Connection,
    query: Query,
    compiled: Compiled,
    now: datetime,
    *,
    before: int | None = None,
    after: int | None = None,
) -> Iterator[int]:
    """The places of what the query finds: newest first, or oldest first when `after` is given."""
    # Cursors come back from outside: any number may be in them.
    low = compiled.low if after is None else min(max(compiled.low, after + 1), FARTHEST)
    high = compiled.high if before is None else max(min(compiled.high, before - 1), -FARTHEST)
    order = "DESC" if after is None else "ASC"
    if compiled.match == EVERYTHING:
        # A walk along the articles: cheaper than a list of them all.
        sql = f"SELECT newest FROM article WHERE NOT withdrawn AND newest BETWEEN ? AND ? ORDER BY newest {order}"
        rows = connection.execute(sql, (low, high))
    else:
        sql = f"SELECT rowid FROM terms WHERE terms MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid {order}"
        rows = connection.execute(sql, (compiled.match, low, high))
    for (place,) in rows:
        if compiled.exact or _matches(connection, query, place, now):
            yield place


def _matches(connection: sqlite3.Connection, query: Query, place: int, now: datetime) -> bool:
    return query.matches(by_newest(connection, [place])[place], now)


def _take(places: Iterator[int], limit: int) -> list[int]:
    return list(islice(places, limit))


def _compile(query: Query, now: datetime) -> Compiled:
    """Dates that bound the whole query become bounds of the rowid; others are left to `matches`."""
    parts = query.node.children if isinstance(query.node, And) else (query.node,)
    dates = [part for part in parts if isinstance(part, (After, Before))]
    rest = [part for part in parts if part not in dates]
    lows = [_place(part.moment(now)) for part in dates if isinstance(part, After)]
    highs = [_place(part.moment(now)) - 1 for part in dates if isinstance(part, Before)]
    match = _both([_widest(part) for part in rest])
    exact = not any(_has_date(part) for part in rest)
    return Compiled(match, max(lows, default=-FARTHEST), min(highs, default=FARTHEST), exact)


def _has_date(node: Node) -> bool:
    if isinstance(node, (And, Or)):
        return any(_has_date(child) for child in node.children)
    return _has_date(node.child) if isinstance(node, Not) else isinstance(node, (After, Before))


def _widest(node: Node) -> str:
    """An FTS5 expression that matches whatever the node matches; just that, where no date is in it."""
    match node:
        case Words() | Prefix() | Facet():
            return _leaf(node)
        case Not():
            excluded = _narrowest(node.child)
            return f"({EVERYTHING} NOT {excluded})" if excluded else EVERYTHING
        case And():
            return _both([_widest(child) for child in node.children])
        case Or():
            return "(" + " OR ".join(_widest(child) for child in node.children) + ")"
    return EVERYTHING


def _narrowest(node: Node) -> str:
    """An FTS5 expression that matches nothing but what the node matches; "" for what matches nothing for certain."""
    match node:
        case Words() | Prefix() | Facet():
            return _leaf(node)
        case All():
            return EVERYTHING
        case Not():
            return f"({EVERYTHING} NOT {_widest(node.child)})"
        case And():
            parts = [_narrowest(child) for child in node.children]
            return _both(parts) if all(parts) else ""
        case Or():
            parts = [part for part in map(_narrowest, node.children) if part]
            return "(" + " OR ".join(parts) + ")" if parts else ""
    return ""


def _both(parts: list[str]) -> str:
    """All of the expressions. Everything beside something else is left out."""
    wanted = [part for part in parts if part != EVERYTHING]
    return "(" + " AND ".join(wanted) + ")" if wanted else EVERYTHING


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
