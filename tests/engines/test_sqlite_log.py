"""Announcing on SQLite: rows that are broken, and what is written when there is nothing to do."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from storage import NewArticle, Place, Query, open_store

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def store(tmp_path):
    async with open_store(f"sqlite:///{tmp_path}/store.sqlite") as opened:
        yield opened


@pytest.fixture
def raw(store, tmp_path):  # noqa: ARG001  the store makes the file
    """Another connection to the store's file."""
    with closing(sqlite3.connect(tmp_path / "store.sqlite", isolation_level=None)) as opened:
        yield opened


async def take_in(store, *titles):
    await store.articles.add(
        [NewArticle("herald", title, title, NOON) for title in titles], arrived=NOON, push_since=NOON
    )


async def lease_of(store):
    lease = await store.leases.gain("announcer", now=NOON, duration=MINUTE)
    assert lease
    return lease


@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE article SET topics = 'none' WHERE title = 'Broken'",
        "UPDATE article SET published = 9000000000000000000 WHERE title = 'Broken'",
        "UPDATE article SET topics = '[7]' WHERE title = 'Broken'",
    ],
)
async def test_an_article_that_cannot_be_read_is_passed_over_with_a_word(store, raw, caplog, fault):
    await store.subscriptions.add(Place(7, 1), Query.parse("*"), now=NOON)
    await take_in(store, "Broken", "Whole")
    raw.execute(fault)
    announced = await store.log.announce(await lease_of(store), now=NOON, limit=20)
    assert (announced.positions, announced.matches, announced.waiting) == ((1,), 1, False)
    assert [record.message for record in caplog.records] == ["an article cannot be read and is not announced"]


async def test_a_stored_query_that_is_none_is_passed_over_with_a_word(store, raw, caplog):
    for chat, query in enumerate(["treaty", "peace after:2020-01-01", "peace treaty"]):
        await store.subscriptions.add(Place(7, chat), Query.parse(query), now=NOON)
    raw.execute("UPDATE query SET text = 'title:' WHERE text LIKE 'peace after%'")
    lease = await lease_of(store)
    await take_in(store, "Peace treaty")
    announced = await store.log.announce(lease, now=NOON, limit=20)
    assert (announced.positions, announced.matches) == ((1,), 2)
    assert [record.message for record in caplog.records] == ["a stored query is passed over"]


async def test_looking_for_news_writes_nothing_when_there_is_none(store, raw):
    lease = await lease_of(store)
    version = raw.execute("PRAGMA data_version").fetchone()
    announced = await store.log.announce(lease, now=NOON, limit=20)
    assert (announced.positions, announced.waiting) == ((), False)
    assert raw.execute("PRAGMA data_version").fetchone() == version
    await store.leases.release(lease)
    assert await store.log.announce(lease, now=NOON, limit=20) is None


async def test_a_wake_chunk_looks_into_no_more_queries_than_it_may_wake_mailboxes(store, raw):
    """However many queries a round has matched."""
    lease = await lease_of(store)
    for chat in range(1, 41):
        await store.subscriptions.add(Place(7, chat), Query.parse(f"peace OR word{chat}"), now=NOON)
    await take_in(store, "Peace", "More peace")
    await store.log.announce(lease, now=NOON, limit=20)
    raw.execute("DELETE FROM subscription WHERE mailbox_id BETWEEN 3 AND 37")
    chunks = 1
    while await store.log.wake(lease, now=NOON, limit=5):
        chunks += 1
    claims = await store.mailboxes.claim(7, now=NOON, lease=MINUTE, limit=100)
    assert [claim.mailbox.place.chat for claim in claims] == [1, 2, 38, 39, 40]
    assert chunks == 40 // 5 + 1
