"""The port Articles: other keys that an article is known by, and who wrote it."""

import pytest
from storekeeping import NOON, announce, article, take_in, the_article

from storage import Arrival, Source


def known_as(title, *aliases, **values):
    return article(title, aliases=aliases, **{"key": title} | values)


async def known(store, *keys, source="herald"):
    """Key -> the title of the article that is known by it."""
    return {key: one.title for key, one in (await store.articles.known(source, keys)).items()}


async def test_an_article_is_known_by_its_key_and_its_aliases(store):
    await take_in(store, known_as("Peace", "https://herald.example/1", "guid-1"), known_as("War"))
    keys = ("Peace", "https://herald.example/1", "guid-1", "War", "guid-2")
    assert await known(store, *keys) == dict.fromkeys(keys[:3], "Peace") | {"War": "War"}
    assert await known(store) == {}


async def test_each_source_has_its_own(store):
    await take_in(store, known_as("Peace", "guid"), known_as("War", "guid", source="gazette"))
    assert await known(store, "guid", "Peace", source="gazette") == {"guid": "War"}
    assert await known(store, "guid", source="nobody") == {}


async def test_it_comes_with_all_but_its_text(store):
    await take_in(store, known_as("Peace", "guid", body="Long text.", summary="Short.", authors=("Ani", "Ben")))
    one = (await store.articles.known("herald", ["guid"]))["guid"]
    assert (one.key, one.summary, one.authors, one.body, one.source.name) == (
        "Peace",
        "Short.",
        ("Ani", "Ben"),
        "",
        "herald",
    )
    assert one.id == (await the_article(store, "Peace")).id


@pytest.mark.parametrize(
    ("again", "arrival"),
    [
        ({}, Arrival.KNOWN),
        ({"summary": "Short."}, Arrival.CHANGED),
        ({"body": "Text."}, Arrival.FULL),
    ],
)
async def test_they_are_kept_whatever_became_of_the_article(store, again, arrival):
    await take_in(store, known_as("Peace", "guid-1"))
    assert await take_in(store, known_as("Peace", "guid-2", **again)) == [arrival]
    assert await known(store, "guid-1", "guid-2") == {"guid-1": "Peace", "guid-2": "Peace"}


async def test_one_that_another_takes_over_is_its_own_now(store):
    await take_in(store, known_as("Peace", "guid"))
    await take_in(store, known_as("War", "guid"))
    assert await known(store, "guid", "Peace") == {"guid": "War", "Peace": "Peace"}
    assert await take_in(store, known_as("Peace", "guid")) == [Arrival.KNOWN]
    assert await known(store, "guid") == {"guid": "Peace"}


async def test_a_key_is_an_articles_for_ever(store):
    await take_in(store, known_as("Peace"), known_as("War", "Peace"))
    assert await take_in(store, known_as("War", "Peace")) == [Arrival.KNOWN]
    assert await known(store, "Peace") == {"Peace": "Peace"}
    # Also when it was another's alias first.
    await take_in(store, known_as("Bread", "Soup"))
    assert await take_in(store, known_as("Soup")) == [Arrival.NEW]
    assert await known(store, "Soup", "Bread") == {"Soup": "Soup", "Bread": "Bread"}
    await take_in(store, known_as("Bread", "Soup"))
    assert await known(store, "Soup") == {"Soup": "Soup"}


async def test_withdrawn_ones_are_known_too(store):
    await take_in(store, known_as("Peace", "guid"))
    await store.articles.withdraw_key("herald", "Peace")
    known = await store.articles.known("herald", ["guid", "Peace"])
    assert [one.withdrawn for one in known.values()] == [True, True]
    # Brought as it was it stays withdrawn, and is known by what it is brought with.
    assert await take_in(store, known_as("Peace", "guid-2")) == [Arrival.KNOWN]
    assert (await store.articles.known("herald", ["guid-2"]))["guid-2"].withdrawn


async def test_in_one_call_the_later_has_it(store):
    await take_in(
        store, known_as("Peace", "guid", "guid"), known_as("War", "guid"), known_as("Peace", "other", body="Text.")
    )
    assert await known(store, "guid", "other") == {"guid": "War", "other": "Peace"}


async def test_very_many_keys_are_looked_for_at_once(store):
    await take_in(store, *(known_as(f"Peace {number}", f"guid {number}") for number in range(120)))
    keys = [f"guid {number}" for number in range(3_000)]
    assert len(await store.articles.known("herald", keys)) == 120


@pytest.mark.parametrize("key", ["", "'; DROP TABLE alias --", "%", "ключ \U0001f511", "a" * 2_000])
async def test_a_key_is_any_text(store, key):
    await take_in(store, known_as("Peace", key))
    assert await known(store, key, "_") == {key: "Peace"}


# Who wrote it


async def test_authors_are_kept(store):
    authors = ("Ani Hakobyan", "Բեն", "O'Neil; Jr., PhD")
    await take_in(store, article("Peace", authors=authors), article("War"))
    assert ((await the_article(store, "Peace")).authors, (await the_article(store, "War")).authors) == (authors, ())


async def test_authors_alone_are_no_correction_but_are_taken_along_with_one(store):
    await take_in(store, article("Peace", authors=("Ani",)))
    await announce(store)
    assert await take_in(store, article("Peace", authors=("Ben",))) == [Arrival.KNOWN]
    assert ((await the_article(store, "Peace")).authors, await announce(store)) == (("Ani",), [])
    assert await take_in(store, article("Peace", authors=("Ben",), summary="Short.")) == [Arrival.CHANGED]
    assert (await the_article(store, "Peace")).authors == ("Ben",)
    # Left out they stay.
    assert await take_in(store, article("Peace", summary="Shorter.")) == [Arrival.CHANGED]
    assert (await the_article(store, "Peace")).authors == ("Ben",)


# Finding sources


@pytest.fixture
async def sources(store):
    for name, title in (
        ("wire", "The Wire"),
        ("herald", "Երևանի Լրատու"),
        ("cafe-news", "Café Nouvelles d’Été"),
        ("radio-1", "Радио Ёлка"),
        ("long", " ".join(["Very"] * 60) + " Last"),
    ):
        await store.sources.put(Source(name, title))
    return store.sources


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("", ["cafe-news", "herald", "long", "radio-1", "wire"]),
        ("wir", ["wire"]),
        ("WIRE the", ["wire"]),
        ("ire", []),
        ("cafe ete", ["cafe-news"]),
        ("CAFÉ", ["cafe-news"]),
        ("cafe-news", ["cafe-news"]),
        ("cafe wire", []),
        ("елка", ["radio-1"]),
        ("radio 1", ["radio-1"]),
        ("երև", ["herald"]),
        ("last", ["long"]),
        ("%", ["cafe-news", "herald", "long", "radio-1", "wire"]),
        ("' OR 1", []),
    ],
)
async def test_sources_are_found_by_how_words_begin(sources, words, names):
    assert [one.name for one in await sources.find(words, limit=99)] == names


async def test_sources_are_found_by_name_and_page_by_page(sources):
    pages, after = [], ""
    while page := await sources.find("", limit=2, after=after):
        pages.append([one.name for one in page])
        after = page[-1].name
    assert pages == [["cafe-news", "herald"], ["long", "radio-1"], ["wire"]]
    assert await sources.find("", limit=2) == (await sources.all())[:2]


async def test_what_is_withdrawn_and_comes_back_keeps_its_aliases(store):
    await take_in(store, known_as("Peace", "guid"))
    await store.articles.withdraw_key("herald", "Peace")
    await take_in(store, known_as("Peace", body="Text."), arrived=NOON)
    assert not (await store.articles.known("herald", ["guid"]))["guid"].withdrawn
