"""The port Log: positions, matches, waking."""

import asyncio

import pytest
from storekeeping import (
    BOT,
    HOUR,
    LEASE,
    MINUTE,
    NOON,
    SECOND,
    announce,
    announcer,
    article,
    claim,
    claim_one,
    delivered,
    follow,
    give_all,
    owed,
    publish,
    refile,
    settle,
    take_in,
    wake,
)

from storage import Lease, Place, Query, Settlement


async def test_the_head_is_the_last_position_given(store):
    assert await store.log.head() == 0
    await publish(store, "One", "Two")
    assert await store.log.head() == 2


async def test_positions_rise_by_one_first_come_first(store):
    await follow(store)
    await take_in(store, article("Came first", published=NOON - HOUR))
    await take_in(store, article("Came second, published before", published=NOON - 9 * HOUR))
    assert await announce(store) == [1, 2]
    assert await publish(store, "Third") == [3]
    owing = await owed(store, await claim_one(store))
    assert [(one.position, one.article.title) for one in owing.articles] == [
        (1, "Came first"),
        (2, "Came second, published before"),
        (3, "Third"),
    ]


async def test_which_source_has_something_to_announce(store):
    await take_in(store, "One", article("Two", source="bell"))
    assert [await store.articles.has_unannounced(name) for name in ("herald", "bell", "wire")] == [True, True, False]
    lease = await announcer(store)
    await store.log.announce(lease, now=NOON, limit=1)
    assert [await store.articles.has_unannounced(name) for name in ("herald", "bell")] == [False, True]
    await store.log.announce(lease, now=NOON, limit=1)
    assert not await store.articles.has_unannounced("bell")


async def test_up_to_limit_articles_are_announced(store):
    await take_in(store, *(f"News {number}" for number in range(5)))
    lease = await announcer(store)
    rounds = [await store.log.announce(lease, now=NOON, limit=2) for _ in range(4)]
    assert [(one.positions, one.waiting) for one in rounds] == [
        ((1, 2), True),
        ((3, 4), True),
        ((5,), False),
        ((), False),
    ]


async def test_matches_are_counted_by_query_not_by_chat(store):
    for chat in range(5):
        await follow(store, "*", chat=chat)
    await follow(store, "peace", chat=1)
    await follow(store, "war", chat=1)
    await take_in(store, "Peace", "Weather")
    announced = await store.log.announce(await announcer(store), now=NOON, limit=9)
    assert announced.matches == 3


async def test_nothing_is_done_when_the_lease_is_no_longer_this_tokens(store, open_again):
    lost = await announcer(store)
    other = await open_again()
    theirs = await announcer(other)
    await take_in(store, "News")
    assert await store.log.announce(lost, now=NOON, limit=9) is None
    assert await store.log.announce(Lease("announcer", "", NOON + HOUR), now=NOON, limit=9) is None
    assert await store.log.head() == 0
    assert (await other.log.announce(theirs, now=NOON, limit=9)).positions == (1,)


async def test_nobody_is_woken_when_the_lease_is_no_longer_this_tokens(store):
    await follow(store)
    await take_in(store, "News")
    await announce(store)
    lost = await announcer(store)
    await announcer(store)
    assert not await store.log.wake(lost, now=NOON, limit=9)
    assert await store.mailboxes.next_due(BOT) is None


async def test_two_announcers_never_give_a_position_twice(store, open_again):
    other = await open_again()
    await follow(store)
    titled = [f"News {number}" for number in range(30)]
    await take_in(store, *titled)
    given = []
    for _ in range(20):
        early = await announcer(store)
        late = await announcer(other)
        rounds = await asyncio.gather(
            store.log.announce(early, now=NOON, limit=2), other.log.announce(late, now=NOON, limit=2)
        )
        assert rounds[0] is None
        given += rounds[1].positions
    assert given == list(range(1, 31))
    await wake(store)
    assert await give_all(store) == {1: titled}


async def test_a_query_gets_a_match_exactly_when_it_matches(store):
    for chat, query in enumerate(["peace", "peace -war", '"peace war"', "war*", "title:talks", "source:herald", "*"]):
        await follow(store, query, chat=chat)
    await publish(store, article("War peace", body="warfare"))
    assert sorted(await give_all(store)) == [0, 3, 5, 6]


async def test_a_query_gets_no_match_when_it_has_one_for_an_earlier_revision(store):
    await follow(store, "velmora", chat=1)
    await follow(store, "treaty", chat=2)
    await publish(store, article("Velmora signs", key="k"))
    assert await give_all(store) == {1: ["Velmora signs"]}
    await publish(store, article("Velmora signs treaty", key="k"))
    assert await give_all(store) == {2: ["Velmora signs treaty"]}
    await publish(store, article("Velmora signs the treaty", key="k"))
    assert await give_all(store) == {}


async def test_a_headline_that_became_full_is_announced_again_to_who_has_not_got_it(store):
    await follow(store, "peace", chat=1)
    await follow(store, "velmora", chat=2)
    for query in ("peace", "velmora"):
        await follow(store, query, chat=3)
    assert await publish(store, article("Peace", key="k")) == [1]
    assert await give_all(store) == {1: ["Peace"], 3: ["Peace"]}
    assert await publish(store, article("Peace", key="k", body="They met in Velmora.")) == [2]
    assert await give_all(store) == {2: ["Peace"]}


async def test_an_article_corrected_before_it_is_announced_is_announced_once(store):
    await follow(store, "old", chat=1)
    await follow(store, "new", chat=2)
    await take_in(store, article("Old", key="k"))
    await take_in(store, article("New", key="k"))
    assert await announce(store) == [1]
    await wake(store)
    assert await give_all(store) == {2: ["New"]}


async def test_an_article_corrected_while_it_is_announced_is_announced_as_it_is(store, open_again):
    other = await open_again()
    await follow(store, "old", chat=1)
    await follow(store, "new", chat=2)
    for number in range(20):
        await take_in(store, article(f"Old {number}", key=str(number)))
        await asyncio.gather(announce(store), take_in(other, article(f"New {number}", key=str(number))))
        await announce(store)
        await wake(store)
        given = await give_all(store)
        assert given.get(2) == [f"New {number}"]
        assert given.get(1) is None


async def test_a_round_with_many_matches_is_announced_whole(store):
    """More than an engine may write at once: 21 articles x 101 queries."""
    queries = [Query.parse(f"news OR w{number}") for number in range(101)]
    await asyncio.gather(
        *(store.subscriptions.add(Place(BOT, chat), query, now=NOON) for chat, query in enumerate(queries))
    )
    titled = [f"News {number}" for number in range(21)]
    await take_in(store, *titled)
    announced = await store.log.announce(await announcer(store), now=NOON, limit=21)
    assert (announced.positions, announced.matches, announced.waiting) == (tuple(range(1, 22)), 21 * 101, False)
    await wake(store)
    assert await give_all(store) == dict.fromkeys(range(101), titled)


async def test_wake_makes_due_who_follows_what_was_announced_and_nobody_else(store):
    for chat, query in enumerate(["peace", "war", "*"]):
        await follow(store, query, chat=chat)
    await publish(store, "Peace")
    assert sorted(one.mailbox.place.chat for one in await claim(store)) == [0, 2]


async def test_nobody_is_due_before_the_wake(store):
    await follow(store)
    await take_in(store, "Peace")
    await announce(store)
    assert await store.mailboxes.next_due(BOT) is None
    await wake(store, NOON + SECOND)
    assert await store.mailboxes.next_due(BOT) == NOON + SECOND


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 100])
async def test_true_means_there_are_more_to_wake(store, limit):
    for chat in range(3):
        await follow(store, "peace", chat=chat)
        await follow(store, "talks", chat=10 + chat)
    await take_in(store, "Peace talks")
    await announce(store)
    lease = await announcer(store)
    due = 0
    while await store.log.wake(lease, now=NOON, limit=limit):
        woken = len(await claim(store))
        assert woken <= limit
        due += woken
    assert due + len(await claim(store)) == 6


async def test_wake_leaves_out_nobody_of_many(store):
    await asyncio.gather(*(follow(store, "peace" if chat % 5 else "*", chat=chat) for chat in range(2500)))
    await take_in(store, "Peace")
    await announce(store)
    assert await wake(store, limit=1000) == 3
    assert len(await claim(store, limit=9999)) == 2500


async def test_a_query_that_matched_many_articles_is_woken_for_once(store):
    for chat in range(4):
        await follow(store, chat=chat)
    await take_in(store, *(f"News {number}" for number in range(20)))
    await announce(store)
    assert await wake(store, limit=3) == 2


async def test_begun_again_after_a_kill_it_leaves_out_nobody(store, open_again):
    for chat in range(10):
        await follow(store, "peace", chat=chat)
        await follow(store, "*", chat=100 + chat)
    await take_in(store, "Peace")
    await announce(store)
    assert await store.log.wake(await announcer(store), now=NOON, limit=7)
    await store.close()
    other = await open_again()
    await take_in(other, "War", arrived=NOON)
    await announce(other)
    await wake(other, limit=7)
    given = await give_all(other)
    assert given == {chat: ["Peace"] if chat < 100 else ["Peace", "War"] for chat in given}
    assert sorted(given) == [*range(10), *range(100, 110)]


async def test_a_kill_between_announcing_and_waking_leaves_out_nobody(store, open_again):
    await follow(store)
    await take_in(store, "Peace")
    await announce(store)
    await store.close()
    other = await open_again()
    await wake(other)
    assert await give_all(other) == {1: ["Peace"]}


async def test_an_earlier_due_time_stays(store):
    await follow(store)
    await publish(store, "One", now=NOON)
    await publish(store, "Two", now=NOON + MINUTE)
    assert await store.mailboxes.next_due(BOT) == NOON


async def test_a_mailbox_that_opens_later_is_due_when_it_opens(store):
    await follow(store)
    await publish(store, "One")
    one = await claim_one(store)
    owing = await owed(store, one)
    await settle(store, delivered(one, owing, opens=NOON + MINUTE))
    await publish(store, "Two")
    assert await store.mailboxes.next_due(BOT) == NOON + MINUTE
    assert await claim(store, NOON + MINUTE - SECOND) == []
    assert len(await claim(store, NOON + MINUTE)) == 1


async def test_a_mailbox_that_has_opened_is_due_at_once(store):
    await follow(store)
    await publish(store, "One")
    one = await claim_one(store)
    await settle(store, delivered(one, await owed(store, one), opens=NOON + MINUTE))
    await publish(store, "Two", now=NOON + HOUR)
    assert await store.mailboxes.next_due(BOT) == NOON + HOUR


async def test_a_paused_mailbox_is_left_alone(store):
    await follow(store)
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
    await publish(store, "One")
    assert await store.mailboxes.next_due(BOT) is None


async def test_a_mailbox_being_delivered_to_is_due_again_afterwards(store):
    await follow(store)
    await publish(store, "One")
    one = await claim_one(store)
    owing = await owed(store, one)
    await publish(store, "Two")
    assert await claim(store) == []
    await settle(store, delivered(one, owing))
    assert await give_all(store) == {1: ["Two"]}


async def test_a_wake_under_way_is_not_disturbed_by_who_comes_and_goes(store):
    subscriptions = [await follow(store, chat=chat) for chat in range(6)]
    await take_in(store, "Peace")
    await announce(store)
    lease = await announcer(store)
    assert await store.log.wake(lease, now=NOON, limit=2)
    await store.subscriptions.remove(Place(BOT, 0), subscriptions[0].id)
    await store.subscriptions.remove(Place(BOT, 3), subscriptions[3].id)
    await follow(store, chat=9)
    while await store.log.wake(lease, now=NOON, limit=2):
        continue
    assert sorted(await give_all(store)) == [1, 2, 4, 5]


async def test_a_mailbox_woken_for_nothing_falls_asleep_again(store):
    one = await follow(store)
    await publish(store, "Peace")
    await store.subscriptions.remove(Place(BOT, 1), one.id)
    empty = await claim_one(store)
    assert await owed(store, empty) == await owed(store, empty)
    assert (await owed(store, empty)).articles == ()
    assert await settle(store, Settlement(empty))
    assert await store.mailboxes.next_due(BOT) is None
    assert await claim(store, NOON + LEASE) == []


@pytest.fixture
def terms_version(monkeypatch):
    """Changes the version of the terms that are made from now on."""
    return lambda name: monkeypatch.setattr("storage.text.version.terms_version", lambda: name)


async def test_what_is_followed_is_filed_anew_when_other_terms_are_made(store, terms_version):
    for chat in range(7):
        await follow(store, f"peace OR w{chat}", chat=chat)
    lease = await announcer(store)
    assert not await store.log.refile(lease, limit=3)
    terms_version("of another stemmer")
    assert [await store.log.refile(lease, limit=3) for _ in range(4)] == [True, True, False, False]
    await publish(store, "Peace")
    assert sorted(await give_all(store)) == list(range(7))


async def test_nothing_is_announced_while_queries_are_to_be_filed_anew(store, terms_version):
    for chat in range(4):
        await follow(store, f"peace OR w{chat}", chat=chat)
    await take_in(store, "Peace")
    terms_version("of another stemmer")
    lease = await announcer(store)
    for more in (True, True, False):
        announced = await store.log.announce(lease, now=NOON, limit=9)
        assert (announced.positions, announced.waiting) == ((), True)
        assert await store.log.refile(lease, limit=2) is more
    assert (await store.log.announce(lease, now=NOON, limit=9)).matches == 4


async def test_filing_anew_goes_on_after_a_kill_where_it_ended(store, open_again, terms_version):
    for chat in range(9):
        await follow(store, f"peace OR w{chat}", chat=chat)
    terms_version("of another stemmer")
    assert await store.log.refile(await announcer(store), limit=4)
    await store.close()
    other = await open_again()
    await follow(other, "peace", chat=9)
    assert await refile(other, await announcer(other), limit=4) == 2
    await publish(other, "Peace")
    assert sorted(await give_all(other)) == list(range(10))


async def test_nothing_is_filed_anew_when_the_lease_is_no_longer_this_tokens(store, terms_version):
    await follow(store)
    lost, lease = await announcer(store), await announcer(store)
    terms_version("of another stemmer")
    await take_in(store, "Peace")
    assert not await store.log.refile(lost, limit=9)
    assert (await store.log.announce(lease, now=NOON, limit=9)).positions == ()


async def test_a_query_that_a_process_with_other_terms_follows_is_filed_before_the_next_news(store, terms_version):
    await follow(store, "peace", chat=1)
    terms_version("of an older stemmer")
    await follow(store, "talks", chat=2)
    terms_version("of the stemmer that announces")
    await refile(store, await announcer(store))
    terms_version("of an older stemmer")
    await follow(store, "begin", chat=3)
    terms_version("of the stemmer that announces")
    await take_in(store, "Peace talks begin")
    announced = await store.log.announce(await announcer(store), now=NOON, limit=9)
    assert (announced.positions, announced.waiting) == ((), True)
    await publish(store)
    assert sorted(await give_all(store)) == [1, 2, 3]


async def test_where_nobody_follows_anything_nothing_is_to_be_filed_anew(store, terms_version):
    one = await follow(store)
    await store.subscriptions.remove(one.place, one.id)
    terms_version("of another stemmer")
    assert not await store.log.refile(await announcer(store), limit=9)
    assert await publish(store, "Peace") == [1]
    await follow(store)
    assert await publish(store, "War") == [2]
    assert await give_all(store) == {1: ["War"]}


async def test_a_query_ended_and_followed_again_is_found_again(store):
    first = await follow(store, "peace talks", chat=1)
    await store.subscriptions.remove(first.place, first.id)
    await publish(store, "Peace talks")
    await follow(store, "peace talks", chat=2)
    await publish(store, "More peace talks")
    assert await give_all(store) == {2: ["More peace talks"]}


async def test_a_query_filed_when_its_word_was_rare_is_found_when_the_word_is_common(store):
    await publish(store, *(f"Talks {number}" for number in range(5)))
    await follow(store, "peace talks")
    await publish(store, *(f"Peace {number}" for number in range(30)), "Peace talks begin")
    assert await give_all(store) == {1: ["Peace talks begin"]}


SECONDS = [
    *("talks", '"talks begin"', "begi*", "yerevan*", "title:talks", 'title:"talks begin"', "title:yere*"),
    *("source:herald", "topic:economy", "lang:en", "-war", '-"talks war"', "-(war talks)", "-(war OR football)"),
    *("(talks OR war)", '(war OR "talks begin")', "((war talks) OR begin)", "(war OR after:2026-01-01)"),
    *("after:2026-01-01", "-title:war", "-wars*", "-source:tribune", '"peace talks begin"'),
]
OTHERS = [
    *(("Peace war", "tribune"), ("Peace", "tribune"), ("Peace begin talks war", "tribune"), ("Peace wars", "herald")),
    *(("Peace talks war", "tribune"), ("Peace football", "herald"), ("Yerevan war", "herald")),
]


@pytest.mark.parametrize("second", SECONDS)
async def test_whatever_stands_beside_the_rarest_word_is_held_to(store, second):
    query = Query.parse(f"peace {second}")
    await follow(store, query.text)
    whole = {"published": NOON, "language": "en"}
    await take_in(store, article("Peace talks begin in Yerevan", topics=("Economy",), **whole))
    await take_in(store, *(article(title, source=source, **whole) for title, source in OTHERS))
    await announce(store)
    await wake(store)
    everything = (await store.articles.search(Query.parse("*"), now=NOON, limit=99)).articles
    wanted = sorted(one.title for one in everything if query.matches(one, NOON))
    assert "Peace talks begin in Yerevan" in wanted
    assert len(wanted) < len(everything)
    assert {chat: sorted(given) for chat, given in (await give_all(store)).items()} == {1: wanted}
