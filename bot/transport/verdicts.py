"""What Telegram's answer means to a delivery. Pure: the error and the time are handed in.

The Bot API promises no wording, so the class of the error decides first, and then small lower-case parts of its
description (python-telegram-bot capitalises it: `TOPIC_CLOSED` arrives as `Topic_closed`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.transport.limiter import TooLate, seconds_of
from bot.transport.request import NotSent

BACKOFF_LONGEST = timedelta(days=1)
# When nothing was sent, the network failed and not the chat: it is back as soon as the network is.
NOT_SENT_LONGEST = timedelta(minutes=1)
# Likewise when Telegram's servers fail: who waits must not wait long beyond their return.
SERVER_LONGEST = timedelta(minutes=5)
# A topic that is reopened is told of; until then each attempt costs its group one of 20 a minute.
THREAD_SHORTEST = timedelta(minutes=1)
# A paused chat that nobody will tell us about is tried once a day.
RETRY = timedelta(days=1)
# A server that has just started says "chat not found" of chats that are there (tdlib/telegram-bot-api#219): doubling
# pauses for a quarter of an hour.
UNKNOWN_CHAT_TRIES = 10
REASON_LENGTH = 200

_NO_RIGHTS = (
    "not enough rights",
    "have no rights",
    "need administrator rights",
    "admin_required",
    "write_forbidden",
    "chat_restricted",
    "chat_send_",
    "send_forbidden",
    "user_restricted",
)
_THREAD_CLOSED = ("topic_closed",)
_NO_THREAD = ("message thread not found", "topic_deleted", "topic_id_invalid")
_NO_MESSAGE = ("message to edit not found", "message can't be edited", "message_id_invalid", "in the message to edit")
_DELETED = ("user is deactivated", "user_deactivated")
_NO_CHAT = (
    "user not found",
    "peer_id_invalid",
    "channel_private",
    "channel_invalid",
    "user_is_blocked",
    *_DELETED,
    "upgraded to a supergroup",
    "group chat was deleted",
    "group chat was deactivated",
)
# What a chat says that takes words and no pictures.
_NO_PHOTOS = ("send photos", "send_photos", "send_media")
# What a message has no more of when it is sent as plain text.
_MARKUP = (
    "can't parse",
    "can't find end",
    "entit",
    "parse_mode",
    "button",
    "keyboard",
    "reply_markup",
    "reply markup is",
    "as reply markup",
)


@dataclass(frozen=True, slots=True)
class Sent:
    """Delivered, as this message of the chat. `photo`: it is a picture with a caption."""

    message_id: int
    photo: bool = False


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Not delivered, as far as can be told; to be sent again at `at`. `throttled`: Telegram named the time (429)."""

    at: datetime
    throttled: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Perhaps delivered: the answer never came. To be sent again at `at`, perhaps as a second copy."""

    at: datetime


@dataclass(frozen=True, slots=True)
class NotYet:
    """Not tried: its turn did not come in time. The chat may be written to at `at`; None: as soon as its turn comes."""

    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChatGone:
    """Blocked, kicked, deleted or unknown: paused until the chat comes back; an unknown one is tried at `retry`."""

    reason: str
    retry: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChatDeleted:
    """The person's account is deleted: nobody will ever come back to what is followed there."""

    reason: str
    retry: None = None


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """The bot may not write there: paused until an administrator changes it.

    To be tried at `retry` all the same: what members may do is told to no bot.
    """

    reason: str
    retry: datetime


@dataclass(frozen=True, slots=True)
class ThreadGone:
    """The topic is deleted, or out of reach: it alone is paused until somebody follows something there again."""

    reason: str


@dataclass(frozen=True, slots=True)
class ThreadClosed:
    """The topic takes nothing until it is reopened, which Telegram tells; to be tried again at `at` all the same."""

    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChatMoved:
    """The group became a supergroup with this chat id."""

    chat: int


@dataclass(frozen=True, slots=True)
class Refused:
    """This message is never taken as it is. `markup`: its formatting or buttons are at fault, plain text may pass.

    `gone`: there is none to be edited.
    """

    reason: str
    markup: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class TokenRevoked:
    """The bot's token is not (or no longer) valid: nothing can be sent at all."""


Verdict = (
    Sent
    | RetryAt
    | Unknown
    | NotYet
    | ChatGone
    | ChatDeleted
    | NotAllowed
    | ThreadGone
    | ThreadClosed
    | ChatMoved
    | Refused
    | TokenRevoked
)


OutOfReach = ChatGone | ChatDeleted | NotAllowed | ThreadGone | ThreadClosed
"""Nothing can be written there now, whatever it is."""


def verdict_of(error: TelegramError, now: datetime, failures: int) -> Verdict:
    """What a failed send means; `failures`: how often in a row sending to this mailbox had failed before (0: never).

    Every error has a verdict; one that is not known is tried again with back-off, so that nothing is lost.
    """
    if isinstance(error, TooLate):
        return NotYet(now + timedelta(seconds=error.wait) if error.wait else None)
    if isinstance(error, NetworkError) and not isinstance(error, BadRequest):  # PTB counts a refusal as a network error
        return _no_answer(error, now, failures)
    return _answer(error, now, failures)


def refuses_markup(error: TelegramError) -> bool:
    """Whether a message's formatting or buttons are at fault: plain text may pass."""
    return isinstance(error, BadRequest) and _says(error, *_MARKUP)


def refuses_photos(error: TelegramError) -> bool:
    """Whether the chat takes no pictures: words may pass."""
    return isinstance(error, BadRequest | Forbidden) and _says(error, *_NO_PHOTOS)


def shows_it_already(error: TelegramError) -> bool:
    """Whether an edit would have changed nothing: the message is as it should be."""
    return isinstance(error, BadRequest) and _says(error, "message is not modified")


def cannot_be_edited(error: TelegramError) -> bool:
    """Whether there is no message to be edited, or none of the kind."""
    return isinstance(error, BadRequest) and _says(error, *_NO_MESSAGE)


def backoff(failures: int) -> timedelta:
    """1 s after the first failure (0 before it), twice as long after each further one, a day at the longest."""
    return min(timedelta(seconds=2 ** min(failures, 30)), BACKOFF_LONGEST)


def _answer(error: TelegramError, now: datetime, failures: int) -> Verdict:
    match error:
        case RetryAfter():
            return RetryAt(now + timedelta(seconds=seconds_of(error)), throttled=True)
        case ChatMigrated():
            return ChatMoved(error.new_chat_id)
        case Forbidden():
            return _forbidden(error, now)
        case BadRequest():
            return _bad_request(error, now, failures)
        case InvalidToken() | EndPointNotFound():
            return _not_found(error)
    return _other(error, now, failures)


def _forbidden(error: TelegramError, now: datetime) -> Verdict:
    return _not_allowed(error, now) if _says(error, *_NO_RIGHTS) else _gone(error)


def _gone(error: TelegramError) -> Verdict:
    return ChatDeleted(_reason(error)) if _says(error, *_DELETED) else ChatGone(_reason(error))


def _no_answer(error: NetworkError, now: datetime, failures: int) -> Verdict:
    match error:
        case NotSent():
            return RetryAt(now + min(backoff(failures), NOT_SENT_LONGEST))
        case TimedOut():
            return Unknown(now + backoff(failures))
    # 413 comes without a class of its own; it is final, unlike the 5xx that do so too.
    if _says(error, "entity too large", "content too large"):
        return Refused(_reason(error))
    return RetryAt(now + min(backoff(failures), SERVER_LONGEST))


def _bad_request(error: TelegramError, now: datetime, failures: int) -> Verdict:
    if refuses_markup(error):
        return Refused(_reason(error), markup=True)
    if _says(error, *_THREAD_CLOSED, *_NO_THREAD):
        return _thread(error, now, failures)
    if _says(error, *_NO_RIGHTS):
        return _not_allowed(error, now)
    if _says(error, "chat not found"):
        return _unknown_chat(error, now, failures)
    if _says(error, *_NO_CHAT):
        return _gone(error)
    return Refused(_reason(error), gone=cannot_be_edited(error))


def _not_allowed(error: TelegramError, now: datetime) -> Verdict:
    return NotAllowed(_reason(error), now + RETRY)


def _unknown_chat(error: TelegramError, now: datetime, failures: int) -> Verdict:
    if failures < UNKNOWN_CHAT_TRIES:
        return RetryAt(now + backoff(failures))
    return ChatGone(_reason(error), now + RETRY)


def _thread(error: TelegramError, now: datetime, failures: int) -> Verdict:
    if _says(error, *_THREAD_CLOSED):
        return ThreadClosed(_reason(error), now + max(backoff(failures), THREAD_SHORTEST))
    return ThreadGone(_reason(error))


def _not_found(error: TelegramError) -> Verdict:
    # 404 is a malformed token, or a method that an older server does not have.
    if isinstance(error, EndPointNotFound) or _says(error, "method not found"):
        return Refused(_reason(error))
    return TokenRevoked()


def _other(error: TelegramError, now: datetime, failures: int) -> Verdict:
    # Status 200 with a broken body: the message was taken.
    if _says(error, "invalid server response"):
        return Unknown(now + backoff(failures))
    return RetryAt(now + backoff(failures))


def _says(error: TelegramError, *fragments: str) -> bool:
    text = error.message.lower()
    return any(fragment in text for fragment in fragments)


def _reason(error: TelegramError) -> str:
    return error.message[:REASON_LENGTH]
