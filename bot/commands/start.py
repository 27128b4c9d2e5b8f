"""/start: the first thing anybody says to a bot, and what a link into it says for them."""

import re

from bot.commands import channels
from bot.commands.article import opened
from bot.commands.desk import Ask, Command, Desk
from bot.commands.more import counted
from bot.render import guidance, words
from bot.render.message import Message
from storage import EVERYTHING, NotFound

_ARTICLE = re.compile(r"a_(\d{1,18})", re.ASCII)
_MORE = re.compile(r"m_(\d{1,19})", re.ASCII)


async def handle(ask: Ask, desk: Desk) -> Message:
    """The welcome, or what the link's payload names: an article (`a_12`), or what a push counted (`m_12`).

    What others search for is theirs alone.
    """
    if ask.private:
        # Whoever starts a bot again has let it back in.
        await desk.store.mailboxes.resume(ask.place.bot, ask.place.chat, now=ask.now)
    if article := _ARTICLE.fullmatch(ask.text):
        try:
            return await opened(ask, desk, int(article[1]))
        except NotFound:
            pass  # a link to what is gone still leads to us
    if key := _MORE.fullmatch(ask.text):
        try:
            return await counted(ask, desk, int(key[1]))
        except NotFound:
            return guidance.sentence(words.MORE_GONE)
    everything = await desk.store.queries.keep(EVERYTHING)
    if not ask.private:
        return guidance.group_welcome(everything)
    return guidance.welcome(everything, desk.username, await channels.shown_to_speaker(ask, desk))


COMMAND = Command("start", "What this bot is for", "/start", handle)
