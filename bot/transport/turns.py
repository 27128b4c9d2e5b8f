"""Who goes next: calls waiting to write to chats, in an order that lets no chat delay another. No clock, no I/O."""

import asyncio
import itertools
import math
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from telegram.error import TelegramError

from bot.transport.pacing import Pacing, Priority
from bot.transport.paying import Fare

# Of the turns that others could take, one in so many is theirs: nobody is passed over for ever. Replies leave one in
# ten to all the rest; of that rest, whichever has waited through so many turns comes before the pushes.
LEFT_BY_REPLIES = 10
LEFT_BY_PUSHES = {Priority.DIGEST: 10, Priority.EDIT: 20}
_REST = (Priority.PUSH, *LEFT_BY_PUSHES)
_USUAL = (Priority.REPLY, *_REST)


@dataclass(slots=True, eq=False)
class Waiter:
    """One call that waits for its turn."""

    chat: int
    priority: Priority
    deadline: float  # after it the call is not made; infinity for none
    told: asyncio.Future[TelegramError | None]  # None: go; an error: do not
    fare: Fare | None = None  # once it was released
    in_flight: bool = False  # while it holds a place there
    arrival: int = 0


class _Shares:
    """In which order the priorities are served, so that each gets its share while others could take every turn."""

    def __init__(self) -> None:
        self._replies = 0  # that went in a row while somebody else could have gone
        self._passed = dict.fromkeys(LEFT_BY_PUSHES, 0)  # turns that others of the rest had meanwhile

    def order(self) -> Sequence[Priority]:
        """Who is asked first."""
        first = [priority for priority, one_in in LEFT_BY_PUSHES.items() if self._passed[priority] >= one_in - 1]
        if self._replies >= LEFT_BY_REPLIES - 1:
            return *first, *_REST, Priority.REPLY
        return (Priority.REPLY, *first, *_REST) if first else _USUAL

    def went(self, priority: Priority, waiting: Collection[Priority]) -> None:
        """Count a turn; `waiting` are the priorities of which somebody could have had it."""
        if priority is Priority.REPLY:
            self._replies += any(other is not Priority.REPLY for other in waiting)
            return
        self._replies = 0
        for other in self._passed:
            if other is priority:
                self._passed[other] = 0
            elif other in waiting:
                self._passed[other] += 1


@dataclass(slots=True, eq=False)
class _Lane:
    """What waits for one chat at one priority, first come first. It stands in one heap at a time, ready or held."""

    chat: int
    priority: Priority
    waiters: deque[Waiter] = field(default_factory=deque)


class Turns:
    """Waiters by priority, then first come first served; a chat that must wait steps aside until its time.

    Replies go first, then pushes, then digests, then edits. But of the turns that replies could take one in ten is left
    to the rest, as far as their even spacing lets them; of those that pushes could take, one in ten to digests and one
    in twenty to edits.

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
        self._shares = _Shares()

    def __len__(self) -> int:
        """How many wait."""
        return sum(len(lane.waiters) for lane in self._lanes.values())

    def __bool__(self) -> bool:
        return bool(self._lanes)

    def join(self, waiter: Waiter) -> bool:
        """Put a waiter at the end of its lane. Whether that may bring about a turn: nobody like it waits for one."""
        changes = self._front(waiter.priority) is None
        waiter.arrival = next(self._arrivals)
        key = waiter.chat, waiter.priority
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane(waiter.chat, waiter.priority)
            heappush(self._ready[waiter.priority], (waiter.arrival, lane))
        lane.waiters.append(waiter)
        return changes

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

    def take(self, now: float, full: Collection[Priority] = ()) -> tuple[Waiter, float | None] | None:
        """The next waiter whose wait is over, with None: it is counted as gone.

        Or one that cannot go by its deadline, with the seconds until it could.

        Those of the priorities in `full` are left waiting. None when nobody may go now; `wakes` says when to ask again.
        """
        self._bring_back(now)
        for priority in self._shares.order():
            if priority in full:
                continue
            while (lane := self._front(priority)) is not None and not self._pacing.opens(now, priority):
                over = self._try(lane, now)
                if over is None:
                    continue
                if over[1] is None:
                    self._shares.went(priority, self._waiting(full))
                return over
        return None

    def wakes(self, now: float, full: Collection[Priority] = ()) -> float:
        """The earliest time at which `take` may give somebody; infinity when only a change can bring it about."""
        at = self._held[0][0] if self._held else math.inf
        for priority in self._waiting(full):
            at = min(at, self._pacing.opens(now, priority) or now)
        return at

    def _waiting(self, full: Collection[Priority]) -> list[Priority]:
        """The priorities of which somebody waits for nothing but a turn."""
        return [priority for priority in self._ready if priority not in full and self._front(priority) is not None]

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
        if opens:
            return waiter, opens - now
        waiter.fare = self._pacing.fare
        return waiter, None

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
