"""`/search` in the store, by kind of query, beside the bare FTS5 statement of the same query."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import DAYS, NOW, SOURCES_A_LANGUAGE, TOPICS, Corpus, sources, version, vocabulary
from measuring import Row, Scale, at_most, expect, remove, spent, spread

import storage
from storage import EVERYTHING, Cursor, Page, Query, Store, open_store
from storage.sqlite import search

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = 10
CHUNK = 200
LANGUAGE_OF_WORDS = ("en", "ru", "hy", "ka")
GOAL = at_most(20)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of query."""

    name: str
    make: Callable[[random.Random], str]
    page: int = 1


async def run(scale: Scale) -> list[Row]:
    path, rows = await _filled(scale)
    async with open_store(f"sqlite:///{path}") as store:
        expect((await store.articles.search(EVERYTHING, now=NOW, limit=1)).total, 1_001, "articles found by *")
        times = scale.some(12, 100)
        with closing(sqlite3.connect(path)) as bare:
            for kind in KINDS:
                rows.append(await _measured(store, bare, kind, times))
    return rows


async def _filled(scale: Scale) -> tuple[Path, list[Row]]:
    """A store of made-up articles; that of an earlier run if nothing in between can have changed it."""
    code = [path for path in sorted(Path(storage.__file__).parent.rglob("*")) if path.suffix in {".py", ".sql"}]
    path = scale.folder / f"store-{version(*code)}-{scale.size}.db"
    if path.exists():
        return path, []
    unfinished = path.with_suffix(".unfinished")
    remove(unfinished)
    row = await _fill(unfinished, scale.size)
    unfinished.rename(path)
    return path, [row]


async def _fill(path: Path, size: int) -> Row:
    cpu = 0.0
    articles = Corpus().articles(size)
    async with open_store(f"sqlite:///{path}") as store:
        for source in sources():
            await store.sources.put(source)
        for _ in range(0, size, CHUNK):
            chunk = [article for _, article in zip(range(CHUNK), articles, strict=False)]
            with spent() as took:
                await store.articles.add(chunk, arrived=NOW, push_since=NOW)
            cpu += took.cpu
    return Row(f"articles.add, {size:,} full articles: a second of CPU", "articles", (size / cpu,))


async def _measured(store: Store, bare: sqlite3.Connection, kind: Kind, times: int) -> Row:
    made = random.Random(kind.name)  # noqa: S311
    queries = [Query.parse(kind.make(made)) for _ in range(times)]
    ours, theirs = [], []
    found = 0
    for query in queries:
        cursor = await _cursor(store, query, kind.page)
        match = _statement(bare, query, cursor)
        match()  # both find the pages in memory
        with spent() as took:
            places = match()
        theirs.append(took.cpu)
        with spent() as took:
            page = await store.articles.search(query, now=NOW, limit=PAGE, cursor=cursor)
        ours.append(took.cpu)
        expect([article.newest for article in page.articles], places, f"articles found by {query.text}")
        found += len(places)
    if not found:
        expect(found, "some", f"articles found by queries of the kind {kind.name}")
    return Row(f"/search {kind.name}: CPU p50 / p99", "ms", spread(ours), spread(theirs), "bare FTS5", GOAL)


async def _cursor(store: Store, query: Query, number: int) -> Cursor | None:
    """Where the page of this number begins, or the last page."""
    cursor = None
    for _ in range(number - 1):
        page: Page = await store.articles.search(query, now=NOW, limit=PAGE, cursor=cursor)
        if page.older is None:
            break
        cursor = page.older
    return cursor


def _statement(bare: sqlite3.Connection, query: Query, cursor: Cursor | None) -> Callable[[], list[int]]:
    """The newest ten by one statement, without counting, reading the articles or leaving the thread."""
    [stretch] = search._compile(query, NOW)
    before = min(stretch.high, cursor.newest - 1) if cursor else stretch.high
    if stretch.match == search.EVERYTHING:
        sql = "SELECT newest FROM article WHERE newest BETWEEN ? AND ? ORDER BY newest DESC LIMIT ?"
        values: tuple[object, ...] = (stretch.low, before, PAGE)
    else:
        sql = "SELECT rowid FROM terms WHERE terms MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC LIMIT ?"
        values = (stretch.match, stretch.low, before, PAGE)
    return lambda: [place for (place,) in bare.execute(sql, values)]


def _word(made: random.Random, first: int, last: int) -> str:
    """A word of these ranks, of a language that the scripts tell."""
    return vocabulary(made.choice(LANGUAGE_OF_WORDS))[made.randint(first, last)]


def _two(made: random.Random) -> str:
    words = vocabulary(made.choice(LANGUAGE_OF_WORDS))
    return f"{words[made.randint(30, 300)]} {words[made.randint(30, 300)]}"


def _phrase(made: random.Random) -> str:
    words = vocabulary(made.choice(LANGUAGE_OF_WORDS))
    return f'"{words[made.randint(0, 14)]} {words[made.randint(0, 100)]}"'


def _exclusion(made: random.Random) -> str:
    words = vocabulary(made.choice(LANGUAGE_OF_WORDS))
    return f"{words[made.randint(30, 300)]} -{words[made.randint(0, 100)]}"


def _prefix(made: random.Random, length: int) -> str:
    words = [word for word in vocabulary(made.choice(LANGUAGE_OF_WORDS))[:3_000] if len(word) >= length]
    return made.choice(words)[:length] + "*"


def _filters(made: random.Random) -> str:
    language = made.choice(LANGUAGE_OF_WORDS)
    source = f"source:{language}-{made.randrange(SOURCES_A_LANGUAGE)}"
    return f"{source} topic:{made.choice(TOPICS)} after:{made.randint(1, DAYS)}d"


KINDS = (
    Kind("rare word", lambda made: _word(made, 8_000, 30_000)),
    Kind("common word", lambda made: _word(made, 50, 400)),
    Kind("very common word", lambda made: _word(made, 0, 10)),
    Kind("two words", _two),
    Kind("phrase", _phrase),
    Kind("word -word", _exclusion),
    Kind("* -word", lambda made: f"* -{_word(made, 0, 100)}"),
    Kind("prefix of 3", partial(_prefix, length=3)),
    Kind("prefix of 5", partial(_prefix, length=5)),
    Kind("filters only", _filters),
    Kind("*", lambda _: "*"),
    Kind("common word, page 10", lambda made: _word(made, 50, 400), page=10),
    Kind("*, page 10", lambda _: "*", page=10),
)
