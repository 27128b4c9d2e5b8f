"""Rounds of announcing on SQLite, with something happening between their transactions."""

import asyncio
from types import SimpleNamespace

import pytest
from sqlite_raw import opened, sql
from storekeeping import (
    BOT,
    DAY,
    NOON,
    SECOND,
    announce,
    announcer,
    article,
    follow,
    give_all,
    publish,
    take_in,
    wake,
)

from storage import Place, Query
from storage.sqlite import queries, search
from storage.sqlite.log import CHUNK_MATCHES, SqliteLog

QUERIES = 101
ARTICLES = 20
TITLES = [f"News {number}" for number in range(ARTICLES)]


@pytest.fixture
async def store(path):
    async with opened(path) as store:
        yield store


class Killed(Exception):  # noqa: N818  not an error of ours
    """The process died here."""


class Between:
    """A database that does something before the write of this number (0: the first)."""

    def __init__(self, database, number, act):
        self._database, self._left, self._act = database, number, act
        self.read = database.read

    async def write(self, unit, *level):
        if self._left == 0:
            await self._act()
        self._left -= 1
        return await self._database.write(unit, *level)


def log_of(store, number, act):
    return SqliteLog(Between(store._database, number, act), asyncio.Event())


class Watched:
    """A database that notes how many rows each unit of work changes, and whether one is under way."""

    def __init__(self, database):
        self.read, self._write = database.read, database.write
        self.changed, self.is_writing = [], False

    async def write(self, unit, *level):
        def watched(connection):
            before, self.is_writing = connection.total_changes, True
            try:
                return unit(connection)
            finally:
                self.changed.append(connection.total_changes - before)
                self.is_writing = False

        return await self._write(watched, *level)


async def die():
    raise Killed


async def many_matches(store):
    """More than one transaction may write: a large round."""
    assert QUERIES * ARTICLES > CHUNK_MATCHES
    await asyncio.gather(*(follow(store, f"news OR w{number}", chat=number) for number in range(QUERIES)))
    await take_in(store, *TITLES)


async def check_announced_once(store):
    """Each chat is given each article once, in order."""
    assert await store.log.head() == ARTICLES
    await wake(store)
    assert await give_all(store) == dict.fromkeys(range(QUERIES), TITLES)


@pytest.mark.parametrize("at", range(4))
async def test_a_large_round_that_dies_between_its_chunks_is_announced_whole_by_the_next(store, path, at):
    await many_matches(store)
    with pytest.raises(Killed):
        await log_of(store, at, die).announce(await announcer(store), now=NOON, limit=ARTICLES)
    assert await store.log.head() == 0
    await wake(store)
    assert await store.mailboxes.next_due(BOT) is None
    assert await announce(store) == list(range(1, ARTICLES + 1))
    assert sql(path, "SELECT count(*) FROM match") == [(QUERIES * ARTICLES,)]
    await check_announced_once(store)


async def test_what_a_dead_large_round_left_is_cleared_away_in_chunks(store):
    await many_matches(store)
    with pytest.raises(Killed):
        await log_of(store, 3, die).announce(await announcer(store), now=NOON, limit=ARTICLES)
    watched = Watched(store._database)
    announced = await SqliteLog(watched, asyncio.Event()).announce(await announcer(store), now=NOON, limit=ARTICLES)
    assert len(announced.positions) == ARTICLES
    assert max(watched.changed) <= CHUNK_MATCHES
    await check_announced_once(store)


async def test_a_large_round_that_is_given_up_is_cleared_away_in_chunks(store):
    await many_matches(store)
    watched = Watched(store._database)
    log = SqliteLog(Between(watched, 3, lambda: store.articles.withdraw(ARTICLES)), asyncio.Event())
    lease = await announcer(store)
    assert (await log.announce(lease, now=NOON, limit=ARTICLES)).waiting
    assert len((await log.announce(lease, now=NOON, limit=ARTICLES)).positions) == ARTICLES - 1
    assert max(watched.changed) <= CHUNK_MATCHES
    await wake(store)
    assert await give_all(store) == dict.fromkeys(range(QUERIES), TITLES[:-1])


async def test_what_is_followed_during_a_large_round_is_matched_before_the_lock_is_taken(store, monkeypatch):
    await many_matches(store)
    watched, asked = Watched(store._database), []

    def wants(*values):
        asked.append(watched.is_writing)
        return queries.wants(*values)

    monkeypatch.setattr("storage.sqlite.log.wants", wants)
    log = SqliteLog(Between(watched, 2, lambda: follow(store, "new*", chat=999)), asyncio.Event())
    announced = await log.announce(await announcer(store), now=NOON, limit=ARTICLES)
    assert announced.matches == (QUERIES + 1) * ARTICLES
    assert asked == [False] * ARTICLES
    await wake(store)
    assert (await give_all(store))[999] == TITLES


@pytest.mark.parametrize("at", range(4))
async def test_a_large_round_whose_lease_is_lost_between_does_nothing_more(store, path, at):
    await many_matches(store)
    async with opened(path) as other:
        log = log_of(store, at, lambda: announce(other))
        assert await log.announce(await announcer(store), now=NOON, limit=ARTICLES) is None
    assert sql(path, "SELECT count(*) FROM match") == [(QUERIES * ARTICLES,)]
    await check_announced_once(store)


async def test_what_a_dead_large_round_left_is_no_match_of_other_articles(store):
    await many_matches(store)
    with pytest.raises(Killed):
        await log_of(store, 3, die).announce(await announcer(store), now=NOON, limit=ARTICLES)
    for number in range(1, ARTICLES + 1):
        await store.articles.withdraw(number)
    await take_in(store, "Weather")
    assert await announce(store) == [1]
    await wake(store)
    assert await give_all(store) == {}


@pytest.mark.parametrize("at", range(4))
async def test_a_query_followed_between_the_chunks_of_a_large_round_is_matched_once_announced(store, at):
    await many_matches(store)
    log = log_of(store, at, lambda: follow(store, "new*", chat=999))
    await log.announce(await announcer(store), now=NOON, limit=ARTICLES)
    await wake(store)
    assert (await give_all(store))[999] == TITLES


async def test_a_query_followed_between_matching_and_announcing_is_matched(store):
    await take_in(store, "Peace")
    log = log_of(store, 0, lambda: follow(store, "peace"))
    announced = await log.announce(await announcer(store), now=NOON, limit=9)
    assert (announced.positions, announced.matches) == ((1,), 1)
    await wake(store)
    assert await give_all(store) == {1: ["Peace"]}


async def test_a_query_taken_up_again_between_matching_and_announcing_is_matched_once(store):
    one = await follow(store, "peace")
    await take_in(store, "Peace")

    async def again():
        await store.subscriptions.remove(one.place, one.id)
        await follow(store, "peace")

    announced = await log_of(store, 0, again).announce(await announcer(store), now=NOON, limit=9)
    assert announced.matches == 1
    await wake(store)
    assert await give_all(store) == {1: ["Peace"]}


async def test_an_article_corrected_between_matching_and_announcing_is_announced_as_it_is(store):
    await follow(store, "peace", chat=1)
    await follow(store, "war", chat=2)
    await take_in(store, article("Peace", key="k"), "Peace too")
    log = log_of(store, 0, lambda: take_in(store, article("War", key="k")))
    announced = await log.announce(await announcer(store), now=NOON, limit=9)
    assert (announced.positions, announced.waiting) == ((), True)
    assert await announce(store) == [1, 2]
    await wake(store)
    assert await give_all(store) == {1: ["Peace too"], 2: ["War"]}


async def test_an_article_withdrawn_between_matching_and_announcing_takes_no_position(store):
    await follow(store)
    await take_in(store, "Gone", "Here")

    await log_of(store, 0, lambda: store.articles.withdraw(1)).announce(await announcer(store), now=NOON, limit=9)
    assert await announce(store) == [1]
    await wake(store)
    assert await give_all(store) == {1: ["Here"]}


async def test_announcing_costs_no_more_where_many_articles_were_corrected(store):
    async def steps_of(title):
        """SQLite's own steps of announcing one article, under the lock."""
        counted = []

        async def write(unit, *level):
            def measured(connection):
                connection.set_progress_handler(lambda: counted.append(1), 1)
                try:
                    return unit(connection)
                finally:
                    connection.set_progress_handler(None, 0)

            return await store._database.write(measured, *level)

        await take_in(store, title)
        measured = SimpleNamespace(read=store._database.read, write=write)
        assert await SqliteLog(measured, asyncio.Event()).announce(await announcer(store), now=NOON, limit=9)
        return len(counted)

    before = await steps_of("One")
    for body in ("", "A text."):
        await take_in(store, *(article(f"Full {number}", body=body) for number in range(200)))
    await announce(store)
    assert await steps_of("Two") < before + 200


@pytest.fixture
def terms_version(monkeypatch):
    """Sets whose terms the program makes."""
    return lambda name: monkeypatch.setattr("storage.text.version.terms_version", lambda: name)


async def test_what_is_followed_while_a_chunk_is_prepared_is_filed_too(store, terms_version):
    terms_version("old")
    await follow(store, "peace", chat=1)
    terms_version("new")
    await follow(store, "talks", chat=2)
    lease = await announcer(store)
    assert await log_of(store, 0, lambda: follow(store, "begin", chat=3)).refile(lease, limit=9)
    await publish(store, "Peace talks begin")
    assert sorted(await give_all(store)) == [1, 2, 3]


async def test_what_a_process_with_other_terms_follows_while_a_chunk_is_prepared_is_filed_too(store, terms_version):
    async def follow_elsewhere():
        terms_version("old")
        await follow(store, "begin", chat=2)
        terms_version("new")

    terms_version("old")
    await follow(store, "peace", chat=1)
    terms_version("new")
    assert await log_of(store, 0, follow_elsewhere).refile(await announcer(store), limit=9)
    await publish(store, "Peace talks begin")
    assert sorted(await give_all(store)) == [1, 2]


async def test_a_query_that_is_none_any_more_is_found_by_no_article(store, path, terms_version):
    terms_version("old")
    await follow(store, "peace", chat=1)
    await follow(store, "talks", chat=2)
    sql(path, "UPDATE query SET text = 'title:' WHERE text = 'peace'")
    terms_version("new")
    await publish(store, "Peace talks")
    assert await give_all(store) == {2: ["Peace talks"]}


async def test_positions_go_on_where_they_ended_after_the_log_was_pruned(store, path):
    await follow(store)
    await publish(store, "One", "Two")
    await give_all(store)
    sql(path, "DELETE FROM match")
    sql(path, "DELETE FROM log")
    assert await publish(store, "Three") == [3]
    assert await give_all(store) == {1: ["Three"]}


async def test_the_rate_of_a_frequent_query_is_that_of_its_newest(store):
    await take_in(store, *(article(f"Old {number}", published=NOON - 20 * DAY) for number in range(30)))
    await take_in(store, *(article(f"New {number}", published=NOON - (20 - number) * DAY / 10) for number in range(20)))

    def rate(connection):
        return search.per_day(connection, Query.parse("*"), NOON, counted=10)

    assert await store._database.read(rate) == pytest.approx(10)


async def test_a_pause_of_waking_keeps_its_place_in_the_file(store, path):
    for chat in range(5):
        await follow(store, chat=chat)
    await take_in(store, "Peace")
    await announce(store)
    assert await store.log.wake(await announcer(store), now=NOON, limit=2)
    async with opened(path) as other:
        assert await other.log.wake(await announcer(other), now=NOON + SECOND, limit=2)
        assert not await other.log.wake(await announcer(other), now=NOON + SECOND, limit=2)
    assert sql(path, "SELECT count(*) FROM mailbox WHERE due_at IS NOT NULL") == [(5,)]
    assert sql(path, "SELECT woken_through FROM progress") == [(1,)]


async def test_a_place_is_one_mailbox_however_often_it_came_up(store, path):
    for _ in range(3):
        await follow(store, chat=1)
        await store.mailboxes.move(BOT, 1, 2, now=NOON)
    assert sql(path, "SELECT count(*) FROM mailbox WHERE moved_to IS NULL") == [(1,)]
    assert [one.query for one in await store.subscriptions.all(Place(BOT, 2))] == ["*"]
