"""What the commands ask about addresses, answered by intake."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bot.commands.desk import FeedHindrance
from bot.intake.feeds.introducing import Hindrance, Introduced, Introducer, IntroductionError, Wanted
from bot.intake.processes.workers import WorkersClosedError
from bot.waiting import unless
from storage import Feed, Place, Store

ANNOUNCING_SECONDS = 2.0
LOOK_SECONDS = 0.02
PATIENCE_SECONDS = 50.0  # a site may be asked in several places, and who asks for it is waiting
_HINDRANCES = {
    Hindrance.NO_ADDRESS: FeedHindrance.NO_ADDRESS,
    Hindrance.REFUSED: FeedHindrance.NOT_ALLOWED,
    Hindrance.UNREACHABLE: FeedHindrance.UNREACHABLE,
    Hindrance.NO_FEED: FeedHindrance.NO_FEED,
}


@dataclass(frozen=True, slots=True)
class ReadersFeeds:
    """The desk's port `Feeds`."""

    store: Store
    introducer: Introducer
    zone: str
    """Of a new feed's times that name none."""
    has_room: Callable[[], bool]
    """Whether there is room for what a new feed may bring."""
    ending: asyncio.Event
    """Nobody waits for a site when the bot ends."""
    announcing_seconds: float = ANNOUNCING_SECONDS
    """So long what a feed has brought may take to be announced, at most."""

    async def known(self, address: str) -> Feed | FeedHindrance | None:
        """See the port."""
        try:
            feed = await self.introducer.known(address)
        except IntroductionError as error:
            return _HINDRANCES[error.kind]
        if feed:
            await self._announced(feed)
        return feed

    async def introduce(self, address: str, place: Place, most: int | None) -> tuple[Feed, bool] | FeedHindrance:
        """See the port."""
        if not self.has_room():
            return FeedHindrance.NOT_NOW
        found: list[Introduced] = []

        async def look() -> None:
            found.append(await self.introducer.introduce(address, Wanted(place, most, zone=self.zone)))

        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await unless(self.ending, look())
        except IntroductionError as error:
            return _HINDRANCES[error.kind]
        except TimeoutError:
            return FeedHindrance.UNREACHABLE
        except WorkersClosedError:
            return FeedHindrance.NOT_NOW
        if not found:
            return FeedHindrance.NOT_NOW
        await self._announced(found[0].feed)
        return found[0].feed, found[0].new

    async def _announced(self, feed: Feed) -> None:
        """Wait until what it has brought is announced: who follows it now is shown that, and is not sent it, too."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.announcing_seconds):
                while await self.store.articles.has_unannounced(feed.source.name):  # noqa: ASYNC110  a gap
                    await asyncio.sleep(LOOK_SECONDS)
