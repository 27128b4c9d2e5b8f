"""Command menus: which list is set for whom, and which one a person sees (Bot API, BotCommandScope)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.sandbox.access import find_chat, listed
from bot.sandbox.arguments import Arguments, bad_request

if TYPE_CHECKING:
    from bot.sandbox.chats import Chat
    from bot.sandbox.people import Person
    from bot.sandbox.world import World

Json = dict[str, Any]

MOST_COMMANDS = 100
WHOLE = frozenset({"default", "all_private_chats", "all_group_chats", "all_chat_administrators"})
OF_CHAT = frozenset({"chat", "chat_administrators", "chat_member"})

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}|")


async def set_my_commands(world: World, arguments: Arguments) -> bool:
    commands = arguments.json("commands", "can't parse commands JSON array")
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    world.commands[_scope(world, arguments)] = [_command(command) for command in commands]
    return True


async def get_my_commands(world: World, arguments: Arguments) -> list[Json]:
    """Give the list set for exactly this scope and language."""
    return world.commands.get(_scope(world, arguments), [])


async def delete_my_commands(world: World, arguments: Arguments) -> bool:
    world.commands.pop(_scope(world, arguments), None)
    return True


def menu(world: World, person: Person | None = None, chat: Chat | None = None) -> list[Json]:
    """Give the commands a person sees in a chat: the nearest scope that has some, their language before none."""
    languages = ["" if person is None else person.language_code, ""]
    lists = (world.commands.get((scope, language)) for scope in _scopes(person, chat) for language in languages)
    return next((commands for commands in lists if commands), [])


def _scopes(person: Person | None, chat: Chat | None) -> list[str]:
    if person is None:
        return ["default"]
    if chat is None or chat.kind == "private":
        return [f"chat {person.id}", "all_private_chats", "default"]
    if chat.kind == "channel":
        return []
    admin = chat.member(person.id).admin
    of_admins = (f"chat_administrators {chat.id}", "all_chat_administrators")
    scopes = [f"chat_member {chat.id} {person.id}", of_admins[0], f"chat {chat.id}", of_admins[1]]
    return [*(scope for scope in scopes if admin or scope not in of_admins), "all_group_chats", "default"]


def language_of(arguments: Arguments) -> str:
    """Read `language_code`: two letters or none. Raises Refusal."""
    language = arguments.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return language


def _scope(world: World, arguments: Arguments) -> tuple[str, str]:
    language = language_of(arguments)
    scope = arguments.json("scope", "can't parse BotCommandScope JSON object")
    if scope is None:
        return "default", language
    kind = scope.get("type") if isinstance(scope, dict) else None
    if not isinstance(kind, str):
        raise bad_request("can't parse BotCommandScope: Can't find field \"type\"")
    if kind in WHOLE:
        return kind, language
    if kind not in OF_CHAT:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    chat = listed(world, find_chat(world, Arguments.of(scope)))
    if chat.kind == "channel":
        raise bad_request("can't change commands in channel chats")
    if chat.kind == "private" and kind != "chat":
        raise bad_request("can't use specified scope in private chats")
    return f"{kind} {chat.id}{_whom(world, kind, scope)}", language


def _whom(world: World, kind: str, scope: Json) -> str:
    if kind != "chat_member":
        return ""
    user = Arguments.of(scope).integer("user_id")
    if user not in world.people:
        raise bad_request("user not found")
    return f" {user}"


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


MENU_METHODS = {
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
}
