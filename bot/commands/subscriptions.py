"""/subscriptions: what the chat follows."""

from collections.abc import Sequence

from bot.commands import channels
from bot.commands.choosing import clock_of
from bot.commands.desk import Ask, Command, Desk
from bot.render import guidance, lists, timing, words
from bot.render.buttons import OpenSubscriptions
from bot.render.message import Message
from bot.render.text import Text
from storage import EVERYTHING, Chat, Subscription


async def handle(ask: Ask, desk: Desk) -> Message:
    """The numbered list."""
    return await listed(ask, desk, OpenSubscriptions())


async def listed(ask: Ask, desk: Desk, shown: OpenSubscriptions) -> Message:
    """A page of what the chat follows, in the way that is asked for."""
    followed = await desk.store.subscriptions.all(ask.place)
    times = timing.times_line(await clock_of(ask, desk), followed)
    if ask.about:
        return await _of_channel(ask.about, followed, shown, desk, times)
    return lists.subscriptions(
        followed,
        shown,
        private=ask.private,
        channels=await channels.shown_to_speaker(ask, desk),
        times=times,
    )


async def _of_channel(
    channel: Chat, followed: Sequence[Subscription], shown: OpenSubscriptions, desk: Desk, times: Text
) -> Message:
    if followed:
        return lists.subscriptions(followed, shown, private=False, how_to_end=words.HOW_TO_END_THERE, times=times)
    return guidance.channel_follows_nothing(channel, await desk.store.queries.keep(EVERYTHING))


COMMAND = Command("subscriptions", "What is followed here", "/subscriptions", handle, aliases=("list",), of_chats=True)
