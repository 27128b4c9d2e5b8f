"""The port Deliveries: clearing away what is old."""

from dataclasses import replace

import pytest
from storekeeping import (
    BOT,
    DAY,
    HOUR,
    LEASE,
    NOON,
    SECOND,
    announce,
    announcer,
    article,
    claim,
    claim_one,
    delivered,
    follow,
    found,
    give,
    give_all,
    owed,
    publish,
    refile,
    settle,
    take_in,
    wake,
)

from storage import Cadence, NotFound, Outcome, Settlement


async def pruner(store):
    lease = await store.leases.gain("pruner", now=NOON, duration=0 * SECOND)
    assert lease
    return lease


async def prune(store, before, limit=100):
    """Clear away all that is older. Returns in how many chunks."""
    lease, chunks = await pruner(store), 0
    while await store.deliveries.prune(lease, before=before, limit=limit):
        chunks += 1
        assert chunks < 1_000
    return chunks


async def give_day_after_day(store, days, first=0):
    """Announce and deliver an article a day."""
    for day in range(first, first + days):
        await publish(store, f"Day {day}", now=NOON + day * DAY)
        await give(store, NOON + day * DAY)


async def articles_of(store, chat=1):
    return [one.articles for one in await store.deliveries.of_chat(chat, limit=99)]


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_old_deliveries_are_forgotten_and_young_ones_kept(store, limit):
    await follow(store)
    await give_day_after_day(store, 5)
    assert await prune(store, NOON + 2 * DAY, limit) > 0
    assert await articles_of(store) == [(5,), (4,), (3,)]
    assert await store.deliveries.of_article(1, limit=9) == []
    assert len(await store.deliveries.of_article(3, limit=9)) == 1
    assert await prune(store, NOON + 2 * DAY) == 0
    assert len(await found(store)) == 5


@pytest.mark.parametrize("young", [1, 2, 3])
async def test_what_is_owed_outlasts_what_a_clock_that_was_behind_noted_after_it(store, young):
    await follow(store)
    titles = [f"Day {number}" for number in range(6)]
    for number, title in enumerate(titles):
        await publish(store, title, now=NOON if number < young else NOON - 200 * DAY)
    assert await prune(store, NOON - 90 * DAY) == 0
    assert await give_all(store) == {1: titles}


async def test_who_has_lost_the_lease_clears_nothing_away(store):
    await follow(store)
    await give_day_after_day(store, 2)
    lease = await pruner(store)
    await pruner(store)
    assert not await store.deliveries.prune(lease, before=NOON + 9 * DAY, limit=9)
    assert len(await articles_of(store)) == 2


async def test_a_cursor_left_behind_goes_on_with_what_comes_after(store):
    await follow(store, chat=1)
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
    for day in range(4):
        await publish(store, f"Day {day}", now=NOON + day * DAY)
    await prune(store, NOON + 2 * DAY)
    await store.mailboxes.resume(BOT, 1, now=NOON + 4 * DAY)
    await publish(store, "Day 4", now=NOON + 4 * DAY)
    assert await give_all(store, NOON + 4 * DAY) == {1: ["Day 2", "Day 3", "Day 4"]}
    assert await store.mailboxes.next_due(BOT) is None


async def test_a_log_that_was_emptied_goes_on_where_it_was(store):
    await follow(store, chat=1)
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
    await publish(store, "One", "Two")
    await prune(store, NOON + 30 * DAY)
    assert await store.log.head() == 2
    await store.mailboxes.resume(BOT, 1, now=NOON + 30 * DAY)
    assert await give_all(store, NOON + 30 * DAY) == {}
    await follow(store, chat=2, now=NOON + 30 * DAY)
    assert await publish(store, "Three", now=NOON + 30 * DAY) == [3]
    assert await give_all(store, NOON + 30 * DAY) == {1: ["Three"], 2: ["Three"]}


async def test_a_mailbox_that_is_due_for_what_was_cleared_away_comes_to_rest(store):
    await follow(store)
    await publish(store, "One")
    await prune(store, NOON + 30 * DAY)
    one = await claim_one(store, NOON + 30 * DAY)
    assert (await owed(store, one)).articles == ()
    await settle(store, Settlement(one))
    assert await store.mailboxes.next_due(BOT) is None


async def test_what_is_in_flight_settles_though_it_was_cleared_away(store):
    await follow(store)
    await publish(store, "One")
    one = await claim_one(store)
    owing = await owed(store, one)
    await prune(store, NOON + 30 * DAY)
    await settle(store, delivered(one, owing))
    await publish(store, "Two", now=NOON + 30 * DAY)
    assert await give_all(store, NOON + 30 * DAY) == {1: ["Two"]}


async def test_what_nobody_was_woken_for_is_kept(store):
    await follow(store)
    await publish(store, "One")
    await give_all(store)
    await take_in(store, "Two")
    await announce(store)
    await prune(store, NOON + 30 * DAY)
    await wake(store)
    assert await give_all(store) == {1: ["Two"]}
    await prune(store, NOON + 30 * DAY)
    await follow(store, chat=2)
    assert await publish(store, "Three") == [3]


async def test_what_was_delivered_is_not_given_again_when_it_is_forgotten(store):
    """Merging lowers a cursor: what its mailbox was given beyond that is known, or cleared away with it."""
    await follow(store, chat=1)
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
    await follow(store, chat=2)
    for day in range(4):
        await publish(store, f"Day {day}", now=NOON + day * DAY)
        await give(store, NOON + day * DAY)
    lease = await pruner(store)
    while await store.deliveries.prune(lease, before=NOON + 2 * DAY, limit=1):
        # At any step.
        assert len(await articles_of(store, 2)) >= 2
    await store.mailboxes.move(BOT, 1, 2, now=NOON + 4 * DAY)
    assert await give_all(store, NOON + 4 * DAY) == {}


@pytest.mark.parametrize("steps", range(0, 12, 2))
async def test_whenever_clearing_away_breaks_off_nothing_is_given_again(store, steps):
    await follow(store, chat=1)
    await store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked")
    await follow(store, chat=2)
    for day in range(4):
        await publish(store, f"Day {day}", now=NOON + day * DAY)
        await give(store, NOON + day * DAY)
    lease = await pruner(store)
    for _ in range(steps):
        await store.deliveries.prune(lease, before=NOON + 20 * DAY, limit=1)
    await store.mailboxes.move(BOT, 1, 2, now=NOON + 4 * DAY)
    assert await give_all(store, NOON + 4 * DAY) == {}


async def test_what_a_forgotten_message_counted_is_opened_no_more(store):
    await follow(store)
    await publish(store, "One", "Two", "Three")
    one = await claim_one(store)
    owing = await owed(store, one)
    settled = delivered(one, owing)
    counts = replace(settled.deliveries[0], positions=(1,), key=5, more=2, rest=owing.rest)
    await settle(store, replace(settled, deliveries=(counts,)))
    assert [each.title for each in (await store.mailboxes.more(5, now=NOON, limit=9)).articles] == ["Two", "Three"]
    await prune(store, NOON + DAY)
    with pytest.raises(NotFound):
        await store.mailboxes.more(5, now=NOON, limit=9)


async def test_a_message_that_counted_what_is_forgotten_opens_what_is_left(store):
    await follow(store)
    for day in range(3):
        await publish(store, f"Day {day}", now=NOON + day * DAY)
    one = await claim_one(store, NOON + 3 * DAY)
    owing = await owed(store, one)
    settled = delivered(one, owing, NOON + 3 * DAY)
    counts = replace(settled.deliveries[0], positions=(1,), key=5, more=2, rest=owing.rest)
    await settle(store, replace(settled, deliveries=(counts,)))
    await prune(store, NOON + 2 * DAY)
    page = await store.mailboxes.more(5, now=NOON, limit=9)
    assert ([each.title for each in page.articles], page.total) == (["Day 2"], 2)


@pytest.mark.parametrize(("days", "left"), [(2, 1), (4, 0)])
async def test_what_a_young_message_shows_is_known_for_three_days_longer(store, days, left):
    """It was announced long before it could be delivered."""
    await follow(store)
    await publish(store, article("One", key="k"))
    late = NOON + days * DAY
    for one in await claim(store, late):
        await settle(store, delivered(one, await owed(store, one, late), late))
    await prune(store, late - HOUR)
    assert len(await articles_of(store)) == 1
    await take_in(store, article("Two", key="k"))
    await store.deliveries.find_touched(now=late, limit=9)
    edits = await store.deliveries.claim(BOT, now=late, lease=LEASE, limit=9)
    assert len(edits) == left
    assert [[one.article.title for one in each] for each in await store.deliveries.now_showing(edits)] == [
        ["Two"]
    ] * left


async def test_an_edit_of_what_is_forgotten_is_forgotten(store):
    await follow(store)
    await publish(store, article("One", key="k"))
    await give_all(store)
    await take_in(store, article("Two", key="k"))
    await store.deliveries.find_touched(now=NOON, limit=9)
    (edit,) = await store.deliveries.claim(BOT, now=NOON, lease=LEASE, limit=9)
    await prune(store, NOON + DAY)
    assert await store.deliveries.now_showing([edit]) == [()]
    await store.deliveries.free(BOT)
    assert await store.deliveries.claim(BOT, now=NOON, lease=LEASE, limit=9) == []


async def test_what_counts_as_given_is_forgotten_with_what_it_is_about(store):
    one = await follow(store)
    await publish(store, "One")
    await give_all(store)
    one = await store.subscriptions.change_cadence(one.place, one.id, Cadence.DAILY, now=NOON)
    await prune(store, NOON - HOUR)
    # It goes back and forth: what it was given is known.
    assert await give_all(store) == {}
    assert await prune(store, NOON + DAY) > 0
    await store.subscriptions.change_cadence(one.place, one.id, Cadence.INSTANT, now=NOON)
    await publish(store, "Two", now=NOON + 2 * DAY)
    assert await give_all(store, NOON + 2 * DAY) == {1: ["Two"]}


async def test_what_no_followed_query_is_filed_by_is_forgotten_and_who_follows_is_served(store):
    ended = [await follow(store, f"zebra{number} lion", chat=number) for number in range(1, 5)]
    await follow(store, "peace war", chat=9)
    await refile(store, await announcer(store))
    for one in ended[1:]:
        await store.subscriptions.remove(one.place, one.id)
    assert await prune(store, NOON, limit=1) > 0
    assert await prune(store, NOON) == 0
    await follow(store, "zebra2 lion", chat=2)
    await publish(store, "zebra1 zebra2 zebra3 lion", "peace and war")
    assert await give_all(store) == {
        1: ["zebra1 zebra2 zebra3 lion"],
        2: ["zebra1 zebra2 zebra3 lion"],
        9: ["peace and war"],
    }


async def test_refusals_are_forgotten_too(store):
    await follow(store)
    await publish(store, "One")
    one = await claim_one(store)
    settled = delivered(one, await owed(store, one))
    refused = replace(settled.deliveries[0], outcome=Outcome.REFUSED, message=0, reason="no")
    await settle(store, replace(settled, deliveries=(refused,)))
    await prune(store, NOON + DAY)
    assert await articles_of(store) == []


async def test_an_article_whose_log_is_forgotten_is_found_and_may_be_corrected(store):
    await follow(store)
    await publish(store, article("Peace", key="k"))
    await give_all(store)
    await prune(store, NOON + 30 * DAY)
    await take_in(store, article("Peace at last", key="k"), arrived=NOON + 30 * DAY, push_since=NOON + 29 * DAY)
    assert await found(store, "last") == ["Peace at last"]
    assert await announce(store) == []
