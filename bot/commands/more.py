"""What a push counted without showing it: no command, but what its button and its link open."""

from bot.commands.desk import Ask, Desk, opening
from bot.render.lists import more_pushed
from bot.render.message import Message
from storage import Cursor

SETTLING_SECONDS = 5.0  # a reader waits no longer for what they pressed


async def counted(ask: Ask, desk: Desk, key: int, cursor: Cursor | None = None) -> Message:
    """A page of it. Raises NotFound when it is no longer kept."""
    # Telegram shows a message before its answer comes: who is quick presses before the delivery is written down.
    await desk.unsettled.ended(key, SETTLING_SECONDS)
    page = await desk.store.mailboxes.more(key, now=ask.now, limit=desk.page_size, cursor=cursor)
    return more_pushed(page, key, opening(ask, desk))
