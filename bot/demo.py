"""The whole bot on this machine, without a token: sandbox, news, the real bot, and a chat page in the browser."""

import asyncio
import contextlib
import heapq
import json
import logging
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from bot.errors import CannotRunError
from bot.house import Me
from bot.intake.documents.batches import Batch, read_batches
from bot.intake.documents.files import READ, find_files
from bot.intake.documents.origin import Origin
from bot.intake.documents.saved import named_articles
from bot.intake.parsing.keys import key_of
from bot.intake.parsing.reading import Refusal
from bot.intake.processes.threadjobs import ThreadJobs
from bot.intake.processes.workers import Workers
from bot.service import serve
from bot.settings import OFF, Settings, read_settings
from bot.waiting import unless
from storage import NewArticle, Source, Store

TOKEN = "1000001:demo"  # noqa: S105  the sandbox takes any
HELD_BACK = 10
READER_FEEDS = 10
POLL_SECONDS = 60
START_SECONDS = 20.0
END_SECONDS = 1.0
HEARING_SECONDS = 0.01  # until it is heard that somebody has pressed Ctrl-C while all this was loaded
NEVER = datetime.max.replace(tzinfo=UTC)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """What the demo shows: what is there at the start, and what arrives while it runs, first come first."""

    sources: tuple[Source, ...]
    stored: Callable[[], Iterator[Sequence[NewArticle]]]
    coming: tuple[NewArticle, ...]


async def demo(
    paths: Sequence[Path], stopping: asyncio.Event, show: Callable[[str, News], None], *, port: int, every: float
) -> None:
    """Run the demo until `stopping` is set; a new article arrives `every` so many seconds.

    `show` is called with the page's address once the bot answers and has news. Raises CannotRunError.
    """
    async with Workers(patience_seconds=0) as workers:
        with ThreadJobs(workers) as jobs:
            news = await asyncio.to_thread(_of_paths, paths, jobs, stopping) if paths else samples(_now(), every)
            await asyncio.sleep(HEARING_SECONDS)
            if not stopping.is_set():
                await _play(news, stopping, show, port=port, every=every)


async def _play(
    news: News, stopping: asyncio.Event, show: Callable[[str, News], None], *, port: int, every: float
) -> None:
    with tempfile.TemporaryDirectory(prefix="newscrier-demo-") as folder:
        async with _sandbox(port) as address:
            settings = demo_settings(address, folder)

            async def arrive(_me: Me, store: Store) -> None:
                try:
                    await unless(stopping, _arrive(store, news, partial(show, f"{address}/", news), every))
                except Exception:
                    log.exception("no more news will arrive")

            await serve(settings, stopping, arrive)


def demo_settings(api_url: str, folder: str) -> Settings:
    """The demo's own settings: who tries it waits for no feed long, and nothing of it is open to others."""
    return read_settings(
        token=TOKEN,
        database=f"sqlite:///{folder}/demo.db",
        api_url=api_url,
        _env_file=None,
        log_level="warning",
        reader_feeds=READER_FEEDS,
        poll_min=POLL_SECONDS,
        poll_max=POLL_SECONDS,
        public_url="",
        intake_key="",
        metrics_listen=OFF,
    )


def _now() -> datetime:
    return datetime.now(UTC)


def samples(now: datetime, every: float) -> News:
    """The project's own sample news, dated as if the demo began among them; one comes `every` so many seconds."""
    stored: list[NewArticle] = []
    coming: list[NewArticle] = []
    sources = {}
    for line in files("bot.samples").joinpath("articles.jsonl").read_text("utf-8").splitlines():
        sample = json.loads(line)
        source = Source(sample["source"], sample["source_title"], language=sample["language"])
        sources[source.name] = source
        if sample.get("fresh"):
            # The moment it will arrive.
            published = now + timedelta(seconds=every * (len(coming) + 1))
            coming.append(_sample(sample, source, published))
        else:
            stored.append(_sample(sample, source, now - timedelta(minutes=sample["age_minutes"])))
    return News(tuple(sources.values()), lambda: iter([stored]), tuple(coming))


def _sample(sample: dict[str, Any], source: Source, published: datetime) -> NewArticle:
    return NewArticle(
        source=source.name,
        key=key_of(source, title=sample["title"], published=published, link=sample["link"]),
        title=sample["title"],
        published=published,
        body=sample.get("body", ""),
        summary=sample.get("summary", ""),
        link=sample["link"],
        topics=tuple(sample["topics"]),
        language=sample["language"],
    )


def _of_paths(paths: Sequence[Path], jobs: ThreadJobs, stopping: asyncio.Event) -> News:
    """A reader's own files: the ten newest articles (but one at least is there at once) arrive while the demo runs.

    Reads no further when `stopping` is set.
    """
    count = 0
    newest: list[NewArticle] = []
    sources: dict[str, Source] = {}
    for batch in _batches(paths, jobs):
        count += len(batch.articles)
        newest = heapq.nlargest(HELD_BACK, newest + batch.articles, key=lambda article: article.published)
        sources.update(batch.sources)
        for refused in batch.refused:
            log.warning("refused: %s", refused)
        if stopping.is_set():
            break
    if not count and not stopping.is_set():
        raise CannotRunError(f"no article was found there: {READ} files are read")
    coming = tuple(reversed(newest[: min(HELD_BACK, count - 1)]))
    held = {(article.source, article.key) for article in coming}

    def stored() -> Iterator[Sequence[NewArticle]]:
        for batch in _batches(paths, jobs):
            yield [article for article in batch.articles if (article.source, article.key) not in held]

    return News(tuple(sources.values()), stored, coming)


def _batches(paths: Sequence[Path], jobs: ThreadJobs) -> Iterator[Batch]:
    for batch in read_batches(find_files(paths), Origin({}, _now), jobs):
        for entries in batch.entries:
            batch.articles += named_articles(entries, {}, now=_now())
        for path in dict.fromkeys(path for path, _ in batch.feeds):
            batch.refuse(
                path, Refusal(0, "the demo reads no lists of feeds: follow one of them with /subscribe and its address")
            )
        yield batch


async def _arrive(store: Store, news: News, begun: Callable[[], None], every: float) -> None:
    """Fill the store, saying when the first are in it; then let one article in at a time."""
    for source in news.sources:
        await store.sources.put(source)
    stored = news.stored()
    await _add(store, await asyncio.to_thread(next, stored, ()), push_since=NEVER)
    begun()
    # Reading files takes its time, and the bot answers meanwhile.
    while (articles := await asyncio.to_thread(next, stored, None)) is not None:
        await _add(store, articles, push_since=NEVER)
    for article in news.coming:
        await asyncio.sleep(every)
        await _add(store, [article])


async def _add(store: Store, articles: Sequence[NewArticle], *, push_since: datetime | None = None) -> None:
    await store.articles.add(articles, arrived=_now(), push_since=push_since)


@asynccontextmanager
async def _sandbox(port: int) -> AsyncIterator[str]:
    """The sandbox in a process of its own. Yields its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot.sandbox", "--port", str(port)),
        *("--name", "Newscrier", "--username", "newscrier_demo_bot", "--town", "--until-eof"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # Ctrl-C is for the demo, which ends the sandbox last.
        start_new_session=True,
    )
    try:
        yield await _address(process)
    finally:
        await _end(process)


async def _address(process: asyncio.subprocess.Process) -> str:
    if process.stdout is None:
        raise AssertionError("the sandbox was started with a pipe")
    try:
        async with asyncio.timeout(START_SECONDS):
            line = (await process.stdout.readline()).decode().strip()
    except TimeoutError:
        line = ""
    if not line.startswith("listening on "):
        raise CannotRunError("the sandbox did not start: is the port free? try another with --port")
    return line.removeprefix("listening on ")


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has ended by itself
        process.terminate()
    try:
        async with asyncio.timeout(END_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
