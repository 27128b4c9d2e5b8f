"""The Bot API over HTTP: `/bot<TOKEN>/<method>`, answers in Telegram's shapes, faults where they are put in force."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox.api import METHODS, method_name
from bot.sandbox.arguments import Arguments, Refusal, Told, read_arguments, too_many_requests
from bot.sandbox.limits import UNSENT_PAUSE, UNSENT_RETRY_AFTER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.sandbox.faults import Fault
    from bot.sandbox.world import World, Worlds

Json = dict[str, Any]

TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]+")
_NGINX = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
_GATEWAY = {"502": "502 Bad Gateway", "504": "504 Gateway Time-out"}
SENDS = frozenset({"sendMessage", "sendPhoto"})
MOST_HEADERS = 256 * 1024  # bytes
_BROKEN = '{"ok":true,"result":{'
# What such methods do is a record of the journal, or changes nothing.
_RECORDED = ("get", "send", "edit", "answer", "deleteMessage")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class BotApi:
    """One handler for all methods of all bots."""

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds

    async def handle(self, request: web.Request) -> web.Response:
        token, name = request.match_info["token"], method_name(request.match_info["method"])
        if not TOKEN.fullmatch(token):
            return refused(Refusal(404, "Not Found"))
        world = self._worlds.of(token)
        with world.counters.under_way(name):
            response = await self._answered(world, name, request)
        status = "none" if request.transport is None or request.transport.is_closing() else str(response.status)
        world.counters.answered(name, status)
        return response

    async def file(self, request: web.Request) -> web.Response:
        """What getFile named: `/file/bot<TOKEN>/<path>`."""
        data = self._worlds.of(request.match_info["token"]).files.ids.get(request.match_info["file_id"])
        if data is None:
            return refused(Refusal(404, "Not Found"))
        return web.Response(body=data, content_type="application/octet-stream")

    async def _answered(self, world: World, name: str, request: web.Request) -> web.Response:
        if world.revoked:
            return refused(Refusal(401, "Unauthorized"))
        if sum(len(name) + len(value) for name, value in request.raw_headers) > MOST_HEADERS:
            return refused(Refusal(431, "Request Header Fields Too Large"))
        try:
            return await _with_faults(world, name, request, await read_arguments(request))
        except Refusal as refusal:
            return refused(refusal)
        except web.HTTPRequestEntityTooLarge:
            return refused(Refusal(413, "Request Entity Too Large"))


async def _with_faults(world: World, name: str, request: web.Request, arguments: Arguments) -> web.Response:
    delay, fault = world.faults.take(name, arguments.chat())
    pause = (world.settings.latency + delay) / 2
    if pause:
        await asyncio.sleep(pause)
    if fault is not None and (broken := await _before(fault, request)) is not None:
        return broken
    async with _under_way(world, name, arguments):
        result = await _called(world, name, arguments)
        if pause:
            await asyncio.sleep(pause)
    if fault is not None and (broken := await _after(fault, request)) is not None:
        return broken
    body = {"result": True, "description": result.description} if isinstance(result, Told) else {"result": result}
    return _json(200, _encode({"ok": True, **body}))


@asynccontextmanager
async def _under_way(world: World, name: str, arguments: Arguments) -> AsyncIterator[None]:
    """Let so many messages to a chat be on their way at once, and no more. Raises Refusal."""
    chat = arguments.chat()
    if name not in SENDS or chat is None:
        yield
        return
    if world.unsent.full(chat):
        await asyncio.sleep(UNSENT_PAUSE * world.settings.pace)
        raise too_many_requests(UNSENT_RETRY_AFTER)
    with world.unsent.under_way(chat):
        yield


async def _called(world: World, name: str, arguments: Arguments) -> Any:
    method = METHODS.get(name)
    if method is None:
        raise Refusal(404, "Not Found: method not found")
    result = await method(world, arguments)
    if not name.startswith(_RECORDED):
        world.journal.mention("changed")
    return result


async def _before(fault: Fault, request: web.Request) -> web.Response | None:
    """Strike before the call is processed; None lets it through."""
    match fault.kind:
        case "429":
            raise too_many_requests(fault.retry_after)
        case "500":
            raise Refusal(500, "Internal Server Error: restart")
        case "error":
            raise Refusal(fault.status, fault.description, fault.parameters)
        case "502" | "504":
            text = _NGINX.format(_GATEWAY[fault.kind])
            return web.Response(status=int(fault.kind), text=text, content_type="text/html")
        case "reset_before":
            return _reset(request)
        case "hang_before":
            await _forever(request)
    return None


async def _after(fault: Fault, request: web.Request) -> web.Response | None:
    """Strike when the call is processed and recorded."""
    match fault.kind:
        case "broken_json":
            return _json(200, _BROKEN)
        case "reset_after":
            return _reset(request)
        case "hang_after":
            await _forever(request)
    return None


def _reset(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _forever(request: web.Request) -> None:
    """Answer nothing for as long as the other side waits."""
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110  a transport has no event for its end
        await asyncio.sleep(1)


def refused(refusal: Refusal) -> web.Response:
    body: Json = {"ok": False, "error_code": refusal.status, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    response = _json(refusal.status, _encode(body))
    if refusal.parameters and "retry_after" in refusal.parameters:
        response.headers["Retry-After"] = str(refusal.parameters["retry_after"])
    return response


def _json(status: int, body: str) -> web.Response:
    return web.Response(status=status, body=body.encode(), content_type="application/json")
