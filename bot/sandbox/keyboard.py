"""Keyboards: what the Bot API server reads, what Telegram makes of it, what it refuses (Bot API, InlineKeyboardMarkup).

They are looked at three times, each with its own refusals: `read_keyboard` by the Bot API server, before it looks for
the chat; `settled_keyboard` for the chat it is to stand in; `check_buttons` by Telegram itself, last of all.
"""

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

SWITCHES = {
    "switch_inline_query": "switch_inline_query",
    "switch_inline_query_chosen_chat": "switch_inline_query",
    "switch_inline_query_current_chat": "switch_inline_query_current_chat",
}
# What a button does: the first of these that is there counts, and of the first two an empty one is none.
ACTIONS = ("url", "callback_data", "copy_text", "callback_game", "pay", *SWITCHES, "login_url", "web_app")
PRIVATE_ONLY = {
    "request_contact": "phone number can be requested",
    "request_location": "location can be requested",
    "request_poll": "poll can be requested",
    "request_users": "users can be requested",
    "request_chat": "chats can be requested",
    "web_app": "web App buttons can be used",
}
_CANNOT = "can't parse inline keyboard button: "


def read_keyboard(arguments: Arguments) -> Json | None:
    """Read `reply_markup`: an inline keyboard, another kind of markup, None for none. Raises Refusal."""
    markup = arguments.json("reply_markup", "can't parse reply keyboard markup JSON object")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if _rows(markup, "keyboard", 'field "keyboard" must be an Array of Arrays'):
        return {"keyboard": markup["keyboard"]}
    of_rows = 'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
    if rows := _rows(markup, "inline_keyboard", of_rows):
        return {"inline_keyboard": [[_button(button) for button in row] for row in rows]}
    other = next((name for name in ("remove_keyboard", "force_reply") if markup.get(name)), None)
    return {other: True} if other else None


def settled_keyboard(chat: Chat, markup: Json | None, *, edit: bool = False) -> Json | None:
    """Give the inline keyboard as it will stand in this chat; other kinds are shown nowhere. Raises Refusal."""
    if markup is None:
        return None
    if "inline_keyboard" in markup:
        return settled(markup, in_channel=chat.kind == "channel")
    if edit or chat.kind == "channel":
        raise bad_request("inline keyboard expected")
    if chat.kind != "private":
        _check_requests(markup)
    return None


def settled(markup: Json, *, in_channel: bool = False) -> Json | None:
    """Give an inline keyboard without what is too much, its links written in Telegram's way. Raises Refusal."""
    rows = [[_settled(button, in_channel=in_channel) for button in row] for row in _cut(markup["inline_keyboard"])]
    return {"inline_keyboard": rows} if rows else None


def check_buttons(chat: Chat | None, keyboard: Json | None) -> None:
    """Check what only Telegram itself looks at. Raises Refusal."""
    if keyboard is None:
        return
    for button in (button for row in keyboard["inline_keyboard"] for button in row):
        if "web_app" in button and chat is not None and chat.kind != "private":
            raise bad_request("BUTTON_TYPE_INVALID")
        if len(button.get("callback_data", "").encode()) > DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
        if "copy_text" in button and not 0 < len(button["copy_text"]["text"]) <= COPY_CHARACTERS:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
    if len(json.dumps(keyboard["inline_keyboard"], ensure_ascii=False).encode()) > MARKUP_BYTES:
        raise bad_request("reply markup is too long")


def _rows(markup: Json, name: str, error: str) -> list[list[Any]]:
    rows = markup.get(name, [])
    if not isinstance(rows, list):
        raise bad_request(f'field "{name}" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request(error)
    return rows


def _button(button: Any) -> Json:
    if not isinstance(button, dict):
        raise bad_request(_CANNOT + "InlineKeyboardButton must be an Object")
    look = {"text": _text(button, "text")}
    if (style := button.get("style")) is not None:
        if style not in STYLES:
            raise bad_request(_CANNOT + "invalid button style specified")
        look["style"] = style
    action = next((name for name in ACTIONS if button.get(name) or (name in button and name not in ACTIONS[:2])), None)
    if action is None:
        raise bad_request(_CANNOT + "Text buttons are unallowed in the inline keyboard")
    return {**look, action: _read(button, action)}


def _read(button: Json, action: str) -> Any:
    if action == "copy_text":
        copied = button[action]
        if not isinstance(copied, dict):
            raise bad_request(_CANNOT + f'Field "{action}" must be of type Object')
        return {"text": _text(copied, "text")}
    texts = {"url", "callback_data", "switch_inline_query", "switch_inline_query_current_chat"}
    return _text(button, action) if action in texts else button[action]


def _text(values: Json, name: str) -> str:
    """Read a text; a number will do. Raises Refusal."""
    if name not in values:
        raise bad_request(_CANNOT + f'Can\'t find field "{name}"')
    value = values[name]
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise bad_request(_CANNOT + f'Field "{name}" must be of type String')
    return str(value)


def _cut(rows: list[list[Json]]) -> list[list[Json]]:
    """Leave out buttons without a word on them, and those that are too many."""
    left = MOST
    kept = []
    for row in rows:
        shown = [button for button in row if button["text"]][: min(MOST_IN_ROW, left)]
        left -= len(shown)
        if shown:
            kept.append(shown)
    return kept


def _settled(button: Json, *, in_channel: bool) -> Json:
    switch = next((words for name, words in SWITCHES.items() if name in button), None)
    if switch is not None and in_channel:
        raise bad_request(
            f"can't use {switch} button in a channel chat, because users will not be able to use the button without"
            " knowing bot's username"
        )
    if "url" not in button:
        return button
    try:
        return {**button, "url": checked_link(button["url"])}
    except LinkError as error:
        raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid: {error}") from None


def _check_requests(markup: Json) -> None:
    buttons = [button for row in markup.get("keyboard", []) for button in row if isinstance(button, dict)]
    for name, what in PRIVATE_ONLY.items():
        if any(button.get(name) for button in buttons):
            raise bad_request(f"{what} in private chats only")
