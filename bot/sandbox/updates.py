"""A bot's updates until they are confirmed (Bot API, getUpdates)."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]

# What a bot gets without asking: everything but these (Bot API, getUpdates, `allowed_updates`).
ONLY_WHEN_ASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
FIRST_ID = 100_000_001
MOST_PENDING = 100_000
LONGEST_ANSWER = 100
BIGGEST_ANSWER = 4 * 1024 * 1024  # bytes
UPDATE_BYTES = 50  # what an update is counted for beside its content
AHEAD = 10  # an offset further beyond the last update than this is ignored
# Seconds for which an update is kept.
LIVES = {"inline_query": 30.0, "callback_query": 150.0, "chosen_inline_result": 600.0}
LIFE = 24 * 3600.0
WEEK = 7 * 24 * 3600.0  # after as long without updates the ids begin at random
HIGHEST_ID = 2**30
# Who asks for the same again within this many seconds, and does not mean to wait, is kept waiting.
SAME_WITHIN = 3.0
HURRY = 0.5  # within this many seconds they get one update at most
CONFLICT_WITHIN = 3.0  # a second conflict within this many seconds is answered as much later
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"


class Conflict(Exception):  # noqa: N818  Telegram's own word for it
    """Something else has taken over; the message is what Telegram says after "Conflict: "."""


class Pending(NamedTuple):
    """An update that is not yet confirmed; `ends` on the clock of the queue."""

    update: Json
    ends: float


class Updates:
    """The queue: an offset confirms all below it, and of two pollers the older gives way.

    `now` is the clock of the world (seconds). `pause` is for how long those wait who ask for the same in a hurry and
    find nothing.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self.pause = 0.0
        self.arrived = asyncio.Event()
        self._now = now
        self._pending: deque[Pending] = deque()
        self._next_id = FIRST_ID
        self._allowed: frozenset[str] | None = None
        self._poller: asyncio.Future[str] | None = None
        self._asked: tuple[int, float] = (0, float("-inf"))
        self._conflict_until = float("-inf")
        self._last = now()

    def __len__(self) -> int:
        self._expire()
        return len(self._pending)

    @property
    def allowed(self) -> list[str] | None:
        """The kinds last asked for; None means the usual ones."""
        return None if self._allowed is None else sorted(self._allowed)

    @property
    def polling(self) -> bool:
        """Whether a getUpdates waits right now."""
        return self._poller is not None

    def add(self, kind: str, content: Json) -> None:
        if not self._wants(kind) or len(self._pending) >= MOST_PENDING:
            return
        self._restart_ids()
        ends = self._now() + LIVES.get(kind, LIFE)
        self._pending.append(Pending({"update_id": self._next_id, kind: content}, ends))
        self._next_id += 1
        self._wake("")
        self.arrived.set()

    def _restart_ids(self) -> None:
        last, self._last = self._last, self._now()
        if self._last - last > WEEK:
            self._next_id = 1 + secrets.randbelow(HIGHEST_ID)

    def allow(self, kinds: list[str]) -> None:
        """Remember which kinds the bot wants from now on; none means the usual ones."""
        self._allowed = frozenset(kinds) or None

    def clear(self) -> None:
        self._pending.clear()

    def waiting(self) -> list[Json]:
        """Give what is not confirmed, oldest first."""
        self._expire()
        return [pending.update for pending in self._pending]

    def confirm(self, update_id: int) -> None:
        """Drop one update: the webhook has taken it."""
        self._pending = deque(each for each in self._pending if each.update["update_id"] != update_id)

    def interrupt(self, words: str) -> None:
        """End a waiting getUpdates with a conflict."""
        self._wake(words)

    async def poll(self, offset: int, limit: int, timeout: float) -> list[Json]:  # noqa: ASYNC109  the method's own argument
        """Confirm what lies below `offset`, wait for an update, give up to `limit`. Raises Conflict.

        Who finds nothing and waits ends the wait of whoever came before.
        """
        if self.pause:
            limit, timeout = self._slowed(offset, limit, timeout)
        self._confirm(offset)
        self._expire()
        if not self._pending and timeout > 0:
            self._wake(OTHER_POLLER)
            await self._wait(timeout)
        return self._answer(limit)

    def conflict(self) -> bool:
        """Note a conflict; give whether it is one too many, to be answered late."""
        if self._now() < self._conflict_until:
            return True
        self._conflict_until = self._now() + CONFLICT_WITHIN
        return False

    def _answer(self, limit: int) -> list[Json]:
        updates: list[Json] = []
        size = 0
        for pending in self._pending:
            size += len(json.dumps(pending.update)) + UPDATE_BYTES
            if len(updates) == limit or (updates and size > BIGGEST_ANSWER):
                break
            updates.append(pending.update)
        return updates

    def _slowed(self, offset: int, limit: int, timeout: float) -> tuple[int, float]:
        """Keep waiting who asks for the same again at once; give the limit and the timeout that count."""
        last, since = self._asked[0], self._now() - self._asked[1]
        self._asked = (offset, self._now())
        if offset != last or since >= SAME_WITHIN:
            return limit, timeout
        return 1 if since < HURRY else limit, timeout if timeout >= SAME_WITHIN else self.pause

    async def _wait(self, seconds: float) -> None:
        poller: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._poller = poller
        try:
            await asyncio.wait([poller], timeout=seconds)
        finally:
            if self._poller is poller:
                self._poller = None
        if poller.done() and poller.result():
            raise Conflict(poller.result())

    def _wake(self, conflict: str) -> None:
        """End the waiting getUpdates: with what has come, or with a conflict."""
        poller, self._poller = self._poller, None
        if poller is not None and not poller.done():
            poller.set_result(conflict)

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            while len(self._pending) > -offset:
                self._pending.popleft()
            return
        if offset >= self._next_id + AHEAD:
            return
        while self._pending and self._pending[0].update["update_id"] < offset:
            self._pending.popleft()

    def _expire(self) -> None:
        now = self._now()
        if any(pending.ends < now for pending in self._pending):
            self._pending = deque(pending for pending in self._pending if pending.ends >= now)

    def _wants(self, kind: str) -> bool:
        return kind in self._allowed if self._allowed is not None else kind not in ONLY_WHEN_ASKED
