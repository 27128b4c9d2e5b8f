"""The account of what is paid for: each day's budget, what is left of it after a restart, what is written down."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import pytest

from bot.push.purse import Purse
from bot.transport.pacing import Pacing, Priority
from bot.transport.paying import Fare, Paying
from storage import open_store

BOT = 7
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
async def store(tmp_path):
    async with open_store(f"sqlite:///{tmp_path}/news.db") as store:
        yield store


class House:
    """A purse with its store, and messages that go."""

    def __init__(self, store, stars):
        self.store = store
        self.time = NOON
        self.paying = Paying(free_per_second=1)
        self.pacing = Pacing(1000, paying=self.paying)
        self.purse = Purse(store, BOT, self.paying, lambda: self.time, stars)

    def send(self, most):
        """Up to so many messages in one moment: how many were paid for."""
        now = (self.time - NOON).total_seconds() + 1000.0
        paid = 0
        for chat in range(1, most + 1):
            if self.pacing.ask(now, chat, Priority.REPLY) == 0.0 and self.pacing.fare is Fare.PAID:
                self.paying.answered(taken=True)
                paid += 1
        return paid

    async def spent(self):
        return await self.store.payments.spent(BOT, self.time.date())


async def test_the_days_budget_is_spent_and_no_more(store):
    house = House(store, stars=2)
    assert house.send(50) == 0  # before it is known what was spent
    await house.purse.look()
    house.time += timedelta(seconds=2)
    assert house.send(50) == 20
    await house.purse.look()
    assert await house.spent() == 20


async def test_after_a_restart_the_rest_is_there(store):
    await store.payments.count(BOT, NOON.date(), 15)
    house = House(store, stars=2)
    await house.purse.look()
    assert house.send(50) == 5
    await house.purse.look()
    assert await house.spent() == 20


async def test_more_spent_than_is_allowed_now_leaves_nothing(store):
    await store.payments.count(BOT, NOON.date(), 50)
    house = House(store, stars=2)
    await house.purse.look()
    assert house.send(50) == 0


async def test_a_new_day_has_a_budget_of_its_own(store):
    house = House(store, stars=1)
    await house.purse.look()
    assert house.send(50) == 10
    house.time += timedelta(hours=12)
    await house.purse.look()
    assert await house.spent() == 0
    assert house.send(50) == 10
    await house.purse.look()
    assert await house.spent() == 10


async def test_who_ends_writes_down_what_was_spent(store):
    house = House(store, stars=1)
    task = asyncio.create_task(house.purse.run())
    while not house.send(2):
        await asyncio.sleep(0)
        house.time += timedelta(seconds=2)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert await house.spent() == 1


async def test_what_cannot_be_written_is_written_later(tmp_path, caplog):
    caplog.set_level("DEBUG")  # the database itself has told the operator
    async with open_store(f"sqlite:///{tmp_path}/news.db") as store:
        house = House(store, stars=1)
        await house.purse.look()
        assert house.send(5) == 4
    await house.purse.look()
    assert "not written down" in caplog.text
    async with open_store(f"sqlite:///{tmp_path}/news.db") as store:
        house.purse._store = house.store = store
        await house.purse.look()
        assert await house.spent() == 4


class Stuck:
    """A store whose database gives no answer to what is written."""

    def __init__(self, store):
        self.payments = self
        self.spent = store.payments.spent
        self.asked = asyncio.Event()

    async def count(self, *_of):
        self.asked.set()
        await asyncio.Event().wait()


async def test_who_ends_does_not_wait_for_a_database_that_gives_no_answer(store, caplog):
    house = House(Stuck(store), stars=1)
    await house.purse.look()
    assert house.send(5) == 4
    task = asyncio.create_task(house.purse.run())
    async with asyncio.timeout(30):
        await house.store.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert "is not written down" in caplog.text
