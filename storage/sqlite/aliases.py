"""Other keys that articles are known by, on SQLite."""

import json
import sqlite3
from collections.abc import Sequence

from storage.models import Article
from storage.sqlite.rows import article_of, columns_with

_WITHOUT_TEXT = columns_with("''")


def put(connection: sqlite3.Connection, source_id: int, article_id: int, keys: Sequence[str]) -> None:
    """Let the source's article be known by these keys, too, whatever they meant before."""
    connection.executemany(
        "INSERT INTO alias (source_id, key, article_id) VALUES (?, ?, ?)"
        " ON CONFLICT (source_id, key) DO UPDATE SET article_id = excluded.article_id",
        [(source_id, key, article_id) for key in keys],
    )


def keep(connection: sqlite3.Connection, article: Article, keys: Sequence[str]) -> None:
    """Likewise, where mostly nothing is new: what is written costs. Keys of articles are looked for first, anyway."""
    if keys:
        known = articles(connection, article.source.id, keys)
        put(
            connection,
            article.source.id,
            article.id,
            [key for key in keys if _is_to_keep(known.get(key), key, article)],
        )


def articles(connection: sqlite3.Connection, source_id: int, keys: Sequence[str]) -> dict[str, Article]:
    """The source's articles that are known by these keys, without their texts."""
    rows = connection.execute(
        f"SELECT {_WITHOUT_TEXT}, wanted.value FROM json_each(?) AS wanted"
        " LEFT JOIN alias ON alias.source_id = ? AND alias.key = wanted.value"
        " JOIN article ON article.id = coalesce("
        "  (SELECT id FROM article WHERE source_id = ? AND key = wanted.value), alias.article_id)"
        " JOIN source ON source.id = article.source_id",
        (json.dumps(list(keys)), source_id, source_id),
    )
    return {row[-1]: article_of(row) for row in rows}


def _is_to_keep(known: Article | None, key: str, article: Article) -> bool:
    """Whether the key means nothing yet, or by an alias another article."""
    return known is None or (known.id != article.id and known.key != key)
