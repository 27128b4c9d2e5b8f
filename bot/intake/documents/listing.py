"""Feeds become a list of feeds, and such a list becomes feeds."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.intake.parsing.addresses import canonical_url, other_scheme, parse_url, split_credentials
from bot.intake.parsing.entries import ListedFeed
from storage.models import Feed, NewFeed, Source
from storage.ports import Store
from storage.text.terms import slug

_NOW = timedelta(0)


async def add_listed(store: Store, listed: ListedFeed, *, zone: str, now: datetime) -> bool:
    """Let a listed feed be polled, by whoever polls: nothing is fetched.

    False: it is polled already, with TLS or without it.
    `zone` (IANA) is that of its times without one. Raises AddressError.
    """
    url = canonical_url(listed.url)
    known = await store.feeds.find(url) or await store.feeds.find(other_scheme(url))
    if known:
        if known.added_by:
            await store.feeds.adopt(known.source.name, now=now)
        return False
    name = slug(listed.title) or slug(str(parse_url(url).host))
    # What nobody has named learns its title with the first document.
    source = Source(name, listed.title or name, language=listed.language, zone=zone)
    feed = NewFeed(url, source, topics=listed.topics)
    _, claim = await store.feeds.add(feed, now=now, lease=_NOW)
    return claim is not None


def secret(feeds: Iterable[Feed]) -> list[str]:
    """The names of those whose addresses hold a name or a password."""
    return [feed.source.name for feed in feeds if split_credentials(feed.url)[1]]


def listed(feeds: Iterable[Feed]) -> tuple[ListedFeed, ...]:
    """The feeds as a list that may be shown: without names and passwords in their addresses."""
    return tuple(
        ListedFeed(
            url=split_credentials(feed.url)[0],
            title=feed.source.title,
            topics=feed.topics,
            language=feed.source.language,
        )
        for feed in feeds
    )
