"""Followed queries on SQLite, filed by what they need: an article's terms lead to the queries that want it.

What a query needs is a set of terms, of which an article must have one; queries share needs. An article's terms give
the needs that it meets, those give the queries of which it meets the rarest and the second-rarest, and few of these are
left to be looked at: all in one statement and from indices alone.

Queries are filed by the terms of one version (storage/text/version.py). Where that is another's, `refile` files them
anew, a chunk at a time, and meanwhile nothing is matched.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from storage.models import Article, Lease
from storage.query import Features, Filing, Query
from storage.sqlite import queries, search
from storage.sqlite.leases import holds
from storage.text import version
from storage.text.terms import ArticleTerms, anchor_terms

LARGEST = 2**63 - 1

FOLLOWED = "subscription.successor_id IS NULL"
"""Of subscriptions those that are there for more than what they are owed (storage/sqlite/joining.py)."""

# The + keeps SQLite from looking up each pair of needs: those of an article are many, the queries of one need few.
WANTED = """
    WITH met (need) AS MATERIALIZED (
        SELECT DISTINCT anchor.need_id FROM json_each(?) CROSS JOIN anchor ON anchor.term = json_each.value
    )
    SELECT query.id, query.rest, query.decides FROM met
    CROSS JOIN query INDEXED BY query_filed ON query.anchor = met.need
    WHERE +query.second IN (SELECT need FROM met)
"""


def filing(connection: sqlite3.Connection, query: Query) -> Filing:
    """Where to file the query, by what the index counts now."""
    return query.filing(lambda term: search.frequency(connection, term))


def wanting(connection: sqlite3.Connection, article: Article, terms: ArticleTerms, now: datetime) -> list[int]:
    """The followed queries that want the article; `terms` are the article's."""
    features = Features(terms)
    found = connection.execute(WANTED, (json.dumps(list(anchor_terms(terms)), ensure_ascii=False),))
    fitting = [(id_, decides) for id_, rest, decides in found if not rest or features.fit(rest)]
    wanting = [id_ for id_, decides in fitting if decides]
    asked = [id_ for id_, decides in fitting if not decides]
    if asked:
        texts = connection.execute(
            "SELECT id, text FROM query WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(asked),)
        )
        wanting += (id_ for id_, text in texts if queries.wants(text, article, terms, now))
    return sorted(wanting)


def follow(connection: sqlite3.Connection, query_id: int, filing: Filing) -> None:
    """File a query that begins to be followed. One that is filed stays where it is."""
    filed_by, _ = _state(connection)
    if filed_by == version.terms_version():
        if connection.execute("SELECT anchor FROM query WHERE id = ?", (query_id,)).fetchone()[0] is None:
            file(connection, query_id, filing)
        return
    # Whoever announces next files it, with those that are filed by another version's terms.
    connection.execute(
        "UPDATE progress SET filed_through = min(coalesce(filed_through, ?), ?)", (LARGEST, query_id - 1)
    )


def begin(connection: sqlite3.Connection) -> None:
    """Before anybody follows anything: all queries there are, none, are filed by this version's terms."""
    if _state(connection)[0] != version.terms_version() and not _any_followed(connection):
        connection.execute("UPDATE progress SET filed_version = ?, filed_through = NULL", (version.terms_version(),))


def file(connection: sqlite3.Connection, query_id: int, filing: Filing) -> None:
    """File the query, wherever it was."""
    anchor = _need(connection, filing.anchor)
    second = anchor if filing.second == filing.anchor else _need(connection, filing.second)
    connection.execute(
        "UPDATE query SET anchor = ?, second = ?, rest = ?, decides = ? WHERE id = ?",
        (anchor, second, filing.rest, filing.decides, query_id),
    )


def unfile(connection: sqlite3.Connection, query_id: int) -> None:
    """Take the query out of the files if nobody follows it any more."""
    followed = connection.execute(
        f"SELECT EXISTS (SELECT 1 FROM subscription WHERE query_id = ? AND {FOLLOWED})", (query_id,)
    )
    if not followed.fetchone()[0]:
        _take_out(connection, query_id)


def _take_out(connection: sqlite3.Connection, query_id: int) -> None:
    connection.execute(
        "UPDATE query SET anchor = NULL, second = NULL, rest = NULL, decides = NULL WHERE id = ?", (query_id,)
    )


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether all followed queries are filed by this version's terms, so that articles find them."""
    return _state(connection) == (version.terms_version(), None) or not _any_followed(connection)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Queries to be filed anew."""

    since: tuple[str, int | None]
    """The version and the last query of the chunk before, for which this is the next."""
    subscriptions_through: int
    """The newest subscription then."""
    filings: tuple[tuple[int, Filing | None], ...]
    """None: it is no query any more."""
    through: int | None
    """The last of its queries; None: there are no more."""


def chunk(connection: sqlite3.Connection, limit: int) -> Chunk | None:
    """The next followed queries to be filed anew; None: all are filed by this version's terms."""
    if is_current(connection):
        return None
    state = filed_by, through = _state(connection)
    after = through if through is not None and filed_by == version.terms_version() else 0
    ids = _followed(connection, after, limit)
    frequency = cache(lambda term: search.frequency(connection, term))
    texts = connection.execute(
        "SELECT id, text FROM query WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", (json.dumps(ids),)
    )
    known = ((id_, queries.parsed(text)) for id_, text in texts.fetchall())
    filings = tuple((id_, query.filing(frequency) if query else None) for id_, query in known)
    return Chunk(state, newest_subscription(connection), filings, ids[-1] if len(ids) == limit else None)


def refile(connection: sqlite3.Connection, lease: Lease, chunk: Chunk) -> bool:
    """File the chunk. Whether there are more."""
    if not holds(connection, lease):
        return False
    if (_state(connection), newest_subscription(connection)) != (chunk.since, chunk.subscriptions_through):
        return True  # somebody has begun to follow a query meanwhile that is to be filed, too
    for id_, filing in chunk.filings:
        if filing:
            file(connection, id_, filing)
            unfile(connection, id_)
        else:
            _take_out(connection, id_)
    connection.execute(
        "UPDATE progress SET filed_version = ?, filed_through = ?", (version.terms_version(), chunk.through)
    )
    return chunk.through is not None


def _state(connection: sqlite3.Connection) -> tuple[str, int | None]:
    """By which version's terms queries are filed, and through which of them; None: all."""
    filed_by, through = connection.execute("SELECT filed_version, filed_through FROM progress").fetchone()
    return str(filed_by), through


def newest_subscription(connection: sqlite3.Connection) -> int:
    """The highest id of a subscription; 0: there is none."""
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM subscription").fetchone()[0])


def _any_followed(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM subscription)").fetchone()[0])


def _followed(connection: sqlite3.Connection, after: int, limit: int) -> Sequence[int]:
    """The first of the followed queries after this one, in order."""
    ids: list[int] = []
    while len(ids) < limit:
        # One look for each query, however many follow it.
        row = connection.execute("SELECT min(query_id) FROM subscription WHERE query_id > ?", (after,)).fetchone()
        if row[0] is None:
            break
        after = row[0]
        ids.append(after)
    return ids


def _need(connection: sqlite3.Connection, terms: frozenset[str]) -> int:
    """The id of the need for one of these terms, known from now on."""
    text = " ".join(sorted(terms))
    row = connection.execute("SELECT id FROM need WHERE terms = ?", (text,)).fetchone()
    if row:
        return int(row[0])
    added = connection.execute("INSERT INTO need (terms) VALUES (?) RETURNING id", (text,)).fetchone()
    connection.executemany(
        "INSERT INTO anchor (term, need_id) VALUES (?, ?)", [(term, added[0]) for term in sorted(terms)]
    )
    return int(added[0])
