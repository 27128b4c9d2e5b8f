"""Channels, managed from somebody's private chat: by name, or by choosing one where this person let the bot in."""

import asyncio
import re
from dataclasses import replace

from bot.commands.desk import Ask, Desk, Hindrance
from bot.render import words
from bot.render.buttons import CHANNELS_SHOWN
from storage import Chat, ChatKind, Place

_NAMED = re.compile(r"@(\w{4,32})(?:\s+(.*))?", re.ASCII | re.DOTALL)

REFUSALS = {
    Hindrance.NOT_ADMIN: words.ADMINS_OF_CHANNEL_ONLY,
    Hindrance.CANNOT_POST: words.CANNOT_POST,
    Hindrance.NOT_TOLD: words.CANNOT_TELL,
}


class RefusedError(Exception):
    """This person may not do that there; the message says why, in words for them."""


async def of_speaker(ask: Ask, desk: Desk) -> list[Chat]:
    """The channels that whoever asks in private may choose from."""
    if not ask.private or ask.about:
        return []
    chats = await desk.store.chats.set_up_by(ask.place.bot, ask.speaker)
    return [chat for chat in chats if chat.kind is ChatKind.CHANNEL]


async def shown_to_speaker(ask: Ask, desk: Desk) -> list[Chat]:
    """Those of them whose names may be shown: who runs a channel no more learns nothing of it."""
    chats = (await of_speaker(ask, desk))[:CHANNELS_SHOWN]
    found = await asyncio.gather(*(desk.rights.hindrance(chat, ask.speaker) for chat in chats))
    return [chat for chat, hindrance in zip(chats, found, strict=True) if hindrance is not Hindrance.NOT_ADMIN]


async def named(ask: Ask, desk: Desk) -> Ask:
    """The question, about the channel that its text begins with. Raises RefusedError."""
    parts = _NAMED.fullmatch(ask.text)
    if parts is None:
        return ask
    if not ask.private:
        raise RefusedError(words.CHANNELS_IN_PRIVATE)
    chat = await desk.rights.find(parts[1])
    if chat is None:
        raise RefusedError(words.no_such_chat(parts[1]))
    if isinstance(chat, Hindrance):
        raise RefusedError(REFUSALS[chat])
    if chat.kind is not ChatKind.CHANNEL:
        raise RefusedError(words.NO_CHANNEL_BUT_GROUP)
    ask = await _about(replace(ask, text=parts[2] or ""), chat, desk)
    await desk.store.chats.put(chat)  # the answer's buttons name it by its id alone
    return ask


async def chosen(ask: Ask, target: int, desk: Desk) -> Ask:
    """The press, about the channel that its button names. Raises RefusedError."""
    chat = await desk.store.chats.get(ask.place.bot, target)
    if chat is None or chat.kind is not ChatKind.CHANNEL or not ask.private:
        raise RefusedError(words.TOO_OLD)
    return await _about(ask, chat, desk)


async def _about(ask: Ask, chat: Chat, desk: Desk) -> Ask:
    if hindrance := await desk.rights.hindrance(chat, ask.speaker):
        raise RefusedError(REFUSALS[hindrance])
    return replace(ask, place=Place(chat.bot, chat.id), about=chat)
