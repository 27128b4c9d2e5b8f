"""/latest: the newest there is, of everything or of a query."""

from bot.commands.desk import Ask, Command, Desk, parsed
from bot.commands.search import results
from bot.render.message import Message
from storage import EVERYTHING


async def handle(ask: Ask, desk: Desk) -> Message:
    """The newest articles."""
    query = await parsed(ask.text) if ask.text else EVERYTHING
    return await results(ask, desk, query)


COMMAND = Command("latest", "The newest headlines", "/latest [query]", handle)
