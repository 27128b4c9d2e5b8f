"""A bot's updates until they are confirmed (Bot API, getUpdates)."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

Json = dict[str, Any]

# What a bot gets without asking: everything but these (Bot API, getUpdates, `allowed_updates`).
ONLY_WHEN_ASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
FIRST_ID = 100_000_001
MOST_PENDING = 100_000
LONGEST_ANSWER = 100
AHEAD = 10  # an offset further beyond the last update than this is ignored


class Conflict(Exception):  # noqa: N818  Telegram's own word for it
    """Another getUpdates has taken over."""


class Updates:
    """The queue: an offset confirms all below it, and of two pollers the older gives way."""

    def __init__(self) -> None:
        self._pending: deque[Json] = deque()
        self._next_id = FIRST_ID
        self._allowed: frozenset[str] | None = None
        self._poller: asyncio.Future[bool] | None = None

    def __len__(self) -> int:
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
        self._pending.append({"update_id": self._next_id, kind: content})
        self._next_id += 1
        self._wake(more=True)

    def allow(self, kinds: list[str]) -> None:
        """Remember which kinds the bot wants from now on; none means the usual ones."""
        self._allowed = frozenset(kinds) or None

    def clear(self) -> None:
        self._pending.clear()

    async def poll(self, offset: int, limit: int, timeout: float) -> list[Json]:  # noqa: ASYNC109  the method's own argument
        """Confirm what lies below `offset`, wait for an update, give up to `limit`. Raises Conflict."""
        self._wake(more=False)
        self._confirm(offset)
        if not self._pending and timeout > 0:
            await self._wait(timeout)
        return [self._pending[place] for place in range(min(limit, len(self._pending)))]

    async def _wait(self, seconds: float) -> None:
        poller: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._poller = poller
        try:
            await asyncio.wait([poller], timeout=seconds)
        finally:
            if self._poller is poller:
                self._poller = None
        if poller.done() and not poller.result():
            raise Conflict

    def _wake(self, *, more: bool) -> None:
        poller, self._poller = self._poller, None
        if poller is not None and not poller.done():
            poller.set_result(more)

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            while len(self._pending) > -offset:
                self._pending.popleft()
            return
        if offset >= self._next_id + AHEAD:
            return
        while self._pending and self._pending[0]["update_id"] < offset:
            self._pending.popleft()

    def _wants(self, kind: str) -> bool:
        return kind in self._allowed if self._allowed is not None else kind not in ONLY_WHEN_ASKED
