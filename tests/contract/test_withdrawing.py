"""The port Articles: taking an article back, and its coming again."""

import asyncio

import pytest
from storekeeping import (
    BOT,
    NOON,
    announce,
    announcer,
    article,
    claim_one,
    delivered,
    follow,
    found,
    give_all,
    owed,
    publish,
    settle,
    take_in,
    the_article,
    titles,
    wake,
)

from storage import Arrival, NotFound, Query


async def withdraw(store, title):
    return await store.articles.withdraw((await the_article(store, title)).id)


@pytest.mark.parametrize("query", ["*", "peace", "title:gone", "source:herald", "* -war", "pea*", "topic:talks"])
async def test_what_was_withdrawn_is_found_no_more(store, query):
    await take_in(store, article("Peace gone", topics=("talks",)), article("Peace here", topics=("talks",)))
    assert await withdraw(store, "Peace gone")
    assert await found(store, query) == ([] if query == "title:gone" else ["Peace here"])
    assert (await store.articles.search(Query.parse(query), now=NOON, limit=5)).total == (query != "title:gone")


async def test_what_was_withdrawn_is_neither_opened_nor_related(store):
    await take_in(store, article("One", topics=("talks",)), article("Two", topics=("talks",)))
    one, two = await the_article(store, "One"), await the_article(store, "Two")
    assert await store.articles.related(two, limit=5) == [one]
    await store.articles.withdraw(one.id)
    with pytest.raises(NotFound):
        await store.articles.get(one.id)
    assert await store.articles.related(two, limit=5) == []
    assert await store.articles.per_day(Query.parse("topic:talks"), now=NOON) == pytest.approx(1)
    assert await store.articles.widened(Query.parse("one talks"), now=NOON) is None


async def test_withdrawing_tells_whether_there_was_one(store):
    await take_in(store, article("One", key="k"), article("Two", key="k2"))
    for wrong in (0, -1, 99, 2**63, 10**30):
        assert not await store.articles.withdraw(wrong)
    assert await withdraw(store, "One")
    assert not await store.articles.withdraw(1)
    assert not await store.articles.withdraw_key("herald", "k")
    assert await found(store) == ["Two"]


async def test_a_source_names_its_article_by_its_key(store):
    await take_in(store, article("One", key="k"), article("Another's", key="k", source="bell"))
    for source, key in [("herald", "other"), ("nobody", "k")]:
        assert not await store.articles.withdraw_key(source, key)
    assert await store.articles.withdraw_key("herald", "k")
    assert await found(store) == ["Another's"]


async def test_what_is_withdrawn_unannounced_takes_no_position_and_leaves_the_queue(store):
    await follow(store)
    await take_in(store, "Gone")
    await withdraw(store, "Gone")
    announced = await store.log.announce(await announcer(store), now=NOON, limit=9)
    assert (announced.positions, announced.waiting) == ((), False)
    assert await publish(store, "Here") == [1]
    assert await give_all(store) == {1: ["Here"]}


async def test_what_is_withdrawn_while_owed_is_skipped_though_the_cursor_passes_it(store):
    await follow(store)
    await publish(store, "Gone", "Here", "Gone too")
    await withdraw(store, "Gone")
    await withdraw(store, "Gone too")
    one = await claim_one(store)
    owing = await owed(store, one)
    assert (titles(owing), list(owing.cursors.values())) == (["Here"], [3])
    await settle(store, delivered(one, owing))
    assert await store.mailboxes.next_due(BOT) is None


# Coming again


async def test_brought_as_it_was_it_stays_withdrawn(store):
    await take_in(store, article("One", key="k", body="Text."))
    await withdraw(store, "One")
    assert await take_in(store, article("One", key="k", body="Text."), article("One", key="k")) == [Arrival.KNOWN] * 2
    assert await found(store) == []
    assert await announce(store) == []


@pytest.mark.parametrize(
    ("change", "arrival"), [({"title": "Peace two"}, Arrival.CHANGED), ({"body": "Peace."}, Arrival.FULL)]
)
async def test_brought_with_something_new_it_is_back_as_it_is_now(store, change, arrival):
    await take_in(store, article("Peace one", key="k"))
    await announce(store)
    number = (await the_article(store, "Peace one")).id
    await withdraw(store, "Peace one")
    again = {"title": "Peace one", "key": "k", **change}
    assert await take_in(store, article(**again)) == [arrival]
    assert await found(store, "peace") == [again["title"]]
    assert await found(store, "title:one") == ([] if "title" in change else ["Peace one"])
    back = await store.articles.get(number)
    assert (back.revision, back.withdrawn) == (2, False)
    assert await announce(store) == [2]


async def test_who_missed_it_while_it_was_withdrawn_gets_it_and_nobody_gets_it_twice(store):
    await follow(store, "peace", chat=1)
    await follow(store, "peace", chat=2)
    await store.mailboxes.pause(BOT, 2, now=NOON, reason="blocked")
    await publish(store, article("Peace", key="k"))
    assert await give_all(store) == {1: ["Peace"]}
    await withdraw(store, "Peace")
    await store.mailboxes.resume(BOT, 2, now=NOON)
    assert await give_all(store) == {}
    await publish(store, article("Peace again", key="k"))
    assert await give_all(store) == {2: ["Peace again"]}
    await publish(store, article("Peace once more", key="k"))
    assert await give_all(store) == {}


async def test_what_comes_back_before_it_was_missed_is_given_once(store):
    await follow(store, "peace")
    await publish(store, article("Peace", key="k"))
    await withdraw(store, "Peace")
    await publish(store, article("Peace again", key="k"))
    assert await give_all(store) == {1: ["Peace again"]}
    assert await store.mailboxes.next_due(BOT) is None


async def test_what_was_taken_back_again_and_again_leaves_nothing_in_the_index(store):
    for number in range(3):
        await take_in(store, article(f"Peace {number}", key="k"))
        assert await found(store, "peace") == [f"Peace {number}"]
        assert await store.articles.withdraw_key("herald", "k")
        assert await found(store, "peace") == []
        assert await found(store, f"title:{number}") == []


async def test_withdrawing_and_correcting_at_once_leaves_the_article_whole_or_gone(store, open_again):
    other = await open_again()
    for number in range(20):
        await take_in(store, article(f"Old {number}", key=str(number)))
        one = await the_article(store, f"Old {number}")
        await asyncio.gather(store.articles.withdraw(one.id), take_in(other, article(f"New {number}", key=str(number))))
        left = await found(store, f"title:{number}")
        assert left in ([], [f"New {number}"])
        assert await found(store, f"title:old title:{number}") == []
        assert await found(store, "*") == left
        await store.articles.withdraw(one.id)
    await announce(store)
    await wake(store)
