"""One small server: what is asked of the bot by HTTP, and whether it is well.

    POST /articles, ...                 programs (see programs.py)
    GET, POST /websub/SOURCE/MARK       a hub that asks whether it is to send, and what it sends
    GET /healthz, /readyz, /metrics     for monitoring

Whatever is wrong with a request is answered in JSON: {"error": "..."}.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import nullcontext
from functools import partial

from aiohttp import web

from bot.intake.feeds.websub import PATH, Hubs, Received
from bot.intake.fetching.unpacking import CodingError, Unpacker
from bot.intake.parsing.entries import NoReaderError
from bot.intake.processes.workers import WorkersClosedError
from storage import Store, StoreUnavailable

BODY_LIMIT = 10_000_000
"""Bytes of a request."""
LONG = 1_000_000
"""Bytes of a body of which only so many at once are in memory; one that does not say its length counts as long."""
LONG_AT_ONCE = 8
READ_SECONDS = 30.0  # in which a request's body must have come
IDLE_SECONDS = 90.0  # in which a whole head must have come; longer than proxies keep what is idle
STORE_SECONDS = 2.0  # a store that takes longer is not ready
RETRY_AFTER_SECONDS = 5
OF_FEED = f"{PATH}/{{source}}/{{mark}}"
METHODS = {"GET", "HEAD", "POST", "PATCH", "DELETE"}  # others may have any name
log = logging.getLogger(__name__)

Route = web.AbstractRouteDef
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

dumps = partial(json.dumps, ensure_ascii=False)
"""JSON as it is answered."""
_WORDS = {
    404: "there is nothing at this address",
    400: "the body broke off, or cannot be unpacked",
    415: "expected application/json or application/x-ndjson, in UTF-8, plain or gzip",
    405: "this address does not take this method",
    408: f"the request did not come within {READ_SECONDS:g} seconds",
    413: f"the request has over {BODY_LIMIT // 1_000_000} MB",
}


def answer(said: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer in JSON."""
    return web.json_response(said, status=status, headers=headers, dumps=dumps)


def fault(status: int, why: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """What is wrong with a request, in words."""
    return answer({"error": why}, status, headers)


def unavailable(why: str) -> web.Response:
    """What was asked for cannot be done now, and may be asked for again."""
    return fault(503, why, {"Retry-After": str(RETRY_AFTER_SECONDS)})


async def _in_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        kept = {name: value for name, value in error.headers.items() if name in {"Allow", "WWW-Authenticate"}}
        return fault(error.status, _WORDS.get(error.status) or error.reason, kept)
    except StoreUnavailable as error:
        log.debug("a request has met a store that fails", extra={"error": str(error)})
        return unavailable("the store cannot be used now")
    except (NoReaderError, WorkersClosedError):
        return unavailable("nothing so long can be read now")
    except Exception:
        log.exception("a request has failed", extra={"method": request.method, "route": _route(request)})
        return fault(500, "something is wrong here: the log says what")


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else ""


def _is_long(request: web.Request) -> bool:
    if not request.can_read_body:
        return False
    return request.content_length is None or request.content_length > LONG or "Content-Encoding" in request.headers


def make_app(routes: Iterable[Route], answered: Callable[[str, str, int], None] | None = None) -> web.Application:
    """An application of these routes, that answers what is wrong in JSON.

    `answered` is told of each answer: the method, the address (as its pattern; empty: none of ours) and the status.
    """
    long_ones = asyncio.Semaphore(LONG_AT_ONCE)

    @web.middleware
    async def said_in_json(request: web.Request, handler: Handler) -> web.StreamResponse:
        # What waits here is with whoever sends it: hardly anything of it has been read.
        async with long_ones if _is_long(request) else nullcontext():
            response = await _in_json(request, handler)
        if answered:
            method = request.method if request.method in METHODS else "other"
            answered(method, _route(request), response.status)
        return response

    # Unpacked by itself, what is left of a body that nobody wants any more would be unpacked at one go, however much.
    handling = {"auto_decompress": False, "keepalive_timeout": IDLE_SECONDS}
    app = web.Application(middlewares=[said_in_json], handler_args=handling)
    app.router.add_routes(routes)
    return app


class Health:
    """Whether the process is alive, and whether it is ready: `/healthz`, `/readyz`."""

    def __init__(self, store: Store, *, is_introduced: Callable[[], bool]) -> None:
        """`is_introduced`: whether Telegram knows us by now."""
        self._store = store
        self._is_introduced = is_introduced

    def routes(self) -> list[Route]:
        """What to make an application of."""
        return [web.get("/healthz", self._alive), web.get("/readyz", self._ready)]

    async def _alive(self, _request: web.Request) -> web.Response:
        return answer({"alive": True})

    async def _ready(self, _request: web.Request) -> web.Response:
        parts = {"store": await self._store_answers(), "telegram": self._is_introduced()}
        ready = all(parts.values())
        return answer({"ready": ready, **parts}, 200 if ready else 503)

    async def _store_answers(self) -> bool:
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await self._store.log.head()
        except (StoreUnavailable, TimeoutError):
            return False
        return True


async def body_of(request: web.Request) -> bytes:
    """What the request brings, unpacked. Raises HTTPException: it is too much, takes too long or cannot be read."""
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await _unpacked(await _read(request), request.headers.get("Content-Encoding", ""))
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except CodingError:
        raise web.HTTPUnsupportedMediaType from None
    except (web.RequestPayloadError, ConnectionError):
        raise web.HTTPBadRequest from None


async def _read(request: web.Request) -> bytes:
    """The body as it comes: `request.read` would keep it in memory for as long as the connection is open."""
    body = bytearray()
    async for part in request.content.iter_any():
        body += part
        if len(body) > BODY_LIMIT:
            raise web.HTTPRequestEntityTooLarge(BODY_LIMIT)
    return bytes(body)


async def _unpacked(data: bytes, coding: str) -> bytes:
    """Raises CodingError, HTTPException."""
    if not coding:
        return data
    unpacker = Unpacker(coding, BODY_LIMIT)
    for _ in unpacker.feed(data):
        await asyncio.sleep(0)
    unpacker.end()
    if unpacker.cut:
        raise web.HTTPRequestEntityTooLarge(BODY_LIMIT)
    if unpacker.broken:
        raise web.HTTPBadRequest
    return unpacker.body


class Calls:
    """What hubs may say (WebSub): whether we have asked them to send, and what they send."""

    def __init__(self, hubs: Hubs) -> None:
        self._hubs = hubs

    def routes(self) -> list[web.AbstractRouteDef]:
        """What to make an application of."""
        return [web.get(OF_FEED, self._confirm, allow_head=False), web.post(OF_FEED, self._receive)]

    async def _confirm(self, request: web.Request) -> web.Response:
        said = await self._hubs.confirm(*_of_feed(request), request.query)
        # Word for word, and nothing that a browser would take for a page.
        return fault(404, _WORDS[404]) if said is None else web.Response(text=said, content_type="text/plain")

    async def _receive(self, request: web.Request) -> web.Response:
        if not await self._hubs.knows(*_of_feed(request)):
            return fault(410, "nothing is listened to here")
        match await self._hubs.receive(*_of_feed(request), request.headers, await body_of(request)):
            case Received.LATER:
                return unavailable("nothing can be taken in now")
            case Received.GONE:
                return fault(410, "nothing is listened to here")
            case _:
                return web.Response(status=202)


def _of_feed(request: web.Request) -> tuple[str, str]:
    return request.match_info["source"], request.match_info["mark"]


class Numbers:
    """What monitoring reads: `/metrics`."""

    def __init__(self, text: Callable[[], bytes], content_type: str) -> None:
        self._text = text
        self._headers = {"Content-Type": content_type}

    def routes(self) -> list[Route]:
        """What to make an application of."""
        return [web.get("/metrics", self._numbers)]

    async def _numbers(self, _request: web.Request) -> web.Response:
        return web.Response(body=await asyncio.to_thread(self._text), headers=self._headers)
