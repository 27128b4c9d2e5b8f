"""/mute and /unmute: let nothing come for a while."""

import re
from datetime import datetime, timedelta

from bot.commands.choosing import chosen, clock_of, whole
from bot.commands.desk import Ask, Command, Desk
from bot.commands.times import is_off, minute_of, plain, span_of
from bot.render import timing, words
from bot.render.clock import ChatClock
from bot.render.message import Message

_UNTIL = re.compile(r"(?:until|till|til) (.+)")
_LONGEST = timedelta(days=30)


async def handle(ask: Ask, desk: Desk) -> Message:
    """Let nothing come for so long; without words, show until when, or offer some times."""
    clock = await clock_of(ask, desk)
    if not ask.text:
        return whole(timing.mute(clock), ask)
    if is_off(ask.text):
        return await _unmute(ask, desk)
    span = _span(ask.text, clock)
    if span is None:
        return timing.expected(words.MUTE_EXPECTED, words.MUTE_EXAMPLES)
    if span > _LONGEST:
        return timing.expected(words.MUTE_TOO_LONG, words.MUTE_EXAMPLES)
    return await choose(ask, desk, span)


async def choose(ask: Ask, desk: Desk, span: timedelta) -> Message:
    """Let nothing come for so long; no time at all ends that."""
    return await _mute(ask, desk, ask.now + span) if span else await _unmute(ask, desk)


async def _mute(ask: Ask, desk: Desk, until: datetime) -> Message:
    return whole(timing.mute(await chosen(ask, desk, muted_until=until)), ask)


async def _unmute(ask: Ask, desk: Desk) -> Message:
    await chosen(ask, desk, muted_until=None)
    return whole(timing.unmuted(), ask)


def _span(said: str, clock: ChatClock) -> timedelta | None:
    until = _UNTIL.fullmatch(plain(said))
    if until is None:
        return span_of(said)
    minute = minute_of(until[1])
    return None if minute is None else clock.next_at(minute) - clock.now


COMMAND = Command("mute", "Let news wait for a while", "/mute [8h]", handle, of_chats=True, changes=True)
UNMUTE = Command("unmute", "Let news come again", "/unmute", _unmute, of_chats=True, changes=True)
