"""The methods of the Bot API, with Telegram's rules and Telegram's words.

Each method takes the bot's world and the arguments and gives the `result`; a "no" is a Refusal. The order of the checks
is the official server's: arguments, then the chat, then the right to write there, then the text.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from bot.sandbox.access import accept, admit, flood, place
from bot.sandbox.arguments import Arguments, Refusal, Told, bad_request
from bot.sandbox.chat_methods import CHAT_METHODS
from bot.sandbox.edits import NOT_MODIFIED, own_message
from bot.sandbox.inline import INLINE_METHODS
from bot.sandbox.keyboard import check_buttons, read_keyboard, settled_keyboard
from bot.sandbox.menus import MENU_METHODS
from bot.sandbox.photo_methods import PHOTO_METHODS
from bot.sandbox.profile import PROFILE_METHODS
from bot.sandbox.rooms import forward_own
from bot.sandbox.texts import check_entities, check_length, raw_text, read_preview, read_text
from bot.sandbox.topic_methods import TOPIC_METHODS
from bot.sandbox.updates import CONFLICT_WITHIN, LONGEST_ANSWER, SAME_WITHIN, Conflict
from bot.sandbox.webhook import WEBHOOK_ACTIVE, allow_updates, delete_webhook, get_webhook_info, set_webhook
from bot.sandbox.world import content

if TYPE_CHECKING:
    from bot.sandbox.world import World

Json = dict[str, Any]
Method = Callable[["World", Arguments], Awaitable[Any]]

LONGEST_POLL = 50
ANSWER_CHARACTERS = 200
ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)

_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


async def get_me(world: World, _: Arguments) -> Json:
    settings = world.settings
    return {
        **world.bot(),
        "can_join_groups": settings.can_join_groups,
        "can_read_all_group_messages": settings.can_read_all_group_messages,
        "supports_inline_queries": settings.supports_inline_queries,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
    }


async def get_updates(world: World, arguments: Arguments) -> list[Json]:
    if world.webhook.url:
        raise await _conflict(world, WEBHOOK_ACTIVE)
    allow_updates(world, arguments)
    limit = min(max(arguments.integer("limit", LONGEST_ANSWER), 1), LONGEST_ANSWER)
    timeout = min(max(arguments.integer("timeout"), 0), LONGEST_POLL)
    world.updates.pause = SAME_WITHIN * world.settings.pace if world.settings.strict_polling else 0.0
    try:
        return await world.updates.poll(arguments.integer("offset"), limit, timeout)
    except Conflict as conflict:
        raise await _conflict(world, str(conflict)) from None


async def _conflict(world: World, words: str) -> Refusal:
    """Give the refusal of a poll; a second one soon after the first comes late, so that nobody asks in a loop."""
    if world.updates.conflict():
        await asyncio.sleep(CONFLICT_WITHIN * world.settings.pace)
    return Refusal(409, f"Conflict: {words}")


async def send_message(world: World, arguments: Arguments) -> Json:
    preview = read_preview(arguments)
    written = read_text(arguments, world.settings)
    markup = read_keyboard(arguments)
    where = place(world, arguments)
    keyboard = settled_keyboard(where.chat, markup)
    check_length(written, "message is too long")
    accept(world, where, arguments)
    check_entities(written)
    check_buttons(where.chat, keyboard)
    shown = {"reply_markup": keyboard} if keyboard else {}
    fields = {**content(written), **preview, **where.fields, **shown}
    message = world.publish(where.chat, fields, silent=arguments.flag("disable_notification"), raw=raw_text(arguments))
    forward_own(world, where.chat, message)
    world.assassin.sent()
    return message


async def edit_message_text(world: World, arguments: Arguments) -> Json:
    preview = read_preview(arguments)
    written = read_text(arguments, world.settings)
    markup = read_keyboard(arguments)
    chat, old = own_message(world, arguments, "text")
    keyboard = settled_keyboard(chat, markup, edit=True)
    check_length(written, "MESSAGE_TOO_LONG")
    flood(world, chat)
    check_entities(written)
    check_buttons(chat, keyboard)
    before = (old["text"], old.get("entities", []), old.get("reply_markup"), old.get("link_preview_options"))
    if before == (written.text, written.entities, keyboard, preview.get("link_preview_options")):
        raise bad_request(NOT_MODIFIED)
    message = world.change(chat, old, written, keyboard, **preview)
    world.journal.add("edited", chat.id, message=message, raw=raw_text(arguments))
    return message


async def edit_message_reply_markup(world: World, arguments: Arguments) -> Json:
    markup = read_keyboard(arguments)
    chat, old = own_message(world, arguments)
    keyboard = settled_keyboard(chat, markup, edit=True)
    flood(world, chat)
    check_buttons(chat, keyboard)
    if old.get("reply_markup") == keyboard:
        raise bad_request(NOT_MODIFIED)
    kept = {name: value for name, value in old.items() if name != "reply_markup"}
    message = {**kept, "edit_date": world.clock.unix(), **({"reply_markup": keyboard} if keyboard else {})}
    chat.messages[message["message_id"]] = message
    world.journal.add("edited", chat.id, message=message)
    return message


async def answer_callback_query(world: World, arguments: Arguments) -> bool:
    query = world.queries.get(arguments.text("callback_query_id"))
    if query is None or query.ends < world.clock.now():
        raise bad_request(_TOO_OLD)
    text = arguments.text("text")
    if len(text) > ANSWER_CHARACTERS:
        raise bad_request("MESSAGE_TOO_LONG")
    del world.queries[query.id]
    world.journal.add(
        "answered",
        query.chat,
        callback_query_id=query.id,
        message_id=query.message_id,
        text=text,
        show_alert=arguments.flag("show_alert"),
        url=arguments.text("url"),
    )
    return True


async def set_bots_webhook(world: World, arguments: Arguments) -> Told:
    async def execute(name: str, values: Arguments) -> None:
        method = METHODS.get(method_name(name))
        with contextlib.suppress(Refusal):  # nobody learns what became of it
            if method is not None:
                await method(world, values)

    return set_webhook(world, arguments, execute)


async def send_chat_action(world: World, arguments: Arguments) -> bool:
    if arguments.text("action").lower() not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    where = place(world, arguments)
    admit(world, where)
    thread = where.topic.id if where.topic else 0
    world.journal.mention("action", chat=where.chat.id, thread=thread, action=arguments.text("action").lower())
    return True


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "sendMessage": send_message,
    "editMessageText": edit_message_text,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "answerCallbackQuery": answer_callback_query,
    "setWebhook": set_bots_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "sendChatAction": send_chat_action,
    **CHAT_METHODS,
    **TOPIC_METHODS,
    **MENU_METHODS,
    **PROFILE_METHODS,
    **PHOTO_METHODS,
    **INLINE_METHODS,
}

_NAMES = {name.lower(): name for name in METHODS}


def method_name(written: str) -> str:
    """Give a method's own name; the official server reads names without regard to case. An unknown one stays."""
    return _NAMES.get(written.lower(), written)
