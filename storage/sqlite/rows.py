"""Rows of articles as values."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from storage.models import Article
from storage.sqlite import sources
from storage.sqlite.connection import EPOCH, moment

COUNTER_BITS = 20
BRIEF_CHARACTERS = 4_000  # as many as `summarise` looks at


def columns_with(body: str) -> str:
    """The columns of an article and its source, with this for its text."""
    return (
        f"{sources.COLUMNS}, article.id, article.key, article.title, article.published, article.arrived,"
        f" article.newest, {body}, article.summary, article.link, article.topics, article.language, article.date_only,"
        " article.revision, article.withdrawn, article.image, article.authors, article.urgent"
    )


COLUMNS = columns_with("article.body")
BRIEF = columns_with(f"substr(article.body, 1, {BRIEF_CHARACTERS})")
"""The same, of the text only what a headline's summary may be made of."""
ID = 5
"""Where the article's id stands in COLUMNS."""
FROM = "FROM article JOIN source ON source.id = article.source_id"


def first_place(published: datetime) -> int:
    """The first `newest` of what is published in the second of this time."""
    return int((published - EPOCH).total_seconds() // 1) << COUNTER_BITS


def article_of(row: Sequence[Any]) -> Article:
    """A row of COLUMNS as a value."""
    source = sources.source(*row[:5])
    id_, key, title, published, arrived, newest = row[ID:11]
    body, summary, link, topics, language, date_only, revision, withdrawn, image, authors, urgent = row[11:22]
    return Article(
        id=id_,
        source=source,
        key=key,
        title=title,
        published=moment(published),
        arrived=moment(arrived),
        newest=newest,
        body=body,
        summary=summary,
        link=link,
        topics=tuple(json.loads(topics)),
        language=language,
        date_only=bool(date_only),
        revision=revision,
        withdrawn=bool(withdrawn),
        image=image,
        authors=tuple(authors.split("\n")) if authors else (),
        urgent=bool(urgent),
    )


def by_ids(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, Article]:
    """The articles with these numbers, as far as they are there."""
    rows = connection.execute(
        f"SELECT {COLUMNS} {FROM} WHERE article.id IN (SELECT value FROM json_each(?))", (json.dumps(ids),)
    )
    return {article.id: article for article in map(article_of, rows)}


def by_newest(connection: sqlite3.Connection, newest: Sequence[int]) -> dict[int, Article]:
    """The articles at these places of the index. Withdrawn ones may stand in an old part of it, and are left out."""
    return _by_newest(connection, newest, COLUMNS)


def beginnings_by_newest(connection: sqlite3.Connection, newest: Sequence[int], characters: int) -> dict[int, Article]:
    """Like `by_newest`, with so many characters of their texts."""
    return _by_newest(connection, newest, columns_with(f"substr(article.body, 1, {characters})"))


def _by_newest(connection: sqlite3.Connection, newest: Sequence[int], columns: str) -> dict[int, Article]:
    rows = connection.execute(
        f"SELECT {columns} {FROM} WHERE NOT withdrawn AND article.newest IN (SELECT value FROM json_each(?))",
        (json.dumps(newest),),
    )
    return {article.newest: article for article in map(article_of, rows)}


def by_key(connection: sqlite3.Connection, source_id: int, key: str) -> Article | None:
    """The source's article with this key, if it is there."""
    row = connection.execute(
        f"SELECT {COLUMNS} {FROM} WHERE article.source_id = ? AND article.key = ?", (source_id, key)
    ).fetchone()
    return article_of(row) if row else None
