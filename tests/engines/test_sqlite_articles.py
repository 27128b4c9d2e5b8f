"""Articles on SQLite that somebody else changes between their preparation and the write."""

import asyncio

import pytest
from sqlite_raw import opened
from storekeeping import ALWAYS, NOON, article, found

from storage import Arrival
from storage.sqlite import articles
from storage.sqlite.articles import SqliteArticles


class Outrunning:
    """A database in which somebody else does something before the first write; it notes when a unit is under way."""

    def __init__(self, database, act):
        self.read, self._write, self._act = database.read, database.write, act
        self.is_writing = False

    async def write(self, unit, *level):
        act, self._act = self._act, None
        if act:
            await act()

        def watched(connection):
            self.is_writing = True
            try:
                return unit(connection)
            finally:
                self.is_writing = False

        return await self._write(watched, *level)


@pytest.fixture
async def store(path):
    async with opened(path) as store:
        yield store


@pytest.fixture
def outrun(store, monkeypatch):
    """Makes the articles of a process that another outruns; it must not make terms while it holds the lock."""

    def made(act):
        database = Outrunning(store._database, act)

        def document(terms):
            assert not database.is_writing
            return index_document(terms)

        index_document = articles.document
        monkeypatch.setattr(articles, "document", document)
        return SqliteArticles(database, asyncio.Event(), asyncio.Event())

    return made


def take_in(those, *some):
    return those.add(some, arrived=NOON, push_since=ALWAYS)


async def test_what_another_process_took_in_meanwhile_is_corrected(store, outrun):
    mine = outrun(lambda: take_in(store.articles, article("Peace", key="k")))
    assert await take_in(mine, article("War", key="k"), article("Weather")) == [Arrival.CHANGED, Arrival.NEW]
    assert await found(store, "war OR weather OR peace") == ["Weather", "War"]
    assert await found(store, "peace") == []


async def test_what_another_process_withdrew_meanwhile_comes_back(store, outrun):
    await take_in(store.articles, article("Peace", key="k"))
    mine = outrun(lambda: store.articles.withdraw(1))
    assert await take_in(mine, article("War", key="k")) == [Arrival.CHANGED]
    assert (await found(store, "war"), await found(store, "peace")) == (["War"], [])


async def test_what_another_process_corrected_meanwhile_is_withdrawn(store, outrun):
    await take_in(store.articles, article("Peace", key="k"))
    mine = outrun(lambda: take_in(store.articles, article("War", key="k")))
    assert await mine.withdraw(1)
    assert await found(store, "war OR peace") == []


async def test_what_another_process_withdrew_meanwhile_is_not_withdrawn_again(store, outrun):
    await take_in(store.articles, article("Peace", key="k"))
    assert not await outrun(lambda: store.articles.withdraw(1)).withdraw(1)
