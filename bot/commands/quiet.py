"""/quiet: hours of the day in which nothing comes, or no sound is made."""

from dataclasses import replace

from bot.commands.choosing import chosen, clock_of, whole
from bot.commands.desk import Ask, Command, Desk
from bot.commands.times import is_off, is_silent, quiet_of
from bot.render import timing, words
from bot.render.message import Message
from storage import Quiet


async def handle(ask: Ask, desk: Desk) -> Message:
    """Let the chat have these quiet hours; without words, show them."""
    clock = await clock_of(ask, desk)
    if not ask.text:
        return whole(timing.quiet(clock), ask)
    if is_off(ask.text):
        return await choose(ask, desk, None)
    hours = clock.settings.quiet
    wanted = replace(hours, silent=True) if hours and is_silent(ask.text) else quiet_of(ask.text)
    if wanted is None:
        return timing.expected(words.QUIET_EXPECTED, words.QUIET_EXAMPLES)
    return await choose(ask, desk, wanted)


async def choose(ask: Ask, desk: Desk, quiet: Quiet | None) -> Message:
    """Let the chat have these, and show them."""
    return whole(timing.quiet(await chosen(ask, desk, quiet=quiet)), ask)


COMMAND = Command(
    "quiet", "Hours without news, or without a sound", "/quiet [23-7]", handle, of_chats=True, changes=True
)
