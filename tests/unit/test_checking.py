"""What `newscrier check` says of feeds, folders and the disk."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.checking import Finding, examine
from bot.settings import read_settings
from storage import NewFeed, Polled, Source, open_store

NOW = datetime(2025, 7, 16, 12, tzinfo=UTC)
DAY = timedelta(days=1)


async def test_sources_that_should_be_mended_are_named(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'news.db'}"
    async with open_store(database) as store:
        polls = {
            "fresh": {"failed": "it does not answer"},
            "broken": {"failed": "it is no feed"},
            "over": {"ended": "410 Gone"},
            "fine": {},
        }
        for name, how in polls.items():
            at = NOW - 2 * DAY if name == "broken" else NOW - DAY / 2
            feed = NewFeed(f"https://ada:sesame@{name}.example/feed", Source(name, name.title()))
            _, claim = await store.feeds.add(feed, now=at, lease=DAY)
            assert claim
            await store.feeds.settle([Polled(claim, NOW, DAY, **how)], now=at)
        await store.feeds.pause("fine", paused=True, now=NOW)
        for name in ("inbox", "gone"):
            await store.folders.add(tmp_path / name, Source(name, name.title()), now=NOW)
    (tmp_path / "inbox").mkdir()
    found = await examine(read_settings(database=database, token="", env_file=None), NOW)
    start = [finding.what for finding in found].index("feeds")
    assert found[start:] == [
        Finding("feeds", "4, 2 failing, 1 ended, 1 paused"),
        Finding("", "broken fails since 2025-07-14 12:00 UTC: it is no feed", ok=False),
        Finding("", "over has ended: 410 Gone", ok=False),
        Finding("folders", "2 watched"),
        Finding("", f"gone: {tmp_path / 'gone'} is not there", ok=False),
    ]
