"""What programs ask of the bot that publish news.

    POST /articles                      articles, at once or at a later moment
    PATCH, DELETE /articles/SOURCE/KEY  a correction, a withdrawal
    GET /, /openapi.json                how to ask, for people and for programs

Apart from the rest of the server: most bots let no program in, and what checks an article takes 15 MB.
"""

import asyncio
import hmac
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any
from urllib.parse import quote

from aiohttp import web

from bot.intake.parsing.clean import clean_line
from bot.intake.parsing.entries import NoReaderError, UnreadableError
from bot.intake.parsing.given import GivenError
from bot.intake.programs.bodies import Bodies
from bot.intake.programs.posted import TooManyError
from bot.intake.programs.posting import Became, Outcome, Posting
from bot.web import Handler, Route, answer, body_of, dumps, fault, unavailable

ONE_ARTICLE = "/articles/{source}/{key:.+}"
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
    from bot.intake.programs.describing import describe, page  # noqa: PLC0415  as above

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
    articles = ", ".join(dumps({"index": at, **_shape(outcome)}) for at, outcome in enumerate(outcomes))
    return f'{{"counts": {dumps(said)}, "articles": [{articles}]}}', 400 if counts[Became.REFUSED] else 200


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
