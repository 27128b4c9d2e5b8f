"""/latest: the newest there is, of everything or of a query."""

from bot.commands.desk import Ask, Command, Desk, parsed
from bot.commands.search import results
from bot.render.message import Message
from storage import EVERYTHING, Question


async def handle(ask: Ask, desk: Desk) -> Message:
    """The newest articles: another order is refused."""
    query = await parsed(ask.text) if ask.text else EVERYTHING
    query.check_dates(ask.now)
    return await results(ask, desk, Question(query))


COMMAND = Command("latest", "The newest headlines", "/latest [query]", handle)
