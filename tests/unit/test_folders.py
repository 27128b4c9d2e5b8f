"""Real folders, watched in the real event loop; what comes of it is awaited in a real store."""

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest

from bot.intake.folders import FolderWatch
from bot.intake.workers import Workers
from storage import Article, Change, Query, Source, Store, open_store

PAGE = "The ferry is back\nIt was blue once.\n06.12.2023 09:34\n"
HTML = """<!doctype html><html lang="en"><head><title>The lighthouse opens</title>
<meta property="article:published_time" content="2025-07-16T09:00:00Z"></head><body><article><h1>The lighthouse opens</h1>
<p>The lighthouse at the end of the quay was opened to visitors on Tuesday after eleven years of repairs.</p>
<p>"We counted the steps twice," said the keeper, "and both times there were one hundred and four of them."</p>
<p>It will be open every day but Monday, and whoever is under twelve climbs it for nothing.</p></article></body></html>"""


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
    async def watching(self, **options: float) -> AsyncIterator[None]:
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
