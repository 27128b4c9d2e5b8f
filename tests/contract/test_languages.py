"""The language of an article: what its source says, what its words tell, what the source usually writes."""

import pytest
from storekeeping import article, take_in, the_article

NAMES = "Trump, Putin, Zelenskyy"  # a headline that tells no language


async def language_of(store, title):
    return (await the_article(store, title)).language


async def test_what_the_words_tell(store):
    await take_in(store, article("Cumhurbaşkanı bütçe yasasını imzaladı ve Ankara'ya döndü"), NAMES)
    assert await language_of(store, "Cumhurbaşkanı bütçe yasasını imzaladı ve Ankara'ya döndü") == "tr"
    assert not await language_of(store, NAMES)


async def test_what_the_source_says_goes_first(store):
    await take_in(store, article("The president said that it is over", language="xx"))
    assert await language_of(store, "The president said that it is over") == "xx"


async def test_what_the_source_says_yields_to_letters_of_another_language(store):
    await take_in(store, article("Նախագահը ստորագրեց օրենքը", language="en"))
    assert await language_of(store, "Նախագահը ստորագրեց օրենքը") == "hy"


@pytest.mark.parametrize("together", [True, False])
async def test_a_headline_of_names_is_in_what_its_source_usually_writes(store, together):
    earlier = [article(f"Headline {number}", language="az") for number in range(20)]
    for news in [[*earlier, article(NAMES)]] if together else [earlier, [article(NAMES)]]:
        await take_in(store, *news)
    await take_in(store, article("Putin, Trump", source="another"))
    assert await language_of(store, NAMES) == "az"
    assert not await language_of(store, "Putin, Trump")


async def test_the_habit_does_not_hide_another_language(store):
    await take_in(store, *(article(f"Նորություն {number}") for number in range(20)))
    await take_in(store, article("Президент подписал закон"), article(NAMES))
    assert await language_of(store, "Президент подписал закон") == "ru"
    assert not await language_of(store, NAMES)  # not even Armenian, which has its own letters


async def test_an_article_corrected_counts_once(store):
    await take_in(store, *(article(f"Headline {number}", language="en") for number in range(20)))
    await take_in(store, *(article(f"Headline {number}", language="az", body="Changed") for number in range(20)))
    await take_in(store, article(NAMES))
    assert await language_of(store, NAMES) == "az"


@pytest.mark.parametrize("where", ["body", "summary"])
async def test_a_corrected_headline_of_names_leaves_its_text_in_its_language(store, where):
    await take_in(store, *(article(f"Headline {number}", language="en") for number in range(20)))
    text = "Cumhurbaşkanı bütçe yasasını imzaladı ve Ankara'ya döndü."
    await take_in(store, article("Ankara", key="corrected", **{where: text}))
    assert await language_of(store, "Ankara") == "tr"
    await take_in(store, article("Putin", key="corrected"))
    assert await language_of(store, "Putin") == "tr"


async def test_what_is_known_already_is_not_counted_again(store):
    for _ in range(20):
        await take_in(store, article("Headline", language="en"))
    await take_in(store, article(NAMES))
    assert not await language_of(store, NAMES)
