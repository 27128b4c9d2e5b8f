"""/start: the first thing anybody says to a bot, and what a link into it says for them."""

import re

from bot.commands.article import opened
from bot.commands.desk import Ask, Command, Desk
from bot.commands.search import results
from bot.render import guidance
from bot.render.message import Message
from storage import EVERYTHING, NotFound

_PAYLOAD = re.compile(r"([qa])_(\d{1,18})", re.ASCII)


async def handle(ask: Ask, desk: Desk) -> Message:
    """The welcome, or what the link's payload names: `q_12` a query's results, `a_12` an article."""
    # Whoever starts a bot again has let it back in.
    await desk.store.mailboxes.resume(ask.place.bot, ask.place.chat, now=ask.now)
    payload = _PAYLOAD.fullmatch(ask.text)
    if payload is not None:
        try:
            return await _named(ask, desk, payload[1], int(payload[2]))
        except NotFound:
            pass  # a link to what is gone still leads to us
    return guidance.welcome(await desk.store.queries.keep(EVERYTHING))


async def _named(ask: Ask, desk: Desk, kind: str, number: int) -> Message:
    if kind == "a":
        return await opened(desk, number)
    return await results(desk, await desk.store.queries.get(number), now=ask.now)


COMMAND = Command("start", "What this bot is for", "/start", handle)
