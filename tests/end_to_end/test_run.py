"""`newscrier run` as an operator meets it: how it starts, what it cannot do without, how it stops."""

import json
import socket
import sqlite3
from collections import Counter

import aiohttp
import pytest
from newsroom import Newsroom, news, sandbox_process
from sandbox import Sandbox, TooFewRecordsError

USAGE, TOKEN, DATABASE, OTHER_INSTANCE, UNAVAILABLE = 2, 3, 4, 5, 6


def the_line(output):
    """The one line that says why; it is no traceback."""
    [line] = output.strip().split("\n")
    assert line.startswith("newscrier: ")
    return line


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"token": ""}, "NEWSCRIER_TOKEN is not set"),
        ({"token": "secret"}, "NEWSCRIER_TOKEN: expected the line @BotFather gave you"),
        ({"token": "12345:secret/../getMe"}, "NEWSCRIER_TOKEN: expected the line @BotFather gave you"),
        ({"messages_per_second": "99"}, "NEWSCRIER_MESSAGES_PER_SECOND: "),
        ({"messages_per_second": "many"}, "NEWSCRIER_MESSAGES_PER_SECOND: "),
        ({"timezone": "Mars/Olympus"}, "NEWSCRIER_TIMEZONE: 'Mars/Olympus' is no time zone"),
        ({"api_url": "api.telegram.org"}, "NEWSCRIER_API_URL: expected an address"),
        ({"log_format": "xml"}, "NEWSCRIER_LOG_FORMAT: "),
        ({"log_level": "loud"}, "NEWSCRIER_LOG_LEVEL: "),
    ],
)
async def test_a_setting_that_is_wrong_is_named(newsroom, settings, said):
    code, output = await newsroom.run("run", **settings)
    assert code == USAGE
    assert said in the_line(output)
    assert "secret" not in output


async def test_a_database_of_another_program(newsroom, tmp_path):
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE cheese (name)")
    connection.close()
    code, output = await newsroom.run("run", database=f"sqlite:///{tmp_path / 'other.db'}")
    assert code == DATABASE
    assert "not made by Newscrier" in the_line(output)


async def test_a_database_that_is_none(newsroom, tmp_path):
    (tmp_path / "text.db").write_bytes(b"This is no database at all, but it is long enough to be taken for one. " * 20)
    code, output = await newsroom.run("run", database=f"sqlite:///{tmp_path / 'text.db'}")
    assert code == DATABASE
    assert "text.db" in the_line(output)


async def test_a_database_that_cannot_be_used_now(newsroom, tmp_path):
    code, output = await newsroom.run("run", database=f"sqlite:///{tmp_path / 'nowhere/news.db'}")
    assert code == UNAVAILABLE
    assert "nowhere/news.db" in the_line(output)


async def test_a_database_address_that_is_none(newsroom):
    code, output = await newsroom.run("run", database="mysql://localhost/news")
    assert code == DATABASE
    assert "expected sqlite:/// and a path" in the_line(output)


async def test_a_database_of_a_newer_version(newsroom, tmp_path):
    async with newsroom.store():
        pass
    connection = sqlite3.connect(tmp_path / "news.db")
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    code, output = await newsroom.run("run")
    assert code == DATABASE
    assert "schema 999" in the_line(output)


async def test_a_token_that_telegram_does_not_know(sandbox, newsroom):
    await sandbox.revoke()
    code, output = await newsroom.run("run")
    assert code == TOKEN
    assert "NEWSCRIER_TOKEN" in the_line(output)
    assert "end-to-end" not in output


async def test_a_token_that_is_revoked_while_the_bot_runs(sandbox, newsroom):
    bot = await newsroom.start()
    ada = await sandbox.add_person("Ada")
    await sandbox.ask(ada, "/help")
    await sandbox.revoke()
    await sandbox.say(ada, "/latest")
    assert await bot.ended() == TOKEN
    assert "NEWSCRIER_TOKEN" in bot.lines[-1]
    assert "Traceback" not in bot.output
    assert "end-to-end" not in bot.output


async def test_a_token_that_is_revoked_is_noticed_by_a_push_too(sandbox, newsroom):
    ada = await sandbox.add_person("Ada")
    await newsroom.follow([ada])
    bot = await newsroom.start()
    await sandbox.revoke()
    await newsroom.import_(news("The ferry is back"))
    assert await bot.ended() == TOKEN
    assert "NEWSCRIER_TOKEN" in bot.lines[-1]
    assert "Traceback" not in bot.output
    assert newsroom.outcomes() == []


async def test_of_two_instances_with_databases_of_their_own_the_older_goes_on(sandbox, newsroom, tmp_path):
    older = await newsroom.start()
    # From ten seconds on an instance counts as settled. It says nothing by itself meanwhile.
    with pytest.raises(TooFewRecordsError):
        await sandbox.wait_for(within=11)
    newer = await newsroom.start(database=f"sqlite:///{tmp_path / 'other.db'}")
    assert await newer.ended() == OTHER_INSTANCE
    assert "another instance is polling" in newer.lines[-1]
    assert "Traceback" not in newer.output
    ada = await sandbox.add_person("Ada")
    await sandbox.ask(ada, "/help")
    assert await older.stop() == 0


async def test_what_botfather_can_mend_is_said_at_the_start(sandbox, newsroom):
    await sandbox.settings(can_join_groups=False, can_read_all_group_messages=True, username="velmora_bot")
    bot = await newsroom.start()
    assert await bot.stop() == 0
    assert "/setjoingroups, @velmora_bot, Enable" in bot.output
    assert "/setprivacy, @velmora_bot, Enable" in bot.output
    # Nobody was given a key, and monitoring is off in tests.
    assert "listening" not in bot.output


async def test_a_stop_in_the_middle_of_pushes_repeats_and_loses_nothing(sandbox, newsroom):
    crowd = await sandbox.add_people(100)
    await sandbox.settings(latency=0.2)
    await newsroom.follow(crowd)
    await newsroom.import_(news("The ferry is back"))
    for sent in (1, 30):
        bot = await newsroom.start()
        await sandbox.wait_for(sent)
        assert await bot.stop(within=15) == 0
    assert len(await sandbox.messages(kind="sent")) < 100
    bot = await newsroom.start()
    await sandbox.wait_for(100)
    assert await bot.stop() == 0
    assert Counter(record["chat"] for record in await sandbox.messages(kind="sent")) == Counter(crowd)


async def test_a_stop_answers_what_was_asked_and_answers_nothing_twice(sandbox, newsroom):
    people = await sandbox.add_people(10)
    await sandbox.settings(latency=0.2)
    bot = await newsroom.start()
    for person in people:
        await sandbox.say(person, "/help")
    await sandbox.wait_for(1)
    assert await bot.stop() == 0
    bot = await newsroom.start()
    ada = await sandbox.add_person("Ada")
    await sandbox.ask(ada, "/help")
    await sandbox.wait_for(11)
    assert await bot.stop() == 0
    assert Counter(record["chat"] for record in await sandbox.messages(kind="sent")) == Counter([*people, ada])


async def test_a_stop_does_not_wait_for_whom_telegram_holds_back(sandbox, newsroom):
    ada = await sandbox.add_person("Ada")
    bot = await newsroom.start()
    await sandbox.faults({"kind": "429", "method": "sendMessage", "chat": ada, "retry_after": 40})
    await sandbox.say(ada, "/help")
    bob = await sandbox.add_person("Bob")
    await sandbox.ask(bob, "/help")
    assert await bot.stop(within=15) == 0
    assert "Traceback" not in bot.output


@pytest.mark.parametrize("kind", ["429", "502", "reset_before"])
async def test_a_bad_beginning_is_overcome(sandbox, newsroom, kind):
    methods = ("getMe", "deleteWebhook", "setMyCommands", "getUpdates")
    await sandbox.faults(*({"kind": kind, "method": method, "times": 1} for method in methods))
    bot = await newsroom.start()
    ada = await sandbox.add_person("Ada")
    await sandbox.ask(ada, "/help")
    assert await bot.stop() == 0
    assert "Traceback" not in bot.output


async def test_telegram_may_come_later_than_the_bot(numbers, tmp_path):
    token = f"{next(numbers)}:end-to-end"
    async with aiohttp.ClientSession() as session:
        with socket.socket() as reserved:  # held all the time, and so nobody else is given it
            reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            reserved.bind(("127.0.0.1", 0))
            port = reserved.getsockname()[1]
            sandbox = Sandbox(f"http://127.0.0.1:{port}", token, session)
            async with Newsroom(sandbox, tmp_path) as newsroom:
                bot = await newsroom.launch("run")
                await bot.said("Telegram cannot be reached", times=2)
                with sandbox_process(port):
                    ada = await sandbox.add_person("Ada")
                    await sandbox.ask(ada, "/help")
                    assert await bot.stop() == 0
                assert "end-to-end" not in bot.output
                assert "Traceback" not in bot.output


async def test_a_bot_that_never_reached_telegram_stops_at_once(numbers, tmp_path):
    sandbox = Sandbox("http://127.0.0.1:9", f"{next(numbers)}:end-to-end", session=None)
    async with Newsroom(sandbox, tmp_path) as newsroom:
        bot = await newsroom.launch("run")
        await bot.said("Telegram cannot be reached", times=3)
        assert await bot.stop(within=15) == 0


async def test_json_logs_are_json(newsroom):
    bot = await newsroom.start(log_format="json")
    assert await bot.stop() == 0
    events = [json.loads(line)["event"] for line in bot.lines]
    assert events == ["running", "stopping", "stopped"]
