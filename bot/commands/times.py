"""How people write times of day, spans, hours and days of the week. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from bot.render import words
from storage import Cadence, Quiet

_DAY = 24 * 60
_LONGEST = 100  # letters; more of them take a while to read, and are no time
_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d\d)|h|(\d\d))?(?: ?([ap])\.?m\.?)?")
_NAMED_TIMES = {"noon": 12 * 60, "midday": 12 * 60, "midnight": 0}
_TIME_BEGINS = re.compile(r"(?:at )?(?=\d|noon|mid)")
_SPAN = re.compile(r"(?:(\d{1,6}) ?|an? )([a-z]+)")
_MINUTES = {"m": 1, "min": 1, "minute": 1, "h": 60, "hr": 60, "hour": 60, "d": _DAY, "day": _DAY, "w": 7 * _DAY}
_MINUTES |= {"week": 7 * _DAY}
_BETWEEN = re.compile(r" ?(?:-|\bto\b|\btill\b|\buntil\b) ?")
_SILENT = re.compile(r"\s*\b(?:silent(?:ly)?|(?:without|no) (?:a )?sound)$")
_OFF = frozenset({"off", "none", "no", "stop", "never", "end"})
_ON = frozenset({"on", "yes", "now", "at once", "always"})
_DASHES = str.maketrans("‐‑‒–—−", "------")  # what phones make of one
_CADENCES = {
    Cadence.INSTANT: {"instant", "instantly", "now", "at once", "immediately", *_OFF},
    Cadence.HOURLY: {"hourly", "hour", "every hour"},
    Cadence.DAILY: {"daily", "day", "every day"},
    Cadence.WEEKLY: {"weekly", "week", "every week"},
}


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often, and when if that was said: minutes after midnight, day of the week (0 is Monday)."""

    cadence: Cadence
    minute: int | None = None
    weekday: int | None = None


def plain(text: str) -> str:
    """The words in small letters, on one line, with ordinary digits and dashes; empty: they are too many."""
    if len(text) > _LONGEST:
        return ""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_DASHES).casefold().split())


def is_off(text: str) -> bool:
    """Whether it says that something should end."""
    return plain(text) in _OFF


def is_on(text: str) -> bool:
    """Whether it says that something should be."""
    return plain(text) in _ON


def minute_of(text: str) -> int | None:
    """The time of day, in minutes after midnight: 8, 08:00, 20.30, 20h30, 830, 8am, 8:00 p.m., noon, 24:00."""
    said = plain(text).removeprefix("at ")
    if said in _NAMED_TIMES:
        return _NAMED_TIMES[said]
    parts = _TIME.fullmatch(said)
    if parts is None:
        return None
    hour, minute, half = int(parts[1]), int(parts[2] or parts[3] or 0), parts[4]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if minute > 59 or 60 * hour + minute > _DAY:
        return None
    return (60 * hour + minute) % _DAY


def weekday_of(text: str) -> int | None:
    """The day of the week, from two letters of its name on; 0 is Monday."""
    name = plain(text).removeprefix("on ").removesuffix("s") if text else ""
    if len(name) < 2:
        return None
    return next((number for number, day in enumerate(words.WEEKDAYS) if day.casefold().startswith(name)), None)


def span_of(text: str) -> timedelta | None:
    """How long: 8h, 30m, 2d, 1w, 1h30m, 2 hours, a day."""
    said = plain(text).removeprefix("for ")
    minutes, at = 0, 0
    while at < len(said):
        part = _SPAN.match(said, at)
        unit = part and (_MINUTES.get(part[2]) or _MINUTES.get(part[2].removesuffix("s")))
        if not part or not unit:
            return None
        minutes += int(part[1] or 1) * unit
        at = part.end() + said.startswith(" ", part.end())
    return timedelta(minutes=minutes) if minutes else None


def quiet_of(text: str) -> Quiet | None:
    """The quiet hours: 23-7, 22:30-07:15, 11pm to 7am; `silent` after them lets news come without a sound."""
    said = plain(text).removeprefix("from ")
    hours = _SILENT.sub("", said)
    start, *ends = (minute_of(one) for one in _BETWEEN.split(hours))
    if start is None or len(ends) != 1 or ends[0] is None or ends[0] == start:
        return None
    return Quiet(start, ends[0], silent=hours != said)


def is_silent(text: str) -> bool:
    """Whether it says, and no more, that news should come without a sound."""
    return bool(_SILENT.fullmatch(plain(text)))


def rhythm_of(text: str) -> Rhythm | None:
    """How often: daily, daily 8, weekly monday 9:00, hourly, off; a time alone is daily, a day alone weekly."""
    said = plain(text)
    clock = _TIME_BEGINS.search(said)
    often = said[: clock.start()].strip() if clock else said
    minute = minute_of(said[clock.end() :]) if clock else None
    cadence, weekday = _cadence_and_weekday(often)
    if clock and minute is None:
        return None
    if not often:
        return Rhythm(Cadence.DAILY, minute) if clock else None
    if cadence is None or (minute is not None and cadence not in {Cadence.DAILY, Cadence.WEEKLY}):
        return None
    return Rhythm(cadence, minute, weekday)


def _cadence_and_weekday(often: str) -> tuple[Cadence | None, int | None]:
    for cadence, names in _CADENCES.items():
        if often in names:
            return cadence, None
    first, _, rest = often.partition(" ")
    day = rest if first in {"weekly", "every"} else often
    weekday = weekday_of(day)
    return (None if weekday is None else Cadence.WEEKLY), weekday
