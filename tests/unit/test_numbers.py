"""What /stats says."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.render.numbers import stats_page, waited
from storage import ChatKind, RefusedMessage, Stats

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def some(**values):
    usual = {
        "chats": {ChatKind.PRIVATE: 1_200, ChatKind.GROUP: 3, ChatKind.CHANNEL: 0},
        "paused": {},
        "subscriptions": 4_000,
        "queries": 900,
        "articles": 50_000,
        "published": 300,
        "unannounced": 0,
        "sent_in_day": 5_000,
        "sent_in_hour": 200,
        "due": 0,
        "wait": timedelta(0),
        "feeds": 0,
        "failing": 0,
        "refused": 0,
        "refusals": (),
    }
    return Stats(**usual | values)


def test_all_is_well():
    message = stats_page(some())
    assert message.text.plain() == (
        "Chats\n1,200 private, 3 groups, 0 channels\n\n"
        "Followed\n4,000 subscriptions to 900 different searches\n\n"
        "Articles\n50,000, 300 of them from the last 24 hours\n\n"
        "Messages\n5,000 sent in 24 hours, 200 in the last hour\n0 due now, the first for 0 s"
    )
    assert message.text.fits


def test_one_is_one():
    kinds = {ChatKind.PRIVATE: 1, ChatKind.GROUP: 1, ChatKind.CHANNEL: 1}
    said = stats_page(some(chats=kinds, subscriptions=1, queries=1, feeds=1)).text.plain()
    for line in ("1 private, 1 group, 1 channel", "1 subscription to 1 different search", "1 feed polled"):
        assert f"{line}\n" in f"{said}\n"


def test_what_is_not_well():
    refusals = tuple(RefusedMessage(NOON, 1, reason, (4,)) for reason in ("too long", "odd\nthing", "too long"))
    said = stats_page(
        some(
            paused={"blocked by the person": 40, "muted": 2},
            unannounced=7,
            feeds=1_200,
            failing=3,
            due=100_000,
            wait=timedelta(hours=2, minutes=5),
            refused=3,
            refusals=refusals,
        ),
        paid=1_234,
    ).text.plain()
    for line in (
        "42 paused, among them:\n• 40 × blocked by the person\n• 2 × muted",
        "7 about to be announced\n1,200 feeds polled, 3 of them failing: /sources failing",
        "100,000+ due now, the first for 2 h 5 min",
        "3 refused in 7 days, among the last:\n• 2 × too long\n• 1 × odd thing",
        "1,234 paid for today (UTC), 123.4 Stars",
    ):
        assert line in said


def test_it_fits_whatever_reasons_there_are():
    reasons = {f"<b>{number}" + "ж" * 500: 3 for number in range(50)}
    refusals = tuple(RefusedMessage(NOON, 1, reason, ()) for reason in reasons)
    assert stats_page(some(paused=reasons, refused=50, refusals=refusals)).text.fits


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3_661, "1 h 1 min"), (3_601, "1 h"), (200_000, "2 d 7 h")],
)
def test_how_long_somebody_has_waited(seconds, said):
    assert waited(timedelta(seconds=seconds)) == said
