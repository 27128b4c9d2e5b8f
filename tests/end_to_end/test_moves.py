"""Groups that become supergroups: what they follow comes along, whoever tells first and however often."""

import pytest
from newsroom import news

from bot.render import words


@pytest.fixture
async def bot(newsroom):
    return await newsroom.start()


@pytest.fixture
async def ada(sandbox, bot):  # noqa: ARG001  the bot must be there
    ada = await sandbox.add_person("Ada")
    await sandbox.ask(ada, "/start")
    return ada


async def a_group(sandbox, ada, query, **more):
    """A basic group that follows the query."""
    group = await sandbox.add_group(ada, "Friends", kind="group", **more)
    await sandbox.wait_for(chat=group)
    await sandbox.ask(ada, f"/subscribe {query}", chat=group)
    return group


async def followed(sandbox, ada, chat):
    return (await sandbox.ask(ada, "/subscriptions@sandbox_bot", chat=chat))["text"]


@pytest.mark.parametrize("first", ["old", "new"])
async def test_service_messages_move_it_in_either_order(sandbox, newsroom, ada, first):
    group = await a_group(sandbox, ada, "ferry")
    new = await sandbox.upgrade(group, first=first)
    assert "1. ferry" in await followed(sandbox, ada, new)
    after = await sandbox.last()
    await newsroom.publish(news("The ferry is back"))
    [push] = await sandbox.wait_for(after=after)
    assert push["chat"] == new
    assert (await sandbox.requests())["methods"]["sendMessage"].get("400") is None


async def test_a_push_that_comes_before_the_news_of_the_move(sandbox, newsroom, ada, bot):
    group = await a_group(sandbox, ada, "ferry")
    assert await bot.stop() == 0
    await newsroom.publish(news("The ferry is back"))
    # Updates reach the bot later than its first push does.
    await sandbox.faults({"kind": "500", "method": "getUpdates", "times": 2})
    new = await sandbox.upgrade(group)
    after = await sandbox.last()
    await newsroom.start()
    [push] = await sandbox.wait_for(after=after)
    assert push["chat"] == new
    await newsroom.publish(news("Another ferry"))
    pushes = await sandbox.wait_for(2, after=after)
    assert [(push["chat"], push["message"]["text"].split("\n")[0]) for push in pushes] == [
        (new, "The ferry is back"),
        (new, "Another ferry"),
    ]


async def test_into_a_chat_that_is_known(sandbox, newsroom, ada):
    group = await a_group(sandbox, ada, "ferry", members=[])
    known = -1_009_000_000_001
    await newsroom.follow([known], "soup")
    await newsroom.follow([known], "ferry")
    await sandbox.upgrade(group, id=known)
    listed = await followed(sandbox, ada, known)
    assert "soup" in listed
    assert listed.count("ferry") == 1
    after = await sandbox.last()
    await newsroom.publish(news("Soup on the ferry"))
    await sandbox.wait_for(chat=known, after=after)
    await sandbox.ask(ada, "/help@sandbox_bot", chat=known)
    assert len(await sandbox.messages(chat=known, kind="sent", after=after)) == 2


async def test_what_is_known_of_it_comes_along(sandbox, newsroom, ada):
    group = await a_group(sandbox, ada, "*")
    new = await sandbox.upgrade(group)
    await followed(sandbox, ada, new)
    after = await sandbox.last()
    await sandbox.permissions(new, can_send_messages=False)
    await newsroom.publish(news("Soup"))
    [told] = await sandbox.wait_for(chat=ada, after=after)
    assert told["message"]["text"] == words.may_not_write("Friends")


async def test_two_groups_may_move_one_after_the_other(sandbox, newsroom, ada):
    moved = [await sandbox.upgrade(await a_group(sandbox, ada, query)) for query in ("ferry", "soup")]
    for chat, query in zip(moved, ("ferry", "soup"), strict=True):
        assert f"1. {query}" in await followed(sandbox, ada, chat)
    after = await sandbox.last()
    await newsroom.publish(news("Soup on the ferry"))
    pushes = await sandbox.wait_for(2, after=after)
    assert {push["chat"] for push in pushes} == set(moved)
