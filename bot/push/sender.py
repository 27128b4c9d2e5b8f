"""The sender: delivers what each due mailbox is owed, at least once.

A message whose answer never came is sent again: Telegram may have delivered it, but a second copy is better than none.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from telegram.error import InvalidToken

from bot.push.giving import MOST_ASIDE, SEND_TIME, Giver, settlement_of, urgent_of
from bot.push.places import Places
from bot.render.guidance import cannot_deliver
from bot.schedule import opening, urgent_opening
from bot.tenure import LOOK_SECONDS, Tenure, tenure
from bot.transport.outgoing import tell
from bot.transport.verdicts import (
    ChatDeleted,
    ChatGone,
    ChatMoved,
    NotAllowed,
    OutOfReach,
    ThreadGone,
    TokenRevoked,
    Verdict,
    backoff,
)
from bot.waiting import unless, until, until_ended
from storage import Change, Claim, Owed, Place, Settlement, Store, StoreUnavailable

LEASE = timedelta(seconds=30)
RETRY_SECONDS = 0.5  # until a database that failed is asked again
PAUSES_SECONDS = 60.0  # how often paused chats are looked at that are to be tried again
# Digests have places of their own, half as many as pushes: no push waits for a place behind them. Alone they keep the
# pacer busy; where pushes leave them a tenth of its turns they take 5 s of the 10 s that a claim may wait for its turn,
# so that hardly any is let go and claimed again.
DIGESTS_SHARE = 0.5

log = logging.getLogger(__name__)


class Sender:
    """Send what each of the bot's due mailboxes is owed, one sender for each bot at a time."""

    def __init__(self, store: Store, giver: Giver, *, at_once: Callable[[], int]) -> None:
        """`at_once`: how many chats may be pushed to at present, and half as many more be given digests.

        About a second's worth keeps the pacer busy.
        """
        self._store = store
        self._giver = giver
        self._bot = giver.bot
        self._capabilities = giver.capabilities
        self._clocks = giver.clocks
        self._room = asyncio.Event()
        self._pushes = Places(at_once, self._room.set)
        self._digests = Places(lambda: max(1, int(at_once() * DIGESTS_SHARE)), self._room.set)
        self._tasks: set[asyncio.Task[None]] = set()
        self._telling: set[asyncio.Task[None]] = set()
        self._is_revoked = False  # the token
        self._stopping = asyncio.Event()

    @property
    def under_way(self) -> int:
        """How many deliveries are begun and not settled."""
        return len(self._tasks)

    def stop(self) -> None:
        """Let `run` end when what is claimed has been sent or let go."""
        self._stopping.set()

    async def run(self) -> None:
        """Deliver until stopped. Raises InvalidToken when Telegram no longer knows the bot."""
        name = f"sender:{self._bot.id}"
        async with until_ended(self._telling):
            while not self._stopping.is_set():
                async with tenure(self._store, name, self._clocks.now, self._stopping) as held:
                    if held:
                        await self._serve(held)
        if self._is_revoked:
            raise InvalidToken

    async def _serve(self, held: Tenure) -> None:
        freed = False
        look_at = 0.0
        async with until_ended(self._tasks):
            while not (self._stopping.is_set() or held.lost.is_set()):
                try:
                    if not freed:
                        # Whoever held this lease before is dead: what it had claimed is free at once.
                        await self._store.mailboxes.free(self._bot.id, now=self._clocks.now())
                        freed = True
                    if self._clocks.monotonic() >= look_at:
                        await self._store.mailboxes.retry(self._bot.id, now=self._clocks.now())
                        look_at = self._clocks.monotonic() + PAUSES_SECONDS
                    claimed = await self.claim()
                except StoreUnavailable as error:
                    log.debug("sending waits for the database", extra={"error": str(error)})
                    await until(self._stopping, LOOK_SECONDS)
                    continue
                await self._wait(claimed)

    async def claim(self) -> int:
        """Claim due mailboxes while there is room, pushes first, and begin their deliveries. Returns how many."""
        return await self._claim(self._pushes, digests=False) + await self._claim(self._digests, digests=True)

    async def _claim(self, places: Places, *, digests: bool) -> int:
        limit = places.free()
        if limit <= 0:
            return 0
        claims = await self._store.mailboxes.claim(
            self._bot.id, now=self._clocks.now(), lease=LEASE, limit=limit, digests=digests
        )
        if claims:
            for claim, owed in zip(claims, await self._owed(claims), strict=True):
                self._begin(claim, owed, places)
        return len(claims)

    async def _owed(self, claims: Sequence[Claim]) -> list[Owed]:
        """What the claimed are owed; a database that fails is asked again while there is time to send."""
        while True:
            now = self._clocks.now()
            try:
                return await self._store.mailboxes.owed(claims, now=now)
            except StoreUnavailable:
                if now + SEND_TIME >= claims[0].until:
                    raise
                await asyncio.sleep(RETRY_SECONDS)

    def _begin(self, claim: Claim, owed: Owed, places: Places) -> None:
        chat = claim.mailbox.place.chat
        places.take(chat)
        task = asyncio.create_task(self._deliver(claim, owed), name=f"deliver to mailbox {claim.mailbox.id}")
        self._tasks.add(task)
        task.add_done_callback(partial(self._done, places, chat))

    def _done(self, places: Places, chat: int, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        places.leave(chat)

    async def _wait(self, claimed: int) -> None:
        """Until some deliveries have ended, when there is no more room; else until something is due."""
        has_room = [places.free() > 0 for places in (self._pushes, self._digests)]
        self._room.clear()
        if not any(has_room):
            await unless(self._stopping, self._room.wait())
        elif not claimed:
            await self._wait_for_due(is_full=not all(has_room))

    async def _wait_for_due(self, *, is_full: bool) -> None:
        """Until something is due; `is_full`: or there is room again for what is due already, and cannot be claimed."""
        try:
            seconds = LOOK_SECONDS if is_full else await self._until_due()
            await unless(self._stopping, unless(self._room, self._store.changed(Change.DUE, seconds)))
        except StoreUnavailable:
            await until(self._stopping, LOOK_SECONDS)

    async def _until_due(self) -> float:
        due = await self._store.mailboxes.next_due(self._bot.id)
        left = LOOK_SECONDS if due is None else (due - self._clocks.now()).total_seconds()
        return min(max(left, 0.0), LOOK_SECONDS)

    async def _deliver(self, claim: Claim, owed: Owed) -> None:
        stopped = None
        try:
            settlement, stopped = await self._outcome(claim, owed)
        except Exception:
            # A fault of ours with these articles: said loudly, and tried again later rather than lost.
            log.exception("could not deliver", extra={"chat": claim.mailbox.place.chat})
            failures = claim.mailbox.failures
            settlement = Settlement(claim, failures=failures + 1, opens=self._clocks.now() + backoff(failures))
        try:
            if await self._settle(settlement) and stopped:
                self._begin_telling(claim.mailbox.place, stopped)
                await self._forget_if_deleted(claim.mailbox.place, stopped)
        except Exception:
            log.exception("not settled: it will be sent again", extra={"chat": claim.mailbox.place.chat})

    async def _outcome(self, claim: Claim, owed: Owed) -> tuple[Settlement, Verdict | None]:
        """How it ends for the mailbox, and what stopped it."""
        if not owed.articles:
            return Settlement(claim, cursors=owed.cursors), None
        now = self._clocks.now()
        opens = self._opening(claim, owed, now)
        if opens <= now:
            return await self._given(claim, owed)
        urgent_opens = urgent_opening(claim.settings, now) if owed.urgent else opens
        if urgent_opens <= now:
            settlement, stopped = await self._given(claim, urgent_of(owed), aside=True)
            if len(owed.urgent) <= MOST_ASIDE and not stopped:
                settlement = replace(settlement, slot=opens)
            return settlement, stopped
        # It is claimed only when what else holds it up is over: that need not be kept.
        return Settlement(claim, failures=claim.mailbox.failures, slot=min(opens, urgent_opens)), None

    async def _given(self, claim: Claim, owed: Owed, *, aside: bool = False) -> tuple[Settlement, Verdict | None]:
        """Give it, `aside` as for `Giver.give`; then as for `_outcome`."""
        given = await self._giver.give(claim, owed, aside=aside)
        if given.stopped:
            log.info("not delivered", extra={"chat": claim.mailbox.place.chat, "verdict": given.stopped})
        if isinstance(given.stopped, ChatMoved):
            place = claim.mailbox.place
            await self._store.mailboxes.move(place.bot, place.chat, given.stopped.chat, now=self._clocks.now())
        if isinstance(given.stopped, TokenRevoked):
            self._is_revoked = True
            self.stop()
        return settlement_of(claim, owed.cursors, given), given.stopped

    def _opening(self, claim: Claim, owed: Owed, now: datetime) -> datetime:
        mailbox = claim.mailbox
        return opening(
            mailbox.cadence,
            claim.settings,
            since=owed.since or now,
            served=mailbox.served,
            now=now,
            zone=self._clocks.zone,
        )

    async def _forget_if_deleted(self, place: Place, stopped: Verdict) -> None:
        """End what a deleted account follows. Should that fail, its chat stays paused, which costs nobody anything."""
        if isinstance(stopped, ChatDeleted):
            ended = await self._store.subscriptions.remove_all(place.bot, place.chat)
            log.info("a deleted account follows nothing any more", extra={"chat": place.chat, "ended": ended})

    def _begin_telling(self, place: Place, stopped: Verdict) -> None:
        """Let whoever set the chat up be told, beside the deliveries: their own chat may have to wait for its turn."""
        # A person whom nothing reaches cannot be told so.
        if place.chat < 0 and isinstance(stopped, OutOfReach):
            task = asyncio.create_task(self._tell(place, stopped), name=f"tell of chat {place.chat}")
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _tell(self, place: Place, stopped: OutOfReach) -> None:
        """Tell whoever set the chat up that nothing can be delivered there, or to one of its topics: once."""
        whole = isinstance(stopped, NotAllowed | ChatGone)
        gone = isinstance(stopped, ChatGone | ThreadGone)
        try:
            chat = await self._store.chats.to_tell(place, whole=whole, gone=gone)
            if chat:
                said = cannot_deliver(chat, whole=whole, gone=gone)
                await tell(self._bot, chat.set_up_by, said, self._capabilities)
        except Exception:
            log.exception("nobody was told", extra={"chat": place.chat})

    async def _settle(self, settlement: Settlement) -> bool:
        """Write down how it ended; a database that fails is asked again until it takes it. Whether the claim was ours.

        As long as that fails, nobody else can claim the mailbox and send the same again.
        """
        while True:
            try:
                mine = await self._store.mailboxes.settle(settlement, now=self._clocks.now())
            except StoreUnavailable:
                await asyncio.sleep(RETRY_SECONDS)
            else:
                if not mine:
                    log.info("settled after the claim was lost", extra={"chat": settlement.claim.mailbox.place.chat})
                return mine
