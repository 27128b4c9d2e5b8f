"""What feeds and pages say, cleaned: the values that come out of the process that reads them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.intake.parsing.reading import Refusal


class UnreadableError(ValueError):
    """Nothing can be read of some outside data. The message says why, in words for the operator."""


class NoReaderError(UnreadableError):
    """There is nobody to read it now; it may well be readable."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of news as its source gives it, before it is told which of the store's articles it is."""

    title: str
    """A clean line, with something to see."""
    id: str = ""
    """What the source calls it (guid, atom:id); empty: nothing."""
    link: str = ""
    """Absolute."""
    published: datetime | None = None
    """Aware, UTC; None: the source does not say, or says nonsense."""
    date_only: bool = False
    """The source names a day and no time; `published` is its first moment in the source's zone."""
    body: str = ""
    """Paragraphs separated by a blank line."""
    summary: str = ""
    """The source's own."""
    authors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    """Names as people type them after `topic:`."""
    language: str = ""
    """ISO 639-1; empty: not known."""
    image: str = ""
    """The address of its picture, absolute."""


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """A feed as it was read once."""

    kind: str
    """What it is written in: `rss 2.0`, `rdf`, `atom 1.0`, `json feed 1.1`, ..."""
    entries: tuple[Entry, ...] = ()
    """In the feed's order."""
    refusals: tuple[Refusal, ...] = ()
    """Entries that could not be taken (`line`: which one, from 1), and oddities worth telling an operator."""
    title: str = ""
    link: str = ""
    """The site that it belongs to, absolute."""
    language: str = ""
    """ISO 639-1; empty: not known."""
    ttl: timedelta | None = None
    """How long it may be kept before it is asked for again (RSS 2.0, ttl)."""
    skip_hours: frozenset[int] = frozenset()
    """Hours of UTC, 0 to 23, in which it need not be asked for (RSS 2.0, skipHours)."""
    skip_days: frozenset[int] = frozenset()
    """Likewise days; 0 is Monday (RSS 2.0, skipDays)."""
    hub: str = ""
    """Where it can be subscribed to (WebSub, rel=hub); empty: nowhere."""
    topic: str = ""
    """What it calls itself (WebSub, rel=self); empty: nothing."""
    cut: bool = False
    """There was more than is read."""


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that a page names."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """A feed in a list of feeds (OPML)."""

    url: str
    """As it is written, where that is no address on the web: who adds it finds out why."""
    title: str = ""
    site: str = ""
    topics: tuple[str, ...] = ()
    """The folders that it lies in, outermost first, and its categories: names as people type them after `topic:`."""
    language: str = ""
