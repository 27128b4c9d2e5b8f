"""What a feed or a page says becomes articles, each under the key of the article that the store has of it, if any."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.intake.entries import FeedDocument
from bot.intake.sameness import Named, keys_of, name_entries
from storage.models import Article, NewArticle, Source
from storage.ports import Store


@dataclass(frozen=True, slots=True)
class Entries:
    """A saved feed, or a page as a feed of one entry, of this source."""

    document: FeedDocument
    source: Source
    otherwise: datetime
    """When an entry was published that does not say so."""


async def articles_of(store: Store, entries: Entries, *, now: datetime) -> list[NewArticle]:
    """The entries as articles, those that are one article once. Raises StoreUnavailable."""
    document, source = entries.document, entries.source
    keys = await asyncio.to_thread(keys_of, document, source)
    known = await store.articles.known(source.name, keys)
    return await asyncio.to_thread(named_articles, entries, known, now=now)


def named_articles(entries: Entries, known: Mapping[str, Article], *, now: datetime) -> list[NewArticle]:
    """Likewise, when these are known. It takes a while."""
    named = name_entries(entries.document, entries.source, known, now=now)
    return [_article(one, entries) for one in named]


def _article(named: Named, entries: Entries) -> NewArticle:
    entry = named.entry
    return NewArticle(
        source=entries.source.name,
        key=named.key,
        aliases=named.aliases,
        title=entry.title,
        # What was known without a date keeps the one that it was given.
        published=entry.published or (named.known.published if named.known else entries.otherwise),
        body=entry.body,
        summary=entry.summary,
        link=entry.link,
        topics=entry.topics,
        language=entry.language or entries.document.language,
        date_only=entry.date_only,
        image=entry.image,
        authors=entry.authors,
    )
