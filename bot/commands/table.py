"""The one table of commands. The menu, /help and the handlers all come from it."""

import difflib

from bot.commands import (
    article,
    digest,
    latest,
    mute,
    pictures,
    quiet,
    search,
    sources,
    start,
    stats,
    subscribe,
    subscriptions,
    timezone,
    unsubscribe,
    urgent,
)
from bot.commands import help as help_
from bot.commands.desk import Command
from bot.render import words

_EXPLAINED = {
    words.ASK: (latest.COMMAND, search.COMMAND, article.COMMAND),
    words.FOLLOW_THEM: (subscribe.COMMAND, sources.COMMAND, subscriptions.COMMAND, unsubscribe.COMMAND),
    words.WHEN_AND_HOW: (
        digest.COMMAND,
        quiet.COMMAND,
        mute.COMMAND,
        mute.UNMUTE,
        timezone.COMMAND,
        pictures.COMMAND,
        urgent.COMMAND,
    ),
}
COMMANDS: tuple[Command, ...] = (
    *(command for commands in _EXPLAINED.values() for command in commands),
    help_.command(_EXPLAINED),
    start.COMMAND,
)
OF_ADMINS: tuple[Command, ...] = (stats.COMMAND,)
"""In no menu, and unknown to all but the people who run the bot."""


def find(name: str) -> Command | None:
    """The command with this name or alias, in small or capital letters."""
    wanted = name.lower()
    return next((one for one in (*COMMANDS, *OF_ADMINS) if wanted == one.name or wanted in one.aliases), None)


def nearest(name: str) -> str:
    """The name that was probably meant; empty: none is like it."""
    return next(iter(difflib.get_close_matches(name.lower(), [one.name for one in COMMANDS], n=1)), "")
