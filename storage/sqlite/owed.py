"""What mailboxes are owed on SQLite: read, not stored."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from storage.models import Article, Claim, Owed, OwedArticle, Passed, Rest
from storage.sqlite import urgent
from storage.sqlite.connection import moment
from storage.sqlite.log import head
from storage.sqlite.queries import parsed
from storage.sqlite.rows import BRIEF, article_of, by_ids
from storage.text.terms import article_terms

READ_OF_A_MAILBOX = 50
EXAMINED = 50  # corrected articles among the counted: to see whether a long one still matches takes two milliseconds

Wanting = Mapping[int, Sequence[str]]
"""Positions, in order -> the queries that want the article there; none when it counts as given for all of them."""


class Following(NamedTuple):
    """A subscription that wants something."""

    id: int
    query: int
    text: str
    cursor: int
    is_moved: bool
    """Whether it was another mailbox's before."""
    positions: Sequence[int]
    """The first ones beyond its cursor: one more at most than is read of a mailbox."""


class Wanted(NamedTuple):
    """What lies beyond a mailbox's cursors."""

    following: Sequence[Following]
    first: Wanting
    """At the first positions."""
    is_all: bool
    """Whether there are no others."""
    urgent: Wanting
    """Where something urgent lies, if that is not to wait."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """An article in the log: as it is now, and the revision that was announced."""

    article: Article
    revision: int
    at: int
    """When it was announced."""


class Standing(NamedTuple):
    """How an article in the log stands: its number, the revision that was announced, and the one that it has now."""

    article: int
    announced: int
    revision: int


class Reading(NamedTuple):
    """One mailbox, read at one moment."""

    connection: sqlite3.Connection
    mailbox: int
    top: int
    """The log's head."""
    now: datetime


def owed_to(connection: sqlite3.Connection, claims: Sequence[Claim], now: datetime) -> list[Owed]:
    """What each claim is owed. See the port `Mailboxes.owed`."""
    top = head(connection)
    wanted = [_wanted(connection, claim, top) for claim in claims]
    # What many are owed is read once.
    positions = {position for one in wanted for position in one.first}
    positions.update(*(one.urgent for one in wanted if one.urgent))
    there = _announced(connection, positions)
    return [
        _owed(Reading(connection, claim.mailbox.id, top, now), one, there)
        for claim, one in zip(claims, wanted, strict=True)
    ]


def _wanted(connection: sqlite3.Connection, claim: Claim, top: int) -> Wanted:
    subscriptions = connection.execute(
        "SELECT subscription.id, query_id, query.text, cursor,"
        " EXISTS (SELECT 1 FROM former WHERE subscription_id = subscription.id) FROM mailbox"
        " JOIN subscription ON subscription.mailbox_id = mailbox.id JOIN query ON query.id = query_id"
        " WHERE mailbox.id = ? AND token = ? ORDER BY subscription.id",
        (claim.mailbox.id, claim.token),
    ).fetchall()
    read = [
        Following(id_, query, text, cursor, bool(is_moved), _positions(connection, query, cursor, top))
        for id_, query, text, cursor, is_moved in subscriptions
    ]
    following = [one for one in read if one.positions]
    wanting = _wanting(connection, following, {one.id: one.positions for one in following})
    first = dict(sorted(wanting.items())[:READ_OF_A_MAILBOX])
    is_all = len(wanting) <= READ_OF_A_MAILBOX
    return Wanted(following, first, is_all, _urgent(connection, following, top) if claim.settings.urgent else {})


def _urgent(connection: sqlite3.Connection, following: Sequence[Following], top: int) -> Wanting:
    """The wanted positions at which something urgent lies, however many others come before."""
    found = urgent.newest(connection, min((one.cursor for one in following), default=top), top)
    own = {one.id: urgent.matched(connection, one.query, found, one.cursor) for one in following} if found else {}
    return dict(sorted(_wanting(connection, following, own).items()))


def _positions(connection: sqlite3.Connection, query: int, cursor: int, top: int) -> list[int]:
    """The first positions beyond the cursor that the query matched: one more than is read of a mailbox."""
    rows = connection.execute(
        "SELECT position FROM match WHERE query_id = ? AND position > ? AND position <= ? ORDER BY position LIMIT ?",
        (query, cursor, top, READ_OF_A_MAILBOX + 1),
    )
    return [position for (position,) in rows]


def _wanting(
    connection: sqlite3.Connection, following: Sequence[Following], positions: Mapping[int, Sequence[int]]
) -> dict[int, list[str]]:
    """Which queries want what lies at the subscriptions' positions: not those for which it counts as given."""
    wanting: dict[int, list[str]] = defaultdict(list)
    for one in following:
        own = positions.get(one.id, ())
        elsewhere = _given_elsewhere(connection, one.id, own) if one.is_moved and own else frozenset()
        for position in own:
            texts = wanting[position]
            if position not in elsewhere:
                texts.append(one.text)
    return wanting


def _announced(connection: sqlite3.Connection, positions: Collection[int]) -> dict[int, Announcement]:
    """What lies at these positions, without what was withdrawn."""
    if not positions:
        return {}
    rows = connection.execute(
        f"SELECT {BRIEF}, log.position, log.revision, log.announced FROM log"
        " JOIN article ON article.id = log.article_id JOIN source ON source.id = article.source_id"
        " WHERE log.position IN (SELECT value FROM json_each(?)) AND NOT article.withdrawn",
        (json.dumps(sorted(positions)),),
    )
    return {row[-3]: Announcement(article_of(row), row[-2], row[-1]) for row in rows}


def _owed(reading: Reading, wanted: Wanted, there: Mapping[int, Announcement]) -> Owed:
    owed = _in_order(reading, wanted, there)
    if not wanted.urgent:
        return owed
    return replace(owed, urgent=_to_give(reading, wanted.urgent, there))


def _to_give(reading: Reading, wanting: Wanting, there: Mapping[int, Announcement]) -> tuple[OwedArticle, ...]:
    """What of that may be given."""
    standings = {
        position: Standing(one.article.id, one.revision, one.article.revision)
        for position in wanting
        if (one := there.get(position))
    }
    givable = _givable(reading, wanting, standings)
    return tuple(OwedArticle(position, there[position].article, texts) for position, texts in givable.items())


def _in_order(reading: Reading, wanted: Wanted, there: Mapping[int, Announcement]) -> Owed:
    """What is owed, whether it is urgent or not."""
    if not wanted.first:
        return Owed()
    articles = _to_give(reading, wanted.first, there)
    through = max(wanted.first)
    if not articles:
        # There is no message to count the rest in: it must not be passed.
        return Owed(cursors=_through(wanted, through))
    cursors, more = _through(wanted, through), 0
    since = moment(there[articles[0].position].at)
    if wanted.is_all and len(articles) == 1:
        return Owed(articles, cursors=cursors, since=since)  # which any message shows
    without = wanted.first.keys() - {one.position for one in articles}
    if not wanted.is_all:
        taken = {one.article.id for one in articles}
        beyond = _not_counted(reading, wanted.following, through, taken)
        cursors, more, without = _last(reading, wanted), _more(reading, through) - len(beyond), without | beyond
    passed = tuple(Passed(one.query, one.cursor, cursors[one.id]) for one in wanted.following)
    return Owed(articles, more, cursors, Rest(passed, tuple(sorted(without))), since)


def _through(wanted: Wanted, through: int) -> dict[int, int]:
    """Subscription -> the last of its positions that is not beyond this one."""
    return {
        one.id: max(position for position in one.positions if position <= through)
        for one in wanted.following
        if one.positions[0] <= through
    }


def _last(reading: Reading, wanted: Wanted) -> dict[int, int]:
    """Subscription -> its last position of all."""
    rows = reading.connection.execute(
        "SELECT id, (SELECT max(position) FROM match WHERE query_id = subscription.query_id AND position <= ?)"
        " FROM subscription WHERE mailbox_id = ?",
        (reading.top, reading.mailbox),
    )
    own = {one.id for one in wanted.following}
    return {id_: position for id_, position in rows if id_ in own}


def _more(reading: Reading, after: int) -> int:
    """How many positions beyond this one are wanted, each counted once."""
    row = reading.connection.execute(
        "SELECT count(DISTINCT position) FROM subscription JOIN match ON match.query_id = subscription.query_id"
        " AND position > max(cursor, ?) AND position <= ? WHERE mailbox_id = ?",
        (after, reading.top, reading.mailbox),
    ).fetchone()
    return int(row[0])


def _not_counted(reading: Reading, following: Sequence[Following], after: int, taken: Collection[int]) -> set[int]:
    """The wanted positions beyond this one whose articles are not to be given; `taken` are articles read before it."""
    connection = reading.connection
    given = _given(connection, reading.mailbox, after)
    for one in following:
        given |= _given_to_formers(connection, one.id, after) if one.is_moved else set()
    # Only what was given or touched needs a look: of a backlog that is little.
    rows = connection.execute(
        "SELECT subscription.id, match.position FROM subscription JOIN match ON match.query_id = subscription.query_id"
        " AND match.position > max(cursor, ?) AND match.position <= ? JOIN log ON log.position = match.position"
        " WHERE mailbox_id = ? AND (match.position IN (SELECT value FROM json_each(?)) OR EXISTS ("
        " SELECT 1 FROM article INDEXED BY article_touched"
        " WHERE article.id = log.article_id AND (article.revision > 1 OR article.withdrawn)))",
        (after, reading.top, reading.mailbox, json.dumps(sorted(given))),
    )
    positions: dict[int, list[int]] = defaultdict(list)
    for subscription, position in rows:
        positions[subscription].append(position)
    wanting = dict(sorted(_wanting(connection, following, positions).items()))
    if not wanting:
        return set()
    return wanting.keys() - _givable(reading, wanting, _standings(connection, wanting), taken).keys()


def _standings(connection: sqlite3.Connection, positions: Collection[int]) -> dict[int, Standing]:
    """How the articles at these positions stand, without those that were withdrawn."""
    rows = connection.execute(
        "SELECT log.position, article.id, log.revision, article.revision FROM log"
        " JOIN article ON article.id = log.article_id"
        " WHERE log.position IN (SELECT value FROM json_each(?)) AND NOT article.withdrawn",
        (json.dumps(list(positions)),),
    )
    return {position: Standing(*row) for position, *row in rows}


def _givable(
    reading: Reading, wanting: Wanting, standings: Mapping[int, Standing], taken: Collection[int] = ()
) -> dict[int, tuple[str, ...]]:
    """The positions whose articles may be given, each article once, and the queries that want them.

    Left out is what must not be given (again), and the articles `taken` already.
    """
    revised = [position for position, standing in standings.items() if standing.revision > 1]
    revisions = _revisions(reading.connection, revised) if revised else {}
    first = min(wanting)
    if revisions:
        first = min(first, *map(min, revisions.values()))
    given = _given(reading.connection, reading.mailbox, first)
    found: dict[int, tuple[str, ...]] = {}
    seen = set(taken)
    left = EXAMINED
    for position, texts in wanting.items():
        standing = standings.get(position)
        if standing is None or standing.article in seen or position in given or not texts:
            continue
        if not given.isdisjoint(revisions.get(position, ())):
            continue
        wanted = tuple(texts)
        if standing.announced != standing.revision and left:
            left -= 1
            wanted = still(reading.connection, texts, standing.article, reading.now)
        if wanted:
            found[position] = wanted
            seen.add(standing.article)
    return found


def still(connection: sqlite3.Connection, texts: Sequence[str], article: int, now: datetime) -> tuple[str, ...]:
    """Those of the queries that match the article as it is now, corrected since it was announced."""
    whole = by_ids(connection, [article])[article]
    terms = article_terms(whole)
    known = ((text, parsed(text)) for text in texts)
    return tuple(text for text, query in known if query and query.matches_terms(terms, whole, now))


def _revisions(connection: sqlite3.Connection, positions: Collection[int]) -> dict[int, set[int]]:
    """Position -> all positions of the article that lies there, in any revision."""
    rows = connection.execute(
        "SELECT log.position, other.position FROM log JOIN log AS other ON other.article_id = log.article_id"
        " WHERE log.position IN (SELECT value FROM json_each(?))",
        (json.dumps(list(positions)),),
    )
    found: dict[int, set[int]] = defaultdict(set)
    for position, other in rows:
        found[position].add(other)
    return found


def _given(connection: sqlite3.Connection, mailbox: int, first: int) -> set[int]:
    """The positions that were given to the mailbox, or refused for good: all from `first` on, and perhaps others.

    There are some when mailboxes were merged, a claim was lost, or a list was sent one by one and broke off. What was
    deleted again since its article was withdrawn is given anew should that come back. What was given to a mailbox that
    was merged into this one counts as given to it.
    """
    merged = connection.execute("SELECT id FROM mailbox WHERE moved_to = ?", (mailbox,)).fetchall()
    return {
        position
        for (own,) in [(mailbox,), *merged]
        for (positions,) in connection.execute(
            "SELECT positions FROM delivery WHERE mailbox_id = ? AND last >= ? AND fate != 'deleted'", (own, first)
        )
        for position in json.loads(positions)
    }


def _given_elsewhere(connection: sqlite3.Connection, subscription: int, positions: Sequence[int]) -> set[int]:
    """Those of the positions whose articles count as given to the subscription (see `Subscriptions.change_cadence`)."""
    revisions = _revisions(connection, positions)
    if not revisions:
        return set()
    given = _given_to_formers(connection, subscription, min(map(min, revisions.values())))
    return {position for position, all_ in revisions.items() if not given.isdisjoint(all_)}


def _given_to_formers(connection: sqlite3.Connection, subscription: int, first: int) -> set[int]:
    """The positions from `first` on that mailboxes which had the subscription were given for it."""
    formers = connection.execute(
        "SELECT mailbox_id, through FROM former WHERE subscription_id = ?", (subscription,)
    ).fetchall()
    return {
        position
        for mailbox, through in formers
        for position in _given(connection, mailbox, first)
        if position <= through
    }
