"""The port Articles: what is pushed of a source that is read for the first time, and of one that is known."""

from dataclasses import replace

import pytest
from storekeeping import ALWAYS, DAY, HOUR, NOON, SECOND, announce, article, found, take_in

from storage import Arrival, Source

MANY = 130  # more than one transaction takes


def old(title, **values):
    return article(title, published=NOON - 400 * DAY, **values)


async def add(store, *articles, arrived=NOON):
    return await store.articles.add(articles, arrived=arrived)


async def announced(store):
    """How many are announced now."""
    return len(await announce(store))


@pytest.mark.parametrize(
    ("published", "date_only", "pushed"),
    [
        (NOON - 24 * HOUR, False, 1),
        (NOON - 24 * HOUR - SECOND, False, 0),
        (NOON - 2 * DAY, True, 1),
        (NOON - 2 * DAY - SECOND, True, 0),
        (NOON + 9 * DAY, False, 1),
    ],
)
async def test_of_a_new_source_what_the_last_24_hours_brought_is_pushed(store, published, date_only, pushed):
    assert await add(store, article(published=published, date_only=date_only)) == [Arrival.NEW]
    assert await announced(store) == pushed


async def test_what_a_known_source_adds_is_pushed_however_late(store):
    await add(store, old("First"))
    assert await announced(store) == 0
    await add(store, old("Second"), old("First", body="Now in full."))
    assert await announced(store) == 2


async def test_all_that_one_call_brings_of_a_new_source_is_its_first_read(store):
    await add(store, *(old(f"Old {number}") for number in range(MANY)), article("New"))
    assert await announced(store) == 1
    assert len(await found(store, limit=1000)) == MANY + 1


async def test_each_source_of_a_call_is_new_or_known_by_itself(store):
    await add(store, old("Theirs"))
    await add(store, old("Ours", source="bell"), old("Theirs again"), old("Ours again", source="bell"))
    assert await announced(store) == 1


async def test_a_source_that_was_only_named_is_new(store):
    await store.sources.put(Source("herald", "The Herald"))
    await add(store, old("First"))
    assert await announced(store) == 0


async def test_a_source_that_was_imported_is_known(store):
    await take_in(store, old("First"), push_since=NOON)
    await add(store, old("Second"))
    assert await announced(store) == 1


async def test_a_source_whose_articles_were_withdrawn_is_known(store):
    await add(store, old("First"))
    await store.articles.withdraw(1)
    await add(store, old("Second"))
    assert await announced(store) == 1


async def test_a_first_read_that_broke_off_goes_on_as_one(store):
    broken = replace(article("Broken"), title=None)
    with pytest.raises(TypeError):
        await add(store, *(old(f"Old {number}") for number in range(MANY)), broken)
    assert 0 < len(await found(store, limit=1000)) < MANY
    await add(store, *(old(f"Old {number}") for number in range(MANY)))
    assert await announced(store) == 0
    await add(store, old("Late"))
    assert await announced(store) == 1


async def test_who_says_since_when_is_asked_nothing_else(store):
    await take_in(store, old("First"), push_since=ALWAYS)
    assert await announced(store) == 1
