"""What mailboxes are owed on SQLite: read, not stored."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage.models import Article, Claim, Owed, OwedArticle
from storage.sqlite.log import head
from storage.sqlite.queries import parsed
from storage.sqlite.rows import BRIEF, article_of, by_ids

READ_OF_A_MAILBOX = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What lies beyond a mailbox's cursors."""

    queries: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """The first positions, in order -> the queries that want the article there."""
    more: int = 0
    """How many positions lie beyond them."""
    read: Mapping[int, int] = field(default_factory=dict)
    """Subscription -> the last of the first positions that is its own."""
    cursors: Mapping[int, int] = field(default_factory=dict)
    """Subscription -> its last position of all."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """An article in the log: as it is now, and the revision that was announced."""

    article: Article
    revision: int


def owed_to(connection: sqlite3.Connection, claims: Sequence[Claim], now: datetime) -> list[Owed]:
    """What each claim is owed. See the port `Mailboxes.owed`."""
    top = head(connection)
    wanted = [_wanted(connection, claim, top) for claim in claims]
    # What many are owed is read once.
    there = _announced(connection, {position for one in wanted for position in one.queries})
    return [_owed(connection, claim, one, there, now) for claim, one in zip(claims, wanted, strict=True)]


def _wanted(connection: sqlite3.Connection, claim: Claim, top: int) -> Wanted:
    subscriptions = connection.execute(
        "SELECT subscription.id, query_id, cursor, query.text FROM mailbox"
        " JOIN subscription ON subscription.mailbox_id = mailbox.id JOIN query ON query.id = query_id"
        " WHERE mailbox.id = ? AND token = ? ORDER BY subscription.id",
        (claim.mailbox.id, claim.token),
    ).fetchall()
    queries: dict[int, list[str]] = defaultdict(list)
    own = {}
    for id_, query, cursor, text in subscriptions:
        positions = _positions(connection, query, cursor, top)
        if positions:
            own[id_] = positions
        for position in positions:
            queries[position].append(text)
    first = sorted(queries)
    if len(first) <= READ_OF_A_MAILBOX:
        last = {id_: positions[-1] for id_, positions in own.items()}
        return Wanted({position: queries[position] for position in first}, 0, last, last)
    first = first[:READ_OF_A_MAILBOX]
    return Wanted(
        queries={position: queries[position] for position in first},
        more=_more(connection, claim.mailbox.id, first[-1], top),
        read={
            id_: max(position for position in positions if position <= first[-1])
            for id_, positions in own.items()
            if positions[0] <= first[-1]
        },
        cursors=_last(connection, own, claim.mailbox.id, top),
    )


def _positions(connection: sqlite3.Connection, query: int, cursor: int, top: int) -> list[int]:
    """The first positions beyond the cursor that the query matched: one more than is read of a mailbox."""
    rows = connection.execute(
        "SELECT position FROM match WHERE query_id = ? AND position > ? AND position <= ? ORDER BY position LIMIT ?",
        (query, cursor, top, READ_OF_A_MAILBOX + 1),
    )
    return [position for (position,) in rows]


def _more(connection: sqlite3.Connection, mailbox: int, after: int, top: int) -> int:
    """How many positions beyond this one are wanted, each counted once."""
    row = connection.execute(
        "SELECT count(DISTINCT position) FROM subscription JOIN match ON match.query_id = subscription.query_id"
        " AND position > max(cursor, ?) AND position <= ? WHERE mailbox_id = ?",
        (after, top, mailbox),
    ).fetchone()
    return int(row[0])


def _last(connection: sqlite3.Connection, own: Collection[int], mailbox: int, top: int) -> dict[int, int]:
    """The last position of each of these subscriptions."""
    rows = connection.execute(
        "SELECT id, (SELECT max(position) FROM match WHERE query_id = subscription.query_id AND position <= ?)"
        " FROM subscription WHERE mailbox_id = ?",
        (top, mailbox),
    )
    return {id_: position for id_, position in rows if id_ in own}


def _announced(connection: sqlite3.Connection, positions: Collection[int]) -> dict[int, Announcement]:
    """What lies at these positions, without what was withdrawn."""
    if not positions:
        return {}
    rows = connection.execute(
        f"SELECT {BRIEF}, log.position, log.revision FROM log JOIN article ON article.id = log.article_id"
        " JOIN source ON source.id = article.source_id"
        " WHERE log.position IN (SELECT value FROM json_each(?)) AND NOT article.withdrawn",
        (json.dumps(sorted(positions)),),
    )
    return {row[-2]: Announcement(article_of(row), row[-1]) for row in rows}


def _owed(
    connection: sqlite3.Connection, claim: Claim, wanted: Wanted, there: Mapping[int, Announcement], now: datetime
) -> Owed:
    if not wanted.queries:
        return Owed()
    articles = _givable(connection, claim.mailbox.id, wanted.queries, there, now)
    # Where nothing of what was read is to be given, there is no message to count the rest in: it must not be passed.
    return Owed(articles, wanted.more, wanted.cursors) if articles else Owed((), 0, wanted.read)


def _givable(
    connection: sqlite3.Connection,
    mailbox: int,
    queries: Mapping[int, Sequence[str]],
    there: Mapping[int, Announcement],
    now: datetime,
) -> tuple[OwedArticle, ...]:
    """The articles at these positions, oldest first, each once, without what must not be given (again)."""
    given = _given(connection, mailbox, min(queries))
    found: dict[int, OwedArticle] = {}
    for position, texts in queries.items():
        one = there.get(position)
        if one is None or one.article.id in found or position in given:
            continue
        if one.article.revision > 1 and _was_given(connection, mailbox, one.article.id):
            continue
        is_as_announced = one.revision == one.article.revision
        wanting = tuple(texts) if is_as_announced else _still(connection, texts, one.article, now)
        if wanting:
            found[one.article.id] = OwedArticle(position, one.article, wanting)
    return tuple(found.values())


def _still(connection: sqlite3.Connection, texts: Sequence[str], brief: Article, now: datetime) -> tuple[str, ...]:
    """Those of the queries that match the article as it is now, corrected since it was announced."""
    whole = by_ids(connection, [brief.id])[brief.id]
    known = ((text, parsed(text)) for text in texts)
    return tuple(text for text, query in known if query and query.matches(whole, now))


def _given(connection: sqlite3.Connection, mailbox: int, first: int) -> set[int]:
    """The positions from `first` on that were given to the mailbox, or refused for good.

    There are some when mailboxes were merged, a claim was lost, or a list was sent one by one and broke off.
    """
    rows = connection.execute("SELECT positions FROM delivery WHERE mailbox_id = ? AND last >= ?", (mailbox, first))
    return {position for (positions,) in rows for position in json.loads(positions)}


def _was_given(connection: sqlite3.Connection, mailbox: int, article: int) -> bool:
    """Whether the mailbox was given any revision of the article."""
    rows: list[Any] = connection.execute("SELECT position FROM log WHERE article_id = ?", (article,)).fetchall()
    positions = {position for (position,) in rows}
    return not positions.isdisjoint(_given(connection, mailbox, min(positions)))
