"""The port Mailboxes: claiming, and what is owed."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from storekeeping import (
    BOT,
    HOUR,
    LEASE,
    MINUTE,
    NOON,
    SECOND,
    announce,
    article,
    claim,
    claim_one,
    delivered,
    follow,
    give_all,
    owed,
    publish,
    settle,
    take_in,
    titles,
)

from storage import Delivery, Outcome, Owed, Place, Settlement

INSTANT = timedelta(microseconds=1)


def chats(claims):
    return [one.mailbox.place.chat for one in claims]


# Claiming


async def test_a_claim_tells_the_mailbox_and_its_end(store):
    await follow(store, chat=-100123, thread=9)
    await publish(store, "Peace")
    one = await claim_one(store)
    assert (one.mailbox.place, one.mailbox.failures, one.until) == (Place(BOT, -100123, 9), 0, NOON + LEASE)
    assert one.token


async def test_up_to_limit_are_claimed(store):
    for chat in range(5):
        await follow(store, chat=chat)
    await publish(store, "Peace")
    sizes = [len(await claim(store, limit=2)) for _ in range(4)]
    assert sizes == [2, 2, 1, 0]


async def test_the_longest_due_come_first(store):
    for chat, minute in [(1, 3), (2, 1), (3, 2)]:
        await follow(store, f"word{chat}", chat=chat)
        await publish(store, f"word{chat}", now=NOON + minute * MINUTE)
    later = NOON + HOUR
    assert chats(await claim(store, later, limit=2)) == [2, 3]
    assert chats(await claim(store, later, limit=2)) == [1]


async def test_one_whose_lease_ended_has_been_due_since_then(store):
    for chat in (1, 2, 3):
        await follow(store, f"word{chat}", chat=chat)
    await publish(store, "word1", now=NOON)
    await claim(store, NOON)
    await publish(store, "word2", now=NOON + LEASE - SECOND)
    await publish(store, "word3", now=NOON + LEASE + SECOND)
    assert chats(await claim(store, NOON + MINUTE)) == [2, 1, 3]


async def test_only_the_bots_own_are_claimed(store):
    await follow(store, bot=BOT)
    await follow(store, bot=BOT + 1)
    await publish(store, "Peace")
    assert [one.mailbox.place.bot for one in await claim(store)] == [BOT]
    assert await store.mailboxes.next_due(BOT + 1) == NOON


async def test_a_mailbox_is_due_at_due_at_and_not_before(store):
    await follow(store)
    await publish(store, "Peace", now=NOON)
    assert await claim(store, NOON - INSTANT) == []
    assert len(await claim(store, NOON)) == 1


async def test_a_running_lease_keeps_others_away(store, open_again):
    await follow(store)
    await publish(store, "Peace")
    await claim(store)
    assert await claim(await open_again(), NOON + LEASE - INSTANT) == []


async def test_a_lease_that_ends_now_has_ended(store, open_again):
    await follow(store)
    await publish(store, "Peace")
    first = await claim_one(store)
    again = await claim_one(await open_again(), NOON + LEASE)
    assert again.mailbox == first.mailbox
    assert again.token != first.token


@pytest.mark.parametrize("woken", [False, True])
async def test_a_lease_from_a_clock_that_was_ahead_has_ended(store, open_again, woken):
    await follow(store)
    await publish(store, "One")
    lost = await claim_one(store, NOON + HOUR)
    if woken:
        await publish(store, "Two")
    other = await open_again()
    (one,) = await claim(other)
    assert (one.until, await claim(store)) == (NOON + LEASE, [])
    assert titles(await owed(store, one)) == (["One", "Two"] if woken else ["One"])
    assert not await settle(store, Settlement(lost))


async def test_clocks_of_senders_may_differ_by_a_little(store, open_again):
    await follow(store)
    await publish(store, "One")
    await claim_one(store, NOON + LEASE)
    assert await claim(await open_again(), NOON) == []


async def test_a_mailbox_woken_during_a_lease_that_ended_unsettled_is_due_once(store):
    await follow(store)
    await publish(store, "Peace")
    await claim(store)
    await publish(store, "War", now=NOON + SECOND)
    one = await claim_one(store, NOON + LEASE)
    assert titles(await owed(store, one)) == ["Peace", "War"]


async def test_two_callers_never_get_the_same_mailbox(store, open_again):
    other = await open_again()
    await asyncio.gather(*(follow(store, chat=chat) for chat in range(200)))
    await publish(store, "Peace")
    taken = await asyncio.gather(*(claim(each, limit=17) for each in (store, other) * 10))
    got = [one.mailbox.id for some in taken for one in some]
    assert len(got) == len(set(got)) == 200


# What is owed


async def test_owed_are_the_matches_beyond_the_cursor_oldest_first(store):
    await publish(store, "Before")
    await follow(store, "news")
    await publish(
        store, article("News 1", published=NOON - HOUR), "Weather", article("News 2", published=NOON - MINUTE)
    )
    await publish(store, article("News 0", published=NOON - 9 * HOUR))
    owing = await owed(store, await claim_one(store))
    assert [(one.position, one.article.title) for one in owing.articles] == [
        (2, "News 1"),
        (4, "News 2"),
        (5, "News 0"),
    ]
    assert (owing.more, list(owing.cursors.values())) == (0, [5])


async def test_an_article_wanted_by_several_subscriptions_is_owed_once(store):
    for query in ("peace", "talks", "war"):
        await follow(store, query)
    await publish(store, "Peace talks", "Peace")
    owing = await owed(store, await claim_one(store))
    assert [(one.article.title, set(one.queries)) for one in owing.articles] == [
        ("Peace talks", {"peace", "talks"}),
        ("Peace", {"peace"}),
    ]


async def test_owed_comes_in_the_order_of_the_claims(store):
    for chat in range(9):
        await follow(store, f"word{chat}", chat=chat)
    await publish(store, *(f"word{chat}" for chat in range(9)))
    claims = (await claim(store))[::-1]
    owing = await store.mailboxes.owed(claims, now=NOON)
    assert [titles(each) for each in owing] == [[f"word{chat}"] for chat in chats(claims)]
    assert await store.mailboxes.owed([], now=NOON) == []


@pytest.mark.parametrize("queries", [["*"], ["*", "news"], ["*", "news 119", "zebra"], ["title:news", "news -zebra"]])
async def test_at_most_50_are_read_and_the_rest_is_counted_once(store, queries):
    for query in queries:
        await follow(store, query)
    await publish(store, *(f"News {number}" for number in range(120)))
    one = await claim_one(store)
    owing = await owed(store, one)
    assert titles(owing) == [f"News {number}" for number in range(50)]
    assert owing.more == 70
    assert set(owing.cursors.values()) == {120}
    assert await settle(store, delivered(one, owing))
    assert await store.mailboxes.next_due(BOT) is None


async def test_when_all_50_are_left_out_the_cursors_stop_there(store):
    for query in ("*", "news", "last"):
        await follow(store, query)
    await publish(store, *(f"News {number}" for number in range(50)), "Last news")
    one = await claim_one(store)
    owing = await owed(store, one)
    await settle(store, replace(delivered(one, owing), cursors={}))  # given, and then the sender died
    again = await claim_one(store)
    left = await owed(store, again)
    assert (left.articles, left.more, set(left.cursors.values()), len(left.cursors)) == ((), 0, {50}, 2)
    assert await settle(store, delivered(again, left))
    assert await give_all(store) == {1: ["Last news"]}


async def test_of_an_articles_text_comes_what_a_summary_looks_at(store):
    await follow(store)
    await publish(store, article("Long", body="word " * 4_000), article("Short", body="word"), article("None"))
    owing = await owed(store, await claim_one(store))
    assert [one.article.body for one in owing.articles] == ["word " * 800, "word", ""]


async def test_whether_a_corrected_article_still_matches_is_seen_in_its_whole_text(store):
    await follow(store, "zebra")
    await publish(store, article("One", key="k", body="word " * 4_000 + "zebra"))
    await take_in(store, article("Two", key="k"))
    assert titles(await owed(store, await claim_one(store))) == ["Two"]


@pytest.mark.parametrize(("count", "more"), [(49, 0), (50, 0), (51, 1)])
async def test_more_begins_with_the_51st(store, count, more):
    await follow(store)
    await publish(store, *(f"News {number}" for number in range(count)))
    owing = await owed(store, await claim_one(store))
    assert (len(owing.articles), owing.more) == (min(count, 50), more)
    assert list(owing.cursors.values()) == [count]


async def test_what_no_longer_matches_is_left_out_though_the_cursor_passes_it(store):
    await follow(store, "peace")
    await publish(store, article("Peace", key="k"))
    await take_in(store, article("War", key="k"))
    one = await claim_one(store)
    owing = await owed(store, one)
    assert (owing.articles, list(owing.cursors.values())) == ((), [1])
    await settle(store, delivered(one, owing))
    assert await store.mailboxes.next_due(BOT) is None


async def test_what_was_corrected_and_still_matches_is_given_as_it_is_now(store):
    await follow(store, "peace")
    await publish(store, article("Peace", key="k"))
    await take_in(store, article("Peace at last", key="k"))
    assert await give_all(store) == {1: ["Peace at last"]}
    await announce(store)
    assert await give_all(store) == {}


async def test_what_this_mailbox_was_given_before_is_left_out_though_the_cursor_passes_it(store):
    await follow(store, "peace")
    await follow(store, "treaty")
    await publish(store, article("Peace", key="k"))
    assert await give_all(store) == {1: ["Peace"]}
    await publish(store, article("Peace treaty", key="k"))
    one = await claim_one(store)
    owing = await owed(store, one)
    assert (owing.articles, list(owing.cursors.values())) == ((), [2])
    await settle(store, delivered(one, owing))
    assert await store.mailboxes.next_due(BOT) is None


async def test_what_was_refused_counts_as_given(store):
    await follow(store)
    await publish(store, "Bad", "Good")
    one = await claim_one(store)
    await settle(store, Settlement(one, deliveries=(Delivery((1,), Outcome.REFUSED, NOON, reason="no"),)))
    assert await give_all(store) == {1: ["Good"]}


async def test_of_a_list_that_broke_off_only_the_rest_is_owed(store):
    await follow(store)
    await publish(store, "One", "Two", "Three")
    one = await claim_one(store)
    await settle(store, Settlement(one, deliveries=(Delivery((1, 2), Outcome.SENT, NOON, message=5),)))
    assert await give_all(store) == {1: ["Three"]}


async def test_two_threads_of_a_chat_are_two_mailboxes(store):
    await follow(store, thread=0)
    await follow(store, thread=4)
    await publish(store, "Peace")
    assert await give_all(store) == {1: ["Peace", "Peace"]}


async def test_owed_of_nothing_is_empty(store):
    await follow(store)
    await publish(store, "One")
    one = await claim_one(store)
    await settle(store, delivered(one, await owed(store, one)))
    assert await owed(store, one) == Owed()
