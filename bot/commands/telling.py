"""Whoever added a feed is told when it has failed for a day, works again, or has ended."""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.commands.desk import of_source
from bot.render.sources import told
from bot.transport.limiter import Turn
from bot.transport.outgoing import Capabilities, deliver
from bot.transport.pacing import Priority
from bot.transport.verdicts import UNKNOWN_CHAT_TRIES, NotYet, RetryAt, Unknown, verdict_of
from storage import EVERYTHING, ChatKind, Feed, Place, Store

_log = logging.getLogger(__name__)
_BRACKETS = re.compile(r"[()]")


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells of feeds what their people should know: all that is to be said in a chat at once, and without a sound."""

    store: Store
    bot: ExtBot[Turn]
    capabilities: Capabilities
    admins: frozenset[int]
    """The people who run the bot: they are told of feeds that nobody else added."""
    clock: Callable[[], datetime]

    async def tell(self, feeds: Sequence[Feed]) -> list[Feed]:
        """Tell of these feeds. Returns those that were told of: all but where Telegram could not be reached for now.

        Who cannot be written to, or follows the feed no more, need not be told. Raises StoreUnavailable.
        """
        news: dict[Place, list[Feed]] = {}
        for feed in feeds:
            for place in await self._places(feed):
                news.setdefault(place, []).append(feed)
        told_ = {place: await self._is_told(place, about) for place, about in news.items()}
        # One of several people who were told is enough.
        reached = {feed.source.name for place, about in news.items() for feed in about if told_[place]}
        late = {feed.source.name for about in news.values() for feed in about} - reached
        return [feed for feed in feeds if feed.source.name not in late]

    async def _places(self, feed: Feed) -> list[Place]:
        """Where the feed's people read."""
        place = feed.added_by
        if place is None:
            return [Place(self.bot.id, admin) for admin in sorted(self.admins)]
        if place.bot != self.bot.id or not await self._is_followed(feed, place):
            return []
        if place.chat > 0:
            return [place]
        chat = await self.store.chats.get(place.bot, place.chat)
        if chat is None or chat.kind is not ChatKind.CHANNEL:
            return [place]
        # Its readers have nothing to do with it.
        return [Place(place.bot, chat.set_up_by)] if chat.set_up_by else []

    async def _is_followed(self, feed: Feed, place: Place) -> bool:
        """Whether what comes from the feed is asked for there, by its name or with everything else."""
        query = await of_source(feed.source)
        named = query.text if query else ""
        followed = [one.query for one in await self.store.subscriptions.all(place)]
        return any(text == EVERYTHING.text or named in _BRACKETS.sub(" ", text).split() for text in followed)

    async def _is_told(self, place: Place, feeds: Sequence[Feed]) -> bool:
        """Say it there. False: it is to be said again later."""
        call = partial(
            self.bot.send_message,
            chat_id=place.chat,
            message_thread_id=place.thread or None,
            disable_notification=True,
            rate_limit_args=Turn(Priority.DIGEST),
        )
        try:
            await deliver(call, told(feeds), self.capabilities)
        except TelegramError as error:
            _log.info("a chat was not told of its feeds", extra={"chat": place.chat, "error": str(error)})
            return not isinstance(verdict_of(error, self.clock(), UNKNOWN_CHAT_TRIES), RetryAt | NotYet | Unknown)
        return True
