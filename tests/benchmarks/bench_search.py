"""`/search` in the store, by kind of query, beside the bare FTS5 statement of the same query, and how it grows."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bulk import filled
from corpus import DAYS, NOW, SHARES, SOURCES_A_LANGUAGE, TOPICS, vocabulary
from measuring import Row, Scale, at_most, at_most_times, expect, spent, spread

from storage import EVERYTHING, Cursor, Page, Query, Sort, Store, open_store
from storage.sqlite import parts, search
from storage.sqlite.index import EVERYTHING as ALL_DOCUMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

PAGE = 10
SMALL = 10_000
LANGUAGE_OF_WORDS = tuple(SHARES)
NAMES = {"en": "English", "ru": "Russian", "hy": "Armenian", "ka": "Georgian", "tr": "Turkish", "az": "Azerbaijani"}
GOAL = at_most(10)
BEST_GOAL = at_most(5)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of query."""

    name: str
    make: Callable[[random.Random], str]
    page: int = 1
    sort: Sort = Sort.NEWEST


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of CPU for each query of a kind."""

    kind: Kind
    ours: list[float]
    bare: list[float]

    def row(self, size: int) -> Row:
        what = f"/search {self.kind.name}, {size:,} articles: CPU p50 / p99"
        goal = BEST_GOAL if self.kind.sort is Sort.BEST else GOAL
        return Row(what, "ms", spread(self.ours), spread(self.bare), "bare FTS5", goal)


async def run(scale: Scale) -> list[Row]:
    times = scale.some(12, 100)
    large = await _all_measured(await filled(scale, scale.size), times)
    rows = [one.row(scale.size) for one in large]
    rows += _pages(large)
    if scale.size > SMALL:
        rows += _growth(await _all_measured(await filled(scale, SMALL), times), large, scale.size)
    return rows


async def _all_measured(path: Path, times: int) -> list[Times]:
    async with open_store(f"sqlite:///{path}") as store:
        page = await store.articles.search(EVERYTHING, now=NOW, limit=1)
        expect((page.total, page.more), (1_000, True), "articles found by *")
        with closing(sqlite3.connect(path)) as bare:
            return [await _measured(store, bare, kind, times) for kind in KINDS]


def _pages(measured: Sequence[Times]) -> list[Row]:
    by_name = {one.kind.name: one for one in measured}
    return [
        Row(
            f"/search {name}: page 10 beside page 1, CPU p50",
            "ms",
            spread(by_name[f"{name}, page 10"].ours)[:1],
            spread(by_name[name].ours)[:1],
            "page 1",
            at_most_times(1.2),
        )
        for name in ("common word", "*")
    ]


def _growth(small: Sequence[Times], large: Sequence[Times], size: int) -> list[Row]:
    """The kinds that grow most with the store."""
    pairs = [
        (spread(more.ours)[1], spread(less.ours)[1], more.kind.name) for less, more in zip(small, large, strict=True)
    ]
    worst = sorted(pairs, key=lambda pair: pair[0] / pair[1], reverse=True)[:3]
    return [
        Row(
            f"/search {name}: CPU p99 at {size:,} beside {SMALL:,} articles (of all kinds among the worst three)",
            "ms",
            (more,),
            (less,),
            f"{SMALL:,} articles",
            at_most_times(3),
        )
        for more, less, name in worst
    ]


async def _measured(store: Store, bare: sqlite3.Connection, kind: Kind, times: int) -> Times:
    made = random.Random(kind.name)  # noqa: S311
    queries = [Query.parse(kind.make(made)) for _ in range(times)]
    measured = Times(kind, [], [])
    found = 0
    for query in queries:
        cursor = await _cursor(store, query, kind)
        match = _statement(bare, query, cursor)
        match()  # both find the pages in memory
        await store.articles.search(query, now=NOW, limit=PAGE, cursor=cursor, sort=kind.sort)
        with spent() as took:
            places = match()
        measured.bare.append(took.cpu)
        with spent() as took:
            page = await store.articles.search(query, now=NOW, limit=PAGE, cursor=cursor, sort=kind.sort)
        measured.ours.append(took.cpu)
        if kind.sort is Sort.NEWEST:
            expect([article.newest for article in page.articles], places, f"articles found by {query.text}")
        found += len(places)
    if not found:
        expect(found, "some", f"articles found by queries of the kind {kind.name}")
    return measured


async def _cursor(store: Store, query: Query, kind: Kind) -> Cursor | None:
    """Where the page of this number begins, or the last page."""
    cursor = None
    for _ in range(kind.page - 1):
        page: Page = await store.articles.search(query, now=NOW, limit=PAGE, cursor=cursor, sort=kind.sort)
        if page.older is None:
            break
        cursor = page.older
    return cursor


def _statement(bare: sqlite3.Connection, query: Query, cursor: Cursor | None) -> Callable[[], list[int]]:
    """The newest ten by one statement, without counting, reading the articles or leaving the thread."""
    [stretch] = search.stretches_of(bare, query, NOW)
    before = min(stretch.high, cursor.newest - 1) if cursor else stretch.high
    if stretch.match == ALL_DOCUMENTS:
        sql = "SELECT newest FROM article WHERE newest BETWEEN ? AND ? ORDER BY newest DESC LIMIT ?"
        values: tuple[object, ...] = (stretch.low, before, PAGE)
    else:
        table = parts.newest(bare).table
        sql = f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC LIMIT ?"  # noqa: S608  our own name
        values = (stretch.match, stretch.low, before, PAGE)
    return lambda: [place for (place,) in bare.execute(sql, values)]


def _word(made: random.Random, first: int, last: int) -> str:
    """A word of these ranks, of a language that the scripts tell."""
    return vocabulary(made.choice(LANGUAGE_OF_WORDS))[made.randint(first, last)]


def _some(made: random.Random, *ranks: tuple[int, int], language: str = "") -> list[str]:
    """Different words of one language, each of such ranks."""
    words = vocabulary(language or made.choice(LANGUAGE_OF_WORDS))
    chosen: dict[str, None] = {}
    for first, last in ranks:
        chosen[made.choice([word for word in words[first : last + 1] if word not in chosen])] = None
    return list(chosen)


def _two(made: random.Random) -> str:
    return " ".join(_some(made, (30, 300), (30, 300)))


def _phrase(made: random.Random, ranks: Sequence[tuple[int, int]]) -> str:
    return f'"{" ".join(_some(made, *ranks))}"'


def _exclusion(made: random.Random, without: tuple[int, int]) -> str:
    return " -".join(_some(made, (30, 300), without))


def _of_language(made: random.Random, language: str) -> str:
    return _some(made, (50, 400), language=language)[0]


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
    Kind("phrase", partial(_phrase, ranks=((0, 14), (0, 100)))),
    Kind("phrase of common words", partial(_phrase, ranks=((30, 300), (30, 300)))),
    Kind("phrase of two stop words", partial(_phrase, ranks=((0, 14), (0, 14)))),
    Kind("phrase of three stop words", partial(_phrase, ranks=((0, 14), (0, 14), (0, 14)))),
    Kind("word -word", partial(_exclusion, without=(15, 300))),
    Kind("word -stop word", partial(_exclusion, without=(0, 14))),
    Kind("* -word", lambda made: f"* -{_word(made, 0, 100)}"),
    Kind("title:word", lambda made: f"title:{_word(made, 0, 400)}"),
    Kind("prefix of 3", partial(_prefix, length=3)),
    Kind("prefix of 4", partial(_prefix, length=4)),
    Kind("prefix of 5", partial(_prefix, length=5)),
    Kind("filters only", _filters),
    Kind("*", lambda _: "*"),
    *(Kind(f"common word, {NAMES[code]}", partial(_of_language, language=code)) for code in LANGUAGE_OF_WORDS),
    Kind("common word, page 10", lambda made: _word(made, 50, 400), page=10),
    Kind("*, page 10", lambda _: "*", page=10),
    Kind("rare word, best first", lambda made: _word(made, 8_000, 30_000), sort=Sort.BEST),
    Kind("very common word, best first", lambda made: _word(made, 0, 10), sort=Sort.BEST),
    Kind("two words, best first", _two, sort=Sort.BEST),
    Kind("phrase, best first", partial(_phrase, ranks=((0, 14), (0, 100))), sort=Sort.BEST),
)
