"""/subscriptions: what the chat follows."""

from collections.abc import Sequence

from bot.commands import channels
from bot.commands.desk import Ask, Command, Desk
from bot.render import guidance, lists, words
from bot.render.buttons import OpenSubscriptions
from bot.render.message import Message
from storage import EVERYTHING, Chat, Subscription


async def handle(ask: Ask, desk: Desk) -> Message:
    """The numbered list."""
    return await listed(ask, desk, OpenSubscriptions())


async def listed(ask: Ask, desk: Desk, shown: OpenSubscriptions) -> Message:
    """A page of what the chat follows, in the way that is asked for."""
    followed = await desk.store.subscriptions.all(ask.place)
    if ask.about:
        return await _of_channel(ask.about, followed, shown, desk)
    return lists.subscriptions(
        followed,
        shown,
        private=ask.private,
        channels=await channels.of_speaker(ask, desk),
    )


async def _of_channel(channel: Chat, followed: Sequence[Subscription], shown: OpenSubscriptions, desk: Desk) -> Message:
    if followed:
        return lists.subscriptions(followed, shown, private=False, how_to_end=words.HOW_TO_END_THERE)
    return guidance.channel_follows_nothing(channel, await desk.store.queries.keep(EVERYTHING))


COMMAND = Command("subscriptions", "What is followed here", "/subscriptions", handle, aliases=("list",), of_chats=True)
