"""/digest: how often what is followed comes, and when."""

from contextlib import suppress

from bot.commands.choosing import chosen, clock_of, whole
from bot.commands.desk import Ask, Command, Desk, Pressed
from bot.commands.times import Rhythm, rhythm_of
from bot.render import lists, timing, words
from bot.render.message import Message
from storage import Cadence, NotFound


async def handle(ask: Ask, desk: Desk) -> Message:
    """Let everything that is followed here come so often; without words, show how it comes."""
    if not ask.text:
        return await _shown(ask, desk)
    rhythm = rhythm_of(ask.text)
    if rhythm is None:
        return timing.expected(words.DIGEST_EXPECTED, words.DIGEST_EXAMPLES)
    await _choose_time(ask, desk, rhythm)
    await _change_all(ask, desk, rhythm.cadence)
    said = await _shown(ask, desk)
    return said if rhythm.minute is rhythm.weekday is None else whole(said, ask, words.TIME_OF_WHOLE_CHAT)


async def changed(ask: Ask, desk: Desk, cadence: Cadence) -> Pressed:
    """Let everything come so often, and show it."""
    await _change_all(ask, desk, cadence)
    return Pressed(words.from_now_on(cadence), await _shown(ask, desk))


async def _shown(ask: Ask, desk: Desk) -> Message:
    followed = await desk.store.subscriptions.all(ask.place)
    if not followed:
        return lists.nothing_to_time()
    return timing.digest(await clock_of(ask, desk), followed)


async def _choose_time(ask: Ask, desk: Desk, rhythm: Rhythm) -> None:
    # Before what comes then: it is woken under the new times.
    said = {"digest_minute": rhythm.minute, "digest_weekday": rhythm.weekday}
    await chosen(ask, desk, **{name: value for name, value in said.items() if value is not None})


async def _change_all(ask: Ask, desk: Desk, cadence: Cadence) -> None:
    for one in await desk.store.subscriptions.all(ask.place):
        with suppress(NotFound):  # it has ended meanwhile
            await desk.store.subscriptions.change_cadence(ask.place, one.id, cadence, now=ask.now)


COMMAND = Command(
    "digest",
    "News at once, hourly, daily or weekly",
    "/digest [daily 8:00]",
    handle,
    of_chats=True,
    changes=True,
)
