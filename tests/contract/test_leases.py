"""The port Leases: jobs that only one may do at a time."""

import asyncio

import pytest
from storekeeping import NOON, SECOND


async def test_a_lease_is_gained_under_a_fresh_token(store):
    lease = await store.leases.gain("job", now=NOON, duration=5 * SECOND)
    assert (lease.name, lease.until) == ("job", NOON + 5 * SECOND)
    later = await store.leases.gain("job", now=NOON + 5 * SECOND, duration=5 * SECOND)
    assert later.token not in {"", lease.token}


async def test_none_is_gained_while_anothers_runs(store, open_again):
    await store.leases.gain("job", now=NOON, duration=5 * SECOND)
    other = await open_again()
    assert await other.leases.gain("job", now=NOON + 5 * SECOND - SECOND / 1000, duration=5 * SECOND) is None


async def test_one_that_ends_exactly_now_has_ended(store, open_again):
    await store.leases.gain("job", now=NOON, duration=5 * SECOND)
    assert await (await open_again()).leases.gain("job", now=NOON + 5 * SECOND, duration=SECOND)


async def test_one_from_a_clock_that_was_ahead_has_ended(store, open_again):
    await store.leases.gain("job", now=NOON + 3600 * SECOND, duration=5 * SECOND)
    other = await open_again()
    gained = await other.leases.gain("job", now=NOON, duration=5 * SECOND)
    assert (gained.until, await store.leases.gain("job", now=NOON, duration=5 * SECOND)) == (NOON + 5 * SECOND, None)


@pytest.mark.parametrize(("ahead", "ended"), [(0, False), (1, False), (5, False), (5.001, True)])
async def test_clocks_may_differ_by_a_little(store, open_again, ahead, ended):
    await store.leases.gain("job", now=NOON + ahead * SECOND, duration=5 * SECOND)
    gained = await (await open_again()).leases.gain("job", now=NOON, duration=5 * SECOND)
    assert (gained is not None) == ended


async def test_names_do_not_hinder_each_other(store):
    assert await store.leases.gain("one", now=NOON, duration=SECOND)
    assert await store.leases.gain("other", now=NOON, duration=SECOND)


async def test_of_many_who_ask_at_once_one_gains(store, open_again):
    other = await open_again()
    asked = [each.leases.gain("job", now=NOON, duration=SECOND) for each in (store, other) * 5]
    assert sum(lease is not None for lease in await asyncio.gather(*asked)) == 1


async def test_anybody_sees_whose_it_is_also_when_it_has_ended(store, open_again):
    other = await open_again()
    assert await other.leases.held("job") is None
    lease = await store.leases.gain("job", now=NOON, duration=5 * SECOND)
    assert await other.leases.held("job") == lease
    renewed = await store.leases.renew(lease, now=NOON + 9 * SECOND, duration=SECOND)
    assert await other.leases.held("job") == renewed
    await store.leases.release(renewed)
    assert await other.leases.held("job") is None


async def test_a_renewed_lease_keeps_its_token_and_ends_later(store, open_again):
    lease = await store.leases.gain("job", now=NOON, duration=5 * SECOND)
    renewed = await store.leases.renew(lease, now=NOON + 3 * SECOND, duration=5 * SECOND)
    assert (renewed.name, renewed.token, renewed.until) == ("job", lease.token, NOON + 8 * SECOND)
    assert await (await open_again()).leases.gain("job", now=NOON + 7 * SECOND, duration=SECOND) is None


async def test_a_lease_that_ended_can_be_renewed_while_nobody_has_gained_it(store):
    lease = await store.leases.gain("job", now=NOON, duration=SECOND)
    assert await store.leases.renew(lease, now=NOON + 9 * SECOND, duration=SECOND)
    assert await store.leases.gain("job", now=NOON + 9 * SECOND, duration=SECOND) is None


async def test_a_lease_that_somebody_else_has_gained_is_not_renewed(store):
    lease = await store.leases.gain("job", now=NOON, duration=SECOND)
    theirs = await store.leases.gain("job", now=NOON + SECOND, duration=5 * SECOND)
    assert await store.leases.renew(lease, now=NOON + SECOND, duration=SECOND) is None
    assert await store.leases.renew(theirs, now=NOON + SECOND, duration=SECOND)


async def test_a_released_lease_can_be_gained_at_once(store):
    lease = await store.leases.gain("job", now=NOON, duration=5 * SECOND)
    await store.leases.release(lease)
    assert await store.leases.renew(lease, now=NOON, duration=SECOND) is None
    assert await store.leases.gain("job", now=NOON, duration=SECOND)


async def test_releasing_a_lost_lease_does_nothing(store):
    lost = await store.leases.gain("job", now=NOON, duration=SECOND)
    await store.leases.gain("job", now=NOON + SECOND, duration=5 * SECOND)
    await store.leases.release(lost)
    assert await store.leases.gain("job", now=NOON + 2 * SECOND, duration=5 * SECOND) is None
