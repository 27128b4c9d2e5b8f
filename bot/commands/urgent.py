"""/urgent: whether urgent news comes at once, whatever digests and quiet hours say."""

from bot.commands.choosing import chosen, clock_of, whole
from bot.commands.desk import Ask, Command, Desk
from bot.commands.times import is_off, is_on
from bot.render import timing, words
from bot.render.message import Message


async def handle(ask: Ask, desk: Desk) -> Message:
    """Let urgent news come at once, or not; without words, say how it comes."""
    if not ask.text:
        return whole(timing.urgent(at_once=(await clock_of(ask, desk)).settings.urgent), ask)
    if not (is_on(ask.text) or is_off(ask.text)):
        return timing.expected(words.URGENT_EXPECTED, words.URGENT_EXAMPLES)
    return await choose(ask, desk, at_once=is_on(ask.text))


async def choose(ask: Ask, desk: Desk, *, at_once: bool) -> Message:
    """Let it come in this way, and say so."""
    return whole(timing.urgent(at_once=(await chosen(ask, desk, urgent=at_once)).settings.urgent), ask)


COMMAND = Command(
    "urgent",
    "Urgent news at once, past digests and quiet hours",
    "/urgent [on]",
    handle,
    of_chats=True,
    changes=True,
)
