"""What Telegram's messages and chats mean to us: which chat and thread, who speaks."""

from telegram import Chat as TelegramChat
from telegram import ChatFullInfo
from telegram import Message as Received
from telegram.constants import ChatType

from storage import Chat, ChatKind, Place

_KINDS = {ChatType.PRIVATE: ChatKind.PRIVATE, ChatType.CHANNEL: ChatKind.CHANNEL}


def chat_of(chat: TelegramChat | ChatFullInfo, bot: int, set_up_by: int = 0) -> Chat:
    """The chat as a value."""
    kind = _KINDS.get(ChatType(chat.type), ChatKind.GROUP)
    return Chat(bot, chat.id, kind, chat.effective_name or "", chat.username or "", set_up_by)


def place_of(message: Received) -> Place:
    """Where the message is: its chat, and in a group the topic of it. A person's own chat is one place."""
    # A reply chain in a group carries a thread id too; it is no place of its own.
    thread = message.message_thread_id or 0 if message.is_topic_message and not is_private(message) else 0
    return Place(message.get_bot().id, message.chat_id, thread)


def speaker_of(message: Received) -> int:
    """Who says it: the chat in whose name it is said (an anonymous administrator, a channel), else the person."""
    if message.sender_chat is not None:
        return message.sender_chat.id
    return message.from_user.id if message.from_user else 0


def is_private(message: Received) -> bool:
    """Whether the chat is one person's own."""
    return message.chat.type == ChatType.PRIVATE
