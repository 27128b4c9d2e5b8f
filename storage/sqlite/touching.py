"""Articles that messages show otherwise than they are now, and which messages those are.

An article is touched in the transaction that changes it, which must be short: its messages are looked for afterwards,
in chunks. A message whose delivery is recorded meanwhile or later may have been made before: recording it looks
whether anything was touched since its claim.
"""

import json
import sqlite3
from collections.abc import Sequence
from datetime import timedelta

from storage.models import Article
from storage.sqlite.connection import MICROSECOND
from storage.text.summary import first_sentences

ARTICLES_A_CHUNK = 100
EDITED_FOR = timedelta(hours=48)
# Deliveries are recorded in about the order in which they were sent.
DISORDER = timedelta(hours=1) // MICROSECOND


def shown_of(article: Article) -> tuple[object, ...]:
    """What messages show of an article that is not withdrawn. Not to be made under the write lock."""
    summary = article.summary or first_sentences(article.title, article.body)
    # A text that is there can be opened: there is a button for it.
    has_text = not article.headline_only
    return article.title, article.link, summary, has_text, article.published, article.date_only, article.urgent


def touch(connection: sqlite3.Connection, article: int) -> None:
    """Let the messages that show the article be edited. What was never announced is shown by none."""
    # In place of a row that is there: it is looked for from the beginning.
    noted = connection.execute(
        "INSERT OR REPLACE INTO touched (article_id) SELECT :article"
        " WHERE EXISTS (SELECT 1 FROM log WHERE article_id = :article)",
        {"article": article},
    )
    if noted.rowcount:
        connection.execute("UPDATE progress SET touched = touched + 1")


def times_touched(connection: sqlite3.Connection) -> int:
    """How often articles have been touched."""
    return int(connection.execute("SELECT touched FROM progress").fetchone()[0])


def find(connection: sqlite3.Connection, now: int, since: int, limit: int) -> bool:
    """Make due a chunk of the messages that show touched articles. Whether there may be more."""
    touched = connection.execute(
        "SELECT id, article_id, position, delivery_id FROM touched ORDER BY id LIMIT ?", (ARTICLES_A_CHUNK,)
    ).fetchall()
    first = _first_since(connection, since - DISORDER)
    left = limit
    for id_, article, position, delivery in touched:
        found = _carriers(connection, article, position, max(first, delivery + 1), first, left)
        make_due(connection, [id_ for _, id_ in found], now, since)
        left -= len(found)
        if left <= 0:
            connection.execute("UPDATE touched SET position = ?, delivery_id = ? WHERE id = ?", (*found[-1], id_))
            return True
        connection.execute("DELETE FROM touched WHERE id = ?", (id_,))
    return len(touched) == ARTICLES_A_CHUNK


def make_due(connection: sqlite3.Connection, deliveries: Sequence[int], now: int, since: int) -> None:
    """Let these deliveries' messages be edited, if they were sent at `since` or later and are still there."""
    connection.execute(
        "INSERT INTO edit (delivery_id, bot, chat, due_at)"
        " SELECT id, bot, chat, ? FROM delivery WHERE id IN (SELECT value FROM json_each(?))"
        " AND at >= ? AND message != 0 AND fate != 'deleted'"
        # One that is to wait waits on: what it shows is read when it is claimed.
        " ON CONFLICT (delivery_id) DO UPDATE SET again = token IS NOT NULL",
        (now, json.dumps(deliveries), since),
    )


def is_outdated(connection: sqlite3.Connection, positions: Sequence[int]) -> bool:
    """Whether what lies at these positions may have been touched since it was announced."""
    rows = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM log JOIN article INDEXED BY article_touched ON article.id = log.article_id"
        " WHERE log.position IN (SELECT value FROM json_each(?)) AND (article.revision > 1 OR article.withdrawn))",
        (json.dumps(positions),),
    )
    return bool(rows.fetchone()[0])


def _carriers(  # noqa: PLR0913, PLR0917  a place to go on at, and how far
    connection: sqlite3.Connection, article: int, position: int, delivery: int, first: int, limit: int
) -> list[tuple[int, int]]:
    """(position, delivery) of those that carried the article, in order: at this position from this delivery on."""
    positions = connection.execute(
        "SELECT position FROM log WHERE article_id = ? AND position >= ? ORDER BY position", (article, position)
    ).fetchall()
    found: list[tuple[int, int]] = []
    for (each,) in positions:
        found += connection.execute(
            "SELECT position, delivery_id FROM carried WHERE position = ? AND delivery_id >= ?"
            " ORDER BY delivery_id LIMIT ?",
            (each, delivery if each == position else first, limit - len(found)),
        )
    return found


def _first_since(connection: sqlite3.Connection, since: int) -> int:
    """The id from which on deliveries may be that young: an old article's are too many to look at all."""
    low, high = connection.execute(
        "SELECT coalesce((SELECT min(id) FROM delivery), 0), coalesce((SELECT max(id) FROM delivery), 0) + 1"
    ).fetchone()
    while low < high:
        middle = (low + high) // 2
        id_, at = connection.execute(
            "SELECT id, at FROM delivery WHERE id >= ? ORDER BY id LIMIT 1", (middle,)
        ).fetchone() or (high, since)
        if at >= since:
            high = middle
        else:
            low = id_ + 1
    return int(high)
