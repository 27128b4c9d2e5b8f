"""One small server: what programs ask of the bot, and whether it is well.

    POST /articles                      articles, at once or at a later moment
    PATCH, DELETE /articles/SOURCE/KEY  a correction, a withdrawal
    GET /, /openapi.json                how to ask, for people and for programs
    GET, POST /websub/SOURCE/MARK       a hub that asks whether it is to send, and what it sends
    GET /healthz, /readyz, /metrics     for monitoring

Whatever is wrong with a request is answered in JSON: {"error": "..."}.
"""

import asyncio
import hmac
import json
import logging
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Any
from urllib.parse import quote

from aiohttp import web

from bot.intake.bodies import Bodies
from bot.intake.clean import clean_line
from bot.intake.entries import NoReaderError, UnreadableError
from bot.intake.given import GivenError
from bot.intake.posted import TooManyError
from bot.intake.posting import Became, Outcome, Posting
from bot.intake.unpacking import CodingError, Unpacker
from bot.intake.websub import PATH, Hubs, Received
from bot.intake.workers import WorkersClosedError
from storage import Store, StoreUnavailable

BODY_LIMIT = 10_000_000
"""Bytes of a request."""
READ_SECONDS = 30.0  # in which a request's body must have come
IDLE_SECONDS = 90.0  # in which a whole head must have come; longer than proxies keep what is idle
STORE_SECONDS = 2.0  # a store that takes longer is not ready
RETRY_AFTER_SECONDS = 5
OF_FEED = f"{PATH}/{{source}}/{{mark}}"
ONE_ARTICLE = "/articles/{source}/{key:.+}"
METHODS = {"GET", "HEAD", "POST", "PATCH", "DELETE"}  # others may have any name
LINES = {"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"}
# What curl and careless programs say of JSON is taken for it, too.
JSON = {
    "application/json",
    "text/json",
    "text/plain",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
}
_CHAT = re.compile(r"-?[1-9][0-9]{0,15}")  # Bot API, Chat.id: at most 52 significant bits

log = logging.getLogger(__name__)

Route = web.AbstractRouteDef
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_dumps = partial(json.dumps, ensure_ascii=False)
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
    return web.json_response(said, status=status, headers=headers, dumps=_dumps)


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


def make_app(routes: Iterable[Route], answered: Callable[[str, str, int], None] | None = None) -> web.Application:
    """An application of these routes, that answers what is wrong in JSON.

    `answered` is told of each answer: the method, the address (as its pattern; empty: none of ours) and the status.
    """

    @web.middleware
    async def said_in_json(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await _in_json(request, handler)
        if answered:
            method = request.method if request.method in METHODS else "other"
            answered(method, _route(request), response.status)
        return response

    # Unpacked by itself, what is left of a body that nobody wants any more would be unpacked at one go, however much.
    handling = {"auto_decompress": False, "keepalive_timeout": IDLE_SECONDS}
    app = web.Application(client_max_size=BODY_LIMIT, middlewares=[said_in_json], handler_args=handling)
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


class Keyed:
    """Lets in who says the key (RFC 6750: `Authorization: Bearer KEY`)."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def __call__(self, handler: Handler) -> Handler:
        """The handler, for those."""

        async def let_in(request: web.Request) -> web.StreamResponse:
            scheme, _, key = request.headers.get("Authorization", "").partition(" ")
            said = key.strip().encode(errors="surrogateescape")
            if scheme.lower() != "bearer" or not hmac.compare_digest(said, self._key):
                wanted = {"WWW-Authenticate": 'Bearer realm="newscrier"'}
                return fault(401, "say the key: Authorization: Bearer KEY", wanted)
            return await handler(request)

        return let_in


async def body_of(request: web.Request) -> bytes:
    """What the request brings, unpacked. Raises HTTPException: it is too much, takes too long or cannot be read."""
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await _unpacked(await request.read(), request.headers.get("Content-Encoding", ""))
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except CodingError:
        raise web.HTTPUnsupportedMediaType from None
    except (web.RequestPayloadError, ConnectionError):
        raise web.HTTPBadRequest from None


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


class Programs:
    """What programs may ask who know the key: `/articles`, and the pages that explain it."""

    def __init__(self, posting: Posting, bodies: Bodies, key: str, has_room: Callable[[], bool], version: str) -> None:
        """`has_room`: whether the disk has room for more. `version`: ours."""
        self._posting = posting
        self._bodies = bodies
        self._keyed = Keyed(key)
        self._has_room = has_room
        self._version = version

    def routes(self) -> list[Route]:
        """What to make an application of."""
        return [
            web.post("/articles", self._keyed(self._post)),
            web.patch(ONE_ARTICLE, self._keyed(self._patch)),
            web.delete(ONE_ARTICLE, self._keyed(self._delete)),
            web.get("/openapi.json", self._description),
            web.get("/", self._explanation),
        ]

    async def _post(self, request: web.Request) -> web.Response:
        lines = _is_lines(request)
        if not self._has_room():
            return _no_room()
        try:
            source, preview_to = _defaults(request)
            given = await self._bodies.articles(await body_of(request), lines=lines)
        except TooManyError as error:
            return fault(413, str(error))
        except (GivenError, UnreadableError) as error:
            return _not_read(error)
        outcomes = await self._posting.take(given, source=source, preview_to=preview_to)
        # In a thread: addresses of a thousand take long to write.
        text, status = await asyncio.to_thread(_told, outcomes)
        return web.json_response(text=text, status=status)

    async def _patch(self, request: web.Request) -> web.Response:
        if _is_lines(request):
            raise web.HTTPUnsupportedMediaType
        if not self._has_room():
            return _no_room()
        try:
            correction = await self._bodies.correction(await body_of(request))
            outcome = await self._posting.correct(*_named(request), correction)
        except (GivenError, UnreadableError) as error:
            return _not_read(error)
        return _one(outcome)

    async def _delete(self, request: web.Request) -> web.Response:
        return _one(await self._posting.withdraw(*_named(request)))

    async def _description(self, _request: web.Request) -> web.Response:
        described, _ = await asyncio.to_thread(_explained, self._version)
        return answer(described)

    async def _explanation(self, _request: web.Request) -> web.Response:
        _, page = await asyncio.to_thread(_explained, self._version)
        return web.Response(text=page, content_type="text/html")


@cache
def _explained(version: str) -> tuple[dict[str, Any], str]:
    """How to ask, for programs and for people. Made when somebody wants to know: who starts need not wait."""
    from bot.intake.describing import describe, page  # noqa: PLC0415  as above

    described = describe(version)
    return described, page(described)


def _is_lines(request: web.Request) -> bool:
    """Whether JSON Lines are announced, and not JSON. Raises HTTPUnsupportedMediaType for what is neither."""
    kind = request.content_type
    charset = (request.charset or "utf-8").lower()
    if charset not in {"utf-8", "utf8", "us-ascii"}:
        raise web.HTTPUnsupportedMediaType
    if kind in LINES:
        return True
    if kind in JSON or kind.endswith("+json"):
        return False
    raise web.HTTPUnsupportedMediaType


def _defaults(request: web.Request) -> tuple[str, int]:
    """The source and the chat that the address names, for all articles. Raises GivenError."""
    chat = request.query.get("preview_to", "")
    if chat and not _CHAT.fullmatch(chat):
        raise GivenError("preview_to: expected a chat's id, such as 42 or -1001234567890")
    return clean_line(request.query.get("source", "")), int(chat or 0)


def _named(request: web.Request) -> tuple[str, str]:
    return request.match_info["source"], request.match_info["key"]


def _no_room() -> web.Response:
    return unavailable("the disk is nearly full: nothing is taken in until there is room")


def _not_read(error: GivenError | UnreadableError) -> web.Response:
    """Raises NoReaderError: it may be asked for again."""
    if isinstance(error, NoReaderError):
        raise error
    return fault(400, str(error))


def _told(outcomes: Sequence[Outcome]) -> tuple[str, int]:
    """What became of all, in JSON, and the status that says so: 200 only when none was refused."""
    counts = Counter(outcome.became for outcome in outcomes)
    said = {became.value: counts[became] for became in Became if counts[became]}
    # One by one: between two of them others may run.
    articles = ", ".join(_dumps({"index": at, **_shape(outcome)}) for at, outcome in enumerate(outcomes))
    return f'{{"counts": {_dumps(said)}, "articles": [{articles}]}}', 400 if counts[Became.REFUSED] else 200


def _one(outcome: Outcome | None) -> web.Response:
    return fault(404, "there is no such article") if outcome is None else answer(_shape(outcome))


def _shape(outcome: Outcome) -> dict[str, Any]:
    """The outcome as it is answered; what there is nothing of is left out."""
    shape: dict[str, Any] = {"status": outcome.became.value}
    if outcome.source:
        shape["source"] = outcome.source
    if outcome.key:
        shape["key"] = outcome.key
        if outcome.became is not Became.PREVIEWED:
            shape["path"] = f"/articles/{quote(outcome.source, safe='')}/{quote(outcome.key, safe='')}"
    if outcome.number:
        shape["id"] = outcome.number
    if outcome.until:
        shape["publish_at"] = outcome.until.isoformat()
    if outcome.reason:
        shape["reason"] = outcome.reason
    return shape


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
