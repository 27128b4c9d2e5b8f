"""/stats: how the bot is doing, for its admins alone."""

from datetime import UTC

from bot.commands.desk import Ask, Command, Desk
from bot.render.message import Message
from bot.render.numbers import stats_page


async def handle(ask: Ask, desk: Desk) -> Message:
    """What is counted, and what today's messages have cost."""
    stats = await desk.store.stats(ask.place.bot, now=ask.now)
    paid = await desk.store.payments.spent(ask.place.bot, ask.now.astimezone(UTC).date()) if desk.pays else None
    return stats_page(stats, paid)


COMMAND = Command("stats", "How I am doing", "/stats", handle, of_admins=True)
