"""SIGKILL in the middle of pushing: nothing is lost, and no more is repeated than what was in flight."""

import signal
from collections import Counter

import pytest
from newsroom import news

CHATS = 200
IN_FLIGHT = 8


@pytest.fixture
async def crowd(sandbox, newsroom):
    """200 private chats that follow everything."""
    people = await sandbox.add_people(CHATS)
    await newsroom.follow(people)
    return people


async def test_kills_lose_nothing_and_repeat_only_what_was_in_flight(sandbox, newsroom, crowd):
    # An answer takes so long that several sends are always in flight.
    await sandbox.settings(latency=0.2)
    await newsroom.import_(news("The ferry is back"))
    for sends in (1, 20, 40):
        bot = await newsroom.start()
        await sandbox.kill_after(sends, bot.pid)
        assert await bot.ended() == -signal.SIGKILL
    killed = await sandbox.messages(kind="sent")
    bot = await newsroom.start()
    given = await all_given(sandbox, crowd)
    assert await bot.stop() == 0
    again = Counter(record["chat"] for record in await sandbox.messages(kind="sent"))
    assert 1 + 20 + 40 <= len(killed) <= 1 + 20 + 40 + 3 * IN_FLIGHT
    assert given == set(crowd)
    assert sum(again.values()) - CHATS <= 3 * IN_FLIGHT
    assert (await sandbox.requests())["max_in_flight"] <= IN_FLIGHT


async def all_given(sandbox, crowd):
    """Wait until each chat has got something; give the chats that have."""
    given, last = set(), 0
    while missing := set(crowd) - given:
        records = await sandbox.wait_for(len(missing), after=last)
        given |= {record["chat"] for record in records}
        last = records[-1]["seq"]
    return given
