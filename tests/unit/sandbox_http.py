"""Raw HTTP to a sandbox in this process: one bot's world, with Ada in it."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
from judging import judge_sandbox

from bot.sandbox.server import Server

TOKEN = "42:secret"
ADA = 1001


class World:
    """One bot in a running server, with Ada in it."""

    def __init__(self, url, session, token=TOKEN):
        self.url, self.session, self.token = url, session, token

    async def call(self, method, **arguments):
        async with self.session.post(f"{self.url}/bot{self.token}/{method}", json=arguments) as response:
            return response.status, await response.json()

    async def result(self, method, **arguments):
        status, body = await self.call(method, **arguments)
        assert (status, body["ok"]) == (200, True), body
        return body["result"]

    async def refusal(self, method, **arguments):
        status, body = await self.call(method, **arguments)
        assert body == {
            "ok": False,
            "error_code": status,
            **{k: body[k] for k in ("description", "parameters") if k in body},
        }
        return status, body["description"]

    async def control(self, path, body=None, verb=None):
        verb = verb or ("GET" if body is None else "POST")
        async with self.session.request(verb, f"{self.url}/sandbox/{self.token}/{path}", json=body) as response:
            return response.status, await response.json()

    async def do(self, path, body):
        status, answer = await self.control(path, body)
        assert status == 200, answer
        return answer

    async def records(self, query=""):
        return (await self.control(f"messages?{query}"))[1]["records"]

    async def polling(self):
        return (await self.control("requests"))[1]["polling"]

    async def updates(self, **arguments):
        return await self.result("getUpdates", **arguments)


@asynccontextmanager
async def running():
    async with Server() as server, aiohttp.ClientSession() as session:
        world = World(server.url, session)
        await world.do("people", {"first_name": "Ada", "id": ADA})
        yield world
        # In a thread: the server that is asked runs in this event loop.
        await asyncio.to_thread(judge_sandbox, server.url)


async def until(condition):
    """Ask `condition` again and again until it holds."""
    async with asyncio.timeout(30):
        while not await condition():
            pass


def keyboard(*rows):
    return {"inline_keyboard": [list(row) for row in rows]}


OK_BUTTON = {"text": "Open", "callback_data": "open"}
