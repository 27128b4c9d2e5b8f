"""/subscribe: let a chat follow a query, or the feed at an address."""

import re
from dataclasses import replace

from bot.commands.addresses import Pasted, looks_like_one, pasted
from bot.commands.choosing import clock_of
from bot.commands.desk import Ask, Command, Desk, Pressed, of_source, opening, parsed
from bot.commands.faults import fault
from bot.commands.feeds import feed_at, with_care
from bot.render import lists, timing, words
from bot.render.buttons import ChangeCadence, Follow
from bot.render.guidance import sentence
from bot.render.message import Message
from storage import EVERYTHING, Cadence, ChatKind, Feed, Query, QueryError, Subscription, TooMany

_EXAMPLES_SHOWN = 3
_OF_A_SOURCE = re.compile(r"source:(\S+)")


async def handle(ask: Ask, desk: Desk) -> Message:
    """Follow the query, or what is published at the address, or everything."""
    try:
        if found := pasted(ask.text):
            return with_care(await _follow_address(ask, desk, found), found)
        query = await parsed(ask.text) if ask.text else EVERYTHING
        return (await follow(ask, desk, query))[0]
    except QueryError as error:
        return await fault(error, desk, Follow)
    except TooMany as error:
        return sentence(words.too_many(error.most))


async def _follow_address(ask: Ask, desk: Desk, found: Pasted) -> Message:
    feed = await feed_at(ask, desk, found)
    if isinstance(feed, str):
        return sentence(feed)
    query = await of_source(feed.source)
    if query is None:
        return sentence(words.FAILED)
    return _as_it_is(feed, (await follow(ask, desk, query))[0])


def _as_it_is(feed: Feed, said: Message) -> Message:
    """The answer; it says so where nothing will come for now."""
    state = words.PAUSED_NOW if feed.paused else words.FAILS_NOW if feed.failing_since else ""
    return replace(said, text=said.text + f"\n\n{state}") if state else said


async def follow(ask: Ask, desk: Desk, query: Query) -> tuple[Message, bool]:
    """Follow the query here. Returns the answer, and whether it was not followed before.

    Raises QueryError for one that nobody can follow, TooMany when as much is followed here as may be.
    """
    query.check_followable()
    cadence = await _usual_cadence(ask, desk)
    subscription, new = await desk.store.subscriptions.add(ask.place, query, now=ask.now, cadence=cadence)
    await _note_who(ask, desk)
    if subscription.query != query.text:  # its source's feed has joined another
        query = await parsed(subscription.query)
    return await _answered(ask, desk, subscription, query, new=new), new


async def changed(ask: Ask, desk: Desk, pressed: ChangeCadence) -> Pressed:
    """Let the subscription come so often. Raises NotFound unless it is this place's."""
    place, id_ = ask.place, pressed.subscription
    subscription = await desk.store.subscriptions.change_cadence(place, id_, pressed.cadence, now=ask.now)
    query = await parsed(subscription.query)
    answer = await _answered(ask, desk, subscription, query, new=pressed.new)
    return Pressed(words.from_now_on(subscription.cadence), answer)


async def _usual_cadence(ask: Ask, desk: Desk) -> Cadence:
    """That of all that is followed here, if they have the same."""
    cadences = {one.cadence for one in await desk.store.subscriptions.all(ask.place)}
    return cadences.pop() if len(cadences) == 1 else Cadence.INSTANT


async def _answered(ask: Ask, desk: Desk, subscription: Subscription, query: Query, *, new: bool) -> Message:
    rate = await desk.store.articles.per_day(query, now=ask.now)
    newest = await desk.store.articles.search(query, now=ask.now, limit=_EXAMPLES_SHOWN)
    comes = timing.comes_later(await clock_of(ask, desk), subscription)
    return lists.subscribed(
        subscription,
        newest.articles,
        rate,
        new=new,
        source=await _source(desk, query),
        hint=words.IF_AN_ADDRESS if looks_like_one(ask.text) else "",
        comes=comes,
        username=opening(ask, desk),
    )


async def _source(desk: Desk, query: Query) -> str:
    """The title of the source that is followed; empty: it is another query."""
    named = _OF_A_SOURCE.fullmatch(query.text)
    source = await desk.store.sources.get(named[1]) if named else None
    return source.title if source else ""


async def _note_who(ask: Ask, desk: Desk) -> None:
    """Remember who set the group or channel up, if nobody did before: they are told when nothing reaches it."""
    chat = ask.about or ask.chat
    if chat.kind is ChatKind.PRIVATE or ask.speaker <= 0:
        return
    known = await desk.store.chats.get(chat.bot, chat.id)
    if known is None or not known.set_up_by:
        await desk.store.chats.put(replace(chat, set_up_by=ask.speaker))


COMMAND = Command(
    "subscribe",
    "Follow a query, or a site or feed by its address: each new headline comes by itself",
    "/subscribe [query or address]",
    handle,
    aliases=("sub",),
    of_chats=True,
    changes=True,
    takes_addresses=True,
)
