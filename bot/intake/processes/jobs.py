"""What is done in the processes that read outside data. Pure: bytes in, values out.

Importing this imports none of the libraries that read it: the bot's own process, which names these to `Workers`, stays
small.
"""

# ruff: noqa: PLC0415  see above

from datetime import datetime

from bot.intake.parsing.entries import Entry, FeedDocument, FoundFeed, ListedFeed


def read_feed(  # noqa: PLR0913  those of what it stands for
    data: bytes, *, content_type: str, url: str, zone: str, now: datetime, cut: bool = False
) -> FeedDocument:
    """`feed.read_feed`."""
    from bot.intake.parsing import feed

    return feed.read_feed(data, content_type=content_type, url=url, zone=zone, now=now, cut=cut)


def read_page(data: bytes, *, content_type: str, url: str, zone: str, now: datetime) -> Entry:
    """`page.read_page`."""
    from bot.intake.parsing import page

    return page.read_page(data, content_type=content_type, url=url, zone=zone, now=now)


def find_feeds(data: bytes, *, content_type: str, url: str) -> tuple[FoundFeed, ...]:
    """`discovery.find_feeds`."""
    from bot.intake.parsing import discovery

    return discovery.find_feeds(data, content_type=content_type, url=url)


def read_opml(data: bytes) -> tuple[ListedFeed, ...]:
    """`opml.read_opml`."""
    from bot.intake.parsing import opml

    return opml.read_opml(data)
