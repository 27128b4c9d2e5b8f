"""Two instances of one bot on one database: one runs, the other stands by and takes over."""

import signal
from collections import Counter

from newsroom import news

STANDING_BY = "standing by: another instance runs this bot"
TAKING_OVER = "taking over"


async def standing_by(newsroom):
    """Start an instance beside one that runs."""
    second = await newsroom.launch("run")
    await second.said(STANDING_BY)
    return second


async def pushed(sandbox, newsroom, chats, title):
    """Publish an article; how often each chat got it."""
    after = await sandbox.last()
    await newsroom.publish(news(title))
    records = await sandbox.wait_for(len(chats), after=after)
    return Counter(record["chat"] for record in records)


async def test_who_stands_by_says_nothing_and_takes_over_when_the_other_stops(sandbox, newsroom):
    crowd = await sandbox.add_people(10)
    await newsroom.follow(crowd)
    first = await newsroom.start()
    second = await standing_by(newsroom)
    calls = (await sandbox.requests())["methods"]
    assert calls["getMe"] == {"200": 1}
    assert await pushed(sandbox, newsroom, crowd, "The ferry is back") == Counter(crowd)
    await sandbox.ask(crowd[0], "/help")
    assert await first.stop() == 0
    await second.said("running")
    assert TAKING_OVER in second.lines[1]
    await sandbox.ask(crowd[0], "/help")
    assert await pushed(sandbox, newsroom, crowd, "A zebra in the harbour") == Counter(crowd)
    assert await second.stop() == 0
    assert len(await sandbox.messages(kind="sent")) == 22
    assert second.output.count(STANDING_BY) == 1


async def test_who_stands_by_takes_over_when_the_other_is_killed(sandbox, newsroom):
    crowd = await sandbox.add_people(10)
    await newsroom.follow(crowd)
    first = await newsroom.start()
    second = await standing_by(newsroom)
    await first.kill()
    await second.said("running")
    assert await pushed(sandbox, newsroom, crowd, "The ferry is back") == Counter(crowd)
    assert await second.stop() == 0


async def test_who_stands_by_stops_at_once(newsroom):
    first = await newsroom.start()
    second = await standing_by(newsroom)
    assert await second.stop(within=15) == 0
    assert await first.stop() == 0


async def test_who_slept_for_long_stands_by_and_repeats_nothing(sandbox, newsroom):
    crowd = await sandbox.add_people(60)
    await newsroom.follow(crowd)
    first = await newsroom.start()
    second = await standing_by(newsroom)
    first.process.send_signal(signal.SIGSTOP)
    await second.said("running")
    await newsroom.publish(news("The ferry is back"))
    await sandbox.wait_for(20)
    first.process.send_signal(signal.SIGCONT)
    await first.said(STANDING_BY)
    await sandbox.wait_for(60)
    assert Counter(record["chat"] for record in await sandbox.messages(kind="sent")) == Counter(crowd)
    assert await second.stop() == 0
    await first.said(TAKING_OVER)
    await sandbox.ask(crowd[0], "/help")
    assert await first.stop() == 0
