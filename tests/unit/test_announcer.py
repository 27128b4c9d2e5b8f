"""The announcer, where the store fails it for a moment."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.push.announcer import Announcer
from bot.tenure import Tenure
from storage import EVERYTHING, NewArticle, Place, StoreUnavailable, open_store

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class FailingOnce:
    """Passes everything on, but `method` fails the first time."""

    def __init__(self, inner, method):
        self._inner, self._method = inner, method

    def __getattr__(self, name):
        if name != self._method:
            return getattr(self._inner, name)
        self._method = None

        async def fail(*_args, **_named):
            raise StoreUnavailable("the disk is full for a moment")

        return fail


class StoreWith:
    """A store with another log."""

    def __init__(self, inner, log):
        self._inner, self.log = inner, log

    def __getattr__(self, name):
        return getattr(self._inner, name)


async def test_a_wake_that_failed_is_made_up_for_in_the_next_round(tmp_path):
    async with open_store(f"sqlite:///{tmp_path}/news.db") as store:
        await store.subscriptions.add(Place(1, 5), EVERYTHING, now=NOON)
        lease = await store.leases.gain("announcer", now=NOON, duration=timedelta(seconds=5))
        held = Tenure(store, lease, lambda: NOON)
        announcer = Announcer(StoreWith(store, FailingOnce(store.log, "no method yet")), lambda: NOON)
        await announcer.round(held)
        await store.articles.add([NewArticle("gazette", "k", "Rain", NOON)], arrived=NOON, push_since=NOON)

        announcer = Announcer(StoreWith(store, FailingOnce(store.log, "wake")), lambda: NOON)
        announcer._asleep = False
        with pytest.raises(StoreUnavailable):
            await announcer.round(held)
        assert await store.mailboxes.next_due(1) is None
        await announcer.round(held)
        assert await store.mailboxes.next_due(1) == NOON
