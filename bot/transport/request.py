"""PTB's requests over aiohttp: an eighth of the default's CPU, and errors that tell whether anything was sent."""

import asyncio
import io
import ipaddress
import json
import os
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from telegram.error import NetworkError, RetryAfter, TimedOut
from telegram.request import BaseRequest, RequestData

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter
    from telegram._utils.types import ODVInput

    _Seconds = ODVInput[float]

DEFAULT_NONE = BaseRequest.DEFAULT_NONE
# Hours have been seen; what is beyond a week is asked for again then.
LONGEST_THROTTLE = 7 * 86_400
# What PTB takes for a verdict on the call, the chat or the token by the status alone.
_VERDICTS = frozenset({400, 401, 403, 404, 409})


class NotSent(NetworkError):  # noqa: N818  it says what happened
    """No byte of the request was written (refused, no address, no connection in time): the call is free to repeat."""


class _ClosedMeanwhile(NotSent):
    """The server closed the kept-alive connection after it was chosen and before it was written to."""


class Unanswered(TimedOut):
    """The request was written, in part at least, and no answer came: the call may have been carried out."""


class Throttled(RetryAfter):
    """Telegram answered 429: PTB's RetryAfter without the deprecation warning that making and reading one gives."""

    @property
    def retry_after(self) -> timedelta:
        """How long Telegram asks to wait."""
        return self._retry_after


class AnswerTooLong(aiohttp.ClientPayloadError):
    """The answer has more bytes than are read."""


class _Body(aiohttp.payload.Payload):
    """A payload that knows whether its request began to be written: the headers go with the body's first part."""

    begun = False

    async def write_with_length(self, writer: "AbstractStreamWriter", content_length: int | None) -> None:
        # aiohttp raises without writing when the server has closed the kept-alive connection meanwhile.
        self.begun = writer.transport is not None and not writer.transport.is_closing()
        await super().write_with_length(writer, content_length)


class _Parameters(_Body, aiohttp.BytesPayload):
    """Parameters as one JSON object."""


class _Form(_Body, aiohttp.MultipartWriter):
    """Parameters and files."""


class AiohttpRequest(BaseRequest):
    """Requests to a Bot API server over kept-alive HTTP/1.1 connections.

    A request has one time limit, from the call to the last byte of the answer: `timeout` seconds, or the call's own
    `read_timeout` (long polls come with a longer one); `write_timeout` is part of it. `connect_timeout` bounds the
    opening of a connection, a call's own `pool_timeout` the wait for one and its opening.

    Proxies are taken from the environment (`https_proxy`, `no_proxy` ...), but never used for this machine itself.

    `gate` is asked before each request: while it says no, nothing is sent. `hang_up` ends what is under way.

    Raises NotSent, Unanswered and Throttled. For calls that change nothing (`get...`, downloads) an answer that was
    lost is a plain NetworkError, upon which PTB's polling backs off, and a late one a plain TimedOut. A refusal that is
    not Telegram's own is a plain NetworkError too. No error carries the URL, which holds the token, nor the error that
    caused it, which holds the URL.
    """

    __slots__ = ("_answer_limit", "_calls", "_connections", "_gate", "_hung_up", "_limits", "_proxies", "_session")

    def __init__(
        self,
        *,
        connections: int = 64,
        timeout: float = 20.0,
        connect_timeout: float = 5.0,
        answer_limit: int = 20 * 2**20,
        gate: Callable[[], bool] = lambda: True,
    ) -> None:
        """Times are seconds; `answer_limit` is the longest answer read, in bytes (files have up to 20 MB)."""
        self._connections = connections
        self._answer_limit = answer_limit
        self._limits = aiohttp.ClientTimeout(total=timeout, sock_connect=connect_timeout)
        self._session: aiohttp.ClientSession | None = None
        self._proxies: dict[str, str | None] = {}
        self._gate = gate
        self._calls: set[asyncio.Timeout] = set()
        self._hung_up = False

    @property
    def read_timeout(self) -> float | None:
        """The time limit of a call that brings none, in seconds."""
        return self._limits.total

    async def initialize(self) -> None:
        """Open the pool of connections, in the running event loop; once more does nothing."""
        if self._session is not None:
            return
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections),
            cookie_jar=aiohttp.DummyCookieJar(),
            # Unpacked answers could be of any size.
            auto_decompress=False,
            headers={"User-Agent": self.USER_AGENT, "Accept-Encoding": "identity"},
        )

    async def shutdown(self) -> None:
        """Close all connections; once more does nothing."""
        if self._session is None:
            return
        session, self._session = self._session, None
        await session.close()

    def hang_up(self) -> int:
        """Wait for no answer any more, and send nothing from now on. Returns how many calls were under way."""
        if self._hung_up:
            return 0
        self._hung_up = True
        for call in self._calls:
            call.reschedule(asyncio.get_running_loop().time())
        return len(self._calls)

    async def do_request(  # noqa: PLR0913, PLR0917  the signature is PTB's
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: "_Seconds" = DEFAULT_NONE,
        write_timeout: "_Seconds" = DEFAULT_NONE,  # noqa: ARG002  part of the one limit
        connect_timeout: "_Seconds" = DEFAULT_NONE,
        pool_timeout: "_Seconds" = DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one request; the answer's status and body."""
        limits = self._limits_for(read_timeout, connect_timeout, pool_timeout)
        try:
            return await self._attempt(url, method, request_data, limits)
        except _ClosedMeanwhile:
            return await self._attempt(url, method, request_data, limits)

    async def _attempt(
        self, url: str, method: str, request_data: RequestData | None, limits: aiohttp.ClientTimeout
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise RuntimeError("The request object is not running: call initialize() first")
        if self._hung_up or not self._gate():
            raise NotSent("Nothing was sent to Telegram: the bot is stopping, or may not be the one that runs")
        body = None if method == "GET" else _body(request_data)
        proxy = self._proxy_for(url)
        call = asyncio.timeout(None)
        self._calls.add(call)
        try:
            # A redirect would carry the token to another address.
            async with (
                call,
                self._session.request(
                    method, url, data=body, timeout=limits, proxy=proxy, allow_redirects=False
                ) as answer,
            ):
                status, data = answer.status, await self._read(answer)
        except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
            failure = _failure(error, body, changes_nothing=method == "GET" or _only_asks(url))
        else:
            if status == HTTPStatus.TOO_MANY_REQUESTS:
                _raise_if_throttled(data)
            if status in _VERDICTS:
                _raise_unless_telegrams(status, data)
            return status, data
        finally:
            self._calls.discard(call)
        # Raised out here so that it does not carry `error`, whose text may hold the URL.
        raise failure

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        data = bytearray()
        async for chunk in answer.content.iter_any():
            data += chunk
            if len(data) > self._answer_limit:
                raise AnswerTooLong
        return bytes(data)

    def _limits_for(self, total: "_Seconds", connect: "_Seconds", pool: "_Seconds") -> aiohttp.ClientTimeout:
        if total is DEFAULT_NONE and connect is DEFAULT_NONE and pool is DEFAULT_NONE:
            return self._limits
        return aiohttp.ClientTimeout(
            total=_given(total, self._limits.total),
            sock_connect=_given(connect, self._limits.sock_connect),
            connect=_given(pool, None),
        )

    def _proxy_for(self, url: str) -> str | None:
        # aiohttp's own `trust_env` reads the environment in a thread for each request.
        origin = "/".join(url.split("/", 3)[:3])
        if origin not in self._proxies:
            self._proxies[origin] = _proxy_from_environment(origin)
        return self._proxies[origin]


def _body(data: RequestData | None) -> _Parameters | _Form:
    if data is None or not data.contains_files:
        return _Parameters(data.json_payload if data else b"{}", content_type="application/json")
    form = _Form("form-data")
    for name, value in data.json_parameters.items():
        # The Bot API takes names and values as plain UTF-8.
        form.append(value).set_content_disposition("form-data", quote_fields=False, name=name)
    for name, (filename, content, media_type) in data.multipart_data.items():
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        part = form.append(stream, {"Content-Type": media_type})
        part.set_content_disposition("form-data", quote_fields=False, name=name, filename=filename)
    return form


def _failure(error: Exception, body: _Body | None, *, changes_nothing: bool) -> NetworkError:
    """What a failed request comes to: one that began to be written may have arrived whole."""
    if body is not None and not body.begun:
        opened = isinstance(error, aiohttp.ClientOSError) and not isinstance(error, aiohttp.ClientConnectorError)
        kind = _ClosedMeanwhile if opened else NotSent
        return kind(f"Nothing was sent to Telegram: {_in_words(error)}")
    late = isinstance(error, TimeoutError)
    text = f"{'No answer came in time' if late else 'The answer was lost'}: {_in_words(error)}"
    if not changes_nothing:
        return Unanswered(text)
    return TimedOut(text) if late else NetworkError(text)


def _in_words(error: Exception) -> str:
    """The error's name and reason without its own text, which may hold the token or a proxy's password."""
    name = type(error).__name__
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{name} ({error.status})"
    if isinstance(error, OSError) and error.errno and error.errno > 0:
        return f"{name} ({os.strerror(error.errno)})"
    return name


def _raise_if_throttled(answer: bytes) -> None:
    """Raise Throttled for as long as the answer asks; one that names no time is left to PTB."""
    try:
        seconds = json.loads(answer)["parameters"]["retry_after"]
    except (ValueError, LookupError, TypeError):
        return
    if isinstance(seconds, int) and seconds > 0:
        raise Throttled(min(seconds, LONGEST_THROTTLE))


def _raise_unless_telegrams(status: int, answer: bytes) -> None:
    """Raise NetworkError for a verdict that is not Telegram's own: a proxy or a gateway between us and it said so.

    Telegram's is an object with `ok` false and the status as `error_code` (Bot API, Making requests).
    """
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or said.get("ok") is not False or said.get("error_code") != status:
        raise NetworkError(
            f"Status {status} came from something between us and Telegram: its body is none of Telegram's"
        )


def _only_asks(url: str) -> bool:
    return url.rpartition("/")[2].startswith("get")


def _given(value: "_Seconds", default: float | None) -> float | None:
    return default if value is DEFAULT_NONE else value  # type: ignore[return-value]


def _proxy_from_environment(origin: str) -> str | None:
    """The proxy for `https://host:port`; None for none and for this machine. Raises NotSent for no HTTP proxy."""
    address = urlsplit(origin)
    host = address.hostname or ""
    if _is_this_machine(host) or proxy_bypass(host):
        return None
    proxy = getproxies().get(address.scheme)
    if proxy is not None and urlsplit(proxy).scheme != "http":
        raise NotSent(
            f"{address.scheme}_proxy names no proxy that begins with http://, which is the only kind supported"
        )
    return proxy


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
