"""How many requests are made at once: few to a host, and a bounded number in all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Hosts:
    """Places for requests, by host. Who comes first to a host is served first."""

    def __init__(self, each: int, together: int) -> None:
        """So many at once to each host, and to all of them together."""
        self._each = each
        self._together = asyncio.Semaphore(together)
        self._hosts: dict[str, asyncio.Semaphore] = {}
        self._users: dict[str, int] = {}

    @asynccontextmanager
    async def place(self, host: str) -> AsyncIterator[None]:
        """Hold a place at the host for the block; wait for one that is free, however long."""
        here = self._hosts.get(host)
        if here is None:
            here = self._hosts[host] = asyncio.Semaphore(self._each)
        self._users[host] = self._users.get(host, 0) + 1
        try:
            # The host's first: who waits for a slow one holds nothing that others could use.
            async with here, self._together:
                yield
        finally:
            self._leave(host)

    def _leave(self, host: str) -> None:
        self._users[host] -= 1
        if not self._users[host]:  # else every host ever asked would be remembered
            del self._users[host], self._hosts[host]
