"""An application of ours, listened to at real addresses."""

import asyncio
import logging
from contextlib import AsyncExitStack

import aiohttp
import pytest

from bot.errors import CannotRunError
from bot.listening import MOST_CONNECTIONS, Address, listening
from bot.web import body_of, make_app


async def answers(session, address):
    """Whether anybody answers there."""
    try:
        async with session.get(address, headers={"Connection": "close"}):
            return True
    except aiohttp.ClientError:
        return False


async def test_it_listens_and_lets_what_is_under_way_end(caplog):
    caplog.set_level(logging.INFO)
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow(_request):
        begun.set()
        await may_end.wait()
        return aiohttp.web.Response(text="done")

    ending = asyncio.Event()
    app = make_app([aiohttp.web.get("/slow", slow)])
    async with aiohttp.ClientSession() as session, listening(app, Address("127.0.0.1", 0, "X"), ending, must=True):
        [record] = [record for record in caplog.records if record.message == "listening"]
        asking = asyncio.create_task(session.get(f"{record.address}/slow"))
        await begun.wait()
        ending.set()
        async with asyncio.timeout(20), aiohttp.ClientSession() as other:
            while await answers(other, record.address):
                pass
        may_end.set()
        async with await asking as response:
            assert await response.text() == "done"


async def test_an_address_that_is_taken_ends_it_or_is_waited_for(caplog):
    caplog.set_level(logging.INFO)
    never = asyncio.Event()
    async with AsyncExitStack() as first, AsyncExitStack() as second:
        await first.enter_async_context(listening(make_app([]), Address("::1", 0, "FIRST"), never, must=True))
        port = int(caplog.records[-1].address.rpartition(":")[2])
        with pytest.raises(CannotRunError, match=rf"SECOND: \[::1\]:{port} cannot be listened on: "):
            await second.enter_async_context(listening(make_app([]), Address("::1", port, "SECOND"), never, must=True))
        await second.enter_async_context(
            listening(make_app([]), Address("::1", port, "THIRD"), never, must=False, every=0.01)
        )
        assert f"THIRD: [::1]:{port} cannot be listened on" in caplog.records[-1].message
        await first.aclose()
        async with asyncio.timeout(20), aiohttp.ClientSession() as session:
            while not await answers(session, f"http://[::1]:{port}/"):
                pass


async def test_who_came_first_gives_way_when_too_many_want_nothing(caplog):
    caplog.set_level(logging.INFO)

    async def greet(_request):
        return aiohttp.web.Response(text="hello")

    app = make_app([aiohttp.web.get("/", greet)])
    async with listening(app, Address("127.0.0.1", 0, "X"), asyncio.Event(), must=True):
        address = caplog.records[-1].address
        port = int(address.rpartition(":")[2])
        opened = []
        for _ in range(MOST_CONNECTIONS + 9):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\nHost: ")
            opened.append((reader, writer))
        async with aiohttp.ClientSession() as session, session.get(address) as response:
            assert await response.text() == "hello"
        for reader, _ in opened[:10]:
            async with asyncio.timeout(20):
                assert await reader.read() == b""
        # The others are still heard.
        for reader, writer in opened[-9:]:
            writer.write(b"x\r\n\r\n")
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        for _, writer in opened:
            writer.close()
            await writer.wait_closed()


async def test_who_hangs_up_is_no_fault_of_ours(caplog):
    caplog.set_level(logging.INFO)
    statuses = asyncio.Queue()

    async def take(request):
        writer.transport.abort()
        return aiohttp.web.Response(body=await body_of(request))

    app = make_app([aiohttp.web.post("/", take)], lambda _method, _route, status: statuses.put_nowait(status))
    async with listening(app, Address("127.0.0.1", 0, "X"), asyncio.Event(), must=True):
        port = int(caplog.records[-1].address.rpartition(":")[2])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
        assert await statuses.get() == 400
    assert [record.message for record in caplog.records] == ["listening"]
