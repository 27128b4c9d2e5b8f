"""How many requests are made at once: few to a host, and a bounded number in all."""

import asyncio


class _Host(asyncio.Semaphore):
    users = 0
    """Who holds a place, or waits for one."""


class Hosts:
    """Places for requests, by host. Who comes first to a host is served first."""

    def __init__(self, each: int, together: int) -> None:
        """So many at once to each host, and to all of them together."""
        self._each = each
        self._together = asyncio.Semaphore(together)
        self._hosts: dict[str, _Host] = {}

    async def take(self, host: str) -> None:
        """Hold a place at the host until it is given back; wait for one that is free, however long."""
        here = self._hosts.get(host)
        if here is None:
            here = self._hosts[host] = _Host(self._each)
        here.users += 1
        # The host's first: who waits for a slow one holds nothing that others could use.
        try:
            await here.acquire()
        except BaseException:
            self._leave(host, here)
            raise
        try:
            await self._together.acquire()
        except BaseException:
            here.release()
            self._leave(host, here)
            raise

    def give_back(self, host: str) -> None:
        """Let the next one in."""
        here = self._hosts[host]
        self._together.release()
        here.release()
        self._leave(host, here)

    def _leave(self, host: str, here: _Host) -> None:
        here.users -= 1
        if not here.users:  # else every host ever asked would be remembered
            del self._hosts[host]
