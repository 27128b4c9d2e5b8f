"""When a feed is polled next. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from storage.models import Feed

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
_POLLS_A_GAP = 4  # so many polls from one entry to the next
_POLLS_A_SILENCE = 12  # a feed that has said nothing for a night is polled each 40 minutes, as long as that lasts
_RECENT = 12  # entries that tell how often a feed publishes
_GUESS = timedelta(minutes=15)  # where nothing tells
_DOUBLINGS = 16  # of what is waited after failures: beyond any limit


@dataclass(frozen=True, slots=True)
class Pace:
    """What the operator wants between two polls of a feed."""

    shortest: timedelta = timedelta(minutes=1)
    longest: timedelta = HOUR

    def within(self, interval: timedelta) -> timedelta:
        """The nearest interval that is allowed."""
        if interval < self.shortest:
            return self.shortest
        return min(interval, self.longest)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a feed says itself about when to ask (RSS 2.0, ttl, skipHours and skipDays)."""

    ttl: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    """Of UTC."""
    skip_days: frozenset[int] = frozenset()
    """0 is Monday."""

    def written(self) -> str:
        """As it is kept of a feed (`Feed.wishes`); empty: it wishes nothing."""
        if self == _NOTHING_WISHED:
            return ""
        ttl = self.ttl and self.ttl.total_seconds()
        return json.dumps([ttl, sorted(self.skip_hours), sorted(self.skip_days)])

    @classmethod
    def read(cls, written: str) -> "Wishes":
        """What was kept. What another version wrote otherwise counts for nothing: the next document says it again."""
        if not written:
            return _NOTHING_WISHED
        try:
            ttl, hours, days = json.loads(written)
            return cls(None if ttl is None else timedelta(seconds=ttl), frozenset(hours), frozenset(days))
        except (ValueError, TypeError):
            return cls()


_NOTHING_WISHED = Wishes()


@dataclass(frozen=True, slots=True)
class Heard:
    """A good answer."""

    published: Sequence[datetime] = field(default=())
    """When its entries were published, as far as they say; nothing, if it has not changed."""
    renewed: bool = False
    """It brought something new."""
    max_age: timedelta | None = None
    """So long it is fresh (RFC 9111)."""
    wishes: Wishes = Wishes()


@dataclass(frozen=True, slots=True)
class Next:
    """When to poll next, and how long feeds like this wait from one poll to the next."""

    due: datetime
    interval: timedelta


def after_answer(  # noqa: PLR0913  all that it depends on
    feed: Feed, heard: Heard, *, now: datetime, pace: Pace, chance: float, pushed: bool = False
) -> Next:
    """After a good answer to a poll that began at `now`.

    - A feed is polled some four times from one entry to the next, and more seldom when it falls silent.
    - Not while its answer is fresh or its ttl lasts, but once in the longest interval; nor in hours and days that it
      asks to skip, but once a day.
    - `pushed`: its hub sends what is new, so it is polled as seldom as may be.
    - `chance` (0 to 1) spreads the second polls of feeds that were added together.
    """
    wanted, ttl, fresh = _wanted(feed, heard, now), heard.wishes.ttl, heard.max_age
    interval = wait = pace.within(max(wanted, ttl) if ttl else wanted)
    if pushed:
        wait = pace.longest
    elif fresh and fresh > interval:
        wait = pace.within(fresh)
    if not feed.interval:
        wait = max(wait * (0.5 + chance / 2), pace.shortest)
    return Next(_not_skipped(now + wait, heard.wishes), interval)


def after_failure(  # noqa: PLR0913  likewise
    feed: Feed, *, now: datetime, pace: Pace, chance: float, retry_after: timedelta | None = None, busy: bool = False
) -> Next:
    """After a poll that failed at `now`: twice as long as after the failure before, a third more or less of that.

    - At most the longest interval; when the feed has failed for a day, a day.
    - Not before the server wants it (`retry_after`), but in a day.
    - `busy`: the server asks to be asked less often (429, 503): from now on so it is.
    """
    interval = pace.within(feed.interval * 2 if busy else feed.interval or pace.shortest)
    fails_long = feed.failing_since is not None and now - feed.failing_since >= DAY
    most = max(DAY if fails_long else pace.longest, pace.shortest)
    backing_off = min(pace.shortest * 2 ** min(feed.failures + 1, _DOUBLINGS), most)
    wait = max(backing_off * (2 + 2 * chance) / 3, pace.shortest)
    if busy:
        wait = max(wait, interval)
    if retry_after is not None:
        # A little later than all others that were told the same.
        wait = max(wait, min(retry_after * (1 + chance / 10), DAY))
    return Next(now + min(wait, DAY), interval)


def _wanted(feed: Feed, heard: Heard, now: datetime) -> timedelta:
    """By how often the feed publishes, and how long it has been silent."""
    if not heard.published:
        return _wanted_undated(feed, now, renewed=heard.renewed)
    newest = max((moment for moment in heard.published if moment <= now), default=feed.renewed)
    gap = _usual_gap(heard.published, now)
    usual = gap / _POLLS_A_GAP if gap else feed.interval or _GUESS
    return usual if heard.renewed or not newest else max(usual, (now - newest) / _POLLS_A_SILENCE)


def _wanted_undated(feed: Feed, now: datetime, *, renewed: bool) -> timedelta:
    """The same where no entry says when it was published: nothing has changed, mostly."""
    usual = feed.interval or _GUESS
    if not feed.renewed:
        return usual
    since = now - feed.renewed
    return since / _POLLS_A_GAP if renewed else max(usual, since / _POLLS_A_SILENCE)


def _usual_gap(published: Sequence[datetime], now: datetime) -> timedelta | None:
    """The median of the time between one of the newest entries and the next; None: too few say when they are from."""
    newest = sorted((moment for moment in published if moment <= now), reverse=True)[:_RECENT]
    gaps = sorted(later - earlier for later, earlier in pairwise(newest))
    return gaps[len(gaps) // 2] if gaps else None


def _not_skipped(due: datetime, wishes: Wishes) -> datetime:
    """The first moment from then on that is not to be skipped; at most a day later."""
    if not (wishes.skip_hours or wishes.skip_days):
        return due
    moment = due
    while _is_skipped(moment, wishes):
        moment = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + HOUR
        if moment - due >= DAY:
            return due + DAY
    return moment


def _is_skipped(moment: datetime, wishes: Wishes) -> bool:
    utc = moment.astimezone(UTC)
    return utc.hour in wishes.skip_hours or utc.weekday() in wishes.skip_days
