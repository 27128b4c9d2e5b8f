"""Deliveries on SQLite: the record, and editing what was sent. Which messages are to be edited is touching.py's."""

import asyncio
import json
import secrets
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from storage.models import Cadence, Edit, Fate, Lease, Outcome, OwedArticle, Pictures, Place, Record
from storage.sqlite import pruning, touching
from storage.sqlite.connection import LARGEST_ID, PAUSE_SECONDS, Database, dated, moment, stamp
from storage.sqlite.rows import BRIEF, article_of

OLD_A_CHUNK = 500

CADENCE = "iif(aside, 'instant', cadence)"
RECORD = (
    f"SELECT delivery.id, delivery.bot, delivery.chat, thread, {CADENCE}, positions, at, outcome, message, reason,"
    " attempts, fate, changed FROM delivery JOIN mailbox ON mailbox.id = delivery.mailbox_id"
)
# One of a chat at a time: the first of those that are due, if none is being edited.
DUE = (
    "SELECT edit.delivery_id FROM edit WHERE bot = :bot AND due_at <= :now"
    " AND (lease_until IS NULL OR lease_until <= :now OR lease_until > :farthest)"
    " AND NOT EXISTS (SELECT 1 FROM edit AS other WHERE other.bot = edit.bot AND other.chat = edit.chat"
    " AND (other.lease_until > :now AND other.lease_until <= :farthest"
    " OR (other.due_at, other.delivery_id) < (edit.due_at, edit.delivery_id)))"
    " ORDER BY due_at, delivery_id LIMIT :limit"
)


class SqliteDeliveries:
    """The port `Deliveries`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_touched(self, *, now: datetime, limit: int) -> bool:
        if not await self._database.read(_any_touched):
            return False
        since = stamp(now - touching.EDITED_FOR)
        return await self._database.write(lambda connection: touching.find(connection, stamp(now), since, limit))

    async def claim(self, bot: int, *, now: datetime, lease: timedelta, limit: int) -> list[Edit]:
        # Most of the time there is none: looking needs no lock.
        while await self._database.read(lambda connection: _any_due(connection, bot, stamp(now))):
            edits = await self._database.write(lambda connection: _claim(connection, bot, now, lease, limit))
            if edits is not None:
                return edits
            await asyncio.sleep(PAUSE_SECONDS)
        return []

    async def now_showing(self, edits: Sequence[Edit]) -> list[tuple[OwedArticle, ...]]:
        return await self._database.read(lambda connection: [_now_showing(connection, edit) for edit in edits])

    async def settle(self, edit: Edit, *, fate: Fate, now: datetime) -> None:
        await self._database.write(lambda connection: _settle(connection, edit, fate, stamp(now)))

    async def put_off(self, edit: Edit, *, until: datetime, failed: bool) -> None:
        def write(connection: sqlite3.Connection) -> None:
            _put_off(connection, edit, stamp(until), failed=failed)

        await self._database.write(write)

    async def drop(self, bot: int, chat: int) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM edit WHERE bot = ? AND chat = ?", (bot, chat))

        await self._database.write(write)

    async def free(self, bot: int) -> None:
        # Very many may be due, few are leased: they are looked for without the lock.
        leased = await self._database.read(lambda connection: _leased(connection, bot))

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "UPDATE edit SET lease_until = NULL, token = NULL, again = 0 WHERE delivery_id = ?", leased
            )

        await self._database.write(write)

    async def of_article(self, article: int, *, limit: int) -> list[Record]:
        if abs(article) > LARGEST_ID:
            return []
        return await self._database.read(lambda connection: _of_article(connection, article, limit))

    async def of_chat(self, chat: int, *, limit: int) -> list[Record]:
        if abs(chat) > LARGEST_ID:
            return []
        return await self._database.read(lambda connection: _of_chat(connection, chat, limit))

    async def prune(self, lease: Lease, *, before: datetime, limit: int) -> bool:
        found = await self._database.read(lambda connection: pruning.find(connection, stamp(before), limit))
        return found is not None and await self._database.write(
            lambda connection: pruning.clear(connection, lease, found)
        )


def _any_touched(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM touched)").fetchone()[0])


def _any_due(connection: sqlite3.Connection, bot: int, now: int) -> bool:
    row = connection.execute("SELECT EXISTS (SELECT 1 FROM edit WHERE bot = ? AND due_at <= ?)", (bot, now)).fetchone()
    return bool(row[0])


def _leased(connection: sqlite3.Connection, bot: int) -> list[tuple[int]]:
    return connection.execute("SELECT delivery_id FROM edit WHERE bot = ? AND token IS NOT NULL", (bot,)).fetchall()


def _claim(connection: sqlite3.Connection, bot: int, now: datetime, lease: timedelta, limit: int) -> list[Edit] | None:
    """None: what was found was too old, and there may be more."""
    until = now + lease
    values = {"bot": bot, "now": stamp(now), "farthest": stamp(until + lease), "limit": limit}
    due = _edits(connection, [id_ for (id_,) in connection.execute(DUE, values)], until)
    since = stamp(until - touching.EDITED_FOR)
    taken = [edit for edit in due if stamp(edit.sent) >= since]
    if len(taken) < len(due):
        _drop_old(connection, [edit.delivery for edit in due if edit not in taken], since)
    connection.executemany(
        "UPDATE edit SET lease_until = ?, token = ?, again = 0 WHERE delivery_id = ?",
        [(stamp(until), edit.token, edit.delivery) for edit in taken],
    )
    return taken if taken or not due else None


def _drop_old(connection: sqlite3.Connection, found: Sequence[int], since: int) -> None:
    """Let these messages be as they are, and some others that are as old: after days of standing still all may be."""
    rows = connection.execute(
        "SELECT delivery_id, at FROM edit JOIN delivery ON delivery.id = delivery_id ORDER BY delivery_id LIMIT ?",
        (OLD_A_CHUNK,),
    )
    old = {*found, *(id_ for id_, at in rows if at < since)}
    connection.executemany("DELETE FROM edit WHERE delivery_id = ?", [(id_,) for id_ in old])


def _edits(connection: sqlite3.Connection, deliveries: Sequence[int], until: datetime) -> list[Edit]:
    rows = connection.execute(
        f"SELECT delivery.id, delivery.bot, delivery.chat, thread, {CADENCE}, message, at, photo, key, rest,"
        " edit.failures, coalesce(pictures, 'preview')"
        " FROM edit JOIN delivery ON delivery.id = edit.delivery_id JOIN mailbox ON mailbox.id = delivery.mailbox_id"
        " LEFT JOIN chat ON chat.bot = delivery.bot AND chat.id = delivery.chat"
        " WHERE edit.delivery_id IN (SELECT value FROM json_each(?)) ORDER BY edit.due_at, delivery.id",
        (json.dumps(deliveries),),
    )
    return [
        Edit(
            delivery=id_,
            place=Place(bot, chat, thread),
            cadence=Cadence(cadence),
            message=message,
            sent=moment(at),
            token=secrets.token_hex(8),
            until=until,
            photo=bool(photo),
            pictures=Pictures(pictures),
            key=key,
            more=json.loads(rest)["more"] if rest else 0,
            failures=failures,
        )
        for id_, bot, chat, thread, cadence, message, at, photo, key, rest, failures, pictures in rows
    ]


def _now_showing(connection: sqlite3.Connection, edit: Edit) -> tuple[OwedArticle, ...]:
    positions, mailbox, at = connection.execute(
        "SELECT positions, coalesce(moved_to, mailbox_id), at FROM delivery JOIN mailbox ON mailbox.id = mailbox_id"
        " WHERE delivery.id = ?",
        (edit.delivery,),
    ).fetchone() or ("[]", 0, 0)
    rows = connection.execute(
        f"SELECT {BRIEF}, log.position FROM log JOIN article ON article.id = log.article_id"
        " JOIN source ON source.id = article.source_id WHERE log.position IN (SELECT value FROM json_each(?))",
        (positions,),
    )
    articles = {row[-1]: article_of(row) for row in rows}
    wanting = _wanting(connection, positions, mailbox, at)
    return tuple(
        OwedArticle(position, articles[position], tuple(wanting.get(position, ())))
        for position in json.loads(positions)
        if position in articles
    )


def _wanting(connection: sqlite3.Connection, positions: str, mailbox: int, at: int) -> dict[int, list[str]]:
    """Position -> the queries that want what lies there, of those that the mailbox followed then and that are left."""
    rows = connection.execute(
        "SELECT match.position, query.text FROM subscription JOIN query ON query.id = subscription.query_id"
        " JOIN match ON match.query_id = query.id AND match.position IN (SELECT value FROM json_each(:positions))"
        " WHERE (mailbox_id = :mailbox OR subscription.id IN (SELECT subscription_id FROM former WHERE mailbox_id ="
        " :mailbox)) AND subscription.created <= :at ORDER BY subscription.id",
        {"positions": positions, "mailbox": mailbox, "at": at},
    )
    found: dict[int, list[str]] = {}
    for position, text in rows:
        found.setdefault(position, []).append(text)
    return found


def _settle(connection: sqlite3.Connection, edit: Edit, fate: Fate, now: int) -> None:
    if fate is not Fate.UNCHANGED:
        # What was deleted is gone, whatever was done to it before and is known only now.
        recorded = connection.execute(
            "UPDATE delivery SET fate = ?, changed = ? WHERE id = ? AND fate != 'deleted'", (fate, now, edit.delivery)
        )
        if fate is Fate.DELETED and recorded.rowcount:
            _announce_what_is_back(connection, edit.delivery)
    connection.execute(
        "DELETE FROM edit WHERE delivery_id = ? AND (? OR token = ? AND NOT again)",
        (edit.delivery, fate is Fate.DELETED, edit.token),
    )
    connection.execute(
        "UPDATE edit SET lease_until = NULL, token = NULL, again = 0, failures = 0, due_at = ?"
        " WHERE delivery_id = ? AND token = ?",
        (now, edit.delivery, edit.token),
    )


def _announce_what_is_back(connection: sqlite3.Connection, delivery: int) -> None:
    """Let what a deleted message showed be announced once more, if it is not withdrawn any more.

    It came back while the message was being deleted. Until now it counted as given, and may have been passed over.
    """
    back = connection.execute(
        "UPDATE article SET revision = revision + 1, renewed = revision + 1 WHERE NOT withdrawn AND id IN ("
        "SELECT article_id FROM log WHERE position IN ("
        "SELECT json_each.value FROM delivery, json_each(delivery.positions) WHERE delivery.id = ?)) RETURNING id",
        (delivery,),
    ).fetchall()
    connection.executemany("INSERT OR IGNORE INTO unannounced (article_id) VALUES (?)", back)


def _put_off(connection: sqlite3.Connection, edit: Edit, until: int, *, failed: bool) -> None:
    let_go = connection.execute(
        "UPDATE edit SET lease_until = NULL, token = NULL, again = 0, failures = failures + ?"
        " WHERE delivery_id = ? AND token = ?",
        (failed, edit.delivery, edit.token),
    )
    if let_go.rowcount:
        connection.execute(
            "UPDATE edit SET due_at = ? WHERE bot = ? AND chat = ? AND due_at < ?",
            (until, edit.place.bot, edit.place.chat, until),
        )


def _of_article(connection: sqlite3.Connection, article: int, limit: int) -> list[Record]:
    positions = connection.execute("SELECT position FROM log WHERE article_id = ?", (article,)).fetchall()
    newest: set[int] = set()
    for (position,) in positions:
        # Each position's deliveries lie in order: no more are read than are asked for.
        rows = connection.execute(
            "SELECT delivery_id FROM carried WHERE position = ? ORDER BY delivery_id DESC LIMIT ?", (position, limit)
        )
        newest |= {id_ for (id_,) in rows}
    ids = sorted(newest, reverse=True)[:limit]
    found = connection.execute(
        f"{RECORD} WHERE delivery.id IN (SELECT value FROM json_each(?)) ORDER BY delivery.id DESC", (json.dumps(ids),)
    ).fetchall()
    return [_record(connection, row) for row in found]


def _of_chat(connection: sqlite3.Connection, chat: int, limit: int) -> list[Record]:
    rows = connection.execute(
        f"{RECORD} WHERE mailbox_id IN (SELECT id FROM mailbox WHERE mailbox.chat = :chat AND moved_to IS NULL"
        " UNION ALL SELECT merged.id FROM mailbox AS own JOIN mailbox AS merged ON merged.moved_to = own.id"
        " WHERE own.chat = :chat AND own.moved_to IS NULL) ORDER BY delivery.id DESC LIMIT :limit",
        {"chat": chat, "limit": limit},
    ).fetchall()
    return [_record(connection, row) for row in rows]


def _record(connection: sqlite3.Connection, row: Any) -> Record:
    _, bot, chat, thread, cadence, positions, at, outcome, message, reason, attempts, fate, changed = row
    rows = connection.execute(
        "SELECT article_id FROM json_each(?) JOIN log ON log.position = json_each.value ORDER BY json_each.key",
        (positions,),
    )
    return Record(
        place=Place(bot, chat, thread),
        cadence=Cadence(cadence),
        articles=tuple(article for (article,) in rows),
        at=moment(at),
        outcome=Outcome(outcome),
        message=message,
        reason=reason,
        attempts=attempts,
        fate=Fate(fate),
        changed=dated(changed),
    )
