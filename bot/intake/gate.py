"""The gate to the web: whatever is connected to is vetted, after its name was resolved and before it is spoken to."""

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.intake.addresses import AddressError, Allowed, literal_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_LOOK_UPS = 64
_SIP = 2**16  # bytes

Lookup = Callable[[str], list[str]]
"""A host's IP addresses. Blocks; raises OSError."""


def look_up(host: str) -> list[str]:
    """The host's IP addresses, as this system's resolver knows them. Blocks. Raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class _Socket(socket.socket):
    """Takes in no more at once than can be read without keeping others waiting, however small its parts are."""

    def __init__(self, family: int, kind: int, protocol: int, opened: "set[socket.socket]") -> None:
        super().__init__(family, kind, protocol)
        self._opened = opened
        opened.add(self)

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        return super().recv(min(size, _SIP), flags)

    def recv_into(self, buffer: "WriteableBuffer", size: int = 0, flags: int = 0, /) -> int:
        return super().recv_into(buffer, min(size or _SIP, _SIP), flags)

    def close(self) -> None:
        self._opened.discard(self)
        super().close()


class Gate(AbstractResolver):
    """Resolves names, and lets nobody through to an address that is not admitted."""

    def __init__(self, allowed: Allowed, lookup: Lookup) -> None:
        self._allowed = allowed
        self._lookup = lookup
        self._looking = asyncio.Semaphore(_LOOK_UPS)
        self._by_name: set[str] = set()  # addresses of hosts that are admitted wherever they are
        self._sockets: set[socket.socket] = set()

    @property
    def open_sockets(self) -> int:
        return len(self._sockets)

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002  both are asked for
    ) -> list[ResolveResult]:
        """Of the host's addresses those that may be connected to. Raises OSError, AddressError."""
        async with self._looking:
            found = await _in_thread(self._lookup, host)
        admitted = [address for address in found if self._admits(host, address)]
        if not admitted:
            raise AddressError(_refusal(host, found[0] if found else ""))
        if host in self._allowed.names:
            self._by_name.update(admitted)
        return [_resolved(host, address, port) for address in admitted]

    def vet(self, host: str) -> None:
        """Nobody resolves what is an address already. Raises AddressError."""
        literal = literal_of(host)
        if literal and not self._allowed.admits(host, literal):
            raise AddressError(_refusal(host))

    def socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        """The socket for a connection: nothing is connected to but through here."""
        family, kind, protocol, _, (address, *_) = info
        if str(address) not in self._by_name and not self._allowed.admits_address(ip_address(str(address))):
            raise AddressError(_refusal(str(address)))
        return _Socket(family, kind, protocol, self._sockets)

    async def close(self) -> None:
        """Nothing is kept open."""

    def _admits(self, host: str, address: str) -> bool:
        try:
            return self._allowed.admits(host, ip_address(address))
        except ValueError:
            return False


async def _in_thread(lookup: Lookup, host: str) -> list[str]:
    """What the look-up finds, in a thread of its own: it may hang for long, and nobody is to wait for it at the end."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[str]] = loop.create_future()

    def settle(addresses: list[str], error: Exception | None) -> None:
        if found.done():
            return
        if error:
            found.set_exception(error)
        else:
            found.set_result(addresses)

    def work() -> None:
        addresses, error = [], None
        try:
            addresses = lookup(host)
        except Exception as failure:  # noqa: BLE001  handed to who waits
            error = failure
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, addresses, error)

    threading.Thread(target=work, name="look-up", daemon=True).start()
    return await found


def _resolved(host: str, address: str, port: int) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=socket.AF_INET6 if ":" in address else socket.AF_INET,
        proto=socket.IPPROTO_TCP,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )


def _refusal(host: str, address: str = "") -> str:
    where = f"{host} is at {address}, which" if address else host
    return f"{where} is not on the public internet: NEWSCRIER_FETCH_ALLOW names what may be fetched all the same"
