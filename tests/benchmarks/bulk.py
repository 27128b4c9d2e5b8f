"""A store of very many made-up articles, filled in bulk: their terms are made once a word, and not once an article.

What it holds is what `articles.add` would have stored; a few articles are compared to be sure.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import sqlite3
from collections import deque
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import DAYS, NOW, SHARES, SOURCES_A_LANGUAGE, TOPICS, cumulated, length, sources, version, vocabulary
from measuring import Scale, expect, remove

import storage
from storage import open_store
from storage.sqlite import index, parts
from storage.sqlite.connection import EPOCH, stamp
from storage.sqlite.rows import by_newest
from storage.text.terms import ArticleTerms, _terms, article_terms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.pool import AsyncResult

CHUNK = 2_000
CHUNKS_AHEAD = 6
WORKERS = 2
HASH_BYTES = 64_000_000  # what FTS5 gathers before it writes
COMPARED = 50
PARAGRAPH_WORDS = 60

ROW = (
    "INSERT INTO article (source_id, key, newest, title, body, summary, link, topics, language, published, date_only,"
    " arrived) VALUES (?, ?, ?, ?, ?, '', '', ?, ?, ?, 0, ?)"
)


class Made(dict[int, tuple[str, str]]):
    """The term and the form that the index makes of a word, by its rank: made when it is first asked for."""

    def __init__(self, words: list[str], language: str) -> None:
        super().__init__()
        self._words = words
        self._language = language

    def __missing__(self, rank: int) -> tuple[str, str]:
        [pair] = _terms(self._words[rank], self._language)  # each must be one word
        self[rank] = pair
        return pair


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a language, commonest first, and what the index makes of them."""

    words: list[str]
    made: Made


async def filled(scale: Scale, size: int) -> Path:
    """A store of so many made-up articles; that of an earlier run if nothing in between can have changed it."""
    code = [path for path in sorted(Path(storage.__file__).parent.rglob("*")) if path.suffix in {".py", ".sql"}]
    path = scale.folder / f"store-{version(*code, Path(__file__))}-{size}.db"
    if path.exists():
        return path
    unfinished = path.with_suffix(".unfinished")
    remove(unfinished)
    async with open_store(f"sqlite:///{unfinished}") as store:
        for source in sources():
            await store.sources.put(source)
    fill(unfinished, size)
    unfinished.rename(path)
    return path


def fill(path: Path, size: int) -> None:
    """Put so many articles of the last 90 days into a store that has the corpus's sources and no articles."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -200000")
        known = dict(connection.execute("SELECT name, id FROM source").fetchall())
        table = parts.newest(connection).table
        connection.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('hashsize', {HASH_BYTES})")  # noqa: S608  our own name
        tasks = [(first, min(first + CHUNK, size), size) for first in range(0, size, CHUNK)]
        for rows in _made(tasks):
            connection.execute("BEGIN")
            connection.executemany(ROW, [(known[source], *row) for source, row, _ in rows])
            connection.executemany(
                f"INSERT INTO {table} (rowid, document) VALUES (?, ?)",  # noqa: S608  our own name
                [(row[1], document) for _, row, document in rows],
            )
            connection.execute("COMMIT")
        connection.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('hashsize', 1048576)")  # noqa: S608  its default
        connection.execute("PRAGMA journal_mode = WAL")
        _check(connection, size)


def _made(tasks: list[tuple[int, int, int]]) -> Iterator[list[tuple[str, tuple[object, ...], str]]]:
    """The chunks in order, a few made ahead by others: all of them would not fit the memory."""
    if len(tasks) == 1:  # not worth other processes
        yield _chunk(*tasks)
        return
    ahead: deque[AsyncResult[list[tuple[str, tuple[object, ...], str]]]] = deque()
    with multiprocessing.Pool(WORKERS) as pool:
        for task in tasks:
            ahead.append(pool.apply_async(_chunk, (task,)))
            if len(ahead) > CHUNKS_AHEAD:
                yield ahead.popleft().get()
        while ahead:
            yield ahead.popleft().get()


def _check(connection: sqlite3.Connection, size: int) -> None:
    """The pre-made documents of the first articles are those that the store would make."""
    documents = {row[1]: document for _, row, document in _chunk((0, min(COMPARED, size), size))}
    for newest, article in by_newest(connection, list(documents)).items():
        expect(documents[newest], index.document(article_terms(article)), f"document of article {article.id}")


def _chunk(task: tuple[int, int, int]) -> list[tuple[str, tuple[object, ...], str]]:
    """Source, row and document of the articles with these numbers, oldest first."""
    first, last, size = task
    return [_article(random.Random(number), number, size) for number in range(first, last)]  # noqa: S311


def _article(made: random.Random, number: int, size: int) -> tuple[str, tuple[object, ...], str]:
    language = made.choices(list(SHARES), weights=list(SHARES.values()))[0]
    source = f"{language}-{made.randrange(SOURCES_A_LANGUAGE)}"
    topics = made.sample(TOPICS, made.choice((0, 1, 1, 2)))
    known = premade(language)
    title, body = _ranks(made, made.randint(6, 12)), _ranks(made, length(made))
    published = NOW - timedelta(days=DAYS) * (1 - number / size)
    seconds = (published - EPOCH) // timedelta(seconds=1)
    row = (
        f"id:{number}",
        seconds << 20 | number % 1_000,
        " ".join(known.words[rank] for rank in title).capitalize() + f" {number}",
        "\n\n".join(_paragraphs([known.words[rank] for rank in body])),
        json.dumps(topics),
        language,
        seconds * 1_000_000,
        stamp(NOW),
    )
    return source, row, index.document(_article_terms(known, title, body, number, _facets(language, source, topics)))


def _article_terms(
    known: Vocabulary, title: list[int], body: list[int], number: int, facets: frozenset[str]
) -> ArticleTerms:
    title_terms = (*(known.made[rank][0] for rank in title), str(number))
    title_forms = frozenset((*(known.made[rank][1] for rank in title), str(number)))
    return ArticleTerms(
        title=title_terms,
        text=(title_terms, (), tuple(known.made[rank][0] for rank in body)),
        forms=title_forms.union(known.made[rank][1] for rank in body),
        title_forms=title_forms,
        facets=facets,
    )


def _facets(language: str, source: str, topics: list[str]) -> frozenset[str]:
    return frozenset({"*", f"lang:{language}", f"source:{source}", *(f"topic:{topic}" for topic in topics)})


def _paragraphs(words: list[str]) -> Iterator[str]:
    for start in range(0, len(words), PARAGRAPH_WORDS):
        yield " ".join(words[start : start + PARAGRAPH_WORDS]).capitalize() + "."


def _ranks(made: random.Random, count: int) -> list[int]:
    return made.choices(range(len(cumulated())), cum_weights=cumulated(), k=count)


@cache
def premade(language: str) -> Vocabulary:
    """The words of a language."""
    words = vocabulary(language)
    return Vocabulary(words, Made(words, language))
