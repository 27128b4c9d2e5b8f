"""The Bot API's methods about photos and captions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.access import accept, flood, place
from bot.sandbox.arguments import Arguments, bad_request
from bot.sandbox.edits import NOT_MODIFIED, own_message
from bot.sandbox.keyboard import check_buttons, read_keyboard, settled_keyboard
from bot.sandbox.photos import get_file, media_source, photo_source, take
from bot.sandbox.rooms import forward_own
from bot.sandbox.texts import check_caption, check_entities, raw_text, read_caption

if TYPE_CHECKING:
    from bot.sandbox.chats import Chat
    from bot.sandbox.entities import Formatted
    from bot.sandbox.world import World

Json = dict[str, Any]


async def send_photo(world: World, arguments: Arguments) -> Json:
    source = photo_source(arguments)
    caption = read_caption(arguments, world.settings)
    markup = read_keyboard(arguments)
    where = place(world, arguments, "can_send_photos", "photos")
    keyboard = settled_keyboard(where.chat, markup)
    check_caption(caption, "message caption is too long")
    photo = await take(world, source)
    accept(world, where, arguments)
    check_entities(caption)
    check_buttons(where.chat, keyboard)
    look = {name: True for name in ("show_caption_above_media", "has_spoiler") if arguments.flag(name)}
    look = {{"has_spoiler": "has_media_spoiler"}.get(name, name): value for name, value in look.items()}
    fields = {"photo": photo, **_caption(caption), **look, **where.fields, **_markup(keyboard)}
    silent = arguments.flag("disable_notification")
    message = world.publish(where.chat, fields, silent=silent, raw=raw_text(arguments, "caption"))
    forward_own(world, where.chat, message)
    world.assassin.sent()
    return message


async def edit_message_caption(world: World, arguments: Arguments) -> Json:
    markup = read_keyboard(arguments)
    caption = read_caption(arguments, world.settings)
    chat, old = own_message(world, arguments, "photo")
    keyboard = settled_keyboard(chat, markup, edit=True)
    check_caption(caption, "MEDIA_CAPTION_TOO_LONG")
    flood(world, chat)
    check_entities(caption)
    check_buttons(chat, keyboard)
    fields = {"photo": old["photo"], **_caption(caption), **_markup(keyboard)}
    return _change(world, chat, old, fields, raw_text(arguments, "caption"))


async def edit_message_media(world: World, arguments: Arguments) -> Json:
    markup = read_keyboard(arguments)
    source, written = media_source(arguments)
    caption = read_caption(written, world.settings)
    chat, old = own_message(world, arguments, "photo")
    keyboard = settled_keyboard(chat, markup, edit=True)
    check_caption(caption, "MEDIA_CAPTION_TOO_LONG")
    photo = await take(world, source)
    flood(world, chat)
    check_entities(caption)
    check_buttons(chat, keyboard)
    fields = {"photo": photo, **_caption(caption), **_markup(keyboard)}
    return _change(world, chat, old, fields, raw_text(written, "caption"))


def _change(world: World, chat: Chat, old: Json, fields: Json, raw: Json) -> Json:
    """Give a photo this content and keyboard. Raises Refusal when it has them already."""
    before = {name: old[name] for name in ("photo", "caption", "caption_entities", "reply_markup") if name in old}
    if before == fields:
        raise bad_request(NOT_MODIFIED)
    message = world.replace(chat, old, fields)
    world.journal.add("edited", chat.id, message=message, raw=raw)
    return message


def _caption(written: Formatted) -> Json:
    if not written.text:
        return {}
    return {"caption": written.text, **({"caption_entities": written.entities} if written.entities else {})}


def _markup(keyboard: Json | None) -> Json:
    return {"reply_markup": keyboard} if keyboard else {}


PHOTO_METHODS = {
    "sendPhoto": send_photo,
    "editMessageCaption": edit_message_caption,
    "editMessageMedia": edit_message_media,
    "getFile": get_file,
}
