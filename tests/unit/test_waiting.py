"""Waiting that can be told to end."""

import asyncio

import pytest

from bot.waiting import UnderWay, unless, until


@pytest.fixture
def event():
    return asyncio.Event()


@pytest.mark.parametrize("set_", [False, True])
async def test_until_says_whether_it_is_set(event, set_):
    if set_:
        event.set()
    assert await until(event, 0) is set_


async def test_until_ends_with_the_event(event):
    asyncio.get_running_loop().call_soon(event.set)
    assert await until(event, 1_000)


async def test_unless_ends_with_what_is_waited_for(event):
    done = []

    async def waiting():
        done.append("done")

    await unless(event, waiting())
    assert done == ["done"]


async def test_unless_breaks_off_and_waits_for_the_end_of_it(event):
    ended = []

    async def waiting():
        event.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("ended")

    await unless(event, waiting())
    assert ended == ["ended"]


async def test_unless_raises_what_is_raised(event):
    async def waiting():
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        await unless(event, waiting())


async def test_unless_ends_with_its_caller(event):
    ended = asyncio.Event()
    begun = asyncio.Event()

    async def waiting():
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    caller = asyncio.create_task(unless(event, waiting()))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert ended.is_set()


async def test_what_is_under_way_is_waited_for_and_nothing_else_is(event):
    under_way = UnderWay()

    async def work():
        under_way.begin(1)
        await event.wait()

    working = asyncio.create_task(work())
    await under_way.ended(2, 1_000)
    await asyncio.sleep(0)
    await under_way.ended(1, 0)
    assert not working.done()
    asyncio.get_running_loop().call_soon(event.set)
    await under_way.ended(1, 1_000)
    assert working.done()
    await under_way.ended(1, 1_000)
