"""PTB's requests over aiohttp, against a server that behaves as each test asks."""

import asyncio
import io
import json
import socket
import traceback
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from aiohttp import web
from telegram import Bot, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.transport.request import AiohttpRequest, NotSent, Throttled, Unanswered

TOKEN = "12345:SECRET-token_of-the-bot"
MESSAGE = {"message_id": 7, "date": 0, "chat": {"id": 5, "type": "private"}, "text": "hello"}
ANSWER = json.dumps({"ok": True, "result": MESSAGE}).encode()


class Server:
    """Takes whole requests; `behave` answers each (it gets the request's number, head, body and the writer)."""

    def __init__(self, behave):
        self.behave = behave
        self.requests = []
        self.connections = 0
        self.asked = asyncio.Event()
        self.closed = asyncio.Event()

    async def serve(self, reader, writer):
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
                body = await reader.readexactly(length)
                self.requests.append((head.decode(), body))
                self.asked.set()
                if not await self.behave(len(self.requests), writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            self.closed.set()


@asynccontextmanager
async def serving(behave, **settings):
    """A server, and a bot that talks to it."""
    server = Server(behave)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    request = AiohttpRequest(**settings)
    await request.initialize()
    try:
        yield server, Bot(TOKEN, base_url=f"http://127.0.0.1:{port}/bot", request=request, get_updates_request=request)
    finally:
        await request.shutdown()
        listener.close()
        await listener.wait_closed()


def answering(status=200, body=ANSWER, *, then=True):
    """Answer every request so; keep the connection when `then`."""

    async def behave(_number, writer):
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body))
        await writer.drain()
        return then

    return behave


async def hanging_up(_number, _writer):
    return False


async def resetting(_number, writer):
    writer.transport.abort()
    return False


async def silent(_number, _writer):
    return bool(await asyncio.Event().wait())


async def breaking_off(_number, writer):
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"ok":')
    await writer.drain()
    return False


def holds_no_token(error):
    shown = "".join(traceback.format_exception(error)) + repr(error) + str(error)
    return "SECRET" not in shown


async def test_parameters_go_as_json_and_the_message_comes_back():
    async with serving(answering()) as (server, bot):
        message = await bot.send_message(5, "Հայաստան <b>&</b>", parse_mode="HTML", disable_notification=True)
        assert (message.message_id, message.text) == (7, "hello")
        head, body = server.requests[0]
        assert head.startswith(f"POST /bot{TOKEN}/sendMessage HTTP/1.1\r\n")
        assert "content-type: application/json" in head.lower()
        assert json.loads(body) == {
            "chat_id": "5",
            "text": "Հայաստան <b>&</b>",
            "parse_mode": "HTML",
            "disable_notification": "true",
        }


async def test_a_call_without_parameters_is_an_empty_object():
    me = {"ok": True, "result": {"id": 1, "is_bot": True, "first_name": "News", "username": "n"}}
    async with serving(answering(body=json.dumps(me).encode())) as (server, bot):
        assert (await bot.get_me()).username == "n"
        assert server.requests[0][1] == b"{}"


async def test_connections_are_kept():
    async with serving(answering()) as (server, bot):
        for _ in range(5):
            await bot.send_message(5, "x")
        assert (len(server.requests), server.connections) == (5, 1)


async def test_no_more_connections_are_opened_than_allowed():
    async with serving(answering(), connections=3) as (server, bot):
        await asyncio.gather(*[bot.send_message(5, "x") for _ in range(20)])
        assert (len(server.requests), server.connections) == (20, 3)


@pytest.mark.parametrize(
    "content", [b"\x89PNG" + bytes(range(256)) * 9000, io.BytesIO(b"small")], ids=["2 MB of bytes", "file"]
)
async def test_files_go_as_a_form(content):
    raw = content if isinstance(content, bytes) else content.getvalue()
    got = {}

    async def take(request):
        async for part in await request.multipart():
            got[part.name] = (part.filename, bytes(await part.read()))
        return web.json_response({"ok": True, "result": MESSAGE})

    app = web.Application(client_max_size=2**24)
    app.router.add_post("/bot12345:x/sendPhoto", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with AiohttpRequest() as request:
        bot = Bot("12345:x", base_url=f"http://127.0.0.1:{runner.addresses[0][1]}/bot", request=request)
        await bot.send_photo(5, InputFile(content, filename='ն "1".png'), caption="Заголовок")
    await runner.cleanup()
    assert got["caption"] == (None, "Заголовок".encode())
    assert got["chat_id"] == (None, b"5")
    assert got["photo"] == ('ն "1".png', raw)


async def test_a_refused_connection_sent_nothing():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with AiohttpRequest() as request:
        bot = Bot(TOKEN, base_url=f"http://127.0.0.1:{port}/bot", request=request)
        with pytest.raises(NotSent, match="Connection refused") as caught:
            await bot.send_message(5, "x")
    assert holds_no_token(caught.value)


async def test_a_name_without_address_sent_nothing():
    async with AiohttpRequest() as request:
        bot = Bot(TOKEN, base_url="http://bot-api.invalid/bot", request=request)
        with pytest.raises(NotSent) as caught:
            await bot.send_message(5, "x")
    assert holds_no_token(caught.value)


async def test_a_connection_that_does_not_open_in_time_sent_nothing():
    with socket.socket() as full:  # its queue of one is taken, so that a further connection stays half open
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        taken = [socket.socket() for _ in range(3)]
        for each in taken:
            each.settimeout(0)
            each.connect_ex(("127.0.0.1", port))
        async with AiohttpRequest(connect_timeout=0.05) as request:
            bot = Bot(TOKEN, base_url=f"http://127.0.0.1:{port}/bot", request=request)
            with pytest.raises(NotSent) as caught:
                await bot.send_message(5, "x")
        for each in taken:
            each.close()
    assert holds_no_token(caught.value)


async def test_waiting_for_a_free_connection_in_vain_sent_nothing():
    async with serving(silent, connections=1, timeout=0.3) as (server, bot):
        first = asyncio.create_task(bot.send_message(5, "x"))
        await server.asked.wait()
        with pytest.raises(NotSent):
            await bot.send_message(6, "y", read_timeout=0.02)
        with pytest.raises(NotSent):
            await bot.send_message(6, "y", pool_timeout=0.02)
        with pytest.raises(Unanswered):
            await first


@pytest.mark.parametrize("behave", [hanging_up, resetting, breaking_off, silent])
async def test_a_request_that_was_written_and_not_answered_may_have_been_carried_out(behave):
    async with serving(behave, timeout=0.1) as (server, bot):
        with pytest.raises(Unanswered) as caught:
            await bot.send_message(5, "x")
        assert len(server.requests) == 1, "it is not repeated by itself"
    assert holds_no_token(caught.value)


async def test_a_request_cut_off_while_it_is_written_may_have_been_carried_out():
    async def cut(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()

    listener = await asyncio.start_server(cut, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener, AiohttpRequest() as request:
        bot = Bot(TOKEN, base_url=f"http://127.0.0.1:{port}/bot", request=request)
        with pytest.raises(Unanswered) as caught:
            await bot.send_document(5, b"x" * 8_000_000)
    assert holds_no_token(caught.value)


async def test_a_kept_connection_that_the_server_closed_in_between_is_not_used():
    async with serving(answering(then=False)) as (server, bot):
        for _ in range(5):
            await bot.send_message(5, "x")
            await server.closed.wait()
            server.closed.clear()
        assert server.connections == 5


async def test_a_kept_connection_that_closes_at_the_same_moment_never_loses_what_it_did_not_send():
    # Whether the close is seen before the first byte is chance; that it is told from "may have been sent" is not.
    async with serving(answering(then=False)) as (server, bot):
        answered = unanswered = 0
        for _ in range(200):
            try:
                await bot.send_message(5, "x")
                answered += 1
            except Unanswered:
                unanswered += 1
        assert answered == len(server.requests)
        assert answered + unanswered == 200


@pytest.mark.parametrize(
    ("behave", "kind"), [(hanging_up, NetworkError), (resetting, NetworkError), (silent, TimedOut)]
)
async def test_polling_backs_off_when_connections_break_and_goes_on_when_no_answer_comes(behave, kind):
    async with serving(behave, timeout=0.1) as (_, bot):
        with pytest.raises(NetworkError) as caught:
            await bot.get_updates()
    assert type(caught.value) is kind
    assert holds_no_token(caught.value)


async def test_a_long_poll_outlasts_the_usual_limit():
    async def after_a_while(_number, writer):
        await asyncio.sleep(0.15)
        return await answering(body=b'{"ok":true,"result":[]}')(0, writer)

    async with serving(after_a_while, timeout=0.1) as (_, bot):
        assert await bot.get_updates(timeout=timedelta(seconds=10)) == ()


async def test_429_is_parsed_without_a_warning():
    body = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 17"}
    async with serving(answering(429, json.dumps({**body, "parameters": {"retry_after": 17}}).encode())) as (_, bot):
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(5, "x")
    assert caught.value.retry_after == timedelta(seconds=17)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>429</html>", NetworkError),
        (b"{}", NetworkError),
        (b'{"ok":false,"description":"Too Many Requests"}', NetworkError),
        (b'{"parameters":{"retry_after":99999999999999999999}}', Throttled),
    ],
)
async def test_429_in_other_words(body, kind):
    async with serving(answering(429, body)) as (_, bot):
        with pytest.raises(TelegramError) as caught:
            await bot.send_message(5, "x")
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (400, {"description": "Bad Request: chat not found"}, BadRequest),
        (400, {"description": "Bad Request: x", "parameters": {"migrate_to_chat_id": -1007}}, ChatMigrated),
        (401, {"description": "Unauthorized"}, InvalidToken),
        (403, {"description": "Forbidden: bot was blocked by the user"}, Forbidden),
        (404, {"description": "Not Found"}, InvalidToken),
        (409, {"description": "Conflict: terminated by other getUpdates request"}, Conflict),
        (500, {"description": "Internal Server Error: restart"}, NetworkError),
    ],
)
async def test_refusals_are_left_to_ptb(status, answer, kind):
    body = json.dumps({"ok": False, "error_code": status, **answer}).encode()
    async with serving(answering(status, body)) as (_, bot):
        with pytest.raises(TelegramError) as caught:
            await bot.send_message(5, "x")
    assert type(caught.value) is kind


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409])
@pytest.mark.parametrize(
    "body",
    [
        b"<html>nginx</html>",
        b"",
        b"null",
        b"[]",
        b'{"description":"Unauthorized"}',
        b'{"ok":true,"error_code":%d}',
        b'{"ok":false,"error_code":418}',
        b"[" * 100_000,
    ],
    ids=lambda body: body[:30].decode(),
)
async def test_a_verdict_that_is_not_telegrams_own_is_a_failure_of_the_network(status, body):
    async with serving(answering(status, body.replace(b"%d", b"%d" % status))) as (_, bot):
        with pytest.raises(NetworkError, match=f"{status} came from something between") as caught:
            await bot.get_me()
    assert type(caught.value) is NetworkError
    assert holds_no_token(caught.value)


async def test_a_redirect_is_not_followed():
    async def elsewhere(_number, writer):
        writer.write(b"HTTP/1.1 307 X\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        return True

    async with serving(elsewhere) as (server, bot):
        with pytest.raises(NetworkError, match="Temporary Redirect"):
            await bot.send_message(5, "x")
        assert len(server.requests) == 1


async def test_an_answer_is_read_up_to_its_limit():
    padded = ANSWER[:-1] + b" " * 5_000_000 + b"}"
    async with serving(answering(body=padded)) as (_, bot):
        assert (await bot.send_message(5, "x")).message_id == 7
    async with serving(answering(body=padded), answer_limit=1_000_000) as (_, bot):
        with pytest.raises(Unanswered, match="AnswerTooLong"):
            await bot.send_message(5, "x")


async def test_a_download_is_bytes():
    content = bytes(range(256)) * 5000
    async with serving(answering(body=content)) as (server, bot):
        url = bot.base_url.replace("/bot", "/file/bot", 1) + "/photos/1.jpg"
        assert await bot.request.retrieve(url) == content
        assert server.requests[0][0].startswith("GET ")


async def test_a_proxy_of_the_environment_is_used_but_not_for_this_machine(monkeypatch):
    async with serving(answering()) as (proxy, bot):
        port = bot.base_url.split(":")[2].split("/")[0]
        monkeypatch.setenv("http_proxy", f"http://me:pass@127.0.0.1:{port}")
        monkeypatch.setenv("no_proxy", "no-proxy.invalid")
        async with AiohttpRequest() as request:
            await Bot(TOKEN, base_url="http://bot-api.invalid/bot", request=request).send_message(5, "x")
            assert proxy.requests[0][0].startswith(f"POST http://bot-api.invalid/bot{TOKEN}/sendMessage ")
            assert "Proxy-Authorization: Basic" in proxy.requests[0][0]
            await Bot(TOKEN, base_url=f"http://127.0.0.1:{port}/bot", request=request).send_message(5, "x")
            assert proxy.requests[1][0].startswith(f"POST /bot{TOKEN}/sendMessage ")
            with pytest.raises(NotSent):
                await Bot(TOKEN, base_url="http://no-proxy.invalid/bot", request=request).send_message(5, "x")


async def test_a_proxy_of_another_kind_is_refused_by_its_variable(monkeypatch):
    monkeypatch.setenv("https_proxy", "socks5://me:pass@127.0.0.1:1")
    async with AiohttpRequest() as request:
        with pytest.raises(NotSent, match="https_proxy") as caught:
            await request.do_request("https://bot-api.invalid/bot", "POST")
    assert "pass" not in str(caught.value)


async def test_a_cancelled_call_stays_cancelled_and_frees_its_connection():
    async with serving(silent, connections=1) as (server, bot):
        call = asyncio.create_task(bot.send_message(5, "x"))
        await server.asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        server.behave = answering()
        assert (await bot.send_message(5, "x")).message_id == 7


async def test_who_hangs_up_waits_for_no_answer_and_sends_nothing_more():
    async with serving(silent) as (server, bot):
        calls = [asyncio.create_task(bot.send_message(5, "hello")) for _ in range(3)]
        while len(server.requests) < 3:
            await server.asked.wait()
            server.asked.clear()
        assert bot.request.hang_up() == 3
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(error) for error in done] == [Unanswered] * 3
        with pytest.raises(NotSent):
            await bot.send_message(5, "hello")
        assert bot.request.hang_up() == 0
        assert len(server.requests) == 3


async def test_nothing_is_sent_while_the_gate_is_shut():
    is_open = True
    async with serving(answering(), gate=lambda: is_open) as (server, bot):
        await bot.send_message(5, "hello")
        is_open = False
        with pytest.raises(NotSent):
            await bot.send_message(5, "hello")
        assert len(server.requests) == 1


async def test_starting_and_stopping_twice_is_once_and_a_stopped_one_says_so():
    request = AiohttpRequest(timeout=12)
    assert request.read_timeout == 12
    await request.initialize()
    await request.initialize()
    await request.shutdown()
    await request.shutdown()
    with pytest.raises(RuntimeError, match="initialize"):
        await request.do_request("http://127.0.0.1/", "POST")
