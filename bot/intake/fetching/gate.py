"""The gate to the web: whatever is connected to is vetted, after its name was resolved and before it is spoken to."""

import asyncio
import errno
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.intake.parsing.addresses import AddressError, Allowed, literal_of

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_LOOK_UPS = 64
_SIP = 2**16  # bytes
# Until an answer is heard: a server may send any number of heads before it (RFC 9110, 15.2), and each costs time.
_FIRST_SIP = 2**12
_MOST_UNHEARD = 2**17

Lookup = Callable[[str], list[str]]
"""A host's IP addresses. Blocks; raises OSError."""


def look_up(host: str) -> list[str]:
    """The host's IP addresses, as this system's resolver knows them. Blocks. Raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class _Socket(socket.socket):
    """Takes in no more at once than can be read without keeping others waiting, however small its parts are.

    Of what comes before an answer is heard it takes so much only; then OSError (EMSGSIZE) is raised.
    """

    def __init__(self, family: int, kind: int, protocol: int, opened: "dict[int, _Socket]") -> None:
        super().__init__(family, kind, protocol)
        self._opened = opened
        self._unheard: int | None = 0  # bytes that have come since we asked; None: they are being heard
        opened[self.fileno()] = self

    def hear(self) -> None:
        """An answer has begun: its body may be of any size."""
        self._unheard = None

    def send(self, data: "ReadableBuffer", flags: int = 0, /) -> int:
        self._unheard = 0
        return super().send(data, flags)

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        if self._unheard is None:
            return super().recv(min(size, _SIP), flags)
        data = super().recv(min(size, _FIRST_SIP), flags)
        self._count(len(data))
        return data

    def recv_into(self, buffer: "WriteableBuffer", size: int = 0, flags: int = 0, /) -> int:
        taken = super().recv_into(buffer, min(size or _SIP, self._sip), flags)
        self._count(taken)
        return taken

    def close(self) -> None:
        self._opened.pop(self.fileno(), None)
        super().close()

    @property
    def _sip(self) -> int:
        return _SIP if self._unheard is None else _FIRST_SIP

    def _count(self, taken: int) -> None:
        if self._unheard is None:
            return
        self._unheard += taken
        if self._unheard > _MOST_UNHEARD:
            raise OSError(errno.EMSGSIZE, "no answer in all that has come")


class Gate(AbstractResolver):
    """Resolves names, and lets nobody through to an address that is not admitted."""

    def __init__(self, allowed: Allowed, lookup: Lookup) -> None:
        self._allowed = allowed
        self._lookup = lookup
        self._looking = asyncio.Semaphore(_LOOK_UPS)
        self._by_name: set[str] = set()  # addresses of hosts that are admitted wherever they are
        self._sockets: dict[int, _Socket] = {}  # by their file descriptors

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

    def hear(self, connection: "aiohttp.connector.Connection | None") -> None:
        """An answer has begun on this connection; None: it has come as a whole."""
        transport = connection and connection.transport
        if transport and (opened := self._sockets.get(transport.get_extra_info("socket").fileno())):
            opened.hear()

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
