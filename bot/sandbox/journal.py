"""What happened in a bot's world, in order, and waiting for what is to come."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]

KINDS = ("sent", "edited", "answered", "deleted", "received", "service")


class Wanted(NamedTuple):
    """Which records: those beyond `after`, of one kind and one chat unless they are None."""

    after: int = 0
    kind: str | None = None
    chat: int | None = None

    def fits(self, record: Json) -> bool:
        return (
            record["seq"] > self.after
            and self.kind in (None, record["kind"])
            and (self.chat is None or self.chat == record["chat"])
        )


class _Waiter:
    def __init__(self, wanted: Wanted, missing: int, done: asyncio.Future[None]) -> None:
        self.wanted = wanted
        self.missing = missing
        self.done = done


class Journal:
    """Records, numbered from 1: `{"seq", "at": {"monotonic", "unix"}, "kind", "chat", ...}`.

    `at` is when the server took it: CLOCK_MONOTONIC, which all processes of a machine share, and seconds since 1970.
    """

    def __init__(self) -> None:
        self._records: list[Json] = []
        self._by_chat: defaultdict[int, list[int]] = defaultdict(list)
        self._waiters: set[_Waiter] = set()
        self._listeners: set[asyncio.Queue[Json]] = set()

    @property
    def last(self) -> int:
        return len(self._records)

    def add(self, kind: str, chat: int, **content: Any) -> Json:
        seq = len(self._records) + 1
        at = {"monotonic": time.monotonic(), "unix": time.time()}
        record = {"seq": seq, "at": at, "kind": kind, "chat": chat, **content}
        self._records.append(record)
        self._by_chat[chat].append(seq)
        for waiter in self._waiters:
            self._tell(waiter, record)
        for listener in self._listeners:
            listener.put_nowait(record)
        return record

    def mention(self, kind: str, **content: Any) -> None:
        """Tell those who listen now of what is not kept: the bot is typing, something about the chats has changed."""
        for listener in self._listeners:
            listener.put_nowait({"kind": kind, **content})

    def read(self, wanted: Wanted) -> list[Json]:
        if wanted.chat is None:
            candidates = self._records[max(wanted.after, 0) :]
        else:
            numbers = self._by_chat.get(wanted.chat, [])
            candidates = [self._records[seq - 1] for seq in numbers[bisect_right(numbers, wanted.after) :]]
        return [record for record in candidates if wanted.fits(record)]

    async def wait(self, wanted: Wanted, count: int, timeout: float) -> tuple[list[Json], bool]:  # noqa: ASYNC109  an answer, not an error
        """Wait for `count` records; give what there is, and whether that is enough, after `timeout` seconds at most."""
        records = self.read(wanted)
        if len(records) >= count:
            return records, True
        waiter = _Waiter(wanted, count - len(records), asyncio.get_running_loop().create_future())
        self._waiters.add(waiter)
        try:
            await asyncio.wait([waiter.done], timeout=timeout)
        finally:
            self._waiters.discard(waiter)
        return self.read(wanted), waiter.done.done()

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[Json]]:
        """Give a queue in which each new record arrives, and each mention (which has no `seq`)."""
        queue: asyncio.Queue[Json] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    def _tell(self, waiter: _Waiter, record: Json) -> None:
        if not waiter.wanted.fits(record):
            return
        waiter.missing -= 1
        if waiter.missing == 0 and not waiter.done.done():
            waiter.done.set_result(None)
