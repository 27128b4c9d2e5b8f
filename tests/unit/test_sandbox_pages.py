"""What the chat page gets from the sandbox beside records: pictures, mentions, faults in force, a furnished town."""

import asyncio
import json

import aiohttp
import pytest
from sandbox_http import ADA, TOKEN, running
from test_sandbox_photos import GIF, GOOD, WEBP, jpeg

from bot.sandbox.server import Server


@pytest.fixture
async def world():
    async with running() as world:
        yield world


@pytest.mark.parametrize(
    ("data", "kind"), [(GOOD, "image/png"), (jpeg(30, 20), "image/jpeg"), (GIF, "image/gif"), (WEBP, "image/webp")]
)
async def test_a_picture_is_shown_as_a_picture_only(world, data, kind):
    form = aiohttp.FormData({"chat_id": str(ADA)})
    form.add_field("photo", data, filename="a")
    async with world.session.post(f"{world.url}/bot{TOKEN}/sendPhoto", data=form) as response:
        [size] = (await response.json())["result"]["photo"]
    async with world.session.get(f"{world.url}/chat/{TOKEN}/photos/{size['file_id']}") as response:
        assert (response.status, response.content_type, await response.read()) == (200, kind, data)
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", [f"chat/{TOKEN}/photos/none", "static/index.html", "static/nothing.js", "static/..%2Fapi.py"]
)
async def test_there_is_nothing_else(world, path):
    async with world.session.get(f"{world.url}/{path}") as response:
        assert response.status == 404


async def mentioned(world, query, act):
    """Give what an event stream tells from the moment when the past is told until the next record."""
    async with world.session.get(f"{world.url}/sandbox/{TOKEN}/events{query}") as stream, asyncio.timeout(30):
        while await stream.content.readline() != b"event: ready\n":
            pass
        await act()
        lines = []
        while not lines or not lines[-1].startswith(b"id:"):
            lines.append(await stream.content.readline())
        told = [lines[at + 1] for at, line in enumerate(lines) if line == b"event: mention\n"]
        return [json.loads(line.removeprefix(b"data: ")) for line in told]


async def test_typing_and_changes_are_mentioned_to_who_asks(world):
    async def act():
        await world.result("sendChatAction", chat_id=ADA, action="typing")
        await world.do("block", {"person": ADA})
        await world.do("unblock", {"person": ADA})
        await world.result("setMyDescription", description="News")
        await world.result("getMe")
        await world.do("send", {"person": ADA, "text": "heard as a record"})

    changed = {"kind": "changed"}
    typing = {"kind": "action", "chat": ADA, "thread": 0, "action": "typing"}

    assert await mentioned(world, "?mentions=1", act) == [typing, changed, changed, changed]
    assert await mentioned(world, "", act) == []
    assert len(await world.records()) == 2


async def test_faults_in_force_are_listed_until_they_wear_off(world):
    await world.do("faults", [{"kind": "500", "chat": ADA, "times": 1}, {"kind": "latency", "seconds": 0.01}])
    _, answer = await world.control("faults")
    assert [(fault["kind"], fault["chat"], fault["times"]) for fault in answer["faults"]] == [
        ("500", ADA, 1),
        ("latency", None, None),
    ]
    await world.call("sendMessage", chat_id=ADA, text="x")
    _, answer = await world.control("faults")
    assert [fault["kind"] for fault in answer["faults"]] == ["latency"]


async def test_a_town_has_one_chat_of_every_kind_with_the_bot_in_it():
    async with Server(town=True) as server, aiohttp.ClientSession() as session:

        async def read(what):
            async with session.get(f"{server.url}/sandbox/{TOKEN}/{what}") as response:
                return await response.json()

        people = (await read("people"))["people"]
        assert [(person["first_name"], person["started"]) for person in people] == [
            ("Ada", False),
            ("Boris", False),
            ("Clara", False),
        ]
        chats = (await read("chats"))["chats"]
        kinds = [(chat["type"], chat.get("is_forum", False), len(chat["topics"])) for chat in chats]
        assert kinds == [("group", False, 0), ("supergroup", True, 2), ("channel", False, 0)]
        bots = [chat["members"]["42"]["status"] for chat in chats]
        assert bots == ["member", "member", "administrator"]
        ours = [[chat["members"][str(person["id"])]["status"] for person in people] for chat in chats]
        assert ours == [
            ["creator", "member", "member"],
            ["administrator", "creator", "member"],
            ["creator", "member", "member"],
        ]
        async with session.get(f"{server.url}/bot{TOKEN}/getUpdates") as response:
            updates = (await response.json())["result"]
        assert len(updates) < 10
        assert sum("my_chat_member" in update for update in updates) == 3
