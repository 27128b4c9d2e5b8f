"""What a feed says becomes articles of the store."""

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.intake.feeds.sameness import Named, keys_of, name_entries
from bot.intake.feeds.versions import Versions
from bot.intake.fetching.fetch import PAGES, Fetched, Fetcher, FetchError
from bot.intake.parsing.addresses import shown_url
from bot.intake.parsing.entries import Entry, FeedDocument, UnreadableError
from bot.intake.parsing.keys import page_key
from bot.intake.processes.jobs import read_feed, read_page
from bot.intake.processes.workers import Workers
from storage import Arrival, Feed, NewArticle, Source, Store

FIRST_READ = timedelta(hours=24)  # so much of a new feed is news
SHORT_TEXT = 1_500
"""Characters. What is shorter is taken for a teaser, where the operator wants full texts."""
PAGES_A_POLL = 20
PAGE_TRIES = 3
PAGES_REMEMBERED = 100  # of a feed
PAGES_SECONDS = 20.0  # for all of them: entries wait for their pages
PAGE_BYTES = 5_000_000
TOPICS_LIMIT = 20
REASONS_SAID = 3
FEEDS_REMEMBERED = 10_000

Count = Callable[[str, str], None]
"""Told of each article: that it came by a feed, and what became of it."""

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Taken:
    """What a document brought."""

    new: int = 0
    """Articles that were not known, or only by their headlines."""
    changed: int = 0
    """Known ones that were corrected."""


class Taker:
    """Reads what was fetched, in the workers, and takes in what is new of it."""

    def __init__(
        self,
        store: Store,
        fetcher: Fetcher,
        workers: Workers,
        now: Callable[[], datetime],
        *,
        count: Count = lambda _way, _became: None,
    ) -> None:
        self._store = store
        self._fetcher = fetcher
        self._workers = workers
        self._now = now
        self._count = count
        self._versions = Versions()
        self._busy: dict[str, tuple[asyncio.Lock, int]] = {}
        self._said: OrderedDict[str, int] = OrderedDict()  # by source: what was last said of refusals
        # By source: of which articles the page was not read yet, and how often that was tried.
        self._unread: OrderedDict[str, dict[str, int]] = OrderedDict()

    async def read(self, fetched: Fetched, zone: str) -> FeedDocument:
        """The feed in an answer. Raises UnreadableError."""
        return await self._workers.run(
            read_feed,
            fetched.body,
            content_type=fetched.content_type,
            url=fetched.url,
            zone=zone,
            now=self._now(),
            cut=fetched.cut,
        )

    async def take(self, feed: Feed, document: FeedDocument) -> Taken:
        """Take in the document's entries. Whatever of it the store has already changes nothing."""
        async with self._alone(feed.source.name):
            now = self._now()
            source = await self._described(feed, document)
            self._say_refused(feed, document)
            keys = await asyncio.to_thread(keys_of, document, source)
            known = await self._store.articles.known(source.name, keys)
            named = await asyncio.to_thread(
                name_entries, document, source, known, now=now, feed_url=shown_url(feed.url)
            )
            pages = await self._pages(named, source) if feed.full_text else {}
            articles = await asyncio.to_thread(
                lambda: [article_of(one, feed, document, now, pages.get(one.key)) for one in in_order(named, now)]
            )
            before = {one.key: one.known for one in named if one.known}
            articles = [one for one in articles if not self._versions.is_former(one, before.get(one.key), now)]
            arrivals = await self._add(feed, articles, now)
            if feed.answered is not None:  # of a first read they come in another order
                self._versions.note(articles, arrivals, before, now)
        for arrival in arrivals:
            self._count("feed", arrival.value)
        return _counted(arrivals)

    @asynccontextmanager
    async def _alone(self, name: str) -> AsyncIterator[None]:
        """What a hub sends and what is polled meanwhile are taken one after the other."""
        lock, users = self._busy.get(name, (asyncio.Lock(), 0))
        self._busy[name] = lock, users + 1
        try:
            async with lock:
                yield
        finally:
            lock, users = self._busy[name]
            if users > 1:
                self._busy[name] = lock, users - 1
            else:
                del self._busy[name]

    async def _described(self, feed: Feed, document: FeedDocument) -> Source:
        """The feed's source; with the first document it learns the title and language that nobody has given it."""
        source = await self._store.sources.get(feed.source.name) or feed.source
        if feed.answered is not None:
            return source
        title = document.title if document.title and _is_untitled(source) else source.title
        described = replace(source, title=title, language=source.language or document.language)
        return source if described == source else await self._store.sources.put(described)

    async def _add(self, feed: Feed, articles: Sequence[NewArticle], now: datetime) -> list[Arrival]:
        if feed.answered is not None:
            return await self._store.articles.add(articles, arrived=now)
        # Of what came before anybody asked the last day is news; what does not say when it is from, is not.
        dated = [article for article in articles if article.published < now]
        undated = [article for article in articles if article.published >= now]
        arrivals = await self._store.articles.add(dated, arrived=now, push_since=now - FIRST_READ)
        return arrivals + await self._store.articles.add(undated, arrived=now, push_since=now + FIRST_READ)

    async def _pages(self, named: Sequence[Named], source: Source) -> Mapping[str, Entry]:
        """The pages of entries with short texts, by their keys, as far as they can be read in time.

        Read are those of new entries, then what was not read with them: pages come later than feeds, or are too many.
        """
        tries = self._unread.get(source.name, {})
        teasers = [one for one in named if one.entry.link and is_teaser(one.entry)]
        wanted = [one for one in teasers if one.known is None]
        wanted += [one for one in teasers if one.known is not None and one.key in tries]
        found: dict[str, Entry] = {}

        async def complete(one: Named) -> None:
            if page := await self._page(one.entry.link, source.zone):
                found[one.key] = page

        tasks = [asyncio.create_task(complete(one)) for one in wanted[:PAGES_A_POLL]]
        try:
            if tasks:
                await asyncio.wait(tasks, timeout=PAGES_SECONDS)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        tried = {one.key: tries.get(one.key, 0) + (place < PAGES_A_POLL) for place, one in enumerate(wanted)}
        unread = [(key, count) for key, count in tried.items() if key not in found and count < PAGE_TRIES]
        remember(self._unread, source.name, dict(unread[:PAGES_REMEMBERED]))
        return found

    async def _page(self, link: str, zone: str) -> Entry | None:
        try:
            fetched = await self._fetcher.get(link, limit=PAGE_BYTES, accept=PAGES)
            return await self._workers.run(
                read_page,
                fetched.body,  # of other answers there is none, which is no page
                content_type=fetched.content_type,
                url=fetched.url,
                zone=zone,
                now=self._now(),
            )
        except (FetchError, UnreadableError) as error:
            log.debug("an article's page cannot be read", extra={"page": shown_url(link), "error": str(error)})
            return None

    def _say_refused(self, feed: Feed, document: FeedDocument) -> None:
        """Log what cannot be taken, once as long as it is the same."""
        name, said = feed.source.name, hash(document.refusals)
        if self._said.get(name, hash(())) != said:
            reasons = [f"entry {one.line}: {one.reason}" for one in document.refusals[:REASONS_SAID]]
            if reasons:
                log.info(
                    "not all of a feed can be read",
                    extra={"source": name, "refused": len(document.refusals), "reasons": reasons},
                )
            remember(self._said, name, said)


def remember(of_feeds: OrderedDict[str, T], name: str, what: T) -> None:
    """Keep it of the feed of this source, and forget the feed that nothing was kept of for longest."""
    of_feeds[name] = what
    of_feeds.move_to_end(name)
    if len(of_feeds) > FEEDS_REMEMBERED:
        of_feeds.popitem(last=False)


def _is_untitled(source: Source) -> bool:
    """Whether its title is but its name, which may have got a number."""
    return not source.title or re.fullmatch(rf"{re.escape(source.title)}(?:-\d+)?", source.name) is not None


def is_teaser(entry: Entry) -> bool:
    """Whether there is probably more on the entry's page."""
    return max(len(entry.body), len(entry.summary)) < SHORT_TEXT


def article_of(named: Named, feed: Feed, document: FeedDocument, now: datetime, page: Entry | None) -> NewArticle:
    """The article that an entry is. Of a feed that is completed from its pages a teaser is a summary, no text."""
    entry, known = named.entry, named.known
    body, summary = entry.body, entry.summary
    if feed.full_text and is_teaser(entry):
        body, summary = "", entry.summary or entry.body
        if page and len(page.body) > len(summary):
            body = page.body
    if page:
        entry = _filled(entry, page)
    # A link that says the same in other words is no correction.
    same_page = known is not None and page_key(known.link) == page_key(entry.link)
    return NewArticle(
        source=feed.source.name,
        key=named.key,
        title=entry.title,
        published=entry.published or now,
        body=body,
        summary=summary,
        link=known.link if known and same_page else entry.link,
        topics=tuple(dict.fromkeys((*feed.topics, *entry.topics)))[:TOPICS_LIMIT],
        # Many a feed only claims to be English: the words tell better, the entry's own word best.
        language=entry.language if entry.language != document.language else "",
        date_only=entry.date_only,
        image=entry.image,
        authors=entry.authors,
        aliases=named.aliases,
    )


def _filled(entry: Entry, page: Entry) -> Entry:
    """The entry with what only its page says."""
    dated = entry if entry.published else page
    return replace(
        entry,
        published=dated.published,
        date_only=dated.date_only,
        authors=entry.authors or page.authors,
        topics=entry.topics or page.topics,
        language=entry.language or page.language,
        image=entry.image or page.image,
    )


def in_order(named: Sequence[Named], now: datetime) -> list[Named]:
    """The oldest first, as they are to be announced; feeds have the newest first."""
    last_first = list(reversed(named))
    return sorted(last_first, key=lambda one: one.entry.published or now)


def _counted(arrivals: Sequence[Arrival]) -> Taken:
    new = sum(arrival in {Arrival.NEW, Arrival.FULL} for arrival in arrivals)
    return Taken(new, sum(arrival is Arrival.CHANGED for arrival in arrivals))
