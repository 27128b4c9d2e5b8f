"""The index made anew under other rules for terms: step by step, by several, through kills, while news comes in."""

import asyncio
import random
from datetime import timedelta

import pytest
from sqlite_raw import opened, sql

from storage import NewArticle, NotFound, Query
from storage.sqlite import articles, parts, reindexing
from storage.sqlite.index import document

from storekeeping import NOON, found  # isort: skip  of tests/contract

MINUTE = timedelta(minutes=1)
TITLES = ("Peace at last", "Мирный договор", "Խաղաղություն", "Football", "Peace and football")


def old_document(terms):
    """What an earlier version would have made of them: other terms, which nobody looks for today."""
    return " ".join(f"old{token}" if token.isalnum() else token for token in document(terms).split(" "))


@pytest.fixture
def version(monkeypatch):
    """Sets whose rules the program has."""

    def be(name):
        made = document if name == "new" else old_document
        for module in (parts, reindexing):
            monkeypatch.setattr(module, "terms_version", lambda: name)
        for module in (articles, reindexing):
            monkeypatch.setattr(module, "document", made)

    return be


def news(key, title, age=0):
    return NewArticle("herald", str(key), title, NOON - age * MINUTE)


async def add(store, *some):
    return await store.articles.add(some, arrived=NOON, push_since=NOON)


async def reindex(store, limit=3, steps=10_000):
    """Whether steps were left over."""
    for _ in range(steps):
        if not await store.articles.reindex(limit=limit):
            return True
    return False


async def test_a_fresh_store_needs_none(path, version):
    version("new")
    async with opened(path) as store:
        await add(store, news(1, "Peace"))
        assert not await store.articles.reindex(limit=10)
        assert await found(store, "peace") == ["Peace"]


async def test_the_old_index_serves_until_the_new_one_is_there(path, version):
    version("old")
    async with opened(path) as store:
        await add(store, *(news(age, f"Peace {age}", age) for age in range(10)))
    version("new")
    async with opened(path) as store:
        assert await found(store, "*") == [f"Peace {age}" for age in range(10)]
        assert await found(store, "source:herald") == [f"Peace {age}" for age in range(10)]
        assert await found(store, "oldpeace") == [f"Peace {age}" for age in range(10)]
        await reindex(store, steps=3)
        # The newest are looked for in the new index, the others in the old.
        assert await found(store, "peace OR oldpeace") == [f"Peace {age}" for age in range(10)]
        assert await found(store, "peace") == [f"Peace {age}" for age in range(6)]
        assert await reindex(store)
        assert await found(store, "peace") == [f"Peace {age}" for age in range(10)]
        assert await found(store, "oldpeace") == []


async def test_what_is_withdrawn_is_neither_found_in_the_old_index_nor_counted(path, version):
    version("old")
    async with opened(path) as store:
        await add(store, *(news(age, f"Peace {age}", age) for age in range(4)))
    version("new")
    async with opened(path) as store:
        for number in (1, 3):
            assert await store.articles.withdraw(number)
        page = await store.articles.search(Query.parse("oldpeace"), now=NOON, limit=2)
        assert ([one.title for one in page.articles], page.total, page.older) == (["Peace 1", "Peace 3"], 2, None)


async def test_an_article_that_cannot_be_read_does_not_hold_up_the_others(path, version, caplog):
    version("old")
    async with opened(path) as store:
        await add(store, *(news(age, f"Peace {age}", age) for age in range(4)))
        sql(path, "UPDATE article SET topics = 'none' WHERE title = 'Peace 1'")
    version("new")
    async with opened(path) as store:
        assert await reindex(store, limit=1)
        assert await found(store, "peace") == ["Peace 0", "Peace 2", "Peace 3"]
    assert [record.message for record in caplog.records] == ["an article cannot be read and is left out of the index"]


async def test_nothing_is_left_of_the_old_index(path, version):
    version("old")
    async with opened(path) as store:
        await add(store, *(news(age, f"Peace {age}", age) for age in range(40)))
    version("new")
    async with opened(path) as store:
        assert await reindex(store)
    tables = {name for (name,) in sql(path, "SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert {name for name in tables if name.startswith(("terms_", "words_"))} == {
        *("terms_2", "terms_2_data", "terms_2_idx", "terms_2_config", "words_2")
    }
    assert sql(path, "SELECT number, version, low FROM index_part") == [(2, "new", -parts.FARTHEST)]
    assert sql(path, "INSERT INTO terms_2 (terms_2) VALUES ('integrity-check')") == []


async def test_a_version_that_comes_before_the_last_is_through_begins_anew(path, version):
    version("oldest")
    async with opened(path) as store:
        await add(store, *(news(age, f"Peace {age}", age) for age in range(10)))
    version("old")
    async with opened(path) as store:
        await reindex(store, steps=3)
        await add(store, news("late", "Peace meanwhile", 2))
    version("new")
    async with opened(path) as store:
        await reindex(store, steps=2)
        everything = await found(store, "*")
        assert await found(store, "source:herald") == everything
        assert await reindex(store)
        assert await found(store, "peace") == everything
    assert len(sql(path, "SELECT * FROM index_part")) == 1


@pytest.mark.parametrize("key", [0, "another"])
async def test_what_comes_into_a_step_that_was_prepared_is_not_made_under_the_lock(path, version, monkeypatch, key):
    version("old")
    async with opened(path) as store:
        await add(store, *(news(age, f"Peace {age}", age) for age in range(5)))
    version("new")
    async with opened(path) as store, opened(path) as other:
        assert await store.articles.reindex(limit=5)
        prepared = await store._database.read(lambda connection: reindexing.next_step(connection, 5))
        await add(other, news(key, "Football"))  # one that is known is corrected

        def made(terms):
            raise AssertionError(terms)

        monkeypatch.setattr(reindexing, "document", made)
        await store._database.write(lambda connection: reindexing.take(connection, prepared))
        version("new")
        assert await reindex(store)
        assert await found(store, "football") == ["Football"]
        assert await found(store, "peace") == [f"Peace {age}" for age in range(5) if age != key]


@pytest.mark.parametrize("seed", range(16))
async def test_whatever_happens_meanwhile_the_new_index_is_right(path, version, seed):
    made = random.Random(seed)  # noqa: S311
    version("old")
    async with opened(path) as store:
        await add(store, *(news(key, made.choice(TITLES), made.randrange(200)) for key in range(30)))
    for name in ("new",) if seed % 2 else ("older", "new"):
        version(name)
        # Two processes, and each stretch of work ends with a kill.
        for _ in range(6):
            async with opened(path) as store, opened(path) as other:
                for _ in range(made.randint(1, 4)):
                    step = made.choice((store, other)).articles.reindex(limit=made.randint(1, 5))
                    some = (news(made.randrange(60), made.choice(TITLES), made.randrange(200)) for _ in range(3))
                    await asyncio.gather(step, *(add(store, one) for one in some))
                    assert await found(store, "source:herald") == await found(store, "*")
    async with opened(path) as store:
        assert await reindex(store)
        everything = [article async for article in all_of(store)]
        for text in (
            "peace",
            "мирный",
            "խաղաղության",
            "football -peace",
            "title:last",
            '"at last"',
            "foo*",
            "peaceful*",
        ):
            query = Query.parse(text)
            assert await found(store, text) == [one.title for one in everything if query.matches(one, NOON)], text


async def all_of(store):
    for article in (await store.articles.search(Query.parse("*"), now=NOON, limit=1000)).articles:
        try:
            yield await store.articles.get(article.id)
        except NotFound:
            continue
