"""What the bot may edit, and Telegram's words when it may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.access import find_chat, reachable
from bot.sandbox.arguments import Arguments, bad_request

if TYPE_CHECKING:
    from bot.sandbox.chats import Chat
    from bot.sandbox.world import World

Json = dict[str, Any]

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content"
    " and reply markup of the message"
)


def own_message(world: World, arguments: Arguments, kind: str = "") -> tuple[Chat, Json]:
    """Find the message to edit; of which `kind` ("text", "photo") it must be, if it matters. Raises Refusal."""
    if arguments.text("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = reachable(world, find_chat(world, arguments))
    message = chat.messages.get(arguments.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if not _editable(world, chat, message):
        raise bad_request("message can't be edited")
    if kind and kind not in message:
        raise bad_request(f"there is no {_WHAT[kind]} in the message to edit")
    return chat, message


_WHAT = {"text": "text", "photo": "caption"}


def _editable(world: World, chat: Chat, message: Json) -> bool:
    shown = "text" in message or "photo" in message
    own = message["message_id"] in chat.own
    if chat.kind == "channel":
        return shown and chat.may(world.bot_id, "can_post_messages" if own else "can_edit_messages")
    return shown and own
