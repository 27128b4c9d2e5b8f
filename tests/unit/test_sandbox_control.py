"""What tests and people do to the sandbox: faults, limits, waiting, killing; its pages and its process."""

import asyncio
import json
import os
import signal
import sys

import aiohttp
import pytest
from sandbox_http import ADA, TOKEN, World, running, until


@pytest.fixture
async def world():
    async with running() as world:
        yield world


# Limits, faults, counting


async def test_limits_answer_429_with_the_seconds(world):
    await world.do("settings", {"limits": {"per_second": 3, "per_chat_per_second": 1}})
    await world.do("people/bulk", {"first_id": 1, "count": 5})
    statuses = [(await world.call("sendMessage", chat_id=chat, text="x"))[0] for chat in (1, 1, 2, 3, 4)]
    assert statuses == [200, 429, 200, 200, 429]
    async with world.session.post(f"{world.url}/bot{TOKEN}/sendMessage", json={"chat_id": 1, "text": "x"}) as response:
        assert response.headers["Retry-After"] == "1"
        assert await response.json() == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 1",
            "parameters": {"retry_after": 1},
        }


FAULTS = [
    ({"kind": "429", "retry_after": 7}, 429, "Too Many Requests: retry after 7", {"retry_after": 7}),
    ({"kind": "500"}, 500, "Internal Server Error: restart", None),
    (
        {"kind": "error", "status": 400, "description": "Bad Request: x", "parameters": {"migrate_to_chat_id": -1007}},
        400,
        "Bad Request: x",
        {"migrate_to_chat_id": -1007},
    ),
]


@pytest.mark.parametrize(("fault", "status", "description", "parameters"), FAULTS)
async def test_a_fault_strikes_as_often_as_asked(world, fault, status, description, parameters):
    await world.do("faults", [{**fault, "method": "sendMessage", "chat": ADA, "times": 1}])
    await world.result("getMe")
    got, body = await world.call("sendMessage", chat_id=ADA, text="x")
    assert (got, body["description"], body.get("parameters")) == (status, description, parameters)
    assert await world.records() == []
    await world.result("sendMessage", chat_id=ADA, text="x")


@pytest.mark.parametrize(("status", "words"), [(502, "502 Bad Gateway"), (504, "504 Gateway Time-out")])
async def test_a_bad_gateway_answers_html(world, status, words):
    await world.do("faults", [{"kind": str(status), "times": 1}])
    async with world.session.post(f"{world.url}/bot{TOKEN}/getMe") as response:
        assert (response.status, response.content_type) == (status, "text/html")
        lines = (
            *("<html>", f"<head><title>{words}</title></head>", "<body>", f"<center><h1>{words}</h1></center>"),
            *("<hr><center>nginx</center>", "</body>", "</html>", ""),
        )
        assert await response.text() == "\r\n".join(lines)


@pytest.mark.parametrize(
    ("kind", "delivered"), [("reset_before", 0), ("reset_after", 1), ("hang_before", 0), ("hang_after", 1)]
)
async def test_a_connection_ends_before_or_after_the_message_is_delivered(world, kind, delivered):
    await world.do("faults", [{"kind": kind, "times": 1}])
    call = asyncio.create_task(world.call("sendMessage", chat_id=ADA, text="x"))
    with pytest.raises((aiohttp.ClientError, asyncio.CancelledError)):
        await (_given_up(world, call) if kind.startswith("hang") else call)
    assert len(await world.records("kind=sent")) == delivered


async def _given_up(world, call):
    """End a call that is never answered, once the server has got as far as it will."""
    await until(lambda: _counted(world, "in_flight"))
    await world.control("wait?kind=sent&timeout=0.1")
    assert not call.done()
    call.cancel()
    await call


async def _counted(world, name):
    return (await world.control("requests"))[1][name]


async def test_broken_json_comes_after_the_message_is_delivered(world):
    await world.do("faults", [{"kind": "broken_json", "times": 1}])
    async with world.session.post(
        f"{world.url}/bot{TOKEN}/sendMessage", json={"chat_id": ADA, "text": "x"}
    ) as response:
        assert response.status == 200
        with pytest.raises(json.JSONDecodeError):
            await response.json()
    assert len(await world.records("kind=sent")) == 1


async def test_faults_can_be_lifted(world):
    await world.do("faults", [{"kind": "500"}])
    assert (await world.call("getMe"))[0] == 500
    await world.control("faults", verb="DELETE")
    assert (await world.call("getMe"))[0] == 200


async def test_latency_shows_how_many_sends_are_under_way(world):
    await world.do("settings", {"latency": 0.2})
    await asyncio.gather(*(world.result("sendMessage", chat_id=ADA, text="x") for _ in range(5)))
    counted = (await world.control("requests"))[1]
    assert counted["methods"]["sendMessage"] == {"200": 5}
    assert counted["max_in_flight"] == 5


async def test_waiting_ends_with_the_record_or_the_time(world):
    status, answer = await world.control("wait?kind=sent&timeout=0.01")
    assert (status, answer["records"]) == (408, [])
    waiting = asyncio.create_task(world.control(f"wait?kind=sent&chat={ADA}&count=2&timeout=30"))
    for text in ("one", "two"):
        await world.result("sendMessage", chat_id=ADA, text=text)
    status, answer = await asyncio.wait_for(waiting, 30)
    assert [record["message"]["text"] for record in answer["records"]] == ["one", "two"]
    assert [record["seq"] for record in answer["records"]] == [1, 2]
    assert (await world.control("wait?after=1"))[1]["records"] == answer["records"][1:]


async def test_records_can_be_had_without_what_was_said(world):
    await world.result("sendMessage", chat_id=ADA, text="x")
    [whole] = (await world.control("messages?kind=sent"))[1]["records"]
    [brief] = (await world.control("messages?kind=sent&brief=1"))[1]["records"]
    assert "message" in whole
    assert brief == {name: whole[name] for name in ("seq", "at", "kind", "chat")}


async def test_events_tell_the_past_and_go_on(world):
    await world.result("sendMessage", chat_id=ADA, text="past")
    async with world.session.get(f"{world.url}/sandbox/{TOKEN}/events") as stream:
        assert (await _event(stream))["message"]["text"] == "past"
        assert await _event(stream) == {"last": 1}
        await world.result("sendMessage", chat_id=ADA, text="present")
        assert (await asyncio.wait_for(_event(stream), 30))["message"]["text"] == "present"


async def test_a_page_that_was_closed_is_no_fault(world, caplog):
    async with world.session.get(f"{world.url}/sandbox/{TOKEN}/events") as stream:
        assert await _event(stream) == {"last": 0}
        stream.close()
    for text in ("one", "two", "three"):
        await world.result("sendMessage", chat_id=ADA, text=text)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def _event(stream):
    async for line in stream.content:
        if line.startswith(b"data: "):
            return json.loads(line.removeprefix(b"data: "))
    return None


async def test_the_nth_message_kills_the_process(world):
    victim = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    await world.do("stop_after", {"sends": 2, "pid": victim.pid})
    await world.result("sendMessage", chat_id=ADA, text="one")
    assert victim.returncode is None
    await world.result("sendMessage", chat_id=ADA, text="two")
    assert await asyncio.wait_for(victim.wait(), 30) == -signal.SIGKILL
    assert len(await world.records("kind=sent")) == 2


BAD_CONTROL = [
    ("send", {"person": 5, "text": "x"}, "there is no person 5"),
    ("send", {"person": ADA, "text": " "}, "a message needs a text that can be seen"),
    ("send", {"person": ADA}, "unknown or missing: text"),
    ("press", {"person": ADA, "message_id": 9, "data": "x"}, "unknown or missing: 9"),
    ("people", {"first_name": "Ada", "id": ADA}, "there is already a person 1001"),
    ("settings", {"colour": "red"}, "unknown settings: colour"),
    ("stop_after", {"sends": 0, "pid": 1}, "sends must be 1 or more, and pid the id of a process"),
]


@pytest.mark.parametrize(("path", "body", "words"), BAD_CONTROL)
async def test_a_control_call_that_cannot_be_says_why(world, path, body, words):
    assert await world.control(path, body) == (400, {"error": words})


async def test_who_has_no_account_says_nothing(world):
    await world.do("deactivate", {"person": ADA})
    assert await world.control("send", {"person": ADA, "text": "x"}) == (
        400,
        {"error": "person 1001 has no account any more"},
    )


async def test_a_foreign_page_cannot_send_here(world):
    async with world.session.post(f"{world.url}/sandbox/{TOKEN}/send", data='{"person":1001,"text":"x"}') as response:
        assert response.status == 400
    assert await world.records() == []


# Pages


async def test_the_only_bot_is_where_the_page_leads(world):
    async with world.session.get(f"{world.url}/", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "/chat/42:secret")
    async with world.session.get(f"{world.url}/chat/{TOKEN}") as response:
        assert "script-src 'self'" in response.headers["Content-Security-Policy"]
        assert 'data-testid="input"' in await response.text()
    await World(world.url, world.session, "43:<b>").do("people", {"first_name": "Boris"})
    async with world.session.get(f"{world.url}/") as response:
        assert response.status == 200


# The process


async def test_the_process_says_where_it_listens_and_ends_at_once():
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.sandbox", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    line = (await process.stdout.readline()).decode()
    assert line.startswith("listening on http://127.0.0.1:")
    async with aiohttp.ClientSession() as session:
        world = World(line.split()[-1], session)
        poll = asyncio.create_task(world.call("getUpdates", timeout=50))
        await until(world.polling)
        async with session.get(f"{world.url}/sandbox/{TOKEN}/events"):
            os.kill(process.pid, signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 20) == 0
        await asyncio.gather(poll, return_exceptions=True)
    assert await process.stdout.read() == b""
