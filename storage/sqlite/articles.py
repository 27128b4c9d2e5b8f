"""Articles on SQLite: taking them in and giving them out. Finding them is search.py's."""

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from storage.errors import NotFound
from storage.models import Arrival, Article, Cursor, NewArticle, Page, Sort, Source
from storage.query import Query
from storage.sqlite import aliases, best, parts, reindexing, search, sources, spelling, touching
from storage.sqlite.connection import LARGEST_ID, PAUSE_SECONDS, Database, Level, stamp
from storage.sqlite.index import document
from storage.sqlite.related import related
from storage.sqlite.rows import COUNTER_BITS, by_ids, by_key, by_newest, first_place
from storage.text.detection import language_of
from storage.text.terms import article_terms

CHUNK_ARTICLES = 100  # what one transaction takes: it must not hold the lock over 50 ms ...
CHUNK_CHARACTERS = 40_000  # ... which some 16 full articles of 350 words come near
UNANNOUNCED_LOOKED_AT = 1_000
DAY = timedelta(days=1)
FIRST_READ = timedelta(hours=24)  # so much of a new source is news
ALWAYS = datetime.min.replace(tzinfo=UTC)


class SqliteArticles:
    """The port `Articles`."""

    def __init__(self, database: Database, queued: asyncio.Event, touched: asyncio.Event) -> None:
        self._database = database
        self._queued = queued
        self._touched = touched

    async def add(
        self, articles: Sequence[NewArticle], *, arrived: datetime, push_since: datetime | None = None
    ) -> list[Arrival]:
        arrivals: list[Arrival] = []
        led, since = await self._database.read(lambda connection: _begin(connection, articles, arrived, push_since))
        for chunk in _chunks(led):
            if arrivals:
                await asyncio.sleep(PAUSE_SECONDS)
            arrivals += await self._add_chunk(chunk, arrived, since)
        if since.first_reads:
            await self._database.write(lambda connection: sources.end_first_reads(connection, since.first_reads))
        return arrivals

    async def _add_chunk(self, chunk: list[NewArticle], arrived: datetime, since: "PushedSince") -> list[Arrival]:
        arrivals: list[Arrival] | None = None
        while arrivals is None:
            before = await self._database.read(lambda connection: _known(connection, chunk))
            prepared = await asyncio.to_thread(_prepare, chunk, before, arrived, since)
            with suppress(Outrun):
                arrivals = await self._database.write(partial(_take_all, prepared=prepared, since=since))
        if any(arrival is not Arrival.KNOWN for arrival in arrivals):
            self._queued.set()
        if any(one.touches for one in prepared):
            self._touched.set()
        return arrivals

    async def get(self, id_: int) -> Article:
        def read(connection: sqlite3.Connection) -> Article | None:
            found = by_ids(connection, [id_])
            return found.get(id_)

        article = await self._database.read(read)
        if article is None or article.withdrawn:
            raise NotFound("article", id_)
        return article

    async def known(self, source: str, keys: Sequence[str]) -> dict[str, Article]:
        def read(connection: sqlite3.Connection) -> dict[str, Article]:
            known, other = sources.by_name(connection, [source]).get(source), sources.joined(connection, source)
            # Where both know a key, it is its own.
            return {
                key: article
                for one in (other, known)
                if one
                for key, article in aliases.articles(connection, one.id, keys).items()
            }

        return await self._database.read(read)

    async def withdraw(self, id_: int) -> bool:
        def read(connection: sqlite3.Connection) -> Article | None:
            return by_ids(connection, [id_]).get(id_)

        return abs(id_) <= LARGEST_ID and await self._withdraw(read)

    async def withdraw_key(self, source: str, key: str) -> bool:
        def read(connection: sqlite3.Connection) -> Article | None:
            known = sources.by_name(connection, [source]).get(source)
            return by_key(connection, known.id, key) if known else None

        return await self._withdraw(read)

    async def _withdraw(self, read: Callable[[sqlite3.Connection], Article | None]) -> bool:
        while True:
            article = await self._database.read(read)
            if article is None or article.withdrawn:
                return False
            with suppress(Outrun):
                outdated = await asyncio.to_thread(_document, article)
                done = await self._database.write(partial(_withdraw, seen=article, outdated=outdated), Level.PEOPLE)
                self._touched.set()
                return done

    async def search(
        self, query: Query, *, now: datetime, limit: int, cursor: Cursor | None = None, sort: Sort = Sort.NEWEST
    ) -> Page:
        def read(connection: sqlite3.Connection) -> Page:
            stretches = search.stretches_of(connection, query, now)
            if sort is Sort.BEST and query.leaves:
                found = best.find(connection, best.Asked(query, now, stretches), limit, cursor)
            else:
                found = search.find(connection, stretches, limit, cursor)
            total, more = search.count(connection, stretches)
            articles = by_newest(connection, found.newest)
            # An index that was damaged may know what is not there any more.
            there = tuple(articles[newest] for newest in found.newest if newest in articles)
            return Page(there, total, found.older, found.newer, more)

        return await self._database.read(read)

    async def spelled(self, query: Query, *, now: datetime) -> Query | None:
        return await self._database.read(lambda connection: spelling.spelled(connection, query, now))

    async def widened(self, query: Query, *, now: datetime) -> Query | None:
        def read(connection: sqlite3.Connection) -> Query | None:
            # What finds the most without one word is what the rarest word stood in the way of.
            wider_ones = ((wider, search.stretches_of(connection, wider, now)) for wider in query.without_each())
            counted = [(*search.count(connection, stretches), wider) for wider, stretches in wider_ones]
            most, _, wider = max(counted, key=lambda one: one[:2], default=(0, False, None))
            return wider if most else None

        return await self._database.read(read)

    async def reindex(self, *, limit: int) -> bool:
        step = await self._database.read(lambda connection: reindexing.next_step(connection, limit))
        if step is None:
            return False
        await self._database.write(lambda connection: reindexing.take(connection, step))
        return True

    async def has_unannounced(self, source: str) -> bool:
        def read(connection: sqlite3.Connection) -> bool:
            found = connection.execute(
                "SELECT EXISTS (SELECT 1 FROM (SELECT article_id FROM unannounced ORDER BY id DESC LIMIT ?) AS last"
                " JOIN article ON article.id = last.article_id JOIN source ON source.id = article.source_id"
                " WHERE source.name = ? AND NOT article.withdrawn)",
                (UNANNOUNCED_LOOKED_AT, source),
            ).fetchone()
            return bool(found[0])

        return await self._database.read(read)

    async def per_day(self, query: Query, *, now: datetime) -> float:
        return await self._database.read(lambda connection: search.per_day(connection, query, now))

    async def related(self, article: Article, *, limit: int) -> list[Article]:
        def read(connection: sqlite3.Connection) -> list[Article]:
            found = related(connection, article, limit)
            articles = by_newest(connection, found)
            return [articles[newest] for newest in found if newest in articles]

        return await self._database.read(read)


class Outrun(Exception):  # noqa: N818  named after what happened
    """The article is no longer what was prepared for. Its terms are not to be made under the lock: prepare anew."""


@dataclass(frozen=True, slots=True)
class PushedSince:
    """From which moment on what is published is pushed."""

    moment: datetime
    first_reads: frozenset[str] = frozenset()
    """Sources (by name) of which only what was published since `first` is pushed."""
    first: datetime = ALWAYS

    def of(self, source: str) -> datetime:
        """The moment for this source's."""
        return self.first if source in self.first_reads else self.moment


@dataclass(frozen=True, slots=True)
class Prepared:
    """A new article with all that can be made of it outside the writer."""

    new: NewArticle
    source: Source | None
    language: str
    published: datetime
    arrived: datetime
    queued: bool
    """To be announced, if it is news."""
    known: Article | None = None
    """What the store had of it; the documents hold as long as it is that."""
    document: str = ""
    """Its terms for the index; empty: it says nothing new, so none were made."""
    outdated: str = ""
    """What the index has of it; empty: nothing."""
    touches: bool = False
    """What messages show of it changes."""


def _begin(
    connection: sqlite3.Connection, articles: Sequence[NewArticle], arrived: datetime, push_since: datetime | None
) -> tuple[Sequence[NewArticle], PushedSince]:
    """The articles, each with the source that it goes to, and what of them is pushed."""
    led = _led_on(connection, articles)
    if push_since is not None:
        return led, PushedSince(push_since)
    new = sources.never_read(connection, {article.source for article in led})
    return led, PushedSince(ALWAYS, new, arrived - FIRST_READ)


def _led_on(connection: sqlite3.Connection, articles: Sequence[NewArticle]) -> Sequence[NewArticle]:
    """What is new of a source whose feed has joined another is the other's: that is what is followed."""
    others = {name: other for name in {one.source for one in articles} if (other := sources.joined(connection, name))}
    if not others:
        return articles
    own = sources.by_name(connection, others)
    return [
        replace(one, source=others[one.source].name)
        if one.source in others and by_key(connection, own[one.source].id, one.key) is None
        else one
        for one in articles
    ]


def _chunks(articles: Sequence[NewArticle]) -> Iterator[list[NewArticle]]:
    """What one transaction takes each; an article that comes twice is prepared anew for the second time."""
    chunk: dict[tuple[str, str], NewArticle] = {}
    characters = 0
    for article in articles:
        same = (article.source, article.key)
        if chunk and (len(chunk) >= CHUNK_ARTICLES or characters >= CHUNK_CHARACTERS or same in chunk):
            yield list(chunk.values())
            chunk, characters = {}, 0
        chunk[same] = article
        characters += len(article.title) + len(article.summary) + len(article.body)
    if chunk:
        yield list(chunk.values())


@dataclass(frozen=True, slots=True)
class Known:
    """What the store has of some arrivals before they are taken in."""

    sources: Mapping[str, Source]
    articles: Mapping[tuple[str, str], Article]
    habits: Mapping[str, Mapping[str, int]]
    """Source -> how many of its articles were in which language."""


def _known(connection: sqlite3.Connection, chunk: Sequence[NewArticle]) -> Known:
    found = sources.by_name(connection, {new.source for new in chunk})
    articles = {}
    for new in chunk:
        source = found.get(new.source)
        article = source and by_key(connection, source.id, new.key)
        if article:
            articles[new.source, new.key] = article
    return Known(found, articles, {name: sources.habit(connection, source.id) for name, source in found.items()})


def _prepare(chunk: Sequence[NewArticle], before: Known, arrived: datetime, since: PushedSince) -> list[Prepared]:
    habits = {name: Counter(habit) for name, habit in before.habits.items()}
    prepared = []
    for new in chunk:
        habit = habits.setdefault(new.source, Counter())
        known = before.articles.get((new.source, new.key))
        language = _language(new, known, before.sources.get(new.source), habit)
        if language and known is None:
            habit[language] += 1  # what comes together is told by what came before it, too
        prepared.append(_prepared(new, language, before, arrived, since.of(new.source)))
    return prepared


def _language(new: NewArticle, known: Article | None, source: Source | None, habit: Mapping[str, int]) -> str:
    """What the source says it is in, and what its words and the source's other articles tell; empty: nothing."""
    # What the source leaves out this time stays, and tells as well.
    text = new.body or (known and known.body) or new.summary or (known and known.summary) or ""
    usual = source.language if source else ""
    return language_of(new.title, text, stated=new.language, habit=habit, usual=usual)


def _prepared(new: NewArticle, language: str, before: Known, arrived: datetime, push_since: datetime) -> Prepared:
    published = min(new.published, arrived)
    until = published + DAY if new.date_only else published
    prepared = Prepared(
        new=new,
        source=before.sources.get(new.source),
        language=language,
        # Whole seconds: the index's places know no finer ones, and both must give the same answer.
        published=published.replace(microsecond=0),
        arrived=arrived,
        queued=until >= push_since,
    )
    return _with_documents(prepared, before.articles.get((new.source, new.key)))


def _with_documents(prepared: Prepared, known: Article | None) -> Prepared:
    """Make the terms: of a long article that takes longer than the write lock may be held."""
    if known is None:
        return replace(prepared, known=None, document=_document(_article(prepared)), outdated="")
    if _arrival(known, prepared.new) is Arrival.KNOWN:
        return replace(prepared, known=known, document="", outdated="")
    outdated = "" if known.withdrawn else _document(known)
    corrected = _corrected(known, prepared)
    touches = known.withdrawn or touching.shown_of(known) != touching.shown_of(corrected)
    return replace(prepared, known=known, document=_document(corrected), outdated=outdated, touches=touches)


def _document(article: Article) -> str:
    return document(article_terms(article))


def _article(prepared: Prepared) -> Article:
    """A new article, without its numbers."""
    new = prepared.new
    return Article(
        id=0,
        source=prepared.source or Source(name=new.source, title=new.source),
        key=new.key,
        title=new.title,
        published=prepared.published,
        arrived=prepared.arrived,
        newest=0,
        body=new.body,
        summary=new.summary,
        link=new.link,
        topics=new.topics,
        language=prepared.language,
        date_only=new.date_only,
        image=new.image,
        authors=new.authors,
        urgent=new.urgent,
    )


def _corrected(old: Article, prepared: Prepared) -> Article:
    """A known article brought up to date. What the source leaves out stays; a time is better than a day."""
    new = prepared.new
    timed = old.date_only and not new.date_only
    return replace(
        old,
        title=new.title,
        published=prepared.published if timed else old.published,
        body=new.body or old.body,
        summary=new.summary or old.summary,
        link=new.link or old.link,
        topics=new.topics or old.topics,
        language=prepared.language or old.language,
        date_only=old.date_only and not timed,
        image=new.image or old.image,
        authors=new.authors or old.authors,
        urgent=new.urgent or old.urgent,
        revision=old.revision + 1,
        withdrawn=False,
    )


def _arrival(old: Article, new: NewArticle) -> Arrival:
    if old.headline_only and new.body:
        return Arrival.FULL
    # What the source leaves out this time is not a correction. Neither is another picture: many a source gives the same
    # one another address each time.
    said = [(old.title, new.title), (old.body, new.body), (old.summary, new.summary), (old.link, new.link)]
    corrected = any(now and now != before for before, now in said) or (new.urgent and not old.urgent)
    return Arrival.CHANGED if corrected else Arrival.KNOWN


def _take_all(connection: sqlite3.Connection, prepared: Sequence[Prepared], since: PushedSince) -> list[Arrival]:
    arrivals = [_take(connection, one) for one in prepared]
    # Should this be the last chunk that is taken, the next call goes on with the first read.
    sources.begin_first_reads(connection, since.first_reads & {one.new.source for one in prepared})
    return arrivals


def _take(connection: sqlite3.Connection, prepared: Prepared) -> Arrival:
    """Store one article and queue it, or bring the one that is there up to date. Raises Outrun."""
    source = prepared.source or sources.by_name(connection, [prepared.new.source]).get(prepared.new.source)
    if source is None:
        source = sources.put(connection, Source(name=prepared.new.source, title=prepared.new.source))
    old = by_key(connection, source.id, prepared.new.key)
    arrival = _arrival(old, prepared.new) if old else Arrival.NEW
    if old and arrival is Arrival.KNOWN:
        aliases.keep(connection, old, prepared.new.aliases)
        return arrival
    if old != prepared.known:
        raise Outrun
    id_ = _replace(connection, old, prepared) if old else _insert(connection, source, prepared)
    if prepared.queued:
        connection.execute("INSERT OR IGNORE INTO unannounced (article_id) VALUES (?)", (id_,))
    return arrival


def _insert(connection: sqlite3.Connection, source: Source, prepared: Prepared) -> int:
    new = prepared.new
    newest = _place(connection, prepared.published)
    cursor = connection.execute(
        "INSERT INTO article (source_id, key, newest, title, body, summary, link, topics, language, published,"
        " date_only, arrived, image, authors, urgent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            source.id,
            new.key,
            newest,
            new.title,
            new.body,
            new.summary,
            new.link,
            json.dumps(new.topics, ensure_ascii=False),
            prepared.language,
            stamp(prepared.published),
            new.date_only,
            stamp(prepared.arrived),
            new.image,
            "\n".join(new.authors),
            new.urgent,
        ),
    )
    parts.add(connection, newest, prepared.document)
    sources.count_language(connection, source.id, prepared.language)
    id_ = int(cursor.lastrowid or 0)
    aliases.put(connection, source.id, id_, new.aliases)
    return id_


def _replace(connection: sqlite3.Connection, old: Article, prepared: Prepared) -> int:
    article = _corrected(old, prepared)
    newest = old.newest if article.date_only == old.date_only else _place(connection, article.published)
    connection.execute(
        "UPDATE article SET newest = ?, title = ?, body = ?, summary = ?, link = ?, topics = ?, language = ?,"
        " published = ?, date_only = ?, image = ?, authors = ?, urgent = ?, revision = ?,"
        " renewed = iif(withdrawn, revision + 1, renewed),"
        " withdrawn = 0 WHERE id = ?",
        (
            newest,
            article.title,
            article.body,
            article.summary,
            article.link,
            json.dumps(article.topics, ensure_ascii=False),
            article.language,
            stamp(article.published),
            article.date_only,
            article.image,
            "\n".join(article.authors),
            article.urgent,
            article.revision,
            article.id,
        ),
    )
    parts.change(connection, old.newest, prepared.outdated, newest, prepared.document)
    if prepared.touches:
        touching.touch(connection, article.id)
    aliases.put(connection, old.source.id, article.id, prepared.new.aliases)
    if article.language != old.language:
        sources.count_language(connection, old.source.id, article.language)
        sources.count_language(connection, old.source.id, old.language, -1)
    return article.id


def _withdraw(connection: sqlite3.Connection, seen: Article, outdated: str) -> bool:
    """Take the article out of the index and the queue; `outdated` is what the index has of it as it was `seen`.

    Raises Outrun.
    """
    article = by_ids(connection, [seen.id])[seen.id]
    if article != seen:
        raise Outrun
    parts.remove(connection, article.newest, outdated)
    connection.execute("UPDATE article SET withdrawn = 1 WHERE id = ?", (article.id,))
    connection.execute("DELETE FROM unannounced WHERE article_id = ?", (article.id,))
    touching.touch(connection, article.id)
    return True


def _place(connection: sqlite3.Connection, published: datetime) -> int:
    """The first free `newest` in or after the second of this time."""
    first = first_place(published)
    row = connection.execute(
        "SELECT max(newest) FROM article WHERE newest >= ? AND newest < ?", (first, first + (1 << COUNTER_BITS))
    ).fetchone()
    return first if row[0] is None else int(row[0]) + 1
