"""`newscrier check` and `/stats`: whether all is well, for who runs the bot."""

import sqlite3
from contextlib import closing

import pytest
from newsroom import news

from bot.render import words

TOO_LONG = {"kind": "error", "status": 400, "description": "Bad Request: message is too long", "method": "sendMessage"}


def findings(output):
    """What was found, by its name; what goes on below it is joined on."""
    found = {}
    name = ""
    for line in output.splitlines():
        mark, *rest = line.split(maxsplit=1)
        assert mark in {"✓", "✗"}
        # The names are a column of their own.
        name = line[3:].split("  ")[0].strip() or name
        found.setdefault(name, []).append((mark, rest[0] if rest else ""))
    return found


def mark(found, name):
    return {each for each, _ in found[name]}


async def test_before_the_first_start_nothing_is_made(newsroom, tmp_path):
    code, output = await newsroom.run("check")
    found = findings(output)
    assert code == 0, output
    assert "there is none yet" in output
    assert f"@sandbox_bot at {newsroom.sandbox.url}" in output
    assert all(mark(found, name) == {"✓"} for name in found)
    assert not list(tmp_path.glob("news.db*"))


async def test_a_running_bot_and_what_telegram_refused(sandbox, newsroom):
    ada = await sandbox.add_person("Ada")
    bob = await sandbox.add_person("Bob")
    await newsroom.follow([ada, bob])
    bot = await newsroom.start(admins=f"1,{bob}")
    await sandbox.faults({**TOO_LONG, "chat": ada, "times": 1})
    await newsroom.publish(news("The ferry is back"))
    await sandbox.wait_for(chat=bob)
    await bot.said("refused")
    await sandbox.block(ada)
    said = (await sandbox.ask(bob, "/stats"))["text"]
    assert "2 private" in said
    assert "1 refused in 7 days, among the last:\n• 1 × Message is too long" in said
    code, output = await newsroom.run("check")
    found = findings(output)
    assert code == 1
    assert "one is running" in output
    assert {name for name in found if "✗" in mark(found, name)} == {"refused"}
    assert "Message is too long (/article_1)" in output
    assert "1 paused" in output
    assert await bot.stop() == 0
    code, output = await newsroom.run("check")
    assert "none is running" in output
    assert sandbox.token not in output


async def test_who_does_not_run_the_bot_is_told_nothing(sandbox, newsroom):
    ada = await sandbox.add_person("Ada")
    await newsroom.start(admins=f"{ada + 1}")
    assert (await sandbox.ask(ada, "/stats"))["text"] == words.unknown_command("stats", "start")
    assert "stats" not in {command["command"] for command in await sandbox.commands(ada)}


async def test_what_should_be_mended_is_said_without_the_token(sandbox, newsroom, tmp_path):
    assert (await sandbox.method("setWebhook", url="https://hooks.example.org/secret/path"))[1]["ok"]
    code, output = await newsroom.run("check", api_url=newsroom.sandbox.url)
    assert code == 1
    assert "hooks.example.org takes what people say" in output
    assert "secret/path" not in output
    code, output = await newsroom.run(
        "check", api_url="http://ada:sesame@127.0.0.1:1/sesame", database=f"sqlite:///{tmp_path}/no/news.db"
    )
    found = findings(output)
    assert (code, mark(found, "token"), mark(found, "database")) == (1, {"✗"}, {"✗"})
    assert "http://127.0.0.1:1 does not answer" in output
    assert "sesame" not in output
    assert "there is no such folder" in output
    assert sandbox.token not in output


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"token": ""}, "NEWSCRIER_TOKEN is not set"),
        ({"token": "secret"}, "NEWSCRIER_TOKEN: expected the line @BotFather gave you"),
        ({"admins": "@ada"}, "NEWSCRIER_ADMINS: '@ada' is no person's id"),
    ],
)
async def test_settings_that_are_wrong_are_found(newsroom, settings, said):
    code, output = await newsroom.run("check", **settings)
    assert code == 1
    assert "✗" in output
    assert said in output
    assert "secret" not in output


async def test_a_revoked_token_and_another_programs_database_are_found(sandbox, newsroom, tmp_path):
    await sandbox.revoke()
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE cheese (name)")
    code, output = await newsroom.run("check", database=f"sqlite:///{tmp_path / 'other.db'}")
    assert code == 1
    assert "Telegram does not know this token" in output
    assert "not made by Newscrier" in output
    assert sandbox.token not in output
