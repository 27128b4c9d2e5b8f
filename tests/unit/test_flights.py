"""What several ask for at the same time is done once."""

import asyncio

import pytest

from bot.intake.fetching.flights import Flights


class Work:
    """Work that ends when it is told to."""

    def __init__(self):
        self.begun = 0
        self.cancelled = 0
        self.result = asyncio.get_running_loop().create_future()

    async def __call__(self):
        self.begun += 1
        try:
            return await asyncio.shield(self.result)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


async def asked(flights, work, count):
    """So many tasks that wait for it."""
    tasks = [asyncio.create_task(flights.once("key", work)) for _ in range(count)]
    await turns()
    return tasks


async def turns():
    """Let everything happen that can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_many_ask_and_it_is_done_once():
    flights, work = Flights(), Work()
    tasks = await asked(flights, work, 50)
    work.result.set_result("news")
    assert await asyncio.gather(*tasks) == ["news"] * 50
    assert work.begun == 1


async def test_what_has_ended_is_done_anew():
    flights, work = Flights(), Work()
    work.result.set_result("news")
    assert [await flights.once("key", work) for _ in range(3)] == ["news"] * 3
    assert work.begun == 3


async def test_another_key_is_other_work():
    flights, work = Flights(), Work()
    work.result.set_result("news")
    await asyncio.gather(flights.once("a", work), flights.once("b", work))
    assert work.begun == 2


async def test_an_error_goes_to_all():
    flights, work = Flights(), Work()
    tasks = await asked(flights, work, 3)
    work.result.set_exception(LookupError("gone"))
    assert [str(error) for error in await asyncio.gather(*tasks, return_exceptions=True)] == ["gone"] * 3
    with pytest.raises(LookupError):
        await flights.once("key", work)
    assert work.begun == 2


async def test_who_is_cancelled_takes_nothing_from_the_others():
    flights, work = Flights(), Work()
    first, second, third = await asked(flights, work, 3)
    first.cancel()
    third.cancel()
    await turns()
    work.result.set_result("news")
    assert await second == "news"
    assert (first.cancelled(), third.cancelled(), work.begun, work.cancelled) == (True, True, 1, 0)


async def test_when_nobody_waits_any_more_it_is_cancelled():
    flights, work = Flights(), Work()
    tasks = await asked(flights, work, 3)
    for task in tasks:
        task.cancel()
    await turns()
    assert work.cancelled == 1
    work.result.set_result("news")
    assert await flights.once("key", work) == "news"
    assert work.begun == 2


async def test_what_is_held_is_remembered_until_nobody_holds_it():
    flights, done = Flights(), []

    async def work():
        done.append(len(done) + 1)
        return done[-1]

    with flights.held("a"):
        with flights.held("a"):
            assert await flights.once("a", work) == 1
        assert await flights.once("a", work) == 1
        assert await flights.once("b", work) == 2
    assert await flights.once("a", work) == 3


async def test_an_error_that_is_held_is_everybodys():
    flights = Flights()

    async def fail():
        raise ValueError("no answer")

    async def work():
        return 1

    with flights.held("a"):
        for job in (fail, work):
            with pytest.raises(ValueError, match="no answer"):
                await flights.once("a", job)
    assert await flights.once("a", work) == 1


async def test_work_that_nobody_waits_for_any_longer_ends_with_the_last_who_holds_it():
    flights, ended = Flights(), asyncio.Event()

    async def work():
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with flights.held("a"):
        waiting = asyncio.create_task(flights.once("a", work))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert not ended.is_set()
    await ended.wait()
