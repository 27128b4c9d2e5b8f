"""How many requests are made at once: few to a host, and a bounded number in all."""

import asyncio


class Hosts:
    """Places for requests, by host. Who comes first to a host is served first."""

    def __init__(self, each: int, together: int) -> None:
        """So many at once to each host, and to all of them together."""
        self._each = each
        self._together = asyncio.Semaphore(together)
        self._hosts: dict[str, asyncio.Semaphore] = {}
        self._users: dict[str, int] = {}

    async def take(self, host: str) -> None:
        """Hold a place at the host until it is given back; wait for one that is free, however long."""
        here = self._hosts.get(host)
        if here is None:
            here = self._hosts[host] = asyncio.Semaphore(self._each)
        self._users[host] = self._users.get(host, 0) + 1
        # The host's first: who waits for a slow one holds nothing that others could use.
        try:
            await here.acquire()
        except BaseException:
            self._leave(host)
            raise
        try:
            await self._together.acquire()
        except BaseException:
            here.release()
            self._leave(host)
            raise

    def give_back(self, host: str) -> None:
        """Let the next one in."""
        self._together.release()
        self._hosts[host].release()
        self._leave(host)

    def _leave(self, host: str) -> None:
        self._users[host] -= 1
        if not self._users[host]:  # else every host ever asked would be remembered
            del self._users[host], self._hosts[host]
