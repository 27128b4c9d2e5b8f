"""Real folders, watched in the real event loop; what comes of it is awaited in a real store."""

import asyncio
import errno
import json
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NoReturn
from zipfile import ZipFile

import pytest

from bot.intake.documents.folders import FolderWatch
from bot.intake.processes.workers import Workers
from storage import Article, Change, Query, Source, Store, open_store

PAGE = "The ferry is back\nIt was blue once.\n06.12.2023 09:34\n"
LONG = "It was counted by hand, twice, and in the rain. " * 4
HTML = """<!doctype html><html lang="en"><head><title>The lighthouse opens</title>
<meta property="article:published_time" content="2025-07-16T09:00:00Z"></head>
<body><article><h1>The lighthouse opens</h1>
<p>The lighthouse at the end of the quay was opened to visitors on Tuesday after eleven years of repairs.</p>
<p>"We counted the steps twice," said the keeper, "and both times there were one hundred and four of them."</p>
<p>It will be open every day but Monday, and whoever is under twelve climbs it for nothing.</p>
</article></body></html>"""


class Desk:
    """A store, a folder that it watches, and what comes of both."""

    def __init__(self, store: Store, root: Path) -> None:
        self.store = store
        self.root = root
        self.folder = root / "inbox"
        self.folder.mkdir()
        self.room = True

    async def add(self, path: Path | None = None, name: str = "inbox", **options) -> None:
        source = Source(name, name.title())
        await self.store.folders.add(path or self.folder, source, now=datetime.now(UTC), **options)

    @asynccontextmanager
    async def watching(self, **options: Any) -> AsyncIterator[None]:
        """The folders, watched within the block."""
        given = {"look_seconds": 30.0, "rest_seconds": 0.05} | options
        async with Workers() as workers:
            watch = FolderWatch(
                self.store, workers, lambda: datetime.now(UTC), zone="UTC", has_room=lambda: self.room, **given
            )
            task = asyncio.create_task(watch.run())
            try:
                yield
                assert not task.done()
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def articles(self) -> list[Article]:
        page = await self.store.articles.search(Query.parse("*"), now=datetime.now(UTC), limit=100)
        return list(page.articles)

    async def titles(self, *expected: str) -> list[Article]:
        """The articles once these are the titles."""
        return await self.until(lambda articles: sorted(one.title for one in articles) == sorted(expected))

    async def until(self, wanted: Callable[[list[Article]], bool]) -> list[Article]:
        async with asyncio.timeout(20):
            while not wanted(articles := await self.articles()):
                await self.store.changed(Change.ARTICLES, 0.2)
        return articles

    def drop(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


class Log(logging.Handler):
    """What was logged, and waiting for more of it."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.records: list[logging.LogRecord] = []
        self._loop = asyncio.get_running_loop()
        self._more = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        self._loop.call_soon_threadsafe(self._more.set)

    def with_(self, part: str) -> list[logging.LogRecord]:
        return [record for record in self.records if part in record.getMessage()]

    async def said(self, *parts: str) -> None:
        """Wait until each of these was said."""
        await self.until(lambda: all(map(self.with_, parts)))

    async def until(self, wanted: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not wanted():
                self._more.clear()
                await self._more.wait()


@pytest.fixture
async def log(caplog: pytest.LogCaptureFixture) -> AsyncIterator[Log]:
    caplog.set_level(logging.INFO)
    log = Log()
    logging.getLogger("bot").addHandler(log)
    yield log
    logging.getLogger("bot").removeHandler(log)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_store(f"sqlite:///{tmp_path / 'news.db'}") as store:
        yield Desk(store, tmp_path)


def line(title: str, **more: object) -> str:
    return json.dumps({"title": title, "published": "2025-07-16T09:00:00Z"} | more) + "\n"


async def test_what_is_dropped_is_an_article(desk):
    await desk.add(topics=("harbour",))
    async with desk.watching():
        desk.drop("a.txt", PAGE)
        [article] = await desk.titles("The ferry is back")
        assert (article.source.name, article.topics, article.body) == ("inbox", ("harbour",), "It was blue once.")
        desk.drop("b.jsonl", line("Roof mended") + line("Bell cracked", source="The Bell"))
        desk.drop("c.html", HTML)
        await desk.titles("The ferry is back", "Roof mended", "Bell cracked", "The lighthouse opens")
        with ZipFile(desk.root / "made.zip", "w") as archive:
            archive.writestr("one.txt", PAGE.replace("ferry", "tram"))
        (desk.root / "made.zip").rename(desk.folder / "d.zip")
        articles = await desk.until(lambda articles: len(articles) == 5)
    assert {one.title: one.source.name for one in articles} == {
        "The ferry is back": "inbox",
        "The tram is back": "inbox",
        "Roof mended": "inbox",
        "Bell cracked": "the-bell",
        "The lighthouse opens": "inbox",
    }


async def test_a_file_is_read_when_it_is_written_to_its_end(desk):
    await desk.add()
    async with desk.watching():
        for name in (".hidden.txt", "a.txt.part", "b.txt~", "c.tmp", "d.txt.crdownload", "e.md"):
            desk.drop(name, PAGE)
        with (desk.folder / "f.txt").open("w") as slow:
            slow.write(PAGE[:20])  # a page without its date
            slow.flush()
            desk.drop("g.txt", PAGE.replace("ferry", "tram"))
            await desk.titles("The tram is back")
            slow.write(PAGE[20:])
        await desk.titles("The ferry is back", "The tram is back")
        (desk.folder / "a.txt.part").write_text(PAGE.replace("ferry", "bus"))
        (desk.folder / "a.txt.part").rename(desk.folder / "a.txt")
        await desk.titles("The ferry is back", "The tram is back", "The bus is back")


async def test_what_was_cut_is_read_again_when_it_changes(desk, log):
    await desk.add()
    async with desk.watching():
        with ZipFile(desk.root / "whole.zip", "w") as archive:
            archive.writestr("one.txt", PAGE)
        whole = (desk.root / "whole.zip").read_bytes()
        desk.drop("a.zip", whole[:-30])
        desk.drop("b.html", HTML[:120])
        desk.drop("c.txt", "The roof is mended")
        await log.said("a.zip: is no zip archive", "b.html: ", "c.txt:1: expected a dateline")
        desk.drop("a.zip", whole)
        desk.drop("b.html", HTML)
        desk.drop("c.txt", "The roof is mended\n16.07.2025\n")
        await desk.titles("The ferry is back", "The lighthouse opens", "The roof is mended")


async def test_json_lines_grow_line_by_line(desk, log):
    await desk.add()
    async with desk.watching(rest_seconds=0.5):
        with (desk.folder / "a.jsonl").open("w") as growing:
            growing.write(line("One") + "nonsense\n" + line("Two")[:20])
            growing.flush()
            await desk.titles("One")
            growing.write(line("Two")[20:] + line("Three").rstrip())  # an object is whole without an end of its line
            growing.flush()
            await desk.titles("One", "Two", "Three")
            growing.write("\nmore nonsense\n")
        # All of it was read once: what is wrong is said once, with its own line.
        await log.said("a.jsonl:2: ", "a.jsonl:5: ")
        desk.drop("b.jsonl", line("Four") + '{"title": "cut')
        await desk.titles("One", "Two", "Three", "Four")
        await log.said("b.jsonl:2: ")  # it has rested
        desk.drop("a.jsonl", line("Another") * 2)  # another file of the same name
        await desk.titles("One", "Two", "Three", "Four", "Another")
    assert len(log.with_("refused: ")) == 3


async def test_after_a_restart_only_what_changed_is_read(desk, log):
    first, second = desk.drop("a.txt", PAGE), desk.drop("deep/b.txt", PAGE.replace("ferry", "tram"))
    await desk.add()
    async with desk.watching():
        await desk.titles("The ferry is back", "The tram is back")
    seen = await desk.store.folders.seen("inbox")
    assert set(seen) == {"a.txt", "deep/b.txt"}
    assert seen["a.txt"].size == first.stat().st_size
    second.write_text(PAGE.replace("ferry", "bus"))
    first.rename(desk.folder / "c.txt")
    log.records.clear()
    async with desk.watching():
        await log.until(lambda: sum(record.files for record in log.with_("taken from")) == 2)
        await desk.titles("The ferry is back", "The tram is back", "The bus is back")
    assert set(await desk.store.folders.seen("inbox")) == {"c.txt", "deep/b.txt"}


async def test_files_that_nothing_is_said_of_are_found(desk):
    """As on a disk of another machine: the look finds them, and reads them when they have rested."""
    await desk.add()
    elsewhere = desk.root / "elsewhere"
    elsewhere.mkdir()
    async with desk.watching(look_seconds=0.05, rest_seconds=0.3):
        desk.drop("a.txt", PAGE)
        await desk.titles("The ferry is back")
        (elsewhere / "b.txt").write_text(PAGE.replace("ferry", "tram"))
        os.link(elsewhere / "b.txt", desk.folder / "b.txt")  # of a link made, nothing is said that is listened to
        with (elsewhere / "c.txt").open("w") as slow:
            slow.write(PAGE.replace("ferry", "bus").partition("06.12")[0])
            slow.flush()
            os.link(elsewhere / "c.txt", desk.folder / "c.txt")
            await desk.titles("The ferry is back", "The tram is back")
            slow.write("06.12.2023 09:34\n")
        await desk.titles("The ferry is back", "The tram is back", "The bus is back")


async def test_without_word_from_the_system_folders_are_looked_through(desk, log):
    await desk.add()

    def none() -> NoReturn:
        raise OSError(errno.EMFILE, "Too many open files")

    async with desk.watching(look_seconds=0.05, ears=none):
        desk.drop("a.txt", PAGE)
        await desk.titles("The ferry is back")
    assert len(log.with_("folders cannot be watched")) == 1


async def test_a_fault_of_ours_in_one_file_keeps_no_other_from_being_taken(desk, log):
    await desk.add()
    for name in ("ferry", "tram", "bus", "train"):
        os.utime(desk.drop(f"{name}.txt", PAGE.replace("ferry", name)), (0, 0))
    calls = count()

    def counted(_way: str, _became: str) -> None:
        if next(calls) in {0, 2}:  # of all together, and of the second by itself
            message = "a fault"
            raise ValueError(message)

    async with desk.watching(count=counted):
        await log.until(lambda: sum(record.files for record in log.with_("taken from")) == 3)
        await desk.until(lambda articles: len(articles) == 4)
    assert len(await desk.store.folders.seen("inbox")) == 3
    assert len(log.with_("a file of a watched folder could not be taken in")) == 1


async def test_a_name_may_hold_bytes_that_are_no_text(desk, log):
    await desk.add()
    async with desk.watching(look_seconds=0.05):
        desk.drop(os.fsdecode(b"caf\xe9.txt"), PAGE)
        desk.drop("b.txt", PAGE.replace("ferry", "tram"))
        await desk.titles("The ferry is back", "The tram is back")
        await log.until(lambda: sum(one.files for one in log.with_("taken from a watched folder")) >= 2)
    assert set(await desk.store.folders.seen("inbox")) == {"caf\\udce9.txt", "b.txt"}
    assert not log.with_("could not be taken in")


async def test_folders_in_it_belong_to_it(desk):
    inner = desk.folder / "apart"
    inner.mkdir()
    await desk.add()
    await desk.add(inner, "apart")
    async with desk.watching():
        desk.drop("apart/a.txt", PAGE)
        moved = desk.root / "moved" / "deeper"
        moved.mkdir(parents=True)
        (moved / "b.txt").write_text(PAGE.replace("ferry", "tram"))
        (desk.root / "moved").rename(desk.folder / "moved")
        await desk.titles("The ferry is back", "The tram is back")
        (desk.folder / "new").mkdir()
        desk.drop("new/c.txt", PAGE.replace("ferry", "bus"))
        (desk.folder / "moved").rename(desk.folder / "again")
        desk.drop("again/deeper/d.txt", PAGE.replace("ferry", "train"))
        (desk.folder / "link.txt").symlink_to(desk.drop("../linked.txt", PAGE.replace("ferry", "link")))
        articles = await desk.until(lambda articles: len(articles) == 4)
    assert {one.title: one.source.name for one in articles} == {
        "The ferry is back": "apart",
        "The tram is back": "inbox",
        "The bus is back": "inbox",
        "The train is back": "inbox",
    }


async def test_a_folder_may_go_and_come_back(desk, log):
    await desk.add()
    async with desk.watching(look_seconds=0.05):
        desk.drop("a.txt", PAGE)
        await desk.titles("The ferry is back")
        desk.folder.rename(desk.root / "away")
        await log.said("a watched folder cannot be read")
        (desk.root / "away" / "b.txt").write_text(PAGE.replace("ferry", "tram"))
        (desk.root / "away").rename(desk.folder)
        await log.said("a watched folder is there again")
        await desk.titles("The ferry is back", "The tram is back")
        desk.drop("c.txt", PAGE.replace("ferry", "bus"))
        await desk.titles("The ferry is back", "The tram is back", "The bus is back")
    assert len(log.with_("cannot be read")) == 1


async def test_what_is_changed_while_it_runs_counts_at_once(desk):
    async with desk.watching():
        await desk.add()
        await desk.until(lambda _: True)
        desk.drop("a.txt", PAGE)
        await desk.titles("The ferry is back")
        await desk.store.folders.pause("inbox", paused=True)
        other = desk.root / "other"
        other.mkdir()
        await desk.add(other, "other")
        (other / "b.txt").write_text(PAGE.replace("ferry", "tram"))
        await desk.titles("The ferry is back", "The tram is back")
        desk.drop("c.txt", PAGE.replace("ferry", "bus"))
        (other / "d.txt").write_text(PAGE.replace("ferry", "train"))
        await desk.titles("The ferry is back", "The tram is back", "The train is back")
        await desk.store.folders.pause("inbox", paused=False)
        await desk.titles("The ferry is back", "The tram is back", "The train is back", "The bus is back")


async def test_of_what_lay_there_the_last_day_is_news(desk):
    now = datetime.now(UTC)
    for hours, title in ((1, "Fresh"), (30, "Stale")):
        desk.drop(f"{title}.jsonl", line(title, published=(now - timedelta(hours=hours)).isoformat()))
    await desk.store.articles.add([], arrived=now)
    await desk.add()
    async with desk.watching():
        await desk.titles("Fresh", "Stale")
        assert (await desk.store.stats(1, now=now)).unannounced == 1
        desk.drop("late.jsonl", line("Late", published=(now - timedelta(days=3)).isoformat()))
        await desk.titles("Fresh", "Stale", "Late")
        # What a known source brings later is pushed however late it is.
        assert (await desk.store.stats(1, now=now)).unannounced == 2


async def test_a_list_of_feeds_is_refused(desk, log):
    await desk.add()
    async with desk.watching():
        desk.drop("subs.opml", '<opml><body><outline text="X" xmlUrl="https://x.example/feed"/></body></opml>')
        await log.said("subs.opml: feeds are added by `newscrier import`")
    assert await desk.store.feeds.all() == []


async def test_without_room_on_the_disk_what_is_dropped_waits(desk):
    await desk.add()
    asked = asyncio.Event()

    class Room:
        def __bool__(self) -> bool:
            asked.set()
            return False

    desk.room = Room()
    async with desk.watching():
        desk.drop("a.txt", PAGE)
        await asked.wait()
        assert await desk.articles() == []
        desk.room = True
        await desk.titles("The ferry is back")


async def test_a_large_file_does_not_hold_up_the_others(desk):
    """It is read in turns: what is found after it is taken before it is at its end."""
    await desk.add()
    lines = 2_000
    desk.drop("a.jsonl", "".join(line(f"Number {number}", summary=LONG) for number in range(lines)))
    os.utime(desk.drop("b.txt", PAGE), (0, 0))
    async with desk.watching():
        ferry = Query.parse("title:ferry")
        async with asyncio.timeout(20):
            while not (page := await desk.store.articles.search(ferry, now=datetime.now(UTC), limit=1)).articles:
                await desk.store.changed(Change.ARTICLES, 0.2)
    assert page.articles[0].id < lines
