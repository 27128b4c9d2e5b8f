"""What each end of a delivery means for its mailbox."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.push.giving import Given, settlement_of
from bot.transport.verdicts import (
    ChatDeleted,
    ChatGone,
    ChatMoved,
    NotAllowed,
    NotYet,
    RetryAt,
    ThreadClosed,
    ThreadGone,
    TokenRevoked,
    Unknown,
)
from storage import Claim, Delivery, Mailbox, Outcome, Place, Settlement

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=7)
CLAIM = Claim(Mailbox(3, Place(1, 5), failures=2), "token", NOON + timedelta(seconds=30))
CURSORS = {8: 40}
SENT = (Delivery((39, 40), Outcome.SENT, NOON, message=77),)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Given(SENT), Settlement(CLAIM, CURSORS, SENT, failures=0)),
        (Given(SENT, counted=False), Settlement(CLAIM, {}, SENT, failures=0)),
        (Given(SENT, RetryAt(LATER)), Settlement(CLAIM, {}, SENT, failures=3, opens=LATER)),
        (Given(stopped=Unknown(LATER)), Settlement(CLAIM, failures=3, opens=LATER)),
        (Given(stopped=RetryAt(LATER, throttled=True)), Settlement(CLAIM, failures=2, opens=LATER)),
        (Given(stopped=NotYet()), Settlement(CLAIM, failures=2)),
        (Given(stopped=NotYet(LATER)), Settlement(CLAIM, failures=2, opens=LATER)),
        (Given(stopped=ChatMoved(-1007)), Settlement(CLAIM, failures=2)),
        (Given(stopped=TokenRevoked()), Settlement(CLAIM, failures=2)),
        (Given(stopped=ChatGone("blocked")), Settlement(CLAIM, failures=0, paused="blocked")),
        (Given(stopped=ChatDeleted("deleted")), Settlement(CLAIM, failures=0, paused="deleted")),
        (Given(stopped=ChatGone("unknown", LATER)), Settlement(CLAIM, failures=0, paused="unknown", retry=LATER)),
        (Given(stopped=NotAllowed("muted", LATER)), Settlement(CLAIM, failures=0, paused="muted", retry=LATER)),
        (Given(stopped=ThreadGone("deleted")), Settlement(CLAIM, failures=0, shut="deleted")),
        (Given(stopped=ThreadClosed("closed", LATER)), Settlement(CLAIM, failures=3, opens=LATER)),
    ],
    ids=lambda value: repr(value.stopped) if isinstance(value, Given) else "",
)
def test_how_a_delivery_ends(given, expected):
    assert settlement_of(CLAIM, CURSORS, given) == expected
