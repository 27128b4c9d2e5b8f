"""Time limits that one timer looks after."""

import asyncio

import pytest

from bot.intake.clocks import Clocks

SOON, LONG = 0.01, 60.0


async def for_ever():
    await asyncio.Event().wait()


async def limited(clocks, seconds, work):
    with clocks.limit(seconds):
        await work


async def test_what_takes_too_long_is_ended_and_nothing_else_is():
    clocks = Clocks()
    ended = asyncio.create_task(limited(clocks, LONG, for_ever()))
    going_on = asyncio.create_task(limited(clocks, LONG, for_ever()))
    await asyncio.sleep(0)
    # One with a shorter time is ended first, though it came later, and again when nothing else is looked after.
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await limited(clocks, SOON, for_ever())
    assert not ended.done()
    ended.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ended
    await limited(clocks, SOON, asyncio.sleep(0))
    with pytest.raises(TimeoutError):
        await limited(clocks, 2 * SOON, for_ever())
    assert not going_on.done()
    going_on.cancel()


async def test_what_ends_in_time_is_not_cancelled_later():
    clocks = Clocks()
    with clocks.limit(SOON):
        pass
    with pytest.raises(TimeoutError):
        await limited(clocks, 2 * SOON, for_ever())
    task = asyncio.current_task()
    assert task
    assert task.cancelling() == 0


async def test_no_time_is_too_little_for_what_waits():
    with pytest.raises(TimeoutError):
        await limited(Clocks(), 0.0, for_ever())


async def test_who_is_cancelled_by_another_as_well_stays_cancelled():
    clocks = Clocks()

    async def stubborn():
        try:
            await for_ever()
        finally:
            task.cancel()  # while it is being ended

    task = asyncio.create_task(limited(clocks, SOON, stubborn()))
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_errors_of_the_block_come_through():
    with pytest.raises(KeyError), Clocks().limit(LONG):
        raise KeyError


async def test_a_clock_stands_still_while_it_is_paused():
    clocks, steps = Clocks(), []

    async def pausing():
        with clocks.limit(2 * SOON) as clock:
            clock.pause()
            with pytest.raises(TimeoutError):
                await limited(clocks, 3 * SOON, for_ever())
            steps.append("paused")
            clock.go_on()
            await for_ever()

    with pytest.raises(TimeoutError):
        await pausing()
    assert steps == ["paused"]
