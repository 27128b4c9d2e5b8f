"""The nearest spelling on SQLite: looked for in the index, which knows every word of the store."""

import sqlite3
from datetime import datetime
from itertools import islice

from storage.query import Query, Words
from storage.query.rewriting import respelled, single_words
from storage.sqlite import parts, search
from storage.sqlite.index import FORM, leaf
from storage.sqlite.parts import FARTHEST
from storage.text.spelling import neighbours

MISSPELLED = 3  # words of a query that are looked at
LIKELY = 5  # spellings of each that are tried
SHORTEST = 3  # letters; anything is near to less


def spelled(connection: sqlite3.Connection, query: Query, now: datetime) -> Query | None:
    """The query with the nearest spellings of the words that no article has. See the port `Articles.spelled`."""
    unknown = [word for word in dict.fromkeys(single_words(query)) if not _is_known(connection, word)]
    if not unknown or len(unknown) > MISSPELLED:
        return None
    spelling: dict[str, str] = {}
    for word in unknown:
        near = _nearest(connection, word) if len(word) >= SHORTEST else None
        if near is None:
            return None
        spelling[word] = near
    other = respelled(query, spelling)
    return other if search.finds(connection, other, now) else None


def _is_known(connection: sqlite3.Connection, word: str) -> bool:
    return _any(connection, leaf(connection, Words(word)))


def _nearest(connection: sqlite3.Connection, word: str) -> str | None:
    """The most frequent of the first few words near to this one that some article has."""
    there = (near for near in neighbours(word) if _stands(connection, near))
    likely = list(islice(there, LIKELY))
    return max(likely, key=lambda near: search.frequency(connection, near), default=None)


def _stands(connection: sqlite3.Connection, form: str) -> bool:
    """Whether the word stands somewhere in this form, and can be searched for in it."""
    return _any(connection, f'"{form}" OR "{FORM}{form}"') and _is_known(connection, form)


def _any(connection: sqlite3.Connection, match: str) -> bool:
    return next(parts.walk(connection, match, -FARTHEST, FARTHEST), None) is not None
