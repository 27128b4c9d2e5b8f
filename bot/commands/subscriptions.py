"""/subscriptions: what the chat follows."""

from bot.commands import channels
from bot.commands.desk import Ask, Command, Desk
from bot.render import lists
from bot.render.buttons import OpenSubscriptions
from bot.render.message import Message


async def handle(ask: Ask, desk: Desk) -> Message:
    """The numbered list."""
    return await listed(ask, desk, OpenSubscriptions())


async def listed(ask: Ask, desk: Desk, shown: OpenSubscriptions) -> Message:
    """A page of what the chat follows, in the way that is asked for."""
    followed = await desk.store.subscriptions.all(ask.place)
    return lists.subscriptions(
        followed,
        shown,
        private=ask.private and ask.about is None,
        channels=await channels.shown_to_speaker(ask, desk),
    )


COMMAND = Command("subscriptions", "What is followed here", "/subscriptions", handle, aliases=("list",), of_chats=True)
