"""Polling goes on beside the bot, whatever happens to it."""

import asyncio

import pytest

from bot.feeding import again, feeding
from bot.settings import read_settings
from storage import open_store


async def test_what_fails_is_said_and_begun_again(caplog):
    outcomes = [RuntimeError("a fault of ours"), ValueError("another"), None]

    async def work():
        if error := outcomes.pop(0):
            raise error

    await again("polling feeds", work, after=0)
    assert outcomes == []
    assert [record.message.split(";")[0] for record in caplog.records] == ["polling feeds has failed"] * 2


async def test_who_ends_waits_for_no_second_beginning():
    failed = asyncio.Event()

    async def work():
        failed.set()
        raise RuntimeError("a fault of ours")

    working = asyncio.create_task(again("polling feeds", work, after=3600))
    await failed.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


async def test_nothing_is_started_before_there_is_something_to_poll(tmp_path):
    settings = read_settings(env_file=None, database=f"sqlite:///{tmp_path}/news.db")
    async with (
        open_store(settings.database) as store,
        feeding(settings, store, lambda: None) as feeds,
    ):
        assert feeds.workers.pids == ()
        assert feeds.hubs is None
