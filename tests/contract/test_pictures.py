"""The port Articles: an article's picture."""

import pytest
from storekeeping import NOON, announce, article, claim_one, follow, owed, publish, take_in, the_article, wake

from storage import Arrival

ONE, OTHER = "https://example.org/1.jpg", "https://example.org/2.jpg"


async def picture(store, title="Peace"):
    return (await the_article(store, title)).image


async def test_a_picture_is_kept_and_comes_with_what_is_owed(store):
    await follow(store)
    await publish(store, article("Peace", image=ONE), article("War"))
    assert (await picture(store), await picture(store, "War")) == (ONE, "")
    assert (await store.articles.get(1)).image == ONE
    assert [one.article.image for one in (await owed(store, await claim_one(store))).articles] == [ONE, ""]


async def test_another_picture_alone_is_no_correction(store):
    await take_in(store, article("Peace", image=ONE))
    await announce(store)
    assert await take_in(store, article("Peace", image=OTHER)) == [Arrival.KNOWN]
    assert await announce(store) == []
    assert await picture(store) == ONE


@pytest.mark.parametrize(("image", "kept"), [("", ONE), (OTHER, OTHER)])
@pytest.mark.parametrize(
    ("corrected", "arrival"), [({"summary": "In short."}, Arrival.CHANGED), ({"body": "At noon."}, Arrival.FULL)]
)
async def test_a_correction_brings_its_picture_or_leaves_the_one_that_is_there(store, image, kept, corrected, arrival):
    await take_in(store, article("Peace", image=ONE))
    assert await take_in(store, article("Peace", image=image, **corrected)) == [arrival]
    assert await picture(store) == kept


async def test_a_withdrawn_article_comes_back_with_its_picture(store):
    await take_in(store, article("Peace", image=ONE))
    assert await store.articles.withdraw(1)
    assert await take_in(store, article("Peace", image=OTHER)) == [Arrival.KNOWN]
    assert await take_in(store, article("Peace", body="At noon.")) == [Arrival.FULL]
    assert await picture(store) == ONE
    await announce(store)
    await wake(store, NOON)
