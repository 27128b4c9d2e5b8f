"""A SQLite store beside a bare connection to its file, as another program has it."""

import sqlite3
from contextlib import asynccontextmanager, closing, contextmanager

from storage.sqlite import SqliteStore, parts
from storage.sqlite.index import document
from storage.sqlite.rows import by_ids
from storage.text.terms import article_terms


@asynccontextmanager
async def opened(path, **values):
    store = await SqliteStore.open(path, **values)
    try:
        yield store
    finally:
        await store.close()


@contextmanager
def bare(path):
    """A connection that commits each statement by itself and waits for no lock."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
        yield connection


def sql(path, statement, *values):
    """Run one statement. Returns its rows."""
    with bare(path) as connection:
        return connection.execute(statement, values).fetchall()


def withdraw(path, number):
    """Withdraw the article as the store would: out of the index, and marked."""
    with bare(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        article = by_ids(connection, [number])[number]
        parts.remove(connection, article.newest, document(article_terms(article)))
        connection.execute("UPDATE article SET withdrawn = 1 WHERE id = ?", (number,))
        connection.execute("COMMIT")
