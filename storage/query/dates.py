"""The dates of a query: a moment, or how long ago.

    2025-07-16  2025/07/16  2025.07.16  16.07.2025  2025-07  2025       the first moment of it, in UTC
    today  yesterday                                                    the first moment of that day, in UTC
    48h  7d  2w                                                         so many hours, days, weeks before now

In 16/07/2025 and 07-16-2025 countries differ about what is the day: they are not read, but guessed at.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_NAMES: Final = ("today", "yesterday")
_HOURS: Final = {"h": 1, "d": 24, "w": 168}
_LONGEST: Final = timedelta(days=36_500)

_SPAN: Final = re.compile(r"(\d{1,6})([hdw])", re.ASCII | re.IGNORECASE)
_YEAR_FIRST: Final = re.compile(r"(\d{4})(?:([-./])(\d{1,2})(?:\2(\d{1,2}))?)?", re.ASCII)
_DAY_FIRST: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_UNCLEAR: Final = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4}|\d{2})", re.ASCII)
_SPELLED_OUT: Final = re.compile(r"-?(\d{1,6})(h|d|w|hours?|days?|weeks?)(?:ago)?", re.ASCII)
_WITH_TIME: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[T_]\d.*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Day:
    """The first moment, in UTC, of the day that is `back` days before today: 0 or 1."""

    back: int


When = datetime | timedelta | Day
"""A moment, how long before now, or a day counted from now."""


class NoDate(ValueError):  # noqa: N818  named after what happened
    """It is no date: something else was `expected`; `instead` is a date that may have been meant."""

    def __init__(self, expected: str, instead: str = "") -> None:
        super().__init__(expected)
        self.expected = expected
        self.instead = instead


def parse(text: str) -> When:
    """The date that somebody typed. Raises NoDate."""
    typed = text.strip().rstrip(".?!").lower()
    if typed in _NAMES:
        return Day(_NAMES.index(typed))
    if found := _SPAN.fullmatch(typed):
        return _span(int(found[1]) * _HOURS[found[2]])
    if found := _YEAR_FIRST.fullmatch(typed):
        return _first_moment(int(found[1]), int(found[3] or 1), int(found[4] or 1))
    if found := _DAY_FIRST.fullmatch(typed):
        return _first_moment(int(found[3]), int(found[2]), int(found[1]))
    raise NoDate("a date like 2025-07-16 or 7d", _guess(typed))


def written(when: When) -> str:
    """The canonical text of a date."""
    if isinstance(when, Day):
        return _NAMES[when.back]
    if isinstance(when, datetime):
        return when.date().isoformat()
    return f"{when // _HOUR}h" if when % _DAY else f"{when // _DAY}d"


def moment(when: When, now: datetime) -> datetime:
    """The moment that is meant."""
    if isinstance(when, Day):
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return today - when.back * _DAY
    return now - when if isinstance(when, timedelta) else when


def _span(hours: int) -> timedelta:
    if not hours:
        raise NoDate("one hour (1h) or more", "1h")
    span = hours * _HOUR
    if span > _LONGEST:
        raise NoDate(f"at most {_LONGEST.days} days", f"{_LONGEST.days}d")
    return span


def _first_moment(year: int, month: int, day: int) -> datetime:
    if not year:
        raise NoDate("a year from 1 on")
    if not 1 <= month <= 12:
        raise NoDate("a month from 1 to 12")
    days = monthrange(year, month)[1]
    if not 1 <= day <= days:
        raise NoDate(f"a day from 1 to {days}", f"{year:04}-{month:02}-{days if day else 1:02}")
    return datetime(year, month, day, tzinfo=UTC)


def _guess(typed: str) -> str:
    if found := _WITH_TIME.fullmatch(typed.upper()):
        return found[1]
    if found := _SPELLED_OUT.fullmatch(re.sub(r"[\s_]", "", typed)):
        return found[1] + found[2][0]
    found = _UNCLEAR.fullmatch(typed)
    if not found:
        return ""
    day, month, year = int(found[1]), int(found[2]), int(found[3])
    if month > 12:
        day, month = month, day
    return f"{year + 2000 if year < 100 else year:04}-{month:02}-{day:02}"
