"""What becomes of the bot in a chat: Telegram says so at once (Bot API, `my_chat_member`, service messages).

What the database cannot take now, or Telegram does not tell (that members may write again), is found out later: by the
next push's refusal, or by an answer that is taken.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from telegram import Bot, ChatMember, ChatMemberRestricted, ChatMemberUpdated, User
from telegram import Message as Received
from telegram.constants import ChatMemberStatus

from bot.commands.desk import Desk
from bot.commands.reading import chat_of, place_of
from bot.commands.rights import is_admin, may_post
from bot.render import guidance
from bot.render.message import Message
from bot.transport.outgoing import Capabilities, tell
from bot.transport.verdicts import NotAllowed, verdict_of
from storage import EVERYTHING, Chat, ChatKind, Place

_OUT = frozenset({ChatMemberStatus.LEFT, ChatMemberStatus.BANNED})

BLOCKED = "blocked by the person"
REMOVED = "removed from the chat"
MUTED = "may not write"


class Change(Enum):
    """What a change of the bot's membership comes to."""

    ADDED = "it may write, and was not there before"
    UNMUTED = "it may write again"
    PROMOTED = "it runs the group, and was an ordinary member"
    MUTED = "it is there, and may not write"
    REMOVED = "it is out"
    NOTHING = "nothing that matters"


@dataclass(frozen=True, slots=True)
class Host:
    """Who takes note of what becomes of the bot, and tells people about it."""

    desk: Desk
    bot: Bot
    capabilities: Capabilities
    now: datetime

    async def changed(self, update: ChatMemberUpdated) -> None:
        """Deliver nothing where the bot may not write, and what is owed where it may again. Raises StoreUnavailable."""
        chat = chat_of(update.chat, self.bot.id, _person(update.from_user))
        change = change_of(update.old_chat_member, update.new_chat_member, chat.kind)
        if chat.kind is ChatKind.PRIVATE:
            await self._private(chat, change)
            return
        match change:
            case Change.ADDED:
                await self._added(chat)
            case Change.UNMUTED:
                await self._unmuted(chat)
            case Change.PROMOTED:
                await self._resumed(chat.id)  # administrators may write where members may not
                await self._tell(chat.set_up_by, guidance.promoted(chat))
            case Change.MUTED:
                await self._note_newcomer(chat, update.old_chat_member)
                await self._stopped(chat, MUTED, gone=False)
            case Change.REMOVED:
                await self._stopped(chat, REMOVED, gone=True)
            case Change.NOTHING if _is_in(update.new_chat_member):
                await self._note_unknown(chat)
            case Change.NOTHING:
                return

    async def served(self, message: Received) -> None:
        """Take note of a service message: the chat has moved or a new title, a topic is open again."""
        here, bot = message.chat_id, self.bot.id
        if message.migrate_to_chat_id:
            await self.desk.store.mailboxes.move(bot, here, message.migrate_to_chat_id, now=self.now)
        elif message.migrate_from_chat_id:
            await self.desk.store.mailboxes.move(bot, message.migrate_from_chat_id, here, now=self.now)
        elif message.forum_topic_reopened:
            await self.desk.store.mailboxes.reopen(place_of(message), now=self.now)
        elif message.new_chat_title and await self.desk.store.chats.get(bot, here):
            await self.desk.store.chats.put(chat_of(message.chat, bot))

    async def wrote(self, chat: int) -> None:
        """The chat took a message: what waits there goes out, whatever said that none can. Raises StoreUnavailable."""
        if await self.desk.store.chats.paused(self.bot.id, chat):
            await self._resumed(chat)

    async def _private(self, chat: Chat, change: Change) -> None:
        if change is Change.REMOVED:
            await self.desk.store.mailboxes.pause(chat.bot, chat.id, now=self.now, reason=BLOCKED)
        elif change is Change.ADDED:
            await self.desk.store.mailboxes.resume(chat.bot, chat.id, now=self.now)

    async def _added(self, chat: Chat) -> None:
        """Say hello to the group; in a channel to whoever let the bot in, for its readers did not.

        Not where the bot is known to be already: an update may come twice, and a group that moved has met it before.
        """
        known = await self.desk.store.chats.get(chat.bot, chat.id)
        await self.desk.store.chats.put(chat)
        await self.desk.store.mailboxes.resume(chat.bot, chat.id, now=self.now)
        if known and not known.paused:
            return
        everything = await self.desk.store.queries.keep(EVERYTHING)
        if chat.kind is ChatKind.CHANNEL:
            await self._tell(chat.set_up_by, guidance.channel_welcome(chat, everything))
        else:
            await self._greet(chat, guidance.group_welcome(everything))

    async def _greet(self, chat: Chat, said: Message) -> None:
        """Say hello. Where members may not write this is how the bot learns of it."""
        error = await tell(self.bot, chat.id, said, self.capabilities)
        if error and isinstance(verdict_of(error, self.now, failures=1), NotAllowed):
            await self._stopped(chat, MUTED, gone=False)

    async def _unmuted(self, chat: Chat) -> None:
        """A channel that follows nothing is set up only now: whoever let the bot in before could only be told to."""
        known = await self.desk.store.chats.get(chat.bot, chat.id)
        place = Place(chat.bot, chat.id)
        if known is None or (chat.kind is ChatKind.CHANNEL and not await self.desk.store.subscriptions.all(place)):
            await self._added(chat)
        else:
            await self._resumed(chat.id)

    async def _resumed(self, chat: int) -> None:
        """Deliver what waits; whoever set the chat up knows that it waited."""
        resumed = await self.desk.store.mailboxes.resume(self.bot.id, chat, now=self.now)
        known = await self.desk.store.chats.get(self.bot.id, chat) if resumed else None
        if known:
            await self._tell(known.set_up_by, guidance.can_deliver_again(known))

    async def _note_unknown(self, chat: Chat) -> None:
        """Take a chat down whose beginning was missed: the bot was not running, or is older than this."""
        if await self.desk.store.chats.get(chat.bot, chat.id) is None:
            await self.desk.store.chats.put(chat)

    async def _note_newcomer(self, chat: Chat, before: ChatMember) -> None:
        """Whoever let the bot in without the right to write is told what it lacks."""
        if not _is_in(before):
            await self.desk.store.chats.put(chat)

    async def _stopped(self, chat: Chat, reason: str, *, gone: bool) -> None:
        await self.desk.store.mailboxes.pause(chat.bot, chat.id, now=self.now, reason=reason)
        known = await self.desk.store.chats.to_tell(Place(chat.bot, chat.id), whole=True, gone=gone)
        if known:
            await self._tell(known.set_up_by, guidance.cannot_deliver(known, whole=True, gone=gone))

    async def _tell(self, whom: int, said: Message) -> None:
        if whom:
            await tell(self.bot, whom, said, self.capabilities)


def change_of(old: ChatMember, new: ChatMember, kind: ChatKind) -> Change:
    """What the change comes to, in a chat of this kind. Pure."""
    could, can = _may_write(old, kind), _may_write(new, kind)
    if not _is_in(new):
        return Change.REMOVED if _is_in(old) else Change.NOTHING
    if can and not could:
        return Change.UNMUTED if _is_in(old) else Change.ADDED
    if not can and (could or not _is_in(old)):
        return Change.MUTED
    if kind is ChatKind.GROUP and is_admin(new) and not is_admin(old):
        return Change.PROMOTED
    return Change.NOTHING


def _is_in(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status not in _OUT


def _may_write(member: ChatMember, kind: ChatKind) -> bool:
    if kind is ChatKind.CHANNEL:
        return may_post(member)
    if isinstance(member, ChatMemberRestricted):
        return member.is_member and member.can_send_messages
    return _is_in(member)


def _person(user: User) -> int:
    """Whom to tell; 0: an anonymous administrator, or another bot."""
    return 0 if user.is_bot else user.id
