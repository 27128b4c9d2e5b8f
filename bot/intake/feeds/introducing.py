"""Becoming acquainted with a feed: whoever names a URL gets the feed that is there, fetched once for all who ask."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from urllib.parse import urlsplit

from bot.intake.feeds.outcomes import LEASE, answered, heard_of, said_of
from bot.intake.feeds.taking import Taker
from bot.intake.feeds.timing import Pace, after_answer
from bot.intake.fetching.fetch import AddressRefusedError, Fetched, Fetcher, FetchError
from bot.intake.fetching.flights import Flights
from bot.intake.parsing.addresses import AddressError, canonical_url, other_scheme, shown_url, split_credentials
from bot.intake.parsing.clean import clean_line
from bot.intake.parsing.entries import FeedDocument, UnreadableError
from bot.intake.processes.jobs import find_feeds
from bot.intake.processes.workers import Workers
from storage import Feed, FeedClaim, NewFeed, Place, Source, Store
from storage.text.terms import slug

NAMED_TRIED = 3  # feeds that a page names
GUESSED_TRIED = 4  # places where sites usually have one
LOOK_SECONDS = 60.0
_LONGEST_NAME = 40
_LONGEST_TITLE = 200
# Ends and beginnings of hosts that name nobody.
_NO_NAMES = ("www.", "rss.", "feeds.", "feed.")

log = logging.getLogger(__name__)


class Hindrance(Enum):
    """Why there is no feed for an address."""

    NO_ADDRESS = auto()
    REFUSED = auto()
    """It may not be fetched."""
    UNREACHABLE = auto()
    """There is no answer, or none with anything in it."""
    NO_FEED = auto()
    """There is something, but no feed."""


class IntroductionError(Exception):
    """There is no feed for an address. The message says why in words for the operator; it holds no credentials."""

    def __init__(self, kind: Hindrance, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Wanted:
    """A feed as somebody wants it to be, if it is new."""

    added_by: Place | None = None
    """Where somebody asks for it; None: the operator adds it."""
    most: int | None = None
    """So many feeds may have been added there; None: as many as one likes."""
    title: str = ""
    """Empty: the feed's own."""
    name: str = ""
    """What people type after `source:`, if it is free. Empty: made of the title."""
    topics: tuple[str, ...] = ()
    full_text: bool = False
    zone: str = "UTC"
    """Of its times that name none."""
    language: str = ""
    """Empty: what the feed says."""


@dataclass(frozen=True, slots=True)
class Introduced:
    """The feed that is at an address."""

    feed: Feed
    new: bool
    """It was not known before."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is at an address: a feed that is known, or one that was fetched."""

    known: Feed | None = None
    url: str = ""
    fetched: Fetched | None = None
    document: FeedDocument | None = None
    places: tuple[str, ...] = field(default=())
    """Other addresses of it."""


class Introducer:
    """Finds the feed at an address, and lets it be polled from now on."""

    def __init__(  # noqa: PLR0913  all that it asks
        self,
        store: Store,
        fetcher: Fetcher,
        workers: Workers,
        taker: Taker,
        now: Callable[[], datetime],
        *,
        pace: Pace,
        chance: Callable[[], float],
        seconds: float = LOOK_SECONDS,
    ) -> None:
        """`seconds`: so long people wait for what is at an address, and around it."""
        self._store = store
        self._fetcher = fetcher
        self._workers = workers
        self._taker = taker
        self._now = now
        self._pace = pace
        self._chance = chance
        self._seconds = seconds
        self._looks: Flights[_Seen] = Flights()
        self._first_reads: dict[int, asyncio.Event] = {}

    async def introduce(self, url: str, wanted: Wanted) -> Introduced:
        """The feed at this address, or of the page that is there. Who adds it has its entries taken in at once.

        - A known address is not fetched, be it known with or without TLS. What many ask for at a time is fetched once.
        - An address without a scheme is looked for under https, then http.
        - What a reader has added is the operator's, when they ask for it, too.
        - A page is known from then on as an address of the feed that was found there.

        Raises IntroductionError, TooMany (storage), StoreUnavailable.
        """
        addresses = _addresses(url)
        if known := await self._find(addresses):
            if wanted.added_by is None and known.added_by:
                await self._store.feeds.adopt(known.source.name, now=self._now())
            return await self._acquainted(known)
        for address in addresses[:-1]:
            try:
                return await self._introduce_at(address, wanted)
            except IntroductionError as error:
                if error.kind is not Hindrance.UNREACHABLE:
                    raise
        return await self._introduce_at(addresses[-1], wanted)

    async def _introduce_at(self, address: str, wanted: Wanted) -> Introduced:
        # Held until the feed is added: who comes between its fetching and that is not to fetch it again.
        with self._looks.held(address):
            if known := await self._store.feeds.find(address):
                return await self._acquainted(known)
            seen = await self._looks.once(address, lambda: self._look_in_time(address, wanted.zone))
            if seen.known:
                return await self._acquainted(seen.known)
            return await self._added(seen, wanted)

    async def _added(self, seen: _Seen, wanted: Wanted) -> Introduced:
        assert seen.document is not None  # noqa: S101  what is not known was read
        feed, claim = await self._store.feeds.add(
            NewFeed(
                url=seen.url,
                source=_source(seen.url, seen.document, wanted),
                added_by=wanted.added_by,
                topics=wanted.topics,
                full_text=wanted.full_text,
            ),
            now=self._now(),
            lease=LEASE,
            most=wanted.most,
        )
        if claim is None:
            # It was found where it is known already, by another way.
            for place in seen.places:
                if await self._store.feeds.find(place) is None:
                    await self._store.feeds.know(place, feed.source.name)
            return await self._acquainted(feed)
        return Introduced(await self._read_first(claim, seen), new=True)

    async def known(self, url: str) -> Feed | None:
        """The feed that is known by this address, without a look at it. Raises IntroductionError, StoreUnavailable."""
        found = await self._find(_addresses(url))
        return (await self._acquainted(found)).feed if found else None

    async def _find(self, addresses: Sequence[str]) -> Feed | None:
        for address in (*addresses, *map(other_scheme, addresses)):
            if known := await self._store.feeds.find(address):
                return known
        return None

    async def _acquainted(self, feed: Feed) -> Introduced:
        """A known feed; one that is being read for the first time is waited for: its news is to be there."""
        if reading := self._first_reads.get(feed.source.id):
            await reading.wait()
        return Introduced(feed, new=False)

    async def _look_in_time(self, address: str, zone: str) -> _Seen:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._look(address, zone)
        except TimeoutError:
            reason = f"what is there did not come within {self._seconds:g} s"
            raise IntroductionError(Hindrance.UNREACHABLE, reason) from None

    async def _look(self, address: str, zone: str) -> _Seen:
        fetched = await self._fetched(address)
        try:
            document = await self._taker.read(fetched, zone)
        except UnreadableError as error:
            return await self._look_around(address, fetched, str(error), zone)
        return _Seen(None, _place(fetched, address), fetched, document, (address,))

    async def _look_around(self, page: str, fetched: Fetched, reason: str, zone: str) -> _Seen:
        """The feed of a page: what it names, else where feeds usually are."""
        from bot.intake.parsing.discovery import usual_places  # noqa: PLC0415  the bot's start does not wait for it

        named = await self._named(fetched)
        for place in (*named[:NAMED_TRIED], *usual_places(fetched.url)[:GUESSED_TRIED]):
            seen = await self._feed_at(place, zone)
            if seen:
                if seen.known:
                    await self._store.feeds.know(page, seen.known.source.name)
                return _Seen(seen.known, seen.url, seen.fetched, seen.document, (*seen.places, page))
        raise IntroductionError(Hindrance.NO_FEED, f"no feed is found there: {reason.removeprefix('no feed: ')}")

    async def _named(self, fetched: Fetched) -> Sequence[str]:
        try:
            found = await self._workers.run(
                find_feeds, fetched.body, content_type=fetched.content_type, url=fetched.url
            )
        except UnreadableError as error:
            log.debug("a page names no feeds", extra={"page": shown_url(fetched.url), "error": str(error)})
            return ()
        return [feed.url for feed in found]

    async def _feed_at(self, place: str, zone: str) -> _Seen | None:
        """The feed at a place where there may be one."""
        try:
            address = canonical_url(place)
            if known := await self._store.feeds.find(address):
                return _Seen(known)
            fetched = await self._fetched(address)
            document = await self._taker.read(fetched, zone)
        except (AddressError, IntroductionError, UnreadableError) as error:
            log.debug("no feed there", extra={"place": shown_url(place), "error": str(error)})
            return None
        return _Seen(None, _place(fetched, address), fetched, document, (address,))

    async def _fetched(self, address: str) -> Fetched:
        try:
            fetched = await self._fetcher.get(address)
        except AddressRefusedError as error:
            raise IntroductionError(Hindrance.REFUSED, str(error)) from error
        except FetchError as error:
            raise IntroductionError(Hindrance.UNREACHABLE, str(error)) from error
        if fetched.status != 200:
            raise IntroductionError(Hindrance.UNREACHABLE, said_of(fetched))
        return fetched

    async def _read_first(self, claim: FeedClaim, seen: _Seen) -> Feed:
        """Take what was fetched to become acquainted as the first poll."""
        assert seen.fetched is not None  # noqa: S101  there is a claim on what was read
        assert seen.document is not None  # noqa: S101  likewise
        name, begun = claim.feed.source.name, self._now()
        reading = self._first_reads[claim.feed.source.id] = asyncio.Event()
        try:
            for place in seen.places:
                if place != seen.url:
                    await self._store.feeds.know(place, name)
            taken = await self._taker.take(claim.feed, seen.document)
            then = after_answer(
                claim.feed,
                heard_of(seen.fetched, seen.document, renewed=taken.new > 0),
                now=begun,
                pace=self._pace,
                chance=self._chance(),
            )
            polled = answered(claim, seen.fetched, seen.document, then, renewed=taken.new > 0)
            await self._store.feeds.settle([polled], now=self._now())
        finally:
            # Should it have failed, the lease ends, and the poller reads it.
            del self._first_reads[claim.feed.source.id]
            reading.set()
        log.info("a feed is polled from now on", extra={"source": name, "url": shown_url(seen.url)})
        return await self._store.feeds.get(name) or claim.feed


def _addresses(url: str) -> list[str]:
    """The canonical addresses that may be meant. Raises IntroductionError."""
    try:
        address = canonical_url(url)
        if "://" in url or not address.startswith("https://"):
            return [address]
        return [address, canonical_url(f"http://{address.removeprefix('https://')}")]
    except AddressError as error:
        raise IntroductionError(Hindrance.NO_ADDRESS, str(error)) from error


def _place(fetched: Fetched, address: str) -> str:
    """Where the feed is for good."""
    return canonical_url(fetched.moved_to) if fetched.moved_to else address


def _source(url: str, document: FeedDocument, wanted: Wanted) -> Source:
    host = _bare_host(split_credentials(url)[0])
    title = wanted.title or clean_line(document.title)[:_LONGEST_TITLE] or host
    name = slug(wanted.name or title)[:_LONGEST_NAME].strip("-") or slug(host)
    return Source(name=name, title=title, language=wanted.language or document.language, zone=wanted.zone)


def _bare_host(url: str) -> str:
    host = urlsplit(url).hostname or url
    for start in _NO_NAMES:
        host = host.removeprefix(start)
    return host
