"""Who may run a bot: one instance, told from the dead and from those whose clock is wrong."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.tenure import DURATION, Instance, Standby, instance
from storage import StoreUnavailable, open_store

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

HOUR = timedelta(hours=1)
NAME = "instance:7"


class Times:
    """An instance's own clocks."""

    def __init__(self, now=NOON):
        self.at = now
        self.seconds = 0.0

    def now(self):
        return self.at

    def monotonic(self):
        return self.seconds

    def go_on(self, seconds):
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds


class Failing:
    """Leases of a database that cannot be written, or not even read."""

    def __init__(self, inner, *methods):
        self._inner, self._methods = inner, methods

    @property
    def leases(self):
        return self

    def __getattr__(self, name):
        if name not in self._methods:
            return getattr(self._inner.leases, name)

        async def fail(*_args, **_named):
            raise StoreUnavailable("locked")

        return fail


@pytest.fixture
async def store(tmp_path):
    async with open_store(f"sqlite:///{tmp_path}/news.db") as opened:
        yield opened


def standby(store, times):
    return Standby(store, NAME, times.now, times.monotonic)


async def held_by(store, times, inner=None):
    """An instance that runs, without its keeper: it renews when it is told to."""
    lease = await store.leases.gain(NAME, now=times.now(), duration=DURATION)
    return Instance(inner or store, lease, times.now, times.monotonic, took_over=False)


async def test_what_nobody_has_is_had_at_once(store):
    waiting = standby(store, Times())
    assert await waiting.look()
    assert not waiting.saw_another


@pytest.mark.parametrize("off", [-HOUR, 0 * HOUR, HOUR])
async def test_from_who_lives_nothing_is_taken_whatever_the_clocks_show(store, off):
    theirs, ours = Times(), Times(NOON + off)
    running, waiting = await held_by(store, theirs), standby(store, ours)
    for _ in range(9):
        assert await waiting.look() is None
        theirs.go_on(2)
        ours.go_on(2)
        assert await running.is_still_ours()


@pytest.mark.parametrize("off", [-HOUR, 0 * HOUR, HOUR])
async def test_from_who_is_dead_it_is_taken_soon(store, off):
    theirs, ours = Times(), Times(NOON + off)
    await held_by(store, theirs)
    waiting = standby(store, ours)
    gained = None
    while not gained:
        gained = await waiting.look()
        ours.go_on(0.5)
    assert 3 <= ours.seconds <= 6
    assert waiting.saw_another


async def test_who_slept_is_not_sure_until_it_has_asked(store):
    times = Times()
    running = await held_by(store, times)
    assert running.is_sure
    times.go_on(60)
    assert not running.is_sure
    assert await running.is_still_ours()
    assert running.is_sure


async def test_who_slept_while_another_took_over_has_lost(store):
    times = Times()
    running = await held_by(store, times)
    times.go_on(60)
    assert await store.leases.gain(NAME, now=times.now(), duration=DURATION)
    assert not await running.is_still_ours()
    assert running.lost.is_set()
    assert not running.is_sure


@pytest.mark.parametrize("methods", [("renew",), ("renew", "held")])
async def test_a_database_that_fails_takes_no_lease_away(store, methods):
    times = Times()
    running = await held_by(store, times, Failing(store, *methods))
    times.go_on(60)
    assert await running.is_still_ours()


async def test_one_that_can_only_be_read_still_tells_of_another(store):
    times = Times()
    running = await held_by(store, times, Failing(store, "renew"))
    times.go_on(60)
    assert await store.leases.gain(NAME, now=times.now(), duration=DURATION)
    assert not await running.is_still_ours()


async def test_who_begins_without_a_database_says_so(store):
    times = Times()
    with pytest.raises(StoreUnavailable):
        async with instance(Failing(store, "gain"), 7, times.now, times.monotonic, asyncio.Event()):
            pass


async def test_the_lease_is_given_back(store):
    times = Times()
    async with instance(store, 7, times.now, times.monotonic, asyncio.Event()) as held:
        assert await store.leases.held(NAME) == held.lease
    assert await store.leases.held(NAME) is None
