"""Rate limits: how many messages Telegram takes, and what it costs to ask again too early."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field

# Windows a little short of their span, so that who keeps the limit exactly is not punished for the network's jitter.
SECOND = 0.98
MINUTE = 59.0
LONGEST_PENALTY = 3600.0


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

    def _stay_away(self, seconds: float, now: float) -> float:
        # What the answer says is whole seconds, and whoever keeps them has kept the rule.
        self.wait = math.ceil(seconds)
        self.until = now + self.wait - (1 - SECOND)
        return self.wait


@dataclass(slots=True)
class Limits:
    """Messages (edits count as such) within a second to all chats and to one chat, within a minute to one group.

    None is no limit. With a `penalty` above 1, asking before the time is up makes the wait that many times longer.
    """

    per_second: float | None = None
    per_chat_per_second: float | None = None
    per_group_per_minute: float | None = None
    penalty: float = 1.0
    _all: _Window = field(default_factory=_Window)
    _chats: defaultdict[int, _Window] = field(default_factory=lambda: defaultdict(_Window))
    _groups: defaultdict[int, _Window] = field(default_factory=lambda: defaultdict(_Window))

    def take(self, chat: int, now: float, *, group: bool = False) -> int:
        """Count a call at `now` (seconds of any clock); give 0, or the seconds to stay away if it is one too many."""
        scopes = [
            (self._all, self.per_second, SECOND),
            (self._chats[chat], self.per_chat_per_second, SECOND),
            (self._groups[chat], self.per_group_per_minute if group else None, MINUTE),
        ]
        kept = [(window, limit, _span(limit, span)) for window, limit, span in scopes if limit is not None]
        away = max((window.refused(limit, span, self.penalty, now) for window, limit, span in kept), default=0.0)
        if away:
            return math.ceil(away)
        for window, _, _ in kept:
            window.calls.append(now)
        return 0


def _span(limit: float, span: float) -> float:
    """A limit below one is one in so many spans."""
    return span if limit >= 1 else span / limit
