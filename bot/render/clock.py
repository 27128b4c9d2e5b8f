"""What time it is in a chat, and when what it follows comes next. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.render import words
from bot.render.text import Text, date_time
from storage import Cadence, ChatSettings, Quiet

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ChatClock:
    """A chat's settings, and now, in its zone."""

    settings: ChatSettings
    zone: ZoneInfo
    """The chat's own, or the operator's when it has chosen none."""
    now: datetime

    @property
    def local(self) -> datetime:
        """Now, there."""
        return self.now.astimezone(self.zone)

    @property
    def muted(self) -> bool:
        """Whether nothing is delivered now."""
        return self.settings.muted_until is not None and self.settings.muted_until > self.now

    def next_at(self, minute: int, weekday: int | None = None) -> datetime:
        """The first moment after now at which it is `minute` minutes after midnight there, on this day of the week."""
        return self._first(minute, self.now, weekday)

    def next_digest(self, cadence: Cadence) -> datetime | None:
        """When the next daily or weekly digest may come; None for what has no time of its own."""
        if cadence not in {Cadence.DAILY, Cadence.WEEKLY}:
            return None
        weekday = self.settings.digest_weekday if cadence is Cadence.WEEKLY else None
        slot = self.next_at(self.settings.digest_minute, weekday)
        return self._out_of_quiet(max(slot, self.settings.muted_until or slot))

    def spoken(self, moment: datetime) -> str:
        """The moment by this clock."""
        return words.moment(moment.astimezone(self.zone), self.local.date(), words.zone(self.zone.key))

    def said(self, moment: datetime) -> Text:
        """The moment, which each reader sees in their own zone."""
        return date_time(int(moment.timestamp()), "wt" if moment - self.now < _WEEK else "wdt", self.spoken(moment))

    def _out_of_quiet(self, moment: datetime) -> datetime:
        quiet = self.settings.quiet
        if quiet is None or quiet.silent or not _holds(quiet, moment.astimezone(self.zone)):
            return moment
        return self._first(quiet.end, moment)

    def _first(self, minute: int, after: datetime, weekday: int | None = None) -> datetime:
        """As `next_at`, after another moment."""
        day = after.astimezone(self.zone).date()
        while (moment := self._at(day, minute)) <= after or weekday not in {None, day.weekday()}:
            day += timedelta(days=1)
        return moment

    def _at(self, day: date, minute: int) -> datetime:
        return datetime.combine(day, time(*divmod(minute, 60)), self.zone).astimezone(UTC)


def _holds(quiet: Quiet, local: datetime) -> bool:
    minute = 60 * local.hour + local.minute
    if quiet.start < quiet.end:
        return quiet.start <= minute < quiet.end
    return minute >= quiet.start or minute < quiet.end
