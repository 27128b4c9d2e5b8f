"""Who may change what a chat follows. Telegram is asked each time: a right that was taken away a moment ago is none.

Bot API: getChatMember; anonymous administrators and channels speak in their chat's own name (Message.sender_chat).
"""

import logging
from dataclasses import dataclass

from telegram import Bot, ChatMember, ChatMemberAdministrator
from telegram.constants import ChatMemberStatus
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.commands.desk import Hindrance
from bot.commands.reading import chat_of
from storage import Chat, ChatKind

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TelegramRights:
    """The port `Rights`."""

    bot: Bot

    async def hindrance(self, chat: Chat, speaker: int) -> Hindrance | None:
        """Why the speaker may not change what the chat follows; None: they may."""
        if speaker == chat.id:
            return None  # whose administrators alone may speak in its name
        if speaker <= 0:
            return Hindrance.NOT_ADMIN
        try:
            return await self._hindrance(chat, speaker)
        except TelegramError as error:
            _log.warning("who is an administrator is not known", extra={"chat": chat.id, "error": str(error)})
            return Hindrance.NOT_TOLD

    async def find(self, username: str) -> Chat | None:
        """The group or channel of this public name (without @); None: there is none that the bot can see."""
        try:
            found = await self.bot.get_chat(f"@{username}")
        except TelegramError as error:
            _log.info("a chat was not found", extra={"username": username, "error": str(error)})
            return None
        return chat_of(found, self.bot.id)

    async def _hindrance(self, chat: Chat, person: int) -> Hindrance | None:
        channel = chat.kind is ChatKind.CHANNEL
        # Only an administrator is told about other members of a channel.
        if channel and not may_post(await self._member(chat, self.bot.id)):
            return Hindrance.CANNOT_POST
        member = await self._member(chat, person)
        allowed = may_post(member) if channel else is_admin(member)
        return None if allowed else Hindrance.NOT_ADMIN

    async def _member(self, chat: Chat, user: int) -> ChatMember | None:
        """The member; None: there is none, or the chat is out of reach."""
        try:
            return await self.bot.get_chat_member(chat.id, user)
        except (BadRequest, Forbidden) as error:
            _log.info("no such member", extra={"chat": chat.id, "user": user, "error": str(error)})
            return None


def is_admin(member: ChatMember | None) -> bool:
    """Whether they run the chat."""
    return member is not None and member.status in {ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR}


def may_post(member: ChatMember | None) -> bool:
    """Whether they may post in the channel that they are a member of."""
    if isinstance(member, ChatMemberAdministrator):
        return bool(member.can_post_messages)
    return is_admin(member)
