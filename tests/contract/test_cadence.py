"""The port Subscriptions: how often a subscription is delivered, and changing that while something is owed."""

import pytest
from storekeeping import (
    BOT,
    HOUR,
    LEASE,
    MINUTE,
    NOON,
    SECOND,
    article,
    claim,
    delivered,
    follow,
    owed,
    publish,
    settle,
    titles,
)

from storage import Cadence, Delivery, NotFound, Outcome, Place, Query, Settlement, TooMany

HERE = Place(BOT, 1)
INSTANT, DAILY, WEEKLY = Cadence.INSTANT, Cadence.DAILY, Cadence.WEEKLY


async def change(store, one, cadence=DAILY, now=NOON):
    return await store.subscriptions.change_cadence(one.place, one.id, cadence, now=now)


async def follow_at(store, query, cadence, chat=1):
    return (await store.subscriptions.add(Place(BOT, chat), Query.parse(query), now=NOON, cadence=cadence))[0]


async def followed(store, chat=1):
    return [(one.query, one.cadence) for one in await store.subscriptions.all(Place(BOT, chat))]


async def give(store, now=NOON):
    """Deliver what is due until nothing is, letting time go on. Returns cadence -> titles given."""
    given = {}
    while (due := await store.mailboxes.next_due(BOT)) is not None:
        now = max(now, due)
        for one in await claim(store, now):
            owing = await owed(store, one, now)
            assert await settle(store, delivered(one, owing, now), now)
            if owing.articles:
                given.setdefault(one.mailbox.cadence, []).extend(titles(owing))
    return given


async def flying(store, now=NOON):
    """The claims that are to be had by cadence, each with what it has just sent, not settled yet."""
    return {one.mailbox.cadence: (one, await owed(store, one, now)) for one in await claim(store, now)}


# Following at a cadence


async def test_a_subscription_is_delivered_at_its_cadence(store):
    for query, cadence in [("peace", INSTANT), ("war", DAILY), ("*", WEEKLY)]:
        assert (await follow_at(store, query, cadence)).cadence is cadence
    await publish(store, "Peace", "War")
    assert await give(store) == {INSTANT: ["Peace"], DAILY: ["War"], WEEKLY: ["Peace", "War"]}
    assert await followed(store) == [("peace", INSTANT), ("war", DAILY), ("*", WEEKLY)]


async def test_a_query_followed_already_keeps_its_cadence_and_its_cursor(store):
    first = await follow_at(store, "peace", DAILY)
    await publish(store, "Peace")
    assert await store.subscriptions.add(HERE, Query.parse("peace"), now=NOON + HOUR) == (first, False)
    assert await give(store) == {DAILY: ["Peace"]}


async def test_a_place_follows_at_most_100_at_all_cadences_together(store):
    for number in range(100):
        await follow_at(store, f"word{number}", DAILY if number % 2 else INSTANT)
    with pytest.raises(TooMany):
        await follow_at(store, "peace", WEEKLY)
    assert len(await followed(store)) == 100


async def test_a_subscription_of_any_cadence_ends(store):
    one = await follow_at(store, "peace", DAILY)
    assert await store.subscriptions.remove(HERE, one.id) == one
    await publish(store, "Peace")
    assert await give(store) == {}


# Changing it


@pytest.mark.parametrize("back", [False, True])
async def test_what_is_owed_goes_along(store, back):
    one = await follow(store, "peace")
    await follow(store, "war")
    await publish(store, "Peace", "War")
    changed = await change(store, one)
    assert (changed.id, changed.cursor, changed.cadence) == (one.id, one.cursor, DAILY)
    assert await followed(store) == [("peace", DAILY), ("war", INSTANT)]
    if back:
        assert await change(store, one, INSTANT) == one
        assert await give(store) == {INSTANT: ["Peace", "War"]}
    else:
        assert await give(store) == {INSTANT: ["War"], DAILY: ["Peace"]}


async def test_to_the_same_cadence_nothing_changes(store):
    one = await follow(store, "peace")
    await publish(store, "Peace")
    mine, owing = (await flying(store))[INSTANT]
    assert await change(store, one, INSTANT) == one
    assert await settle(store, delivered(mine, owing))


@pytest.mark.parametrize("number", [0, -1, 99, 2**63])
async def test_of_what_is_not_followed_here_no_cadence_changes(store, number):
    other = await follow(store, "peace", chat=2)
    for wrong in (number, other.id):
        with pytest.raises(NotFound):
            await store.subscriptions.change_cadence(HERE, wrong, DAILY, now=NOON)
    assert await followed(store, 2) == [("peace", INSTANT)]


async def test_what_is_owed_is_due_at_once_and_a_mailbox_left_with_nothing_sleeps(store):
    one = await follow(store, "peace")
    await publish(store, "Peace")
    for each in await claim(store):
        await settle(store, Settlement(each, opens=NOON + HOUR, failures=5))
    await change(store, one, now=NOON + MINUTE)
    assert await store.mailboxes.next_due(BOT) == NOON + MINUTE
    [mine] = await claim(store, NOON + MINUTE)
    assert (mine.mailbox.cadence, mine.mailbox.failures) == (DAILY, 0)
    await settle(store, delivered(mine, await owed(store, mine)))
    assert await store.mailboxes.next_due(BOT) is None


async def test_where_the_mailbox_opens_later_it_is_due_then(store):
    one = await follow(store, "peace")
    await follow_at(store, "war", DAILY)
    await publish(store, "War")
    for each in await claim(store):
        await settle(store, Settlement(each, opens=NOON + HOUR))
    await publish(store, "Peace")
    await change(store, one)
    assert await store.mailboxes.next_due(BOT) == NOON + HOUR
    assert await give(store) == {DAILY: ["War", "Peace"]}


@pytest.mark.parametrize("how", ["paused", "shut"])
async def test_what_is_paused_or_shut_stays_so(store, how):
    one = await follow(store, "peace")
    await publish(store, "Peace")
    [each] = await claim(store)
    await settle(store, Settlement(each, **{how: "no"}))
    await change(store, one)
    assert await store.mailboxes.next_due(BOT) is None
    if how == "paused":
        await store.mailboxes.resume(BOT, 1, now=NOON)
    else:
        await store.mailboxes.reopen(HERE, now=NOON)
    assert await give(store) == {DAILY: ["Peace"]}


async def test_a_place_that_is_shut_where_it_goes_is_shut_for_every_cadence(store):
    """The chat moves to one where the thread is known at another cadence, and was gone."""
    await store.subscriptions.add(Place(BOT, 1, 5), Query.parse("peace"), now=NOON, cadence=DAILY)
    await follow(store, "*", chat=2, thread=5)
    await publish(store, "Peace")
    for each in await claim(store):
        if each.mailbox.place.chat == 2:
            await settle(store, Settlement(each, shut="no such thread"))
    await store.mailboxes.move(BOT, 1, 2, now=NOON)
    assert await claim(store, NOON + HOUR) == []
    await store.mailboxes.reopen(Place(BOT, 2, 5), now=NOON + HOUR)
    assert await give(store, NOON + HOUR) == {INSTANT: ["Peace"], DAILY: ["Peace"]}


# What is in flight


@pytest.mark.parametrize("other", [False, True])
async def test_claims_are_lost_and_what_they_have_in_flight_is_waited_for(store, other):
    one = await follow(store, "peace")
    if other:
        await follow_at(store, "*", DAILY)
    await publish(store, "Peace")
    flights = await flying(store)
    await change(store, one)
    assert await claim(store, NOON + SECOND) == []
    for mine, owing in flights.values():
        assert not await settle(store, delivered(mine, owing), NOON + SECOND)
    assert await give(store, NOON + SECOND) == {}


async def test_what_was_in_flight_and_failed_comes_from_the_new_mailbox(store):
    one = await follow(store, "peace")
    await follow(store, "war")
    await publish(store, "Peace", "War")
    mine, _ = (await flying(store))[INSTANT]
    await change(store, one)
    assert not await settle(store, Settlement(mine, paused="blocked", failures=9), NOON + SECOND)
    assert await give(store, NOON + SECOND) == {INSTANT: ["War"], DAILY: ["Peace"]}


async def test_what_is_in_flight_is_waited_for_until_its_lease_ends(store):
    one = await follow(store, "peace")
    await publish(store, "Peace")
    await flying(store)
    await change(store, one)
    assert await claim(store, NOON + LEASE - SECOND) == []
    assert await give(store, NOON + LEASE) == {DAILY: ["Peace"]}


async def test_nothing_is_in_flight_of_a_dead_sender(store):
    one = await follow(store, "peace")
    await publish(store, "Peace")
    await flying(store)
    await change(store, one)
    await store.mailboxes.free(BOT, now=NOON + SECOND)
    assert await give(store, NOON + SECOND) == {DAILY: ["Peace"]}


async def test_what_is_in_flight_is_waited_for_through_two_changes_and_a_move(store):
    one = await follow(store, "peace")
    await publish(store, "Peace")
    mine, owing = (await flying(store))[INSTANT]
    await change(store, one)
    await store.mailboxes.move(BOT, 1, 2, now=NOON)
    await store.subscriptions.change_cadence(Place(BOT, 2), one.id, WEEKLY, now=NOON)
    assert await claim(store, NOON + SECOND) == []
    await settle(store, delivered(mine, owing), NOON + SECOND)
    assert await give(store, NOON + SECOND) == {}


# What was given


def broke_off(one, *positions):
    """The settlement of a list that was sent one by one and broke off after these."""
    return Settlement(one, deliveries=(Delivery(positions, Outcome.SENT, NOON, message=5),))


@pytest.mark.parametrize("before", [False, True])
async def test_what_the_old_mailbox_was_given_is_not_given_again(store, before):
    one = await follow(store, "peace")
    await publish(store, "Peace 1", "Peace 2")
    mine, _ = (await flying(store))[INSTANT]
    if before:
        await settle(store, broke_off(mine, 1))
        await change(store, one)
    else:
        await change(store, one)
        await settle(store, broke_off(mine, 1))
    assert await give(store) == {DAILY: ["Peace 2"]}


async def test_nor_when_it_was_corrected_since(store):
    one = await follow(store, "treaty")
    await follow(store, "peace")
    await publish(store, article("Peace", key="k"))
    assert await give(store) == {INSTANT: ["Peace"]}
    await change(store, one)
    await publish(store, article("Peace treaty", key="k"), "Treaty")
    assert await give(store) == {DAILY: ["Treaty"]}


async def test_what_another_subscription_of_the_new_mailbox_wants_comes_all_the_same(store):
    one = await follow(store, "peace")
    await follow_at(store, "*", DAILY)
    await publish(store, "Peace 1", "Peace 2")
    mine, _ = (await flying(store))[INSTANT]
    await settle(store, broke_off(mine, 1))
    await change(store, one)
    assert await give(store, NOON + LEASE) == {DAILY: ["Peace 1", "Peace 2"]}


async def test_what_the_old_mailbox_gives_of_later_news_comes_in_both(store):
    one = await follow(store, "peace")
    await follow(store, "*")
    await publish(store, "Peace 1")
    await change(store, one)
    await publish(store, "Peace 2")
    given = await give(store)
    assert given[INSTANT] == ["Peace 1", "Peace 2"]
    assert given[DAILY][-1] == "Peace 2"


async def test_what_was_given_before_it_went_and_came_back_is_not_given_again(store):
    one = await follow(store, "peace")
    await publish(store, "Peace 1", "Peace 2", "Peace 3")
    mine, _ = (await flying(store))[INSTANT]
    await settle(store, broke_off(mine, 1))
    await change(store, one)
    mine, owing = (await flying(store))[DAILY]
    assert titles(owing) == ["Peace 2", "Peace 3"]
    await settle(store, broke_off(mine, 2))
    await change(store, one, INSTANT)
    assert await give(store) == {INSTANT: ["Peace 3"]}


async def test_of_a_long_backlog_what_was_given_is_neither_read_nor_counted(store):
    one = await follow(store, "peace")
    await publish(store, *(f"Peace {number}" for number in range(60)))
    mine, _ = (await flying(store))[INSTANT]
    await settle(store, broke_off(mine, 1, 58))
    await change(store, one)
    _, owing = (await flying(store))[DAILY]
    assert (len(owing.articles), owing.more) == (49, 9)


async def test_when_all_that_is_left_was_given_the_mailbox_comes_to_rest(store):
    one = await follow(store, "peace")
    await publish(store, "Peace")
    mine, _ = (await flying(store))[INSTANT]
    await settle(store, broke_off(mine, 1))
    await change(store, one)
    assert await give(store) == {}
    assert (await store.subscriptions.all(HERE))[0].cursor == 1


async def test_what_was_given_is_known_after_a_merge_too(store):
    one = await follow(store, "peace")
    await follow(store, "war", chat=2)
    await follow_at(store, "apricot", DAILY, chat=2)
    await publish(store, "Peace 1", "Peace 2")
    mine, _ = (await flying(store))[INSTANT]
    await settle(store, broke_off(mine, 1))
    await change(store, one)
    await store.mailboxes.move(BOT, 1, 2, now=NOON)
    assert await give(store) == {DAILY: ["Peace 2"]}


# The same query in both: of two chats that became one


async def both(store, *, behind):
    """Chat 1 follows the same instantly and daily; of the one that is `behind` two are owed, of the other one."""
    ahead = INSTANT if behind is DAILY else DAILY
    await follow_at(store, "peace", behind, chat=2)
    await publish(store, "Peace 1")
    await follow_at(store, "peace", ahead, chat=1)
    await publish(store, "Peace 2")
    await store.mailboxes.move(BOT, 2, 1, now=NOON)
    return {one.cadence: one for one in await store.subscriptions.all(HERE)}


@pytest.mark.parametrize("behind", [INSTANT, DAILY])
async def test_the_same_query_in_both_keeps_the_lower_cursor_and_the_subscription_that_had_it(store, behind):
    ones = await both(store, behind=behind)
    left = await change(store, ones[INSTANT])
    assert (left.id, left.cursor, left.cadence) == (ones[behind].id, 0, DAILY)
    assert await store.subscriptions.all(HERE) == [left]
    assert await give(store) == {DAILY: ["Peace 1", "Peace 2"]}


@pytest.mark.parametrize("behind", [INSTANT, DAILY])
async def test_what_the_one_ahead_has_in_flight_does_not_pass_what_the_lower_cursor_owes(store, behind):
    ones = await both(store, behind=behind)
    ahead = INSTANT if behind is DAILY else DAILY
    flights = await flying(store)
    await change(store, ones[INSTANT])
    await settle(store, delivered(*flights[ahead]), NOON + SECOND)
    # What the daily mailbox was given itself it is not given again.
    left = ["Peace 1"] if ahead is DAILY else ["Peace 1", "Peace 2"]
    assert await give(store, NOON + LEASE) == {DAILY: left}


async def test_what_the_new_mailbox_owes_itself_comes_whatever_the_old_one_was_given(store):
    ones = await both(store, behind=INSTANT)
    mine, _ = (await flying(store))[INSTANT]
    await settle(store, broke_off(mine, 1, 2))
    await change(store, ones[INSTANT], now=NOON + LEASE)
    assert await give(store, NOON + LEASE) == {DAILY: ["Peace 2"]}
