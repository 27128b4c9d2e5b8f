"""Our messages as arguments of the Bot API, and what to do when Telegram does not take their formatting."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, TypeVar

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, EndPointNotFound, TelegramError
from telegram.ext import ExtBot

from bot.render.message import Button, Message
from bot.transport.limiter import Turn
from bot.transport.verdicts import refuses_markup
from storage import Place

_log = logging.getLogger(__name__)
_Sent = TypeVar("_Sent")
# The library warns of its own names, and Telegram reads names without regard to case (Bot API, "Making requests").
_SEND_MESSAGE = "sendmessage"


@dataclass(slots=True)
class Capabilities:
    """What the Bot API server has turned out to know. One for each process, shared by all who send."""

    date_times: bool = True

    def learn(self, error: TelegramError) -> bool:
        """Whether the error shows what the server does not know: then the message, made anew, may pass.

        Without their tag (Bot API 9.5) date-times are plain words from now on; the log says so once.
        """
        # The library capitalises the server's words.
        if "tg-time" not in error.message.lower():
            return False
        if self.date_times:
            _log.warning("date-times are off: this Bot API server does not know them", extra={"error": str(error)})
        self.date_times = False
        return True


def to_arguments(message: Message, capabilities: Capabilities, *, plain: bool = False) -> dict[str, Any]:
    """The message for sendMessage and editMessageText: text, parse_mode, link_preview_options, reply_markup.

    One with a picture for sendPhoto: photo, caption, parse_mode, reply_markup.

    `plain`: without anything that Telegram could take offence at: no formatting, no links under buttons.
    """
    if plain:
        return _plain_arguments(message)
    return {
        **_said(message, message.text.html(capabilities.date_times)),
        "parse_mode": ParseMode.HTML,
        "reply_markup": _keyboard(message.buttons),
    }


def _plain_arguments(message: Message) -> dict[str, Any]:
    rows = tuple(tuple(button for button in row if button.url is None) for row in message.buttons)
    said = message.text.plain()
    if rows != message.buttons and message.without_links:
        said += f"\n\n{message.without_links}"
    return {
        **_said(message, said),
        "parse_mode": None,
        "reply_markup": _keyboard(tuple(row for row in rows if row)),
    }


def _said(message: Message, words: str) -> dict[str, Any]:
    if message.picture:
        return {"photo": message.picture, "caption": words}
    return {"text": words, "link_preview_options": _preview(message)}


def to_json_arguments(message: Message, capabilities: Capabilities, *, plain: bool = False) -> dict[str, str]:
    """The same as `to_arguments`, as the JSON that is sent."""
    return _json_arguments(message, capabilities.date_times, plain)


@lru_cache(maxsize=32)  # a push to many chats is the same message each time
def _json_arguments(message: Message, date_times: bool, plain: bool) -> dict[str, str]:  # noqa: FBT001  a key
    arguments = to_arguments(message, Capabilities(date_times), plain=plain)
    return {
        name: value if isinstance(value, str) else value.to_json()
        for name, value in arguments.items()
        if value is not None
    }


async def send_message(bot: ExtBot[Turn], place: Place, turn: Turn, seconds: float, **arguments: str) -> int:
    """Send what `to_json_arguments` made, answered within so many seconds; the message's id.

    The library's `send_message` makes an object of the answer, which is more than half of what sending costs.
    """
    called = {"chat_id": str(place.chat), **arguments}
    if place.thread:
        called["message_thread_id"] = str(place.thread)
    try:
        answer = await bot.do_api_request(_SEND_MESSAGE, called, read_timeout=seconds, rate_limit_args=turn)
    except EndPointNotFound as error:
        # Every server has this method: what is not found, or not allowed, is the token.
        raise error.__cause__ or error from None
    return int(answer["message_id"])


async def deliver(
    call: Callable[..., Awaitable[_Sent]],
    message: Message,
    capabilities: Capabilities,
    made: Callable[..., dict[str, Any]] = to_arguments,
) -> _Sent:
    """`call` with the message's arguments; if its formatting is refused, once more as plain text.

    `made`: `to_arguments`, or `to_json_arguments`. A server that does not know date-times is asked again without them.
    Raises what `call` raises.
    """
    try:
        return await _formatted(call, message, capabilities, made)
    except BadRequest as error:
        if not refuses_markup(error):
            raise
        _log.error(
            "sent as plain text: Telegram refused the formatting",
            extra={"error": str(error), "html": message.text.html(capabilities.date_times)},
        )
    return await call(**made(message, capabilities, plain=True))


async def tell(bot: Bot, chat: int, message: Message, capabilities: Capabilities) -> TelegramError | None:
    """Write to a chat that did not ask. Who never started the bot, or left it, is not reached: that is logged.

    Returns why it was not.
    """
    try:
        await deliver(partial(bot.send_message, chat_id=chat), message, capabilities)
    except TelegramError as error:
        _log.info("a chat was not told", extra={"chat": chat, "error": str(error)})
        return error
    return None


async def _formatted(
    call: Callable[..., Awaitable[_Sent]],
    message: Message,
    capabilities: Capabilities,
    made: Callable[..., dict[str, Any]],
) -> _Sent:
    try:
        return await call(**made(message, capabilities))
    except BadRequest as error:
        if not capabilities.learn(error):
            raise
    return await call(**made(message, capabilities))


def _preview(message: Message) -> LinkPreviewOptions:
    if not message.preview:
        return LinkPreviewOptions(is_disabled=True)
    if message.large:
        return LinkPreviewOptions(url=message.preview, prefer_large_media=True)
    return LinkPreviewOptions(url=message.preview, prefer_small_media=True)


def _keyboard(rows: tuple[tuple[Button, ...], ...]) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup([[_key(button) for button in row] for row in rows])


def _key(button: Button) -> InlineKeyboardButton:
    return InlineKeyboardButton(button.label, url=button.url, callback_data=button.data)
