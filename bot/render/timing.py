"""When and how news comes to a chat: messages that say so, with buttons that change it."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from bot.render import words
from bot.render.buttons import ChangeAll, ChoosePictures, ChooseQuiet, ChooseUrgent, ChooseZone, Mute, Press, button
from bot.render.clock import ChatClock
from bot.render.message import Message, Row, rows
from bot.render.pieces import SEPARATOR, question
from bot.render.text import Text, bold, code, text
from bot.render.units import cut, isolated, one_line
from storage import Cadence, Pictures, Quiet, Subscription

_FOLLOWED_SHOWN = 10
_LONGEST_ECHO = 64  # units
_ZONES_IN_A_ROW = 2
_OFFERED_HOURS = ((22 * 60, 7 * 60), (23 * 60, 7 * 60), (0, 8 * 60))


def cadence_row(present: Cadence | None, press: Callable[[Cadence], Press]) -> Row:
    """A button for each cadence, the present one marked."""
    return tuple(
        button(_marked(label, cadence is present), press(cadence)) for cadence, label in words.CADENCES.items()
    )


def comes(clock: ChatClock, subscription: Subscription) -> Text:
    """How often something comes, and when next, as far as that is known."""
    cadence = subscription.cadence
    chosen = clock.settings
    said = text(words.comes(cadence, chosen.digest_minute, chosen.digest_weekday))
    following = clock.next_digest(cadence, subscription.served)
    if following is None:
        return said
    why = words.HELD_UP if clock.holds_up(cadence, subscription.served) else ""
    return said + f"\n{words.NEXT}{clock.spoken(following)}{why}"


def comes_later(clock: ChatClock, subscription: Subscription) -> Text:
    """The same of what does not come at once, and how to choose a time zone where none is chosen; else empty."""
    if subscription.cadence is Cadence.INSTANT:
        return Text()
    return Text.joined("\n", (comes(clock, subscription), _zone_hint(clock, [subscription.cadence])))


def digest(clock: ChatClock, followed: Sequence[Subscription]) -> Message:
    """How often each subscription of a place comes, at least one; the buttons change all of them."""
    cadences = [cadence for cadence in words.CADENCES if any(one.cadence is cadence for one in followed)]
    if len(cadences) == 1:
        [cadence] = cadences
        said = "📬 " + bold(words.all_come(cadence)) + "\n" + comes(clock, followed[0])
        parts = [said, _zone_hint(clock, cadences), _urgent_line(clock, cadences)]
        return Message(Text.joined("\n\n", parts), rows(cadence_row(cadence, ChangeAll)))
    shown = followed[:_FOLLOWED_SHOWN]
    more = len(followed) - len(shown)
    parts = [
        "📬 " + bold(words.HOW_IT_COMES),
        *(_of_cadence(clock, cadence, [one for one in shown if one.cadence is cadence]) for cadence in cadences),
        text(words.and_more_followed(more)) if more else Text(),
        _zone_hint(clock, cadences),
        _urgent_line(clock, cadences),
        text(words.BUTTONS_CHANGE_ALL),
    ]
    return Message(Text.joined("\n\n", parts), rows(cadence_row(None, ChangeAll)))


def times_line(clock: ChatClock, followed: Sequence[Subscription]) -> Text:
    """What a chat has chosen, as far as that says when something comes; empty: nothing."""
    chosen = clock.settings
    cadences = {one.cadence for one in followed}
    timed = cadences & {Cadence.DAILY, Cadence.WEEKLY}
    parts = (
        words.daily_line(chosen.digest_minute) if Cadence.DAILY in cadences else "",
        words.weekly_line(chosen.digest_minute, chosen.digest_weekday) if Cadence.WEEKLY in cadences else "",
        words.quiet_line(chosen.quiet) if chosen.quiet else "",
        words.URGENT_CHOSEN if chosen.urgent else "",
        words.zone(clock.zone.key) if chosen.zone or chosen.quiet or timed else "",
        _muted(clock, words.MUTED_LINE),
    )
    line = Text.joined(SEPARATOR, parts)
    return "⏰ " + line if line else line


def quiet(clock: ChatClock) -> Message:
    """The quiet hours, or an offer of some."""
    hours = clock.settings.quiet
    if hours is None:
        offered = tuple(
            button(words.hours(start, end), ChooseQuiet(Quiet(start, end))) for start, end in _OFFERED_HOURS
        )
        return Message(
            _with_examples("🌙 " + text(f"{words.NOT_QUIET}\n{words.QUIET_OFFER}"), words.QUIET_EXAMPLES[:-1]),
            (offered,),
        )
    heading = "🌙 " + bold(words.quiet_from(hours)) + f" ({words.zone(clock.zone.key)})"
    says = words.QUIET_SILENT_SAYS if hours.silent else words.QUIET_WAITS_SAYS
    ways = tuple(
        button(_marked(label, hours.silent is silent), ChooseQuiet(Quiet(hours.start, hours.end, silent=silent)))
        for label, silent in ((words.QUIET_WAITS, False), (words.QUIET_SILENT, True))
    )
    urgent_line = "" if hours.silent else "\n" + words.URGENT_LINE[clock.settings.urgent]
    said = Text.joined("\n\n", (heading + f"\n{says}{urgent_line}", _no_zone(clock)))
    return Message(said, (ways, (button(words.QUIET_OFF, ChooseQuiet(None)),)))


def timezone(clock: ChatClock) -> Message:
    """The chat's time zone, and the time there."""
    name = words.zone(clock.zone.key)
    if not clock.settings.zone:
        said = "🕒 " + text(f"{words.no_zone(name, clock.local)}\n{words.ZONE_EXPECTED}")
        return Message(_with_examples(said, words.ZONE_EXAMPLES))
    return Message("🕒 " + bold(name) + f"\n{words.time_there(clock.local)}\n{words.ZONE_USE}")


def several_zones(zones: Sequence[tuple[str, int]], clock: ChatClock) -> Message:
    """Those that may be meant, to choose from."""
    return Message(text(words.WHICH_ZONE), _zone_rows(zones, clock))


def unknown_zone(said: str, zones: Sequence[tuple[str, int]], clock: ChatClock) -> Message:
    """The answer to a time zone that there is not; `zones` are named alike."""
    echo = isolated(cut(one_line(said), _LONGEST_ECHO))
    if zones:
        otherwise = _with_examples(text(words.ZONE_NEAREST), words.ZONE_EXAMPLES[-1:])
        return Message(words.nearest_zones(echo) + "\n" + otherwise, _zone_rows(zones, clock))
    return Message(_with_examples(text(f"{words.unknown_zone(echo)} {words.ZONE_EXPECTED}"), words.ZONE_EXAMPLES))


def mute(clock: ChatClock) -> Message:
    """Until when nothing comes, or an offer of times."""
    if clock.muted:
        said = "🔕 " + _muted(clock, words.MUTED_UNTIL) + f"\n{words.MUTE_SAYS}"
        return Message(said, ((button(words.UNMUTE, Mute(0)),),))
    spans = tuple(button(label, Mute(minutes)) for minutes, label in words.MUTE_SPANS)
    return Message("🔔 " + text(words.NOT_MUTED), (spans,))


def unmuted() -> Message:
    """The answer when news comes again."""
    return Message("🔔 " + text(words.UNMUTED))


def pictures(chosen: Pictures) -> Message:
    """How pictures come, and the other ways."""
    ways = tuple(button(_marked(label, way is chosen), ChoosePictures(way)) for way, label in words.PICTURES.items())
    return Message("🖼 " + text(words.PICTURES_SAY[chosen]), (ways,))


def urgent(*, at_once: bool) -> Message:
    """Whether urgent news comes at once, and the other way."""
    ways = tuple(button(_marked(label, way is at_once), ChooseUrgent(way)) for way, label in words.URGENT_WAYS.items())
    return Message("❗ " + text(words.URGENT_SAYS[at_once]), (ways,))


def expected(what: str, examples: Sequence[str]) -> Message:
    """The answer to what could not be understood."""
    return Message(_with_examples(text(what), examples))


def for_all_topics(message: Message, what: str) -> Message:
    """The message, saying what of it is about the whole chat."""
    return Message(message.text + f"\n{what}", message.buttons)


def _of_cadence(clock: ChatClock, cadence: Cadence, followed: Sequence[Subscription]) -> Text:
    """Empty when none of them are shown."""
    if not followed:
        return Text()
    queries = Text.joined(SEPARATOR, (question(one.query) for one in followed))
    return bold(words.CADENCES[cadence]) + ": " + queries + "\n" + comes(clock, followed[0])


def _muted(clock: ChatClock, lead: str) -> Text:
    until = clock.settings.muted_until
    return lead + clock.said(until) if until and clock.muted else Text()


def _urgent_line(clock: ChatClock, cadences: Sequence[Cadence]) -> Text:
    """What becomes of urgent news, where some comes in digests."""
    waits = any(cadence is not Cadence.INSTANT for cadence in cadences)
    return text(words.URGENT_LINE[clock.settings.urgent]) if waits else Text()


def _zone_hint(clock: ChatClock, cadences: Sequence[Cadence]) -> Text:
    """How to choose a time zone, where that matters and none is chosen."""
    return _no_zone(clock) if any(map(clock.next_digest, cadences)) else Text()


def _no_zone(clock: ChatClock) -> Text:
    return Text() if clock.settings.zone else words.NO_ZONE + "\n" + code(words.ZONE_EXAMPLE)


def _zone_rows(zones: Sequence[tuple[str, int]], clock: ChatClock) -> tuple[Row, ...]:
    buttons = [
        button(words.zone_label(words.zone(name), clock.now.astimezone(ZoneInfo(name))), ChooseZone(number))
        for name, number in zones
    ]
    return rows(*(tuple(buttons[start : start + _ZONES_IN_A_ROW]) for start in range(0, len(buttons), _ZONES_IN_A_ROW)))


def _marked(label: str, present: bool) -> str:  # noqa: FBT001  it reads well
    return words.MARK + label if present else label


def _with_examples(said: Text, examples: Sequence[str]) -> Text:
    return said + "\n" + Text.joined("\n", map(code, examples))
