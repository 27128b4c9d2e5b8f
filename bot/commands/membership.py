"""People who block the bot and let it back in: Telegram says so at once (Bot API, `my_chat_member`)."""

import logging
from datetime import datetime

from telegram import ChatMemberUpdated
from telegram.constants import ChatMemberStatus, ChatType

from bot.commands.desk import Desk
from storage import StoreUnavailable

_log = logging.getLogger(__name__)


async def membership_changed(change: ChatMemberUpdated, desk: Desk, now: datetime) -> None:
    """Deliver nothing to whoever has blocked the bot, and what they are owed when they let it back in.

    What the database cannot take now is found out later: by the next push's refusal, or by /start.
    """
    if change.chat.type != ChatType.PRIVATE:
        return
    bot, chat = change.get_bot().id, change.chat.id
    try:
        if change.new_chat_member.status == ChatMemberStatus.BANNED:
            await desk.store.mailboxes.pause(bot, chat, reason="blocked by the person")
        elif change.new_chat_member.status == ChatMemberStatus.MEMBER:
            await desk.store.mailboxes.resume(bot, chat, now=now)
    except StoreUnavailable as error:
        _log.warning("a block or its end was not noted", extra={"chat": chat, "error": str(error)})
