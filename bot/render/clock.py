"""What time it is in a chat, and when what it follows comes next. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from bot.render import words
from bot.render.text import Text, date_time
from bot.schedule import next_time, opening, zone_of
from storage import Cadence, ChatSettings

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ChatClock:
    """A chat's settings, and now, in its zone."""

    settings: ChatSettings
    zone: ZoneInfo
    """The chat's own, or the operator's when it has chosen none."""
    now: datetime

    @classmethod
    def of(cls, settings: ChatSettings, zone: str, now: datetime) -> Self:
        """The clock of a chat with these settings; `zone`: of chats that chose none, or one that this system lacks."""
        own = zone_of(settings, ZoneInfo(zone))
        return cls(settings if settings.zone in {"", own.key} else replace(settings, zone=""), own, now)

    @property
    def local(self) -> datetime:
        """Now, there."""
        return self.now.astimezone(self.zone)

    @property
    def muted(self) -> bool:
        """Whether nothing is delivered now."""
        return self.settings.muted_until is not None and self.settings.muted_until > self.now

    def next_at(self, minute: int) -> datetime:
        """The first moment after now at which it is `minute` minutes after midnight there."""
        return next_time(minute, self.now, self.zone)

    def next_digest(self, cadence: Cadence, served: datetime | None = None) -> datetime | None:
        """When what comes from now on goes in a daily or weekly digest; None for what has no time of its own.

        `served`: when the last one went.
        """
        if cadence not in {Cadence.DAILY, Cadence.WEEKLY}:
            return None
        return opening(cadence, self.settings, since=self.now, served=served, now=self.now, zone=self.zone)

    def holds_up(self, cadence: Cadence, served: datetime | None = None) -> bool:
        """Whether quiet hours or a mute put that digest off."""
        free = replace(self, settings=replace(self.settings, quiet=None, muted_until=None))
        return free.next_digest(cadence, served) != self.next_digest(cadence, served)

    def spoken(self, moment: datetime) -> str:
        """The moment by this clock."""
        return words.moment(moment.astimezone(self.zone), self.local.date(), words.zone(self.zone.key))

    def said(self, moment: datetime) -> Text:
        """The moment, which each reader sees in their own zone."""
        return date_time(int(moment.timestamp()), "wt" if moment - self.now < _WEEK else "wdt", self.spoken(moment))
