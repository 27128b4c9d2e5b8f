"""Feeds that moved onto one address become one, on SQLite.

That which moved joins the other (or the other it: `find`): it is polled no more, its addresses lead to the other, and
whoever follows it follows the other in its place. That happens when both have brought the same, all of it announced:
from then on the other's news is what the one's would have been, so that nothing is lost, and nothing pushed twice. What
somebody is owed of the one by then (a digest may be far off) they still get: their old subscription stays for that, and
so that buttons that name it go on to work, for as long as the log is kept. Nothing more is matched for it, and nobody
sees it.
"""

import json
import sqlite3
from dataclasses import dataclass

from storage.errors import QueryError
from storage.models import Feed, Source
from storage.query import Query
from storage.query.filing import Filing
from storage.query.rewriting import left_out, let_in, resourced, sources
from storage.sqlite import filing, queries
from storage.sqlite.connection import stamped
from storage.sqlite.filing import FOLLOWED
from storage.sqlite.idling import IS_POLLED
from storage.sqlite.log import head
from storage.sqlite.sources import joined

TOPICS_LIMIT = 20
_UNANNOUNCED_LOOKED_AT = 1_000  # where more wait, it is not the time to join

OWES_NOTHING = (
    "NOT EXISTS (SELECT 1 FROM match WHERE match.query_id = subscription.query_id"
    " AND match.position > subscription.cursor)"
)


@dataclass(frozen=True, slots=True)
class Joining:
    """A feed that may join another, and what is to be followed in the place of what names its source."""

    gone: Source
    """Of the one that joins."""
    left: Source
    """Of the one that stays."""
    lets_in: bool
    """Whether who leaves out the one that stays, and not the one that joins, is given its news from now on: it is what
    they have had. A reader's feed changes nothing that others leave out."""
    rewritten: tuple[tuple[int, Query, Filing], ...]
    """Query -> the one in its place."""
    through: int
    """The queries of subscriptions up to this id were looked at."""


def find(connection: sqlite3.Connection, feed: Feed, other: Feed) -> Joining | None:
    """What is to be done for the feed, which moved onto the other's URL, to be one with it; None: it cannot.

    It joins the other, unless that one rests or is a reader's where it is the operator's itself, who has said what it
    is called and in which zone its times are: then the other joins it.

    Apart from the writing, for it reads every followed query.
    """
    if not (other.idle_since or _is_polled(connection, other.source.id)):
        return None
    is_its = other.idle_since or (other.added_by and not feed.added_by)
    gone, left = (other.source, feed.source) if is_its else (feed.source, other.source)
    lets_in = not (other if is_its else feed).added_by
    through = filing.newest_subscription(connection)
    found = connection.execute(
        "SELECT id, text FROM query WHERE (instr(text, ?) OR instr(text, ?))"
        f" AND EXISTS (SELECT 1 FROM subscription WHERE query_id = query.id AND {FOLLOWED})",
        (f"source:{gone.name}", f"-source:{left.name}"),
    ).fetchall()
    try:
        rewritten = _rewritten(connection, found, gone.name, left.name, lets_in=lets_in)
        return Joining(gone, left, lets_in, tuple(rewritten), through)
    except _TooLongError:
        return None


def join(connection: sqlite3.Connection, feed: Feed, joining: Joining) -> bool:
    """Let them be one; `feed` is that which moved. False: they are not even yet."""
    gone, left = joining.gone, joining.left
    other = left if gone.id == feed.source.id else gone
    if not (other is gone and _rests(connection, gone.id)) and not _are_even(connection, feed, other.id):
        return False
    late = connection.execute(
        "SELECT DISTINCT query.id, text FROM subscription JOIN query ON query.id = query_id"
        f" WHERE subscription.id > ? AND {FOLLOWED}",
        (joining.through,),
    ).fetchall()
    done = {query_id for query_id, _, _ in joining.rewritten}
    try:
        late = [row for row in late if row[0] not in done]
        others = _rewritten(connection, late, gone.name, left.name, lets_in=joining.lets_in)
    except _TooLongError:
        return False
    for query_id, query, where in (*joining.rewritten, *others):
        _follow_instead(connection, query_id, query, where)
        _count_as_matched(connection, gone.id, left.id, query_id, query)
    _give_over(connection, gone.id, left.id)
    return True


def followed(connection: sqlite3.Connection, query: Query) -> Query:
    """What is followed by who wants to follow the query: other sources in the place of those that have joined them."""
    names = {name: other.name for name in sources(query) if (other := joined(connection, name))}
    try:
        return (names and _instead(query, names)) or query
    except _TooLongError:
        return query


def followed_on(connection: sqlite3.Connection, id_: int) -> int:
    """The subscription as which this one is followed on; itself, if it is followed as ever."""
    row = connection.execute("SELECT successor_id FROM subscription WHERE id = ?", (id_,)).fetchone()
    return int(row[0]) if row and row[0] is not None else id_


def drop_followed_on(connection: sqlite3.Connection, id_: int) -> None:
    """End what is followed on as this subscription, which has ended."""
    connection.execute("DELETE FROM subscription WHERE successor_id = ?", (id_,))


def follow_on_as(connection: sqlite3.Connection, id_: int, other: int) -> None:
    """Let what is followed on as this subscription be so as the other, which is there in its place."""
    connection.execute("UPDATE subscription SET successor_id = ? WHERE successor_id = ?", (other, id_))


class _TooLongError(Exception):
    """A query that names another source would be longer than one may be."""


def _is_polled(connection: sqlite3.Connection, id_: int) -> bool:
    return connection.execute(f"SELECT 1 FROM feed WHERE source_id = ? AND {IS_POLLED}", (id_,)).fetchone() is not None


def _rests(connection: sqlite3.Connection, id_: int) -> bool:
    """Whether it is a reader's that nobody follows: nobody loses anything, or is given it twice."""
    row = connection.execute("SELECT 1 FROM feed WHERE source_id = ? AND NOT removed AND idle_since > 0", (id_,))
    return row.fetchone() is not None


def _are_even(connection: sqlite3.Connection, feed: Feed, other: int) -> bool:
    """Whether both have brought the same, and all of it is announced. This poll of the feed brought nothing new."""
    polled = connection.execute(
        f"SELECT coalesce(answered, 0) FROM feed WHERE source_id = ? AND {IS_POLLED}", (other,)
    ).fetchone()
    if polled is None or polled[0] <= (stamped(feed.answered) or 0):
        return False
    waiting = connection.execute(
        "SELECT count(*), total(source_id IN (?, ?)) FROM"
        " (SELECT article_id FROM unannounced LIMIT ?) JOIN article ON article.id = article_id",
        (feed.source.id, other, _UNANNOUNCED_LOOKED_AT),
    ).fetchone()
    return bool(waiting[0] < _UNANNOUNCED_LOOKED_AT and not waiting[1])


def _rewritten(
    connection: sqlite3.Connection, found: list[tuple[int, str]], gone: str, left: str, *, lets_in: bool
) -> list[tuple[int, Query, Filing]]:
    rewritten = []
    for id_, text in found:
        query = queries.parsed(text)
        other = query and ((lets_in and _letting_in(query, gone, left)) or _instead(query, {gone: left}))
        if other:
            rewritten.append((id_, other, filing.filing(connection, other)))
    return rewritten


def _letting_in(query: Query, gone: str, left: str) -> Query | None:
    """Of a query that leaves out the one that is left alone, what is followed in its place. Raises _TooLongError."""
    without = left_out(query)
    if left not in without or gone in without:
        return None
    query = let_in(query, left)
    return _instead(query, {gone: left}) or Query.parse(query.text)


def _instead(query: Query, names: dict[str, str]) -> Query | None:
    """The query asking for these sources instead; None: it asks for none of them. Raises _TooLongError."""
    if not names.keys() & set(sources(query)):
        return None
    try:
        return Query.parse(resourced(query, names).text)
    except QueryError as error:
        raise _TooLongError from error


def _follow_instead(connection: sqlite3.Connection, old: int, query: Query, where: Filing) -> None:
    """Let whoever follows the old query follow this one from now on, each place once."""
    values = {"old": old, "new": queries.keep(connection, query), "head": head(connection)}
    # From the place to what it follows: a popular query has very many followers.
    twin = (
        "SELECT twin.id FROM mailbox AS mine CROSS JOIN mailbox AS its ON its.bot = mine.bot AND its.chat = mine.chat"
        " AND its.thread = mine.thread AND its.moved_to IS NULL"
        " CROSS JOIN subscription AS twin ON twin.mailbox_id = its.id AND twin.query_id = :new"
        " WHERE mine.id = subscription.mailbox_id ORDER BY its.id != mine.id LIMIT 1"
    )
    connection.execute(
        "INSERT INTO subscription (query_id, mailbox_id, cursor, created)"
        f" SELECT :new, mailbox_id, :head, created FROM subscription WHERE query_id = :old AND {FOLLOWED}"
        f" AND NOT EXISTS ({twin})",
        values,
    )
    # Those that owe nothing are forgotten by their cursors.
    connection.execute(
        f"UPDATE subscription SET successor_id = ({twin}), cursor = iif({OWES_NOTHING}, :head, cursor)"
        f" WHERE query_id = :old AND {FOLLOWED}",
        values,
    )
    # What has joined the one before goes on with it.
    connection.execute(
        "UPDATE subscription SET successor_id = mine.successor_id FROM subscription AS mine"
        " WHERE mine.query_id = :old AND subscription.successor_id = mine.id",
        values,
    )
    filing.follow(connection, values["new"], where)
    filing.unfile(connection, values["new"])  # should nobody follow the old one any more
    filing.unfile(connection, old)


def _count_as_matched(connection: sqlite3.Connection, source: int, into: int, old: int, query: Query) -> None:
    """Let no correction be news for the new query of what both have brought and the old one had."""
    connection.execute(
        "INSERT OR IGNORE INTO match (query_id, position)"
        " SELECT (SELECT id FROM query WHERE text = :new), others.position"
        " FROM match JOIN log ON log.position = match.position JOIN article ON article.id = log.article_id"
        " JOIN article AS copy ON copy.source_id = :into AND copy.key = article.key"
        " JOIN log AS others ON others.article_id = copy.id"
        " WHERE match.query_id = :old AND article.source_id = :source"
        # Nobody is to be owed it.
        " AND others.position <= (SELECT min(cursor) FROM subscription JOIN query ON query.id = query_id"
        "  WHERE text = :new)",
        {"new": query.text, "into": into, "old": old, "source": source},
    )


def _give_over(connection: sqlite3.Connection, gone: int, left: int) -> None:
    """Let the feed that is left have all that was the other's, but its articles."""
    described = "SELECT topics, full_text, chat FROM feed WHERE source_id = ?"
    topics, _, _ = connection.execute(described, (left,)).fetchone()
    others, full_text, chat = connection.execute(described, (gone,)).fetchone()
    labels = list(dict.fromkeys((*json.loads(topics), *json.loads(others))))[:TOPICS_LIMIT]
    connection.execute("UPDATE feed_address SET source_id = ? WHERE source_id = ?", (left, gone))
    connection.execute("DELETE FROM feed WHERE source_id = ?", (gone,))
    connection.execute(
        "UPDATE feed SET topics = ?, full_text = full_text OR ? WHERE source_id = ?",
        (json.dumps(labels, ensure_ascii=False), full_text, left),
    )
    if not chat:
        connection.execute("UPDATE feed SET bot = 0, chat = 0, thread = 0 WHERE source_id = ?", (left,))
    connection.execute("UPDATE source SET joined_id = ?1 WHERE id = ?2 OR joined_id = ?2", (left, gone))
