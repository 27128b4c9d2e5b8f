"""From a call or a press to what the bot says. What a person can do something about is an answer, not an error."""

import logging

from bot.commands.article import opened
from bot.commands.calls import Call
from bot.commands.desk import Ask, Desk, Pressed
from bot.commands.faults import fault
from bot.commands.search import results
from bot.commands.subscribe import follow
from bot.commands.subscriptions import listed
from bot.commands.table import nearest
from bot.commands.unsubscribe import ended
from bot.render import words
from bot.render.buttons import (
    Follow,
    OpenArticle,
    OpenPage,
    OpenSubscriptions,
    Press,
    Undo,
    Unfollow,
    decode,
)
from bot.render.guidance import sentence
from bot.render.message import Message
from storage import NotFound, QueryError, StoreUnavailable, TooMany

_log = logging.getLogger(__name__)
_GONE = {"article": words.GONE, "subscription": words.ENDED_ALREADY}


async def answer(call: Call, ask: Ask, desk: Desk) -> Message:
    """The answer to a call."""
    if call.command is None:
        return sentence(words.unknown_command(call.name, nearest(call.name)))
    try:
        return await call.command.handle(ask, desk)
    except QueryError as error:
        return await fault(error, desk)
    except NotFound as error:
        return sentence(words.no_article(error.id) if error.kind == "article" else words.GONE)
    except StoreUnavailable as error:
        _log.warning("no answer", extra={"chat": ask.place.chat, "command": call.name, "error": str(error)})
        return sentence(words.TRY_LATER)


async def press(ask: Ask, desk: Desk) -> Pressed:
    """What comes of the press whose data is `ask.text`."""
    pressed = decode(ask.text)
    if pressed is None:
        return Pressed(words.TOO_OLD)
    try:
        return await _do(pressed, ask, desk)
    except QueryError as error:
        return Pressed(message=await fault(error, desk, Follow), new=True)
    except NotFound as error:
        return Pressed(_GONE.get(error.kind, words.TOO_OLD))
    except StoreUnavailable as error:
        _log.warning("no answer", extra={"chat": ask.place.chat, "press": ask.text, "error": str(error)})
        return Pressed(words.TRY_LATER)


async def _do(pressed: Press, ask: Ask, desk: Desk) -> Pressed:
    match pressed:
        case OpenPage(query, cursor):
            found = await desk.store.queries.get(query)
            return Pressed(message=await results(desk, found, now=ask.now, cursor=cursor))
        case OpenArticle(article, page):
            return Pressed(message=await opened(desk, article, page))
        case Follow(query):
            return await _follow(query, ask, desk)
        case Undo(subscription):
            return Pressed(message=await ended(ask, desk, subscription, undone=True))
        case OpenSubscriptions() as shown:
            return Pressed(message=await listed(ask, desk, shown))
        case Unfollow(subscription, shown):
            return await _unfollow(subscription, shown, ask, desk)


async def _follow(query: int, ask: Ask, desk: Desk) -> Pressed:
    try:
        message, new = await follow(ask, desk, await desk.store.queries.get(query))
    except TooMany as error:
        return Pressed(words.too_many(error.most))
    return Pressed(message=message, new=True) if new else Pressed(words.FOLLOWED_ALREADY)


async def _unfollow(subscription: int, shown: OpenSubscriptions, ask: Ask, desk: Desk) -> Pressed:
    """End the subscription, if that has not been done before, and show what is left."""
    try:
        await desk.store.subscriptions.remove(ask.place, subscription)
        toast = words.ENDED
    except NotFound:
        toast = words.ENDED_ALREADY
    return Pressed(toast, await listed(ask, desk, shown))
