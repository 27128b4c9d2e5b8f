"""What the bot pays for, day by day: the budget that pacing may use, and the account of it in the store."""

import asyncio
import logging
from collections.abc import Callable
from datetime import date, datetime

from bot.transport.paying import MESSAGES_A_STAR, Paying
from storage import Store, StoreUnavailable

WRITE_SECONDS = 0.1  # after a kill no more than so long a time's messages are not counted
END_SECONDS = 0.5

log = logging.getLogger(__name__)


class Purse:
    """Allow each UTC day's budget, less what was spent of it before, and write down what is spent."""

    def __init__(self, store: Store, bot: int, paying: Paying, now: Callable[[], datetime], stars_a_day: int) -> None:
        self._store = store
        self._bot = bot
        self._paying = paying
        self._now = now
        self._a_day = stars_a_day * MESSAGES_A_STAR
        self._day: date | None = None
        self._unwritten = 0

    async def run(self) -> None:
        """Keep the account until cancelled; what was spent by then is written, too, if that takes half a second."""
        looking = asyncio.create_task(self.look(), name="look into the purse")
        try:
            while True:
                # Broken off in its midst a look may have written, or not.
                await asyncio.shield(looking)
                await asyncio.sleep(WRITE_SECONDS)
                looking = asyncio.create_task(self.look(), name="look into the purse")
        finally:
            await self._end(looking)

    async def _end(self, looking: asyncio.Task[None]) -> None:
        """Look for the last time. A database that gives no answer would hold up a stop."""
        try:
            async with asyncio.timeout(END_SECONDS):
                await looking
                await self.look()
        except TimeoutError:
            log.warning("what was paid for last is not written down")

    async def look(self) -> None:
        """Write down what was spent since the last look, and begin a new day when it has come."""
        try:
            if self._day is not None:
                await self._write(self._day)
            today = self._now().date()
            if today != self._day:
                spent = await self._store.payments.spent(self._bot, today)
                self._paying.allow(max(0, self._a_day - spent))
                self._day = today
        except StoreUnavailable as error:
            log.debug("what was paid for is not written down yet", extra={"error": str(error)})

    async def _write(self, day: date) -> None:
        self._unwritten += self._paying.to_write()
        if self._unwritten:
            await self._store.payments.count(self._bot, day, self._unwritten)
            self._unwritten = 0
