"""/pictures: how an article's picture is shown."""

from bot.commands.choosing import chosen, clock_of, whole
from bot.commands.desk import Ask, Command, Desk
from bot.commands.times import is_off, plain
from bot.render import timing, words
from bot.render.message import Message
from storage import Pictures

_NAMES = {"preview": Pictures.PREVIEW, "link": Pictures.PREVIEW, "photo": Pictures.PHOTO}


async def handle(ask: Ask, desk: Desk) -> Message:
    """Let pictures be shown in this way; without words, say how they are."""
    if not ask.text:
        return whole(timing.pictures((await clock_of(ask, desk)).settings.pictures), ask)
    wanted = Pictures.NONE if is_off(ask.text) else _NAMES.get(plain(ask.text).removesuffix("s"))
    if wanted is None:
        return timing.expected(words.PICTURES_EXPECTED, words.PICTURES_EXAMPLES)
    return await choose(ask, desk, wanted)


async def choose(ask: Ask, desk: Desk, wanted: Pictures) -> Message:
    """Let pictures be shown in this way, and say so."""
    return whole(timing.pictures((await chosen(ask, desk, pictures=wanted)).settings.pictures), ask)


COMMAND = Command(
    "pictures",
    "Pictures as a preview, as a photo, or none",
    "/pictures [photo]",
    handle,
    of_chats=True,
    changes=True,
)
