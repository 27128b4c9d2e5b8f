"""The port Embargoes: what is to be published later."""

import asyncio
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st
from storekeeping import DAY, HOUR, NOON, SECOND, announce, article, examples, found

from storage import Change, Embargo, NewArticle

LATER = NOON + HOUR
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
LISTS = st.lists(WORDS, max_size=3).map(tuple)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  bounds are bare
ARTICLES = st.builds(
    NewArticle,
    source=WORDS,
    key=WORDS,
    title=WORDS,
    published=MOMENTS,
    body=WORDS,
    summary=WORDS,
    link=WORDS,
    topics=LISTS,
    language=WORDS,
    date_only=st.booleans(),
    image=WORDS,
    authors=LISTS,
    urgent=st.booleans(),
    aliases=LISTS,
)
FULL = NewArticle(
    "herald",
    "k",
    "Peace",
    NOON,
    body="Text.",
    summary="Short.",
    link="https://herald.example/1",
    topics=("world",),
    language="hy",
    date_only=True,
    image="https://herald.example/1.jpg",
    authors=("Անի", "Ben"),
    urgent=True,
    aliases=("https://herald.example/1",),
)


def hold(store, title="Peace", until=LATER, **values):
    return store.embargoes.put(Embargo(article(title, **values), until))


async def over(store, now, limit=99):
    return [one.article.title for one in await store.embargoes.over(now=now, limit=limit)]


async def test_what_is_held_is_neither_found_nor_announced(store):
    assert await hold(store)
    assert (await found(store), await announce(store), await store.sources.get("herald")) == ([], [], None)


async def test_it_comes_back_as_it_was_with_all_its_parts(store):
    assert all(getattr(FULL, field.name) for field in fields(NewArticle)), "a part is left out above"
    one = Embargo(FULL, LATER)
    await store.embargoes.put(one)
    assert await store.embargoes.get("herald", "k") == one
    assert await store.embargoes.over(now=LATER, limit=9) == [one]


def test_whatever_it_holds_it_comes_back_so(engine_url, tmp_path):
    from storage import open_store  # noqa: PLC0415  this test opens one of its own

    async def all_of(articles):
        async with open_store(engine_url(tmp_path)) as store:
            for one in articles:
                await store.embargoes.put(Embargo(one, LATER))
            return [await store.embargoes.get(one.source, one.key) for one in articles]

    @settings(max_examples=examples(10))
    @given(st.lists(ARTICLES, max_size=9, unique_by=lambda one: (one.source, one.key)))
    def check(articles):
        assert asyncio.run(all_of(articles)) == [Embargo(one, LATER) for one in articles]

    check()


async def test_times_of_any_zone_are_the_same_moments(store):
    there = timezone(timedelta(hours=4))
    await hold(store, until=LATER.astimezone(there), key="k", published=NOON.astimezone(there) + SECOND / 1000)
    kept = await store.embargoes.get("herald", "k")
    assert (kept.until, kept.article.published) == (LATER, NOON + SECOND / 1000)


async def test_the_same_key_of_the_same_source_is_held_once_as_it_was_given_last(store):
    assert await hold(store, "Peace", key="k")
    assert not await hold(store, "Peace at last", key="k", until=LATER + DAY)
    assert await hold(store, "Other", key="k", source="gazette")
    assert await hold(store, "Third", key="j")
    assert (await store.embargoes.get("herald", "k")).article.title == "Peace at last"
    assert await over(store, LATER) == ["Other", "Third"]


async def test_lifted_it_is_held_no_more(store):
    await hold(store, key="k")
    assert not await store.embargoes.lift("herald", "j")
    assert not await store.embargoes.lift("gazette", "k")
    assert await store.embargoes.lift("herald", "k")
    assert not await store.embargoes.lift("herald", "k")
    assert (await store.embargoes.get("herald", "k"), await store.embargoes.next()) == (None, None)


async def test_over_is_what_is_to_be_published_by_now_the_first_first_until_it_is_lifted(store):
    for hours, title in ((3, "Third"), (1, "First"), (2, "Second")):
        await hold(store, title, NOON + hours * HOUR)
    assert await over(store, NOON + HOUR - SECOND / 1000) == []
    assert await over(store, NOON + HOUR) == ["First"]
    assert await over(store, NOON + 9 * HOUR) == ["First", "Second", "Third"]
    assert await over(store, NOON + 9 * HOUR, limit=2) == ["First", "Second"]
    await store.embargoes.lift("herald", "First")
    assert await over(store, NOON + 9 * HOUR) == ["Second", "Third"]


async def test_the_next_is_known(store):
    assert await store.embargoes.next() is None
    await hold(store, "Second", LATER + DAY)
    await hold(store, "First", LATER)
    assert await store.embargoes.next() == LATER


async def test_that_something_is_held_is_a_change_for_every_process(store, open_again):
    other = await open_again()
    for each in (store, other):
        while await each.changed(Change.EMBARGOES, 0.25):
            continue
    waiting = [asyncio.create_task(each.changed(Change.EMBARGOES, 60.0)) for each in (store, other)]
    await hold(store)
    assert await asyncio.gather(*waiting) == [True, True]
