"""Best first, and the nearest spelling."""

from datetime import timedelta

import pytest
from storekeeping import NOON

from storage import NewArticle, Query, Sort

HOUR = timedelta(hours=1)
FILLER = "Nothing of note was said, and nobody wrote it down for those who stayed away. " * 8


async def add(store, *articles):
    news = [
        NewArticle("herald", f"{number}", title, NOON - hours * HOUR, body=body)
        for number, (title, body, hours) in enumerate(articles)
    ]
    await store.articles.add(news, arrived=NOON, push_since=NOON)


async def best(store, text, limit=10, cursor=None):
    return await store.articles.search(Query.parse(text), now=NOON, limit=limit, cursor=cursor, sort=Sort.BEST)


def titles(page):
    return [article.title for article in page.articles]


async def test_words_in_the_title_come_first_then_those_near_the_beginning(store):
    await add(
        store,
        ("Somewhere below", FILLER + "peace treaty", 0),
        ("Near the beginning", "A peace treaty. " + FILLER, 1),
        ("One in the title: peace", FILLER + "treaty", 2),
        ("Both: peace treaty", "", 3),
        ("Neither", FILLER, 0),
    )
    page = await best(store, "peace treaty")
    assert titles(page) == ["Both: peace treaty", "One in the title: peace", "Near the beginning", "Somewhere below"]
    assert (page.total, page.more) == (4, False)


async def test_of_equally_good_ones_the_newer_comes_first_and_great_age_counts(store):
    await add(
        store, ("Peace", "", 5), ("Peace now", "", 2), ("Harvest", "Peace. " + FILLER, 1), ("Peace!", "", 24 * 200)
    )
    assert titles(await best(store, "peace")) == ["Peace now", "Peace", "Harvest", "Peace!"]


async def test_what_is_excluded_and_filtered_stays_so(store):
    await add(store, ("Peace and football", "", 1), ("Peace", "", 2), ("Peace of old", "", 24 * 9))
    assert titles(await best(store, "peace -football after:7d")) == ["Peace"]


async def test_a_query_without_words_has_its_newest_first(store):
    await add(store, ("One", "", 3), ("Two", "", 1))
    assert titles(await best(store, "source:herald")) == ["Two", "One"]


async def test_pages_of_the_best_follow_one_another_whatever_comes_meanwhile(store):
    await add(store, *((f"Peace {number}", "", number) for number in range(25)))
    first = await best(store, "peace")
    newer = NewArticle("herald", "newer", "Peace at last", NOON)
    await store.articles.add([newer], arrived=NOON, push_since=NOON)
    second = await best(store, "peace", cursor=first.older)
    third = await best(store, "peace", cursor=second.older)
    shown = [*titles(first), *titles(second), *titles(third)]
    assert shown == [f"Peace {number}" for number in range(25)]
    assert third.older is None
    assert titles(await best(store, "peace", cursor=third.newer)) == titles(second)
    assert titles(await best(store, "peace", cursor=second.newer)) == titles(first)
    assert first.newer is None


async def test_titles_are_ranked_that_lie_beyond_the_newest_texts(store):
    await add(store, ("Peace", "", 100), *((f"Harvest {number}", FILLER + "peace", 1) for number in range(60)))
    page = await best(store, "peace")
    assert titles(page)[0] == "Peace"
    assert page.total == 61


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("armnia", "armenia"),
        ("armenai", "armenia"),
        ("armemia", "armenia"),
        ("armeniia", "armenia"),
        ("eace treaty", "peace treaty"),
        ('"paece treaty"', '"peace treaty"'),
        ("перимирие", "перемирие"),
        ("gthtvbhbt", "перемирие"),  # the keys of перемирие
        ("fhьутшф", None),
        ("խաղաղությու", "խաղաղություն"),
        ("peace", None),
        ("armenia football", None),  # both are known
        ("title:armnia", "title:armenia"),
        ("armnia source:herald -football", "armenia source:herald -football"),
        ("armnia football", None),  # nothing has both
        ("zzzzzzz", None),
        ("armni*", None),
        ("ar", None),
        ("lang:xx", None),
    ],
)
async def test_the_nearest_spelling_that_finds_something(store, typed, meant):
    await add(
        store,
        ("Armenia signs the peace treaty", "", 1),
        ("Объявлено перемирие", "", 2),
        ("Խաղաղություն", "", 3),
        ("Football", "", 4),
    )
    other = await store.articles.spelled(Query.parse(typed), now=NOON)
    assert (other and other.text) == (Query.parse(meant).text if meant else None)


async def test_of_several_spellings_the_commoner_is_meant(store):
    await add(store, ("The bank", "", 1), *((f"The tank {number}", "", 2) for number in range(3)))
    assert (await store.articles.spelled(Query.parse("xank"), now=NOON)).text == "tank"


async def test_swapped_letters_come_before_frequency_and_what_finds_nothing_is_passed_over(store):
    await add(store, ("The bridge of salt", "", 1), *((f"The bride {number} sat", "", 2) for number in range(3)))
    assert (await store.articles.spelled(Query.parse("brigde"), now=NOON)).text == "bridge"
    assert (await store.articles.spelled(Query.parse("slat bridge"), now=NOON)).text == "bridge salt"
    assert (await store.articles.spelled(Query.parse("slat bride"), now=NOON)).text == "bride sat"
