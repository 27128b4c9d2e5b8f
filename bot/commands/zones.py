"""Time zones as people name them: by a city, a country, a short name, or the hours that they are ahead of UTC."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Literal
from zlib import crc32
from zoneinfo import ZoneInfo, available_timezones

from bot.commands.times import plain

UTC = "UTC"
_LANGUAGES = ("en", "ru", "hy", "az", "tr", "ka", "uk", "fr", "de", "es", "it", "pt", "nl", "pl", "bg", "sr")
_SHORT = {
    **dict.fromkeys(("utc", "gmt", "z", "zulu"), UTC),
    **dict.fromkeys(("msk", "мск"), "Europe/Moscow"),
    **dict.fromkeys(("et", "est", "edt", "eastern"), "America/New_York"),
    **dict.fromkeys(("ct", "cst", "cdt", "central"), "America/Chicago"),
    **dict.fromkeys(("mt", "mst", "mdt", "mountain"), "America/Denver"),
    **dict.fromkeys(("pt", "pst", "pdt", "pacific"), "America/Los_Angeles"),
    **dict.fromkeys(("cet", "cest"), "Europe/Berlin"),
    **dict.fromkeys(("eet", "eest"), "Europe/Athens"),
    **dict.fromkeys(("wet", "west"), "Europe/Lisbon"),
}
# Large cities, and countries within one, that no zone is named after.
_ELSEWHERE = {
    "America/Chicago": ("Austin", "Dallas", "Houston", "San Antonio"),
    "America/Los_Angeles": ("LA", "Las Vegas", "Portland", "San Diego", "San Francisco", "Seattle"),
    "America/New_York": ("Atlanta", "Boston", "Miami", "NYC", "Philadelphia", "Washington", "Washington DC"),
    "America/Sao_Paulo": ("Brasília", "Rio", "Rio de Janeiro"),
    "America/Toronto": ("Montreal", "Ottawa"),
    "Asia/Dubai": ("Abu Dhabi",),
    "Asia/Ho_Chi_Minh": ("Hanoi",),
    "Asia/Karachi": ("Islamabad", "Lahore"),
    "Asia/Kolkata": ("Bangalore", "Bengaluru", "Chennai", "Delhi", "Hyderabad", "Mumbai", "New Delhi"),
    "Asia/Shanghai": ("Beijing", "Guangzhou", "Shenzhen", "Wuhan"),
    "Asia/Tokyo": ("Osaka",),
    "Asia/Yerevan": ("Gyumri", "Vanadzor", "Գյումրի", "Վանաձոր"),
    "Europe/Amsterdam": ("Holland", "Rotterdam", "The Hague"),
    "Europe/Berlin": ("Cologne", "Frankfurt", "Hamburg", "München", "Munich"),
    "Europe/Istanbul": ("Ankara", "Izmir"),
    "Europe/London": ("Birmingham", "Edinburgh", "England", "Manchester", "Scotland", "Wales"),
    "Europe/Madrid": ("Barcelona", "Valencia"),
    "Europe/Moscow": ("Saint Petersburg", "St. Petersburg", "Питер", "Санкт-Петербург", "Сочи"),
    "Europe/Paris": ("Lyon", "Marseille"),
    "Europe/Rome": ("Milan", "Milano", "Naples", "Turin"),
    "Europe/Zurich": ("Bern", "Geneva"),
}
_ABBREVIATED = {"usa": "US", "uk": "GB", "uae": "AE"}
_ODD = frozenset({"Factory", "localtime", "posixrules"})  # which say nothing of where somebody is
_ODD |= {f"{area}GMT{zero}" for area in ("", "Etc/") for zero in ("0", "+0", "-0")}
_AHEAD = re.compile(r"(?:etc/)?(?:utc|gmt)? ?([+-]) ?(\d{1,2})(?::?(\d\d))?")
_LONGEST = 64  # letters
_MOST = 12


def named(text: str, now: datetime) -> list[str]:
    """The zones that may be meant, of those with the same time all year one; empty: there are none.

    Reads the disk when it is first called.
    """
    said = plain(text)
    if exact := _SHORT.get(said) or _names().get(said):
        return [_current(exact)]
    if ahead := _AHEAD.fullmatch(said):
        return _ahead(ahead[1], int(ahead[2]), int(ahead[3] or 0), now)
    return _different(_places().get(_key(said), ()), now)


def nearest(text: str, now: datetime) -> list[str]:
    """The zones whose names are most like this one."""
    keys = difflib.get_close_matches(_key(text[:_LONGEST]), list(_places()), n=5, cutoff=0.75)
    return _different(dict.fromkeys(zone for key in keys for zone in _places()[key]), now)


def number_of(zone: str) -> int:
    """A number that stands for the zone in a button."""
    return crc32(zone.encode())


def numbered(number: int) -> str | None:
    """The zone with this number; None: there is none any more. Reads the disk when it is first called."""
    return next((zone for zone in _names().values() if number_of(zone) == number), None)


@cache
def _names() -> dict[str, str]:
    """Every zone by its name in small letters."""
    return {name.casefold(): name for name in sorted(available_timezones() - _ODD)}


@cache
def _places() -> dict[str, tuple[str, ...]]:
    """Zones by what their names begin and end with, and by cities and countries in several languages."""
    from babel import Locale  # noqa: PLC0415  see `_global`

    places: dict[str, dict[str, None]] = {}

    def note(name: str, zones: Iterable[str]) -> None:
        if key := _key(name):
            places.setdefault(key, {}).update(dict.fromkeys(map(_current, zones)))

    for zone in _names().values():
        if not zone.startswith("Etc/"):
            note(zone, [zone])
            note(zone.rpartition("/")[2], [zone])
    countries = _countries()
    for locale in map(Locale.parse, _LANGUAGES):
        for zone, names in locale.time_zones.items():
            if "city" in names and zone.casefold() in _names():
                note(names["city"], [zone])
        for country, zones in countries.items():
            note(locale.territories.get(country, ""), zones)
    for name, there in _besides(countries):
        note(name, there)
    return {key: tuple(zones) for key, zones in places.items() if zones}


def _besides(countries: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Sequence[str]]]:
    """Names that are in no table of others."""
    for name, country in _ABBREVIATED.items():
        yield name, countries[country]
    for zone, cities in _ELSEWHERE.items():
        for city in cities:
            yield city, [zone]


def _countries() -> dict[str, list[str]]:
    """The zones of each country, by its ISO 3166 code, as a rule those of most people first."""
    places = _order()
    return {
        country: sorted(
            (zone for zone in zones if zone.casefold() in _names()), key=lambda zone: places.get(zone, len(places))
        )
        for country, zones in _global("territory_zones").items()
    }


def _order() -> dict[str, int]:
    """Where each zone stands in the table of countries and zones."""
    lines = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines()
    return {line.split("\t")[2]: number for number, line in enumerate(lines) if line[:1] not in {"#", ""}}


def _current(zone: str) -> str:
    """The zone's present name."""
    current = str(_global("zone_aliases").get(zone, zone))
    return current if current.casefold() in _names() and not current.startswith("Etc/") else zone


def _ahead(sign: str, hours: int, minutes: int, now: datetime) -> list[str]:
    if not hours and not minutes:
        return [UTC]
    # In these names, as in POSIX, what is ahead has a minus.
    if not minutes and (name := _names().get(f"etc/gmt{'-' if sign == '+' else '+'}{hours}")):
        return [name]
    ahead = timedelta(hours=hours, minutes=minutes) * (1 if sign == "+" else -1)
    zones = dict.fromkeys(zone for found in _countries().values() for zone in map(_current, found))
    return _different((zone for zone in zones if now.astimezone(ZoneInfo(zone)).utcoffset() == ahead), now)


def _different(zones: Iterable[str], now: datetime) -> list[str]:
    """The first few of the zones, without those whose time is that of one before, now and in half a year."""
    seen: dict[tuple[timedelta | None, ...], str] = {}
    for zone in zones:
        times = (now.astimezone(ZoneInfo(zone)), (now + timedelta(days=182)).astimezone(ZoneInfo(zone)))
        seen.setdefault(tuple(one.utcoffset() for one in times), zone)
    return list(seen.values())[:_MOST]


def _key(name: str) -> str:
    """Letters and digits alone, without case and marks."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def _global(table: Literal["territory_zones", "zone_aliases"]) -> Mapping[str, Any]:
    """A table of Unicode's CLDR."""
    from babel.core import get_global  # noqa: PLC0415  few say a zone, and who starts need not wait for it

    return get_global(table)
