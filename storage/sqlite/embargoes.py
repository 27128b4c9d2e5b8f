"""What is to be published later, on SQLite."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from storage.models import Embargo, NewArticle
from storage.sqlite.connection import Database, Level, dated, moment, stamp

_FIELDS = frozenset(field.name for field in fields(NewArticle))


class SqliteEmbargoes:
    """The port `Embargoes`."""

    def __init__(self, database: Database, changed: asyncio.Event) -> None:
        self._database = database
        self._changed = changed

    async def put(self, embargo: Embargo) -> bool:
        article = embargo.article

        def write(connection: sqlite3.Connection) -> bool:
            lifted = _lift(connection, article.source, article.key)
            connection.execute(
                "INSERT INTO embargo (source, key, until, article) VALUES (?, ?, ?, ?)",
                (article.source, article.key, stamp(embargo.until), _text(article)),
            )
            return not lifted

        new = await self._database.write(write, Level.PEOPLE)
        self._changed.set()
        return new

    async def get(self, source: str, key: str) -> Embargo | None:
        def read(connection: sqlite3.Connection) -> Embargo | None:
            row = connection.execute(
                "SELECT until, article FROM embargo WHERE source = ? AND key = ?", (source, key)
            ).fetchone()
            return row and _value(row)

        return await self._database.read(read)

    async def lift(self, source: str, key: str) -> bool:
        return await self._database.write(lambda connection: _lift(connection, source, key), Level.PEOPLE)

    async def over(self, *, now: datetime, limit: int) -> list[Embargo]:
        def read(connection: sqlite3.Connection) -> list[Embargo]:
            rows = connection.execute(
                "SELECT until, article FROM embargo WHERE until <= ? ORDER BY until, source, key LIMIT ?",
                (stamp(now), limit),
            )
            return [_value(row) for row in rows]

        return await self._database.read(read)

    async def next(self) -> datetime | None:
        def read(connection: sqlite3.Connection) -> datetime | None:
            return dated(connection.execute("SELECT min(until) FROM embargo").fetchone()[0])

        return await self._database.read(read)


def _lift(connection: sqlite3.Connection, source: str, key: str) -> bool:
    return connection.execute("DELETE FROM embargo WHERE source = ? AND key = ?", (source, key)).rowcount > 0


def _text(article: NewArticle) -> str:
    return json.dumps(asdict(article) | {"published": stamp(article.published)}, ensure_ascii=False)


def _value(row: Sequence[Any]) -> Embargo:
    until, text = row
    # What another version has kept of it may be more, or less.
    values = {name: _from_json(value) for name, value in json.loads(text).items() if name in _FIELDS}
    return Embargo(NewArticle(**values | {"published": moment(values["published"])}), moment(until))


def _from_json(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
