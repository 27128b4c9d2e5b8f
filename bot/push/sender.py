"""The sender: delivers what each due mailbox is owed, at least once.

A message whose answer never came is sent again: Telegram may have delivered it, but a second copy is better than none.
"""

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.push.schedule import retry_after_failure
from bot.push.tenure import LOOK_SECONDS, Tenure, tenure
from bot.render.guidance import cannot_deliver
from bot.render.lists import pushed
from bot.render.message import Message
from bot.transport.limiter import Turn
from bot.transport.outgoing import Capabilities, deliver, tell
from bot.transport.pacing import Priority
from bot.transport.verdicts import (
    ChatGone,
    ChatMoved,
    NotAllowed,
    NotYet,
    OutOfReach,
    Refused,
    RetryAt,
    Sent,
    ThreadClosed,
    ThreadGone,
    TokenRevoked,
    Unknown,
    Verdict,
    verdict_of,
)
from bot.waiting import unless, until
from storage import Change, Claim, Delivery, Outcome, Owed, OwedArticle, Place, Settlement, Store, StoreUnavailable

LEASE = timedelta(seconds=30)
SEND_SECONDS = 20.0  # a send's time limit: what is sent must be answered before the lease ends
SEND_TIME = timedelta(seconds=SEND_SECONDS)
RETRY_SECONDS = 0.5  # until a database that failed is asked again
KEY_BITS = 62  # of what opens the rest of a push: nobody's guess, and a number that every engine keeps
PAUSES_SECONDS = 60.0  # how often paused chats are looked at that are to be tried again
MOST_CLAIMED = 1_000  # tasks; many mailboxes of one chat take up no place, but memory

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The time of day, as the database has it, and the monotonic seconds that pacing counts in."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Given:
    """How far a mailbox's articles were given: the messages made of them, and what stopped the rest."""

    deliveries: tuple[Delivery, ...] = ()
    stopped: Verdict | None = None
    counted: bool = True
    """Whether the message counts and opens what it does not show, so that the cursors may pass that too."""


class Sender:
    """Send what each of the bot's due mailboxes is owed, one sender for each bot at a time."""

    def __init__(
        self, store: Store, bot: ExtBot[Turn], capabilities: Capabilities, clocks: Clocks, *, at_once: int
    ) -> None:
        """`at_once`: how many mailboxes are claimed at most; about a second's worth keeps the pacer busy."""
        self._store = store
        self._bot = bot
        self._capabilities = capabilities
        self._clocks = clocks
        self._at_once = at_once
        self._tasks: set[asyncio.Task[None]] = set()
        self._telling: set[asyncio.Task[None]] = set()
        self._chats: Counter[int] = Counter()
        self._room = asyncio.Event()
        self._ended: TelegramError | None = None
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Let `run` end when what is claimed has been sent or let go."""
        self._stopping.set()

    async def run(self) -> None:
        """Deliver until stopped. Raises InvalidToken when Telegram no longer knows the bot."""
        name = f"sender:{self._bot.id}"
        try:
            while not self._stopping.is_set():
                async with tenure(self._store, name, self._clocks.now, self._stopping) as held:
                    if held:
                        await self._serve(held)
        finally:
            await asyncio.gather(*self._telling)
        if self._ended:
            raise self._ended

    async def _serve(self, held: Tenure) -> None:
        freed = False
        look_at = 0.0
        try:
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
                    log.warning("sending waits for the database", extra={"error": str(error)})
                    await until(self._stopping, LOOK_SECONDS)
                    continue
                await self._wait(claimed)
        finally:
            await asyncio.gather(*self._tasks)

    async def claim(self) -> int:
        """Claim due mailboxes while there is room, and begin their deliveries. Returns how many."""
        limit = self._free_places()
        if limit <= 0:
            return 0
        claims = await self._store.mailboxes.claim(self._bot.id, now=self._clocks.now(), lease=LEASE, limit=limit)
        if claims:
            for claim, owed in zip(claims, await self._owed(claims), strict=True):
                self._begin(claim, owed)
        return len(claims)

    def _free_places(self) -> int:
        """How many more mailboxes may be claimed. Those of one chat take one place: they wait for each other."""
        return min(self._at_once - len(self._chats), MOST_CLAIMED - len(self._tasks))

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

    def _begin(self, claim: Claim, owed: Owed) -> None:
        chat = claim.mailbox.place.chat
        self._chats[chat] += 1
        task = asyncio.create_task(self._deliver(claim, owed), name=f"deliver to mailbox {claim.mailbox.id}")
        self._tasks.add(task)
        task.add_done_callback(partial(self._done, chat))

    def _done(self, chat: int, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._chats[chat] -= 1
        if not self._chats[chat]:
            del self._chats[chat]
        # Some room at a time: a claim is a transaction.
        if self._free_places() >= self._at_once / 4:
            self._room.set()

    async def _wait(self, claimed: int) -> None:
        """Until some deliveries have ended, when there is no more room; else until something is due."""
        if self._free_places() <= 0:
            self._room.clear()
            await self._room.wait()
        elif not claimed:
            await self._wait_for_due()

    async def _wait_for_due(self) -> None:
        try:
            due = await self._store.mailboxes.next_due(self._bot.id)
            left = LOOK_SECONDS if due is None else (due - self._clocks.now()).total_seconds()
            await unless(self._stopping, self._store.changed(Change.DUE, min(max(left, 0.0), LOOK_SECONDS)))
        except StoreUnavailable:
            await until(self._stopping, LOOK_SECONDS)

    async def _deliver(self, claim: Claim, owed: Owed) -> None:
        stopped = None
        try:
            settlement, stopped = await self._outcome(claim, owed)
        except Exception:
            # A fault of ours with these articles: said loudly, and tried again later rather than lost.
            log.exception("could not deliver", extra={"chat": claim.mailbox.place.chat})
            failures = claim.mailbox.failures
            settlement = Settlement(
                claim, failures=failures + 1, opens=retry_after_failure(self._clocks.now(), failures)
            )
        try:
            if await self._settle(settlement) and stopped:
                self._begin_telling(claim.mailbox.place, stopped)
        except Exception:
            log.exception("not settled: it will be sent again", extra={"chat": claim.mailbox.place.chat})

    async def _outcome(self, claim: Claim, owed: Owed) -> tuple[Settlement, Verdict | None]:
        """How it ends for the mailbox, and what stopped it."""
        if not owed.articles:
            return Settlement(claim, cursors=owed.cursors), None
        given = await self._give(claim, owed)
        if given.stopped:
            log.info("not delivered", extra={"chat": claim.mailbox.place.chat, "verdict": given.stopped})
        if isinstance(given.stopped, ChatMoved):
            place = claim.mailbox.place
            await self._store.mailboxes.move(place.bot, place.chat, given.stopped.chat, now=self._clocks.now())
        if isinstance(given.stopped, TokenRevoked):
            self.stop()
        return settlement_of(claim, owed.cursors, given), given.stopped

    async def _give(self, claim: Claim, owed: Owed) -> Given:
        """Send what is owed as one message; when Telegram refuses that, one by one."""
        articles = owed.articles
        # In groups and channels each reader opens the article for themselves.
        in_private = claim.mailbox.place.chat > 0
        key = secrets.randbits(KEY_BITS)
        message, shown = pushed(articles, owed.more, key, "" if in_private else self._bot.username)
        verdict = await self._send(claim, message)
        if isinstance(verdict, Sent):
            delivery = self._delivery(shown, Outcome.SENT, message=verdict.message_id)
            counted = len(articles) - len(shown) + owed.more
            return Given((replace(delivery, key=key, more=counted, rest=owed.rest) if counted else delivery,))
        if not isinstance(verdict, Refused):
            return Given(stopped=verdict)
        if len(articles) == 1:
            log.error(
                "refused",
                extra={"chat": claim.mailbox.place.chat, "reason": verdict.reason, "article": articles[0].article.id},
            )
            return Given((self._delivery(articles, Outcome.REFUSED, reason=verdict.reason),))
        return await self._give_one_by_one(claim, owed)

    async def _give_one_by_one(self, claim: Claim, owed: Owed) -> Given:
        deliveries: tuple[Delivery, ...] = ()
        for article in owed.articles:
            given = await self._give(claim, Owed((article,)))
            deliveries += given.deliveries
            if given.stopped:
                return Given(deliveries, given.stopped)
        return Given(deliveries, counted=not owed.more)

    async def _send(self, claim: Claim, message: Message) -> Verdict:
        """Send the message in its turn; refused for its formatting, once more as plain text."""
        place = claim.mailbox.place
        left = (claim.until - SEND_TIME - self._clocks.now()).total_seconds()
        call = partial(
            self._bot.send_message,
            chat_id=place.chat,
            message_thread_id=place.thread or None,
            read_timeout=SEND_SECONDS,
            rate_limit_args=Turn(Priority.PUSH, deadline=self._clocks.monotonic() + left),
        )
        try:
            sent = await deliver(call, message, self._capabilities)
        except TelegramError as error:
            verdict = verdict_of(error, self._clocks.now(), claim.mailbox.failures)
            if isinstance(verdict, TokenRevoked):
                self._ended = error
            return verdict
        return Sent(sent.message_id)

    def _delivery(
        self, given: Sequence[OwedArticle], outcome: Outcome, *, message: int = 0, reason: str = ""
    ) -> Delivery:
        return Delivery(tuple(one.position for one in given), outcome, self._clocks.now(), message, reason)

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
        """Write down how it ended; a database that fails is asked again while the lease lasts.

        Whether the claim was ours still, and it is written.
        """
        while True:
            try:
                mine = await self._store.mailboxes.settle(settlement, now=self._clocks.now())
            except StoreUnavailable:
                if self._clocks.now() >= settlement.claim.until:
                    log.exception("not settled: it will be sent again")
                    return False
                await asyncio.sleep(RETRY_SECONDS)
            else:
                if not mine:
                    log.info("settled after the claim was lost", extra={"chat": settlement.claim.mailbox.place.chat})
                return mine


def settlement_of(claim: Claim, cursors: Mapping[int, int], given: Given) -> Settlement:
    """What a delivery's end means for its mailbox. Pure."""
    settlement = Settlement(claim, deliveries=given.deliveries, failures=claim.mailbox.failures + 1)
    match given.stopped:
        case None:
            # Where nothing says how many more there are, the deliveries tell what was given, and the rest stays owed.
            return replace(settlement, cursors=cursors if given.counted else {}, failures=0)
        case ChatMoved() | TokenRevoked():
            return replace(settlement, failures=claim.mailbox.failures)
        case NotYet(at=at) | RetryAt(at=at, throttled=True):
            # Held up is not broken: the next attempt starts no back-off.
            return replace(settlement, failures=claim.mailbox.failures, opens=at)
        case RetryAt(at=at) | Unknown(at=at) | ThreadClosed(at=at):
            return replace(settlement, opens=at)
        case ChatGone(reason=reason, retry=retry) | NotAllowed(reason=reason, retry=retry):
            return replace(settlement, failures=0, paused=reason, retry=retry)
        case ThreadGone(reason=reason):
            return replace(settlement, failures=0, shut=reason)
        case Sent() | Refused():
            raise AssertionError("these end in a delivery")
