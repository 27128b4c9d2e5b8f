"""What a bot says of itself in each language: its name, its descriptions (Bot API, setMyName, setMyDescription)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.arguments import Arguments, bad_request
from bot.sandbox.menus import language_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.sandbox.world import World

Json = dict[str, Any]

CHARACTERS = {"name": 64, "description": 512, "short_description": 120}


def _setter(what: str) -> Callable[[World, Arguments], Awaitable[bool]]:
    async def describe(world: World, arguments: Arguments) -> bool:
        """Telegram publishes the limits, and no words about them. Raises Refusal."""
        language, text = language_of(arguments), arguments.text(what)
        if len(text) > CHARACTERS[what]:
            raise bad_request(f"bot {what.replace('_', ' ')} is too long")
        world.descriptions[(what, language)] = text
        return True

    return describe


def _getter(what: str) -> Callable[[World, Arguments], Awaitable[Json]]:
    async def described(world: World, arguments: Arguments) -> Json:
        """Give what is set for exactly this language; the name without a language is never empty."""
        language = language_of(arguments)
        usual = world.settings.name if what == "name" and not language else ""
        return {what: world.descriptions.get((what, language)) or usual}

    return described


PROFILE_METHODS = {
    "setMyName": _setter("name"),
    "setMyDescription": _setter("description"),
    "setMyShortDescription": _setter("short_description"),
    "getMyName": _getter("name"),
    "getMyDescription": _getter("description"),
    "getMyShortDescription": _getter("short_description"),
}
