"""Whose turn it is among the feeds of one host, so that a slow one with many of them holds up no other. Pure."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_OF_HOST = 32
"""Polls under way at once; two of them ask (`fetch.Limits`)."""
_ASKING = 2
_GUESSED_SECONDS = 0.1
_WEIGHT = 0.25  # of the latest poll among those before
_LONGEST = timedelta(minutes=10)
_REMEMBERED = 10_000


@dataclass(slots=True)
class _Host(Generic[T]):
    under_way: int = 0
    asking: int = 0
    """Of these so many ask it, or have their turn to."""
    waiting: deque[T] = field(default_factory=deque)
    """And these wait for theirs."""
    seconds: float = _GUESSED_SECONDS
    """What asking takes."""
    free: datetime | None = None
    """When all that was put off so far has had its turn."""


class Turns(Generic[T]):
    """Polls under way, by host: whose turn it is to ask, and when those that are put off have theirs."""

    def __init__(self) -> None:
        self._hosts: OrderedDict[str, _Host[T]] = OrderedDict()
        self._ready: deque[tuple[str, T]] = deque()
        self.under_way = 0

    @property
    def ready(self) -> int:
        """How many have their turn to ask."""
        return len(self._ready)

    def begin(self, host: str, poll: T) -> bool:
        """Begin a poll, which asks when it has its turn. False: too many of the host are under way already."""
        state = self._hosts.get(host)
        if state is None:
            state = self._hosts[host] = _Host()
        self._hosts.move_to_end(host)
        if state.under_way >= MOST_OF_HOST:
            return False
        state.under_way += 1
        self.under_way += 1
        if state.asking < _ASKING:
            state.asking += 1
            self._ready.append((host, poll))
        else:
            state.waiting.append(poll)
        return True

    def put_off(self, host: str, *, now: datetime) -> datetime:
        """When to try again to begin a poll."""
        state = self._hosts[host]
        each = timedelta(seconds=state.seconds / _ASKING)
        turn = max(state.free or now, now + each * MOST_OF_HOST / 2)
        state.free = min(turn + each, now + _LONGEST)
        return turn

    def take(self) -> tuple[str, T] | None:
        """The host and the poll whose turn it is to ask; None: nobody's."""
        return self._ready.popleft() if self._ready else None

    def answered(self, host: str, seconds: float) -> None:
        """A poll that had its turn has asked, for so many seconds: the next of its host has its turn."""
        state = self._hosts[host]
        state.seconds += (seconds - state.seconds) * _WEIGHT
        if state.waiting:
            self._ready.append((host, state.waiting.popleft()))
        else:
            state.asking -= 1

    def end(self, host: str) -> None:
        """A poll has ended that has asked."""
        self._hosts[host].under_way -= 1
        self.under_way -= 1
        while len(self._hosts) > _REMEMBERED and not next(iter(self._hosts.values())).under_way:
            self._hosts.popitem(last=False)

    def let_go(self) -> list[T]:
        """The polls that have not asked: they are under way no more."""
        polls = [poll for _, poll in self._ready]
        for host, _ in self._ready:
            self._hosts[host].asking -= 1
            self._hosts[host].under_way -= 1
        self._ready.clear()
        for state in self._hosts.values():
            polls += state.waiting
            state.under_way -= len(state.waiting)
            state.waiting.clear()
        self.under_way -= len(polls)
        return polls
