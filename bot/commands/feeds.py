"""What is followed by an address: the feed there, or the one that the page there names."""

from dataclasses import replace

from bot.commands.addresses import Pasted
from bot.commands.desk import Ask, Desk, FeedHindrance
from bot.render import words
from bot.render.links import shown_host
from bot.render.message import Message
from storage import Feed, TooMany

_HINDRANCES = {
    FeedHindrance.NO_ADDRESS: lambda _: words.NO_ADDRESS,
    FeedHindrance.NOT_ALLOWED: words.not_allowed,
    FeedHindrance.UNREACHABLE: words.unreachable,
    FeedHindrance.NO_FEED: words.no_feed,
    FeedHindrance.NOT_NOW: words.not_now,
}


async def feed_at(ask: Ask, desk: Desk, found: Pasted) -> Feed | str:
    """The feed at the address, added if need be and if whoever asks may; else why not, in words for them."""
    if not found.alone:
        return words.ONE_ADDRESS
    if found.too_long:
        return words.ADDRESS_TOO_LONG
    known = await desk.feeds.known(found.address)
    feed = known or await _introduced(ask, desk, found.address)
    return _HINDRANCES[feed](shown_host(found.address)) if isinstance(feed, FeedHindrance) else feed


async def known_at(desk: Desk, found: Pasted) -> Feed | None:
    """The feed that is known by the address."""
    feed = None if found.too_long else await desk.feeds.known(found.address)
    return feed if isinstance(feed, Feed) else None


def with_care(said: Message, found: Pasted) -> Message:
    """The answer to a message that holds an address; where it holds a password, that is said."""
    return replace(said, text=said.text + f"\n\n{words.HOLDS_A_LOGIN}") if found.has_login else said


async def _introduced(ask: Ask, desk: Desk, address: str) -> Feed | FeedHindrance | str:
    most = desk.may_add(ask)
    if most == 0:
        return words.ADMINS_ADD_FEEDS
    # Who may add no more is not to have anything fetched.
    if most is not None and await desk.store.feeds.added_from(ask.place) >= most:
        return words.too_many_feeds(most)
    try:
        introduced = await desk.feeds.introduce(address, ask.place, most)
    except TooMany as error:
        return words.too_many_feeds(error.most)
    return introduced if isinstance(introduced, FeedHindrance) else introduced[0]
