"""What is promised in seconds: measured while nothing else is tested (see `scheduling.py`)."""

import time

from newsroom import news

CHATS = 500
IN_FLIGHT = 8


async def test_each_chat_gets_one_message_at_the_pace(sandbox, newsroom):
    crowd = await sandbox.add_people(CHATS)
    await newsroom.follow(crowd)
    bot = await newsroom.start()
    await newsroom.import_(news("The ferry is back"))
    records = await sandbox.wait_for(CHATS)
    assert await bot.stop() == 0
    assert sorted(record["chat"] for record in await sandbox.messages(kind="sent")) == crowd
    seconds = records[-1]["at"]["monotonic"] - records[0]["at"]["monotonic"]
    assert (CHATS - 1) / seconds >= 0.95 * 30
    assert (await sandbox.requests())["max_in_flight"] <= IN_FLIGHT


async def test_an_article_comes_within_two_seconds(sandbox, newsroom):
    ada = await sandbox.add_person("Ada")
    await newsroom.follow([ada])
    await newsroom.start()
    await newsroom.import_(news("The ferry is back"))
    imported = time.monotonic()
    [push] = await sandbox.wait_for(chat=ada)
    assert push["at"]["monotonic"] < imported + 2
