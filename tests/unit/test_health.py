"""Whoever added a feed learns how it is: once when it fails for long, once when it works again."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.intake.feeds.health import tell_all
from storage import NewFeed, Place, Polled, Source, open_store

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Town:
    """Notes what was told; may be out of reach."""

    def __init__(self):
        self.told = []
        self.reachable = True

    async def tell(self, feeds):
        if not self.reachable:
            return []
        for feed in feeds:
            self.told.append((feed.added_by.chat, "ended" if feed.ended else "fails" if feed.failures else "works"))
        return feeds


@pytest.fixture
async def store(tmp_path):
    async with open_store(f"sqlite:///{tmp_path}/health.sqlite") as store:
        wish = NewFeed("https://herald.example/", Source("herald", "The Herald"), added_by=Place(7, 42))
        _, claim = await store.feeds.add(wish, now=NOON, lease=HOUR)
        await store.feeds.settle([Polled(claim, NOON, HOUR)], now=NOON)
        yield store


async def poll(store, at, **outcome):
    (claim,) = await store.feeds.claim(now=at, lease=HOUR, limit=5)
    await store.feeds.settle([Polled(claim, at + HOUR, HOUR, **outcome)], now=at)


async def test_a_day_of_failure_is_told_once_and_so_is_its_end(store):
    town = Town()
    for hour in range(1, 30):
        await poll(store, NOON + hour * HOUR, failed="no answer")
        await tell_all(store, town.tell, NOON + hour * HOUR)
        assert town.told == ([(42, "fails")] if hour >= 25 else [])
    for hour in range(30, 33):
        await poll(store, NOON + hour * HOUR)
        await tell_all(store, town.tell, NOON + hour * HOUR)
    assert town.told == [(42, "fails"), (42, "works")]


async def test_a_short_failure_is_not_told(store):
    town = Town()
    await poll(store, NOON + HOUR, failed="no answer")
    await tell_all(store, town.tell, NOON + 2 * HOUR)
    await poll(store, NOON + 2 * HOUR)
    await tell_all(store, town.tell, NOON + 40 * HOUR)
    assert town.told == []


async def test_what_has_ended_is_told_at_once_and_once(store):
    town = Town()
    await poll(store, NOON + HOUR, failed="gone", ended="gone")
    for _ in range(2):
        await tell_all(store, town.tell, NOON + HOUR)
    assert town.told == [(42, "ended")]


async def test_who_is_out_of_reach_is_told_later(store):
    town = Town()
    town.reachable = False
    await poll(store, NOON + HOUR, failed="gone", ended="gone")
    await tell_all(store, town.tell, NOON + HOUR)
    town.reachable = True
    await tell_all(store, town.tell, NOON + 2 * HOUR)
    assert town.told == [(42, "ended")]
