"""/help: every command and the query language, on one page."""

from collections.abc import Sequence

from bot.commands.desk import Ask, Command, Desk
from bot.render.guidance import help_page
from bot.render.message import Message


def command(others: Sequence[Command]) -> Command:
    """The command that explains these others."""

    async def handle(_ask: Ask, _desk: Desk) -> Message:
        return help_page([(other.usage, other.description) for other in others])

    return Command("help", "All I can do, and how to ask", "/help", handle)
