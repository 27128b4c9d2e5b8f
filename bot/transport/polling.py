"""Fetching updates: one long poll after the other. Updates are confirmed when the next poll asks for what follows."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.transport.limiter import seconds_of

# Always said: Telegram remembers the last list.
ALLOWED = ("message", "channel_post", "callback_query", "my_chat_member")
POLL_SECONDS = 30
ANSWER_SECONDS = 10.0  # beyond the poll itself
LONGEST_PAUSE = 30.0
# Of two pollers Telegram refuses the older call, so each refuses the other in turn. Who has just started gives way at
# once; who has polled well before is not driven out by a short visit.
CONFLICT_PAUSE = 3.0  # a poll repeated sooner would be answered late
SETTLED_SECONDS = 10.0  # longer than the pause, after which the newcomer is refused
CONFLICT_SECONDS = 60.0
CONFIRM_SECONDS = 1.5

log = logging.getLogger(__name__)


class Poller:
    """Hand each update on, in order."""

    def __init__(
        self,
        bot: ExtBot[Any],
        handle: Callable[[Update], Awaitable[None]],
        monotonic: Callable[[], float],
        *,
        took_over: bool = False,
    ) -> None:
        """`took_over`: from another instance, which may wake up and poll once more before it knows."""
        self._bot = bot
        self._handle = handle
        self._monotonic = monotonic
        self._next: int | None = None
        self._failures = 0
        self._first_good: float | None = None
        self._conflict_since: float | None = None
        self._took_over = took_over

    async def run(self) -> None:
        """Poll until cancelled.

        Raises InvalidToken when Telegram no longer knows the bot, Conflict when another instance polls with its token.
        """
        while True:
            try:
                updates = await self._bot.get_updates(
                    offset=self._next,
                    # The first does not wait: from its answer on, we are the one who polls.
                    timeout=0 if self._first_good is None else POLL_SECONDS,
                    read_timeout=ANSWER_SECONDS,
                    allowed_updates=ALLOWED,
                )
            except InvalidToken:
                raise
            except TelegramError as error:
                await asyncio.sleep(self._pause(error))
                continue
            self._went_well()
            for update in updates:
                await self._handle(update)
                self._next = update.update_id + 1

    async def confirm(self) -> None:
        """Tell Telegram what has been handled, so that it is not sent again; after `run`. Takes 1.5 s at most."""
        if self._next is None:
            return
        try:
            await self._bot.get_updates(
                offset=self._next, timeout=0, limit=1, read_timeout=CONFIRM_SECONDS, allowed_updates=ALLOWED
            )
        except TelegramError as error:
            log.info("the last updates were not confirmed and may be answered twice", extra={"error": str(error)})

    def _went_well(self) -> None:
        if self._failures:
            log.info("Telegram answers again", extra={"failed": self._failures})
        self._failures = 0
        self._conflict_since = None
        self._first_good = self._monotonic() if self._first_good is None else self._first_good

    def _pause(self, error: TelegramError) -> float:
        """How long to wait after a failed poll, in seconds. Raises Conflict when it is for us to give way."""
        self._failures += 1
        log.warning("could not fetch updates", extra={"error": str(error), "failed": self._failures})
        if isinstance(error, Conflict):
            return self._conflict(error)
        if isinstance(error, RetryAfter):
            return seconds_of(error)
        return min(2.0 ** min(self._failures - 1, 5), LONGEST_PAUSE)

    def _conflict(self, error: Conflict) -> float:
        now = self._monotonic()
        settled = self._took_over or (self._first_good is not None and now - self._first_good >= SETTLED_SECONDS)
        self._conflict_since = now if self._conflict_since is None else self._conflict_since
        if not settled or now - self._conflict_since >= CONFLICT_SECONDS:
            raise error
        return CONFLICT_PAUSE
