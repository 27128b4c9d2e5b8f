"""The time of day without jumps: somebody may set the machine's clock while leases run and mailboxes wait."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

LOOK_SECONDS = 1.0
LARGEST_DRIFT = timedelta(seconds=1)  # what leases and waits do not notice

log = logging.getLogger(__name__)


def machine_time() -> datetime:
    """What the machine's clock shows."""
    return datetime.now(UTC)


def seconds_up() -> float:
    """Seconds that nobody can set: since the machine was started, its sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Clock:
    """Goes on evenly. Follows the machine's clock, `wall`, while that does so; when it was set, `was_set` tells.

    Then whoever goes by this clock comes to rest, and `adopt` makes it jump, too.
    """

    def __init__(
        self,
        offset: timedelta,
        wall: Callable[[], datetime] = machine_time,
        seconds: Callable[[], float] = seconds_up,
    ) -> None:
        """`offset`: the database's clock minus the machine's (`Store.offset`)."""
        self._offset = offset
        self._wall = wall
        self._seconds = seconds
        self._zero = self._seen_zero()
        self.was_set = asyncio.Event()

    def now(self) -> datetime:
        """The time of day, as the database has it."""
        return self._zero + timedelta(seconds=self._seconds())

    def look(self) -> None:
        """Compare with the machine's clock."""
        seen = self._seen_zero()
        if abs(seen - self._zero) <= LARGEST_DRIFT:
            self._zero = seen
            self.was_set.clear()
        elif not self.was_set.is_set():
            log.warning("the machine's clock was set", extra={"by": str(seen - self._zero)})
            self.was_set.set()

    def adopt(self) -> timedelta:
        """Show what the machine's clock shows. Returns by how much this one was set."""
        before, self._zero = self._zero, self._seen_zero()
        self.was_set.clear()
        return self._zero - before

    async def keep(self) -> None:
        """Look once a second, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_SECONDS)

    def _seen_zero(self) -> datetime:
        """The time of day when `seconds` was zero, by the machine's clock."""
        return self._wall() + self._offset - timedelta(seconds=self._seconds())
