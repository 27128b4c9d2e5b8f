"""Subscriptions on SQLite."""

import asyncio
import sqlite3
from datetime import datetime
from typing import Any

from storage.errors import NotFound, TooMany
from storage.models import Cadence, Place, Subscription
from storage.query import Filing, Query
from storage.sqlite import filing, queries
from storage.sqlite.connection import LARGEST_ID, Database, Level, moment, stamp
from storage.sqlite.log import head
from storage.sqlite.mailboxes import reopen, resume

MOST_OF_A_PLACE = 100  # each costs a look into the matches whenever something is delivered there

SELECT = (
    "SELECT subscription.id, mailbox.bot, mailbox.chat, mailbox.thread, query.text, subscription.cursor,"
    " subscription.created, mailbox.cadence FROM subscription JOIN mailbox ON mailbox.id = subscription.mailbox_id"
    " JOIN query ON query.id = subscription.query_id"
)


class SqliteSubscriptions:
    """The port `Subscriptions`."""

    def __init__(self, database: Database, due: asyncio.Event) -> None:
        self._database = database
        self._due = due

    async def add(self, place: Place, query: Query, *, now: datetime) -> tuple[Subscription, bool]:
        where = await self._database.read(lambda connection: filing.filing(connection, query))
        added = await self._database.write(
            lambda connection: _add(connection, place, query, where, stamp(now)), Level.PEOPLE
        )
        self._due.set()  # it may have resumed the chat
        return added

    async def remove(self, place: Place, id_: int) -> Subscription:
        if abs(id_) > LARGEST_ID:
            raise NotFound("subscription", id_)
        return await self._database.write(lambda connection: _remove(connection, place, id_), Level.PEOPLE)

    async def all(self, place: Place) -> list[Subscription]:
        def read(connection: sqlite3.Connection) -> list[Subscription]:
            rows = connection.execute(
                f"{SELECT} WHERE mailbox.bot = ? AND mailbox.chat = ? AND mailbox.thread = ? ORDER BY subscription.id",
                (place.bot, place.chat, place.thread),
            )
            return [_subscription(row) for row in rows]

        return await self._database.read(read)


def _add(
    connection: sqlite3.Connection, place: Place, query: Query, where: Filing, now: int
) -> tuple[Subscription, bool]:
    connection.execute("INSERT OR IGNORE INTO chat (bot, id) VALUES (?, ?)", (place.bot, place.chat))
    resume(connection, place.bot, place.chat, now)
    reopen(connection, place, now)
    query_id = queries.keep(connection, query)
    mailbox = _mailbox(connection, place)
    filing.begin(connection)
    # The head is read under the write lock that announcing takes too: nothing announced meanwhile falls between.
    added = connection.execute(
        "INSERT OR IGNORE INTO subscription (query_id, mailbox_id, cursor, created) VALUES (?, ?, ?, ?)",
        (query_id, mailbox, head(connection), now),
    )
    if added.rowcount == 1:
        _check_room(connection, place)
    filing.follow(connection, query_id, where)
    row = connection.execute(
        f"{SELECT} WHERE subscription.query_id = ? AND subscription.mailbox_id = ?", (query_id, mailbox)
    ).fetchone()
    return _subscription(row), added.rowcount == 1


def _check_room(connection: sqlite3.Connection, place: Place) -> None:
    """Raise TooMany, which undoes the whole, when the place follows more than it may."""
    followed = connection.execute(
        "SELECT count(*) FROM mailbox JOIN subscription ON subscription.mailbox_id = mailbox.id"
        " WHERE bot = ? AND chat = ? AND thread = ? AND moved_to IS NULL",
        (place.bot, place.chat, place.thread),
    ).fetchone()[0]
    if followed > MOST_OF_A_PLACE:
        raise TooMany("subscription", MOST_OF_A_PLACE)


def _mailbox(connection: sqlite3.Connection, place: Place) -> int:
    """The place's instant mailbox, made when it is not there."""
    values = (place.bot, place.chat, place.thread, Cadence.INSTANT)
    connection.execute("INSERT OR IGNORE INTO mailbox (bot, chat, thread, cadence) VALUES (?, ?, ?, ?)", values)
    row = connection.execute(
        "SELECT id FROM mailbox WHERE bot = ? AND chat = ? AND thread = ? AND cadence = ? AND moved_to IS NULL", values
    ).fetchone()
    return int(row[0])


def _remove(connection: sqlite3.Connection, place: Place, id_: int) -> Subscription:
    row = connection.execute(
        f"{SELECT} WHERE subscription.id = ? AND mailbox.bot = ? AND mailbox.chat = ? AND mailbox.thread = ?",
        (id_, place.bot, place.chat, place.thread),
    ).fetchone()
    if row is None:
        raise NotFound("subscription", id_)
    connection.execute("DELETE FROM subscription WHERE id = ?", (id_,))
    query_id = connection.execute("SELECT id FROM query WHERE text = ?", (row[4],)).fetchone()[0]
    filing.unfile(connection, query_id)
    return _subscription(row)


def _subscription(row: Any) -> Subscription:
    id_, bot, chat, thread, query, cursor, created, cadence = row
    return Subscription(id_, Place(bot, chat, thread), query, cursor, moment(created), Cadence(cadence))
