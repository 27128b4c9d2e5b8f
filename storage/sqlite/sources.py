"""Sources on SQLite."""

import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from storage.models import Source
from storage.sqlite.connection import Database, Level
from storage.text.terms import fold

_WORD = re.compile(r"[^\W_]+")
COLUMNS = "source.id, source.name, source.title, source.language, source.zone"


class SqliteSources:
    """The port `Sources`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, source: Source) -> Source:
        return await self._database.write(lambda connection: put(connection, source), Level.PEOPLE)

    async def get(self, name: str) -> Source | None:
        return (await self._database.read(lambda connection: by_name(connection, [name]))).get(name)

    async def all(self) -> list[Source]:
        return await self._database.read(
            lambda connection: [
                source(*row) for row in connection.execute(f"SELECT {COLUMNS} FROM source ORDER BY name")
            ]
        )

    async def find(self, words: str, *, limit: int, after: str = "") -> list[Source]:
        wanted = _folded(words).split()

        def read(connection: sqlite3.Connection) -> list[Source]:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM source WHERE name > ? AND joined_id IS NULL ORDER BY name", (after,)
            )
            found = (one for one in (source(*row) for row in rows) if _is_wanted(one, wanted))
            return list(islice(found, limit))

        return await self._database.read(read)


def source(id_: int, name: str, title: str, language: str, zone: str) -> Source:
    """A row of COLUMNS as a value."""
    return Source(name, title, id_, language, zone)


def put(connection: sqlite3.Connection, wanted: Source) -> Source:
    """Add the source or bring it up to date."""
    row: Any = connection.execute(
        "INSERT INTO source (name, title, language, zone) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE"
        f" SET title = excluded.title, language = excluded.language, zone = excluded.zone RETURNING {COLUMNS}",
        (wanted.name, wanted.title, wanted.language, wanted.zone),
    ).fetchone()
    return source(*row)


def put_free(connection: sqlite3.Connection, wanted: Source, *, join: bool) -> Source:
    """Add the source under its name, or under the first of name-2, name-3, ... that is free.

    `join`: a source that neither a feed nor a folder brings articles to is as good as free, and stays as it is.
    """
    name, number = wanted.name, 1
    while known := by_name(connection, [name]).get(name):
        if join and not _is_fed(connection, known.id):
            return known
        number += 1
        name = f"{wanted.name}-{number}"
    return put(connection, replace(wanted, name=name))


def _is_fed(connection: sqlite3.Connection, id_: int) -> bool:
    found = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM feed WHERE source_id = ?1 AND NOT removed)"
        " OR EXISTS (SELECT 1 FROM folder WHERE source_id = ?1)"
        " OR EXISTS (SELECT 1 FROM source WHERE id = ?1 AND joined_id IS NOT NULL)",
        (id_,),
    ).fetchone()
    return bool(found[0])


def _is_wanted(candidate: Source, words: Sequence[str]) -> bool:
    """Whether each of these folded words begins a word of its title or name."""
    text = f" {_folded(candidate.title)} {_folded(candidate.name)}"
    return all(f" {word}" in text for word in words)


def _folded(text: str) -> str:
    """Its words, in small letters without accents, a blank between them."""
    return " ".join(_WORD.findall(fold(unicodedata.normalize("NFKC", text).casefold())))


def by_name(connection: sqlite3.Connection, names: Iterable[str]) -> dict[str, Source]:
    """The sources of these names, as far as they are there."""
    found = {}
    for name in names:
        row = connection.execute(f"SELECT {COLUMNS} FROM source WHERE name = ?", (name,)).fetchone()
        if row:
            found[name] = source(*row)
    return found


def joined(connection: sqlite3.Connection, name: str) -> Source | None:
    """The source that the source's feed has joined (`Feeds.settle`); None: it has joined none."""
    row = connection.execute(
        f"SELECT {COLUMNS} FROM source AS own JOIN source ON source.id = own.joined_id WHERE own.name = ?", (name,)
    ).fetchone()
    return source(*row) if row else None


def never_read(connection: sqlite3.Connection, names: Iterable[str]) -> frozenset[str]:
    """Those of these names whose first articles have not all been taken in."""
    read = {
        name
        for name in names
        if connection.execute(
            "SELECT 1 FROM source WHERE name = ? AND NOT first_read"
            " AND EXISTS (SELECT 1 FROM article WHERE source_id = source.id)",
            (name,),
        ).fetchone()
    }
    return frozenset(names) - read


def begin_first_reads(connection: sqlite3.Connection, names: Iterable[str]) -> None:
    """Note that there is more to come of the first articles of these sources."""
    connection.executemany("UPDATE source SET first_read = 1 WHERE name = ?", [(name,) for name in names])


def end_first_reads(connection: sqlite3.Connection, names: Iterable[str]) -> None:
    """Note that the first articles of these sources have all been taken in."""
    connection.executemany("UPDATE source SET first_read = 0 WHERE name = ?", [(name,) for name in names])


def habit(connection: sqlite3.Connection, id_: int) -> dict[str, int]:
    """How many of the source's articles were in which language."""
    return dict(connection.execute("SELECT language, articles FROM source_language WHERE source_id = ?", (id_,)))


def count_language(connection: sqlite3.Connection, id_: int, language: str, articles: int = 1) -> None:
    """Note that the source has so many more articles in the language; empty: in none that is known."""
    if language:
        connection.execute(
            "INSERT INTO source_language (source_id, language, articles) VALUES (?, ?, ?)"
            " ON CONFLICT (source_id, language) DO UPDATE SET articles = max(0, articles + excluded.articles)",
            (id_, language, articles),
        )
