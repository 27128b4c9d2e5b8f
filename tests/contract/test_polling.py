"""The port Feeds: when a feed is polled, by whom, and how that is recorded."""

import asyncio

import pytest
from feedkeeping import URL, add, added, claim, claim_one, names, polled, settle
from storekeeping import DAY, HOUR, LEASE, NOON, SECOND

from storage import Change

LATER = NOON + HOUR
MOMENT = SECOND / 1_000_000


async def feed(store, name="herald"):
    return await store.feeds.get(name)


# Claiming


async def test_what_is_due_is_claimed_longest_due_first(store):
    for number, name in enumerate(("herald", "bell", "gazette", "wire")):
        await added(store, name, now=NOON + number * SECOND)
    assert await claim(store, LATER - MOMENT) == []
    assert names(await claim(store, LATER + 2 * SECOND, limit=2)) == ["herald", "bell"]
    assert names(await claim(store, LATER + 2 * SECOND)) == ["gazette"]
    assert names(await claim(store, LATER + DAY)) == ["wire", "herald", "bell", "gazette"]


async def test_each_claim_is_leased_under_a_fresh_token(store):
    await added(store, "herald", "bell")
    first = await claim(store, LATER)
    again = await claim(store, LATER + LEASE)
    assert {one.until for one in first} == {LATER + LEASE}
    assert {one.until for one in again} == {LATER + 2 * LEASE}
    assert len({one.token for one in (*first, *again)}) == 4


async def test_a_lease_that_ends_now_has_ended_and_what_is_leased_is_nobody_elses(store, open_again):
    await added(store, "herald")
    other = await open_again()
    lost = await claim_one(store, LATER)
    assert await claim(other, LATER + LEASE - MOMENT) == []
    mine = await claim_one(other, LATER + LEASE)
    await settle(store, lost, LATER + LEASE, failed="too late", ended="Gone")
    assert ((await feed(store)).failures, (await feed(store)).ended) == (0, "")
    await settle(other, mine, LATER + LEASE, etag='"2"')
    assert (await feed(store)).etag == '"2"'


@pytest.mark.parametrize(("ahead", "ended"), [(0, False), (1, False), (30, False), (30.001, True), (3600, True)])
async def test_a_lease_by_a_clock_that_was_ahead_has_ended(store, ahead, ended):
    await added(store, "herald")
    await claim(store, LATER + ahead * SECOND)
    assert bool(await claim(store, LATER)) == ended


async def test_two_callers_never_get_the_same(store, open_again):
    await added(store, *(f"feed{number}" for number in range(20)))
    stores = [store, await open_again()]
    claims = await asyncio.gather(*(claim(stores[turn % 2], LATER, limit=3) for turn in range(8)))
    claimed = [name for some in claims for name in names(some)]
    assert sorted(claimed) == sorted(f"feed{number}" for number in range(20))


# Settling


async def test_it_is_due_when_that_says(store):
    await added(store, "herald")
    mine = await claim_one(store, LATER)
    assert mine.feed.due == LATER
    assert ((await feed(store)).due, await store.feeds.next_due()) == (None, LATER + LEASE)
    await settle(store, mine, LATER, due=LATER + DAY, interval=DAY)
    assert ((await feed(store)).due, (await feed(store)).interval) == (LATER + DAY, DAY)
    assert await store.feeds.next_due() == LATER + DAY


async def test_settled_twice_the_first_counts(store):
    _, mine = await add(store)
    await settle(store, mine, etag='"1"')
    await settle(store, mine, etag='"2"', due=NOON)
    assert ((await feed(store)).etag, (await feed(store)).due) == ('"1"', LATER)


async def test_polls_are_settled_together_and_what_was_lost_harms_none(store):
    claims = [(await add(store, name))[1] for name in ("bell", "herald", "wire")]
    await store.feeds.remove("herald")
    await store.feeds.settle([polled(one, due=LATER + number * HOUR) for number, one in enumerate(claims)], now=NOON)
    assert [one.due for one in await store.feeds.all()] == [LATER, LATER + 2 * HOUR]
    await store.feeds.settle([], now=NOON)


KNOWN = {
    "etag": '"1"',
    "modified": "Mon",
    "hub": "https://hub.example",
    "hub_topic": URL,
    "interval": HOUR,
    "wishes": "[]",
}
SAID = [
    {},
    {"etag": '"2"'},
    {"modified": ""},
    {"hub": ""},
    {"hub_topic": "https://herald.example/other"},
    {"interval": 2 * HOUR},
    {"wishes": ""},
    {"renewed": True},
]


@pytest.mark.parametrize("failed", [False, True])
@pytest.mark.parametrize("said", SAID, ids=str)
async def test_what_an_answer_says_is_kept_be_it_what_was_known_or_not(store, said, failed):
    _, mine = await add(store)
    await settle(store, mine, **KNOWN)
    if failed:
        await settle(store, await claim_one(store, LATER), LATER, failed="no answer")
    then = LATER + HOUR
    await settle(store, await claim_one(store, then), then, **KNOWN | said)
    got, expected = await feed(store), KNOWN | said
    assert {name: getattr(got, name) for name in KNOWN} == {name: expected[name] for name in KNOWN}
    assert (got.due, got.answered) == (then + HOUR, then)
    assert got.renewed == (then if said.get("renewed") else None)
    assert (got.failures, got.failing_since, got.error) == (0, None, "")


async def test_of_answers_that_say_nothing_new_too_only_those_to_a_claim_count(store):
    lost = (await add(store))[1]
    await store.feeds.free()
    mine = await claim_one(store)
    for one, due in ((lost, NOON + DAY), (mine, LATER), (mine, NOON + 2 * DAY)):
        await settle(store, one, due=due)
    assert (await feed(store)).due == LATER


async def test_never_is_never_and_what_has_ended_is_not_polled(store):
    for name, values in {"herald": {"due": None}, "bell": {"ended": "Gone"}}.items():
        _, mine = await add(store, name)
        await settle(store, mine, **values)
    assert await store.feeds.next_due() is None
    assert await claim(store, NOON + 99 * DAY) == []
    assert [await store.feeds.poll(name, now=LATER) for name in ("herald", "bell")] == [True, False]
    assert names(await claim(store, LATER)) == ["herald"]


async def test_two_that_move_onto_one_url_are_not_one(store):
    claims = [(await add(store, name))[1] for name in ("herald", "bell")]
    elsewhere = "https://elsewhere.example/rss"
    await store.feeds.settle([polled(one, moved_to=elsewhere) for one in claims], now=NOON)
    assert (await feed(store)).url == elsewhere
    assert (await feed(store, "bell")).url == "https://bell.example/feed"
    # Back where it was.
    await settle(store, (await claim(store, LATER))[0], LATER, moved_to=URL)
    assert ((await feed(store)).url, (await store.feeds.find(elsewhere)).source.name) == (URL, "herald")


# Polling sooner


async def test_it_is_polled_at_once_when_somebody_asks(store):
    await added(store, "herald")
    assert await store.feeds.poll("herald", now=NOON + SECOND)
    assert (await feed(store)).due == NOON + SECOND
    assert await store.feeds.poll("herald", now=NOON + 9 * SECOND)
    assert names(await claim(store, NOON + SECOND)) == ["herald"]


async def test_what_is_asked_while_it_is_polled_is_done_afterwards(store):
    _, mine = await add(store)
    assert await store.feeds.poll("herald", now=NOON + SECOND)
    assert await claim(store, NOON + 2 * SECOND) == []
    await settle(store, mine, NOON + 2 * SECOND)
    assert await store.feeds.next_due() == NOON + SECOND
    await settle(store, await claim_one(store, NOON + 2 * SECOND), NOON + 2 * SECOND)
    assert await store.feeds.next_due() == NOON + 2 * SECOND + HOUR


async def test_asked_while_it_is_polled_by_one_who_dies_it_is_polled_when_the_lease_ends(store):
    _, _ = await add(store)
    await store.feeds.poll("herald", now=NOON + SECOND)
    assert await claim(store, NOON + LEASE - MOMENT) == []
    assert names(await claim(store, NOON + LEASE)) == ["herald"]


# Pausing


async def test_a_paused_feed_sleeps_until_it_is_resumed(store):
    _, mine = await add(store)
    assert await store.feeds.pause("herald", paused=True, now=NOON)
    await settle(store, mine, etag='"1"')
    paused = await feed(store)
    assert (paused.paused, paused.due, paused.etag) == (True, None, "")
    assert not await store.feeds.poll("herald", now=LATER)
    assert (await claim(store, NOON + DAY), await store.feeds.next_due()) == ([], None)
    assert await store.feeds.pause("herald", paused=False, now=LATER)
    assert ((await feed(store)).paused, await store.feeds.next_due()) == (False, LATER)
    assert names(await claim(store, LATER)) == ["herald"]


async def test_what_was_claimed_before_a_pause_settles_nothing_after_it(store):
    _, lost = await add(store)
    for paused in (True, False):
        await store.feeds.pause("herald", paused=paused, now=NOON)
    mine = await claim_one(store)
    await settle(store, lost, ended="Gone")
    await settle(store, mine)
    assert (await feed(store)).due == LATER


# Whoever dies, and clocks


async def test_what_a_dead_poller_had_is_due_at_once(store):
    await added(store, "herald", "bell")
    [lost] = await claim(store, LATER, limit=1)
    await store.feeds.free()
    assert await store.feeds.next_due() <= LATER
    assert names(await claim(store, LATER)) == [
        lost.feed.source.name,
        "bell" if names([lost]) != ["bell"] else "herald",
    ]
    await settle(store, lost, LATER, ended="Gone")
    assert {one.ended for one in await store.feeds.all()} == {""}


async def test_to_free_what_is_not_claimed_changes_nothing(store):
    await added(store, "herald")
    await store.feeds.pause("herald", paused=True, now=NOON)
    await added(store, "bell")
    await store.feeds.free()
    assert await store.feeds.next_due() == LATER
    assert await claim(store, NOON) == []


async def test_when_the_clock_is_set_back_what_was_to_come_comes_as_much_earlier(store):
    await added(store, "herald", "bell")
    await settle(store, (await claim(store, LATER, limit=1))[0], LATER, due=LATER + 3 * HOUR)
    await store.feeds.note_hub("bell", NOON + DAY)
    await store.feeds.set_back(by=2 * HOUR, now=LATER - 2 * HOUR)
    dues = sorted(one.due for one in await store.feeds.all())
    assert dues == [LATER - 2 * HOUR, LATER + HOUR]
    assert (await feed(store, "bell")).hub_until == NOON + 22 * HOUR


async def test_what_is_being_polled_then_is_polled_once_more(store):
    _, lost = await add(store)
    then = NOON - DAY
    await store.feeds.set_back(by=DAY, now=then)
    mine = await claim_one(store, then)
    await settle(store, lost, then, due=NOON + HOUR)
    await settle(store, mine, then)
    assert (await feed(store)).due == then + HOUR


async def test_none_sleeps_for_a_clock_that_was_far_ahead(store):
    ahead = NOON + 400 * DAY
    await added(store, "herald", now=ahead)
    assert names(await claim(store)) == ["herald"]


async def test_due_is_everything_in_8_days_at_the_latest(store):
    _, mine = await add(store)
    await settle(store, mine, due=NOON + 30 * DAY)
    assert await claim(store) == []
    assert await store.feeds.next_due() == NOON + 8 * DAY


# What may be new


async def test_what_is_due_sooner_is_a_change_and_to_claim_where_nothing_is_due_is_none(store, open_again):
    await added(store, "herald")
    other = await open_again()
    for each in (store, other):
        while await each.changed(Change.FEEDS, 0.25):
            continue
    for sooner in (
        add(store, "bell"),
        store.feeds.poll("herald", now=NOON),
        store.feeds.pause("herald", paused=False, now=NOON),
        store.feeds.free(),
    ):
        waiting = [asyncio.create_task(each.changed(Change.FEEDS, 60.0)) for each in (store, other)]
        await asyncio.sleep(0)
        await sooner
        assert await asyncio.gather(*waiting) == [True, True]
    assert await claim(store, NOON - SECOND) != []
    assert await claim(store, NOON - SECOND) == []
    while await other.changed(Change.FEEDS, 0.25):
        continue
    assert await claim(store, NOON - SECOND) == []
    assert not await other.changed(Change.FEEDS, 0.25)


# Putting off


async def test_what_is_put_off_is_due_then_as_if_it_had_not_been_claimed(store):
    await added(store, "herald")
    before = await feed(store)
    mine = await claim_one(store, LATER)
    await store.feeds.put_off([(mine, LATER + SECOND)])
    assert await store.feeds.next_due() == LATER + SECOND
    assert await claim(store, LATER + SECOND - MOMENT) == []
    again = await claim_one(store, LATER + SECOND)
    assert (again.feed.answered, again.feed.failures, again.feed.interval) == (before.answered, 0, before.interval)


async def test_what_was_asked_to_be_sooner_is_sooner_though_it_is_put_off(store):
    await added(store, "herald")
    mine = await claim_one(store, LATER)
    await store.feeds.poll("herald", now=LATER)
    await store.feeds.put_off([(mine, LATER + HOUR)])
    assert names(await claim(store, LATER)) == ["herald"]


@pytest.mark.parametrize("lost_by", ["pause", "remove", "free", "lease"])
async def test_a_lost_claim_puts_nothing_off(store, lost_by):
    await added(store, "herald")
    mine = await claim_one(store, LATER)
    match lost_by:
        case "pause":
            await store.feeds.pause("herald", paused=True, now=LATER)
        case "remove":
            await store.feeds.remove("herald")
        case "free":
            await store.feeds.free()
        case _:
            await claim_one(store, LATER + LEASE)
    due = await store.feeds.next_due()
    await store.feeds.put_off([(mine, LATER)])
    assert await store.feeds.next_due() == due
