"""Many chats that follow something: made through the store's own door, or in bulk as that would have made them."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from corpus import NOW
from measuring import expect

from storage import Place, Query, Store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

AT_ONCE = 200
CHUNK = 10_000


async def follow(store: Store, bot: int, wanted: Iterable[tuple[int, Query]]) -> None:
    """Let each chat follow its query. Many at once share transactions."""
    rest = iter(wanted)
    while some := list(itertools.islice(rest, AT_ONCE)):
        added = await asyncio.gather(
            *(store.subscriptions.add(Place(bot, chat), query, now=NOW) for chat, query in some)
        )
        expect(sum(new for _, new in added), len(some), "new subscriptions")


def follow_alike(path: Path, bot: int, wanted: Iterable[tuple[int, int]]) -> None:
    """Let each new chat follow all that another chat does, made through the door: (chat, that one), in bulk."""
    rest = iter(wanted)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        last: tuple[int, int] | None = None
        while some := list(itertools.islice(rest, CHUNK)):
            connection.execute("BEGIN")
            _copy(connection, bot, some)
            connection.execute("COMMIT")
            last = some[-1]
        if last:
            expect(_rows(connection, bot, last[0]), _rows(connection, bot, last[1]), "what a chat made in bulk has")


def _copy(connection: sqlite3.Connection, bot: int, some: list[tuple[int, int]]) -> None:
    connection.executemany("INSERT INTO chat (bot, id) VALUES (?, ?)", [(bot, chat) for chat, _ in some])
    connection.executemany(
        "INSERT INTO mailbox (bot, chat, thread, cadence) VALUES (?, ?, 0, 'instant')",
        [(bot, chat) for chat, _ in some],
    )
    # `moved_to` is named for the sake of the index.
    connection.executemany(
        "INSERT INTO subscription (query_id, mailbox_id, cursor, created)"
        " SELECT query_id, own.id, cursor, created FROM mailbox AS own"
        " JOIN mailbox AS other ON other.bot = own.bot AND other.chat = ? AND other.moved_to IS NULL"
        " JOIN subscription ON subscription.mailbox_id = other.id"
        " WHERE own.bot = ? AND own.chat = ? AND own.moved_to IS NULL",
        [(other, bot, chat) for chat, other in some],
    )


def _rows(connection: sqlite3.Connection, bot: int, chat: int) -> list[dict[str, object]]:
    """All that the store has of the chat, but for the numbers of its rows."""
    found = []
    for asked in (
        "SELECT * FROM chat WHERE bot = ? AND id = ?",
        "SELECT * FROM mailbox WHERE bot = ? AND chat = ?",
        "SELECT subscription.* FROM subscription JOIN mailbox ON mailbox.id = mailbox_id WHERE bot = ? AND chat = ?",
    ):
        cursor = connection.execute(asked, (bot, chat))
        names = [name for name, *_ in cursor.description]
        found += [dict(zip(names, row, strict=True)) for row in cursor]
    for row in found:
        for name in ("id", "chat", "mailbox_id"):
            row.pop(name, None)
    return found
