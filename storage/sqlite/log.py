"""The log on SQLite: giving positions, matching queries, waking mailboxes.

The head is raised in the transaction that writes the last of a round's matches. What a larger round writes before lies
beyond the head, where nobody reads, and is cleared away by the next round should this one die.
"""

import asyncio
import json
import logging
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from heapq import merge
from itertools import groupby, islice
from typing import Any

from storage.models import Announced, Article, Lease
from storage.sqlite import filing, urgent
from storage.sqlite.connection import PAUSE_SECONDS, Database, stamp
from storage.sqlite.holds import OPENS
from storage.sqlite.leases import holds
from storage.sqlite.queries import wants
from storage.sqlite.rows import COLUMNS, ID, article_of
from storage.sqlite.urgent import IN_SPANS, Followers
from storage.text.terms import ArticleTerms, article_terms

CHUNK_MATCHES = 2_000  # written in one transaction; about 5 ms
POSITIONS_OF_A_WAKE = 20  # each has its own list of queries, and a chunk looks into all of them

log = logging.getLogger(__name__)


class SqliteLog:
    """The port `Log`."""

    def __init__(self, database: Database, due: asyncio.Event) -> None:
        self._database = database
        self._due = due

    async def announce(self, lease: Lease, *, now: datetime, limit: int) -> Announced | None:
        # Matching reads a snapshot, off the writer: it may take a while. What is followed meanwhile is looked at under
        # the lock.
        round_ = await self._database.read(lambda connection: _round(connection, lease, now, limit))
        if round_ is None:
            return None
        if not round_.is_filed:
            return Announced((), 0, waiting=not round_.is_idle)
        if round_.is_idle:
            return Announced((), 0, waiting=False)
        if (round_.is_large or round_.is_littered) and not await self._clear_beyond_head(lease):
            return None
        for pairs in round_.early():
            if not await self._database.write(partial(_write_early, lease=lease, round_=round_, pairs=pairs)):
                return None
            await asyncio.sleep(PAUSE_SECONDS)
        # A large round takes a while: what was followed meanwhile is looked at now, so that under the lock little is.
        caught_up = await self._database.read(lambda connection: _caught_up(connection, round_, now))
        return await self._database.write(lambda connection: _announce(connection, lease, caught_up, now))

    async def _clear_beyond_head(self, lease: Lease) -> bool:
        """Clear away, in chunks, what a round that died or was given up has left there. False: the lease is lost."""
        while cleared := await self._database.write(partial(_clear_some_beyond_head, lease=lease)):
            if cleared < CHUNK_MATCHES:
                break
            await asyncio.sleep(PAUSE_SECONDS)
        return cleared is not None

    async def refile(self, lease: Lease, *, limit: int) -> bool:
        # Parsing and counting take far longer than writing what comes of it: they are done off the writer.
        chunk = await self._database.read(lambda connection: filing.chunk(connection, limit))
        if chunk is None:
            return False
        return await self._database.write(lambda connection: filing.refile(connection, lease, chunk))

    async def wake(self, lease: Lease, *, now: datetime, limit: int) -> bool:
        more = await self._database.write(lambda connection: _wake(connection, lease, now, limit))
        self._due.set()
        return more

    async def head(self) -> int:
        return await self._database.read(head)


def head(connection: sqlite3.Connection) -> int:
    """The last position given."""
    return int(connection.execute("SELECT head FROM progress").fetchone()[0])


@dataclass(frozen=True, slots=True)
class Candidate:
    """An unannounced article as the round's snapshot saw it, and the queries that want it."""

    article: Article
    terms: ArticleTerms
    """Made before the lock is taken: of a long article that takes a while."""
    queries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of announcing is to write."""

    head: int
    candidates: tuple[Candidate, ...]
    faulty: tuple[int, ...]
    """Articles that cannot be read, and are not announced: the others must not wait for them."""
    is_idle: bool
    """Whether nothing is queued."""
    is_filed: bool
    """Whether all followed queries are filed by this version's terms; else nothing can be announced."""
    subscriptions_through: int
    """The queries of subscriptions up to this id were looked at."""
    is_littered: bool
    """Whether a round that died or was given up has left matches beyond the head."""
    late: tuple[tuple[int, int], ...] = ()
    """(query, position) of the matches of queries followed since the snapshot, as far as they were looked at."""

    @property
    def is_large(self) -> bool:
        """Whether its matches take more than one transaction."""
        return sum(len(candidate.queries) for candidate in self.candidates) > CHUNK_MATCHES

    def pairs(self) -> Iterator[tuple[int, int]]:
        """(query, position) of every match, if the candidates get the positions after the head in order."""
        for position, candidate in enumerate(self.candidates, self.head + 1):
            for query in candidate.queries:
                yield query, position

    def early(self) -> Iterator[list[tuple[int, int]]]:
        """The matches that do not fit the last transaction, in chunks."""
        pairs = list(self.pairs()) if self.is_large else []
        for start in range(0, len(pairs), CHUNK_MATCHES):
            yield pairs[start : start + CHUNK_MATCHES]


def _round(connection: sqlite3.Connection, lease: Lease, now: datetime, limit: int) -> Round | None:
    """What there is to announce; None when the lease is lost."""
    if not holds(connection, lease):
        return None
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM unannounced JOIN article ON article.id = unannounced.article_id"
        " JOIN source ON source.id = article.source_id WHERE NOT article.withdrawn ORDER BY unannounced.id LIMIT ?",
        (limit,),
    ).fetchall()
    through = filing.newest_subscription(connection)
    is_filed = filing.is_current(connection)
    candidates = {row[ID]: _candidate(connection, row, now) for row in rows if is_filed}
    faulty = tuple(id_ for id_, candidate in candidates.items() if candidate is None)
    good = tuple(candidate for candidate in candidates.values() if candidate)
    is_idle, is_littered = not _is_queued(connection), _is_littered(connection)
    return Round(head(connection), good, faulty, is_idle, is_filed, through, is_littered)


def _caught_up(connection: sqlite3.Connection, round_: Round, now: datetime) -> Round:
    """The round with what was followed since its snapshot."""
    through = filing.newest_subscription(connection)
    return replace(round_, subscriptions_through=through, late=tuple(_late(connection, round_, now)))


def _candidate(connection: sqlite3.Connection, row: Sequence[Any], now: datetime) -> Candidate | None:
    """The article of this row and the followed queries that want it. None, and a word to the operator: it is broken."""
    try:
        article = article_of(row)
        terms = article_terms(article)
    except Exception:
        log.exception("an article cannot be read and is not announced", extra={"article": row[ID]})
        return None
    wanting = filing.wanting(connection, article, terms, now)
    return Candidate(article, terms, tuple(_new_to(connection, article, wanting)))


def _new_to(connection: sqlite3.Connection, article: Article, queries: list[int]) -> list[int]:
    """Those of the queries that have no match for a revision of the article since it last came back."""
    if article.revision == 1:
        return queries
    had = connection.execute(
        "SELECT query_id FROM match JOIN log USING (position) WHERE log.article_id = ?"
        " AND log.revision >= (SELECT renewed FROM article WHERE id = ?)",
        (article.id, article.id),
    ).fetchall()
    return sorted(set(queries) - {id_ for (id_,) in had})


def _is_queued(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM unannounced)").fetchone()[0])


def _is_littered(connection: sqlite3.Connection) -> bool:
    beyond = "SELECT EXISTS (SELECT 1 FROM match WHERE position > ?)"
    return bool(connection.execute(beyond, (head(connection),)).fetchone()[0])


def _clear_some_beyond_head(connection: sqlite3.Connection, lease: Lease) -> int | None:
    """Clear away a chunk of what lies there. Returns how many matches; None when the lease is lost."""
    if not holds(connection, lease):
        return None
    return connection.execute(
        "DELETE FROM match WHERE (query_id, position) IN"
        " (SELECT query_id, position FROM match WHERE position > ? LIMIT ?)",
        (head(connection), CHUNK_MATCHES),
    ).rowcount


def _write_early(connection: sqlite3.Connection, lease: Lease, round_: Round, pairs: Sequence[tuple[int, int]]) -> bool:
    if not holds(connection, lease) or head(connection) != round_.head:
        return False
    connection.executemany("INSERT OR IGNORE INTO match (query_id, position) VALUES (?, ?)", pairs)
    return True


def _announce(connection: sqlite3.Connection, lease: Lease, round_: Round, now: datetime) -> Announced | None:
    if not holds(connection, lease) or head(connection) != round_.head:
        return None
    if not (_unchanged(connection, round_) and filing.is_current(connection)):
        # Since the snapshot an article was corrected or withdrawn, or a query followed that cannot be found yet: the
        # next round sees it as it is, and clears away what was written early.
        return Announced((), 0, waiting=True)
    matches = _write_matches(connection, round_, now)
    for position, candidate in enumerate(round_.candidates, round_.head + 1):
        connection.execute(
            "INSERT INTO log (position, article_id, revision, announced, urgent) VALUES (?, ?, ?, ?, ?)",
            (position, candidate.article.id, candidate.article.revision, stamp(now), candidate.article.urgent),
        )
    ids = json.dumps([*(candidate.article.id for candidate in round_.candidates), *round_.faulty])
    connection.execute("DELETE FROM unannounced WHERE article_id IN (SELECT value FROM json_each(?))", (ids,))
    positions = tuple(range(round_.head + 1, round_.head + 1 + len(round_.candidates)))
    connection.execute("UPDATE progress SET head = ?", (round_.head + len(positions),))
    return Announced(positions, matches, _is_queued(connection))


def _unchanged(connection: sqlite3.Connection, round_: Round) -> bool:
    seen: Mapping[int, int] = {candidate.article.id: candidate.article.revision for candidate in round_.candidates}
    rows = connection.execute(
        "SELECT id, revision FROM article WHERE NOT withdrawn AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(seen)),),
    )
    return dict(rows.fetchall()) == seen


def _write_matches(connection: sqlite3.Connection, round_: Round, now: datetime) -> int:
    """Write what was not written early, and the matches of queries followed since the snapshot.

    Returns how many there are.
    """
    late = [*round_.late, *_late(connection, round_, now)]
    pairs = late if round_.is_large else [*round_.pairs(), *late]
    connection.executemany("INSERT OR IGNORE INTO match (query_id, position) VALUES (?, ?)", pairs)
    return sum(len(candidate.queries) for candidate in round_.candidates) + len(late)


def _late(connection: sqlite3.Connection, round_: Round, now: datetime) -> Iterator[tuple[int, int]]:
    """(query, position) of the matches of queries followed since they were looked at last."""
    followed = connection.execute(
        "SELECT DISTINCT query.id, query.text FROM subscription JOIN query ON query.id = subscription.query_id"
        " WHERE subscription.id > ? ORDER BY query.id",
        (round_.subscriptions_through,),
    ).fetchall()
    if not followed:
        return
    late = set(round_.late)
    for position, candidate in enumerate(round_.candidates, round_.head + 1):
        article, known = candidate.article, set(candidate.queries)
        new = (
            id_
            for id_, text in followed
            if id_ not in known and (id_, position) not in late and wants(text, article, candidate.terms, now)
        )
        yield from ((query, position) for query in _new_to(connection, article, list(new)))


def _wake(connection: sqlite3.Connection, lease: Lease, now: datetime, limit: int) -> bool:
    """Wake one chunk; where it ended is stored with it, so that whoever comes next goes on there."""
    if not holds(connection, lease):
        return False
    top, through, to, query, mailbox = connection.execute(
        "SELECT head, woken_through, waking_to, waking_query, waking_mailbox FROM progress"
    ).fetchone()
    if to is None:
        if through == top:
            return False
        to, query, mailbox = min(top, through + POSITIONS_OF_A_WAKE), 0, 0
    queries = _queries_between(connection, through, to, query, limit)
    followers = list(_followers(connection, queries, mailbox if query in queries[:1] else 0, limit))
    urgently = urgent.wanting(connection, urgent.newest(connection, through, to), queries)
    urgent.let_through(connection, [some for some in followers if some.query in urgently])
    _make_due(connection, followers, now)
    if sum(some.number for some in followers) == limit:
        _go_on_at(connection, to, followers[-1].query, followers[-1].last)
        return True
    if len(queries) == limit:
        _go_on_at(connection, to, queries[-1] + 1, 0)
        return True
    connection.execute("UPDATE progress SET woken_through = ?, waking_to = NULL", (to,))
    return int(to) < int(top)


def _go_on_at(connection: sqlite3.Connection, to: int, query: int, mailbox: int) -> None:
    """The next chunk begins with the query's followers after this mailbox."""
    connection.execute("UPDATE progress SET waking_to = ?, waking_query = ?, waking_mailbox = ?", (to, query, mailbox))


def _queries_between(connection: sqlite3.Connection, after: int, to: int, first: int, limit: int) -> list[int]:
    """The first of the queries with a match at these positions, in order, from `first` on."""
    # One position's queries lie in order in the index: merging them reads no more than is taken.
    ordered = merge(
        *(
            connection.execute(
                "SELECT query_id FROM match WHERE position = ? AND query_id >= ? ORDER BY query_id", (position, first)
            )
            for position in range(after + 1, to + 1)
        )
    )
    return [query for (query,), _ in islice(groupby(ordered), limit)]


def _followers(connection: sqlite3.Connection, queries: Sequence[int], after: int, limit: int) -> Iterator[Followers]:
    """The first mailboxes that follow these queries, in order: of the first query those beyond `after`."""
    for query in queries:
        count, last = connection.execute(
            "SELECT count(*), max(mailbox_id) FROM (SELECT mailbox_id FROM subscription"
            " WHERE query_id = ? AND mailbox_id > ? ORDER BY mailbox_id LIMIT ?)",
            (query, after, limit),
        ).fetchone()
        if count:
            yield Followers(query, after, last, count)
        limit, after = limit - count, 0
        if not limit:
            return


def _make_due(connection: sqlite3.Connection, followers: Sequence[Followers], now: datetime) -> None:
    # One statement for all: one for each costs more than twice as much.
    connection.execute(
        f"UPDATE mailbox SET due_at = max(:now, {OPENS}) WHERE id IN ({IN_SPANS})"
        f" AND NOT paused AND (due_at IS NULL OR due_at > max(:now, {OPENS}))",
        {"now": stamp(now), "spans": json.dumps(followers)},
    )
