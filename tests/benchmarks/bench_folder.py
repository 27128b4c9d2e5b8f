"""From a file dropped into a watched folder of `newscrier run` to Telegram's message; and many files at once."""

from __future__ import annotations

import json
import time
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench_documents import LINKS, PAGE, SCRIPT
from corpus import Corpus
from following import follow
from measuring import MICRO, Row, Scale, at_most, cpu_of, expect, remove, spread
from pushing import FIRST_CHAT, bot_of
from running import Child, newscrier, running
from sandbox import Sandbox

from storage import EVERYTHING, Change, NewArticle, Query, Source, Store, open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path


async def run(scale: Scale) -> list[Row]:
    texts, pages, many = scale.some(3, 300), scale.some(1, 100), scale.some(50, 10_000)
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox.start(judged=False))
        desk = await stack.enter_async_context(_desk(scale, sandbox, 2 * texts + pages + 1))
        # The first page starts a reader, which others find running.
        first = await desk.way(0, "html", _page)
        saved = [await desk.way(1 + number, "txt", _text) for number in range(texts)]
        lines = [await desk.way(1 + texts + number, "jsonl", _line) for number in range(texts)]
        web = [await desk.way(1 + 2 * texts + number, "html", _page) for number in range(pages)]
        took, cpu, beside = await desk.many(many)
    return [
        Row("dropped file to message, saved page", "ms", spread(saved), goal=at_most(250)),
        Row("dropped file to message, JSON Lines", "ms", spread(lines), goal=at_most(250)),
        Row("dropped file to message, web page", "ms", spread(web), goal=at_most(1_000)),
        Row("dropped file to message, the first web page", "ms", (first * 1_000,)),
        Row(f"{many:,} files dropped at once: taken a second", "files", (many / took,)),
        Row(f"{many:,} files dropped at once: CPU each", "µs", (cpu / many * MICRO,)),
        Row("beside those: /latest in the store", "ms", spread(beside), goal=at_most(100)),
    ]


class Desk:
    """A running bot, of which each chat follows a word of its own, and its watched folder."""

    def __init__(self, sandbox: Sandbox, child: Child, store: Store, inbox: Path) -> None:
        self._sandbox = sandbox
        self._child = child
        self._store = store
        self._inbox = inbox
        self._corpus = Corpus()

    async def way(self, number: int, suffix: str, made: Callable[[NewArticle, str], str]) -> float:
        """Seconds from the file to the message in the chat that follows this number's word."""
        [article] = self._corpus.articles(1)
        content = made(article, f"{article.title} {_word(number)}")
        begun = time.monotonic()
        (self._inbox / f"{number}.{suffix}").write_text(content, "utf-8")
        [record] = await self._sandbox.wait_for(chat=FIRST_CHAT + number)
        return float(record["at"]["monotonic"]) - begun

    async def many(self, files: int) -> tuple[float, float, list[float]]:
        """Seconds until so many saved headlines are taken in, of CPU too, and those that questions took meanwhile."""
        made = self._inbox.with_name("made")
        made.mkdir()
        for number, article in enumerate(self._corpus.articles(files, body=False)):
            (made / f"many-{number}.txt").write_text(_text(article, article.title), "utf-8")
        before, begun = cpu_of(self._child.pid), time.perf_counter()
        known = await self._stored()
        made.rename(self._inbox / "made")
        asked = []
        while await self._stored() < known + files:
            asking = time.perf_counter()
            await self._store.articles.search(EVERYTHING, now=datetime.now(UTC), limit=10)
            asked.append(time.perf_counter() - asking)
            await self._store.changed(Change.ARTICLES, 0.05)
        return time.perf_counter() - begun, cpu_of(self._child.pid) - before, asked

    async def _stored(self) -> int:
        return (await self._store.stats(1, now=datetime.now(UTC))).articles


def _text(article: NewArticle, title: str) -> str:
    return "\n".join([title, *article.body.split("\n\n"), f"{datetime.now(UTC):%d.%m.%Y %H:%M}", ""])


def _line(article: NewArticle, title: str) -> str:
    return json.dumps({"title": title, "body": article.body, "published": datetime.now(UTC).isoformat()}) + "\n"


def _page(article: NewArticle, title: str) -> str:
    return PAGE.format(
        language=article.source[:2],
        title=title,
        published=datetime.now(UTC).isoformat(),
        number=title.rpartition(" ")[2],
        script=SCRIPT,
        links=LINKS,
        body="".join(f"<p>{paragraph}</p>" for paragraph in article.body.split("\n\n")),
    )


def _word(number: int) -> str:
    return f"wayfile{number}"


@asynccontextmanager
async def _desk(scale: Scale, sandbox: Sandbox, chats: int) -> AsyncIterator[Desk]:
    database = scale.folder / "folder.db"
    remove(database)  # what a run that was killed has left
    inbox = scale.folder / f"inbox-{time.time_ns()}" / "inbox"
    inbox.mkdir(parents=True)
    await sandbox.add_people(chats, FIRST_CHAT, started=True)
    try:
        async with open_store(f"sqlite:///{database}") as store:
            queries = ((FIRST_CHAT + number, Query.parse(_word(number))) for number in range(chats))
            await follow(store, bot_of(sandbox), queries)
            folder, new = await store.folders.add(inbox, Source("inbox", "Inbox"), now=datetime.now(UTC))
            expect((folder.path, new), (inbox, True), "watched folder")
            async with running(*newscrier(sandbox, database), scale.folder, "watching") as child:
                yield Desk(sandbox, child, store, inbox)
    finally:
        remove(database)
