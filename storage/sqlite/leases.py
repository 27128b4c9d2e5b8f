"""Leases on SQLite."""

import secrets
import sqlite3
from datetime import datetime, timedelta

from storage.models import Lease
from storage.sqlite.connection import Database, moment, stamp


class SqliteLeases:
    """The port `Leases`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def gain(self, name: str, *, now: datetime, duration: timedelta) -> Lease | None:
        lease = Lease(name, secrets.token_hex(8), now + duration)

        def write(connection: sqlite3.Connection) -> Lease | None:
            gained = connection.execute(
                "INSERT INTO lease (name, token, until) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE"
                " SET token = excluded.token, until = excluded.until WHERE until <= ? OR until > ?",
                (name, lease.token, stamp(lease.until), stamp(now), stamp(now + 2 * duration)),
            )
            return lease if gained.rowcount == 1 else None

        return await self._database.write(write)

    async def held(self, name: str) -> Lease | None:
        def read(connection: sqlite3.Connection) -> Lease | None:
            row = connection.execute("SELECT token, until FROM lease WHERE name = ?", (name,)).fetchone()
            return row and Lease(name, row[0], moment(row[1]))

        return await self._database.read(read)

    async def renew(self, lease: Lease, *, now: datetime, duration: timedelta) -> Lease | None:
        renewed = Lease(lease.name, lease.token, now + duration)

        def write(connection: sqlite3.Connection) -> Lease | None:
            kept = connection.execute(
                "UPDATE lease SET until = ? WHERE name = ? AND token = ?",
                (stamp(renewed.until), lease.name, lease.token),
            )
            return renewed if kept.rowcount == 1 else None

        return await self._database.write(write)

    async def release(self, lease: Lease) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM lease WHERE name = ? AND token = ?", (lease.name, lease.token))

        await self._database.write(write)


def holds(connection: sqlite3.Connection, lease: Lease) -> bool:
    """Whether the lease is still this token's: asked inside the transaction that relies on it."""
    row = connection.execute("SELECT 1 FROM lease WHERE name = ? AND token = ?", (lease.name, lease.token)).fetchone()
    return row is not None
