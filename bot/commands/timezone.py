"""/timezone: by which clock the chat lives."""

import asyncio
from collections.abc import Sequence

from bot.commands import zones
from bot.commands.choosing import chosen, clock_of, whole
from bot.commands.desk import Ask, Command, Desk, Pressed
from bot.render import timing, words
from bot.render.message import Message


async def handle(ask: Ask, desk: Desk) -> Message:
    """Let the chat have this zone; without words, show it."""
    clock = await clock_of(ask, desk)
    if not ask.text:
        return whole(timing.timezone(clock), ask)
    # The first time it reads many files.
    found = await asyncio.to_thread(zones.named, ask.text, ask.now)
    match found:
        case [zone]:
            return await _choose(ask, desk, zone)
        case []:
            nearest = await asyncio.to_thread(zones.nearest, ask.text, ask.now)
            return timing.unknown_zone(ask.text, _numbered(nearest), clock)
        case _:
            return timing.several_zones(_numbered(found), clock)


async def pressed(ask: Ask, desk: Desk, number: int) -> Pressed:
    """Let the chat have the zone with this number."""
    zone = await asyncio.to_thread(zones.numbered, number)
    return Pressed(message=await _choose(ask, desk, zone)) if zone else Pressed(words.TOO_OLD)


async def _choose(ask: Ask, desk: Desk, zone: str) -> Message:
    return whole(timing.timezone(await chosen(ask, desk, zone=zone)), ask)


def _numbered(found: Sequence[str]) -> list[tuple[str, int]]:
    return [(zone, zones.number_of(zone)) for zone in found]


COMMAND = Command("timezone", "The time zone of this chat", "/timezone [city]", handle, of_chats=True, changes=True)
