"""Queries on SQLite: kept under a short id, for buttons and for those who follow them."""

import logging
import sqlite3
from datetime import datetime

from storage.errors import NotFound, QueryError
from storage.models import Article
from storage.query import Query
from storage.sqlite.connection import LARGEST_ID, Database, Level
from storage.text.terms import ArticleTerms

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


def wants(text: str, article: Article, terms: ArticleTerms, now: datetime) -> bool:
    """Whether the stored query wants the article; `terms` are the article's."""
    query = parsed(text)
    return query is not None and query.matches_terms(terms, article, now)


def keep(connection: sqlite3.Connection, query: Query) -> int:
    """The id of the query, kept from now on."""
    connection.execute("INSERT OR IGNORE INTO query (text) VALUES (?)", (query.text,))
    row = connection.execute("SELECT id FROM query WHERE text = ?", (query.text,)).fetchone()
    return int(row[0])
