"""/help: every command and the query language, on one page."""

from collections.abc import Mapping, Sequence

from bot.commands.desk import Ask, Command, Desk
from bot.render.guidance import help_page
from bot.render.message import Message


def command(others: Mapping[str, Sequence[Command]]) -> Command:
    """The command that explains these others, each under its heading."""

    async def handle(_ask: Ask, _desk: Desk) -> Message:
        return help_page(
            {heading: [(one.usage, one.description) for one in commands] for heading, commands in others.items()}
        )

    return Command("help", "All I can do, and how to ask", "/help", handle)
