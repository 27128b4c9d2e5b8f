"""Dates as pages and feeds write them.

Day, month and year stand in any of the orders of `_FORMS`, the month as a number or as a word (English, Russian,
Armenian, Azerbaijani, Turkish, Georgian; long or short, from Unicode's CLDR through Babel), the year with four digits.
A weekday may come before, a time before or after, and after a time its zone (`Z`, `UTC`, `+04:00`, `GMT+4`). Fractions
of a second are dropped.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import get_day_names, get_month_names

from bot.intake.parsing.choices import DateOrder
from bot.intake.parsing.clean import shown

_LOCALES = ("en", "en_GB", "ru", "hy", "az", "tr", "ka")
_LONGEST = 64
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u061c\u00ad"))
_YEARS = range(1900, 2101)

_WORD = r"[^\W\d_]+"
_WEEKDAY = rf"(?:(?P<weekday>{_WORD})[.,]* )?"
_DAY = r"(?P<day>[0-9]{1,2})"
_MONTH = r"(?P<month>[0-9]{1,2})"
_NAME = rf"(?P<name>{_WORD})"
_YEAR = r"(?P<year>[0-9]{4})"
_NTH = r"(?:st|nd|rd|th)?"
_OF_YEAR = r"(?: ?(?:года|год|г|թ|թվական|წელი|წ|il|yil)\.?)?"  # "in the year", which some languages write

_FORMS = tuple(
    re.compile(f"{_WEEKDAY}{form}")
    for form in (
        rf"{_YEAR}(?P<mark>[-./]){_MONTH}(?P=mark){_DAY}",  # 2023-12-06
        rf"{_DAY}\. ?{_MONTH}\. ?{_YEAR}{_OF_YEAR}",  # 06.12.2023
        rf"(?P<first>[0-9]{{1,2}})(?P<mark>[/-])(?P<second>[0-9]{{1,2}})(?P=mark){_YEAR}",  # 06/12/2023
        rf"{_DAY}{_NTH}[ ./-]*{_NAME}[ .,/-]*{_YEAR}{_OF_YEAR}",  # 16.Jul.2025, 6 December 2023
        rf"{_NAME}[ .]*{_DAY}{_NTH}[ .,]+{_YEAR}",  # December 6, 2023
        rf"{_YEAR}{_OF_YEAR}[ .,/-]+{_NAME}[ ./-]*{_DAY}",  # 2023 թ. դեկտեմբերի 6
    )
)
_SECOND = r"(?::(?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?"
_CLOCK = rf"(?P<hour>[0-9]{{1,2}}):(?P<minute>[0-9]{{2}}){_SECOND}(?: ?(?P<half>[ap])\.?m\.?)?"
_ZONE = r"(?: ?(?P<zone>z|(?:utc|gmt)?(?P<sign>[+-])(?P<hours>[0-9]{1,2}):?(?P<minutes>[0-9]{2})?|utc|gmt))?"
_TIME_LAST = re.compile(rf"(?:(?<=[0-9])t|[ ,]+(?:[–—|-] |at |в |saat |ժամը )?){_CLOCK}{_ZONE}$")
_TIME_FIRST = re.compile(rf"{_CLOCK}{_ZONE}[ ,]+(?:[–—|-] )?")


class DateError(ValueError):
    """A text is not a moment. The message quotes it and says why."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"{shown(text)} {reason}")
        self.text = text
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was published."""

    published: datetime
    """Aware, UTC."""
    date_only: bool
    """A day without a time; `published` is the day's first moment in the zone it was read in."""


@dataclass(frozen=True, slots=True)
class _Found:
    day: re.Match[str]
    clock: re.Match[str] | None


def parse_moment(text: str, *, zone: ZoneInfo, order: DateOrder | None) -> Moment:
    """The moment that a text names; a time without a zone of its own is read in `zone`.

    A local time that the zone has twice (clocks go back) is the first of the two; one that it skips (clocks go forward)
    is read as if they had not gone yet. Raises DateError: not a date; a date that does not exist; a year outside 1900
    to 2100; numbers such as 06/12/2023 that do not say which is the day, unless `order` does.
    """
    found = _find(text)
    if found is None:
        raise DateError(text, "is not a date such as 06.12.2023 09:34, 2023-12-06T09:34:00+04:00 or 6 December 2023")
    day = _date(text, found.day, order)
    if found.clock is None:
        return Moment(datetime.combine(day, time(), zone).astimezone(UTC), date_only=True)
    moment = datetime.combine(day, _time(text, found.clock), _zone(text, found.clock) or zone)
    return Moment(moment.astimezone(UTC), date_only=False)


def is_dateline(line: str) -> bool:
    """Whether the line is nothing but a date, by its form; whether there is such a day, parse_moment says."""
    return _find(line) is not None


def _find(text: str) -> _Found | None:
    if len(text) > _LONGEST:
        return None
    text = _fold(text)
    clock = _TIME_LAST.search(text)
    if clock:
        text = text[: clock.start()]
    elif clock := _TIME_FIRST.match(text):
        text = text[clock.end() :]
    matches = (form.fullmatch(text) for form in _FORMS)
    day = next((match for match in matches if match and _words_are_known(match.groupdict())), None)
    return _Found(day, clock) if day else None


def _words_are_known(groups: dict[str, str | None]) -> bool:
    name, weekday = groups.get("name"), groups["weekday"]
    return (name is None or name in _months()) and (weekday is None or weekday in _weekdays())


def _date(text: str, found: re.Match[str], order: DateOrder | None) -> date:
    groups = found.groupdict()
    year = int(groups["year"])
    if year not in _YEARS:
        raise DateError(text, f"is outside the years {_YEARS[0]} to {_YEARS[-1]}")
    if "first" in groups:
        day, month = _in_order(text, int(groups["first"]), int(groups["second"]), order)
    else:
        day, month = int(groups["day"]), _months()[groups["name"]] if "name" in groups else int(groups["month"])
    try:
        return date(year, month, day)
    except ValueError:
        raise DateError(text, "names a day that does not exist") from None


def _in_order(text: str, first: int, second: int, order: DateOrder | None) -> tuple[int, int]:
    """(day, month) of two numbers."""
    if order is None and first <= 12 and second <= 12 and first != second:
        raise DateError(text, "does not say whether the day or the month comes first: add --dates day|month")
    if order is DateOrder.MONTH or (order is None and second > 12):
        return second, first
    return first, second


def _time(text: str, clock: re.Match[str]) -> time:
    hour, half = int(clock["hour"]), clock["half"]
    if half and not 1 <= hour <= 12:
        raise DateError(text, "names a time that does not exist")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, int(clock["minute"]), int(clock["second"] or 0))
    except ValueError:
        raise DateError(text, "names a time that does not exist") from None


def _zone(text: str, clock: re.Match[str]) -> tzinfo | None:
    if not clock["zone"]:
        return None
    if not clock["sign"]:
        return UTC
    hours, minutes = int(clock["hours"]), int(clock["minutes"] or 0)
    if hours > 14 or minutes > 59:
        raise DateError(text, "names a zone that does not exist")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if clock["sign"] == "-" else offset)


def _fold(text: str) -> str:
    # Turkish and Azerbaijani: dotless ı, and İ, which casefold turns into i and a dot above.
    text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).casefold().replace("ı", "i").replace("\u0307", "")
    return " ".join(text.replace("−", "-").split())


@cache
def _months() -> dict[str, int]:
    """Month names, folded, without dots; also their first three and four letters, where these decide."""
    names = {_fold(name).rstrip("."): number for number, name in _cldr_months()}
    shorts: dict[str, set[int]] = {}
    for name, number in names.items():
        for length in (3, 4):
            shorts.setdefault(name[:length], set()).add(number)
    return {short: numbers.pop() for short, numbers in shorts.items() if len(numbers) == 1} | names


def _cldr_months() -> Iterator[tuple[int, str]]:
    for locale in _LOCALES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                yield from get_month_names(width, context, locale).items()


@cache
def _weekdays() -> frozenset[str]:
    names = (
        name
        for locale in _LOCALES
        for width in ("wide", "abbreviated")
        for name in dict(get_day_names(width, "format", locale)).values()
    )
    return frozenset(_fold(name).rstrip(".") for name in names)
