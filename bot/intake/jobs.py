"""What is done in the processes that read outside data. Pure: bytes in, values out.

Importing this imports none of the libraries that read it: the bot's own process, which names these to `Workers`, stays
small.
"""

# ruff: noqa: PLC0415  see above

from datetime import datetime

from bot.intake.entries import Entry, FeedDocument, FoundFeed, ListedFeed
from bot.intake.handed import Corrected, Handed, NotRead


def read_feed(  # noqa: PLR0913  those of what it stands for
    data: bytes, *, content_type: str, url: str, zone: str, now: datetime, cut: bool = False
) -> FeedDocument:
    """`feed.read_feed`."""
    from bot.intake import feed

    return feed.read_feed(data, content_type=content_type, url=url, zone=zone, now=now, cut=cut)


def read_page(data: bytes, *, content_type: str, url: str, zone: str, now: datetime) -> Entry:
    """`page.read_page`."""
    from bot.intake import page

    return page.read_page(data, content_type=content_type, url=url, zone=zone, now=now)


def find_feeds(data: bytes, *, content_type: str, url: str) -> tuple[FoundFeed, ...]:
    """`discovery.find_feeds`."""
    from bot.intake import discovery

    return discovery.find_feeds(data, content_type=content_type, url=url)


def read_opml(data: bytes) -> tuple[ListedFeed, ...]:
    """`opml.read_opml`."""
    from bot.intake import opml

    return opml.read_opml(data)


def read_articles(data: bytes, *, lines: bool) -> tuple[Handed | str, ...] | NotRead:
    """`posted.read_articles`."""
    from bot.intake.given import GivenError
    from bot.intake.posted import TooManyError, read_articles

    try:
        return tuple(read_articles(data, lines=lines))
    except TooManyError as error:
        return NotRead(str(error), too_many=True)
    except GivenError as error:
        return NotRead(str(error))


def read_correction(data: bytes) -> Corrected | NotRead:
    """`posted.read_correction`."""
    from bot.intake.given import GivenError
    from bot.intake.posted import read_correction

    try:
        return read_correction(data)
    except GivenError as error:
        return NotRead(str(error))
