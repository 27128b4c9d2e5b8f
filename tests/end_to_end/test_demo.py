"""`newscrier demo`: what a newcomer sees, on their own machine, and what is left of it afterwards: nothing."""

import os
import re
import shutil
import signal
import socket
from pathlib import Path
from zipfile import ZipFile

import aiohttp
import pytest
from sandbox import Sandbox

from bot.demo import TOKEN
from bot.render import words

FIXTURE = Path(__file__).parents[1] / "fixtures" / "page.txt"
OPML = '<opml><body><outline text="Rain" xmlUrl="https://rain.example/feed"/></body></opml>'
NEWEST, OLDEST = "Forty-One Bridges and One Goat", "“Nine pupils are enough”"


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """Where the demo keeps its database; nothing is in it afterwards."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
async def demo(newsroom):
    """Start a demo; give its process and its sandbox once it shows its address."""
    async with aiohttp.ClientSession() as session:

        async def start(*arguments):
            program = await newsroom.launch("demo", "--no-browser", *map(str, arguments))
            line = await program.said("The bot is at ")
            url = re.search(r"http://127\.0\.0\.1:\d+", line)[0]
            return program, Sandbox(url, TOKEN, session)

        yield start


def children(program):
    """The processes that a process has started."""
    return [int(pid) for pid in Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()]


def is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def interrupt(program):
    """Press Ctrl-C; give the exit code, which comes soon."""
    program.process.send_signal(signal.SIGINT)
    return await program.ended(within=15)


async def test_a_newcomer_asks_follows_and_gets_a_push(demo):
    program, sandbox = await demo("--every", 2)
    async with aiohttp.ClientSession() as session, session.get(sandbox.url) as page:
        assert page.status == 200
        assert str(page.url) == sandbox.page
        assert "<!doctype html>" in await page.text()
    ada = await sandbox.add_person("Ada")
    assert (await sandbox.ask(ada, "/latest"))["text"].count("/article_") == 7
    followed = await sandbox.ask(ada, "/subscribe")
    assert words.following(new=True) in followed["text"]
    [_, _, push] = await sandbox.wait_for(3, chat=ada)
    assert "🔔" not in push["message"]["text"]  # a card, not a list
    assert words.READ in str(push["message"]["reply_markup"])
    started = children(program)
    assert started
    assert await interrupt(program) == 0
    assert [pid for pid in started if is_there(pid)] == []
    assert "one every 2 seconds" in program.output
    assert "Traceback" not in program.output


async def test_ctrl_c_at_the_very_start(newsroom):
    program = await newsroom.launch("demo", "--no-browser")
    await program.said("Starting")
    assert await interrupt(program) == 0
    assert program.output == "Starting ..."


async def test_its_sandbox_does_not_outlive_it(demo, temporary):
    program, sandbox = await demo()
    await program.kill()
    # The sandbox cuts what it still answers.
    with pytest.raises(aiohttp.ClientError):
        await sandbox.wait_for()
    shutil.rmtree(next(temporary.iterdir()))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_it_ends_with_its_terminal_too(demo, number):
    program, _ = await demo()
    await program.said("one every 20 seconds")
    started = children(program)
    program.process.send_signal(number)
    assert await program.ended(within=15) == 0
    assert [pid for pid in started if is_there(pid)] == []


async def test_a_readers_own_files(demo, tmp_path):
    with ZipFile(tmp_path / "mine.zip", "w") as mine:
        mine.write(FIXTURE, "page.txt")
        mine.writestr("feeds.opml", OPML)
    program, sandbox = await demo(tmp_path / "mine.zip", "--every", 0.2)
    assert "feeds.opml: the demo reads no lists of feeds" in await program.said("feeds.opml")
    assert "10 more articles" in await program.said("more articles")
    ada = await sandbox.add_person("Ada")
    first = await sandbox.ask(ada, "/latest")
    assert OLDEST in first["text"]
    assert NEWEST not in first["text"]
    await sandbox.ask(ada, "/subscribe")
    after = await sandbox.last()
    given = ""
    while NEWEST not in given:
        [*_, record] = await sandbox.wait_for(chat=ada, after=after)
        given, after = record["message"]["text"], record["seq"]
    assert words.found(11, more=False) in (await sandbox.ask(ada, "/search after:2000-01-01"))["text"]
    assert await interrupt(program) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "there is no nowhere"),
        (["empty"], "no article was found there"),
        (["--every", "0"], "--every"),
        (["--port", "taken"], "is the port free?"),
    ],
)
async def test_what_cannot_be_shown_is_said_in_one_line(newsroom, tmp_path, arguments, said):
    (tmp_path / "empty").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        given = [port if argument == "taken" else argument for argument in arguments]
        code, output = await newsroom.run("demo", "--no-browser", *given)
    assert code == 2
    assert said in output
    assert "Traceback" not in output


async def test_a_wrong_setting_is_named(newsroom):
    code, output = await newsroom.run("demo", "--no-browser", timezone="Mars/Olympus")
    assert code == 2
    assert "NEWSCRIER_TIMEZONE" in output
    assert "Traceback" not in output
