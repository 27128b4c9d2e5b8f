"""From an import in another process to the chats that want it, through the real library."""

import pytest
from newsroom import news

from bot.render import words

TOO_LONG = {"kind": "error", "status": 400, "description": "Bad Request: message is too long"}
CANNOT_PARSE = {
    "kind": "error",
    "status": 400,
    "description": "Bad Request: can't parse entities: unsupported start tag",
}


def texts(records):
    return [record["message"]["text"] for record in records]


@pytest.fixture
async def ada(sandbox):
    return await sandbox.add_person("Ada")


@pytest.fixture
async def bob(sandbox):
    return await sandbox.add_person("Bob")


async def test_an_article_goes_to_those_who_follow_it_and_to_nobody_else(sandbox, newsroom, ada, bob):
    await newsroom.start()
    eve = await sandbox.add_person("Eve")
    await sandbox.ask(ada, "/subscribe ferry")
    await sandbox.ask(bob, "/subscribe soup -ferry")
    await sandbox.ask(eve, "/help")
    after = await sandbox.last()
    await newsroom.import_(news("The ferry is back", "It was blue once."))
    [push] = await sandbox.wait_for(after=after)
    assert push["chat"] == ada
    assert "The ferry is back" in push["message"]["text"]
    assert f"{words.MATCHED}ferry" in push["message"]["text"]
    await newsroom.import_(news("Soup for four thousand"), news("Soup on the ferry"))
    records = await sandbox.wait_for(3, after=after)
    assert sorted(record["chat"] for record in records) == [ada, ada, bob]
    assert await sandbox.messages(chat=eve, after=after) == []


async def test_what_was_there_before_is_not_pushed(sandbox, newsroom, ada):
    await newsroom.import_(news("The old ferry"))
    bot = await newsroom.start()
    await bot.said(" announced ")
    await sandbox.ask(ada, "/subscribe ferry")
    after = await sandbox.last()
    await newsroom.import_(news("Yesterday's ferry", hours_ago=30), push="new")
    await newsroom.import_(news("A ferry nobody hears of"), push="none")
    await newsroom.import_(news("The new ferry"), push="new")
    [push] = await sandbox.wait_for(after=after)
    assert push["message"]["text"].startswith("The new ferry")


async def test_several_owed_headlines_are_one_message(sandbox, newsroom, ada):
    await newsroom.follow([ada])
    titles = [f"Apricot number {number}" for number in range(1, 6)]
    await newsroom.import_(*map(news, titles))
    bot = await newsroom.start()
    [push] = await sandbox.wait_for(chat=ada)
    text = push["message"]["text"]
    assert words.new_headlines(5) in text
    assert [text.index(title) for title in titles] == sorted(text.index(title) for title in titles)
    assert await bot.stop() == 0
    assert len(await sandbox.messages(chat=ada)) == 1


async def test_what_waits_for_a_throttled_chat_comes_in_one_message(sandbox, newsroom, ada, bob):
    await newsroom.follow([ada, bob])
    await newsroom.start()
    await sandbox.faults({"kind": "429", "method": "sendMessage", "chat": ada, "retry_after": 3, "times": 1})
    for title in ("First", "Second"):
        before = await sandbox.last()
        await newsroom.import_(news(title))
        await sandbox.wait_for(chat=bob, after=before)
    [push] = await sandbox.wait_for(chat=ada)
    assert words.new_headlines(2) in push["message"]["text"]
    assert push["message"]["text"].index("First") < push["message"]["text"].index("Second")


async def test_an_article_that_two_subscriptions_want_comes_once(sandbox, newsroom, ada):
    for query in ("*", "ferry", "back"):
        await newsroom.follow([ada], query)
    await newsroom.start()
    await newsroom.import_(news("The ferry is back"))
    [first] = await sandbox.wait_for(chat=ada)
    assert set(first["message"]["text"].rpartition(words.MATCHED)[2].split(" · ")) == {"ferry", "back"}
    await newsroom.import_(news("Soup"))
    pushes = await sandbox.wait_for(2, chat=ada)
    assert [text.partition("\n")[0] for text in texts(pushes)] == ["The ferry is back", "Soup"]


async def test_who_blocks_the_bot_is_left_alone_and_misses_nothing(sandbox, newsroom, ada, bob):
    await newsroom.start()
    await sandbox.ask(ada, "/subscribe")
    await sandbox.ask(bob, "/subscribe")
    await sandbox.block(ada)
    await sandbox.ask(bob, "/help")
    after = await sandbox.last()
    await newsroom.import_(news("The ferry is back"))
    await sandbox.wait_for(chat=bob, after=after)
    assert await sandbox.messages(chat=ada, after=after) == []
    assert "403" not in (await sandbox.requests())["methods"]["sendMessage"]
    await sandbox.unblock(ada)
    [push] = await sandbox.wait_for(chat=ada, after=after)
    assert push["message"]["text"].startswith("The ferry is back")


async def test_who_is_found_to_have_blocked_the_bot_gets_it_all_after_start(sandbox, newsroom, ada, bob):
    await newsroom.follow([ada, bob])
    await newsroom.start()
    blocked = {"kind": "error", "status": 403, "description": "Forbidden: bot was blocked by the user"}
    await sandbox.faults({**blocked, "method": "sendMessage", "chat": ada, "times": 1})
    for number, title in enumerate(("First", "Second"), 1):
        await newsroom.import_(news(title))
        await sandbox.wait_for(number, chat=bob)
    assert await sandbox.messages(chat=ada, kind="sent") == []
    assert (await sandbox.requests())["methods"]["sendMessage"]["403"] == 1
    await sandbox.say(ada, "/start")
    received = texts(await sandbox.wait_for(2, chat=ada))
    assert any(words.GREETING in text for text in received)
    assert any(words.new_headlines(2) in text for text in received)


async def test_a_message_whose_formatting_is_refused_comes_as_plain_text(sandbox, newsroom, ada):
    await newsroom.follow([ada])
    bot = await newsroom.start()
    await sandbox.faults({**CANNOT_PARSE, "method": "sendMessage", "times": 1})
    await newsroom.import_(news("Goats <b>&</b> Co"))
    [push] = await sandbox.wait_for(chat=ada)
    assert push["message"]["text"].startswith("Goats <b>&</b> Co\n")
    assert "entities" not in push["message"]
    assert await bot.stop() == 0
    assert newsroom.outcomes() == [(ada, "sent", "")]
    assert bot.output.count("sent as plain text") == 1


async def test_a_message_that_is_refused_altogether_is_passed_over_and_recorded(sandbox, newsroom, ada):
    await newsroom.follow([ada])
    bot = await newsroom.start()
    await sandbox.faults(
        {**CANNOT_PARSE, "method": "sendMessage", "times": 1}, {**TOO_LONG, "method": "sendMessage", "times": 1}
    )
    await newsroom.import_(news("The unspeakable"))
    await bot.said(" refused ")
    await newsroom.import_(news("The ferry is back"))
    [push] = await sandbox.wait_for(chat=ada)
    assert push["message"]["text"].startswith("The ferry is back")
    assert await bot.stop() == 0
    assert newsroom.outcomes() == [(ada, "refused", "Message is too long"), (ada, "sent", "")]


async def test_one_refused_article_of_three_takes_no_other_with_it(sandbox, newsroom, ada):
    await newsroom.follow([ada])
    await newsroom.import_(news("The unspeakable"), news("The ferry is back"), news("Soup"))
    # Once for the list of three, once for the first of them alone.
    await sandbox.faults({**TOO_LONG, "method": "sendMessage", "times": 2})
    bot = await newsroom.start()
    pushes = await sandbox.wait_for(2, chat=ada)
    assert [text.partition("\n")[0] for text in texts(pushes)] == ["The ferry is back", "Soup"]
    assert await bot.stop() == 0
    assert [outcome for _, outcome, _ in newsroom.outcomes()] == ["refused", "sent", "sent"]


async def test_replies_go_before_a_backlog_of_pushes(sandbox, newsroom, ada):
    crowd = await sandbox.add_people(500)
    await newsroom.follow(crowd)
    await newsroom.import_(news("The ferry is back"))
    await newsroom.start()
    await sandbox.wait_for(40)
    asked = await sandbox.last()
    answer = await sandbox.ask(ada, "/latest")
    assert "The ferry is back" in answer["text"]
    records = await sandbox.messages(after=asked, kind="sent")
    pushes_before = [record["chat"] for record in records].index(ada)
    assert pushes_before < 30
    assert len(await sandbox.messages(kind="sent")) < 500


async def test_a_chat_that_moved_takes_its_subscriptions_along(sandbox, newsroom, ada, bob):
    await newsroom.follow([ada])
    bot = await newsroom.start()
    moved = {
        "kind": "error",
        "status": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": bob},
    }
    await sandbox.faults({**moved, "method": "sendMessage", "chat": ada})
    await newsroom.import_(news("The ferry is back"))
    await sandbox.wait_for(chat=bob)
    await newsroom.import_(news("Soup"))
    pushes = await sandbox.wait_for(2, chat=bob)
    assert [text.partition("\n")[0] for text in texts(pushes)] == ["The ferry is back", "Soup"]
    assert await bot.stop() == 0
    assert (await sandbox.requests())["methods"]["sendMessage"] == {"400": 1, "200": 2}
