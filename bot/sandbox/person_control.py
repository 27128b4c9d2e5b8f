"""What one person does beyond writing: opens a deep link, types an inline query; and the world's clock."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.sandbox.inline import ask, choose

if TYPE_CHECKING:
    from bot.sandbox.people import Person
    from bot.sandbox.world import World

Json = dict[str, Any]

_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")


def start(world: World, body: Json) -> Json:
    """Open a deep link. Raises ValueError for a payload that Telegram's apps would not pass on."""
    payload = str(body.get("payload", ""))
    if not _PAYLOAD.fullmatch(payload):
        raise ValueError("a payload is 1 to 64 of A-Z, a-z, 0-9, _ and -")
    return world.say(_person(world, body), f"/start {payload}".rstrip())


def ask_inline(world: World, body: Json) -> Json:
    return ask(world, _person(world, body), str(body["query"]), str(body.get("offset", "")))


def choose_inline(world: World, body: Json) -> Json:
    return choose(world, _person(world, body), str(body["id"]), str(body["result_id"]))


def set_clock(world: World, body: Json) -> Json:
    """Put the clock ahead. Raises ValueError for a step back."""
    ahead = float(body["ahead"])
    if ahead < world.clock.ahead:
        raise ValueError("the clock does not run backwards")
    world.clock.ahead = ahead
    return {}


def _person(world: World, body: Json) -> Person:
    person = world.people.get(int(body["person"]))
    if person is None:
        raise ValueError(f"there is no person {body['person']}")
    return person


PERSON_ACTIONS = {"start": start, "inline": ask_inline, "inline/choose": choose_inline, "clock": set_clock}
