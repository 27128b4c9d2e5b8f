"""Chats on SQLite: what is known of them, and who is to be told about them."""

import asyncio
import sqlite3
from datetime import datetime
from typing import Any

from storage.models import Chat, ChatKind, ChatSettings, Place
from storage.sqlite import settings
from storage.sqlite.connection import Database, Level, stamp

_TOLD, _TOLD_GONE = 1, 2  # in `told`; 0: nothing
SELECT = "SELECT bot, id, kind, title, username, set_up_by, paused FROM chat"
# Left to itself SQLite looks through all chats of the bot, at each question in private.
OF_PERSON = (
    f"{SELECT} INDEXED BY chat_set_up_by"
    " WHERE bot = ? AND set_up_by = ? AND set_up_by != 0 AND kind != '' AND paused = '' ORDER BY title, id"
)


class SqliteChats:
    """The port `Chats`."""

    def __init__(self, database: Database, due: asyncio.Event) -> None:
        self._database = database
        self._due = due

    async def put(self, chat: Chat) -> None:
        await self._database.write(lambda connection: _put(connection, chat), Level.PEOPLE)

    async def get(self, bot: int, id_: int) -> Chat | None:
        return await self._database.read(lambda connection: get(connection, bot, id_))

    async def paused(self, bot: int, id_: int) -> str:
        return await self._database.read(lambda connection: paused(connection, bot, id_))

    async def set_up_by(self, bot: int, person: int) -> list[Chat]:
        def read(connection: sqlite3.Connection) -> list[Chat]:
            return [_chat(row) for row in connection.execute(OF_PERSON, (bot, person))]

        return await self._database.read(read)

    async def settings(self, bot: int, id_: int) -> ChatSettings:
        found = await self._database.read(lambda connection: settings.of_chats(connection, bot, [id_]))
        return found.get(id_, settings.DEFAULT)

    async def change_settings(self, bot: int, id_: int, chosen: ChatSettings, *, now: datetime) -> None:
        await self._database.write(
            lambda connection: settings.put(connection, bot, id_, chosen, stamp(now)), Level.PEOPLE
        )
        self._due.set()

    async def to_tell(self, place: Place, *, whole: bool, gone: bool) -> Chat | None:
        return await self._database.write(lambda connection: _to_tell(connection, place, whole=whole, gone=gone))


def get(connection: sqlite3.Connection, bot: int, id_: int) -> Chat | None:
    """The chat as far as it is known; None: only its id is."""
    row = connection.execute(f"{SELECT} WHERE bot = ? AND id = ? AND kind != ''", (bot, id_)).fetchone()
    return _chat(row) if row else None


def paused(connection: sqlite3.Connection, bot: int, id_: int) -> str:
    """Why nothing can be delivered to the chat; empty: it can."""
    row = connection.execute("SELECT paused FROM chat WHERE bot = ? AND id = ?", (bot, id_)).fetchone()
    return str(row[0]) if row else ""


def _put(connection: sqlite3.Connection, chat: Chat) -> None:
    connection.execute(
        "INSERT INTO chat (bot, id, kind, title, username, set_up_by) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (bot, id) DO UPDATE SET kind = excluded.kind, title = excluded.title,"
        " username = excluded.username, set_up_by = iif(excluded.set_up_by, excluded.set_up_by, chat.set_up_by)",
        (chat.bot, chat.id, chat.kind, chat.title, chat.username, chat.set_up_by),
    )


def _to_tell(connection: sqlite3.Connection, place: Place, *, whole: bool, gone: bool) -> Chat | None:
    chat = get(connection, place.bot, place.chat)
    if chat is None or not chat.set_up_by:
        return None
    news = _TOLD_GONE if gone else _TOLD
    if whole:
        told = connection.execute(
            "UPDATE chat SET told = ? WHERE bot = ? AND id = ? AND paused != '' AND told < ?",
            (news, place.bot, place.chat, news),
        )
    else:
        told = connection.execute(
            "UPDATE mailbox SET told = ? WHERE bot = ? AND chat = ? AND thread = ? AND moved_to IS NULL"
            " AND (shut != '' OR failures) AND told < ?",
            (news, place.bot, place.chat, place.thread, news),
        )
    return chat if told.rowcount else None


def _chat(row: Any) -> Chat:
    bot, id_, kind, title, username, set_up_by, paused = row
    return Chat(bot, id_, ChatKind(kind), title, username, set_up_by, paused)
