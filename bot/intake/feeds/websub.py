"""WebSub: hubs send what is new in a feed, sooner than it would be polled (https://www.w3.org/TR/websub/).

The feed's documents name a hub. It is asked to send to an address of ours, and makes sure that we have asked; then it
posts what is new, signed. Each feed has an address and a secret of its own, which nobody else learns.
"""

import asyncio
import hashlib
import hmac
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from urllib.parse import quote

from bot.intake.feeds.taking import Taker
from bot.intake.fetching.fetch import Fetched, Fetcher, FetchError, host_of
from bot.intake.parsing.addresses import shown_url
from bot.intake.parsing.entries import UnreadableError
from bot.intake.processes.workers import WorkersClosedError
from storage import Feed, Polled, Store, StoreUnavailable

PATH = "/websub"
LEASE = timedelta(days=10)
LONGEST_LEASE = timedelta(days=30)
RENEW_BEFORE = timedelta(days=2)
ASK_AGAIN_AFTER = timedelta(hours=6)  # a hub that has not answered
ASK_DENIED_AFTER = timedelta(days=1)
MOST_AT_ONCE = 8
"""Questions to the hubs of one host: polls wait for the answers, and the host may hang."""
_LONGEST_CHALLENGE = 2_000
_MARK_LENGTH = 32
# WebSub, 7. Older ones are no longer to be trusted.
_METHODS = ("sha1", "sha256", "sha384", "sha512")
_FEEDS_REMEMBERED = 10_000

log = logging.getLogger(__name__)


class Received(Enum):
    """What became of what was sent to a feed's address."""

    TAKEN = auto()
    IGNORED = auto()
    """It is not signed as the hub signs, or the feed is paused."""
    GONE = auto()
    """There is no such feed (any more), or this is not its address."""
    LATER = auto()
    """It cannot be taken in now."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a hub was asked."""

    hub: str = ""
    topic: str = ""
    again: datetime | None = None
    """When it may be asked again; None: at once."""


class Hubs:
    """Asks hubs to send, and takes what they send."""

    def __init__(  # noqa: PLR0913  all that it works with
        self,
        store: Store,
        fetcher: Fetcher,
        taker: Taker,
        now: Callable[[], datetime],
        *,
        public_url: str,
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        """`public_url`: where the world reaches our server, without a slash at the end."""
        self._store = store
        self._fetcher = fetcher
        self._taker = taker
        self._now = now
        self._public_url = public_url
        self._has_room = has_room
        self._asked: dict[str, _Asked] = {}  # by source
        self._asking: Counter[str] = Counter()  # by host

    def sends(self, feed: Feed, *, now: datetime) -> bool:
        """Whether the feed's hub sends what is new."""
        return bool(feed.hub) and feed.hub_until is not None and feed.hub_until > now

    async def ask(self, polled: Polled) -> None:
        """Ask the hub that a good answer names to send what is new, if it does not yet, or not for long.

        One that many ask at the moment is asked after the feed's next poll.
        """
        feed, now = polled.claim.feed, self._now()
        is_same = (feed.hub, feed.hub_topic) == (polled.hub, polled.hub_topic)
        lasts = feed.hub_until is not None and feed.hub_until - now > RENEW_BEFORE
        asked = self._asked.get(feed.source.name, _Asked())
        is_asked = (asked.hub, asked.topic) == (polled.hub, polled.hub_topic)
        if (is_same and lasts) or (is_asked and asked.again and now < asked.again):
            return
        host = host_of(polled.hub)
        if self._asking[host] >= MOST_AT_ONCE:
            return
        self._note_asked(feed.source.name, _Asked(polled.hub, polled.hub_topic, now + ASK_AGAIN_AFTER))
        self._asking[host] += 1
        try:
            await self._ask(polled, is_same=is_same)
        finally:
            self._asking[host] -= 1
            if not self._asking[host]:
                del self._asking[host]

    async def _ask(self, polled: Polled, *, is_same: bool) -> None:
        feed = polled.claim.feed
        # A renewed lease keeps its address and secret: what the hub sends meanwhile is signed with it.
        secret = feed.hub_secret if is_same and feed.hub_secret else secrets.token_urlsafe(32)
        if secret != feed.hub_secret:
            await self._store.feeds.ask_hub(feed.source.name, secret)
            await self._store.feeds.note_hub(feed.source.name, None)
        await self._subscribe(polled, self._address(feed.source.name, secret), secret)

    async def _subscribe(self, polled: Polled, address: str, secret: str) -> None:
        fields = {
            "hub.mode": "subscribe",
            "hub.topic": polled.hub_topic,
            "hub.callback": address,
            "hub.lease_seconds": str(int(LEASE.total_seconds())),
            "hub.secret": secret,
        }
        said = {"source": polled.claim.feed.source.name, "hub": shown_url(polled.hub)}
        try:
            fetched = await self._fetcher.post(polled.hub, fields)
        except FetchError as error:
            log.info("a hub cannot be asked to send", extra={**said, "error": str(error)})
            return
        if not 200 <= fetched.status < 300:
            log.info("a hub does not want to send", extra={**said, "status": fetched.status})

    async def confirm(self, name: str, mark: str, query: Mapping[str, str]) -> str | None:
        """Answer a hub that makes sure of us: what it wants to hear. None: that was not asked for.

        Raises StoreUnavailable.
        """
        feed, now = await self._store.feeds.get(name), self._now()
        if feed is None or not _is_address_of(feed, mark):
            return None
        asked = self._asked.get(name, _Asked())
        if query.get("hub.topic", "") not in {feed.hub_topic, asked.topic} - {""}:
            return None
        match query.get("hub.mode", ""):
            case "denied":
                log.info("a hub does not send", extra={"source": name, "reason": query.get("hub.reason", "")[:200]})
                hub, topic = (
                    asked.hub or feed.hub,
                    asked.topic or feed.hub_topic,
                )  # it may have been asked before a start
                self._note_asked(name, _Asked(hub, topic, now + ASK_DENIED_AFTER))
                await self._store.feeds.note_hub(name, None)
                return ""
            case "subscribe":
                challenge = query.get("hub.challenge", "")
                if not challenge or len(challenge) > _LONGEST_CHALLENGE:
                    return None
                await self._store.feeds.note_hub(name, now + _lease(query.get("hub.lease_seconds", "")))
                log.info("a hub sends what is new from now on", extra={"source": name})
                return challenge
            case _:
                return None  # we never ask a hub to end: what it sends too much is ignored

    async def knows(self, name: str, mark: str) -> bool:
        """Whether this is the address of a feed. Raises StoreUnavailable."""
        feed = await self._store.feeds.get(name)
        return feed is not None and _is_address_of(feed, mark)

    async def receive(self, name: str, mark: str, headers: Mapping[str, str], body: bytes) -> Received:
        """Take what a hub sends; what cannot be read is fetched at once."""
        try:
            return await self._received(name, mark, headers, body)
        except (StoreUnavailable, WorkersClosedError) as error:
            log.debug("what a hub sent waits", extra={"source": name, "error": str(error)})
            return Received.LATER

    async def _received(self, name: str, mark: str, headers: Mapping[str, str], body: bytes) -> Received:
        feed = await self._store.feeds.get(name)
        if feed is None or not _is_address_of(feed, mark):
            return Received.GONE
        signature = headers.get("X-Hub-Signature", "")
        # In a thread: 10 MB take 20 ms.
        if feed.paused or not await asyncio.to_thread(is_signed, body, signature, feed.hub_secret):
            log.debug("what was sent is ignored", extra={"source": name, "paused": feed.paused})
            return Received.IGNORED
        if not self._has_room():
            return Received.LATER
        content_type = headers.get("Content-Type", "")
        try:
            sent = Fetched(200, shown_url(feed.url), body=body, content_type=content_type)
            document = await self._taker.read(sent, feed.source.zone)
        except UnreadableError as error:
            log.debug("what a hub sent cannot be read", extra={"source": name, "error": str(error)})
            await self._store.feeds.poll(name, now=self._now())
            return Received.TAKEN
        taken = await self._taker.take(feed, document)
        if taken.new:
            await self._store.feeds.note_renewed(name, now=self._now())
        return Received.TAKEN

    def _address(self, name: str, secret: str) -> str:
        return f"{self._public_url}{PATH}/{quote(name, safe='')}/{_mark(secret)}"

    def _note_asked(self, name: str, asked: _Asked) -> None:
        self._asked.pop(name, None)
        self._asked[name] = asked
        if len(self._asked) > _FEEDS_REMEMBERED:
            del self._asked[next(iter(self._asked))]


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Whether the body is signed with the secret (WebSub, 7.1: X-Hub-Signature)."""
    method, _, given = signature.strip().partition("=")
    if not secret or method.lower() not in _METHODS:
        return False
    wanted = hmac.new(secret.encode(), body, method.lower()).hexdigest()
    return hmac.compare_digest(wanted.encode(), given.strip().lower().encode())


def _mark(secret: str) -> str:
    """The part of a feed's address that nobody can guess. It tells nothing of the secret."""
    return hashlib.sha256(f"address:{secret}".encode()).hexdigest()[:_MARK_LENGTH]


def _is_address_of(feed: Feed, mark: str) -> bool:
    return bool(feed.hub_secret) and hmac.compare_digest(_mark(feed.hub_secret).encode(), mark.encode())


def _lease(seconds: str) -> timedelta:
    """How long the hub says that it sends; what it leaves out is what it was asked for."""
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 10):
        return LEASE
    return min(timedelta(seconds=int(seconds)), LONGEST_LEASE)
