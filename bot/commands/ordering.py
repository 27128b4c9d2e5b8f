"""The order in which updates are worked on: one chat's one after another, different chats side by side."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from telegram import Update
from telegram.ext import BaseUpdateProcessor

_WAITING = 100_000  # as many as Telegram itself keeps for a bot


@dataclass(slots=True)
class _Line:
    """Those who wait for one chat."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    length: int = 0


class ChatUpdates(BaseUpdateProcessor):
    """Works on the updates of a chat in their order, and on those of at most `at_once` chats at a time.

    Who waits for their own chat's turn takes no place away from the other chats. Nor does news of the bot's membership:
    of many chats it is told to one and the same person, whose own chat may have to wait.
    """

    __slots__ = ("_is_shut", "_lines", "_places")

    def __init__(self, at_once: int = 1_000) -> None:
        """`at_once`: many, for an answer that waits until its chat may be written to keeps its place."""
        super().__init__(_WAITING)
        self._places = asyncio.Semaphore(at_once)
        self._lines: dict[int, _Line] = {}
        self._is_shut = False

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Begin nothing that still waits: there is nothing to answer it with any more."""
        self._is_shut = True

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Await the coroutine when it is the chat's turn."""
        place = nullcontext() if isinstance(update, Update) and update.my_chat_member else self._places
        async with self._turn(_line_of(update)), place:
            if not self._is_shut:
                await coroutine
            elif asyncio.iscoroutine(coroutine):
                coroutine.close()  # which would be warned of

    @asynccontextmanager
    async def _turn(self, key: int) -> AsyncIterator[None]:
        line = self._lines.setdefault(key, _Line())
        line.length += 1
        try:
            async with line.lock:
                yield
        finally:
            line.length -= 1
            if not line.length:
                del self._lines[key]


def _line_of(update: object) -> int:
    """The chat, else the person, else a line of its own for whatever is neither."""
    if isinstance(update, Update):
        where = update.effective_chat or update.effective_user
        if where is not None:
            return where.id
    return 0
