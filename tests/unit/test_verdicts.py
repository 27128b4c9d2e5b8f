"""Every answer a send can meet, as the real python-telegram-bot parses it, and what it means."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from telegram import Bot
from telegram.error import EndPointNotFound, TelegramError, TimedOut

from bot.transport.limiter import NotRunning, TooLate
from bot.transport.request import AiohttpRequest, NotSent, Unanswered
from bot.transport.verdicts import (
    ChatDeleted,
    ChatGone,
    ChatMoved,
    NotAllowed,
    NotYet,
    Refused,
    RetryAt,
    ThreadClosed,
    ThreadGone,
    TokenRevoked,
    Unknown,
    backoff,
    refuses_photos,
    verdict_of,
)

NOON = datetime(2025, 7, 16, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


async def error_for(status, payload):
    """The error that the real Bot raises when its server answers so."""

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(payload), payload))
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    base_url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/bot"
    async with listener, AiohttpRequest() as request:
        with pytest.raises(TelegramError) as caught:
            await Bot("1:x", base_url=base_url, request=request).send_message(5, "x")
    return caught.value


def body(status, description, **parameters):
    answer = {"ok": False, "error_code": status, "description": description}
    return json.dumps({**answer, "parameters": parameters} if parameters else answer).encode()


DELETED = [
    (403, "Forbidden: user is deactivated"),
    (403, "Forbidden: INPUT_USER_DEACTIVATED"),
    (400, "Bad Request: INPUT_USER_DEACTIVATED"),
]
GONE = [
    (403, "Forbidden: bot was blocked by the user"),
    (403, "Forbidden: bot can't initiate conversation with a user"),
    (403, "Forbidden: the bot can't send messages to the bot"),
    *((403, f"Forbidden: bot was kicked from the {kind} chat") for kind in ("group", "supergroup", "channel")),
    *((403, f"Forbidden: bot is not a member of the {kind} chat") for kind in ("group", "supergroup", "channel")),
    (403, "Forbidden: the group chat was deleted"),
    (400, "Bad Request: PEER_ID_INVALID"),
    (400, "Bad Request: group chat was upgraded to a supergroup chat"),
]
NOT_ALLOWED = [
    (400, "Bad Request: not enough rights to send text messages to the chat"),
    (400, "Bad Request: not enough rights to send photos to the chat"),
    (403, "Forbidden: not enough rights to send text messages to the chat"),
    (400, "Bad Request: need administrator rights in the channel chat"),
    (400, "Bad Request: CHAT_WRITE_FORBIDDEN"),
    (400, "Bad Request: CHAT_RESTRICTED"),
    (400, "Bad Request: CHAT_SEND_PLAIN_FORBIDDEN"),
]
NO_THREAD = [
    (400, "Bad Request: message thread not found"),
    (400, "Bad Request: TOPIC_DELETED"),
    (400, "Bad Request: TOPIC_ID_INVALID"),
]
MARKUP = [
    (400, 'Bad Request: can\'t parse entities: Unsupported start tag "br" at byte offset 3'),
    (400, "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""),
    (400, "Bad Request: ENTITIES_TOO_LONG"),
    (400, "Bad Request: unsupported parse_mode"),
    (400, "Bad Request: BUTTON_DATA_INVALID"),
    (400, "Bad Request: reply markup is too long"),
    (400, "Bad Request: REPLY_MARKUP_TOO_LONG"),
    (400, "Bad Request: inline keyboard button URL 'x' is invalid: Wrong HTTP URL"),
    (400, "Bad Request: inline keyboard expected"),
    (400, "Bad Request: object expected as reply markup"),
]
REFUSED = [
    (400, "Bad Request: message is too long"),
    (400, "Bad Request: message caption is too long"),
    (400, "Bad Request: MEDIA_CAPTION_TOO_LONG"),
    (400, "Bad Request: failed to get HTTP URL content"),
    (400, "Bad Request: wrong type of the web page content"),
    (400, "Bad Request: wrong file identifier/HTTP URL specified"),
    (400, "Bad Request: IMAGE_PROCESS_FAILED"),
    (400, "Bad Request: PHOTO_INVALID_DIMENSIONS"),
    (400, "Bad Request: WEBPAGE_CURL_FAILED"),
    (400, "Bad Request: WEBPAGE_MEDIA_EMPTY"),
    (400, "Bad Request: file is too big"),
    (400, "Bad Request: message to edit not found"),
    (400, "Bad Request: message can't be edited"),
    (400, "Bad Request: MESSAGE_ID_INVALID"),
    (400, "Bad Request: message to delete not found"),
    (400, "Bad Request: message can't be deleted for everyone"),
    (400, "Bad Request: message is not modified: specified new message content and reply markup are the same"),
    (400, "Bad Request: MESSAGE_TOO_LONG"),
    (400, "Bad Request: text is too long"),
    (400, "Bad Request: message text is empty"),
    (400, "Bad Request: text must be non-empty"),
    (400, "Bad Request: message to be replied not found"),
    (400, "Bad Request: something that nobody has seen yet"),
    (404, "Not Found: method not found"),
    (413, "Request Entity Too Large"),
]
CONFLICTS = [
    "terminated by other getUpdates request; make sure that only one bot instance is running",
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    "terminated by setWebhook request",
]
KINDS = {ChatDeleted: DELETED, ChatGone: GONE, NotAllowed: NOT_ALLOWED, ThreadGone: NO_THREAD}


@pytest.mark.parametrize(
    ("kind", "status", "description"), [(kind, *case) for kind, cases in KINDS.items() for case in cases]
)
async def test_where_a_message_cannot_go(kind, status, description):
    verdict = verdict_of(await error_for(status, body(status, description)), NOON, 1)
    assert type(verdict) is kind
    assert verdict.reason.lower() == description.removeprefix("Bad Request: ").lower()


@pytest.mark.parametrize(
    ("markup", "status", "description"), [(True, *case) for case in MARKUP] + [(False, *case) for case in REFUSED]
)
async def test_what_is_wrong_with_the_message_itself(markup, status, description):
    verdict = verdict_of(await error_for(status, body(status, description)), NOON, 0)
    assert isinstance(verdict, Refused)
    assert verdict.markup is markup
    assert verdict.reason


@pytest.mark.parametrize(
    ("status", "payload", "verdict"),
    [
        (429, body(429, "Too Many Requests: retry after 7", retry_after=7), RetryAt(NOON + 7 * SECOND, throttled=True)),
        (429, b"<html>429 Too Many Requests</html>", RetryAt(NOON + 8 * SECOND)),
        (400, body(400, "Bad Request: upgraded", migrate_to_chat_id=-1007), ChatMoved(-1007)),
        (401, body(401, "Unauthorized"), TokenRevoked()),
        (404, body(404, "Not Found"), TokenRevoked()),
        (401, b"<html>Unauthorized</html>", RetryAt(NOON + 8 * SECOND)),
        (403, b"<html>Forbidden</html>", RetryAt(NOON + 8 * SECOND)),
        (400, b"<html>Bad Request</html>", RetryAt(NOON + 8 * SECOND)),
        (500, body(500, "Internal Server Error: restart"), RetryAt(NOON + 8 * SECOND)),
        (502, b"<html>Bad Gateway</html>", RetryAt(NOON + 8 * SECOND)),
        (504, b"<html>Gateway Time-out</html>", RetryAt(NOON + 8 * SECOND)),
        (413, b"<html>Request Entity Too Large</html>", Refused),
        *((409, body(409, f"Conflict: {why}"), RetryAt(NOON + 8 * SECOND)) for why in CONFLICTS),
        (200, b"<html>not json</html>", Unknown(NOON + 8 * SECOND)),
    ],
)
async def test_the_other_answers(status, payload, verdict):
    got = verdict_of(await error_for(status, payload), NOON, 3)
    assert got == verdict or type(got) is verdict


@pytest.mark.parametrize(
    ("status", "description", "refused"),
    [
        (400, "Bad Request: not enough rights to send photos to the chat", True),
        (403, "Forbidden: not enough rights to send photos to the chat", True),
        (400, "Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN", True),
        (403, "Forbidden: CHAT_SEND_MEDIA_FORBIDDEN", True),
        (400, "Bad Request: not enough rights to send text messages to the chat", False),
        (400, "Bad Request: PHOTO_INVALID_DIMENSIONS", False),
        (500, "Internal Server Error: cannot send photos", False),
    ],
)
async def test_where_words_may_go_and_pictures_may_not(status, description, refused):
    assert refuses_photos(await error_for(status, body(status, description))) is refused


async def test_a_closed_topic_is_tried_again():
    error = await error_for(400, body(400, "Bad Request: TOPIC_CLOSED"))
    assert verdict_of(error, NOON, 2) == ThreadClosed("Topic_closed", NOON + 60 * SECOND)
    assert verdict_of(error, NOON, 9) == ThreadClosed("Topic_closed", NOON + 512 * SECOND)


async def test_an_unknown_chat_is_tried_for_a_quarter_of_an_hour_and_then_once_a_day():
    error = await error_for(400, body(400, "Bad Request: chat not found"))
    assert [verdict_of(error, NOON, failures) for failures in (0, 9)] == [
        RetryAt(NOON + SECOND),
        RetryAt(NOON + 512 * SECOND),
    ]
    assert verdict_of(error, NOON, 10) == ChatGone("Chat not found", NOON + timedelta(days=1))


async def test_where_the_bot_may_not_write_is_tried_once_a_day():
    error = await error_for(400, body(400, "Bad Request: CHAT_WRITE_FORBIDDEN"))
    assert verdict_of(error, NOON, 0) == NotAllowed("Chat_write_forbidden", NOON + timedelta(days=1))


@pytest.mark.parametrize(
    ("error", "failures", "verdict"),
    [
        (NotSent("refused"), 0, RetryAt(NOON + SECOND)),
        (NotSent("refused"), 30, RetryAt(NOON + 60 * SECOND)),
        (Unanswered("late"), 0, Unknown(NOON + SECOND)),
        (Unanswered("late"), 30, Unknown(NOON + timedelta(days=1))),
        (TimedOut(), 2, Unknown(NOON + 4 * SECOND)),
        (TooLate("late"), 0, NotYet()),
        (TooLate("late", wait=7.0), 0, NotYet(NOON + timedelta(seconds=7))),
        (NotRunning("stopping"), 0, NotYet()),
        (EndPointNotFound("no such method"), 0, Refused("no such method")),
        (TelegramError("something new"), 1, RetryAt(NOON + 2 * SECOND)),
    ],
)
def test_errors_without_an_answer(error, failures, verdict):
    assert verdict_of(error, NOON, failures) == verdict


async def test_a_reason_is_short_however_long_the_answer():
    error = await error_for(400, body(400, "Bad Request: " + "x" * 100_000))
    assert len(verdict_of(error, NOON, 0).reason) == 200


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 1), (1, 2), (5, 32), (16, 65_536), (17, 86_400), (10_000_000, 86_400)]
)
def test_back_off_doubles_from_a_second_to_a_day(failures, seconds):
    assert backoff(failures) == timedelta(seconds=seconds)
