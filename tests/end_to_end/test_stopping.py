"""Ctrl-C and SIGTERM, at whatever moment they come; a server that hangs or is none."""

import asyncio
import json
import signal
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import pytest
from newsroom import Newsroom, news
from sandbox import Sandbox

from storage import EVERYTHING, Change

STOPPED = "newscrier: stopped; what was done stays done"
INTERRUPTED, TERMINATED = 130, 143
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 22\r\n\r\n<html>Not Found</html>"


@asynccontextmanager
async def server(answer=b""):
    """What stands where Telegram should, and says `answer` or nothing. Gives its address, and when it was asked."""
    asked = asyncio.Event()
    serving = set()

    async def serve(reader, writer):
        serving.add(asyncio.current_task())
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0))
                asked.set()
                writer.write(answer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listener:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}", asked
        await asyncio.gather(*serving)


def script(code, *arguments):
    """Run some Python; give its exit code and what it said."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    return done.returncode, (done.stdout + done.stderr).strip()


async def test_a_server_that_hangs_holds_up_no_stop(tmp_path):
    async with server() as (url, asked), Newsroom(Sandbox(url, "1:end-to-end", session=None), tmp_path) as room:
        bot = await room.launch("run")
        await asked.wait()
        assert await bot.stop(within=15) == 0
        assert bot.output == ""


async def test_a_proxy_that_answers_404_is_no_refused_token(tmp_path):
    async with server(NOT_FOUND) as (url, _), Newsroom(Sandbox(url, "1:end-to-end", session=None), tmp_path) as room:
        bot = await room.launch("run")
        assert "404" in await bot.said("Telegram cannot be reached", times=2)
        assert await bot.stop(within=15) == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, INTERRUPTED), (signal.SIGTERM, TERMINATED)])
async def test_a_second_signal_ends_at_once(sandbox, newsroom, number, code):
    ada, bob = await sandbox.add_people(2)
    bot = await newsroom.start()
    await sandbox.faults({"kind": "hang_before", "method": "sendMessage", "chat": ada})
    await sandbox.say(ada, "/help")
    await sandbox.ask(bob, "/help")  # by then ada's is on its way
    bot.process.terminate()
    await bot.said("stopping")
    bot.process.send_signal(number)
    assert await bot.ended(within=15) == code
    assert bot.lines[-1] == STOPPED
    assert "Traceback" not in bot.output


async def test_what_cannot_be_confirmed_is_not_waited_for(sandbox, newsroom):
    ada = await sandbox.add_person("Ada")
    bot = await newsroom.start()
    await sandbox.ask(ada, "/help")
    await sandbox.faults({"kind": "hang_before", "method": "getUpdates"})
    assert await bot.stop(within=15) == 0
    assert "may be answered twice" in bot.output


async def test_a_menu_that_is_refused_stops_nothing(sandbox, newsroom):
    await sandbox.faults({"kind": "429", "method": "setMyCommands", "retry_after": 40})
    bot = await newsroom.start()
    assert "the menu of commands was not set" in bot.output
    ada = await sandbox.add_person("Ada")
    await sandbox.ask(ada, "/help")
    assert await bot.stop(within=15) == 0


def test_ctrl_c_while_libraries_are_imported():
    code = "import os, signal\nfrom bot.ending import quiet\nwith quiet():\n    os.kill(os.getpid(), signal.SIGINT)\n"
    assert script(code) == (INTERRUPTED, STOPPED)


def test_importing_the_command_line_leaves_ctrl_c_as_it_was():
    code = "import signal, bot.cli; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    assert script(code) == (0, "True")


WORK = """
import asyncio, os, signal, sys
from bot.signals import Interrupted, run_unless_interrupted
from storage import open_store

def interrupt(times):
    for _ in range(times):
        os.kill(os.getpid(), signal.SIGINT)

async def work(url, when, times):
    if when == "opening":
        interrupt(times)
    async with open_store(url) as store:
        await store.sources.all()
        interrupt(times)
        if when == "working":
            await asyncio.Event().wait()
    await asyncio.Event().wait()

try:
    run_unless_interrupted(work(sys.argv[1], sys.argv[2], int(sys.argv[3])))
except Interrupted:
    interrupt(1)
    print("interrupted")
"""


@pytest.mark.parametrize("times", [1, 2, 5])
@pytest.mark.parametrize("when", ["opening", "working", "closing"])
def test_ctrl_c_however_often_closes_the_store_and_ends(tmp_path, when, times):
    assert script(WORK, f"sqlite:///{tmp_path / 'news.db'}", when, times) == (0, "interrupted")


@pytest.fixture
def many(tmp_path):
    """More articles than are read in a moment."""
    lines = (json.dumps(news(f"Headline {number}", hours_ago=1) | {"id": number}) for number in range(30_000))
    (tmp_path / "many.jsonl").write_text("\n".join(lines))
    return "many.jsonl"


async def test_ctrl_c_in_an_import_keeps_what_was_stored(newsroom, many):
    importing = await newsroom.launch("import", many, "--source", "The Bell")
    async with newsroom.store() as store:
        while not (await store.articles.search(EVERYTHING, now=datetime.now(UTC), limit=1)).articles:
            await store.changed(Change.ARTICLES, 30)
    for _ in range(3):
        importing.process.send_signal(signal.SIGINT)
    assert await importing.ended(within=15) == INTERRUPTED
    assert importing.output == STOPPED
    async with newsroom.store() as store:
        assert (await store.articles.search(EVERYTHING, now=datetime.now(UTC), limit=1)).articles


async def test_ctrl_c_while_a_demo_loads_is_no_error(newsroom, many, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(newsroom.folder))
    program = await newsroom.launch("demo", "--no-browser", many)
    await program.said("more articles arrive")
    program.process.send_signal(signal.SIGINT)
    assert await program.ended(within=15) == 0
    assert len(program.lines) == 3
    assert list(newsroom.folder.glob("newscrier-demo-*")) == []
