"""/unsubscribe: no longer follow a query, or the feed at an address."""

import re

from bot.commands.addresses import Pasted, pasted
from bot.commands.desk import Ask, Command, Desk, of_source, parsed
from bot.commands.feeds import known_at, with_care
from bot.commands.subscriptions import listed
from bot.render import guidance, lists, words
from bot.render.buttons import OpenSubscriptions
from bot.render.links import shown_host
from bot.render.message import Message
from bot.render.units import cut, one_line
from storage import EVERYTHING, Subscription

_NUMBER = re.compile(r"#?(\d{1,6})\.?", re.ASCII)
_LONGEST_ECHO = 100


async def handle(ask: Ask, desk: Desk) -> Message:
    """End the subscription that is meant; when none is named, offer them all."""
    if not ask.text:
        return await listed(ask, desk, OpenSubscriptions(choosing=True))
    if found := pasted(ask.text):
        return with_care(await _address_ended(ask, desk, found), found)
    chosen = await _chosen(ask, desk)
    if chosen is None:
        return guidance.sentence(words.not_followed(cut(one_line(ask.text), _LONGEST_ECHO)))
    return await ended(ask, desk, chosen.id)


async def _address_ended(ask: Ask, desk: Desk, found: Pasted) -> Message:
    feed = await known_at(desk, found)
    query = await of_source(feed.source) if feed else None
    chosen = await desk.store.subscriptions.find(ask.place, query) if query else None
    if chosen is None:
        return guidance.sentence(words.address_not_followed(shown_host(found.address)))
    return await ended(ask, desk, chosen.id)


async def ended(ask: Ask, desk: Desk, subscription: int, *, undone: bool = False) -> Message:
    """End this subscription and say so. Raises NotFound unless it is this place's."""
    query = (await desk.store.subscriptions.remove(ask.place, subscription)).query
    return lists.unsubscribed(query, await desk.store.queries.keep(await parsed(query)), undone=undone)


async def _chosen(ask: Ask, desk: Desk) -> Subscription | None:
    """The subscription that is meant: by its query, by the word for everything, or by its number in the list."""
    text = ask.text
    if number := _NUMBER.fullmatch(text):
        numbers = {str(number): one for number, one in enumerate(await desk.store.subscriptions.all(ask.place), 1)}
        return await _by_query(number[1], ask, desk) or numbers.get(number[1])
    if found := await _by_query(text, ask, desk):
        return found
    return await _by_query(EVERYTHING.text, ask, desk) if text.casefold() == words.EVERYTHING else None


async def _by_query(text: str, ask: Ask, desk: Desk) -> Subscription | None:
    return await desk.store.subscriptions.find(ask.place, await parsed(text))


COMMAND = Command(
    "unsubscribe",
    "No longer follow something",
    "/unsubscribe [query, address or number]",
    handle,
    aliases=("unsub",),
    of_chats=True,
    changes=True,
    takes_addresses=True,
)
