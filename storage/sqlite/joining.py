"""Feeds that moved onto one address become one, on SQLite.

That which moved joins the other: it is polled no more, its addresses lead to the other, and whoever follows it follows
the other in its place. That happens when both have brought the same, all of it announced: from then on the other's news
is what the one's would have been, so that nothing is lost, and nothing pushed twice. What somebody is owed of the one
by then (a digest may be far off) they still get: their old subscription stays for that alone, and is seen by nobody.
"""

import json
import sqlite3
from dataclasses import dataclass

from storage.errors import QueryError
from storage.models import Feed
from storage.query import Query
from storage.query.filing import Filing
from storage.query.rewriting import resourced, sources
from storage.sqlite import filing, queries
from storage.sqlite.connection import stamped
from storage.sqlite.log import head

TOPICS_LIMIT = 20
_UNANNOUNCED_LOOKED_AT = 1_000  # where more wait, it is not the time to join

FOLLOWED = "subscription.successor_id IS NULL"
"""Of subscriptions those that are there for more than what they are owed."""
OWES_NOTHING = (
    "NOT EXISTS (SELECT 1 FROM match WHERE match.query_id = subscription.query_id"
    " AND match.position > subscription.cursor)"
)


@dataclass(frozen=True, slots=True)
class Joining:
    """A feed that may join another, and what is to be followed in the place of what names its source."""

    into: int
    name: str
    """The other's."""
    rewritten: tuple[tuple[int, Query, Filing], ...]
    """Query -> the one in its place."""
    through: int
    """The queries of subscriptions up to this id were looked at."""


def find(connection: sqlite3.Connection, feed: Feed, into: int) -> Joining | None:
    """What is to be done for the feed to join that of the source `into`; None: it cannot.

    Apart from the writing, for it reads every followed query.
    """
    if not _is_polled(connection, into):
        return None
    through = filing.newest_subscription(connection)
    found = connection.execute(
        "SELECT id, text FROM query WHERE instr(text, ?)"
        " AND EXISTS (SELECT 1 FROM subscription WHERE query_id = query.id)",
        (f"source:{feed.source.name}",),
    ).fetchall()
    name = _name(connection, into)
    return Joining(into, name, tuple(_rewritten(connection, found, {feed.source.name: name})), through)


def join(connection: sqlite3.Connection, feed: Feed, joining: Joining) -> bool:
    """Let the feed join the other. False: they are not even yet."""
    if not _are_even(connection, feed, joining.into):
        return False
    names = {feed.source.name: joining.name}
    late = connection.execute(
        "SELECT DISTINCT query.id, text FROM subscription JOIN query ON query.id = query_id WHERE subscription.id > ?",
        (joining.through,),
    ).fetchall()
    done = {query_id for query_id, _, _ in joining.rewritten}
    others = _rewritten(connection, [row for row in late if row[0] not in done], names)
    for query_id, query, where in (*joining.rewritten, *others):
        _follow_instead(connection, query_id, query, where)
        _count_as_matched(connection, feed.source.id, joining.into, query_id, query)
    _give_over(connection, feed, joining.into)
    return True


def followed(connection: sqlite3.Connection, query: Query) -> Query:
    """What is followed by who wants to follow the query: other sources in the place of those that have joined them."""
    names = {}
    for name in sources(query):
        row = connection.execute(
            "SELECT other.name FROM source JOIN source AS other ON other.id = source.joined_id WHERE source.name = ?",
            (name,),
        ).fetchone()
        if row:
            names[name] = row[0]
    return (names and _instead(query, names)) or query


def drop_followed_on(connection: sqlite3.Connection, id_: int) -> None:
    """End what is followed on as this subscription, which has ended."""
    gone = connection.execute("DELETE FROM subscription WHERE successor_id = ? RETURNING query_id", (id_,)).fetchall()
    for (query_id,) in gone:
        filing.unfile(connection, query_id)


def _is_polled(connection: sqlite3.Connection, id_: int) -> bool:
    row = connection.execute(
        "SELECT 1 FROM feed WHERE source_id = ? AND NOT removed AND NOT paused AND ended = '' AND idle_since IS NULL",
        (id_,),
    ).fetchone()
    return row is not None


def _are_even(connection: sqlite3.Connection, feed: Feed, into: int) -> bool:
    """Whether both have brought the same, and all of it is announced. This poll of the feed brought nothing new."""
    if not _is_polled(connection, into):
        return False
    polled = connection.execute("SELECT answered FROM feed WHERE source_id = ?", (into,)).fetchone()[0]
    if (polled or 0) <= (stamped(feed.answered) or 0):
        return False
    waiting = connection.execute(
        "SELECT count(*), total(source_id IN (?, ?)) FROM"
        " (SELECT article_id FROM unannounced LIMIT ?) JOIN article ON article.id = article_id",
        (feed.source.id, into, _UNANNOUNCED_LOOKED_AT),
    ).fetchone()
    return bool(waiting[0] < _UNANNOUNCED_LOOKED_AT and not waiting[1])


def _name(connection: sqlite3.Connection, source: int) -> str:
    return str(connection.execute("SELECT name FROM source WHERE id = ?", (source,)).fetchone()[0])


def _rewritten(
    connection: sqlite3.Connection, found: list[tuple[int, str]], names: dict[str, str]
) -> list[tuple[int, Query, Filing]]:
    rewritten = []
    for id_, text in found:
        query = queries.parsed(text)
        other = query and _instead(query, names)
        if other:
            rewritten.append((id_, other, filing.filing(connection, other)))
    return rewritten


def _instead(query: Query, names: dict[str, str]) -> Query | None:
    """The query asking for these sources instead; None: it asks for none of them, or would be too long."""
    if not names.keys() & set(sources(query)):
        return None
    try:
        return Query.parse(resourced(query, names).text)
    except QueryError:
        return None


def _follow_instead(connection: sqlite3.Connection, old: int, query: Query, where: Filing) -> None:
    """Let whoever follows the old query follow this one from now on, each place once."""
    values = {"old": old, "new": queries.keep(connection, query), "head": head(connection)}
    # From the place to what it follows: a popular query has very many followers.
    twin = (
        "SELECT twin.id FROM mailbox AS mine CROSS JOIN mailbox AS its ON its.bot = mine.bot AND its.chat = mine.chat"
        " AND its.thread = mine.thread AND its.moved_to IS NULL"
        " CROSS JOIN subscription AS twin ON twin.mailbox_id = its.id AND twin.query_id = :new"
        " WHERE mine.id = subscription.mailbox_id"
    )
    connection.execute(
        "INSERT INTO subscription (query_id, mailbox_id, cursor, created)"
        f" SELECT :new, mailbox_id, :head, created FROM subscription WHERE query_id = :old AND {FOLLOWED}"
        f" AND NOT EXISTS ({twin})",
        values,
    )
    connection.execute(f"DELETE FROM subscription WHERE query_id = :old AND {OWES_NOTHING}", values)
    connection.execute(f"UPDATE subscription SET successor_id = ({twin}) WHERE query_id = :old AND {FOLLOWED}", values)
    filing.follow(connection, values["new"], where)
    filing.unfile(connection, old)


def _count_as_matched(connection: sqlite3.Connection, source: int, into: int, old: int, query: Query) -> None:
    """Let no correction be news for the new query of what both have brought and the old one had."""
    connection.execute(
        "INSERT OR IGNORE INTO match (query_id, position)"
        " SELECT (SELECT id FROM query WHERE text = :new), others.position"
        " FROM match JOIN log ON log.position = match.position JOIN article ON article.id = log.article_id"
        " JOIN article AS copy ON copy.source_id = :into AND copy.key = article.key"
        " JOIN log AS others ON others.article_id = copy.id"
        " WHERE match.query_id = :old AND article.source_id = :source",
        {"new": query.text, "into": into, "old": old, "source": source},
    )


def _give_over(connection: sqlite3.Connection, feed: Feed, into: int) -> None:
    """Let the other feed have all that was the one's, but its articles."""
    topics = json.loads(connection.execute("SELECT topics FROM feed WHERE source_id = ?", (into,)).fetchone()[0])
    labels = list(dict.fromkeys((*topics, *feed.topics)))[:TOPICS_LIMIT]
    connection.execute("UPDATE feed_address SET source_id = ? WHERE source_id = ?", (into, feed.source.id))
    connection.execute("DELETE FROM feed WHERE source_id = ?", (feed.source.id,))
    connection.execute(
        "UPDATE feed SET topics = ?, full_text = full_text OR ? WHERE source_id = ?",
        (json.dumps(labels, ensure_ascii=False), feed.full_text, into),
    )
    if feed.added_by is None:
        connection.execute("UPDATE feed SET bot = 0, chat = 0, thread = 0 WHERE source_id = ?", (into,))
    connection.execute("UPDATE source SET joined_id = ?1 WHERE id = ?2 OR joined_id = ?2", (into, feed.source.id))
