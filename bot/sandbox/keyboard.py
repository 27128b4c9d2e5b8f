"""Inline keyboards: what Telegram takes, what it cuts, what it refuses (Bot API, InlineKeyboardMarkup)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bot.sandbox.arguments import Arguments, bad_request
from bot.sandbox.urls import LinkError, checked_link

if TYPE_CHECKING:
    from bot.sandbox.chats import Chat

Json = dict[str, Any]

MOST_IN_ROW = 12  # more are cut silently, as are more than MOST
MOST = 300
DATA_BYTES = 64
COPY_CHARACTERS = 256
MARKUP_BYTES = 10_240
STYLES = frozenset({"primary", "success", "danger"})

SWITCHES = ("switch_inline_query", "switch_inline_query_current_chat")
OTHER_MARKUPS = frozenset({"keyboard", "remove_keyboard", "force_reply"})
PRIVATE_ONLY = {
    "request_contact": "phone number",
    "request_location": "location",
    "request_poll": "poll",
    "request_users": "users",
    "request_chat": "chats",
}
_CANNOT = "can't parse inline keyboard button: "


def read_keyboard(arguments: Arguments) -> Json | None:
    """Read `reply_markup`; None for no inline keyboard (other kinds are accepted and shown nowhere). Raises Refusal."""
    markup = arguments.json("reply_markup", "can't parse reply keyboard markup JSON object")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        return None
    rows = [_row(row) for row in _list(markup["inline_keyboard"], 'field "inline_keyboard" must be of type Array')]
    rows = [row for row in _cut(rows) if row]
    if len(json.dumps(rows, ensure_ascii=False).encode()) > MARKUP_BYTES:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": rows} if rows else None


def check_keyboard(chat: Chat, arguments: Arguments) -> None:
    """Check what depends on the chat: some buttons are for private chats, some not for channels. Raises Refusal."""
    markup = arguments.json("reply_markup", "can't parse reply keyboard markup JSON object")
    if not markup or chat.kind == "private":
        return
    if "inline_keyboard" not in markup:
        _check_reply_keyboard(chat, markup)
        return
    buttons = [button for row in markup["inline_keyboard"] for button in row]
    for button in buttons:
        if "web_app" in button:
            raise bad_request("BUTTON_TYPE_INVALID")
        switch = next((name for name in SWITCHES if name in button), None)
        if switch is not None and chat.kind == "channel":
            raise bad_request(
                f"can't use {switch} button in a channel chat, because users will not be able to use the button without"
                " knowing bot's username"
            )


def _check_reply_keyboard(chat: Chat, markup: Json) -> None:
    if chat.kind == "channel" and OTHER_MARKUPS & markup.keys():
        raise bad_request("inline keyboard expected")
    buttons = [button for row in markup.get("keyboard", []) for button in row if isinstance(button, dict)]
    for name, what in PRIVATE_ONLY.items():
        if any(button.get(name) for button in buttons):
            raise bad_request(f"{what} can be requested in private chats only")


def _list(value: Any, error: str) -> list[Any]:
    if not isinstance(value, list):
        raise bad_request(error)
    return value


def _row(row: Any) -> list[Json]:
    buttons = _list(row, "can't parse inline keyboard: expected an Array of buttons")
    return [_button(button) for button in buttons[:MOST_IN_ROW]]


def _cut(rows: list[list[Json]]) -> list[list[Json]]:
    left = MOST
    kept = []
    for row in rows:
        kept.append(row[:left])
        left -= len(kept[-1])
    return kept


def _button(button: Any) -> Json:
    if not isinstance(button, dict):
        raise bad_request(_CANNOT + "expected an Object")
    if not isinstance(button.get("text"), str):
        raise bad_request(_CANNOT + 'can\'t find field "text"')
    style = button.get("style")
    if style is not None and style not in STYLES:
        raise bad_request(_CANNOT + "invalid button style specified")
    look = {"text": button["text"]} if style is None else {"text": button["text"], "style": style}
    for field, read in _ACTIONS.items():
        if field in button:
            return {**look, field: read(button[field])}
    raise bad_request(_CANNOT + "Text buttons are unallowed in the inline keyboard")


def _data(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value.encode()) <= DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    return value


def _url(value: Any) -> str:
    try:
        return checked_link(str(value))
    except LinkError as error:
        raise bad_request(f"inline keyboard button URL '{value}' is invalid: {error}") from None


def _copy(value: Any) -> Json:
    text = value.get("text") if isinstance(value, dict) else None
    if not isinstance(text, str) or not 0 < len(text) <= COPY_CHARACTERS:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return {"text": text}


def _as_it_is(value: Any) -> Any:
    return value


_ACTIONS = {
    "callback_data": _data,
    "url": _url,
    "copy_text": _copy,
    "switch_inline_query": _as_it_is,
    "switch_inline_query_current_chat": _as_it_is,
    "switch_inline_query_chosen_chat": _as_it_is,
    "web_app": _as_it_is,
    "login_url": _as_it_is,
    "pay": _as_it_is,
}
