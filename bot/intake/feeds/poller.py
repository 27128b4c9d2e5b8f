"""The poller: asks feeds whether there is anything new, each in its time, and takes it in."""

import asyncio
import hashlib
import logging
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from bot.intake.feeds.outcomes import (
    LEASE,
    answered,
    failed,
    gone,
    heard_of,
    is_busy,
    is_gone,
    is_good,
    is_unchanged,
    said_of,
)
from bot.intake.feeds.taking import Taker, remember
from bot.intake.feeds.timing import Heard, Next, Pace, Wishes, after_answer, after_failure
from bot.intake.feeds.turns import Turns
from bot.intake.fetching.fetch import CrowdedError, Fetched, Fetcher, FetchError, Limits, host_of
from bot.intake.parsing.entries import UnreadableError
from bot.intake.processes.workers import WorkersClosedError
from bot.tenure import LOOK_SECONDS, RELEASE_SECONDS, Tenure, tenure
from bot.waiting import unless, until
from storage import Change, Feed, FeedClaim, Polled, Store, StoreUnavailable

AT_ONCE = 256  # polls under way: they wait for their turns at their hosts, ask, or read what has come
_ASKING = Limits().together  # who asked besides would wait for the fetcher
CLAIMS_AT_ONCE = 256
SETTLE_SECONDS = 0.1  # what ends meanwhile is recorded together; when nothing is under way, at once
_LEAST_WAIT = 0.02
PATIENCE_SECONDS = 1.0
"""So long a poll waits at a host that it is redirected to, and keeps others from asking: the host may hang."""
_LONG_BODY = 2_000_000  # takes longer than the event loop should be held up

log = logging.getLogger(__name__)


class Hubs(Protocol):
    """What hubs have been asked to send (WebSub)."""

    def sends(self, feed: Feed, *, now: datetime) -> bool:
        """Whether the feed's hub sends what is new."""

    async def ask(self, polled: Polled) -> None:
        """Ask the hub that a good answer names to send what is new, if it does not yet, or not for long."""


class FeedPoller:
    """Poll the feeds that are due, one poller at a time."""

    def __init__(  # noqa: PLR0913  all that it works with
        self,
        store: Store,
        fetcher: Fetcher,
        taker: Taker,
        now: Callable[[], datetime],
        pace: Pace,
        *,
        chance: Callable[[], float],
        has_room: Callable[[], bool] = lambda: True,
        hubs: Hubs | None = None,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        """`has_room`: whether articles may be taken in; while they may not, nothing is polled."""
        self._store = store
        self._fetcher = fetcher
        self._taker = taker
        self._now = now
        self._pace = pace
        self._chance = chance
        self._has_room = has_room
        self._hubs = hubs
        self._patience = patience
        self._turns: Turns[FeedClaim] = Turns()
        self._asking = 0
        # Of each source's last document: many a server sends the same again and again, and it need not be read then.
        self._digests: OrderedDict[str, bytes] = OrderedDict()
        self._claimed: deque[FeedClaim] = deque()
        self._pollers: set[asyncio.Task[None]] = set()
        self._ended: list[Polled] = []
        self._let_go: list[tuple[FeedClaim, datetime]] = []
        self._some_ended = asyncio.Event()
        self._all_ended = asyncio.Event()
        self._some_free = asyncio.Event()

    async def run(self) -> None:
        """Poll until cancelled: then what is being polled is let go of. What the store refuses is tried again."""
        never = asyncio.Event()
        while True:
            async with tenure(self._store, "poller", self._now, never) as held:
                if held:
                    await self._serve(held)

    async def _serve(self, held: Tenure) -> None:
        settling = asyncio.create_task(self._keep_settling(), name="settle polls")
        is_free = False
        try:
            while not held.lost.is_set():
                try:
                    if not is_free:  # whoever polled before is dead
                        await self._store.feeds.free()
                        is_free = True
                    is_busy = await self._claim()
                except StoreUnavailable as error:
                    log.debug("polling waits for the database", extra={"error": str(error)})
                    await until(held.lost, LOOK_SECONDS)
                    continue
                await unless(held.lost, self._some_free.wait() if is_busy else self._wait())
        finally:
            settling.cancel()
            await asyncio.gather(settling, return_exceptions=True)
            await self._break_off()

    async def poll_due(self) -> None:
        """Poll all that is due now, and record how it ended. Raises StoreUnavailable."""
        while await self._claim():
            await self._some_free.wait()
        while self._pollers:
            await asyncio.wait(self._pollers)
        await self._settle()

    async def _claim(self) -> bool:
        """Begin polling what is due. False: nothing is, or there is no room for what it may bring."""
        if len(self._claimed) >= CLAIMS_AT_ONCE // 2:
            self._some_free.clear()
            return True
        if not self._has_room():
            return False
        claims = await self._store.feeds.claim(now=self._now(), lease=LEASE, limit=CLAIMS_AT_ONCE)
        self._claimed.extend(claims)
        self._begin()
        return bool(claims)

    def _begin(self) -> None:
        """Ask as many as may be asked at once."""
        may_ask = _ASKING - self._asking
        self._prepare(may_ask)
        for _ in range(min(self._turns.ready, may_ask)):
            poller = asyncio.create_task(self._poll_claimed(), name="poll feeds")
            self._pollers.add(poller)
            poller.add_done_callback(self._pollers.discard)

    def _prepare(self, wanted: int) -> None:
        """Begin polls until so many have their turn to ask, as far as there are claims and room."""
        while self._claimed and self._turns.ready < wanted and self._turns.under_way < AT_ONCE:
            claim = self._claimed.popleft()
            host = host_of(claim.feed.url)
            if not self._turns.begin(host, claim):
                self._let_go.append((claim, self._turns.put_off(host, now=self._now())))
                self._some_ended.set()
        if len(self._claimed) < CLAIMS_AT_ONCE // 2:
            self._some_free.set()

    async def _poll_claimed(self) -> None:
        """Poll one feed after the other, as long as it is anybody's turn: a task for each would cost more."""
        while self._asking < _ASKING:
            self._prepare(1)
            turn = self._turns.take()
            if turn is None:
                return
            await self._poll(*turn)

    async def _poll(self, host: str, claim: FeedClaim) -> None:
        """Poll a feed, and note how that ended."""
        begun = self._now()
        try:
            polled = await self._polled(host, claim, begun)
        except asyncio.CancelledError:
            self._let_go.append((claim, claim.feed.due or begun))
            raise
        except (StoreUnavailable, WorkersClosedError) as error:
            log.debug("a poll is put off", extra={"source": claim.feed.source.name, "error": str(error)})
            self._let_go.append((claim, begun + timedelta(seconds=LOOK_SECONDS)))
        except CrowdedError as error:  # no fault of the feed's; it asked its own server, and is not to do so too soon
            log.debug("a poll is put off", extra={"source": claim.feed.source.name, "error": str(error)})
            then = after_failure(claim.feed, now=begun, pace=self._pace, chance=self._chance())
            self._let_go.append((claim, then.due))
        except Exception:
            # A fault of ours in reading one feed must not keep the others from being polled.
            log.exception("polling a feed has failed", extra={"source": claim.feed.source.name})
            self._ended.append(self._failed(claim, begun, "it could not be taken in: the log says why"))
        else:
            self._ended.append(polled)
        finally:
            self._turns.end(host)
            self._some_ended.set()
            if not self._turns.under_way and not self._claimed:  # there is nothing to wait for
                self._all_ended.set()

    async def _polled(self, host: str, claim: FeedClaim, begun: datetime) -> Polled:
        feed = claim.feed
        try:
            fetched = await self._asked(host, feed)
            if is_unchanged(fetched):
                polled = self._unchanged(claim, begun, fetched)
            elif is_gone(fetched):
                log.warning("a feed has ended", extra={"source": feed.source.name})
                return gone(claim, fetched)
            elif not is_good(fetched):
                return self._failed(claim, begun, said_of(fetched), fetched)
            else:
                self._begin()  # what follows takes its time, and others may ask meanwhile
                polled = await self._taken(claim, begun, fetched)
        except CrowdedError:
            raise
        except (FetchError, UnreadableError) as error:
            return self._failed(claim, begun, str(error))
        if feed.failures:
            log.info("a feed works again", extra={"source": feed.source.name})
        if self._hubs and polled.hub:
            await self._hubs.ask(polled)
        return polled

    async def _asked(self, host: str, feed: Feed) -> Fetched:
        """What the feed's server answers. Raises FetchError, CrowdedError."""
        loop = asyncio.get_running_loop()
        since = loop.time()
        self._asking += 1
        try:
            return await self._fetcher.get(feed.url, etag=feed.etag, modified=feed.modified, patience=self._patience)
        finally:
            self._asking -= 1
            self._turns.answered(host, loop.time() - since)

    async def _taken(self, claim: FeedClaim, begun: datetime, fetched: Fetched) -> Polled:
        """Take in what a good answer brought. Raises UnreadableError."""
        feed, digest = claim.feed, await _digest(fetched.body)
        if feed.answered is not None and digest == self._digests.get(feed.source.name):
            return self._unchanged(claim, begun, fetched)
        document = await self._taker.read(fetched, feed.source.zone)
        taken = await self._taker.take(feed, document)
        heard = heard_of(fetched, document, renewed=taken.new > 0)
        remember(self._digests, feed.source.name, digest)
        return answered(claim, fetched, document, self._after(feed, heard, begun), renewed=heard.renewed)

    def _unchanged(self, claim: FeedClaim, begun: datetime, fetched: Fetched) -> Polled:
        # Unchanged answers do not repeat what the feed wishes.
        heard = Heard(max_age=fetched.max_age, wishes=Wishes.read(claim.feed.wishes))
        return answered(claim, fetched, None, self._after(claim.feed, heard, begun), renewed=False)

    def _after(self, feed: Feed, heard: Heard, begun: datetime) -> Next:
        """When to poll a feed after a good answer."""
        pushed = self._hubs is not None and self._hubs.sends(feed, now=begun)
        return after_answer(feed, heard, now=begun, pace=self._pace, chance=self._chance(), pushed=pushed)

    def _failed(self, claim: FeedClaim, begun: datetime, reason: str, fetched: Fetched | None = None) -> Polled:
        if not claim.feed.failures:
            log.info("a feed fails", extra={"source": claim.feed.source.name, "reason": reason})
        then = after_failure(
            claim.feed,
            now=begun,
            pace=self._pace,
            chance=self._chance(),
            retry_after=fetched.retry_after if fetched else None,
            busy=fetched is not None and is_busy(fetched),
        )
        return failed(claim, then, reason)

    async def _keep_settling(self) -> None:
        while True:
            await self._some_ended.wait()
            await until(self._all_ended, SETTLE_SECONDS)
            try:
                await self._settle()
            except StoreUnavailable as error:
                log.debug("recording polls waits for the database", extra={"error": str(error)})
                await asyncio.sleep(LOOK_SECONDS)

    async def _settle(self) -> None:
        """Record how polls have ended. What cannot be recorded stays to be."""
        self._some_ended.clear()
        self._all_ended.clear()
        ended, let_go = self._ended, self._let_go
        self._ended, self._let_go = [], []
        try:
            if ended:
                await self._store.feeds.settle(ended, now=self._now())
                ended = []
            if let_go:
                await self._store.feeds.put_off(let_go)
                let_go = []
        finally:
            self._ended[:0] = ended
            self._let_go[:0] = let_go
            if ended or let_go:
                self._some_ended.set()

    async def _break_off(self) -> None:
        """End what is under way, and let go of it."""
        now = self._now()
        not_begun = [*self._claimed, *self._turns.let_go()]  # so that none is begun when another ends
        self._claimed.clear()
        self._let_go += [(claim, claim.feed.due or now) for claim in not_begun]
        under_way = tuple(self._pollers)
        for poller in under_way:
            poller.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        try:
            async with asyncio.timeout(RELEASE_SECONDS):
                await self._settle()
        except (StoreUnavailable, TimeoutError) as error:
            log.debug("polls were not recorded: they are done again", extra={"error": str(error)})
        self._ended, self._let_go = [], []

    async def _wait(self) -> None:
        """Wait until a feed may be due."""
        try:
            due = await self._store.feeds.next_due()
            left = (due - self._now()).total_seconds() if due else LOOK_SECONDS
            seconds = min(max(left, _LEAST_WAIT), LOOK_SECONDS) if self._has_room() else LOOK_SECONDS
            await self._store.changed(Change.FEEDS, seconds)
        except StoreUnavailable:
            await asyncio.sleep(LOOK_SECONDS)


async def _digest(body: bytes) -> bytes:
    if len(body) < _LONG_BODY:
        return _hash(body)
    return await asyncio.to_thread(_hash, body)


def _hash(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).digest() if body else b"-"
