"""The port Deliveries: articles that are touched, and the messages that are to be edited for it."""

from dataclasses import replace

import pytest
from storekeeping import (
    BOT,
    DAY,
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
)

from storage import Cadence, Change, Delivery, Fate, Outcome, Place, Rest, Settlement

BODY = "They met at noon. Nobody spoke. Then they went home."


def peace(title="Peace", **values):
    return article(title, **{"key": "peace", **values})


async def look(store, now=NOON, limit=100):
    """Find all messages that show touched articles. Returns in how many chunks."""
    chunks = 1
    while await store.deliveries.find_touched(now=now, limit=limit):
        chunks += 1
    return chunks


async def edits(store, now=NOON, *, bot=BOT, limit=100, lease=LEASE):
    """Claim what is due to be edited, once all touched articles' messages are found."""
    await look(store, now)
    return await store.deliveries.claim(bot, now=now, lease=lease, limit=limit)


async def shown(store, edit):
    (showing,) = await store.deliveries.now_showing([edit])
    return [(one.article.title, one.article.withdrawn, one.queries) for one in showing]


async def send(store, *articles, chat=1, query="*", bot=BOT, now=NOON, **values):
    """Deliver the articles to one chat as one message. Returns the articles' positions."""
    await follow(store, query, chat, bot=bot, now=now)
    positions = await publish(store, *articles, now=now)
    await send_due(store, now, bot=bot, **values)
    return positions


async def send_due(store, now=NOON, *, bot=BOT, **values):
    for number, one in enumerate(await claim(store, now, bot=bot), 1):
        settled = delivered(one, await owed(store, one, now), now)
        (delivery,) = settled.deliveries
        deliveries = (replace(delivery, message=100 + number, **values),)
        assert await settle(store, replace(settled, deliveries=deliveries), now)


CHANGES = {
    "title": {"title": "Peace at last"},
    "link": {"link": "https://example.org/2"},
    "summary": {"summary": "It is over."},
    "its first sentences": {"body": "They met at one. Nobody spoke."},
    "a text": {"body": BODY},
    "a time in place of a day": {"body": BODY, "title": "Peace", "date_only": False, "summary": "New."},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_what_a_message_shows_otherwise_than_it_is_now_is_to_be_edited(store, change):
    before = peace() if change == {"body": BODY} else peace(body=BODY)
    await send(store, before)
    assert await edits(store) == []
    await take_in(store, replace(before, **change))
    (edit,) = await edits(store)
    assert (edit.place, edit.cadence, edit.message, edit.sent) == (Place(BOT, 1), Cadence.INSTANT, 101, NOON)
    assert (edit.key, edit.more, edit.photo, edit.failures) == (0, 0, False, 0)
    assert await shown(store, edit) == [(change.get("title", "Peace"), False, ("*",))]


@pytest.mark.parametrize("change", [{}, {"body": f"{BODY} No more is known."}, {"topics": ("war",)}])
async def test_a_message_that_shows_nothing_of_the_change_is_left_alone(store, change):
    await send(store, peace(body=BODY))
    await take_in(store, replace(peace(body=BODY), **change))
    assert await edits(store) == []


async def test_a_summary_of_its_own_hides_the_first_sentences(store):
    await send(store, peace(body=BODY, summary="Peace it is."))
    await take_in(store, peace(body="Quite another text.", summary="Peace it is."))
    assert await edits(store) == []


async def test_a_day_that_gets_a_time_is_shown_otherwise(store):
    await send(store, peace(date_only=True))
    await take_in(store, peace(link="https://example.org", date_only=False))
    (edit,) = await edits(store)
    ((showing,),) = await store.deliveries.now_showing([edit])
    assert not showing.article.date_only


async def test_a_withdrawn_article_is_shown_as_that_and_again_when_it_is_back(store):
    await send(store, peace())
    assert await store.articles.withdraw_key("herald", "peace")
    (edit,) = await edits(store)
    assert await shown(store, edit) == [("Peace", True, ("*",))]
    await store.deliveries.settle(edit, fate=Fate.WITHDRAWN, now=NOON)
    assert await edits(store) == []
    await take_in(store, peace("Peace again"))
    (edit,) = await edits(store)
    assert await shown(store, edit) == [("Peace again", False, ("*",))]


async def test_what_was_never_announced_is_shown_by_nothing(store):
    await follow(store)
    await take_in(store, peace())
    await take_in(store, peace("Peace at last"))
    assert not await store.deliveries.find_touched(now=NOON, limit=9)
    await announce(store)
    assert await edits(store) == []


async def test_only_the_newest_state_matters(store):
    await send(store, peace())
    for number in range(3):
        await take_in(store, peace(f"Peace {number}"))
        await look(store)
    (edit,) = await edits(store)
    assert await shown(store, edit) == [("Peace 2", False, ("*",))]
    await store.deliveries.settle(edit, fate=Fate.EDITED, now=NOON)
    assert await edits(store) == []


async def test_a_list_shows_all_that_it_carries_in_its_order_each_with_the_queries_that_wanted_it(store):
    await follow(store, "peace")
    await follow(store, "war")
    await send(store, peace("Peace", body="x" * 9_000), peace("War and peace", key="w"), peace("Rain", key="r"))
    await follow(store, "rain")
    await store.articles.withdraw_key("herald", "r")
    (edit,) = await edits(store)
    assert await shown(store, edit) == [
        ("Peace", False, ("peace", "*")),
        ("War and peace", False, ("peace", "war", "*")),
        ("Rain", True, ("*",)),
    ]
    ((first, *_),) = await store.deliveries.now_showing([edit])
    assert len(first.article.body) == 4_000


async def test_of_a_subscription_that_has_ended_the_query_is_gone_and_one_of_another_cadence_stays(store):
    moved = await follow(store, "peace")
    ended = await follow(store, "title:peace")
    await send(store, peace())
    await store.subscriptions.remove(ended.place, ended.id)
    await store.subscriptions.change_cadence(moved.place, moved.id, Cadence.DAILY, now=NOON)
    await take_in(store, peace("Peace at last"))
    (edit,) = await edits(store)
    assert await shown(store, edit) == [("Peace at last", False, ("peace", "*"))]


async def test_of_a_chat_that_moved_into_a_known_one_the_queries_are_told(store):
    await send(store, peace(), chat=-1, query="peace")
    await follow(store, "war", -9)
    await store.mailboxes.move(BOT, -1, -9, now=NOON)
    await take_in(store, peace("Peace at last"))
    (edit,) = await edits(store)
    assert await shown(store, edit) == [("Peace at last", False, ("peace",))]


async def test_what_a_message_counted_and_that_it_is_a_picture_is_told(store):
    rest = Rest((), (1,))
    await send(store, peace(), photo=True, key=2**62 - 1, more=7, rest=rest)
    await take_in(store, peace("Peace at last"))
    (edit,) = await edits(store)
    assert (edit.key, edit.more, edit.photo) == (2**62 - 1, 7, True)


async def test_a_mailbox_tells_its_cadence_and_a_topic_is_a_place(store):
    one = await follow(store, "*", -5, thread=3)
    await store.subscriptions.change_cadence(one.place, one.id, Cadence.DAILY, now=NOON)
    await publish(store, peace())
    await send_due(store)
    await take_in(store, peace("Peace at last"))
    (edit,) = await edits(store)
    assert (edit.cadence, edit.place) == (Cadence.DAILY, Place(BOT, -5, 3))


async def test_what_was_refused_is_no_message(store):
    await follow(store)
    await publish(store, peace())
    one = await claim_one(store)
    refused = Delivery((1,), Outcome.REFUSED, NOON, reason="no")
    await settle(store, Settlement(one, (await owed(store, one)).cursors, (refused,)))
    await take_in(store, peace("Peace at last"))
    assert await edits(store) == []


# Which messages


@pytest.mark.parametrize(
    ("later", "left"), [(47 * HOUR, 1), (48 * HOUR - LEASE, 1), (48 * HOUR - LEASE + SECOND, 0), (49 * HOUR, 0)]
)
async def test_what_would_be_over_48_hours_old_at_the_end_of_the_lease_is_left_as_it_is(store, later, left):
    await send(store, peace())
    await take_in(store, peace("Peace at last"))
    assert len(await edits(store, NOON + later)) == left
    assert await edits(store, NOON) == []  # it is forgotten, not kept for a clock that goes back


async def test_what_grew_too_old_while_it_was_due_is_left_as_it_is_and_holds_up_no_other(store):
    await send(store, peace())
    await give_all(store)
    for hours in (1, 30):
        await publish(store, peace(f"Hour {hours}", key=str(hours)), now=NOON + hours * HOUR)
        await send_due(store, NOON + hours * HOUR)
    for key in ("peace", "1", "30"):
        await store.articles.withdraw_key("herald", key)
    await look(store, NOON + 30 * HOUR)
    (edit,) = await store.deliveries.claim(BOT, now=NOON + 50 * HOUR, lease=LEASE, limit=9)
    assert await shown(store, edit) == [("Hour 30", True, ("*",))]


async def test_every_bot_edits_its_own(store):
    await follow(store, bot=8, chat=2)
    await send(store, peace())
    await send_due(store, bot=8)
    await take_in(store, peace("Peace at last"))
    (mine,) = await edits(store)
    (other,) = await edits(store, bot=8)
    assert (mine.place, other.place) == (Place(BOT, 1), Place(8, 2))


async def test_an_old_articles_messages_are_found_among_many_others(store):
    await follow(store, "peace", 2)
    await send(store, peace(), chat=1)
    for day in range(1, 9):
        await publish(store, peace(f"News {day}", key=str(day)), now=NOON + day * DAY)
        await send_due(store, NOON + day * DAY)
    await follow(store, "last", 3, now=NOON + 9 * DAY)
    await publish(store, peace("Peace at last"), now=NOON + 9 * DAY)
    await send_due(store, NOON + 9 * DAY)
    await take_in(store, peace("Peace after all"))
    found = await edits(store, NOON + 9 * DAY)
    assert [edit.place.chat for edit in found] == [3]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
async def test_messages_are_found_in_chunks_and_none_is_left_out(store, open_again, limit):
    for chat in range(1, 8):
        await follow(store, chat=chat)
    await publish(store, peace(), peace("War", key="w"))
    await send_due(store)
    await take_in(store, peace("Peace at last"), peace("War is over", key="w"))
    assert await store.deliveries.find_touched(now=NOON, limit=limit) == (limit < 14)
    other = await open_again()  # whoever began was killed
    chunks = await look(other, limit=limit)
    assert chunks <= 15 // limit + 1
    assert sorted(edit.place.chat for edit in await edits(other)) == list(range(1, 8))


async def test_an_article_touched_again_while_its_messages_are_looked_for_is_looked_for_anew(store):
    for chat in range(1, 4):
        await follow(store, chat=chat)
    await publish(store, peace())
    await send_due(store)
    await take_in(store, peace("Peace 1"))
    await store.deliveries.find_touched(now=NOON, limit=1)
    (first,) = await store.deliveries.claim(BOT, now=NOON, lease=LEASE, limit=9)
    await store.deliveries.settle(first, fate=Fate.EDITED, now=NOON)
    await take_in(store, peace("Peace 2"))
    assert sorted(edit.place.chat for edit in await edits(store)) == [1, 2, 3]


# Between reading and recording


@pytest.mark.parametrize("change", ["corrected", "withdrawn"])
async def test_what_is_touched_while_a_message_with_it_is_sent_is_edited_once_that_is_recorded(store, change):
    await follow(store)
    await publish(store, peace())
    one = await claim_one(store)
    owing = await owed(store, one)
    if change == "corrected":
        await take_in(store, peace("Peace at last"))
    else:
        await store.articles.withdraw_key("herald", "peace")
    assert await edits(store) == []
    await settle(store, delivered(one, owing))
    (edit,) = await edits(store)
    is_corrected = change == "corrected"
    assert await shown(store, edit) == [("Peace at last" if is_corrected else "Peace", not is_corrected, ("*",))]


async def test_what_was_touched_before_a_claim_is_sent_as_it_is(store):
    await follow(store)
    await publish(store, peace(), peace("Rain", key="r"))
    await take_in(store, peace("Peace at last"))
    await look(store)
    await send_due(store)
    assert await edits(store) == []


async def test_another_article_touched_meanwhile_is_no_reason(store):
    await send(store, peace("Rain", key="r"))
    await publish(store, peace())
    one = await claim_one(store)
    owing = await owed(store, one)
    await take_in(store, peace("Snow", key="r"))
    await settle(store, delivered(one, owing))
    found = await edits(store)
    assert [await shown(store, edit) for edit in found] == [[("Snow", False, ("*",))]]


# Claims


async def test_one_message_of_a_chat_is_edited_at_a_time_the_longest_due_first(store):
    await send(store, peace())
    await publish(store, peace("War", key="w"))
    await send_due(store)
    await follow(store, chat=2)
    await publish(store, peace("Rain", key="r"))
    await send_due(store)
    for minute, key in enumerate(("w", "peace", "r")):
        await store.articles.withdraw_key("herald", key)
        await look(store, NOON + minute * MINUTE)
    claimed = await edits(store, NOON + 9 * MINUTE)
    assert [(await shown(store, edit))[0][0] for edit in claimed] == ["War", "Rain"]
    assert await edits(store, NOON + 9 * MINUTE) == []
    await store.deliveries.settle(claimed[0], fate=Fate.WITHDRAWN, now=NOON)
    (next_,) = await edits(store, NOON + 9 * MINUTE)
    assert await shown(store, next_) == [("Peace", True, ("*",))]


async def test_a_limit_is_kept_and_nobody_gets_what_another_has(store, open_again):
    other = await open_again()
    for chat in range(1, 6):
        await follow(store, chat=chat)
    await send(store, peace())
    await take_in(store, peace("Peace at last"))
    some = await edits(store, limit=2)
    rest = await edits(other)
    assert (len(some), len(rest)) == (2, 3)
    assert len({edit.place.chat for edit in some + rest}) == 5
    assert len({edit.token for edit in some + rest}) == 5


async def test_a_lease_that_ends_now_has_ended_and_who_had_it_settles_nothing(store):
    await send(store, peace())
    await take_in(store, peace("Peace at last"))
    (late,) = await edits(store)
    assert late.until == NOON + LEASE
    assert await edits(store, NOON + LEASE - SECOND) == []
    (edit,) = await edits(store, NOON + LEASE)
    await store.deliveries.settle(late, fate=Fate.EDITED, now=NOON)
    await store.deliveries.put_off(late, until=NOON + DAY, failed=True)
    await store.deliveries.put_off(edit, until=NOON, failed=False)
    assert [one.failures for one in await edits(store, NOON + LEASE)] == [0]


async def test_a_lease_of_a_clock_that_was_ahead_has_ended(store):
    await send(store, peace(), now=NOON)
    await take_in(store, peace("Peace at last"))
    await look(store)
    assert await edits(store, NOON + HOUR)
    assert len(await edits(store, NOON)) == 1


async def test_a_dead_editors_leases_end_at_once(store):
    await send(store, peace())
    await take_in(store, peace("Peace at last"))
    assert await edits(store)
    await store.deliveries.free(8)
    assert await edits(store) == []
    await store.deliveries.free(BOT)
    assert len(await edits(store)) == 1


async def test_what_is_touched_while_it_is_edited_is_due_again_when_that_settles(store):
    await send(store, peace())
    await take_in(store, peace("Peace 1"))
    (edit,) = await edits(store)
    await take_in(store, peace("Peace 2"))
    assert await edits(store) == []
    await store.deliveries.settle(edit, fate=Fate.EDITED, now=NOON)
    (again,) = await edits(store)
    assert await shown(store, again) == [("Peace 2", False, ("*",))]
    await store.deliveries.settle(again, fate=Fate.EDITED, now=NOON)
    assert await edits(store) == []


async def test_what_is_put_off_waits_with_all_of_its_chat_and_counts_what_failed(store):
    await send(store, peace())
    await publish(store, peace("War", key="w"))
    await send_due(store)
    for key in ("w", "peace"):
        await store.articles.withdraw_key("herald", key)
    (edit,) = await edits(store)
    await store.deliveries.put_off(edit, until=NOON + MINUTE, failed=True)
    assert await edits(store, NOON + MINUTE - SECOND) == []
    (edit,) = await edits(store, NOON + MINUTE)
    assert edit.failures == 1
    await store.deliveries.put_off(edit, until=NOON + HOUR, failed=False)
    (edit,) = await edits(store, NOON + HOUR)
    assert edit.failures == 1


async def test_what_is_dropped_with_its_chat_is_due_no_more(store):
    for chat in (1, 2):
        await follow(store, chat=chat)
    await send(store, peace())
    await take_in(store, peace("Peace at last"))
    await edits(store)
    await store.deliveries.free(BOT)
    await store.deliveries.drop(BOT, 1)
    await store.deliveries.drop(8, 2)
    assert [edit.place.chat for edit in await edits(store)] == [2]


async def test_what_is_settled_unchanged_is_due_no_more_and_nothing_became_of_it(store):
    await send(store, peace())
    await take_in(store, peace("Peace at last"))
    (edit,) = await edits(store)
    await store.deliveries.settle(edit, fate=Fate.UNCHANGED, now=NOON)
    assert await edits(store, NOON + DAY) == []
    (record,) = await store.deliveries.of_chat(1, limit=9)
    assert (record.fate, record.changed) == (Fate.UNCHANGED, None)


# Deleted


async def test_what_was_deleted_is_edited_no_more_and_given_anew_when_its_article_is_back(store):
    await send(store, peace())
    await store.articles.withdraw_key("herald", "peace")
    (edit,) = await edits(store)
    await store.deliveries.settle(edit, fate=Fate.DELETED, now=NOON)
    await publish(store, peace("Peace again"))
    assert await edits(store) == []
    assert await give_all(store) == {1: ["Peace again"]}


async def test_what_is_back_before_its_message_was_deleted_comes_anew(store):
    await send(store, peace())
    await store.articles.withdraw_key("herald", "peace")
    (edit,) = await edits(store)
    await take_in(store, peace("Peace again"))
    await look(store)
    await store.deliveries.settle(edit, fate=Fate.DELETED, now=NOON)
    assert await edits(store) == []
    await publish(store)
    assert await give_all(store) == {1: ["Peace again"]}


async def test_what_is_back_and_passed_over_before_its_message_was_deleted_comes_anew_where_it_is_missing(store):
    await follow(store, chat=2)
    await send(store, peace())
    await store.articles.withdraw_key("herald", "peace")
    edit, other = await edits(store)
    await store.deliveries.settle(other, fate=Fate.WITHDRAWN, now=NOON)
    await publish(store, peace("Peace again"))
    assert await give_all(store) == {}
    await store.deliveries.settle(edit, fate=Fate.DELETED, now=NOON)
    await publish(store)
    assert await give_all(store) == {edit.place.chat: ["Peace again"]}
    await publish(store)
    assert await give_all(store) == {}


async def test_what_was_deleted_stays_so_whatever_was_done_to_it_before_and_is_told_late(store):
    await send(store, peace())
    await store.articles.withdraw_key("herald", "peace")
    (late,) = await edits(store)
    (edit,) = await edits(store, NOON + LEASE)
    await store.deliveries.settle(edit, fate=Fate.DELETED, now=NOON + LEASE)
    await store.deliveries.settle(late, fate=Fate.WITHDRAWN, now=NOON + LEASE)
    await publish(store, peace("Peace again"))
    assert await give_all(store) == {1: ["Peace again"]}


# Telling


async def test_an_article_that_is_touched_is_a_change(store):
    await send(store, peace())
    await store.changed(Change.TOUCHED, 0.0)
    await take_in(store, peace(body=BODY))
    assert await store.changed(Change.TOUCHED, 0.0)
    await store.articles.withdraw_key("herald", "peace")
    assert await store.changed(Change.TOUCHED, 0.0)
