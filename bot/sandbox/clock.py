"""The clock of a bot's world: real time, and what a test has added to it."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(slots=True)
class Clock:
    """`ahead`: seconds by which this world is ahead of the real one."""

    ahead: float = 0.0

    def now(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic() + self.ahead

    def unix(self) -> int:
        """Seconds since 1970, as dates in the Bot API are given."""
        return int(time.time() + self.ahead)
