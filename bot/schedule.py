"""When a mailbox is due: cadence, quiet hours, mute, time zones. Pure.

Telegram's limits are pacing's; here is what a chat has chosen.

A time of day that a date lacks, because clocks jump over it, is the first moment after; one that a date has twice is
the first of them.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from storage import Cadence, ChatSettings, Quiet

HOUR = timedelta(hours=1)
DAY_MINUTES = 24 * 60
_LONG_AGO = timedelta(days=8)  # any digest of what was announced then has had its time
_END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)  # beyond it there are no dates to count in


def opening(  # noqa: PLR0913  all that it depends on
    cadence: Cadence,
    settings: ChatSettings,
    *,
    since: datetime,
    served: datetime | None,
    now: datetime,
    zone: ZoneInfo,
) -> datetime:
    """The moment from which a mailbox may be delivered to; `now` when it may be already.

    - A digest goes at the first of its moments after `since`, when the oldest of what is owed was announced, and after
      `served`, when the last one went: hourly ones at each full hour, daily and weekly ones at their time of the day,
      but once a local date. If that has passed, it goes at once.
    - Nothing goes in quiet hours that are not silent, or before a mute is over: it goes when they end.

    `zone`: of chats that chose none.
    """
    own = zone_of(settings, zone)
    at = now
    if cadence is not Cadence.INSTANT:
        # What lies further ahead was noted by a clock that was wrong: nobody waits until then.
        farthest = now + HOUR
        since = since if since <= farthest else now - _LONG_AGO
        served = served if served and served <= farthest else None
        at = max(now, _digest_moment(cadence, settings, since, served, own))
    return _let_through(settings, at, own)


def urgent_opening(settings: ChatSettings, now: datetime) -> datetime:
    """The moment from which urgent news may go to a chat that has agreed to it: it waits for nothing but a mute."""
    return max(now, settings.muted_until) if settings.muted_until else now


def is_silent(settings: ChatSettings, now: datetime, zone: ZoneInfo) -> bool:
    """Whether what is delivered now makes no sound. `zone`: of chats that chose none."""
    quiet = settings.quiet
    return quiet is not None and quiet.silent and _quiet_until(quiet, now, zone_of(settings, zone)) is not None


def next_time(minute: int, after: datetime, zone: ZoneInfo) -> datetime:
    """The first moment after this one at which it is `minute` minutes after midnight there."""
    day = after.astimezone(zone).date()
    while (at := _first(day, minute, zone)) <= after:
        day += timedelta(days=1)
    return at


def zone_of(settings: ChatSettings, zone: ZoneInfo) -> ZoneInfo:
    """The chat's zone; `zone` if it chose none, or one that is not known (any more)."""
    return (_zone(settings.zone) if settings.zone else None) or zone


@lru_cache(maxsize=1_024)  # a name that is not known is looked for in many files
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _let_through(settings: ChatSettings, at: datetime, zone: ZoneInfo) -> datetime:
    """The first moment from `at` on that is neither muted nor in quiet hours which hold things up."""
    if settings.muted_until:
        at = max(at, settings.muted_until)
    quiet = settings.quiet
    if quiet is None or quiet.silent:
        return at
    # Where clocks jump over the time between them, quiet hours follow one another.
    while at < _END_OF_TIME and (end := _quiet_until(quiet, at, zone)):
        at = end
    return at


def _quiet_until(quiet: Quiet, at: datetime, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours are over that `at` lies in; None: it lies in none."""
    length = (quiet.end - quiet.start) % DAY_MINUTES
    if not length:
        return None
    today = at.astimezone(zone).date()
    # Those of yesterday may end today; those of tomorrow have begun when midnight comes twice.
    for days in (-1, 0, 1):
        day = today + timedelta(days)
        end = _first(day, quiet.start + length, zone)
        if _first(day, quiet.start, zone) <= at < end:
            return end
    return None


def _digest_moment(
    cadence: Cadence, settings: ChatSettings, since: datetime, served: datetime | None, zone: ZoneInfo
) -> datetime:
    """When the digest of what is owed goes, quiet hours and mute apart."""
    after = max(since, served) if served else since
    if cadence is Cadence.HOURLY:
        return _next_hour(after, zone)
    day, step = after.astimezone(zone).date(), timedelta(days=1)
    if cadence is Cadence.WEEKLY:
        day += timedelta((settings.digest_weekday - day.weekday()) % 7)
        step = timedelta(days=7)
    if served and day <= served.astimezone(zone).date():
        day += step
    while (at := _first(day, settings.digest_minute, zone)) <= after:
        day += step
    return at


def _next_hour(after: datetime, zone: ZoneInfo) -> datetime:
    """The first full local hour after the moment. An hour that comes twice is full twice: nobody waits for two."""
    local = after.astimezone(zone)
    begun = local.replace(minute=0, second=0, microsecond=0, tzinfo=None)
    full = after + (HOUR - (local.replace(tzinfo=None) - begun))
    if full.astimezone(zone).utcoffset() == local.utcoffset():
        return full
    change = _change(after, full, zone)
    there = change.astimezone(zone)
    if there.minute == 0 or there.replace(tzinfo=None) >= begun + HOUR:
        return change
    return _next_hour(change, zone)


@lru_cache(maxsize=4_096)  # many chats have the same
def _first(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The first moment at or after so many minutes since the day's midnight, on the clocks of the zone."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    at = wall.replace(tzinfo=zone).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == wall:
        return at
    # Read by the clocks as they were before the jump it lies after the jump, by those as they are then before it.
    return _change(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), at, zone)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """When the zone's clocks were changed between these moments."""
    offset = before.astimezone(zone).utcoffset()
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)
