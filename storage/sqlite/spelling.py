"""The nearest spelling on SQLite: looked for in the index, which knows every word of the store."""

import sqlite3
from datetime import datetime
from itertools import islice, product

from storage.query import Query, Words
from storage.query.parser import MOST_CHARACTERS
from storage.query.rewriting import respelled, single_words
from storage.sqlite import parts, search
from storage.sqlite.index import FORM, leaf
from storage.sqlite.parts import FARTHEST
from storage.text.spelling import neighbours
from storage.text.terms import fold

MISSPELLED = 3  # words of a query that are looked at
LIKELY = 5  # spellings of each that are looked at
TRIED = 10  # queries that are made of them
SHORTEST = 3  # letters; anything is near to less


def spelled(connection: sqlite3.Connection, query: Query, now: datetime) -> Query | None:
    """The query with the nearest spellings of the words that no article has. See the port `Articles.spelled`."""
    unknown = [word for word in dict.fromkeys(single_words(query)) if not _is_known(connection, word)]
    if not unknown or len(unknown) > MISSPELLED:
        return None
    likely = [_likely(connection, word) for word in unknown]
    for spellings in islice(product(*likely), TRIED):
        other = respelled(query, dict(zip(unknown, spellings, strict=True)))
        if len(other.text) <= MOST_CHARACTERS and search.finds(connection, other, now):
            return other
    return None


def _is_known(connection: sqlite3.Connection, word: str) -> bool:
    return _any(connection, leaf(connection, Words(word)))


def _likely(connection: sqlite3.Connection, word: str) -> list[str]:
    """The first few words near to this one that some article has: those of swapped letters, then the frequent."""
    if len(word) < SHORTEST:
        return []
    there = islice((near for near in neighbours(word) if _stands(connection, near)), LIKELY)
    letters = sorted(fold(word))
    return sorted(there, key=lambda near: (sorted(near) != letters, -search.frequency(connection, near)))


def _stands(connection: sqlite3.Connection, form: str) -> bool:
    """Whether the word stands somewhere in this form, and can be searched for in it."""
    return _any(connection, f'"{form}" OR "{FORM}{form}"') and _is_known(connection, form)


def _any(connection: sqlite3.Connection, match: str) -> bool:
    return next(parts.walk(connection, match, -FARTHEST, FARTHEST), None) is not None
