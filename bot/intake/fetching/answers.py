"""What the headers of an answer say about asking again. Pure."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

LONGEST = timedelta(days=366)
"""What is said to last longer lasts so long."""
LONGEST_KEPT = 1_000
LONGEST_DATE = 100
_NUMBER = re.compile(r"[0-9]{1,12}")
_DIRECTIVE = re.compile(r'(?:^|,)[ \t]*([a-z-]+)(?:="?([0-9]*))?')
_UNSENDABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def moment_of(header: str) -> datetime | None:
    """A date as HTTP writes it (RFC 9110, HTTP-date), or as mail does. None: it is none."""
    if len(header) > LONGEST_DATE:
        return None
    try:
        moment = parsedate_to_datetime(header)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def retry_after(header: str, date: str, now: datetime) -> timedelta | None:
    """How long a server asks to be left alone (RFC 9110, Retry-After): seconds, or a date by its own clock."""
    header = header.strip()
    if _NUMBER.fullmatch(header):
        return min(timedelta(seconds=int(header)), LONGEST)
    moment = moment_of(header)
    return _bounded(moment - (moment_of(date) or now)) if moment else None


def max_age(cache_control: str, age: str) -> timedelta | None:
    """How much longer an answer of this age is fresh (RFC 9111, 4.2); zero: not at all. None: this does not say.

    `max-age` is meant for readers, `s-maxage` for caches on the way; the one that is there counts, the former first.
    """
    fresh = _fresh(cache_control)
    if fresh and age and _NUMBER.fullmatch(age):
        return max(timedelta(), fresh - timedelta(seconds=int(age)))
    return fresh


def until_expiry(expires: str, date: str, now: datetime) -> timedelta:
    """The same of an answer that says only when it expires, by the clock that it dates itself by."""
    moment = moment_of(expires)
    # RFC 9111, 5.3: what is no date ("0") has passed.
    return _bounded(moment - (moment_of(date) or now)) if moment else timedelta()


def links_of(headers: Iterable[str], rel: str) -> Iterator[str]:
    """The addresses, as written, of links with this relation (RFC 8288, Link)."""
    for header in headers:
        for part in header.split("<")[1:]:
            address, _, parameters = part.partition(">")
            if any(rel in _relations(parameter) for parameter in parameters.split(";")[1:]):
                yield address.strip()


def kept(header: str) -> str:
    """A header to be sent back later, word for word; empty when it is too long to be kept, or could not be sent."""
    return "" if len(header) > LONGEST_KEPT or (header and _UNSENDABLE.search(header)) else header


def _relations(parameter: str) -> list[str]:
    name, _, value = parameter.partition("=")
    return value.strip(' ,"').lower().split() if name.strip().lower() == "rel" else []


@lru_cache(256)  # most feeds say the same
def _fresh(cache_control: str) -> timedelta | None:
    directives = dict(_DIRECTIVE.findall(cache_control.lower()))
    if "no-cache" in directives or "no-store" in directives:
        return timedelta()
    for name in ("max-age", "s-maxage"):
        if _NUMBER.fullmatch(directives.get(name, "")):
            return _bounded(timedelta(seconds=int(directives[name])))
    return None


def _bounded(time: timedelta) -> timedelta:
    return max(timedelta(), min(time, LONGEST))
