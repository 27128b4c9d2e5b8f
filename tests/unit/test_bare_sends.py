"""Sending without an object of the answer: the same request, the same errors as the library's own `send_message`."""

import json
import random
import time
from datetime import UTC, datetime

import pytest
from aiohttp import web
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.render.message import Button, Message
from bot.render.text import bold, date_time
from bot.transport.limiter import Limiter, TooLate, Turn
from bot.transport.outgoing import Capabilities, deliver, send_message, to_arguments, to_json_arguments
from bot.transport.pacing import Pacing, Priority
from bot.transport.request import AiohttpRequest
from bot.transport.verdicts import TokenRevoked, verdict_of
from storage import Place

NOON = datetime(2025, 7, 16, 12, tzinfo=UTC)
TURN = Turn(Priority.PUSH)
MESSAGES = [
    Message(bold("Hi")),
    Message(
        bold("News <1>") + " " + date_time(86_400, "t", "00:00 UTC"),
        ((Button("Read", url="https://example.org/"), Button("Ещё", data="a:1:0")),),
        preview="https://example.org/",
    ),
]


class Server:
    """A Bot API that answers every send alike and remembers what it was asked."""

    def __init__(self):
        self.status, self.body = 200, {}
        self.asked = []

    async def answer(self, request):
        name = request.match_info["method"]
        if name.lower() == "getme":
            me = {"id": 1, "is_bot": True, "first_name": "News", "username": "news_bot"}
            return web.json_response({"ok": True, "result": me})
        self.asked.append((name.lower(), await request.json()))
        body = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return web.Response(status=self.status, text=body, content_type="application/json")


@pytest.fixture
async def house():
    """A server, and the real ExtBot that calls it through our limiter and transport."""
    server = Server()
    app = web.Application()
    app.router.add_post("/bot1:token/{method}", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bot = ExtBot(
        "1:token",
        base_url=f"http://127.0.0.1:{runner.addresses[0][1]}/bot",
        request=AiohttpRequest(),
        get_updates_request=AiohttpRequest(connections=1),
        # A chat's own second is no matter here.
        rate_limiter=Limiter(Pacing(1000, chat_interval=0), clock=time.monotonic, chance=random.random),
    )
    async with bot:
        yield server, bot
    await runner.cleanup()


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("thread", [0, 7])
async def test_the_request_is_the_librarys_own(house, message, plain, thread):
    server, bot = house
    sent = {"message_id": 9, "date": 0, "chat": {"id": -5, "type": "supergroup"}, "text": "x"}
    server.body = {"ok": True, "result": sent}
    await bot.send_message(-5, message_thread_id=thread or None, **to_arguments(message, Capabilities(), plain=plain))
    arguments = to_json_arguments(message, Capabilities(), plain=plain)
    assert await send_message(bot, Place(1, -5, thread), TURN, 20.0, **arguments) == 9
    (name, theirs), (other, ours) = server.asked
    assert (name, ours) == (other, theirs)


def refusal(status, description, **parameters):
    return status, {"ok": False, "error_code": status, "description": description, "parameters": parameters}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        refusal(400, "Bad Request: chat not found"),
        refusal(400, "Bad Request: can't parse entities: unexpected end tag"),
        refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1007),
        refusal(401, "Unauthorized"),
        refusal(403, "Forbidden: bot was blocked by the user"),
        refusal(404, "Not Found"),
        refusal(404, "Not Found: method not found"),
        refusal(409, "Conflict: terminated by other getUpdates request"),
        refusal(413, "Request Entity Too Large"),
        refusal(429, "Too Many Requests: retry after 1", retry_after=1),
        refusal(500, "Internal Server Error: restart"),
        (502, "<html>502 Bad Gateway</html>"),
        (404, "<html>404 Not Found</html>"),
        (200, '{"ok":true,"result":{'),
    ],
)
async def test_the_errors_are_the_librarys_own(house, status, body):
    server, bot = house
    server.status, server.body = status, body
    with pytest.raises(TelegramError) as theirs:
        await bot.send_message(5, "x", rate_limit_args=TURN)
    with pytest.raises(TelegramError) as ours:
        await send_message(bot, Place(1, 6), TURN, 20.0, text="x")
    assert type(ours.value) is type(theirs.value)
    if status != 429:  # whose time has a jitter
        assert ours.value.message == theirs.value.message
        assert verdict_of(ours.value, NOON, 0) == verdict_of(theirs.value, NOON, 0)


async def test_a_revoked_token_is_no_fault_of_the_message(house):
    server, bot = house
    server.status, server.body = refusal(401, "Unauthorized")
    with pytest.raises(TelegramError) as ours:
        await send_message(bot, Place(1, 6), TURN, 20.0, text="x")
    assert verdict_of(ours.value, NOON, 0) == TokenRevoked()


async def test_it_waits_for_its_turn(house):
    server, bot = house
    with pytest.raises(TooLate):
        await send_message(bot, Place(1, 6), Turn(Priority.PUSH, time.monotonic() - 1), 20.0, text="x")
    assert server.asked == []


async def test_what_is_made_once_is_not_spoilt_by_who_uses_it():
    calls = []

    async def call(**arguments):
        calls.append(dict(arguments))
        arguments.clear()

    for _ in range(2):
        await deliver(call, MESSAGES[1], Capabilities(), to_json_arguments)
    assert calls[0] == calls[1] != {}
    await deliver(call, MESSAGES[1], Capabilities(date_times=False), to_json_arguments)
    assert "tg-time" in calls[1]["text"]
    assert "tg-time" not in calls[2]["text"]
