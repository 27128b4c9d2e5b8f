"""What is said when an article could not be shown to a chat."""

from datetime import UTC, datetime

import pytest

from bot.push.preview import why_not
from bot.transport.verdicts import (
    ChatDeleted,
    ChatGone,
    ChatMoved,
    NotAllowed,
    NotYet,
    RetryAt,
    ThreadGone,
    TokenRevoked,
    Unknown,
)

NOON = datetime(2025, 7, 16, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("verdict", "why"),
    [
        (ChatGone("Forbidden: bot was blocked by the user"), "the chat cannot be written to: Forbidden: bot was"),
        (ChatDeleted("deactivated"), "the chat cannot be written to: deactivated"),
        (NotAllowed("no rights", NOON), "the chat cannot be written to: no rights"),
        (ChatMoved(-1007), "the chat has moved: it is -1007 now"),
        (RetryAt(NOON), "Telegram does not know the chat, or fails at the moment"),
        (RetryAt(NOON, throttled=True), "the chat, or Telegram, takes nothing more at the moment"),
        (NotYet(), "the chat, or Telegram, takes nothing more at the moment"),
        (Unknown(NOON), "Telegram has not answered: it may have been shown"),
        (ThreadGone("gone"), "it was not shown"),
        (TokenRevoked(), "it was not shown"),
    ],
)
def test_why_it_was_not_shown(verdict, why):
    assert why_not(verdict).startswith(why)
