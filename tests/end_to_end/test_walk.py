"""A walk through each kind of chat as an administrator, an anonymous one, a member and a stranger.

What each is told, and what a chat follows afterwards, in one table: who may do what, and where.
"""

import asyncio
from dataclasses import dataclass

import pytest
from newsroom import news
from sandbox import button

from bot.render import words

QUERY = "ferry"


@pytest.fixture
async def bot(newsroom):
    await newsroom.publish(news("The ferry is back", "It was blue once."), push="none")
    return await newsroom.start()


@dataclass(frozen=True)
class Walk:
    """One person's way through one chat. `where`: how they speak there."""

    person: int
    where: dict
    runs_it: bool


@pytest.fixture
async def people(sandbox, bot):  # noqa: ARG001  the bot must be there
    """Ada runs the chats, Clara too and unnamed, Boris is a member, Dora a stranger."""
    return {name: await sandbox.add_person(name.title()) for name in ("ada", "boris", "clara", "dora")}


async def found(sandbox, people, kind):
    """A chat of this kind with its people in it; give its id and the thread in which they meet."""
    members = [people["boris"], people["clara"]]
    if kind == "channel":
        chat = await sandbox.add_channel(people["ada"], "Harbour", username="harbour", members=members)
        await sandbox.promote(chat, people["clara"])
        return chat, 0
    chat = await sandbox.add_group(
        people["ada"],
        "Harbour",
        kind="group" if kind == "group" else "supergroup",
        members=members,
        forum=kind == "forum",
    )
    await sandbox.promote(chat, people["clara"])
    await sandbox.wait_for(chat=chat)
    return chat, await sandbox.add_topic(chat, "Boats") if kind == "forum" else 0


def walks(people, chat, thread):
    here = {"chat": chat, **({"thread": thread} if thread else {})}
    return [
        Walk(people["ada"], here, runs_it=True),
        Walk(people["clara"], {**here, "anonymous": True}, runs_it=True),
        Walk(people["boris"], here, runs_it=False),
    ]


def topic_of(message):
    """The topic that a message is in. A chain of replies has a number, too, that is no topic's."""
    return message["message_thread_id"] if message.get("is_topic_message") else 0


def listed(answer, followed):
    return (f"1. {QUERY}" in answer["text"]) == followed


async def test_in_private_everybody_is_at_home(sandbox, newsroom, people):
    async def walk(person):
        assert words.GREETING in (await sandbox.ask(person, "/start"))["text"]
        assert "The ferry is back" in (await sandbox.ask(person, QUERY))["text"]
        assert "reply_to_message" not in await sandbox.ask(person, f"/subscribe {QUERY}")

    await asyncio.gather(*map(walk, people.values()))
    after = await sandbox.last()
    await newsroom.publish(news("Another ferry"))
    records = await sandbox.wait_for(len(people), after=after)
    assert {record["chat"] for record in records} == set(people.values())


@pytest.mark.parametrize("kind", ["group", "supergroup", "forum"])
@pytest.mark.parametrize("place", [0, 1, 2], ids=["administrator", "anonymous", "member"])
async def test_in_a_group_all_ask_and_those_who_run_it_choose(sandbox, newsroom, people, kind, place):
    chat, thread = await found(sandbox, people, kind)
    walk = walks(people, chat, thread)[place]
    answer = await sandbox.ask(walk.person, f"/search {QUERY}", **walk.where)
    assert "The ferry is back" in answer["text"]
    assert topic_of(answer) == thread
    assert "reply_to_message" in answer
    said = await sandbox.ask(walk.person, f"/subscribe {QUERY}", **walk.where)
    assert (said["text"] == words.ADMINS_ONLY) is not walk.runs_it
    if not walk.runs_it:
        assert await sandbox.toast(walk.person, answer, words.FOLLOW) == words.ADMINS_ONLY
        assert listed(await sandbox.ask(walk.person, "/list", **walk.where), followed=False)
        return
    after = await sandbox.last()
    await newsroom.publish(news("Another ferry", "Blue."))
    [push] = await sandbox.wait_for(chat=chat, after=after)
    assert topic_of(push["message"]) == thread
    assert button(push["message"], words.FULL_TEXT)["url"].startswith("https://t.me/sandbox_bot?start=a_")
    # Nobody but those who run it take it back.
    assert await sandbox.toast(people["boris"], said, words.UNDO) == words.ADMINS_ONLY
    assert await sandbox.toast(walk.person, said, words.UNDO) == ""


@pytest.mark.parametrize("kind", ["group", "supergroup", "forum"])
async def test_a_stranger_is_not_in_the_group_and_reads_what_is_linked_there_alone(sandbox, newsroom, people, kind):
    chat, thread = await found(sandbox, people, kind)
    await sandbox.ask(people["ada"], "/subscribe", chat=chat, **({"thread": thread} if thread else {}))
    after = await sandbox.last()
    await newsroom.publish(news("Another ferry", "Red."))
    [push] = await sandbox.wait_for(chat=chat, after=after)
    with pytest.raises(ValueError, match="is not in this chat"):
        await sandbox.say(people["dora"], "/subscribe", chat=chat)
    payload = button(push["message"], words.FULL_TEXT)["url"].partition("?start=")[2]
    article = await sandbox.ask(people["dora"], f"/start {payload}")
    assert article["text"].startswith("Another ferry\n")
    assert listed(await sandbox.ask(people["dora"], "/list"), followed=False)


async def test_a_channel_is_managed_by_those_who_run_it(sandbox, newsroom, people):
    channel, _ = await found(sandbox, people, "channel")
    for person in people.values():
        await sandbox.ask(person, "/start")
    for name, runs_it in (("ada", True), ("clara", True), ("boris", False), ("dora", False)):
        person = people[name]
        said = await sandbox.ask(person, f"/subscribe @harbour {QUERY}")
        assert (said["text"] == words.ADMINS_OF_CHANNEL_ONLY) is not runs_it
        if not runs_it:
            continue
        after = await sandbox.last()
        await newsroom.publish(news(f"{name.title()}'s ferry", "Blue."))
        [push] = await sandbox.wait_for(chat=channel, after=after)
        assert "from" not in push["message"]
        assert button(push["message"], words.FULL_TEXT)["url"].startswith("https://t.me/sandbox_bot?start=a_")
        assert await sandbox.toast(person, said, words.UNDO) == ""
    with pytest.raises(ValueError, match="may not post"):
        await sandbox.say(people["boris"], "/subscribe", chat=channel)


async def test_a_channels_own_posts_are_those_of_whoever_runs_it(sandbox, people):
    channel, _ = await found(sandbox, people, "channel")
    said = await sandbox.ask(people["clara"], f"/subscribe {QUERY}", chat=channel)
    assert words.following(new=True) in said["text"]
    assert await sandbox.toast(people["boris"], said, words.UNDO) == words.ADMINS_ONLY
    assert await sandbox.toast(people["ada"], said, words.UNDO) == ""
