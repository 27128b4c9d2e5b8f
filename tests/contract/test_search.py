"""The port Articles: finding. That it finds what the query means is test_law_one.py's."""

import pytest
from storekeeping import DAY, HOUR, MINUTE, NOON, SECOND, article, found, take_in, the_article

from storage import Cursor, Query

EVERYTHING = Query.parse("*")


async def pages(store, query=EVERYTHING, limit=3):
    """All pages, one after another from the newest."""
    page = await store.articles.search(query, now=NOON, limit=limit)
    shown = [page]
    while page.older:
        page = await store.articles.search(query, now=NOON, limit=limit, cursor=page.older)
        shown.append(page)
    return shown


def titles(page):
    return [one.title for one in page.articles]


async def test_an_empty_store_has_one_empty_page(store):
    page = await store.articles.search(EVERYTHING, now=NOON, limit=3)
    assert (page.articles, page.total, page.older, page.newer) == ((), 0, None, None)


async def test_the_newest_come_first_whatever_the_order_of_arrival(store):
    ages = [5, 1, 4, 2, 3]
    for age in ages:
        await take_in(store, article(f"{age} hours old", published=NOON - age * HOUR))
    assert await found(store) == [f"{age} hours old" for age in sorted(ages)]


async def test_of_the_same_second_the_later_arrival_is_newer(store):
    await take_in(store, *(article(str(number), published=NOON - HOUR) for number in range(5)))
    assert await found(store) == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(("count", "sizes"), [(0, [0]), (1, [1]), (3, [3]), (4, [3, 1]), (7, [3, 3, 1])])
async def test_there_are_limit_articles_to_a_page(store, count, sizes):
    await take_in(store, *(f"Article {number}" for number in range(count)))
    assert [len(page.articles) for page in await pages(store)] == sizes


@pytest.mark.parametrize("query", ["*", "article", "article -zebra", "after:2026-01-01"])
async def test_pages_forward_and_back_hold_the_same(store, query):
    await take_in(store, *(article(f"Article {n}", published=NOON - n * MINUTE) for n in range(10)))
    query = Query.parse(query)
    forward = await pages(store, query)
    assert [title for page in forward for title in titles(page)] == [f"Article {n}" for n in range(10)]
    assert {page.total for page in forward} == {10}
    page = forward[-1]
    for earlier in reversed(forward[:-1]):
        page = await store.articles.search(query, now=NOON, limit=3, cursor=page.newer)
        assert titles(page) == titles(earlier)
        assert page.older == earlier.older
    assert page.newer is None


async def test_a_page_stays_where_it_was_when_newer_articles_arrive(store):
    await take_in(store, *(article(f"Article {n}", published=NOON - n * MINUTE) for n in range(6)))
    first = await store.articles.search(EVERYTHING, now=NOON, limit=3)
    await take_in(store, article("Breaking", published=NOON))
    second = await store.articles.search(EVERYTHING, now=NOON, limit=3, cursor=first.older)
    assert titles(second) == ["Article 3", "Article 4", "Article 5"]
    back = await store.articles.search(EVERYTHING, now=NOON, limit=3, cursor=second.newer)
    assert titles(back) == ["Article 0", "Article 1", "Article 2"]
    assert titles(await store.articles.search(EVERYTHING, now=NOON, limit=3, cursor=back.newer))[0] == "Breaking"


async def test_the_total_is_counted_to_1000(store):
    await take_in(store, *(f"Peace {number}" for number in range(1005)))
    many = await store.articles.search(Query.parse("peace"), now=NOON, limit=1)
    assert (many.total, many.more) == (1000, True)
    one = await store.articles.search(Query.parse("peace 7"), now=NOON, limit=1)
    assert (one.total, one.more) == (1, False)


@pytest.mark.parametrize("newest", [0, -1, 2**62, 2**63, -(2**63) - 1, 10**30])
@pytest.mark.parametrize("newer", [False, True])
async def test_a_cursor_that_was_never_given_is_a_place_like_another(store, newest, newer):
    await take_in(store, "One", "Two")
    page = await store.articles.search(EVERYTHING, now=NOON, limit=3, cursor=Cursor(newest, newer))
    everything_lies_there = newer or newest > 0
    assert titles(page) == (["Two", "One"] if everything_lies_there else [])


async def test_relative_dates_count_from_now(store):
    await take_in(store, article("Old", published=NOON - 8 * DAY), article("New", published=NOON - 6 * DAY))
    assert await found(store, "after:7d") == ["New"]
    assert await found(store, "before:7d") == ["Old"]
    assert await found(store, "after:7d", now=NOON + 2 * DAY) == []


@pytest.mark.parametrize(("age", "after"), [(DAY, True), (DAY + SECOND, False), (DAY - SECOND, True)])
async def test_a_date_is_met_to_the_second(store, age, after):
    await take_in(store, article("Then", published=NOON - age))
    assert bool(await found(store, "after:1d")) is after
    assert bool(await found(store, "before:1d")) is not after


async def test_a_date_within_an_alternative_is_met(store):
    await take_in(store, article("Peace", published=NOON - 9 * DAY), article("War", published=NOON - DAY))
    assert await found(store, "peace OR after:7d") == ["War", "Peace"]
    assert await found(store, "* -(war after:7d)") == ["Peace"]


@pytest.mark.parametrize(
    ("phrase", "there"),
    [
        ("to be or not to be", True),
        ("be or not", True),
        ("the of", False),
        ("not be", False),
        ("be that", False),  # title and body are apart
        ("or not to be that", False),
        ("that is the question", True),
        ("is the", True),
        ("is the question of", False),
        ("all of the people", True),
        ("of the the", False),
        ("the the", True),
        ("что и как", True),
        ("как и что", False),
        ("и как что", True),
        ("և որ", True),
    ],
)
async def test_phrases_of_common_words_are_found_as_any_others(store, phrase, there):
    await take_in(
        store,
        article("To be or not to be", body="That is the question.", language="en"),
        article("All of the people", body="The the. Что и как, և որ, of course", language="en"),
        article("Что и как", body="И как, что", language="ru"),
    )
    query = Query.parse(f'"{phrase}"')
    expected = [one.title for one in (await store.articles.search(EVERYTHING, now=NOON, limit=9)).articles]
    articles = {title: await the_article(store, title) for title in expected}
    expected = [title for title in expected if query.matches(articles[title], NOON)]
    assert await found(store, query.text) == expected
    assert bool(expected) == there
