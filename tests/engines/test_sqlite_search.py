"""Searching on SQLite: what it reads."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from storage import NewArticle, Query, open_store
from storage.sqlite import search

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
async def connection(tmp_path):
    """On a store of 300 articles, an hour apart."""
    path = tmp_path / "store.sqlite"
    news = [NewArticle("herald", str(age), f"Article {age}", NOON - age * HOUR) for age in range(300)]
    async with open_store(f"sqlite:///{path}") as store:
        await store.articles.add(news, arrived=NOON, push_since=NOON)
    with closing(sqlite3.connect(path)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("zebra OR after:2099-01-01", 0),
        ("zebra OR before:2020-01-01", 0),
        ("zebra OR (article after:2026-03-02 before:2026-03-03)", 13),
        ("article -(before:2026-03-02 -zebra)", 13),
        ("before:2026-02-20 OR after:2026-03-02", 300 - 240),
        ("(after:2026-03-01 before:2026-03-02) OR (after:2026-02-27 before:2026-02-28)", 48),
        (" OR ".join(f"after:2026-02-{day}" for day in range(19, 29)), 11 * 24 + 13),
    ],
)
async def test_the_index_alone_decides_about_dates(connection, text, total):
    statements = []
    connection.set_trace_callback(statements.append)
    stretches = search.stretches_of(connection, Query.parse(text), NOON)
    assert search.count(connection, stretches) == (total, False)
    search.find(connection, stretches, 7, None)
    assert not any("body" in statement for statement in statements)


async def test_one_article_of_long_ago_does_not_make_the_first_window_wider(tmp_path, monkeypatch):
    monkeypatch.setattr(search, "SMALL", 20)
    monkeypatch.setattr(search, "COUNT_SECONDS", 0)  # so that the first window is the only one
    path = tmp_path / "store.sqlite"
    news = [NewArticle("herald", str(age), f"Article {age}", NOON - age * HOUR) for age in range(300)]
    async with open_store(f"sqlite:///{path}") as store:
        await store.articles.add(news, arrived=NOON, push_since=NOON)
        await store.articles.add([NewArticle("herald", "old", "Old", EPOCH)], arrived=NOON, push_since=NOON)
        page = await store.articles.search(Query.parse("article"), now=NOON, limit=10)
    assert 0 < page.total <= 21
    assert page.more
