"""Rate limits: how many messages Telegram takes, and what it costs to ask again too early."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict, deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Windows a little short of their span, so that who keeps the limit exactly is not punished for the network's jitter.
SECOND = 0.98
MINUTE = 59.0
LONGEST_PENALTY = 3600.0
MESSAGES_A_STAR = 10
# More messages than these under way in one chat are refused, after a while and for a while (official server).
MOST_UNSENT = 310
UNSENT_PAUSE = 3.0
UNSENT_RETRY_AFTER = 60


@dataclass(slots=True)
class _Window:
    """The calls of one scope within the last span; `until` is when it may be asked again after a refusal."""

    calls: deque[float] = field(default_factory=deque)
    until: float = 0.0
    wait: float = 0.0

    def refused(self, limit: float, span: float, penalty: float, now: float) -> float:
        """Give the seconds to stay away, 0 if one more fits."""
        if penalty > 1 and now < self.until:
            return self._stay_away(min(self.wait * penalty, LONGEST_PENALTY), now)
        while self.calls and self.calls[0] <= now - span:
            self.calls.popleft()
        most = max(1, int(limit))
        if len(self.calls) < most:
            return 0.0
        return self._stay_away(max(1.0, self.calls[-most] + span - now), now)

    def full(self, limit: float, span: float, now: float) -> bool:
        return len(self.calls) - bisect_right(self.calls, now - span) >= max(1, int(limit))

    def _stay_away(self, seconds: float, now: float) -> float:
        # What the answer says is whole seconds, and whoever keeps them has kept the rule.
        self.wait = math.ceil(seconds)
        self.until = now + self.wait - (1 - SECOND)
        return self.wait


@dataclass(slots=True)
class Limits:
    """Messages (edits count as such) within a second to all chats and to one chat, within a minute to one group.

    None is no limit. With a `penalty` above 1, asking before the time is up makes the wait that many times longer.
    `paid_per_second`: how many more to all chats a bot may pay for (Bot API, `allow_paid_broadcast`); None: it has not
    asked @BotFather for that, and cannot. `stars`: what it has to pay with, a tenth of one for each; None: enough.
    """

    per_second: float | None = None
    per_chat_per_second: float | None = None
    per_group_per_minute: float | None = None
    penalty: float = 1.0
    paid_per_second: float | None = None
    stars: int | None = None
    paid: int = 0  # so many messages were paid for
    _paid: _Window = field(default_factory=_Window)
    _all: _Window = field(default_factory=_Window)
    _chats: defaultdict[int, _Window] = field(default_factory=lambda: defaultdict(_Window))
    _groups: defaultdict[int, _Window] = field(default_factory=lambda: defaultdict(_Window))

    def take(self, chat: int, now: float, *, group: bool = False, paying: bool = False) -> int:
        """Count a call at `now` (seconds of any clock); give 0, or the seconds to stay away if it is one too many.

        `paying`: what is beyond the free messages to all chats may cost something.
        """
        paid = paying and self._none_free(now)
        scopes = [
            (self._paid, self.paid_per_second, SECOND) if paid else (self._all, self.per_second, SECOND),
            (self._chats[chat], self.per_chat_per_second, SECOND),
            (self._groups[chat], self.per_group_per_minute if group else None, MINUTE),
        ]
        kept = [(window, limit, _span(limit, span)) for window, limit, span in scopes if limit is not None]
        away = max((window.refused(limit, span, self.penalty, now) for window, limit, span in kept), default=0.0)
        if away:
            return math.ceil(away)
        for window, _, _ in kept:
            window.calls.append(now)
        self.paid += paid
        return 0

    def broke(self, now: float) -> bool:
        """Whether a message that is to be paid for now cannot be."""
        return self.stars is not None and self.paid >= MESSAGES_A_STAR * self.stars and self._none_free(now)

    def _none_free(self, now: float) -> bool:
        if self.per_second is None or self.paid_per_second is None:
            return False
        return self._all.full(self.per_second, _span(self.per_second, SECOND), now)


class Unsent:
    """How many messages to each chat are under way: accepted, and not yet answered."""

    def __init__(self) -> None:
        self._chats: Counter[int] = Counter()

    def full(self, chat: int) -> bool:
        return self._chats[chat] >= MOST_UNSENT

    @contextmanager
    def under_way(self, chat: int) -> Iterator[None]:
        self._chats[chat] += 1
        try:
            yield
        finally:
            self._chats[chat] -= 1


def _span(limit: float, span: float) -> float:
    """A limit below one is one in so many spans."""
    return span if limit >= 1 else span / limit
