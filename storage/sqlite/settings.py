"""What chats have chosen, on SQLite."""

import json
import sqlite3
from collections.abc import Collection
from typing import Any

from storage.models import ChatSettings, Pictures, Quiet
from storage.sqlite.connection import dated, stamped
from storage.sqlite.holds import make_due

DEFAULT = ChatSettings()
COLUMNS = "zone, quiet_from, quiet_to, quiet_silent, digest_minute, digest_weekday, muted_until, pictures, urgent"


def of_chats(connection: sqlite3.Connection, bot: int, chats: Collection[int]) -> dict[int, ChatSettings]:
    """What each of these chats has chosen, as far as they are known."""
    rows = connection.execute(
        f"SELECT id, {COLUMNS} FROM chat WHERE bot = ? AND id IN (SELECT value FROM json_each(?))",
        (bot, json.dumps(list(chats))),
    )
    return {id_: _settings(*columns) for id_, *columns in rows}


def put(connection: sqlite3.Connection, bot: int, chat: int, settings: ChatSettings, now: int) -> None:
    """Keep what the chat has chosen. See the port `Chats.change_settings`."""
    quiet = settings.quiet
    values = (
        settings.zone,
        quiet and quiet.start,
        quiet and quiet.end,
        bool(quiet and quiet.silent),
        settings.digest_minute,
        settings.digest_weekday,
        stamped(settings.muted_until),
        settings.pictures,
        settings.urgent,
    )
    connection.execute("INSERT OR IGNORE INTO chat (bot, id) VALUES (?, ?)", (bot, chat))
    connection.execute(
        f"UPDATE chat SET ({COLUMNS}) = (?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE bot = ? AND id = ?", (*values, bot, chat)
    )
    mailboxes = connection.execute(
        "UPDATE mailbox SET slot_at = NULL, rescheduled = token IS NOT NULL"
        " WHERE bot = ? AND chat = ? AND moved_to IS NULL RETURNING id, token IS NOT NULL",
        (bot, chat),
    ).fetchall()
    for mailbox, is_claimed in mailboxes:
        if not is_claimed:
            make_due(connection, mailbox, now)


def _settings(*columns: Any) -> ChatSettings:
    zone, quiet_from, quiet_to, quiet_silent, digest_minute, digest_weekday, muted_until, pictures, urgent = columns
    if columns == _DEFAULTS:
        return DEFAULT
    return ChatSettings(
        zone=zone,
        quiet=None if quiet_from is None else Quiet(quiet_from, quiet_to, bool(quiet_silent)),
        digest_minute=digest_minute,
        digest_weekday=digest_weekday,
        muted_until=dated(muted_until),
        pictures=Pictures(pictures),
        urgent=bool(urgent),
    )


# As the table has them.
_DEFAULTS = ("", None, None, 0, DEFAULT.digest_minute, DEFAULT.digest_weekday, None, DEFAULT.pictures, 0)
