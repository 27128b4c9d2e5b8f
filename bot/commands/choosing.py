"""What a chat has chosen, read and changed: what the commands about when and how news comes have in common."""

from dataclasses import replace
from typing import Any

from bot.commands.desk import Ask, Desk
from bot.render import words
from bot.render.clock import ChatClock
from bot.render.message import Message
from bot.render.timing import for_all_topics


async def clock_of(ask: Ask, desk: Desk) -> ChatClock:
    """What the chat has chosen, and the time there."""
    settings = await desk.store.chats.settings(ask.place.bot, ask.place.chat)
    return ChatClock.of(settings, desk.zone, ask.now)


async def chosen(ask: Ask, desk: Desk, **changes: Any) -> ChatClock:
    """Let the chat have these settings, the others as they are."""
    bot, chat = ask.place.bot, ask.place.chat
    settings = await desk.store.chats.settings(bot, chat)
    wanted = replace(settings, **changes)
    if wanted != settings:
        await desk.store.chats.change_settings(bot, chat, wanted, now=ask.now)
    return ChatClock.of(wanted, desk.zone, ask.now)


def whole(said: Message, ask: Ask, what: str = words.WHOLE_CHAT) -> Message:
    """The message; in a topic it says that it, or `what` of it, is about all of them."""
    return for_all_topics(said, what) if ask.place.thread else said
