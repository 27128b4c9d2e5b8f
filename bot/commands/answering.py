"""From a call or a press to what the bot says. What a person can do something about is an answer, not an error."""

import logging
from dataclasses import replace
from datetime import timedelta

from bot.commands import channels, digest, mute, pictures, quiet, sources, subscribe, timezone, urgent
from bot.commands.addresses import pasted
from bot.commands.article import opened
from bot.commands.calls import Call
from bot.commands.desk import Ask, Command, Desk, Hindrance, Pressed
from bot.commands.faults import fault
from bot.commands.more import counted
from bot.commands.search import results
from bot.commands.subscriptions import listed
from bot.commands.table import nearest
from bot.commands.unsubscribe import ended
from bot.render import words
from bot.render.buttons import (
    ChangeAll,
    ChangeCadence,
    Choice,
    Choose,
    ChoosePictures,
    ChooseQuiet,
    ChooseUrgent,
    ChooseZone,
    Follow,
    Key,
    Listing,
    Mute,
    OpenArticle,
    OpenHealth,
    OpenMore,
    OpenPage,
    OpenSources,
    OpenSubscriptions,
    Press,
    Undo,
    Unfollow,
    decode,
    owned,
)
from bot.render.guidance import about, sentence
from bot.render.lists import where_to_follow
from bot.render.message import Message
from storage import NotFound, QueryError, Question, StoreUnavailable, TooMany

_log = logging.getLogger(__name__)
_GONE = {"article": words.GONE, "list": words.MORE_GONE, "subscription": words.ENDED_ALREADY}
_TOO_OLD = Pressed(words.TOO_OLD)
_CHANGES = Follow | Undo | Unfollow | Choice


async def answer(call: Call, ask: Ask, desk: Desk) -> Message:
    """The answer to a call. Among others its buttons are for whoever asks."""
    if call.command is None or (call.command.of_admins and not desk.is_admins(ask)):
        return sentence(words.unknown_command(call.name, nearest(call.name)))
    try:
        return await _answer(call.command, ask, desk)
    except channels.RefusedError as error:
        return sentence(str(error))
    except NotFound as error:
        return sentence(words.no_article(error.id) if error.kind == "article" else words.GONE)
    except StoreUnavailable as error:
        _log.warning("no answer", extra={"chat": ask.chat.id, "command": call.name, "error": str(error)})
        return sentence(words.TRY_LATER)


async def _answer(command: Command, ask: Ask, desk: Desk) -> Message:
    if command.changes:
        await _check_may_change(ask, desk)
    if command.of_chats:
        ask = await channels.named(ask, desk)
    if pasted(ask.text) and not command.takes_addresses:
        return sentence(words.AN_ADDRESS)  # what it may hold is not to be shown, nor kept as a query
    try:
        said = await command.handle(ask, desk)
    except QueryError as error:
        said = await fault(error, desk)
    return _addressed(said, ask, ask.speaker)


async def press(ask: Ask, desk: Desk) -> Pressed:
    """What comes of the press whose data is `ask.text`."""
    key = decode(ask.text)
    if key is None:
        return _TOO_OLD
    try:
        return await _pressed(key, ask, desk)
    except channels.RefusedError as error:
        return Pressed(str(error))
    except NotFound as error:
        is_previewed = error.kind == "article" and not error.id  # it has no number before it is published
        return Pressed(words.PREVIEWED if is_previewed else _GONE.get(error.kind, words.TOO_OLD))
    except StoreUnavailable as error:
        _log.warning("no answer", extra={"chat": ask.chat.id, "press": ask.text, "error": str(error)})
        return Pressed(words.TRY_LATER)


async def _pressed(key: Key, ask: Ask, desk: Desk) -> Pressed:
    if key.target:
        ask = await channels.chosen(ask, key.target, desk)
    elif isinstance(key.press, _CHANGES):
        await _check_may_change(ask, desk)
    else:
        await _check_may_turn(key.owner, ask, desk)
    try:
        pressed = await _do(key.press, ask, desk)
    except QueryError as error:
        pressed = Pressed(message=await fault(error, desk, Follow), new=True)
    if not pressed.message:
        return pressed
    # A page stays whose it was, whoever turns it.
    owner = ask.speaker if pressed.new else key.owner
    return replace(pressed, message=_addressed(pressed.message, ask, owner))


def _addressed(said: Message, ask: Ask, owner: int) -> Message:
    """The message as it says what it is about, and with buttons for its owner where others could press them."""
    if ask.about:
        return about(said, ask.about)
    return said if ask.private else owned(said, owner)


async def _check_may_change(ask: Ask, desk: Desk) -> None:
    """Raise RefusedError unless whoever asks may change what the chat follows where they ask."""
    if ask.private:
        return
    match await desk.rights.hindrance(ask.chat, ask.speaker):
        case None:
            return
        case Hindrance.NOT_TOLD:
            raise channels.RefusedError(words.CANNOT_TELL)
        case _:
            raise channels.RefusedError(words.ADMINS_ONLY)


async def _check_may_turn(owner: int, ask: Ask, desk: Desk) -> None:
    """Raise RefusedError for who would turn another's pages: all of the chat see them turned."""
    if ask.private or owner in {0, ask.speaker}:
        return
    if await desk.rights.hindrance(ask.chat, ask.speaker):
        raise channels.RefusedError(words.NOT_YOURS)


async def _do(pressed: Press, ask: Ask, desk: Desk) -> Pressed:  # noqa: PLR0911  one return for each kind
    match pressed:
        case OpenPage(query, cursor, sort):
            question = Question(await desk.store.queries.get(query), sort)
            return Pressed(message=await results(ask, desk, question, cursor=cursor))
        case OpenMore(key, cursor):
            # The push stays as it is; its own pages turn in place.
            return Pressed(message=await counted(ask, desk, key, cursor), new=cursor is None)
        case OpenArticle(article, page):
            return Pressed(message=await opened(ask, desk, article, page))
        case Follow(query):
            return await _follow(query, ask, desk)
        case Choose(query):
            found = await desk.store.queries.get(query)
            choice = where_to_follow(found, query, await channels.shown_to_speaker(ask, desk))
            return Pressed(message=choice, new=True)
        case Undo(subscription):
            return Pressed(message=await ended(ask, desk, subscription, undone=True))
        case OpenSubscriptions() | Unfollow() | OpenSources() | OpenHealth():
            return await _list(pressed, ask, desk)
        case _:
            return await _choose(pressed, ask, desk)


async def _list(pressed: Listing, ask: Ask, desk: Desk) -> Pressed:
    match pressed:
        case OpenSubscriptions():
            return Pressed(message=await listed(ask, desk, pressed))
        case Unfollow(subscription, shown):
            return await _unfollow(subscription, shown, ask, desk)
        case OpenSources():
            return Pressed(message=await sources.listed(ask, desk, pressed))
        case OpenHealth():
            return Pressed(message=await sources.troubled(desk, pressed)) if desk.is_admins(ask) else _TOO_OLD


async def _choose(choice: Choice, ask: Ask, desk: Desk) -> Pressed:  # noqa: PLR0911  one return for each kind
    match choice:
        case ChangeCadence():
            return await subscribe.changed(ask, desk, choice)
        case ChangeAll(cadence):
            return await digest.changed(ask, desk, cadence)
        case ChooseQuiet(hours):
            return Pressed(message=await quiet.choose(ask, desk, hours))
        case Mute(minutes):
            return Pressed(message=await mute.choose(ask, desk, timedelta(minutes=minutes)))
        case ChooseZone(number):
            return await timezone.pressed(ask, desk, number)
        case ChoosePictures(way):
            return Pressed(message=await pictures.choose(ask, desk, way))
        case ChooseUrgent(at_once):
            return Pressed(message=await urgent.choose(ask, desk, at_once=at_once))


async def _follow(query: int, ask: Ask, desk: Desk) -> Pressed:
    try:
        message, new = await subscribe.follow(ask, desk, await desk.store.queries.get(query))
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
