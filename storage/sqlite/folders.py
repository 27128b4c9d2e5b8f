"""Watched folders on SQLite."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from storage.models import FileSeen, Folder, Source
from storage.sqlite import sources
from storage.sqlite.connection import Database, Level, moment, stamp

_COLUMNS = f"{sources.COLUMNS}, path, added, topics, paused"
_FROM = "FROM folder JOIN source ON source.id = folder.source_id"
_BY_NAME = "source_id = (SELECT id FROM source WHERE name = ?)"


class SqliteFolders:
    """The port `Folders`."""

    def __init__(self, database: Database, changed: asyncio.Event) -> None:
        self._database = database
        self._changed = changed

    async def add(
        self, path: Path, source: Source, *, now: datetime, topics: Sequence[str] = ()
    ) -> tuple[Folder, bool]:
        def write(connection: sqlite3.Connection) -> tuple[Folder, bool]:
            known = _at(connection, path)
            if known:
                return known, False
            id_ = sources.put_free(connection, source, join=True).id
            connection.execute(
                "INSERT INTO folder (source_id, path, topics, added) VALUES (?, ?, ?, ?)",
                (id_, str(path), _json(topics), stamp(now)),
            )
            return _value(connection.execute(f"SELECT {_COLUMNS} {_FROM} WHERE source_id = ?", (id_,)).fetchone()), True

        folder, new = await self._database.write(write, Level.PEOPLE)
        self._changed.set()
        return folder, new

    async def all(self) -> list[Folder]:
        def read(connection: sqlite3.Connection) -> list[Folder]:
            return [_value(row) for row in connection.execute(f"SELECT {_COLUMNS} {_FROM} ORDER BY source.name")]

        return await self._database.read(read)

    async def pause(self, name: str, *, paused: bool) -> bool:
        return await self._change(f"UPDATE folder SET paused = ? WHERE {_BY_NAME}", (paused, name))

    async def remove(self, name: str) -> bool:
        return await self._change(f"DELETE FROM folder WHERE {_BY_NAME}", (name,))

    async def change(self, name: str, *, topics: Sequence[str]) -> bool:
        return await self._change(f"UPDATE folder SET topics = ? WHERE {_BY_NAME}", (_json(topics), name))

    async def seen(self, name: str) -> dict[str, FileSeen]:
        def read(connection: sqlite3.Connection) -> dict[str, FileSeen]:
            rows = connection.execute(f"SELECT path, size, modified FROM folder_file WHERE {_BY_NAME}", (name,))
            return {path: FileSeen(path, size, modified) for path, size, modified in rows}

        return await self._database.read(read)

    async def note_seen(self, name: str, files: Sequence[FileSeen]) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT INTO folder_file (source_id, path, size, modified)"
                f" SELECT source_id, ?, ?, ? FROM folder WHERE {_BY_NAME}"
                " ON CONFLICT (source_id, path) DO UPDATE SET size = excluded.size, modified = excluded.modified",
                [(file.path, file.size, file.modified, name) for file in files],
            )

        await self._database.write(write)

    async def forget_seen(self, name: str, paths: Sequence[str]) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(
                f"DELETE FROM folder_file WHERE {_BY_NAME} AND path = ?", [(name, path) for path in paths]
            )

        await self._database.write(write)

    async def _change(self, sql: str, values: Sequence[Any]) -> bool:
        done = await self._database.write(lambda connection: connection.execute(sql, values).rowcount > 0, Level.PEOPLE)
        self._changed.set()
        return done


def _json(names: Sequence[str]) -> str:
    return json.dumps(list(names), ensure_ascii=False)


def _at(connection: sqlite3.Connection, path: Path) -> Folder | None:
    row = connection.execute(f"SELECT {_COLUMNS} {_FROM} WHERE path = ?", (str(path),)).fetchone()
    return row and _value(row)


def _value(row: Sequence[Any]) -> Folder:
    path, added, topics, paused = row[5:]
    return Folder(sources.source(*row[:5]), Path(path), moment(added), tuple(json.loads(topics)), bool(paused))
