"""One mailbox's delivery: what it is owed becomes messages, and what came of them a settlement."""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.push.photos import Photos
from bot.render.digest import digest
from bot.render.lists import pushed
from bot.render.message import Message
from bot.schedule import is_silent, zone_of
from bot.transport.limiter import Turn
from bot.transport.outgoing import Capabilities, deliver, send_message, to_json_arguments
from bot.transport.pacing import Priority
from bot.transport.verdicts import (
    ChatDeleted,
    ChatGone,
    ChatMoved,
    NotAllowed,
    NotYet,
    Refused,
    RetryAt,
    Sent,
    ThreadClosed,
    ThreadGone,
    TokenRevoked,
    Unknown,
    Verdict,
    refuses_photos,
    verdict_of,
)
from bot.waiting import UnderWay
from storage import Cadence, Claim, Delivery, Outcome, Owed, OwedArticle, Settlement

SEND_SECONDS = 20.0  # a send's time limit: what is sent must be answered before the lease ends
SEND_TIME = timedelta(seconds=SEND_SECONDS)
MOST_ASIDE = 10  # urgent articles of one message: it shows them all, however long they are
KEY_BITS = 62  # of what opens the rest of a push: nobody's guess, and a number that every engine keeps
UTC = ZoneInfo("UTC")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The time of day, as the database has it, and the monotonic seconds that pacing counts in."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    zone: ZoneInfo = UTC
    """Of chats that chose none."""


@dataclass(frozen=True, slots=True)
class Given:
    """How far a mailbox's articles were given: the messages made of them, and what stopped the rest."""

    deliveries: tuple[Delivery, ...] = ()
    stopped: Verdict | None = None
    counted: bool = True
    """Whether the message counts and opens what it does not show, so that the cursors may pass that too."""


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gives a mailbox what it is owed."""

    bot: ExtBot[Turn]
    capabilities: Capabilities
    clocks: Clocks
    photos: Photos
    unsettled: UnderWay
    """Told of each message's key by the task that is to write its delivery down."""

    async def give(self, claim: Claim, owed: Owed, *, aside: bool = False) -> Given:
        """Send what is owed as one message; when Telegram refuses that, one by one.

        `aside`: as a push, whatever the mailbox's cadence, that counts as no digest of it.
        """
        if aside:
            claim = replace(claim, mailbox=replace(claim.mailbox, cadence=Cadence.INSTANT))
            return _aside(await self._give(claim, owed))
        return await self._give(claim, owed)

    async def _give(self, claim: Claim, owed: Owed) -> Given:
        articles = owed.articles
        # In groups and channels each reader opens the article for themselves.
        username = "" if claim.mailbox.place.chat > 0 else self.bot.username
        key = secrets.randbits(KEY_BITS)
        self.unsettled.begin(key)
        pictures = claim.settings.pictures
        if claim.mailbox.cadence is Cadence.INSTANT:
            message, shown = pushed(articles, owed.more, key, username, pictures)
        else:
            local = self.clocks.now().astimezone(zone_of(claim.settings, self.clocks.zone))
            message, shown = digest(claim.mailbox.cadence, local, articles, owed.more, key, username, pictures)
        verdict = await self._send_photo(claim, message) or await self._send(claim, message)
        if isinstance(verdict, Sent):
            delivery = self._delivery(shown, Outcome.SENT, message=verdict.message_id)
            delivery = replace(delivery, photo=verdict.photo)
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
                # It is still the digest that was begun, and not the next one, that is to be given.
                return _aside(Given(deliveries, given.stopped))
        return Given(deliveries, counted=not owed.more)

    async def _send_photo(self, claim: Claim, message: Message) -> Verdict | None:
        """Send the message under its picture in its turn; None: it has none, or is to go without it, in a turn anew.

        Nothing that is wrong with a picture costs anybody the headline. It may be what an answer never came for, so who
        was not reached the last time is sent none.
        """
        if not message.picture or claim.mailbox.failures:
            return None
        place = claim.mailbox.place
        name = self.photos.name(message.picture, place.chat)
        if not name:
            return None
        call = partial(
            self.bot.send_photo,
            chat_id=place.chat,
            message_thread_id=place.thread or None,
            disable_notification=self._is_silent(claim) or None,
            read_timeout=SEND_SECONDS,
            rate_limit_args=self._turn(claim),
        )
        try:
            sent = await deliver(call, replace(message, picture=name), self.capabilities)
        except TelegramError as error:
            return self._without_picture(claim, message, error)
        if sent.photo:
            self.photos.taken(message.picture, sent.photo[-1].file_id)
        return Sent(sent.message_id, photo=True)

    def _without_picture(self, claim: Claim, message: Message, error: TelegramError) -> Verdict | None:
        """What a photo's failure means; None: it says nothing of the words under it."""
        chat = claim.mailbox.place.chat
        verdict = verdict_of(error, self.clocks.now(), claim.mailbox.failures)
        if refuses_photos(error):
            self.photos.forbidden(chat)
        elif isinstance(verdict, Refused):
            self.photos.refused(message.picture)
        else:
            if isinstance(verdict, Unknown) and self.photos.name(message.picture, chat) == message.picture:
                # Telegram may be waiting for it from elsewhere: no other chat is to wait as well.
                self.photos.refused(message.picture)
            return verdict
        log.info("sent without its picture", extra={"chat": chat, "picture": message.picture, "error": str(error)})
        return None

    async def _send(self, claim: Claim, message: Message) -> Verdict:
        """Send the message in its turn; refused for its formatting, once more as plain text."""
        sound = {"disable_notification": "true"} if self._is_silent(claim) else {}
        call = partial(send_message, self.bot, claim.mailbox.place, self._turn(claim), SEND_SECONDS, **sound)
        message = replace(message, picture="") if message.picture else message
        try:
            return Sent(await deliver(call, message, self.capabilities, to_json_arguments))
        except TelegramError as error:
            return verdict_of(error, self.clocks.now(), claim.mailbox.failures)

    def _turn(self, claim: Claim) -> Turn:
        left = (claim.until - SEND_TIME - self.clocks.now()).total_seconds()
        priority = Priority.PUSH if claim.mailbox.cadence is Cadence.INSTANT else Priority.DIGEST
        return Turn(priority, deadline=self.clocks.monotonic() + left)

    def _is_silent(self, claim: Claim) -> bool:
        return is_silent(claim.settings, self.clocks.now(), self.clocks.zone)

    def _delivery(
        self, given: Sequence[OwedArticle], outcome: Outcome, *, message: int = 0, reason: str = ""
    ) -> Delivery:
        return Delivery(tuple(one.position for one in given), outcome, self.clocks.now(), message, reason)


def urgent_of(owed: Owed) -> Owed:
    """What of it is urgent, as much as goes into one message. No cursor passes what lies before: that stays owed."""
    return Owed(owed.urgent[:MOST_ASIDE])


def _aside(given: Given) -> Given:
    """The same, but it counts as no digest."""
    return replace(given, deliveries=tuple(replace(one, aside=True) for one in given.deliveries))


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
        case ChatGone() | ChatDeleted() | NotAllowed() as stopped:
            return replace(settlement, failures=0, paused=stopped.reason, retry=stopped.retry)
        case ThreadGone(reason=reason):
            return replace(settlement, failures=0, shut=reason)
        case Sent() | Refused():
            raise AssertionError("these end in a delivery")
