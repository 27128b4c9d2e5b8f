"""/start: the first thing anybody says to a bot, and what a link into it says for them."""

import re

from bot.commands import channels
from bot.commands.article import opened
from bot.commands.desk import Ask, Command, Desk
from bot.render import guidance
from bot.render.message import Message
from storage import EVERYTHING, NotFound

_ARTICLE = re.compile(r"a_(\d{1,18})", re.ASCII)


async def handle(ask: Ask, desk: Desk) -> Message:
    """The welcome, or the article that the link's payload names: `a_12`. What others search for is theirs alone."""
    if ask.private:
        # Whoever starts a bot again has let it back in.
        await desk.store.mailboxes.resume(ask.place.bot, ask.place.chat, now=ask.now)
    if article := _ARTICLE.fullmatch(ask.text):
        try:
            return await opened(ask, desk, int(article[1]))
        except NotFound:
            pass  # a link to what is gone still leads to us
    everything = await desk.store.queries.keep(EVERYTHING)
    if not ask.private:
        return guidance.group_welcome(everything)
    return guidance.welcome(everything, desk.username, await channels.of_speaker(ask, desk))


COMMAND = Command("start", "What this bot is for", "/start", handle)
