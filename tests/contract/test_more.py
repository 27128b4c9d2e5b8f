"""The port Mailboxes: what a message counted without showing it, opened later."""

from itertools import count

import pytest
from storekeeping import (
    BOT,
    MINUTE,
    NOON,
    announce,
    article,
    claim,
    claim_one,
    follow,
    give_all,
    owed,
    publish,
    settle,
    take_in,
    the_article,
    titles,
)

from storage import Cursor, Delivery, NotFound, Outcome, Place, Settlement

KEY = 2**62 - 1


def news(first, last):
    return [f"News {number}" for number in range(first, last)]


def shows(one, owing, shown, *, key=KEY, now=NOON):
    """The settlement of a message that showed only the first of what was owed, and counted the others."""
    positions = tuple(each.position for each in owing.articles[:shown])
    left = len(owing.articles) - shown + owing.more
    delivery = Delivery(positions, Outcome.SENT, now, message=1, key=key, more=left, rest=owing.rest)
    return Settlement(one, cursors=owing.cursors, deliveries=(delivery,))


async def push(store, shown, *, key=KEY, now=NOON):
    """Give the one mailbox that is due a message that shows so many. Returns how many it counted."""
    one = await claim_one(store, now)
    owing = await owed(store, one, now)
    assert await settle(store, shows(one, owing, shown, key=key, now=now), now)
    return len(owing.articles) - shown + owing.more


async def pages(store, key=KEY, limit=7):
    """All pages of what was counted, by their titles, from the first on."""
    cursor, turned = None, []
    for _ in range(1_000):
        page = await store.mailboxes.more(key, now=NOON, limit=limit, cursor=cursor)
        turned.append([one.title for one in page.articles])
        if page.newer is None:
            return turned
        cursor = page.newer
    raise AssertionError("the pages do not end")


async def opened(store, key=KEY, limit=7):
    return [title for page in await pages(store, key, limit) for title in page]


async def test_what_was_read_and_not_shown_is_opened_as_well_as_what_was_counted_unread(store):
    await follow(store)
    await publish(store, *news(0, 60))
    assert await push(store, 20) == 40
    assert await opened(store) == news(20, 60)
    assert await give_all(store) == {}


@pytest.mark.parametrize("queries", [["*"], ["*", "news"], ["*", "news 59", "zebra"], ["title:news", "news -zebra"]])
async def test_each_is_counted_and_opened_once(store, queries):
    for query in queries:
        await follow(store, query)
    await publish(store, *news(0, 60))
    assert await push(store, 3) == 57
    assert await opened(store) == news(3, 60)


async def test_a_page_says_how_many_the_message_counted(store):
    await follow(store)
    await publish(store, *news(0, 25))
    assert await push(store, 20) == 5
    page = await store.mailboxes.more(KEY, now=NOON, limit=2)
    assert (page.total, len(page.articles)) == (5, 2)


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6])
async def test_pages_turn_both_ways(store, limit):
    await follow(store)
    await publish(store, *news(0, 6))
    await push(store, 1)
    forth = await pages(store, limit=limit)
    assert forth == [news(1, 6)[start : start + limit] for start in range(0, 5, limit)]
    page = await store.mailboxes.more(KEY, now=NOON, limit=limit)
    assert page.older is None
    while page.newer:
        page = await store.mailboxes.more(KEY, now=NOON, limit=limit, cursor=page.newer)
    back = [[one.title for one in page.articles]]
    while page.older:
        page = await store.mailboxes.more(KEY, now=NOON, limit=limit, cursor=page.older)
        back.insert(0, [one.title for one in page.articles])
    assert back == forth


@pytest.mark.parametrize(
    ("cursor", "found"),
    [
        (Cursor(-(2**63) + 1), ["News 1", "News 2"]),
        (Cursor(2**63 - 1), ["News 3", "News 4"]),
        (Cursor(-(2**63) + 1, newer=True), ["News 1", "News 2"]),
        (Cursor(2**63 - 1, newer=True), []),
    ],
)
async def test_any_number_may_stand_in_a_cursor(store, cursor, found):
    await follow(store)
    await publish(store, *news(0, 5))
    await push(store, 1)
    page = await store.mailboxes.more(KEY, now=NOON, limit=2, cursor=cursor)
    assert [one.title for one in page.articles] == found


async def test_a_page_that_has_become_empty_leads_back(store):
    await follow(store)
    await publish(store, *news(0, 3))
    await push(store, 1)
    first = await store.mailboxes.more(KEY, now=NOON, limit=1)
    await store.articles.withdraw((await the_article(store, "News 2")).id)
    empty = await store.mailboxes.more(KEY, now=NOON, limit=1, cursor=first.newer)
    assert (empty.articles, empty.newer) == ((), None)
    back = await store.mailboxes.more(KEY, now=NOON, limit=1, cursor=empty.older)
    assert [one.title for one in back.articles] == ["News 1"]


@pytest.mark.parametrize("key", [0, 1, -1, KEY - 1, 2**63, 10**30])
async def test_an_unknown_key_opens_nothing(store, key):
    await follow(store)
    await publish(store, *news(0, 3))
    await push(store, 1)
    await publish(store, "Shown alone")
    await give_all(store)  # its delivery has no key
    with pytest.raises(NotFound) as raised:
        await store.mailboxes.more(key, now=NOON, limit=2)
    assert raised.value.kind == "list"


async def test_each_message_opens_its_own(store):
    await follow(store)
    await publish(store, *news(0, 5))
    await push(store, 2, key=1)
    await publish(store, *news(5, 9))
    await push(store, 1, key=2)
    assert await opened(store, 1) == news(2, 5)
    assert await opened(store, 2) == news(6, 9)


async def test_it_opens_whatever_has_become_of_the_subscription_the_chat_and_the_process(store, open_again):
    one = await follow(store)
    await publish(store, *news(0, 5))
    await push(store, 2)
    await store.subscriptions.remove(Place(BOT, 1), one.id)
    await store.mailboxes.move(BOT, 1, 2, now=NOON)
    await follow(store, chat=2)
    await publish(store, "Later")
    assert await give_all(store) == {2: ["Later"]}
    await store.close()
    assert await opened(await open_again()) == news(2, 5)


async def test_what_the_other_chat_was_given_changes_nothing_after_a_merge(store):
    for chat in (1, 2):
        await follow(store, chat=chat)
    await publish(store, *news(0, 5))
    first, second = sorted(await claim(store), key=lambda one: one.mailbox.place.chat)
    await settle(store, shows(second, await owed(store, second), 5, key=0))
    await settle(store, shows(first, await owed(store, first), 2))
    await store.mailboxes.move(BOT, 2, 1, now=NOON)
    assert await opened(store) == news(2, 5)


async def test_of_a_claim_that_was_lost_it_opens_too(store):
    await follow(store)
    await publish(store, *news(0, 5))
    one = await claim_one(store)
    owing = await owed(store, one)
    await store.mailboxes.move(BOT, 1, 2, now=NOON)
    assert not await settle(store, shows(one, owing, 2))
    assert await opened(store) == news(2, 5)
    assert await give_all(store) == {}


# What is not counted, and what is no longer opened


async def test_what_was_withdrawn_is_neither_counted_nor_opened(store):
    await follow(store)
    await publish(store, *news(0, 60))
    for title in ("News 30", "News 55"):
        await store.articles.withdraw((await the_article(store, title)).id)
    assert await push(store, 20) == 38
    left = [title for title in news(20, 60) if title not in {"News 30", "News 55"}]
    assert await opened(store) == left
    await store.articles.withdraw((await the_article(store, "News 59")).id)
    assert await opened(store) == left[:-1]


async def test_what_comes_back_was_not_counted_and_is_pushed(store):
    await follow(store)
    await publish(store, *(article(title, key=title) for title in news(0, 5)))
    await store.articles.withdraw((await the_article(store, "News 4")).id)
    assert await push(store, 2) == 2
    await publish(store, article("News 4 again", key="News 4"))
    assert await opened(store) == ["News 2", "News 3"]
    assert await give_all(store) == {1: ["News 4 again"]}


@pytest.mark.parametrize("number", [3, 55])
async def test_what_no_longer_matches_is_neither_counted_nor_opened(store, number):
    await follow(store, "news")
    await publish(store, *(article(title, key=title) for title in news(0, 60)))
    await take_in(store, article("Old hat", key=f"News {number}"))
    assert await push(store, 2) == 57
    assert await opened(store) == [title for title in news(2, 60) if title != f"News {number}"]
    await take_in(store, article("Gossip", key="News 58"))
    assert await opened(store) == [title for title in news(2, 60) if title not in {f"News {number}", "News 58"}]


async def test_of_what_is_counted_50_corrected_ones_are_looked_at_for_whether_they_still_match(store):
    await follow(store, "news")
    await publish(store, *(article(title, key=title) for title in news(0, 110)))
    await take_in(store, *(article(f"Old hat {title}", key=title) for title in news(50, 105)))
    await take_in(store, *(article(title.replace("News", "Gossip"), key=title) for title in news(50, 105)))
    assert await push(store, 20) == 30 + 5 + 5
    assert await opened(store) == [*news(20, 50), *news(105, 110)]


async def test_what_was_corrected_and_still_matches_is_opened_as_it_is_now(store):
    await follow(store, "news")
    await publish(store, *(article(title, key=title) for title in news(0, 60)))
    await take_in(store, article("Better news 55", key="News 55"))
    assert await push(store, 20) == 40
    await take_in(store, article("Better news 30", key="News 30"))
    assert await opened(store) == [*news(20, 30), "Better news 30", *news(31, 55), "Better news 55", *news(56, 60)]


@pytest.mark.parametrize("between", [5, 70])
async def test_an_article_announced_twice_is_counted_once_and_not_when_it_is_shown(store, between):
    """Its correction was announced for another query of the mailbox."""
    await follow(store, "news")
    await follow(store, "extra")
    await publish(store, *(article(title, key=title) for title in news(0, between)))
    await publish(store, article("Extra news 0", key="News 0"), article("Extra news 4", key="News 4"))
    assert await push(store, 2) == between - 2
    rest = await opened(store)
    assert len(rest) == len(set(rest)) == between - 2
    assert rest == ["News 2", "News 3", "Extra news 4", *news(5, between)]


@pytest.mark.parametrize("given", [3, 55])
async def test_what_was_given_before_is_neither_counted_nor_opened(store, given):
    await follow(store)
    await publish(store, *news(0, 60))
    one = await claim_one(store)
    await settle(store, Settlement(one, deliveries=(Delivery((given + 1,), Outcome.SENT, NOON, message=5),)))
    assert await push(store, 2) == 57
    assert await opened(store) == [title for title in news(2, 60) if title != f"News {given}"]


async def test_what_was_given_before_it_was_corrected_is_neither_counted_nor_opened(store):
    await follow(store, "peace")
    await follow(store, "news")
    await publish(store, article("Peace", key="k"))
    await give_all(store)
    await publish(store, *news(0, 55), article("Peace news", key="k"), "News 55")
    assert await push(store, 2) == 54
    assert await opened(store) == news(2, 56)


async def test_what_is_given_afterwards_is_still_opened(store):
    await follow(store, "news")
    await publish(store, *(article(title, key=title) for title in news(0, 5)))
    await push(store, 2)
    await follow(store, "extra")
    await publish(store, article("Extra news", key="News 4"))
    assert await give_all(store) == {1: ["Extra news"]}
    assert await opened(store) == ["News 2", "News 3", "Extra news"]


async def test_more_than_any_page_counts_may_be_left_out_of_one(store):
    await follow(store)
    await publish(store, *news(0, 40))
    await push(store, 1)
    for title in news(2, 38):
        await store.articles.withdraw((await the_article(store, title)).id)
    assert await pages(store, limit=2) == [["News 1", "News 38"], ["News 39"]]


async def test_an_article_of_several_queries_is_opened_while_one_of_them_matches(store):
    for query in ("news", "peace"):
        await follow(store, query)
    await publish(store, *(article(f"Peace news {number}", key=str(number)) for number in range(4)))
    await push(store, 1)
    await take_in(store, article("Peace", key="2"), article("Gossip", key="3"), arrived=NOON + MINUTE)
    assert await opened(store) == ["Peace news 1", "Peace"]
    await announce(store)
    assert await give_all(store) == {}


async def test_order_is_that_of_the_push_whatever_was_published_when(store):
    times = count()
    await follow(store)
    await publish(store, *(article(title, published=NOON - next(times) * MINUTE) for title in news(0, 6)))
    one = await claim_one(store)
    owing = await owed(store, one)
    assert titles(owing) == news(0, 6)
    await settle(store, shows(one, owing, 2))
    assert await opened(store) == news(2, 6)
