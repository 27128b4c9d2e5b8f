"""The methods of the Bot API, with Telegram's rules and Telegram's words.

Each method takes the bot's world and the arguments and gives the `result`; a "no" is a Refusal. The order of the checks
is the official server's: arguments, then the chat, then the right to write there, then the text.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox.arguments import Arguments, Refusal, bad_request
from bot.sandbox.keyboard import read_keyboard
from bot.sandbox.texts import check_length, read_preview, read_text
from bot.sandbox.updates import LONGEST_ANSWER, Conflict
from bot.sandbox.world import Chat, World

Json = dict[str, Any]
Method = Callable[[World, Arguments], Awaitable[Any]]

LONGEST_POLL = 50
ANSWER_CHARACTERS = 200
MOST_COMMANDS = 100
DESCRIPTION_CHARACTERS = {"description": 512, "short_description": 120}
ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}|")
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content"
    " and reply markup of the message"
)
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


async def get_me(world: World, _: Arguments) -> Json:
    settings = world.settings
    return {
        **world.bot(),
        "can_join_groups": settings.can_join_groups,
        "can_read_all_group_messages": settings.can_read_all_group_messages,
        "supports_inline_queries": settings.supports_inline_queries,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
    }


async def get_updates(world: World, arguments: Arguments) -> list[Json]:
    allowed = arguments.json("allowed_updates", "can't parse allowed_updates JSON array")
    if isinstance(allowed, list):
        world.updates.allow([str(kind) for kind in allowed])
    limit = min(max(arguments.integer("limit", LONGEST_ANSWER), 1), LONGEST_ANSWER)
    timeout = min(max(arguments.integer("timeout"), 0), LONGEST_POLL)
    try:
        return await world.updates.poll(arguments.integer("offset"), limit, timeout)
    except Conflict:
        raise Refusal(
            409,
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        ) from None


async def send_message(world: World, arguments: Arguments) -> Json:
    keyboard = read_keyboard(arguments)
    preview = read_preview(arguments)
    written = read_text(arguments, world.settings)
    chat = _writable(_chat(world, arguments))
    reply = _replied(chat, arguments)
    check_length(written, "message is too long")
    markup = {"reply_markup": keyboard} if keyboard else {}
    silent = arguments.flag("disable_notification")
    message = world.send(chat, written, silent=silent, **preview, **reply, **markup)
    world.assassin.sent()
    return message


async def edit_message_text(world: World, arguments: Arguments) -> Json:
    keyboard = read_keyboard(arguments)
    preview = read_preview(arguments)
    written = read_text(arguments, world.settings)
    chat, old = _own_message(world, arguments)
    check_length(written, "MESSAGE_TOO_LONG")
    before = (old["text"], old.get("entities", []), old.get("reply_markup"), old.get("link_preview_options"))
    if before == (written.text, written.entities, keyboard, preview.get("link_preview_options")):
        raise bad_request(_NOT_MODIFIED)
    message = world.change(chat, old, written, keyboard, **preview)
    world.journal.add("edited", chat.id, message=message)
    return message


async def edit_message_reply_markup(world: World, arguments: Arguments) -> Json:
    keyboard = read_keyboard(arguments)
    chat, old = _own_message(world, arguments)
    if old.get("reply_markup") == keyboard:
        raise bad_request(_NOT_MODIFIED)
    kept = {name: value for name, value in old.items() if name != "reply_markup"}
    message = {**kept, "edit_date": int(time.time()), **({"reply_markup": keyboard} if keyboard else {})}
    chat.messages[message["message_id"]] = message
    world.journal.add("edited", chat.id, message=message)
    return message


async def delete_message(world: World, arguments: Arguments) -> bool:
    chat = _chat(world, arguments)
    message_id = arguments.integer("message_id")
    if message_id not in chat.messages:
        raise bad_request("message to delete not found")
    world.delete(chat, message_id)
    return True


async def answer_callback_query(world: World, arguments: Arguments) -> bool:
    query = world.queries.get(arguments.text("callback_query_id"))
    if query is None or query.ends < time.monotonic():
        raise bad_request(_TOO_OLD)
    text = arguments.text("text")
    if len(text) > ANSWER_CHARACTERS:
        raise bad_request("MESSAGE_TOO_LONG")
    world.journal.add(
        "answered",
        query.chat,
        callback_query_id=query.id,
        message_id=query.message_id,
        text=text,
        show_alert=arguments.flag("show_alert"),
        url=arguments.text("url"),
    )
    return True


async def set_my_commands(world: World, arguments: Arguments) -> bool:
    commands = arguments.json("commands", "can't parse commands JSON array")
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    world.commands[_scope(world, arguments)] = [_command(command) for command in commands]
    return True


async def get_my_commands(world: World, arguments: Arguments) -> list[Json]:
    return world.commands.get(_scope(world, arguments), [])


async def delete_my_commands(world: World, arguments: Arguments) -> bool:
    world.commands.pop(_scope(world, arguments), None)
    return True


async def set_my_description(world: World, arguments: Arguments) -> bool:
    return _describe(world, arguments, "description")


async def set_my_short_description(world: World, arguments: Arguments) -> bool:
    return _describe(world, arguments, "short_description")


async def delete_webhook(world: World, arguments: Arguments) -> bool:
    if arguments.flag("drop_pending_updates"):
        world.updates.clear()
    return True


async def get_webhook_info(world: World, _: Arguments) -> Json:
    info: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": len(world.updates)}
    allowed = world.updates.allowed
    return info if allowed is None else {**info, "allowed_updates": allowed}


async def send_chat_action(world: World, arguments: Arguments) -> bool:
    if arguments.text("action").lower() not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    _writable(_chat(world, arguments))
    return True


async def get_chat(world: World, arguments: Arguments) -> Json:
    return {**_chat(world, arguments).as_json(), **_FULL_INFO}


# What ChatFullInfo always carries, and the sandbox gives no meaning to.
_FULL_INFO: Json = {
    "can_send_gift": True,
    "active_usernames": [],
    "max_reaction_count": 11,
    "accent_color_id": 0,
    "accepted_gift_types": {
        "unlimited_gifts": True,
        "limited_gifts": True,
        "unique_gifts": True,
        "premium_subscription": True,
        "gifts_from_channels": True,
    },
}


def _chat(world: World, arguments: Arguments) -> Chat:
    if not arguments.text("chat_id"):
        raise bad_request("chat_id is empty")
    chat = world.chats.get(arguments.integer("chat_id"))
    if chat is None:
        raise bad_request("chat not found")
    return chat


def _writable(chat: Chat) -> Chat:
    if chat.person.deactivated:
        raise Refusal(403, "Forbidden: user is deactivated")
    if chat.person.blocked:
        raise Refusal(403, "Forbidden: bot was blocked by the user")
    if not chat.person.started:
        raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
    return chat


def _replied(chat: Chat, arguments: Arguments) -> Json:
    """Give the message's field `reply_to_message`; what a reply answered itself is not repeated in it."""
    parameters = arguments.json("reply_parameters", "can't parse reply parameters JSON object")
    if not isinstance(parameters, dict):
        return {}
    message = chat.messages.get(int(parameters.get("message_id") or 0))
    if message is None:
        if parameters.get("allow_sending_without_reply"):
            return {}
        raise bad_request("message to be replied not found")
    return {"reply_to_message": {name: value for name, value in message.items() if name != "reply_to_message"}}


def _own_message(world: World, arguments: Arguments) -> tuple[Chat, Json]:
    if arguments.text("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = _chat(world, arguments)
    message = chat.messages.get(arguments.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if not message["from"]["is_bot"]:
        raise bad_request("message can't be edited")
    return chat, message


def _scope(world: World, arguments: Arguments) -> tuple[str, str]:
    language = arguments.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    scope = arguments.json("scope", "can't parse BotCommandScope JSON object") or {"type": "default"}
    kind = scope.get("type") if isinstance(scope, dict) else None
    if not isinstance(kind, str):
        raise bad_request("can't parse BotCommandScope: can't find field \"type\"")
    if not kind.startswith("chat"):
        return kind, language
    chat_id = scope.get("chat_id")
    if chat_id not in world.chats:
        raise bad_request("chat not found")
    return f"{kind} {chat_id}", language


def _command(command: Any) -> Json:
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name = str(command.get("command", "")).strip().removeprefix("/").strip()
    description = str(command.get("description", "")).strip()
    if not _COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def _describe(world: World, arguments: Arguments, name: str) -> bool:
    text = arguments.text(name)
    if len(text) > DESCRIPTION_CHARACTERS[name]:
        raise bad_request(f"bot {name.replace('_', ' ')} is too long")
    world.descriptions[(name, arguments.text("language_code"))] = text
    return True


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "sendMessage": send_message,
    "editMessageText": edit_message_text,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "answerCallbackQuery": answer_callback_query,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyDescription": set_my_description,
    "setMyShortDescription": set_my_short_description,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "sendChatAction": send_chat_action,
    "getChat": get_chat,
}

_NAMES = {name.lower(): name for name in METHODS}


def method_name(written: str) -> str:
    """Give a method's own name; the official server reads names without regard to case. An unknown one stays."""
    return _NAMES.get(written.lower(), written)
