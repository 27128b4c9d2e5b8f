"""Who goes next: calls waiting to write to chats, in an order that lets no chat delay another. No clock, no I/O."""

import asyncio
import itertools
import math
from collections import deque
from dataclasses import dataclass, field
from heapq import heappop, heappush

from telegram.error import TelegramError

from bot.transport.pacing import Pacing, Priority


@dataclass(slots=True, eq=False)
class Waiter:
    """One call that waits for its turn."""

    chat: int
    priority: Priority
    deadline: float  # after it the call is not made; infinity for none
    told: asyncio.Future[TelegramError | None]  # None: go; an error: do not
    released: bool = False
    slow: asyncio.TimerHandle | None = None  # while it holds one of the places for pushes in flight
    arrival: int = 0


@dataclass(slots=True, eq=False)
class _Lane:
    """What waits for one chat at one priority, first come first. It stands in one heap at a time, ready or held."""

    chat: int
    priority: Priority
    waiters: deque[Waiter] = field(default_factory=deque)


class Turns:
    """Waiters by priority, then first come first served; a chat that must wait steps aside until its time.

    A step costs O(log n) however many wait: pacing is asked once for each chat's first waiter, not for all of them, and
    for none while no chat may be written to.
    """

    def __init__(self, pacing: Pacing) -> None:
        self._pacing = pacing
        self._arrivals = itertools.count()
        self._lanes: dict[tuple[int, Priority], _Lane] = {}
        # In order of priority.
        self._ready: dict[Priority, list[tuple[int, _Lane]]] = {priority: [] for priority in sorted(Priority)}
        self._held: list[tuple[float, int, _Lane]] = []

    def __len__(self) -> int:
        """How many wait."""
        return sum(len(lane.waiters) for lane in self._lanes.values())

    def __bool__(self) -> bool:
        return bool(self._lanes)

    def join(self, waiter: Waiter) -> None:
        """Put a waiter at the end of its lane."""
        waiter.arrival = next(self._arrivals)
        key = waiter.chat, waiter.priority
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane(waiter.chat, waiter.priority)
            heappush(self._ready[waiter.priority], (waiter.arrival, lane))
        lane.waiters.append(waiter)

    def leave(self, waiter: Waiter) -> None:
        """Take out a waiter that gave up; one that does not wait is no error."""
        key = waiter.chat, waiter.priority
        lane = self._lanes.get(key)
        if lane is None or waiter not in lane.waiters:
            return
        lane.waiters.remove(waiter)
        if not lane.waiters:  # its place in a heap is skipped when it comes up
            del self._lanes[key]

    def clear(self) -> list[Waiter]:
        """Take out all."""
        waiters = [waiter for lane in self._lanes.values() for waiter in lane.waiters]
        self._lanes.clear()
        self._held.clear()
        for heap in self._ready.values():
            heap.clear()
        return waiters

    def take(self, now: float, *, pushes: bool) -> tuple[Waiter, float | None] | None:
        """The next waiter whose wait is over, with None: it is counted as gone.

        Or one that cannot go by its deadline, with the seconds until it could.

        Pushes are left waiting unless `pushes`. None when nobody may go now; `wakes` says when to ask again.
        """
        self._bring_back(now)
        for priority in self._ready:
            if priority is Priority.PUSH and not pushes:
                continue
            while (lane := self._front(priority)) is not None and not self._pacing.opens(now, priority):
                over = self._try(lane, now)
                if over is not None:
                    return over
        return None

    def wakes(self, now: float, *, pushes: bool) -> float:
        """The earliest time at which `take` may give somebody; infinity when only a change can bring it about."""
        at = self._held[0][0] if self._held else math.inf
        for priority in self._ready:
            if self._front(priority) is not None and (pushes or priority is not Priority.PUSH):
                at = min(at, self._pacing.opens(now, priority) or now)
        return at

    def _try(self, lane: _Lane, now: float) -> tuple[Waiter, float | None] | None:
        """Ask for the first of the lane at the front: its wait is over, or the lane is held."""
        heappop(self._ready[lane.priority])
        waiter = lane.waiters[0]
        late = now > waiter.deadline
        opens = 0.0 if late else self._pacing.ask(now, lane.chat, lane.priority)
        if 0.0 < opens <= waiter.deadline:
            heappush(self._held, (opens, waiter.arrival, lane))
            return None
        lane.waiters.popleft()
        if lane.waiters:
            heappush(self._ready[lane.priority], (lane.waiters[0].arrival, lane))
        else:
            del self._lanes[lane.chat, lane.priority]
        if late:
            return waiter, 0.0
        return waiter, opens - now if opens else None

    def _bring_back(self, now: float) -> None:
        while self._held and self._held[0][0] <= now:
            _, _, lane = heappop(self._held)
            if lane.waiters:
                heappush(self._ready[lane.priority], (lane.waiters[0].arrival, lane))

    def _front(self, priority: Priority) -> _Lane | None:
        heap = self._ready[priority]
        while heap and not heap[0][1].waiters:
            heappop(heap)
        return heap[0][1] if heap else None
