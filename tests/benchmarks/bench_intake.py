"""An article into a store that holds many: how many a second, where the time goes, and what is kept waiting."""

from __future__ import annotations

import asyncio
import gc
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from bulk import filled
from corpus import NOW, Corpus
from measuring import MILLI, Row, Scale, at_least, at_most, expect, spent

from storage import Arrival, Article, NewArticle, Source, Store, open_store, warm
from storage.sqlite import connection as writer
from storage.sqlite.index import document
from storage.text.terms import article_terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

A_COMMIT = 20
SOURCE = "intake"


@dataclass(slots=True)
class Waits:
    """Seconds for which somebody was kept waiting at most."""

    lock: float = 0.0
    """By a transaction that writes."""
    loop: float = 0.0
    """By a call in the event loop."""
    commits: list[float] = field(default_factory=list)


async def run(scale: Scale) -> list[Row]:
    count = scale.some(100, 1_000)
    path = await filled(scale, scale.size)
    async with open_store(f"sqlite:///{path}") as store:
        # Each run adds to the kept store: of a time of its own, so that none of it was there before.
        news = list(_news(count, f"{time.time_ns()}"))
        warm()
        gc.freeze()  # as the service does
        with _watched() as waits:
            beside = asyncio.create_task(_lag(waits))
            with spent() as took:
                for start in range(0, count, A_COMMIT):
                    await _add(store, news[start : start + A_COMMIT])
            beside.cancel()
            await asyncio.gather(beside, return_exceptions=True)
    return [*_rows(scale.size, count, took.cpu, waits), *_parts(news, took.cpu, sum(waits.commits))]


def _news(count: int, run_: str) -> Iterator[NewArticle]:
    for number, article in enumerate(islice(Corpus(seed=7).articles(count), count)):
        yield NewArticle(SOURCE, f"{run_}:{number}", article.title, NOW, body=article.body, topics=article.topics)


async def _add(store: Store, some: Sequence[NewArticle]) -> None:
    arrivals = await store.articles.add(some, arrived=NOW, push_since=NOW)
    expect(set(arrivals), {Arrival.NEW}, "what became of new articles")


@contextmanager
def _watched() -> Iterator[Waits]:
    """Measure how long each transaction holds the lock."""
    waits = Waits()
    commit = writer.Database._run_group

    def timed(*arguments: Any) -> Any:
        began, cpu = time.perf_counter(), time.thread_time()
        try:
            return commit(*arguments)
        finally:
            waits.lock = max(waits.lock, time.perf_counter() - began)
            waits.commits.append(time.thread_time() - cpu)

    with patch.object(writer.Database, "_run_group", timed):
        yield waits


async def _lag(waits: Waits) -> None:
    """Measure how much later than asked for the event loop comes back."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        waits.loop = max(waits.loop, time.perf_counter() - began - 0.001)


def _rows(size: int, count: int, cpu: float, waits: Waits) -> list[Row]:
    what = f"articles.add into {size:,} articles, {A_COMMIT} a commit"
    return [
        Row(f"{what}: articles a second of CPU", "articles", (count / cpu,), goal=at_least(300)),
        Row(f"{what}: longest hold of the write lock", "ms", (waits.lock * MILLI,), goal=at_most(50)),
        Row(f"{what}: longest lag of the event loop", "ms", (waits.loop * MILLI,), goal=at_most(50)),
    ]


def _parts(news: Sequence[NewArticle], whole: float, writing: float) -> list[Row]:
    """What the parts of it cost an article, each by itself once more."""
    articles = [_article(one) for one in news]
    terms, made = _each(article_terms, articles)
    documents, _ = _each(document, made)
    count = len(news)
    shares = {
        "terms": terms,
        "document": documents,
        "writing": writing,
        "the rest (language, threads, sameness)": max(whole - terms - documents - writing, 0.0),
    }
    return [Row(f"articles.add: {name}", "ms an article", (took / count * MILLI,)) for name, took in shares.items()]


def _each(make: Callable[[Any], Any], values: Sequence[Any]) -> tuple[float, list[Any]]:
    with spent() as took:
        made = [make(value) for value in values]
    return took.cpu, made


def _article(new: NewArticle) -> Article:
    source = Source(new.source, new.source)
    return Article(0, source, new.key, new.title, NOW, NOW, 0, body=new.body, topics=new.topics)
