"""Whether all is well, for `newscrier check`. Nothing is changed by looking."""

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.intake.space import LEAST_FREE as LEAST_FOR_INTAKE
from bot.render.numbers import counted, waited
from bot.settings import Settings
from bot.tenure import instance_name
from bot.transport.account import Account, look_up, shown
from storage import Feed, Folder, Stats, StorageError, look_at, open_store

LEAST_FREE = 500_000_000  # bytes
LONGEST_WAIT = timedelta(hours=1)
LONGEST_FAILURE = timedelta(days=1)
GB = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    said: str
    ok: bool = True
    """False: somebody should mend it."""


async def examine(settings: Settings, now: datetime) -> list[Finding]:
    """Look at everything, as far as one finding lets the next be looked for."""
    return [
        Finding("settings", "read"),
        *await _telegram(settings),
        *await _database(settings, now),
    ]


async def _telegram(settings: Settings) -> list[Finding]:
    token = settings.token.value
    if not token:
        return [Finding("token", "NEWSCRIER_TOKEN is not set", ok=False)]
    address = shown(settings.api_url)
    match await look_up(token, settings.api_url):
        case Account(username=username, webhook=""):
            return [Finding("token", f"@{username} at {address}"), Finding("webhook", "none is set")]
        case Account(username=username, webhook=host):
            said = f"{host} takes what people say to this bot; `newscrier run` would put an end to that"
            return [Finding("token", f"@{username} at {address}"), Finding("webhook", said, ok=False)]
        case str() as reason:
            return [Finding("token", reason, ok=False)]


async def _database(settings: Settings, now: datetime) -> list[Finding]:
    try:
        state = await look_at(settings.database)
        found = [await asyncio.to_thread(_disk, state.folder)]
        if not state.schema:
            return [Finding("database", "there is none yet: the first start makes it"), *found]
        if state.schema != state.known:
            said = f"schema {state.schema}: the next start migrates it to {state.known}"
            return [Finding("database", said), *found]
        async with open_store(settings.database) as store:
            bot = int(settings.token.value.partition(":")[0] or 0)
            running = await store.leases.held(instance_name(bot))
            stats = await store.stats(bot, now=now + await store.offset())
            feeds, folders = await store.feeds.all(), await store.folders.all()
    except StorageError as error:
        return [Finding("database", str(error), ok=False)]
    is_running = running is not None and running.until > now
    return [
        Finding("database", f"schema {state.schema}"),
        *found,
        Finding("instance", "one is running" if is_running else "none is running"),
        *_stats(stats),
        *_feeds(feeds, now),
        *await asyncio.to_thread(_folders, folders),
    ]


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    said = f"{free / GB:,.1f} GB free"
    if free < LEAST_FOR_INTAKE:
        said += f": nothing is taken in until {LEAST_FOR_INTAKE / GB:,.1f} GB are"
    return Finding("disk", said, ok=free >= LEAST_FREE)


def _feeds(feeds: Sequence[Feed], now: datetime) -> Iterator[Finding]:
    failing = [feed for feed in feeds if feed.failing_since and not (feed.paused or feed.ended)]
    ended = [feed for feed in feeds if feed.ended]
    paused = sum(feed.paused for feed in feeds)
    states = f"{counted(len(failing))} failing, {counted(len(ended))} ended, {counted(paused)} paused"
    yield Finding("feeds", f"{counted(len(feeds))}, {states}")
    for feed in failing:
        # What fails for less than a day most often works again by itself.
        if feed.failing_since and now - feed.failing_since >= LONGEST_FAILURE:
            said = f"{feed.source.name} fails since {feed.failing_since:%Y-%m-%d %H:%M} UTC: {feed.error}"
            yield Finding("", said, ok=False)
    for feed in ended:
        yield Finding("", f"{feed.source.name} has ended: {feed.ended}", ok=False)


def _folders(folders: Sequence[Folder]) -> list[Finding]:
    gone = [folder for folder in folders if not folder.paused and not folder.path.is_dir()]
    return [
        Finding("folders", f"{counted(len(folders))} watched"),
        *(Finding("", f"{folder.source.name}: {folder.path} is not there", ok=False) for folder in gone),
    ]


def _stats(stats: Stats) -> Iterator[Finding]:
    yield Finding("chats", f"{counted(sum(stats.chats.values()))}, {counted(sum(stats.paused.values()))} paused")
    for reason, count in stats.paused.items():
        yield Finding("", f"{counted(count)} paused: {reason}")
    yield Finding("articles", f"{counted(stats.articles)}, {counted(stats.unannounced)} not announced yet")
    said = f"{counted(stats.due)} due, the first for {waited(stats.wait)}"
    yield Finding("mailboxes", said, ok=stats.wait < LONGEST_WAIT)
    yield Finding("refused", f"{counted(stats.refused)} in 7 days", ok=not stats.refused)
    for one in stats.refusals:
        articles = ", ".join(f"/article_{article}" for article in one.articles) or "no longer kept"
        yield Finding("", f"{one.at:%Y-%m-%d %H:%M} UTC, chat {one.chat}: {one.reason} ({articles})", ok=False)
