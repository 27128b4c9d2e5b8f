"""Polling goes on beside the bot, whatever happens to it."""

import asyncio

from bot.feeding import feeding, keep_polling
from bot.settings import read_settings
from storage import open_store


class Fragile:
    """A poller that fails so many times, and then polls until it is stopped."""

    def __init__(self, failures):
        self.failures = failures
        self.runs = 0
        self.polls = asyncio.Event()
        self._stopped = asyncio.Event()

    async def run(self):
        self.runs += 1
        if self.runs <= self.failures:
            raise RuntimeError("a fault of ours")
        self.polls.set()
        await self._stopped.wait()

    def stop(self):
        self._stopped.set()


async def test_a_poller_that_fails_is_said_and_begun_again(caplog):
    poller, ending = Fragile(2), asyncio.Event()
    keeping = asyncio.create_task(keep_polling(poller, ending, 0))
    await poller.polls.wait()
    ending.set()
    await keeping
    assert poller.runs == 3
    assert [record.message.split(";")[0] for record in caplog.records] == ["polling feeds has failed"] * 2


async def test_who_ends_waits_for_no_second_beginning():
    poller, ending = Fragile(1), asyncio.Event()
    keeping = asyncio.create_task(keep_polling(poller, ending, 3600))
    while not poller.runs:  # noqa: ASYNC110  it fails in its first step
        await asyncio.sleep(0)
    ending.set()
    await keeping


async def test_nothing_is_started_before_there_is_something_to_poll(tmp_path):
    settings = read_settings(_env_file=None, database=f"sqlite:///{tmp_path}/news.db")
    async with (
        open_store(settings.database) as store,
        feeding(settings, store, lambda: None) as feeds,
    ):
        assert feeds.workers.pids == ()
        assert feeds.hubs is None
