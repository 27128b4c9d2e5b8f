"""One article against many distinct followed queries, beside asking each of them."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from corpus import NOW, SHARES, SOURCES_A_LANGUAGE, TOPICS, Corpus, sources, vocabulary
from following import follow
from measuring import Row, Scale, at_most, expect, remove, spent, spread

from storage import Article, Query, Store, open_store
from storage.text.terms import article_terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BOT = 1
ALWAYS = NOW - timedelta(days=365)
# How often people follow what: a word, two, three, a phrase, a word without another, a word of a source or topic.
FORMS = ("{0}", "{0} {1}", "{0} {1}", "{0} {1} {2}", '"{0} {1}"', "{0} -{1}", "{0} {source}", "{0} {topic}", "{0}*")


async def run(scale: Scale) -> list[Row]:
    followed = scale.some(1_000, max(scale.size // 10, 10_000))
    known, fresh = scale.some(200, 5_000), scale.some(20, 200)
    path = scale.folder / "followed.db"
    remove(path)
    queries = list(islice(_queries(), followed))
    async with open_store(f"sqlite:///{path}") as store:
        await _fill(store, queries, known, fresh)
        articles = [await store.articles.get(number) for number in range(known + 1, known + fresh + 1)]
        ours, matches = await _announced(store, fresh)
    theirs, wanted = _asked(articles, queries)
    expect(matches, wanted, "matches of announced articles")
    remove(path)
    what = f"announce an article to {followed:,} followed queries ({sum(matches) / fresh:.1f} match): CPU p50 / p99"
    return [Row(what, "ms", spread(ours), spread(theirs), "asking each query", at_most(5))]


async def _fill(store: Store, queries: Sequence[Query], known: int, fresh: int) -> None:
    """Articles that say which words are rare, the followed queries, and the articles to announce."""
    news = Corpus(seed=2)
    for source in sources():
        await store.sources.put(source)
    await store.articles.add(list(news.articles(known)), arrived=NOW, push_since=NOW)
    await follow(store, BOT, enumerate(queries, 1))
    await store.articles.add(list(news.articles(fresh)), arrived=NOW, push_since=ALWAYS)


async def _announced(store: Store, articles: int) -> tuple[list[float], list[int]]:
    """Seconds of CPU of each article, and how many queries wanted it."""
    lease = await store.leases.gain("announcer", now=NOW, duration=timedelta(hours=1))
    times, matches = [], []
    for _ in range(articles):
        with spent() as took:
            announced = await store.log.announce(lease, now=NOW, limit=1)
        times.append(took.cpu)
        matches.append(announced.matches)
    return times, matches


def _asked(articles: Sequence[Article], queries: Sequence[Query]) -> tuple[list[float], list[int]]:
    """The same by asking every query."""
    times, matches = [], []
    for article in articles:
        with spent() as took:
            terms = article_terms(article)
            matches.append(sum(query.matches_terms(terms, article, NOW) for query in queries))
        times.append(took.cpu)
    return times, matches


def _queries() -> Iterator[Query]:
    """Distinct queries; half of their words are among the 1,000 commonest of a language."""
    made = random.Random(3)  # noqa: S311
    long_words = {language: [word for word in vocabulary(language) if len(word) >= 3] for language in SHARES}
    seen = set()
    while True:
        language = made.choices(list(SHARES), weights=list(SHARES.values()))[0]
        words = long_words[language]
        chosen = [words[made.randint(20, made.choice((1_000, 20_000)))] for _ in range(3)]
        source = f"source:{language}-{made.randrange(SOURCES_A_LANGUAGE)}"
        query = Query.parse(made.choice(FORMS).format(*chosen, source=source, topic=f"topic:{made.choice(TOPICS)}"))
        if query.text not in seen:
            seen.add(query.text)
            yield query
