"""One article against many distinct followed queries, beside the same filing in dicts in memory."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import shutil
import sqlite3
import time
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from functools import cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import NOW, SHARES, SOURCES_A_LANGUAGE, TOPICS, Corpus, sources, version, vocabulary
from dicts import Dicts
from measuring import MILLI, Row, Scale, at_most, at_most_times, expect, memory_of, remove, spent, spread

import storage
from storage import Article, Place, Query, Store, open_store
from storage.models import Cadence
from storage.sqlite import SqliteStore, filing, search
from storage.sqlite import queries as kept
from storage.sqlite.connection import stamp
from storage.text.terms import ArticleTerms, article_terms

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence

BOT = 1
ALWAYS = NOW - timedelta(days=365)
MEASURABLE = 100_000
A_MAILBOX, A_COMMIT = 100, 20_000  # queries
# How often people follow what: a word, two, three, a phrase, a word without another, a word of a source or topic.
FORMS = ("{0}", "{0} {1}", "{0} {1}", "{0} {1} {2}", '"{0} {1}"', "{0} -{1}", "{0} {source}", "{0} {topic}", "{start}*")
Terms = tuple[Article, ArticleTerms]


async def run(scale: Scale) -> list[Row]:
    followed = scale.some(1_000, scale.size)
    known, fresh = scale.some(200, 5_000), scale.some(20, 200)
    path = scale.folder / "announced.db"
    remove(path)
    shutil.copy(await _filled(scale, followed, known), path)
    news = await _news(path, known, fresh)
    held = memory_of(os.getpid())
    begun = time.perf_counter()
    async with _open(path) as store:
        await _wanting(store, news[0])
        opened = time.perf_counter() - begun
        ours, wanted = await _found(store, news)
        memory = memory_of(os.getpid()) - held
        changed = [*await _changed(store, scale.some(20, 300)), await _announced(store, followed, wanted)]
    held = memory_of(os.getpid())
    dicts = Dicts.read(path)
    theirs = _found_in(dicts, news, wanted)
    memories = (memory,), (memory_of(os.getpid()) - held,)
    _check(path, news[: scale.some(20, max(3, 100_000 // followed))], wanted)
    looked = sum(dicts.looked_at(terms) for _, terms in news) / len(news)
    remove(path)
    what = (
        f"announce: an article's queries of {followed:,} followed ({looked:.0f} looked at, {_mean(wanted):.0f} want it)"
    )
    (ours50, ours99), (theirs50, theirs99), beside = spread(ours), spread(theirs), "dicts in memory"
    return [
        Row(f"{what}: CPU p50", "ms", (ours50,), (theirs50,), beside, at_most(2)),
        Row("announce: the same, p99", "ms", (ours99,), (theirs99,), beside, at_most(5)),
        Row(
            "announce: the same, all",
            "ms",
            (sum(ours) * MILLI,),
            (sum(theirs) * MILLI,),
            beside,
            at_most_times(2.5),
        ),
        # What little fewer take is lost in memory that is free already.
        *([Row("announce: memory for it", "MB", *memories, beside)] if followed >= MEASURABLE else []),
        Row(
            "announce: from opening the file to the first article's queries", "ms", (opened * MILLI,), goal=at_most(10)
        ),
        *changed,
    ]


async def _filled(scale: Scale, followed: int, known: int) -> Path:
    """A store of followed queries, and articles that say which words are rare; that of an earlier run if it fits."""
    code = [path for path in sorted(Path(storage.__file__).parent.rglob("*")) if path.suffix in {".py", ".sql"}]
    path = scale.folder / f"followed-{version(Path(__file__), *code)}-{followed}.db"
    if not path.exists():
        # In a process of its own: what it holds is not held by the one whose memory is measured.
        child = get_context("spawn").Process(target=_fill, args=(path.with_suffix(".unfinished"), followed, known))
        child.start()
        await asyncio.to_thread(child.join)
        expect(child.exitcode, 0, "the end of the process that fills the store")
        path.with_suffix(".unfinished").rename(path)
    return path


def _fill(path: Path, followed: int, known: int) -> None:
    remove(path)
    asyncio.run(_know(path, known))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = -256000")
        frequency = cache(lambda term: search.frequency(connection, term))
        numbered = enumerate(islice(_queries(), followed))
        while some := list(islice(numbered, A_COMMIT)):
            connection.execute("BEGIN IMMEDIATE")
            for number, query in some:
                _follow(connection, number // A_MAILBOX + 1, query, query.filing(frequency))
            connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        found = connection.execute("SELECT count(*) FROM query WHERE anchor IS NOT NULL").fetchone()
        expect(found, (followed,), "followed queries")


async def _know(path: Path, known: int) -> None:
    async with open_store(f"sqlite:///{path}") as store:
        for source in sources():
            await store.sources.put(source)
        await store.articles.add(list(Corpus(seed=2).articles(known)), arrived=NOW, push_since=NOW)


def _follow(connection: sqlite3.Connection, chat: int, query: Query, where: storage.query.Filing) -> None:
    """What `subscriptions.add` writes, for many in one transaction."""
    connection.execute(
        "INSERT OR IGNORE INTO mailbox (id, bot, chat, thread, cadence) VALUES (?, ?, ?, 0, ?)",
        (chat, BOT, chat, Cadence.INSTANT),
    )
    query_id = kept.keep(connection, query)
    filing.begin(connection)
    connection.execute(
        "INSERT INTO subscription (query_id, mailbox_id, cursor, created) VALUES (?, ?, 0, ?)",
        (query_id, chat, stamp(NOW)),
    )
    filing.follow(connection, query_id, where)


async def _news(path: Path, known: int, fresh: int) -> list[Terms]:
    """The articles to announce, and their terms."""
    async with open_store(f"sqlite:///{path}") as store:
        news = islice(Corpus(seed=2).articles(known + fresh), known, None)
        await store.articles.add(list(news), arrived=NOW, push_since=ALWAYS)
        articles = [await store.articles.get(number) for number in range(known + 1, known + fresh + 1)]
    return [(article, article_terms(article)) for article in articles]


@asynccontextmanager
async def _open(path: Path) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(path)
    try:
        yield store
    finally:
        await store.close()


async def _wanting(store: SqliteStore, one: Terms) -> list[int]:
    return await store._database.read(lambda connection: filing.wanting(connection, *one, NOW))


async def _found(store: SqliteStore, news: Sequence[Terms]) -> tuple[list[float], list[list[int]]]:
    """Seconds of CPU for each article, and the queries that want it."""
    times, wanted = [], []
    for one in news:
        with spent() as took:
            wanted.append(await _wanting(store, one))
        times.append(took.cpu)
    return times, wanted


def _found_in(dicts: Dicts, news: Sequence[Terms], wanted: Sequence[list[int]]) -> list[float]:
    times = []
    for one, expected in zip(news, wanted, strict=True):
        with spent() as took:
            found = dicts.wanting(*one, NOW)
        times.append(took.cpu)
        expect(found, expected, "queries found in dicts")
    return times


async def _changed(store: SqliteStore, times: int) -> list[Row]:
    """Following and no longer following a query, beside a commit of one row by the same writer."""
    await store._database.write(lambda connection: connection.execute("CREATE TABLE bare (text TEXT) STRICT"))
    new = list(islice(_queries(seed=4), 2 * times))
    place = [Place(BOT + 1, number // A_MAILBOX + 1) for number in range(len(new))]
    subscriptions = [
        (await store.subscriptions.add(where, query, now=NOW))[0] for where, query in zip(place, new, strict=True)
    ]
    for one in subscriptions:
        await store.subscriptions.remove(one.place, one.id)
    # Each is followed again, as the queries' rows are there for good: what is measured is following.
    bare = await _timed(lambda n: store._database.write(lambda c: _insert(c, n)), times)
    add = await _timed(lambda n: store.subscriptions.add(place[n], new[n], now=NOW), times)
    added = list(itertools.chain(*[await store.subscriptions.all(where) for where in dict.fromkeys(place)]))
    expect(len(added), times, "subscriptions")
    remove_ = await _timed(lambda n: store.subscriptions.remove(added[n].place, added[n].id), times)
    beside = "a commit of one row"
    return [
        Row("announce: follow a query: CPU p50 / p99", "ms", spread(add), spread(bare), beside),
        Row("announce: follow it no longer: CPU p50 / p99", "ms", spread(remove_), spread(bare), beside),
        *await _filing_alone(store, new[:times]),
    ]


def _insert(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("INSERT INTO bare (text) VALUES (?)", (f"a query like the others, number {number}",))


async def _timed(work: Callable[[int], Awaitable[object]], times: int) -> list[float]:
    took = []
    for number in range(times):
        with spent() as figures:
            await work(number)
        took.append(figures.cpu)
    return took


async def _filing_alone(store: SqliteStore, queries: Sequence[Query]) -> list[Row]:
    """The same for what filing writes, without the chat, the mailbox and the subscription."""
    wheres = [await store._database.read(lambda c, query=query: filing.filing(c, query)) for query in queries]
    ids = [await store.queries.keep(query) for query in queries]
    bare = await _timed(lambda n: store._database.write(lambda c: _insert(c, n)), len(ids))
    file = await _timed(lambda n: store._database.write(lambda c: filing.file(c, ids[n], wheres[n])), len(ids))
    unfile = await _timed(lambda n: store._database.write(lambda c: filing.unfile(c, ids[n])), len(ids))
    beside = "a commit of one row"
    return [
        Row("announce: file a query: CPU p50", "ms", spread(file)[:1], spread(bare)[:1], beside, at_most_times(2)),
        Row("announce: unfile it: CPU p50", "ms", spread(unfile)[:1], spread(bare)[:1], beside, at_most_times(2)),
    ]


async def _announced(store: Store, followed: int, wanted: Sequence[list[int]]) -> Row:
    """Announcing one article after the other, with all that it reads and writes."""
    lease = await store.leases.gain("announcer", now=NOW, duration=timedelta(hours=1))
    times, matches = [], []
    for _ in wanted:
        with spent() as took:
            announced = await store.log.announce(lease, now=NOW, limit=1)
        times.append(took.cpu)
        matches.append(announced.matches)
    expect(matches, [len(queries) for queries in wanted], "matches of announced articles")
    what = f"announce an article to {followed:,}, terms to commit ({_mean(wanted):.0f} matches): CPU p50 / p99"
    return Row(what, "ms", spread(times))


def _check(path: Path, news: Sequence[Terms], wanted: Sequence[list[int]]) -> None:
    """Ask every followed query about each of the articles."""
    found: list[list[int]] = [[] for _ in news]
    with closing(sqlite3.connect(path)) as connection:
        for id_, text in connection.execute("SELECT id, text FROM query WHERE anchor IS NOT NULL ORDER BY id"):
            query = Query.parse(text)
            for queries, (article, terms) in zip(found, news, strict=True):
                if query.matches_terms(terms, article, NOW):
                    queries.append(id_)
    expect(found, list(wanted[: len(news)]), "queries that want the articles when each is asked")


def _mean(lists: Sequence[list[int]]) -> float:
    return sum(map(len, lists)) / len(lists)


def _queries(seed: int = 3) -> Iterator[Query]:
    """Distinct queries of words as people follow them, names and things: not the 200 commonest of a language.

    A third of the words is among the 3,000 commonest, the others are of any rank.
    """
    made = random.Random(seed)  # noqa: S311
    long_words = {language: [word for word in vocabulary(language) if len(word) >= 3] for language in SHARES}
    seen = set()
    while True:
        language = made.choices(list(SHARES), weights=list(SHARES.values()))[0]
        words = long_words[language]
        chosen = [words[made.randint(200, made.choice((3_000, len(words) - 1, len(words) - 1)))] for _ in range(3)]
        source = f"source:{language}-{made.randrange(SOURCES_A_LANGUAGE)}"
        start = chosen[0][: made.randint(4, 8)]
        text = made.choice(FORMS).format(*chosen, source=source, topic=f"topic:{made.choice(TOPICS)}", start=start)
        query = Query.parse(text)
        if query.text not in seen:
            seen.add(query.text)
            yield query
