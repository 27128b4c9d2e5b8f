"""What a saved feed or page says becomes articles, each under the key of the article that the store has."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.intake.feeds.sameness import keys_of, name_entries
from bot.intake.parsing.entries import FeedDocument
from storage.models import Article, Feed, NewArticle, Source
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
    from bot.intake.feeds.taking import article_of, in_order  # noqa: PLC0415  it loads what fetches, which few imports need

    named = name_entries(entries.document, entries.source, known, now=now)
    feed = Feed(entries.source, url="", added=now)
    return [
        article_of(one, feed, entries.document, entries.otherwise, page=None)
        for one in in_order(named, entries.otherwise)
    ]
