"""Where others reach the bot: an application of ours served at an address, to however many come."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiohttp import web

from bot.errors import CannotRunError
from bot.waiting import until

MOST_CONNECTIONS = 256
"""At an address. With a few more that come at once, and all that the bot opens itself, they stay below the 1,024 files
that most systems let a process have: whoever opens many is to take neither Telegram nor the database from us."""
BACKLOG = 64
UNDER_WAY_SECONDS = 2.0  # what is being answered when the bot stops may take so long
RETRY_LISTENING_SECONDS = 1.0

log = logging.getLogger(__name__)


class Address(NamedTuple):
    """Where to listen."""

    host: str
    port: int
    """0: any that is free."""
    setting: str
    """What an operator has set it by."""

    def __str__(self) -> str:
        return shown(self.host, self.port)


class _Listener:
    """An application, and the address at which it is found once that can be had."""

    def __init__(self, app: web.Application) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=UNDER_WAY_SECONDS)
        self._listening: asyncio.Server | None = None

    async def open(self, address: Address) -> None:
        """Raises OSError."""
        if self._runner.server is None:
            await self._runner.setup()
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(self._let_in, address.host, address.port, backlog=BACKLOG)
        for socket in self._listening.sockets:
            host, port, *_ = socket.getsockname()
            log.info("listening", extra={"address": f"http://{shown(host, port)}", "as": address.setting})

    def _let_in(self) -> asyncio.Protocol:
        """Let in whoever comes: beyond the most, whoever came first gives way. Most that stay long want nothing."""
        server = self._runner.server
        assert server is not None  # noqa: S101  it is set up before it listens
        there = server.connections
        for connection in there[: max(0, len(there) + 1 - MOST_CONNECTIONS)]:
            if connection.transport:
                connection.transport.abort()
        return server()

    async def close(self) -> None:
        """Let nobody else in; what is under way may end."""
        if self._listening:
            self._listening.close()
        await self._runner.cleanup()


@asynccontextmanager
async def listening(
    app: web.Application,
    address: Address,
    ending: asyncio.Event,
    *,
    must: bool,
    every: float = RETRY_LISTENING_SECONDS,
) -> AsyncIterator[None]:
    """Serve the application until `ending` is set or the block ends; then what is under way may take 2 seconds more.

    `must`: raises CannotRunError when the address cannot be had. Otherwise that is said once, and it is tried again
    `every` so many seconds.
    """
    listener = _Listener(app)
    listens = False
    try:
        await listener.open(address)
        listens = True
    except OSError as error:
        why = f"{address.setting}: {address} cannot be listened on: {_words(error)}"
        if must:
            await listener.close()
            raise CannotRunError(why) from error
        log.warning(why)
    keeping = asyncio.create_task(
        _keep(listener, address, ending, None if listens else every), name=f"listen as {address.setting} says"
    )
    try:
        yield
    finally:
        if not ending.is_set():
            keeping.cancel()
        await asyncio.wait([keeping])


def _words(error: OSError) -> str:
    """What is wrong, in the system's words; names that are not found have numbers of their own, below 0."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)


async def _keep(listener: _Listener, address: Address, ending: asyncio.Event, every: float | None) -> None:
    """Listen until `ending` is set. `every`: so many seconds it is tried to; None: it does already."""
    try:
        while every is not None and not await until(ending, every):
            every = None if await _opens(listener, address) else every
        await ending.wait()
    finally:
        await listener.close()


async def _opens(listener: _Listener, address: Address) -> bool:
    try:
        await listener.open(address)
    except OSError:
        return False
    return True


def shown(host: str, port: int) -> str:
    """Host and port as people write them: `127.0.0.1:8080`, `[::1]:8080`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
