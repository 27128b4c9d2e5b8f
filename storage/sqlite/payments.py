"""What was paid for, on SQLite."""

import sqlite3
from datetime import date

from storage.sqlite.connection import Database


class SqlitePayments:
    """The port `Payments`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, bot: int, day: date, messages: int) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO paid (bot, day, messages) VALUES (?, ?, ?)"
                " ON CONFLICT (bot, day) DO UPDATE SET messages = messages + excluded.messages",
                (bot, day.isoformat(), messages),
            )

        await self._database.write(write)

    async def spent(self, bot: int, day: date) -> int:
        def read(connection: sqlite3.Connection) -> int:
            row = connection.execute(
                "SELECT messages FROM paid WHERE bot = ? AND day = ?", (bot, day.isoformat())
            ).fetchone()
            return row[0] if row else 0

        return await self._database.read(read)
