"""Reading what programs post: what is short in a thread, what is long in a process of its own.

Python's reader of JSON lets no other thread run before it has come to the end: a made-up text of 10 MB took a second,
in which nobody was answered.
"""

import asyncio
from collections.abc import Sequence
from typing import TypeVar

from bot.intake.parsing.given import GivenError
from bot.intake.parsing.handed import Corrected, Handed, NotRead
from bot.intake.processes.workers import Workers
from bot.intake.programs.posted import TooManyError, articles_or_why, correction_or_why, read_articles, read_correction

SHORT = 100_000
"""Bytes: they take 2 ms, whatever they are."""

T = TypeVar("T")


class Bodies:
    """Reads the bodies of requests."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    async def articles(self, data: bytes, *, lines: bool) -> Sequence[Handed | str]:
        """As `posted.read_articles` does. Raises UnreadableError and WorkersClosedError, too."""
        if len(data) <= SHORT:
            return await asyncio.to_thread(read_articles, data, lines=lines)
        return _read(await self._workers.run(articles_or_why, data, lines=lines))

    async def correction(self, data: bytes) -> Corrected:
        """As `posted.read_correction` does. Raises UnreadableError and WorkersClosedError, too."""
        if len(data) <= SHORT:
            return await asyncio.to_thread(read_correction, data)
        return _read(await self._workers.run(correction_or_why, data))


def _read(found: T | NotRead) -> T:
    """Raises GivenError, TooManyError."""
    if not isinstance(found, NotRead):
        return found
    raise TooManyError(found.why) if found.too_many else GivenError(found.why)
