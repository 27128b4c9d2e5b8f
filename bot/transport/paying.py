"""What is beyond the free messages of a second, and whether it may be paid for: arithmetic, without a clock.

Paid broadcast (Bot API, `allow_paid_broadcast`) lets a bot send up to 1,000 messages a second: the first 30 of a second
are free, each of the others costs a tenth of a Star. A marked message takes a free place where there is one.
"""

import enum
import math
from collections import deque

FREE_PER_SECOND = 30
MESSAGES_A_STAR = 10
# A second, and what the network does to the spacing.
SECOND = 1.01
# Who cannot pay is asked to again after an hour.
OFF_SECONDS = 3600.0
# Edits cannot be paid for, and between paid messages there is no free place. When they have found none for a while, no
# push goes until a second has passed and they have had the free places of the next: at most a twentieth of the time.
EDITS_WAIT = 2.0
EDITS_EVERY = 20.0
EDITS_SECONDS = SECOND + 0.04


class Fare(enum.Enum):
    """What a message that goes now is, by what went in the last second."""

    UNMARKED = "unmarked"
    """It is among the free ones."""
    MARKED = "marked"
    """It is beyond them, but a free place has opened meanwhile, which it may take."""
    PAID = "paid"
    """It is marked, and costs a tenth of a Star."""


class Paying:
    """How many messages may be paid for, and which are."""

    def __init__(self, free_per_second: int = FREE_PER_SECOND) -> None:
        """Nothing is paid for until it is allowed."""
        self.free_per_second = free_per_second
        self._gone: deque[float] = deque(maxlen=free_per_second)
        self._free: deque[float] = deque(maxlen=free_per_second)
        self._left = 0
        self._off_until = -math.inf
        self._edits_since = math.inf  # they find no place
        self._edits_until = -math.inf  # no push goes
        self._paid = 0

    def allow(self, messages: int) -> None:
        """Let so many messages be paid for from now on; what was left before is forgotten."""
        self._left = messages

    def can_pay(self, now: float) -> bool:
        """Whether a message may be paid for."""
        return self._left > 0 and now >= self._off_until

    def refuse(self, now: float) -> bool:
        """Telegram takes no payment: pay nothing for an hour. False: that is known."""
        news = now >= self._off_until
        self._off_until = now + OFF_SECONDS
        return news

    def opens(self, now: float, *, pushes: bool) -> float:
        """0.0 when a message may go now, free or paid for; otherwise the earliest time to ask again.

        `pushes`: it is one that leaves edits their time.
        """
        if pushes and now < self._edits_until:
            return self._edits_until
        free_at = _opens(self._gone)
        return 0.0 if free_at <= now or self.can_pay(now) else free_at

    def opens_for_edits(self, now: float) -> float:
        """0.0 when an edit may go now; otherwise the earliest time to ask again, while nothing else goes."""
        free_at = _opens(self._gone)
        if free_at <= now:
            self._edits_since = math.inf
            return 0.0
        self._edits_since = min(self._edits_since, now)
        if now >= max(self._edits_since + EDITS_WAIT, self._edits_until + EDITS_EVERY) and self.can_pay(now):
            self._edits_until = now + EDITS_SECONDS
        return free_at

    def spacing(self, now: float, paid: float) -> float:
        """Seconds from one push to the next: `paid` while messages may be paid for, else those of the free ones."""
        return paid if self.can_pay(now) else max(paid, SECOND / self.free_per_second)

    def goes(self, now: float) -> Fare:
        """Count a message that goes now."""
        beyond = _opens(self._gone) > now
        self._gone.append(now)
        if _opens(self._free) > now:
            self._left -= 1
            return Fare.PAID
        self._free.append(now)
        return Fare.MARKED if beyond else Fare.UNMARKED

    def answered(self, *, taken: bool) -> None:
        """Telegram took a paid message, or perhaps did; or it did not, and nothing was paid."""
        if taken:
            self._paid += 1
        else:
            self._left += 1

    def to_write(self) -> int:
        """How many messages were paid for since this was asked last."""
        paid, self._paid = self._paid, 0
        return paid


def _opens(gone: deque[float]) -> float:
    """When so few have gone within a second that there is room for one more."""
    return gone[0] + SECOND if len(gone) == gone.maxlen else -math.inf
