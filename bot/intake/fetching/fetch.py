"""Fetching from the web: whatever is out there costs bounded time and memory, and reaches nothing of our own."""

import asyncio
import base64
import errno
import os
import socket
import ssl
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from http import HTTPStatus
from importlib.metadata import version
from itertools import count
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import hdrs
from yarl import URL

from bot.intake.fetching.answers import kept, links_of, max_age, retry_after, until_expiry
from bot.intake.fetching.gate import Gate, Lookup, look_up
from bot.intake.fetching.hosts import Hosts
from bot.intake.fetching.unpacking import CodingError, Unpacker
from bot.intake.parsing.addresses import AddressError, Allowed, Login, parse_url, shown_url, without_credentials

if TYPE_CHECKING:
    from multidict import CIMultiDictProxy

    _Headers = CIMultiDictProxy[str]

FEED_LIMIT = 10 * 2**20
"""Bytes of a feed that are read, unpacked."""
FEEDS = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
)
"""What a feed may come as (RFC 9110, Accept)."""
PAGES = "text/html, application/xhtml+xml, */*;q=0.1"
_NOT_MODIFIED = HTTPStatus.NOT_MODIFIED
_PERMANENT = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})
_SAME_METHOD = frozenset({HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT})
_REDIRECTS = _PERMANENT | _SAME_METHOD | {HTTPStatus.FOUND, HTTPStatus.SEE_OTHER}
_LINE_LIMIT = 16 * 2**10  # some sites' headers are long: policies, cookies
_RESOLVED_SECONDS = 60
_RESOLVED_HOSTS = 10_000
_IDLE_SECONDS = 5.0
_MOST_PARTS = 20_000  # of a body; each costs time, however small it is
_ADDRESSES_REMEMBERED = 10_000  # feeds are asked again and again; an address takes a kilobyte


class FetchError(Exception):
    """There is no answer. The message says why in words for the operator; it holds no credentials."""


class AddressRefusedError(FetchError):
    """The address, or one that it led to, may not be fetched."""


class CrowdedError(FetchError):
    """It redirects to a host where others took all places for longer than who asked would wait."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What fetching may take."""

    total: float = 30.0
    """Seconds for an address with all its redirects; waiting for a place is not counted."""
    connect: float = 10.0
    """Seconds until an address is connected to."""
    redirects: int = 5
    each_host: int = 2
    """Connections at once to a host."""
    together: int = 64
    """Connections at once."""
    open: int = 400
    """Connections that may be open, idle ones included: with more, none is kept."""
    small: int = 2**20
    """Bytes of a body that anybody may read; beyond that ..."""
    large: int = 4
    """... so many at once, since they are all in memory."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. Its status is a value, not an error."""

    status: int
    url: str
    """Where it came from in the end, without credentials."""
    moved_to: str = field(default="", repr=False)
    """The address to ask from now on, credentials included: as far as all redirects were permanent. Empty: the same."""
    body: bytes = field(default=b"", repr=False)
    """Unpacked. Empty unless the status is 2xx."""
    cut: bool = False
    """The body is not whole: there was more than the limit, or it broke off; then there is no `etag`, no `modified`."""
    content_type: str = ""
    etag: str = ""
    """To be given the next time, as is `modified`."""
    modified: str = ""
    retry_after: timedelta | None = None
    """How long the server asks to be left alone."""
    max_age: timedelta | None = None
    """How long the answer is fresh; zero: not at all. None: the server does not say."""
    hub: str = ""
    """Where the server says it can be subscribed to (WebSub, rel=hub); empty: it does not."""
    topic: str = ""
    """What the server calls it (WebSub, rel=self); empty: nothing."""


@dataclass(slots=True)
class _Request:
    method: str
    headers: Mapping[str, str]
    limit: int
    fields: Mapping[str, str] | None = None
    patience: float | None = None
    """Seconds to wait for a place at a host that it is redirected to; None: however long."""


@dataclass(slots=True)
class _Answer:
    """One answer, a redirect perhaps."""

    url: URL
    status: int
    headers: "_Headers"
    unpacker: Unpacker | None = None
    """Its body, as far as it was read; None: it was not."""

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class _Trail:
    """The way along redirects: who is asked next, and as whom."""

    def __init__(self, url: URL, login: Login | None) -> None:
        self.url = url
        self.login = login
        self.moved_to = ""
        self._seen = [url]
        self._is_permanent = True

    def follow(self, status: int, target: URL) -> None:
        """Go on to where this redirect leads. Raises FetchError."""
        if target in self._seen:
            raise FetchError("it redirects in a circle")
        # A site that once leaves TLS off is followed there, and asked with it again the next time.
        self._is_permanent = self._is_permanent and status in _PERMANENT and not _is_downgrade(self.url, target)
        if target.origin() != self.url.origin():
            self.login = None
        self.url = target
        self._seen.append(target)
        if self._is_permanent:
            self.moved_to = str(_with_login(target, self.login))

    @property
    def leads_elsewhere(self) -> bool:
        """Whether it has come to another host than the one that was asked first."""
        return self.url.raw_host != self._seen[0].raw_host


def host_of(address: str) -> str:
    """Who is asked for this address; empty: nobody can be."""
    try:
        url, _ = _asked_for(address)
    except AddressError:
        return ""
    return url.raw_host or ""


def user_agent(contact: str) -> str:
    """What sites are told about who fetches; `contact` is where they reach the operator."""
    name = f"Newscrier/{version('newscrier')}"
    return f"{name} (+{contact})" if contact else name


class Fetcher:
    """Fetches addresses over kept-alive HTTP/1.1 connections, politely.

    Only http and https, only what `allowed` admits: each address that a name resolves to is vetted before it is
    connected to, whether it was given, redirected to or resolved. No proxies, no cookies.
    """

    def __init__(
        self,
        allowed: Allowed,
        agent: str,
        now: Callable[[], datetime],
        *,
        limits: Limits | None = None,
        lookup: Lookup = look_up,
    ) -> None:
        """`agent` is the User-Agent; `now` tells the time, aware, for servers that name a date."""
        self._agent = agent
        self._now = now
        self._limits = limits or Limits()
        self._hosts = Hosts(self._limits.each_host, self._limits.together)
        self._large = asyncio.Semaphore(self._limits.large)
        self._gate = Gate(allowed, lookup)
        self._sessions: dict[bool, aiohttp.ClientSession] = {}  # by whether their connections are kept

    def get(  # noqa: PLR0913  all that is said of a request
        self,
        url: str,
        *,
        etag: str = "",
        modified: str = "",
        limit: int = FEED_LIMIT,
        accept: str = FEEDS,
        patience: float | None = None,
    ) -> Coroutine[Any, Any, Fetched]:
        """Fetch an address; `etag` and `modified` are what its last answer said: unchanged, the status is 304.

        Of the body `limit` bytes are read, unpacked. `patience`: so many seconds it waits for a place at a host that it
        is redirected to; None: however long. Raises FetchError, AddressRefusedError, CrowdedError.
        """
        headers = {"Accept": accept}
        if etag:
            headers["If-None-Match"] = etag
        if modified:
            headers["If-Modified-Since"] = modified
        return self._fetch(url, _Request("GET", headers, limit, patience=patience))

    def post(self, url: str, fields: Mapping[str, str], *, limit: int = FEED_LIMIT) -> Coroutine[Any, Any, Fetched]:
        """Send a form. Redirects that would make another request of it are not followed: they are the answer.

        Raises FetchError, AddressRefusedError.
        """
        return self._fetch(url, _Request("POST", {}, limit, fields))

    async def close(self) -> None:
        """Close all connections; once more does nothing."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    async def _fetch(self, address: str, request: _Request) -> Fetched:
        try:
            trail = _Trail(*_asked_for(address))
            left = self._limits.total
            for _ in range(self._limits.redirects + 1):
                answer, left = await self._hop(trail, request, left)
                target = _target(answer, request)
                if target is None:
                    return self._fetched(answer, trail.moved_to, request)
                trail.follow(answer.status, target)
        except AddressError as error:
            raise AddressRefusedError(str(error)) from None
        raise FetchError(f"it redirects more than {self._limits.redirects} times")

    async def _hop(self, trail: _Trail, request: _Request, left: float) -> tuple[_Answer, float]:
        """One request and its answer; how many seconds are left then."""
        host = trail.url.raw_host or ""
        self._gate.vet(host)
        loop = asyncio.get_running_loop()
        if request.patience is not None and trail.leads_elsewhere:
            await self._take_place(host, request.patience)
        else:
            await self._hosts.take(host)
        try:
            begun = loop.time()
            answer = await self._asked(trail.url, trail.login, request, left)
            return answer, left - (loop.time() - begun)
        finally:
            self._hosts.give_back(host)

    async def _take_place(self, host: str, patience: float) -> None:
        """Wait for a place at the host for so many seconds. Raises CrowdedError."""
        try:
            async with asyncio.timeout(patience):
                await self._hosts.take(host)
        except TimeoutError:
            raise CrowdedError(f"it redirects to {host}, where all places are taken") from None

    async def _asked(self, url: URL, login: Login | None, request: _Request, left: float) -> _Answer:
        answer: _Answer | None = None
        headers = request.headers
        if login:
            headers = {**headers, "Authorization": _basic(login)}
        is_kept = self._gate.open_sockets <= self._limits.open
        if not is_kept:
            headers = {**headers, "Connection": "close"}
        session = self._sessions.get(is_kept) or self._opened(is_kept=is_kept)
        try:
            async with (
                asyncio.timeout(left) as clock,
                session.request(
                    request.method, url, headers=headers, data=request.fields, allow_redirects=False
                ) as response,
            ):
                self._gate.hear(response.connection)
                answer = _Answer(url, response.status, response.headers)
                if answer.is_success:
                    answer.unpacker = Unpacker(response.headers.get(hdrs.CONTENT_ENCODING, ""), request.limit)
                    await self._read(response.content, answer.unpacker, clock)
        except CodingError as error:
            raise FetchError(f"it comes {error}") from None
        except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
            if answer is None or answer.unpacker is None or not answer.unpacker.size:
                raise FetchError(self._reason(error, url.raw_host or "")) from None
            answer.unpacker.broken = True
        if answer.unpacker and answer.unpacker.broken and not answer.unpacker.size:
            raise FetchError("what came cannot be unpacked")
        return answer

    async def _read(self, content: aiohttp.StreamReader, unpacker: Unpacker, clock: asyncio.Timeout) -> None:
        is_large = False
        try:
            parts = count(1)
            # Not all that has come at once: who sends a byte at a time is heard for so long only.
            async for part, _ in content.iter_chunks():
                for _ in unpacker.feed(part):
                    if unpacker.size > self._limits.small and not is_large:
                        await self._wait_for_room(clock)
                        is_large = True
                    await asyncio.sleep(0)
                unpacker.cut = unpacker.cut or next(parts) > _MOST_PARTS
                if not unpacker.wants_more:
                    return
            unpacker.end()
        finally:
            if is_large:
                self._large.release()

    async def _wait_for_room(self, clock: asyncio.Timeout) -> None:
        """Wait until so much may be in memory; the clock stands still."""
        loop = asyncio.get_running_loop()
        left = (clock.when() or 0.0) - loop.time()
        clock.reschedule(None)
        await self._large.acquire()
        clock.reschedule(loop.time() + left)

    def _fetched(self, answer: _Answer, moved: str, request: _Request) -> Fetched:
        if answer.status == _NOT_MODIFIED:
            return self._unchanged(answer, moved, request.headers)
        headers, body = answer.headers, answer.unpacker
        # Of half an answer nothing holds, else the other half would never be asked for.
        is_broken = body is not None and body.broken
        links = headers.getall(hdrs.LINK, ())
        return Fetched(
            status=answer.status,
            url=str(answer.url),
            moved_to=moved,
            body=body.body if body else b"",
            cut=body is not None and (body.cut or body.broken),
            content_type=kept(headers.get(hdrs.CONTENT_TYPE, "")),
            etag="" if is_broken else kept(headers.get(hdrs.ETAG, "")),
            modified="" if is_broken else kept(headers.get(hdrs.LAST_MODIFIED, "")),
            retry_after=self._retry_after(headers),
            max_age=self._max_age(headers),
            hub=_linked(answer.url, links, "hub") if links else "",
            topic=_linked(answer.url, links, "self") if links else "",
        )

    def _unchanged(self, answer: _Answer, moved: str, given: Mapping[str, str]) -> Fetched:
        """Most answers are that: what was given still holds, as far as the answer does not say otherwise."""
        headers = answer.headers
        etag, modified = headers.get(hdrs.ETAG), headers.get(hdrs.LAST_MODIFIED)
        return Fetched(
            answer.status,
            str(answer.url),
            moved,
            etag=kept(etag) if etag else given.get("If-None-Match", ""),
            modified=kept(modified) if modified else given.get("If-Modified-Since", ""),
            max_age=self._max_age(headers),
        )

    def _retry_after(self, headers: "_Headers") -> timedelta | None:
        said = headers.get(hdrs.RETRY_AFTER)
        return retry_after(said, headers.get(hdrs.DATE, ""), self._now()) if said else None

    def _max_age(self, headers: "_Headers") -> timedelta | None:
        control = headers.getall(hdrs.CACHE_CONTROL, ())
        said = max_age(", ".join(control), headers.get(hdrs.AGE, "")) if control else None
        if said is not None:
            return said
        expires = headers.get(hdrs.EXPIRES)
        return until_expiry(expires, headers.get(hdrs.DATE, ""), self._now()) if expires else None

    def _opened(self, *, is_kept: bool) -> aiohttp.ClientSession:
        session = self._sessions[is_kept] = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=self._gate,
                socket_factory=self._gate.socket,
                limit=0,  # who waits for a place does so outside the time limit
                ttl_dns_cache=_RESOLVED_SECONDS,
                dns_cache_max_size=_RESOLVED_HOSTS,
                force_close=not is_kept,  # not every server does as it is told
                keepalive_timeout=_IDLE_SECONDS if is_kept else None,
            ),
            timeout=aiohttp.ClientTimeout(sock_connect=self._limits.connect),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # unpacked by itself a body could be of any size
            headers={"User-Agent": self._agent, "Accept-Encoding": "gzip, deflate"},
            max_line_size=_LINE_LIMIT,
            max_field_size=_LINE_LIMIT,
        )
        return session

    def _reason(self, error: Exception, host: str) -> str:  # noqa: PLR0911  as many as there are ways to fail
        match error:
            case aiohttp.ConnectionTimeoutError():
                return f"{host} could not be reached within {self._limits.connect:g} s"
            case TimeoutError():
                return f"{host} did not answer within {self._limits.total:g} s"
            case aiohttp.ClientConnectorDNSError():
                passes = error.os_error.errno == socket.EAI_AGAIN
                return f"the name {host} cannot be looked up now" if passes else f"there is no host named {host}"
            case aiohttp.ClientConnectorCertificateError(certificate_error=ssl.SSLCertVerificationError() as cause):
                return f"the TLS certificate of {host} is not valid: {cause.verify_message}"
            case aiohttp.ClientSSLError():
                return f"{host} and this machine found no common TLS"
            case aiohttp.ClientConnectorError():
                return f"{host} could not be connected to: {_system_words(error.os_error)}"
            case aiohttp.ClientPayloadError():
                return f"the answer of {host} broke off"
            case aiohttp.ClientResponseError() | aiohttp.ClientOSError(errno=errno.EMSGSIZE):
                return f"{host} answered what is not HTTP, or too much of it"
            case _:
                return f"{host} closed the connection before it answered"


@lru_cache(_ADDRESSES_REMEMBERED)
def _asked_for(address: str) -> tuple[URL, Login | None]:
    """What is asked for, and as whom. Raises AddressError."""
    url, login = without_credentials(parse_url(address))
    return url.with_fragment(None), login


def _target(answer: _Answer, request: _Request) -> URL | None:
    """Where a redirect leads, without credentials; None: it is none, or none to follow. Raises AddressError."""
    location = answer.headers.get(hdrs.LOCATION, "")
    if not location or answer.status not in (_SAME_METHOD if request.fields is not None else _REDIRECTS):
        return None
    try:
        target, _ = without_credentials(parse_url(str(answer.url.join(URL(location)))))
    except ValueError as error:
        why = f": {error}" if isinstance(error, AddressError) else ""
        raise AddressError(f"it redirects to {shown_url(location)}{why}") from None
    if request.fields is not None and _is_downgrade(answer.url, target):
        raise AddressError(f"it redirects to {shown_url(str(target))}: what is sent under TLS stays under it")
    return target.with_fragment(None)


def _is_downgrade(one: URL, other: URL) -> bool:
    return one.scheme == "https" and other.scheme == "http"


def _with_login(url: URL, login: Login | None) -> URL:
    return url.with_user(login.user).with_password(login.password) if login else url


def _basic(login: Login) -> str:
    # RFC 7617, with UTF-8.
    return "Basic " + base64.b64encode(f"{login.user}:{login.password}".encode()).decode("ascii")


def _linked(url: URL, headers: Iterable[str], rel: str) -> str:
    """The first address with this relation that could be fetched, absolute; empty: there is none."""
    for address in links_of(headers, rel):
        try:
            return str(parse_url(str(url.join(URL(address)))))
        except ValueError:
            continue
    return ""


def _system_words(error: OSError) -> str:
    return os.strerror(error.errno).lower() if error.errno else "no way there"
