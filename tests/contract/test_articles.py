"""The ports Sources and Articles (but finding, which is test_search.py's)."""

import asyncio

import pytest
from storekeeping import ALWAYS, DAY, HOUR, MINUTE, NOON, SECOND, announce, article, found, take_in, the_article

from storage import Arrival, NotFound, Query, Source

HEADLINE = article("Velmora signs", key="k")
FULL = article("Velmora signs", key="k", body="The treaty was signed.\n\nIt is long.")


async def test_a_source_is_added_with_an_id(store):
    put = await store.sources.put(Source("herald", "The Herald", language="hy", zone="Asia/Yerevan"))
    assert put.id > 0
    assert put == Source("herald", "The Herald", id=put.id, language="hy", zone="Asia/Yerevan")
    assert await store.sources.get("herald") == put


async def test_a_source_of_the_same_name_is_brought_up_to_date(store):
    first = await store.sources.put(Source("herald", "The Herald"))
    second = await store.sources.put(Source("herald", "Herald", language="ru", zone="Europe/Moscow"))
    assert second == Source("herald", "Herald", id=first.id, language="ru", zone="Europe/Moscow")
    assert await store.sources.all() == [second]


async def test_a_source_of_another_name_is_not_there(store):
    assert await store.sources.get("herald") is None


async def test_all_sources_come_by_name(store):
    for name in ("beta", "alpha", "gamma"):
        await store.sources.put(Source(name, name.upper()))
    assert [source.name for source in await store.sources.all()] == ["alpha", "beta", "gamma"]


async def test_an_article_comes_back_as_it_was_given(store):
    given = article(
        "A <title> & “quotes” 🗞",
        body="One.\n\nTwo.",
        summary="Short.",
        link="https://example.org/1",
        topics=("Economy", "Մշակույթ"),
        language="en",
    )
    assert await take_in(store, given) == [Arrival.NEW]
    one = await the_article(store, given.title)
    assert one == await store.articles.get(one.id)
    for name in ("key", "title", "body", "summary", "link", "topics", "language", "published", "date_only"):
        assert getattr(one, name) == getattr(given, name), name
    assert (one.source.name, one.arrived, one.revision, one.withdrawn) == ("herald", NOON, 1, False)


async def test_there_is_one_answer_for_each_in_order(store):
    await take_in(store, HEADLINE)
    answers = await take_in(store, "Other", FULL, HEADLINE, "Other", "Third")
    assert answers == [Arrival.NEW, Arrival.FULL, Arrival.KNOWN, Arrival.KNOWN, Arrival.NEW]


async def test_many_articles_are_several_transactions_and_all_arrive(store):
    assert await take_in(store, *(f"Article {number}" for number in range(450))) == [Arrival.NEW] * 450
    assert len(await found(store, limit=1000)) == 450


async def test_the_same_key_of_the_same_source_is_the_same_article(store):
    await take_in(store, article("Here", key="k", source="herald"), article("There", key="k", source="tribune"))
    assert await take_in(store, article("Here", key="k", source="herald")) == [Arrival.KNOWN]
    assert sorted(await found(store)) == ["Here", "There"]


@pytest.mark.parametrize(
    "again",
    [
        FULL,
        article("Velmora signs", key="k"),
        article("Velmora signs", key="k", body=FULL.body, topics=("new",)),
        article("Velmora signs", key="k", published=NOON - 5 * MINUTE),
    ],
    ids=["same", "nothing but the headline", "other topics", "another time"],
)
async def test_nothing_changes_when_it_says_nothing_new(store, again):
    await take_in(store, FULL)
    before = await the_article(store, "Velmora signs")
    await announce(store)
    assert await take_in(store, again, arrived=NOON + HOUR) == [Arrival.KNOWN]
    assert await store.articles.get(before.id) == before
    assert await announce(store) == []


async def test_a_headline_that_arrives_with_a_text_becomes_full(store):
    await take_in(store, HEADLINE)
    before = await the_article(store, "Velmora signs")
    assert before.headline_only
    assert await take_in(store, FULL) == [Arrival.FULL]
    after = await store.articles.get(before.id)
    assert (after.body, after.revision) == (FULL.body, 2)
    assert await found(store, "treaty") == ["Velmora signs"]


async def test_a_known_text_is_never_replaced_by_none(store):
    await take_in(store, article("Velmora signs", key="k", body="Text", summary="Short", link="https://example.org"))
    assert await take_in(store, article("Velmora signs a treaty", key="k")) == [Arrival.CHANGED]
    one = await the_article(store, "Velmora signs a treaty")
    assert (one.body, one.summary, one.link) == ("Text", "Short", "https://example.org")


@pytest.mark.parametrize("change", [{"title": "Other"}, {"body": "Other"}, {"summary": "Other"}, {"link": "https://o"}])
async def test_another_title_text_summary_or_link_is_a_correction(store, change):
    values = {"title": "Title", "body": "Body", "summary": "Summary", "link": "https://example.org"}
    await take_in(store, article(key="k", **values))
    before = await the_article(store, "Title")
    assert await take_in(store, article(key="k", **values | change)) == [Arrival.CHANGED]
    after = await store.articles.get(before.id)
    assert {name: getattr(after, name) for name in values} == values | change
    assert after.revision == before.revision + 1


async def test_a_corrected_article_is_found_by_its_new_words_alone(store):
    await take_in(store, article("Old words", key="k"), article("Bystander old", key="b"))
    await take_in(store, article("New words", key="k"))
    assert await found(store, "new") == ["New words"]
    assert await found(store, "old") == ["Bystander old"]
    assert await found(store, "words") == ["New words"]


async def test_queued_are_new_full_and_changed_ones(store):
    for one in (HEADLINE, FULL, article("Velmora signs it", key="k", body=FULL.body)):
        await take_in(store, one)
        assert len(await announce(store)) == 1


@pytest.mark.parametrize(
    ("published", "date_only", "queued"),
    [
        (NOON - SECOND, False, False),
        (NOON, False, True),
        (NOON - DAY, True, True),
        (NOON - DAY - SECOND, True, False),
    ],
    ids=["before", "at", "a day that ends then", "a day that ended before"],
)
async def test_queued_is_what_was_published_at_push_since_or_later(store, published, date_only, queued):
    await take_in(store, article(published=published, date_only=date_only), push_since=NOON)
    assert len(await announce(store)) == queued


async def test_an_article_that_claims_to_be_of_the_future_is_not_news_after_all(store):
    await take_in(store, article(published=NOON + DAY), arrived=NOON, push_since=NOON + HOUR)
    assert await announce(store) == []


async def test_an_article_and_its_place_in_the_queue_are_one(store, open_again):
    await take_in(store, "One")
    await store.close()
    assert len(await announce(await open_again())) == 1


async def test_published_in_the_future_counts_as_arrived(store):
    await take_in(store, article("Tomorrow", published=NOON + DAY))
    assert (await the_article(store, "Tomorrow")).published == NOON


async def test_a_sources_name_not_seen_before_becomes_a_source(store):
    await take_in(store, article(source="tribune"))
    assert [(source.name, source.title) for source in await store.sources.all()] == [("tribune", "tribune")]


async def test_a_sources_language_is_its_articles_where_the_script_tells_none(store):
    await store.sources.put(Source("posta", "Posta", language="tr"))
    await take_in(store, article("Barış", source="posta"), article("Խաղաղություն", source="posta"))
    assert (await the_article(store, "Barış")).language == "tr"
    assert (await the_article(store, "Խաղաղություն")).language == "hy"


async def test_a_time_is_better_than_a_day(store):
    await take_in(store, article("Old", key="k", published=NOON - DAY, date_only=True), article("Between"))
    await take_in(store, article("New", key="k", published=NOON - MINUTE))
    one = await the_article(store, "New")
    assert (one.published, one.date_only) == (NOON - MINUTE, False)
    assert await found(store) == ["New", "Between"]
    assert await found(store, "new") == ["New"]


async def test_two_processes_may_take_in_the_same_article(store, open_again):
    other = await open_again()
    for _ in range(5):
        await take_in(store, HEADLINE)
        await take_in(other, FULL)
    assert await found(other) == ["Velmora signs"]
    assert (await the_article(store, "Velmora signs")).revision == 2


async def test_get_raises_for_a_number_never_given(store):
    for number in (0, 1, -1, 10**25):
        with pytest.raises(NotFound, match=f"article {number}") as caught:
            await store.articles.get(number)
        assert (caught.value.kind, caught.value.id) == ("article", number)


async def test_widened_leaves_out_the_rarest_word(store):
    await take_in(store, "Peace treaty", "Peace talks", "Peace treaty signed")
    assert await store.articles.widened(Query.parse("peace treaty zebra"), now=NOON) == Query.parse("peace treaty")


async def test_widened_is_none_when_nothing_would_be_left(store):
    await take_in(store, "Peace treaty")
    assert await store.articles.widened(Query.parse("zebra"), now=NOON) is None
    assert await store.articles.widened(Query.parse("zebra -peace"), now=NOON) is None


async def test_widened_is_none_when_nothing_would_be_found(store):
    await take_in(store, "Peace treaty")
    assert await store.articles.widened(Query.parse("zebra lion"), now=NOON) is None


async def test_per_day_is_what_was_found_in_the_last_30_days(store):
    recent = [article(f"Peace {number}", published=NOON - 10 * DAY - number * SECOND) for number in range(60)]
    old = [article(f"Peace of old {number}", published=NOON - 40 * DAY) for number in range(60)]
    await take_in(store, *recent, *old)
    assert await store.articles.per_day(Query.parse("peace"), now=NOON) == pytest.approx(2)
    assert await store.articles.per_day(Query.parse("zebra"), now=NOON) == 0


async def test_per_day_is_counted_since_the_first_article_if_that_is_later(store):
    await take_in(store, article("War", published=NOON - 2 * DAY), *(f"Peace {number}" for number in range(6)))
    assert await store.articles.per_day(Query.parse("peace"), now=NOON) == pytest.approx(3)


async def test_per_day_of_an_empty_store_is_none(store):
    assert await store.articles.per_day(Query.parse("*"), now=NOON) == 0


async def test_related_articles_share_a_topic_or_two_title_words(store):
    await take_in(
        store,
        article("Lake Ourin floods village", topics=("Weather",)),
        article("Ourin lake rises", topics=()),
        article("Storm ahead", topics=("Weather",)),
        article("Village fair", topics=("Culture",)),
    )
    one = await the_article(store, "Lake Ourin floods village")
    related = [other.title for other in await store.articles.related(one, limit=5)]
    assert related == ["Ourin lake rises", "Storm ahead"]


async def test_related_articles_are_limited_to_the_closest(store):
    await take_in(store, *(article(f"Ourin lake {number}", topics=("Weather",)) for number in "abcdef"), "Lake Ourin")
    one = await the_article(store, "Lake Ourin")
    related = await store.articles.related(one, limit=3)
    assert len(related) == 3
    assert one not in related


async def test_an_article_before_1970_is_kept_in_its_place(store):
    await take_in(store, article("Then", published=ALWAYS - 365 * DAY), article("Now"))
    assert await found(store) == ["Now", "Then"]


async def test_corrections_that_race_leave_nothing_of_the_losers_in_the_index(store, open_again):
    await take_in(store, article("Peace", key="a"))
    other = await open_again()
    words = [f"word{number}" for number in range(12)]
    await asyncio.gather(
        *(take_in(one, article(word, key="a")) for word, one in zip(words, [store, other] * 6, strict=True))
    )
    [title] = await found(store)
    assert {word: await found(store, word) for word in ["Peace", *words]} == {
        word: [title] if word == title else [] for word in ["Peace", *words]
    }


async def test_an_article_that_comes_twice_at_once_is_corrected_by_the_second(store):
    arrivals = await take_in(store, article("Peace", key="a"), article("Treaty", key="a"), article("Treaty", key="a"))
    assert arrivals == [Arrival.NEW, Arrival.CHANGED, Arrival.KNOWN]
    assert (await found(store, "peace"), await found(store, "treaty")) == ([], ["Treaty"])
