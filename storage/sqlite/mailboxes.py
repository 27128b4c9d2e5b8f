"""Mailboxes on SQLite: claiming what is due, settling how it ended. What is owed is owed.py's, moving moving.py's."""

import asyncio
import json
import secrets
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from storage.errors import NotFound
from storage.models import Cadence, Claim, Cursor, Delivery, Mailbox, Outcome, Owed, Page, Place, Settlement
from storage.sqlite import chats, settings, touching
from storage.sqlite import more as counted
from storage.sqlite.connection import (
    LARGEST_ID,
    MICROSECOND,
    PAUSE_SECONDS,
    Database,
    Level,
    dated,
    stamp,
    stamped,
)
from storage.sqlite.holds import OPENS, let_all_go, let_go, make_due, take_back
from storage.sqlite.moving import PATIENCE, let_go_of_old_backlog, move
from storage.sqlite.owed import owed_to

CHATS_A_CHUNK = 100
MAILBOXES_A_CHUNK = 1_000
FAR = timedelta(days=8) // MICROSECOND  # what waits for something waits hardly ever longer, unless a clock was ahead
# Each as its index has it.
PUSH = "cadence = 'instant'"
DIGEST = "cadence != 'instant'"
URGENT = "urgent"
NEXT_DUE = "SELECT due_at AS at FROM mailbox WHERE bot = ? AND due_at IS NOT NULL AND lease_until IS NULL"


class SqliteMailboxes:
    """The port `Mailboxes`."""

    def __init__(self, database: Database, due: asyncio.Event) -> None:
        self._database = database
        self._due = due

    async def claim(
        self, bot: int, *, now: datetime, lease: timedelta, limit: int, digests: bool = False
    ) -> list[Claim]:
        kinds = [DIGEST] if digests else [PUSH, URGENT]
        return await self._database.write(lambda connection: _claim(connection, bot, now, lease, limit, kinds))

    async def owed(self, claims: Sequence[Claim], *, now: datetime) -> list[Owed]:
        return await self._database.read(lambda connection: owed_to(connection, claims, now))

    async def settle(self, settlement: Settlement, *, now: datetime) -> bool:
        mine, due = await self._database.write(lambda connection: _settle(connection, settlement, stamp(now)))
        if due:
            self._due.set()
        return mine

    async def more(self, key: int, *, now: datetime, limit: int, cursor: Cursor | None = None) -> Page:
        if abs(key) > LARGEST_ID:
            raise NotFound("list", key)
        return await self._database.read(lambda connection: counted.more(connection, key, now, limit, cursor))

    async def free(self, bot: int, *, now: datetime) -> int:
        freed = await self._database.write(lambda connection: _free(connection, bot, stamp(now)))
        self._due.set()
        return freed

    async def set_back(self, bot: int, *, by: timedelta, now: datetime) -> None:
        ids = [0]
        while ids := await self._database.read(partial(_to_come, bot=bot, after=ids[-1], now=stamp(now))):
            await self._database.write(partial(_set_back, mailboxes=ids, by=by, now=stamp(now)))
            await asyncio.sleep(PAUSE_SECONDS)
        await self._database.write(partial(_set_retries_back, bot=bot, by=by, now=stamp(now)))
        self._due.set()

    async def next_due(self, bot: int) -> datetime | None:
        def read(connection: sqlite3.Connection) -> int | None:
            row = connection.execute(
                "SELECT min(at) FROM ("
                f" SELECT * FROM ({NEXT_DUE} AND {PUSH} ORDER BY due_at LIMIT 1) UNION ALL"
                f" SELECT * FROM ({NEXT_DUE} AND {DIGEST} ORDER BY due_at LIMIT 1) UNION ALL"
                " SELECT min(lease_until) FROM mailbox WHERE bot = ? AND lease_until IS NOT NULL)",
                (bot, bot, bot),
            ).fetchone()
            return row[0]  # type: ignore[no-any-return]  # an INTEGER column of a STRICT table

        return dated(await self._database.read(read))

    async def pause(self, bot: int, chat: int, *, now: datetime, reason: str, retry: datetime | None = None) -> None:
        def write(connection: sqlite3.Connection) -> None:
            _pause(connection, bot, chat, Pause(reason, stamped(retry)), stamp(now))

        await self._database.write(write)

    async def retry(self, bot: int, *, now: datetime) -> int:
        retried = 0
        while await self._database.read(lambda connection: _to_retry(connection, bot, stamp(now))):
            retried += await self._database.write(lambda connection: _retry(connection, bot, stamp(now)))
            self._due.set()
            await asyncio.sleep(PAUSE_SECONDS)
        return retried

    async def resume(self, bot: int, chat: int, *, now: datetime) -> bool:
        if not await self._database.read(lambda connection: _is_hindered(connection, bot, chat)):
            return False
        resumed = await self._database.write(lambda connection: resume(connection, bot, chat, stamp(now)), Level.PEOPLE)
        self._due.set()
        return resumed

    async def reopen(self, place: Place, *, now: datetime) -> None:
        await self._database.write(lambda connection: reopen(connection, place, stamp(now)), Level.PEOPLE)
        self._due.set()

    async def move(self, bot: int, chat: int, to: int, *, now: datetime) -> None:
        await self._database.write(lambda connection: move(connection, bot, chat, to, stamp(now)))
        self._due.set()


def _claim(  # noqa: PLR0913, PLR0917  what is asked for, in one row of values
    connection: sqlite3.Connection, bot: int, now: datetime, lease: timedelta, limit: int, kinds: Sequence[str]
) -> list[Claim]:
    until = now + lease
    touched = touching.times_touched(connection)
    of_each = [_due(connection, bot, stamp(now), stamp(until + lease), limit, kind) for kind in kinds]
    due = sorted(chain(*of_each), key=_since)[:limit] if all(of_each) else max(of_each, key=len)
    chosen = settings.of_chats(connection, bot, {row[1] for row in due})
    claims = [
        Claim(
            Mailbox(id_, Place(bot, chat, thread), Cadence(cadence), failures, dated(served)),
            secrets.token_hex(8),
            until,
            chosen.get(chat, settings.DEFAULT),
            touched,
        )
        for id_, chat, thread, cadence, failures, served, _ in due
    ]
    connection.executemany(
        "UPDATE mailbox SET due_at = NULL, lease_until = ?, token = ?, rescheduled = 0 WHERE id = ?",
        [(stamp(until), claim.token, claim.mailbox.id) for claim in claims],
    )
    return claims


def _since(row: Sequence[Any]) -> tuple[int, int]:
    """Since when the mailbox is due, and its id."""
    return row[-1], row[0]


def _due(  # noqa: PLR0913, PLR0917  likewise
    connection: sqlite3.Connection, bot: int, now: int, farthest: int, limit: int, kind: str
) -> list[Any]:
    """The mailboxes that are due, longest first; a lease beyond `farthest` has ended."""
    columns = "SELECT id, chat, thread, cadence, failures, served_at"
    return connection.execute(
        f"{columns}, due_at AS since FROM mailbox WHERE bot = :bot AND due_at <= :now AND {kind}"
        " AND (lease_until IS NULL OR lease_until <= :now OR lease_until > :farthest)"
        f" UNION ALL {columns}, lease_until AS since FROM mailbox WHERE bot = :bot AND lease_until <= :now AND {kind}"
        " AND (due_at IS NULL OR due_at > :now)"
        f" UNION ALL {columns}, :now AS since FROM mailbox WHERE bot = :bot AND lease_until > :farthest AND {kind}"
        " AND (due_at IS NULL OR due_at > :now) ORDER BY since, id LIMIT :limit",
        {"bot": bot, "now": now, "farthest": farthest, "limit": limit},
    ).fetchall()


def _free(connection: sqlite3.Connection, bot: int, now: int) -> int:
    let_all_go(connection, bot)
    values = {"bot": bot, "now": now}
    ended = connection.execute("UPDATE mailbox SET lease_until = :now WHERE bot = :bot AND lease_until > :now", values)
    # Nothing is waited for on account of a claim that nobody will settle.
    connection.execute("UPDATE mailbox SET token = NULL WHERE bot = :bot AND lease_until <= :now", values)
    for kind in (PUSH, DIGEST):
        connection.execute(
            f"UPDATE mailbox SET due_at = max(:now, {OPENS})"
            f" WHERE bot = :bot AND due_at > :now AND due_at > {OPENS} AND {kind}",
            {"bot": bot, "now": now},
        )
        connection.execute(
            "UPDATE mailbox SET (opens_at, slot_at) = (iif(opens_at > :far, NULL, opens_at),"
            " iif(slot_at > :far, NULL, slot_at)), due_at = max(:now, iif(opens_at <= :far, opens_at, 0),"
            f" iif(slot_at <= :far, slot_at, 0)) WHERE bot = :bot AND due_at > :far AND {kind}",
            {"bot": bot, "now": now, "far": now + FAR},
        )
    return ended.rowcount


def _to_come(connection: sqlite3.Connection, bot: int, after: int, now: int) -> list[int]:
    """The next mailboxes for which something is to come after `now`."""
    rows = connection.execute(
        "SELECT id FROM mailbox WHERE bot = ? AND id > ?"
        " AND (due_at > ? OR opens_at > ? OR slot_at > ? OR lease_until > ?"
        " OR EXISTS (SELECT 1 FROM hold WHERE mailbox_id = mailbox.id)) ORDER BY id LIMIT ?",
        (bot, after, now, now, now, now, MAILBOXES_A_CHUNK),
    )
    return [id_ for (id_,) in rows]


def _set_back(connection: sqlite3.Connection, mailboxes: Sequence[int], by: timedelta, now: int) -> None:
    values = [{"id": mailbox, "by": by // MICROSECOND, "now": now} for mailbox in mailboxes]
    connection.executemany(
        "UPDATE mailbox SET due_at = iif(due_at > :now, due_at - :by, due_at),"
        " opens_at = iif(opens_at > :now, opens_at - :by, opens_at), slot_at = NULL,"
        " lease_until = iif(lease_until > :now, lease_until - :by, lease_until) WHERE id = :id",
        values,
    )
    connection.executemany("UPDATE hold SET until = until - :by WHERE mailbox_id = :id AND until > :now", values)


def _set_retries_back(connection: sqlite3.Connection, bot: int, by: timedelta, now: int) -> None:
    connection.execute(
        "UPDATE chat SET retry_at = retry_at - ? WHERE bot = ? AND retry_at > ?", (by // MICROSECOND, bot, now)
    )


def _settle(connection: sqlite3.Connection, settlement: Settlement, now: int) -> tuple[bool, bool]:
    """Whether the claim was this token's still, and whether a mailbox became due."""
    claim = settlement.claim
    for subscription, cursor in settlement.cursors.items():
        connection.execute("UPDATE subscription SET cursor = max(cursor, ?) WHERE id = ?", (cursor, subscription))
    _record(connection, claim, settlement.deliveries, now)
    due = let_go(connection, claim.token, now)
    sent = any(delivery.outcome is Outcome.SENT for delivery in settlement.deliveries)
    served = sent and not all(delivery.aside for delivery in settlement.deliveries)
    ended = connection.execute(
        "UPDATE mailbox SET lease_until = NULL, token = NULL, failures = :failures, opens_at = :opens,"
        " slot_at = iif(rescheduled, NULL, :slot), urgent = iif(rescheduled OR :opens IS NOT NULL, urgent, 0),"
        " rescheduled = 0, told = iif(:sent, 0, told), served_at = iif(:served, :now, served_at)"
        " WHERE id = :id AND token = :token",
        {
            "failures": settlement.failures,
            "opens": stamped(settlement.opens),
            "slot": stamped(settlement.slot),
            "sent": sent,
            "served": served,
            "now": now,
            "id": claim.mailbox.id,
            "token": claim.token,
        },
    )
    mine = ended.rowcount == 1
    if served and not mine:
        mailbox = current(connection, claim.mailbox.id)
        connection.execute("UPDATE mailbox SET served_at = ? WHERE id = ?", (now, mailbox))
    place = claim.mailbox.place
    if mine and sent:
        connection.execute(
            "UPDATE chat SET told = 0, paused_at = NULL WHERE bot = ? AND id = ? AND (told OR paused_at IS NOT NULL)",
            (place.bot, place.chat),
        )
    if mine and settlement.paused:
        _pause(connection, place.bot, place.chat, Pause(settlement.paused, stamped(settlement.retry)), now)
    elif mine and settlement.shut:
        _shut(connection, place, settlement.shut)
    elif mine:
        due |= make_due(connection, claim.mailbox.id, now)
    return mine, due


def _record(connection: sqlite3.Connection, claim: Claim, deliveries: Sequence[Delivery], now: int) -> None:
    if not deliveries:
        return
    moved_to, touched = connection.execute(
        "SELECT moved_to, (SELECT touched FROM progress) FROM mailbox WHERE id = ?", (claim.mailbox.id,)
    ).fetchone()
    mailbox = claim.mailbox.id if moved_to is None else current(connection, moved_to)
    for delivery in deliveries:
        id_ = _record_one(connection, claim, mailbox, delivery)
        for position in delivery.positions:
            connection.execute("INSERT OR IGNORE INTO carried (position, delivery_id) VALUES (?, ?)", (position, id_))
        # Touched since the claim, its articles may be shown as they were: whoever looked for messages did not find it.
        if claim.touched != touched and touching.is_outdated(connection, delivery.positions):
            touching.make_due(connection, [id_], now, now - touching.EDITED_FOR // MICROSECOND)


def _record_one(connection: sqlite3.Connection, claim: Claim, mailbox: int, delivery: Delivery) -> int:
    place = claim.mailbox.place
    recorded = connection.execute(
        "INSERT INTO delivery (mailbox_id, bot, chat, message, positions, last, outcome, reason, at, key, rest, photo,"
        " aside, attempts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            mailbox,
            place.bot,
            place.chat,
            delivery.message,
            json.dumps(delivery.positions),
            max(delivery.positions, default=0),
            delivery.outcome,
            delivery.reason,
            stamp(delivery.at),
            delivery.key,
            counted.encode(delivery),
            delivery.photo,
            delivery.aside,
            claim.mailbox.failures + 1,
        ),
    )
    return int(recorded.lastrowid or 0)


def current(connection: sqlite3.Connection, mailbox: int) -> int:
    """The mailbox that this one was merged into, in the end; itself when it was not."""
    while True:
        row = connection.execute("SELECT moved_to FROM mailbox WHERE id = ?", (mailbox,)).fetchone()
        if row is None or row[0] is None:
            return mailbox
        mailbox = row[0]


class Pause(NamedTuple):
    """Why nothing can be delivered, and when it is tried all the same."""

    reason: str
    retry: int | None


def _pause(connection: sqlite3.Connection, bot: int, chat: int, pause: Pause, now: int) -> None:
    connection.execute(
        "INSERT INTO chat (bot, id, paused, retry_at, paused_at) VALUES (:bot, :chat, :reason, :retry, :now)"
        " ON CONFLICT (bot, id) DO UPDATE SET paused = excluded.paused,"
        # Between two tries it was not delivered to either.
        " paused_at = coalesce(paused_at, excluded.paused_at),"
        " retry_at = iif(coalesce(paused_at, :now) < :long_ago, NULL, excluded.retry_at)",
        {
            "bot": bot,
            "chat": chat,
            "reason": pause.reason,
            "retry": pause.retry,
            "now": now,
            "long_ago": now - PATIENCE,
        },
    )
    mailboxes = connection.execute(
        "UPDATE mailbox SET paused = 1, due_at = NULL WHERE bot = ? AND chat = ? AND moved_to IS NULL RETURNING id",
        (bot, chat),
    ).fetchall()
    for (mailbox,) in mailboxes:
        take_back(connection, mailbox)


def _shut(connection: sqlite3.Connection, place: Place, reason: str) -> None:
    """Pause what is delivered to the place alone, whatever its cadence."""
    mailboxes = connection.execute(
        "UPDATE mailbox SET shut = ?, paused = 1, due_at = NULL"
        " WHERE bot = ? AND chat = ? AND thread = ? AND moved_to IS NULL RETURNING id",
        (reason, place.bot, place.chat, place.thread),
    ).fetchall()
    for (mailbox,) in mailboxes:
        take_back(connection, mailbox)


def _to_retry(connection: sqlite3.Connection, bot: int, now: int) -> list[int]:
    """Some of the paused chats whose time to be tried has come."""
    rows = connection.execute("SELECT id FROM chat WHERE bot = ? AND retry_at <= ? LIMIT ?", (bot, now, CHATS_A_CHUNK))
    return [id_ for (id_,) in rows]


def _retry(connection: sqlite3.Connection, bot: int, now: int) -> int:
    chats = _to_retry(connection, bot, now)
    for chat in chats:
        if not _end_pause(connection, bot, chat, now):
            # Nothing will show whether it takes something: another pause is not the same one.
            _forget_since(connection, bot, chat)
    return len(chats)


def _forget_since(connection: sqlite3.Connection, bot: int, chat: int) -> None:
    """Forget since when nothing was taken there."""
    connection.execute(
        "UPDATE chat SET paused_at = NULL WHERE bot = ? AND id = ? AND paused_at IS NOT NULL", (bot, chat)
    )


def _is_hindered(connection: sqlite3.Connection, bot: int, chat: int) -> bool:
    """Whether there is anything for `resume` to do."""
    tried = connection.execute(
        "SELECT 1 FROM chat WHERE bot = ? AND id = ? AND paused_at IS NOT NULL", (bot, chat)
    ).fetchone()
    return bool(tried or _claimed(connection, bot, chat))


def _claimed(connection: sqlite3.Connection, bot: int, chat: int) -> list[int]:
    """The chat's mailboxes that somebody has claimed."""
    rows = connection.execute(
        "SELECT id FROM mailbox WHERE bot = ? AND chat = ? AND moved_to IS NULL AND token IS NOT NULL", (bot, chat)
    )
    return [id_ for (id_,) in rows]


def resume(connection: sqlite3.Connection, bot: int, chat: int, now: int) -> bool:
    """Undo a pause, and forestall one: of what is in flight, a late 403 says nothing. False: nothing was paused."""
    claimed = _claimed(connection, bot, chat)
    for mailbox in claimed:
        take_back(connection, mailbox)
    if chats.paused(connection, bot, chat):
        let_go_of_old_backlog(connection, bot, chat, now)
        connection.execute("UPDATE chat SET told = 0 WHERE bot = ? AND id = ?", (bot, chat))
        _forget_since(connection, bot, chat)
        _end_pause(connection, bot, chat, now)
        return True
    _forget_since(connection, bot, chat)
    for mailbox in claimed:
        make_due(connection, mailbox, now)
    return False


def _end_pause(connection: sqlite3.Connection, bot: int, chat: int, now: int) -> bool:
    """Let the chat be delivered to. Whether anything is owed there."""
    connection.execute("UPDATE chat SET paused = '', retry_at = NULL WHERE bot = ? AND id = ?", (bot, chat))
    resumed = connection.execute(
        "UPDATE mailbox SET paused = shut != '', failures = 0, opens_at = NULL"
        " WHERE bot = ? AND chat = ? AND moved_to IS NULL RETURNING id",
        (bot, chat),
    ).fetchall()
    owed = [make_due(connection, mailbox, now) for (mailbox,) in resumed]
    return any(owed)


def reopen(connection: sqlite3.Connection, place: Place, now: int) -> None:
    """Let the place be delivered to again. See the port `Mailboxes.reopen`."""
    is_paused = chats.paused(connection, place.bot, place.chat) != ""
    reopened = connection.execute(
        "SELECT id FROM mailbox WHERE bot = ? AND chat = ? AND thread = ? AND moved_to IS NULL"
        " AND (shut != '' OR failures OR token IS NOT NULL)",
        (place.bot, place.chat, place.thread),
    ).fetchall()
    for (mailbox,) in reopened:
        take_back(connection, mailbox)
        connection.execute(
            # A 429 counts as no failure: its time is kept.
            "UPDATE mailbox SET shut = '', told = 0, paused = ?, failures = 0,"
            " opens_at = iif(shut != '' OR failures, NULL, opens_at) WHERE id = ?",
            (is_paused, mailbox),
        )
        make_due(connection, mailbox, now)
