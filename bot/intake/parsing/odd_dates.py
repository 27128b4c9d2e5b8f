"""Dates that follow no standard of ours, or one that nobody keeps: what feeds and pages write, read as it was meant."""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from bot.intake.parsing.choices import DateOrder
from bot.intake.parsing.dates import DateError, Moment, parse_moment

_LONGEST = 120
_YEARS = range(1900, 2101)
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # what programs write that have none
# ISO 8601 in its other widths: 2025, 2025-07, 20250716, 20250716T0934+0400, 2025-W29-3, 2025-197, and `24:00`.
_ISO = re.compile(
    r"(?P<year>[0-9]{4})(?:-?W(?P<week>[0-9]{2})(?:-?(?P<weekday>[1-7]))?|-?(?P<ordinal>[0-9]{3})(?![0-9])"
    r"|(?:-(?P<month>[0-9]{1,2})(?:-(?P<day>[0-9]{1,2}))?|(?P<month2>[0-9]{2})(?P<day2>[0-9]{2}))?)"
    r"(?:(?:[T_]|\s+)(?P<hour>[0-9]{1,2})"
    r"(?::?(?P<minute>[0-9]{2}|(?<=:)[0-9])(?::?(?P<second>[0-9]{2}|(?<=:)[0-9])(?:[.,][0-9]+)?)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?[+-][0-9]{1,2}(?::?[0-9]{2})?(?::?[0-9]{2})?|[A-Z]{3,5})?)?",
    re.IGNORECASE,
)
# 20250716093400, which no count of seconds is.
_DIGITS = re.compile(r"((?:19|20)[0-9]{6})([0-9]{4}(?:[0-9]{2})?)")
# 16.07.25 and 07/16/25: years of two digits come last in these.
_SHORT_YEAR = re.compile(r"(?:[^\W\d_]{2,15}[.,]* )?([0-9]{1,2})([./])([0-9]{1,2})\2([0-9]{2})(?=$|[ ,T])")
# Europe/Brussels, [Asia/Yerevan] and МСК after a time.
_PLACE = re.compile(r"(?<=[0-9])\s*(?:\[?([A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_-]+){1,2})\]?|(мск))$", re.IGNORECASE)
# A day with its zone (XML Schema): `2025-07-16+04:00`.
_DAY_ZONE = re.compile(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})$")
# `2025. 7. 16.`, as Hungarians and Koreans write.
_SPACED = re.compile(r"^([0-9]{4})\. ?([0-9]{1,2})\. ?([0-9]{1,2})\.?(?=$|[ ,(])")
# `09.34`, `09.34.00` and `09h34` after a year.
_DOTTED_TIME = re.compile(r"(?<=\s)([0-9]{1,2})[.h]([0-9]{2})(?:\.([0-9]{2}))?(?=\s|$)")
_YEAR = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_CLOCK_OF_GO = re.compile(r" m=[+-][0-9.]+$")
_GUESSES = 100
_SLASHES = re.compile(r"(?<![0-9])([0-9]{1,2})[/-]([0-9]{1,2})[/-][0-9]{2}(?:[0-9]{2})?(?![0-9])")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HALVES = re.compile(r"[0-9] ?[ap]\.?m\b", re.IGNORECASE)  # whose clock has twelve hours writes the month first
_AHEAD = timedelta(days=1)
_STAMP = re.compile(r"1[0-9]{9}(?:[0-9]{3})?(?:\.[0-9]+)?")
# Zones that are written as words (RFC 822, and what people in Europe and the Caucasus write), in hours from UTC.
_ZONES_BY_HOURS = {
    0: "z ut utc gmt wet",
    1: "bst cet west met wat",
    2: "cest eet mest sast cat",
    3: "eest msk trt idt eat",
    3.5: "irst",
    4: "amt azt get samt gst msd",
    4.5: "irdt aft",
    5: "pkt uzt yekt",
    5.5: "ist",
    5.75: "npt",
    7: "wib ict",
    8: "hkt sgt wita pht myt awst",
    9: "jst kst wit",
    9.5: "acst",
    10: "aest",
    10.5: "acdt",
    11: "aedt",
    12: "nzst",
    13: "nzdt",
    -2.5: "ndt",
    -3: "adt brt art uyt",
    -3.5: "nst",
    -4: "edt ast clt vet",
    -5: "est cdt cot pet",
    -6: "cst mdt",
    -7: "mst pdt",
    -8: "pst akdt",
    -9: "akst",
    -10: "hst",
}
_ZONES = {name: timezone(timedelta(hours=hours)) for hours, names in _ZONES_BY_HOURS.items() for name in names.split()}
_OFFSET = re.compile(r"[a-z]{0,5}([+-])([0-9]{1,2}):?([0-9]{2})?(?::?[0-9]{2})?")  # `MST-07:00` says it twice
_COMMENT = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])")
# `+0000 UTC`, `+0400 +04`, `-05:00Z`: the second says the same once more, or nothing.
_SECOND_ZONE = re.compile(r"(?<=[+-][0-9]{4}) (?:[A-Z]{3,5}|[+-][0-9]{2,4})$|(?<=[+-][0-9]{2}:[0-9]{2})Z$")
# C's asctime: Wed Jul 16 09:34:00 2025, with a zone before the year perhaps.
_ASCTIME = re.compile(
    r"^(?:[^\W\d_]+,? )?([A-Za-z]{3}) ([0-9]{1,2}) ([0-9]{1,2}:[0-9]{2}:[0-9]{2}) "
    r"(?:([A-Z]{3,5}|[+-][0-9]{4}) )?([0-9]{4})$"
)
# RFC 822 as it is written: the weekday right, wrong or missing, months long, years of two digits, zones of any kind.
_MAIL = re.compile(
    r"(?:[^\W\d_]+\.?,?\s+)?(?P<day>[0-9]{1,2})[\s-]+(?P<name>[^\W\d_]+)\.?,?[\s-]+(?P<year>[0-9]{4}|[0-9]{2})"
    r"(?:,?\s+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2})(?:[.,][0-9]+)?)?"
    r"\s*(?P<zone>[+-]\s?[0-9]{1,2}:?[0-9]{0,2}|[A-Za-z]{1,5}(?:[+-][0-9]{1,2}(?::?[0-9]{2})?)?|[+-][0-9]{3,4}\s.*)?)?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LANGUAGES = ("en", "ru", "hy", "ka", "az", "tr", "de", "fr", "es", "it", "pt", "uk", "ar", "fa", "zh", "ja", "ko")
_MORE_LANGUAGES = {
    "pl",
    "nl",
    "el",
    "cs",
    "sv",
    "da",
    "ro",
    "hu",
    "bg",
    "sr",
    "hr",
    "fi",
    "nb",
    "he",
    "hi",
    "id",
    "kk",
    "th",
    "vi",
}
_WEEKDAY = re.compile(r"^[^\W\d_]{2,15}[.,]*,?\s+(?=[0-9])")


class DateReader:
    """Reads the dates of one document; times without a zone are meant in `zone`.

    What takes long is tried a few times only: a document of a thousand dates that nobody can read costs no more.
    """

    def __init__(self, zone: str, now: datetime, language: str = "", tries: int = 12) -> None:
        self._zone = ZoneInfo(zone)
        self._now = now
        more = (language,) if language in _MORE_LANGUAGES else ()
        self._languages = list(dict.fromkeys((*more, *_LANGUAGES)))
        self._tries = tries
        self._guesses = _GUESSES
        self._order: DateOrder | None = None
        self._known: dict[str, Moment | None] = {}

    def read(self, text: str) -> Moment | None:
        """The moment; None when it is none that anybody could name."""
        text = " ".join(text[: _LONGEST * 2].split()).strip("\"'")
        if not text or len(text) > _LONGEST:
            return None
        if text not in self._known:
            self._known[text] = self._read(text)
        return self._known[text]

    def _read(self, text: str) -> Moment | None:
        for reader in (self._mail, self._ours, self._iso, self._stamp):
            if moment := reader(text):
                return None if moment.published == _NO_TIME else moment
        if place := _PLACE.search(text):
            return self._in_zone("Europe/Moscow" if place[2] else place[1], text[: place.start()])
        if short := _SHORT_YEAR.match(text):
            return self.read(f"{short[1]}{short[2]}{short[3]}{short[2]}{_century(int(short[4]))}{text[short.end() :]}")
        bare = _plainer(text)
        if bare != text:
            return self.read(bare)
        without = _WEEKDAY.sub("", text)
        if without != text and (moment := self._ours(without)):
            return moment
        return self._anything(text)

    def _in_zone(self, zone: str, text: str) -> Moment | None:
        """The moment of a text that was followed by a zone's name; by an unknown one: of the text alone."""
        try:
            return DateReader(zone, self._now, tries=0).read(text)
        except (KeyError, ValueError, OSError):  # no zone, or no name that a file may have
            return self.read(text)

    def learn(self, texts: Iterable[str]) -> None:
        """See by all dates of the document whether 07/08/2025 names the month or the day first."""
        for text in texts:
            if (found := _SLASHES.search(text)) and max(int(found[1]), int(found[2])) > 12:
                self._order = DateOrder.MONTH if int(found[2]) > 12 else DateOrder.DAY
                return

    def _ours(self, text: str) -> Moment | None:
        moment = self._in_order(text, None)  # 07/16/2025 says itself which of them is the day
        if moment or not _SLASHES.search(text):
            return moment
        either = [self._in_order(text, order) for order in (DateOrder.DAY, DateOrder.MONTH)]
        several = [moment for moment in either if moment]
        return self._likelier(text, *several) if len(several) == 2 else next(iter(several), None)

    def _in_order(self, text: str, order: DateOrder | None) -> Moment | None:
        with suppress(DateError):
            moment = parse_moment(text, zone=self._zone, order=order)
            return moment if moment.published.year in _YEARS else None
        return None

    def _likelier(self, text: str, day_first: Moment, month_first: Moment) -> Moment:
        """Which of two moments is meant: by the weekday, other dates, the clock, or since news is not of the future."""
        weekdays = [moment.published.astimezone(self._zone).weekday() for moment in (day_first, month_first)]
        named = text[:3].lower()
        if named in _WEEKDAYS and weekdays.count(_WEEKDAYS.index(named)) == 1:
            return (day_first, month_first)[weekdays.index(_WEEKDAYS.index(named))]
        soon = self._now + _AHEAD
        if not self._order and (day_first.published > soon) != (month_first.published > soon):
            return month_first if day_first.published > soon else day_first
        return month_first if self._is_month_first(text) else day_first

    def _is_month_first(self, text: str) -> bool:
        return _HALVES.search(text) is not None if self._order is None else self._order is DateOrder.MONTH

    def _mail(self, text: str) -> Moment | None:
        found = _MAIL.fullmatch(text)
        if not found:
            return None
        name = found["name"].lower()[:3]
        if name not in _MONTHS:
            return None
        year = int(found["year"])
        if len(found["year"]) == 2:
            year = _century(year)
        return self._moment(year, _MONTHS.index(name) + 1, int(found["day"]), found)

    def _iso(self, text: str) -> Moment | None:
        if digits := _DIGITS.fullmatch(text):
            text = f"{digits[1]}T{digits[2]}"
        found = _ISO.fullmatch(text)
        if not found or int(found["year"]) not in _YEARS:
            return None
        year = int(found["year"])
        try:
            if found["week"]:
                day = date.fromisocalendar(year, int(found["week"]), int(found["weekday"] or 1))
            elif found["ordinal"]:
                day = date(year, 1, 1) + timedelta(days=int(found["ordinal"]) - 1)
            else:
                day = date(year, int(found["month"] or found["month2"] or 1), int(found["day"] or found["day2"] or 1))
        except ValueError:
            return None
        return self._moment(day.year, day.month, day.day, found)

    def _moment(self, year: int, month: int, day: int, found: re.Match[str]) -> Moment | None:
        """The moment of a day and what may be said of its time; 24:00 and a 60th second belong to what follows."""
        if year not in _YEARS:
            return None
        try:
            midnight = datetime.combine(date(year, month, day), time(), self._zone)
            if not found["hour"]:
                return Moment(midnight.astimezone(UTC), date_only=True)
            hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
            if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
                return None
            zone = _offset(found["zone"] or "")
            start = midnight if zone is None else midnight.replace(tzinfo=zone)
            local = start + timedelta(hours=hour, minutes=minute, seconds=second)
            return Moment(local.astimezone(UTC), date_only=False)
        except (ValueError, OverflowError):
            return None

    def _stamp(self, text: str) -> Moment | None:
        """Seconds or milliseconds since 1970."""
        if not _STAMP.fullmatch(text):
            return None
        seconds = float(text)
        return Moment(datetime.fromtimestamp(int(seconds / 1000 if seconds > 1e11 else seconds), UTC), date_only=False)

    def _anything(self, text: str) -> Moment | None:
        """By the library that knows how hundreds of languages write their dates."""
        if self._tries <= 0 or self._guesses <= 0 or not _looks_like_date(text):
            return None
        self._guesses -= 1
        found, language = _guessed(
            text, self._languages, self._now.astimezone(self._zone), month_first=self._is_month_first(text)
        )
        if found is None or found.year not in _YEARS:
            self._tries -= 1
            return None
        # A document has one language: what is known of it need not be looked for again.
        self._languages = sorted(self._languages, key=language.__ne__)
        aware = found if found.tzinfo else found.replace(tzinfo=self._zone)
        date_only = not re.search(r"[0-9][:.][0-9]{2}|[ap]\.?m\b|T[0-9]", text)
        return Moment(aware.astimezone(UTC), date_only)


def _century(year: int) -> int:
    """The year that two digits mean (RFC 2822, 4.3, with the turn where C's programs have it)."""
    return year + (2000 if year < 70 else 1900)


def _offset(text: str) -> timezone | None:
    """The zone that is written after a time; None: none, or one that nobody knows."""
    text = text.strip().lower()
    if found := _OFFSET.match(text.replace(" ", "")):
        hours, minutes = int(found[2]), int(found[3] or 0)
        if hours > 14 or minutes > 59:
            return None
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(-offset if found[1] == "-" else offset)
    return _ZONES.get(text)


def _looks_like_date(text: str) -> bool:
    """Words and digits, and few enough that the search for them ends soon; of digits alone all is read before."""
    digits = sum(map(str.isdigit, text))
    words = any(char.isalpha() and char not in "TZ" for char in text)
    return words and 1 <= digits <= 20 and len(text) <= 60 and len(text.split()) <= 10


def _plainer(text: str) -> str:
    """The same date without what says nothing, or says it twice, in an order and with marks that are known."""
    text = _CLOCK_OF_GO.sub("", text)
    text = _ASCTIME.sub(r"\2 \1 \5 \3 \4", _COMMENT.sub("", _SECOND_ZONE.sub("", text)))
    text = _SPACED.sub(r"\1-\2-\3", _DAY_ZONE.sub(r"\1", text))
    year = _YEAR.search(text)
    if not year:
        return text
    return text[: year.end()] + _DOTTED_TIME.sub(r"\1:\2:\3", text[year.end() :]).replace(": ", " ").removesuffix(":")


def _guessed(text: str, languages: Sequence[str], now: datetime, *, month_first: bool) -> tuple[datetime | None, str]:
    """Of a date without its year, the last one before `now`; and the language that it is written in."""
    from dateparser.date import DateDataParser  # noqa: PLC0415  half a second, for dates that few feeds have

    settings = {
        "PARSERS": ["absolute-time"],  # `2 hours ago` is another moment each time it is read
        "REQUIRE_PARTS": ["day", "month"],
        "PREFER_DATES_FROM": "past",
        "DATE_ORDER": "MDY" if month_first else "DMY",
        "RELATIVE_BASE": now.replace(tzinfo=None),
    }
    found: datetime | None
    for several in (languages[:1], languages[1:]):
        data = DateDataParser(languages=list(several), settings=settings).get_date_data(text)
        found = data.date_obj
        if found:
            return found, str(data.locale)
    return None, ""
