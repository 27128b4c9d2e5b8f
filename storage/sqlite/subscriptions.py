"""Subscriptions on SQLite."""

import asyncio
import sqlite3
from datetime import datetime
from typing import Any

from storage.errors import NotFound, TooMany
from storage.models import Cadence, Place, Subscription
from storage.query import Filing, Query
from storage.query.rewriting import sources
from storage.sqlite import filing, idling, joining, queries
from storage.sqlite.connection import LARGEST_ID, Database, Level, dated, moment, stamp
from storage.sqlite.filing import FOLLOWED
from storage.sqlite.log import head
from storage.sqlite.mailboxes import reopen, resume
from storage.sqlite.moving import change_mailbox

MOST_OF_A_PLACE = 100  # each costs a look into the matches whenever something is delivered there

SELECT = (
    "SELECT subscription.id, mailbox.bot, mailbox.chat, mailbox.thread, query.text, subscription.cursor,"
    " subscription.created, mailbox.cadence, mailbox.served_at FROM subscription"
    " JOIN mailbox ON mailbox.id = subscription.mailbox_id JOIN query ON query.id = subscription.query_id"
)
# As the index of places has it. What was merged into another mailbox has no subscriptions.
OF_A_PLACE = "bot = ? AND chat = ? AND thread = ? AND moved_to IS NULL"


class SqliteSubscriptions:
    """The port `Subscriptions`."""

    def __init__(self, database: Database, due: asyncio.Event) -> None:
        self._database = database
        self._due = due

    async def add(
        self, place: Place, query: Query, *, now: datetime, cadence: Cadence = Cadence.INSTANT
    ) -> tuple[Subscription, bool]:
        before, where = await self._database.read(lambda connection: _filed(connection, query))

        def write(connection: sqlite3.Connection) -> tuple[Subscription, bool]:
            followed = joining.followed(connection, query)
            _let_back(connection, place, stamp(now))
            query_id = queries.keep(connection, followed)
            filing.begin(connection)
            added = _add(connection, place, query_id, cadence, stamp(now))
            for name in sources(followed):
                idling.wake(connection, name, stamp(now))
            filing.follow(connection, query_id, where if followed == before else filing.filing(connection, followed))
            return added

        added = await self._database.write(write, Level.PEOPLE)
        self._due.set()  # it may have resumed the chat
        return added

    async def change_cadence(self, place: Place, id_: int, cadence: Cadence, *, now: datetime) -> Subscription:
        if abs(id_) > LARGEST_ID:
            raise NotFound("subscription", id_)
        changed = await self._database.write(
            lambda connection: _change_cadence(connection, place, id_, cadence, stamp(now)), Level.PEOPLE
        )
        self._due.set()
        return changed

    async def remove(self, place: Place, id_: int) -> Subscription:
        if abs(id_) > LARGEST_ID:
            raise NotFound("subscription", id_)
        return await self._database.write(lambda connection: _remove(connection, place, id_), Level.PEOPLE)

    async def remove_all(self, bot: int, chat: int) -> int:
        return await self._database.write(lambda connection: _remove_all(connection, bot, chat))

    async def find(self, place: Place, query: Query) -> Subscription | None:
        def read(connection: sqlite3.Connection) -> Subscription | None:
            text = joining.followed(connection, query).text
            row = connection.execute("SELECT id FROM query WHERE text = ?", (text,)).fetchone()
            return _known(connection, place, row[0]) if row else None

        return await self._database.read(read)

    async def all(self, place: Place) -> list[Subscription]:
        def read(connection: sqlite3.Connection) -> list[Subscription]:
            rows = connection.execute(
                f"{SELECT} WHERE {OF_A_PLACE} AND {FOLLOWED} ORDER BY subscription.id",
                (place.bot, place.chat, place.thread),
            )
            return [_subscription(row) for row in rows]

        return await self._database.read(read)


def _filed(connection: sqlite3.Connection, query: Query) -> tuple[Query, Filing]:
    """What is followed by who wants to follow the query, and where it is filed."""
    followed = joining.followed(connection, query)
    return followed, filing.filing(connection, followed)


def _let_back(connection: sqlite3.Connection, place: Place, now: int) -> None:
    """Whoever follows something is there to be delivered to."""
    connection.execute("INSERT OR IGNORE INTO chat (bot, id) VALUES (?, ?)", (place.bot, place.chat))
    resume(connection, place.bot, place.chat, now)
    reopen(connection, place, now)


def _known(connection: sqlite3.Connection, place: Place, query_id: int) -> Subscription | None:
    """The place's subscription to the query; None: it has none."""
    row = connection.execute(
        f"{SELECT} WHERE query_id = ? AND {OF_A_PLACE} AND {FOLLOWED} ORDER BY subscription.id LIMIT 1",
        (query_id, place.bot, place.chat, place.thread),
    ).fetchone()
    return _subscription(row) if row else None


def _add(
    connection: sqlite3.Connection, place: Place, query_id: int, cadence: Cadence, now: int
) -> tuple[Subscription, bool]:
    if known := _known(connection, place, query_id):
        return known, False
    # The head is read under the write lock that announcing takes too: nothing announced meanwhile falls between.
    added = connection.execute(
        "INSERT INTO subscription (query_id, mailbox_id, cursor, created) VALUES (?, ?, ?, ?) RETURNING id",
        (query_id, _mailbox(connection, place, cadence), head(connection), now),
    ).fetchone()
    _check_room(connection, place)
    return _subscription(_row(connection, place, added[0])), True


def _change_cadence(connection: sqlite3.Connection, place: Place, id_: int, cadence: Cadence, now: int) -> Subscription:
    subscription = _subscription(_row(connection, place, id_))
    if subscription.cadence == cadence:
        return subscription
    target = _mailbox(connection, place, cadence)
    mailbox = _mailbox(connection, place, subscription.cadence)
    left = change_mailbox(connection, subscription.id, mailbox, target, now)
    # What is owed of what joined it comes along.
    followed_on = connection.execute(
        "SELECT id FROM subscription WHERE successor_id = ? AND mailbox_id = ?", (left, mailbox)
    ).fetchall()
    for (one,) in followed_on:
        change_mailbox(connection, one, mailbox, target, now)
    return _subscription(_row(connection, place, left))


def _check_room(connection: sqlite3.Connection, place: Place) -> None:
    """Raise TooMany, which undoes the whole, when the place follows more than it may."""
    followed = connection.execute(
        "SELECT count(*) FROM mailbox JOIN subscription ON subscription.mailbox_id = mailbox.id"
        f" WHERE {OF_A_PLACE} AND {FOLLOWED}",
        (place.bot, place.chat, place.thread),
    ).fetchone()[0]
    if followed > MOST_OF_A_PLACE:
        raise TooMany("subscription", MOST_OF_A_PLACE)


def _mailbox(connection: sqlite3.Connection, place: Place, cadence: Cadence) -> int:
    """The place's mailbox of this cadence, made when it is not there: paused or shut as the place's others are."""
    values = (place.bot, place.chat, place.thread, cadence)
    made = connection.execute(
        "INSERT OR IGNORE INTO mailbox (bot, chat, thread, cadence) VALUES (?, ?, ?, ?)", values
    ).rowcount
    row = connection.execute(
        "SELECT id FROM mailbox WHERE bot = ? AND chat = ? AND thread = ? AND cadence = ? AND moved_to IS NULL", values
    ).fetchone()
    if made:
        connection.execute(
            "UPDATE mailbox SET (shut, told, paused) = (other.shut, other.told, other.paused) FROM mailbox AS other"
            " WHERE mailbox.id = ? AND other.bot = ? AND other.chat = ? AND other.thread = ? AND other.cadence != ?"
            " AND other.moved_to IS NULL",
            (row[0], *values),
        )
    return int(row[0])


def _row(connection: sqlite3.Connection, place: Place, id_: int) -> Any:
    """The row of the subscription, or of that as which it is followed on. Raises NotFound unless it is this place's."""
    row = connection.execute(
        f"{SELECT} WHERE subscription.id = ? AND mailbox.bot = ? AND mailbox.chat = ? AND mailbox.thread = ?",
        (joining.followed_on(connection, id_), place.bot, place.chat, place.thread),
    ).fetchone()
    if row is None:
        raise NotFound("subscription", id_)
    return row


def _remove(connection: sqlite3.Connection, place: Place, id_: int) -> Subscription:
    row = _row(connection, place, id_)
    connection.execute("DELETE FROM subscription WHERE id = ?", row[:1])
    joining.drop_followed_on(connection, row[0])
    query_id = connection.execute("SELECT id FROM query WHERE text = ?", (row[4],)).fetchone()[0]
    filing.unfile(connection, query_id)
    return _subscription(row)


def _remove_all(connection: sqlite3.Connection, bot: int, chat: int) -> int:
    mailboxes = connection.execute(
        "SELECT id FROM mailbox WHERE bot = ? AND chat = ? AND moved_to IS NULL", (bot, chat)
    ).fetchall()
    ended = [
        row
        for mailbox in mailboxes
        for row in connection.execute(
            f"DELETE FROM subscription WHERE mailbox_id = ? RETURNING query_id, {FOLLOWED}", mailbox
        ).fetchall()
    ]
    connection.executemany("UPDATE mailbox SET due_at = NULL WHERE id = ?", mailboxes)
    for query_id in {query_id for query_id, _ in ended}:
        filing.unfile(connection, query_id)
    return sum(is_followed for _, is_followed in ended)


def _subscription(row: Any) -> Subscription:
    id_, bot, chat, thread, query, cursor, created, cadence, served = row
    place = Place(bot, chat, thread)
    return Subscription(id_, place, query, cursor, moment(created), Cadence(cadence), dated(served))
