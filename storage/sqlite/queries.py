"""Queries on SQLite: kept for buttons, and filed under their anchors while somebody follows them."""

import logging
import sqlite3

from storage.errors import NotFound, QueryError
from storage.query import Query
from storage.sqlite import search
from storage.sqlite.connection import LARGEST_ID, Database, Level

log = logging.getLogger(__name__)


class SqliteQueries:
    """The port `Queries`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, query: Query) -> int:
        kept = await self._database.read(lambda connection: _id_of(connection, query))
        if kept is not None:
            return kept
        return await self._database.write(lambda connection: keep(connection, query), Level.PEOPLE)

    async def get(self, id_: int) -> Query:
        def read(connection: sqlite3.Connection) -> Query | None:
            row = connection.execute("SELECT text FROM query WHERE id = ?", (id_,)).fetchone()
            return Query.parse(row[0]) if row else None

        query = await self._database.read(read) if abs(id_) <= LARGEST_ID else None
        if query is None:
            raise NotFound("query", id_)
        return query


def _id_of(connection: sqlite3.Connection, query: Query) -> int | None:
    row = connection.execute("SELECT id FROM query WHERE text = ?", (query.text,)).fetchone()
    return int(row[0]) if row else None


def parsed(text: str) -> Query | None:
    """The stored query. None, and a word to the operator: it is none (any more), and must not stop the others."""
    try:
        return Query.parse(text)
    except QueryError as error:
        log.error("a stored query is passed over", extra={"error": str(error)})  # noqa: TRY400  said whole
        return None


def keep(connection: sqlite3.Connection, query: Query) -> int:
    """The id of the query, kept from now on."""
    connection.execute("INSERT OR IGNORE INTO query (text) VALUES (?)", (query.text,))
    row = connection.execute("SELECT id FROM query WHERE text = ?", (query.text,)).fetchone()
    return int(row[0])


def anchors(connection: sqlite3.Connection, query: Query) -> frozenset[str]:
    """The rarest terms under which the query can be filed, as the index counts them now."""
    return query.anchors(lambda term: search.frequency(connection, term))


def file(connection: sqlite3.Connection, query_id: int, terms: frozenset[str]) -> None:
    """File a query that begins to be followed. One that is filed stays where it is."""
    if connection.execute("SELECT 1 FROM anchor WHERE query_id = ?", (query_id,)).fetchone():
        return
    connection.executemany(
        "INSERT INTO anchor (term, query_id) VALUES (?, ?)", [(term, query_id) for term in sorted(terms)]
    )


def unfile(connection: sqlite3.Connection, query_id: int) -> None:
    """Take the query out of the files if nobody follows it any more."""
    connection.execute(
        "DELETE FROM anchor WHERE query_id = ?"
        " AND NOT EXISTS (SELECT 1 FROM subscription WHERE query_id = anchor.query_id)",
        (query_id,),
    )
