"""The clock that does not jump."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import Clock, machine_time, seconds_up

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


class Machine:
    """Its clock, and the seconds that nobody can set."""

    def __init__(self):
        self.wall = NOON
        self.seconds = 1000.0

    def goes_on(self, seconds):
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds


@pytest.fixture
def machine():
    return Machine()


@pytest.fixture
def clock(machine):
    return Clock(timedelta(0), lambda: machine.wall, lambda: machine.seconds)


def test_it_shows_the_time_of_day():
    assert abs(Clock(timedelta(0)).now() - machine_time()) < SECOND
    assert seconds_up() <= seconds_up()


def test_it_goes_on_with_the_machine(machine, clock):
    machine.goes_on(90)
    assert clock.now() == NOON + 90 * SECOND


def test_it_keeps_the_databases_offset(machine):
    clock = Clock(3 * SECOND, lambda: machine.wall, lambda: machine.seconds)
    clock.look()
    assert clock.now() == NOON + 3 * SECOND
    assert not clock.was_set.is_set()


@pytest.mark.parametrize("drift", [-SECOND, -SECOND / 10, SECOND / 10, SECOND])
def test_it_follows_a_small_drift(machine, clock, drift):
    machine.wall += drift
    clock.look()
    assert clock.now() == NOON + drift
    assert not clock.was_set.is_set()


@pytest.mark.parametrize("by", [-HOUR, -1.1 * SECOND, 1.1 * SECOND, HOUR])
def test_a_clock_that_is_set_is_told_of_and_jumps_only_when_adopted(machine, clock, by):
    machine.wall += by
    clock.look()
    assert clock.was_set.is_set()
    machine.goes_on(5)
    assert clock.now() == NOON + 5 * SECOND
    assert clock.adopt() == by
    assert clock.now() == NOON + by + 5 * SECOND
    clock.look()
    assert not clock.was_set.is_set()


def test_a_clock_that_is_set_back_again_was_never_set(machine, clock):
    machine.wall += HOUR
    clock.look()
    machine.wall -= HOUR
    clock.look()
    assert not clock.was_set.is_set()
