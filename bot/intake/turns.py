"""Whose turn it is among the feeds of one host, so that a slow one with many of them holds up no other. Pure."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_OF_HOST = 32
"""Polls under way at once; two of them are connected (`fetch.Limits`)."""
_CONNECTIONS = 2
_GUESSED_SECONDS = 0.1
_WEIGHT = 0.25  # of the latest poll among those before
_LONGEST = timedelta(minutes=10)
_REMEMBERED = 10_000


@dataclass(slots=True)
class _Host:
    under_way: int = 0
    seconds: float = _GUESSED_SECONDS
    """What a poll takes."""
    free: datetime | None = None
    """When all that was put off so far has had its turn."""


class Turns:
    """Polls under way, by host, and when those that are put off have their turn."""

    def __init__(self) -> None:
        self._hosts: OrderedDict[str, _Host] = OrderedDict()

    def begin(self, host: str, *, now: datetime) -> datetime | None:
        """Begin a poll; or, when there are too many of the host already, when to try again."""
        state = self._hosts.get(host)
        if state is None:
            state = self._hosts[host] = _Host()
        self._hosts.move_to_end(host)
        if state.under_way < MOST_OF_HOST:
            state.under_way += 1
            return None
        each = timedelta(seconds=state.seconds / _CONNECTIONS)
        turn = max(state.free or now, now + each * MOST_OF_HOST / 2)
        state.free = min(turn + each, now + _LONGEST)
        return turn

    def end(self, host: str, seconds: float) -> None:
        """A poll that was begun has ended after so many seconds."""
        state = self._hosts[host]
        state.under_way -= 1
        state.seconds += (seconds - state.seconds) * _WEIGHT
        while len(self._hosts) > _REMEMBERED and not next(iter(self._hosts.values())).under_way:
            self._hosts.popitem(last=False)
