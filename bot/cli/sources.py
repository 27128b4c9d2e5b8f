"""`newscrier sources`: which feeds are polled and which folders are watched."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from bot.cli.base import Exit, fail, guarded, now, settings_or_exit
from bot.cli.showing import err as errors
from bot.cli.showing import out, print_table, say_missing
from bot.intake.parsing.addresses import shown_url
from bot.intake.parsing.clean import TextError, clean_language, clean_line
from bot.logs import set_up_logs
from bot.settings import Settings, is_zone
from bot.signals import run_unless_interrupted
from storage import Feed, Folder, Source, Store, open_store
from storage.text.terms import slug

if TYPE_CHECKING:
    from bot.intake.feeds.introducing import Introducer

MOST_LISTED = 100_000
TOPICS_LIMIT = 20

app = typer.Typer(
    no_args_is_help=True,
    help="Feeds that are polled, folders that are watched. What is changed counts at once, also for a bot that runs.",
)


class State(StrEnum):
    """How a source is doing."""

    OK = "ok"
    NEW = "not polled yet"
    PAUSED = "paused"
    FAILS = "fails"
    ENDED = "ended"
    IDLE = "idle"
    """A reader added it, and nobody follows it."""
    GONE = "not there"
    GIVEN = "-"
    """Neither polled nor watched."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A source, and where its articles come from."""

    source: Source
    kind: str = "given"
    where: str = ""
    """An address without what must stay secret, or a folder."""
    state: State = State.GIVEN
    reason: str = ""
    """What is wrong."""
    interval: timedelta = timedelta(0)
    news: datetime | None = None
    """When it last brought something new, as far as that is known."""


Name = Annotated[str, typer.Option(help="What people type after source:; else made of the title.")]
Title = Annotated[str, typer.Option(help="What people read; else the feed's own, or the folder's name.")]
Topics = Annotated[
    list[str] | None,
    typer.Option("--topic", metavar="TOPIC", help="A label on each article; several times for several."),
]
Zone = Annotated[str, typer.Option(help="Where times without a zone are at home, such as Asia/Yerevan.")]
Language = Annotated[str, typer.Option(help="What it is written in, such as en; else told from its words.")]


@app.command()
def add(  # noqa: PLR0913, PLR0917  what can be said of a source
    places: Annotated[
        list[str], typer.Argument(metavar="URL|FOLDER...", help="A feed, a site that has one, or a folder.")
    ],
    name: Name = "",
    title: Title = "",
    topics: Topics = None,
    full_text: Annotated[bool, typer.Option("--full-text", help="Complete its articles from their pages.")] = False,
    zone: Zone = "",
    language: Language = "",
) -> None:
    """Poll a feed, or watch a folder, from now on."""
    if len(places) > 1 and (name or title):
        fail(Exit.USAGE, "a name or a title is for one source: add them one by one")
    settings = _settings()
    wanted = _Wanted(
        clean_line(name),
        clean_line(title),
        _topics(topics or []),
        full_text,
        _zone(zone) or settings.timezone,
        _language(language),
    )
    named = [_Place.at(place) for place in places]

    async def add_all() -> bool:
        async with open_store(settings.database) as store, _introducer(settings, store) as introducer:
            return all([await _add(store, introducer, place, wanted) for place in named])

    if not guarded(lambda: run_unless_interrupted(add_all())):
        raise typer.Exit(Exit.REFUSED)


@app.command(name="list")
def list_(
    words: Annotated[list[str] | None, typer.Argument(help="Only those with these words in title or name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON object a line.")] = False,
) -> None:
    """Show all sources, how they are doing, and when they last brought something new."""
    settings = _settings()

    async def look() -> list[Listed]:
        async with open_store(settings.database) as store:
            found = await store.sources.find(" ".join(words or []), limit=MOST_LISTED)
            return listed(found, await store.feeds.all(), await store.folders.all())

    found = guarded(lambda: run_unless_interrupted(look()))
    if as_json:
        for one in found:
            out.print(_as_json(one), soft_wrap=True, markup=False, emoji=False)
    elif found:
        print_table(_table(found))
    else:
        out.print("there is none" if words else "there is none yet: newscrier sources add URL, or a folder")


@app.command()
def pause(names: Annotated[list[str], typer.Argument(metavar="NAME...")]) -> None:
    """Poll these feeds, or watch these folders, no more until they are resumed."""
    _change_each(names, lambda store, name: _pause(store, name, paused=True), "paused")


@app.command()
def resume(names: Annotated[list[str], typer.Argument(metavar="NAME...")]) -> None:
    """Go on with what was paused, or has ended: it is polled, or looked through, at once."""
    _change_each(names, lambda store, name: _pause(store, name, paused=False), "resumed")


@app.command()
def remove(names: Annotated[list[str], typer.Argument(metavar="NAME...")]) -> None:
    """Poll or watch these never again. Their articles stay, and are found."""

    async def take_away(store: Store, name: str) -> bool:
        return await store.feeds.remove(name) or await store.folders.remove(name)

    _change_each(names, take_away, "removed")


@app.command(name="set")
def set_(  # noqa: PLR0913, PLR0917  as above
    name: Annotated[str, typer.Argument(metavar="NAME")],
    title: Annotated[str, typer.Option(help="What people read.")] = "",
    topics: Topics = None,
    no_topics: Annotated[bool, typer.Option("--no-topics", help="No labels any more.")] = False,
    full_text: Annotated[
        bool | None, typer.Option("--full-text/--no-full-text", help="Complete its articles from their pages.")
    ] = None,
    zone: Zone = "",
    language: Language = "",
) -> None:
    """Change what was said of a source. It counts for what comes from now on."""
    settings = _settings()
    labels = () if no_topics else _topics(topics) if topics else None
    zone, language, title = _zone(zone), _language(language), clean_line(title)

    async def change() -> str:
        async with open_store(settings.database) as store:
            source = await store.sources.get(_typed(name))
            if source is None:
                return "there is no such source"
            if labels is not None and not (
                await store.feeds.change(source.name, topics=labels)
                or await store.folders.change(source.name, topics=labels)
            ):
                return "it is neither a feed nor a folder: its articles bring their topics themselves"
            if full_text is not None and not await store.feeds.change(source.name, full_text=full_text):
                return "it is no feed: only a feed's articles can be completed from their pages"
            described = _described(source, title, zone, language)
            if described != source:
                await store.sources.put(described)
            return ""

    if reason := guarded(lambda: run_unless_interrupted(change())):
        fail(Exit.REFUSED, f"{name}: {reason}")
    out.print("changed")


def listed(sources: Iterable[Source], feeds: Iterable[Feed], folders: Iterable[Folder]) -> list[Listed]:
    """These sources, with what is known of them as feeds and folders."""
    by_feed = {feed.source.name: feed for feed in feeds}
    by_folder = {folder.source.name: folder for folder in folders}
    return [_listed(source, by_feed.get(source.name), by_folder.get(source.name)) for source in sources]


@dataclass(frozen=True, slots=True)
class _Wanted:
    name: str
    title: str
    topics: tuple[str, ...]
    full_text: bool
    zone: str
    language: str


async def _add(store: Store, introducer: "Introducer", place: "_Place", wanted: _Wanted) -> bool:
    """Add a feed or a folder, and say so; or say why not."""
    try:
        if place.folder:
            said = await _add_folder(store, place.folder, wanted)
        else:
            said = await _add_feed(introducer, place, wanted)
    except _CannotAddError as error:
        errors.print(f"[red]not added[/] {escape(shown_url(place.typed))}: {escape(str(error))}", soft_wrap=True)
        return False
    out.print(escape(said), soft_wrap=True)
    return True


class _CannotAddError(Exception):
    """It cannot be added. The message says why."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What somebody wants to be a source."""

    typed: str
    folder: Path | None
    """None: it is none."""
    is_file: bool

    @classmethod
    def at(cls, typed: str) -> "_Place":
        path = Path(typed).expanduser()
        return cls(typed, path.resolve() if path.is_dir() else None, path.is_file())

    @property
    def url(self) -> str:
        """What is no folder is an address, unless it is plainly meant as a path. Raises _CannotAddError."""
        if self.is_file:
            raise _CannotAddError("it is a file: `newscrier import` takes it in; watched are folders")
        if self.typed.startswith((".", "/", "~")):
            raise _CannotAddError("there is no such folder")
        return self.typed


async def _add_folder(store: Store, path: Path, wanted: _Wanted) -> str:
    from bot.intake.documents.contents import printable  # noqa: PLC0415  all that reads files comes with it

    title = wanted.title or clean_line(path.name)
    name = slug(wanted.name or title)
    if printable(path) != str(path):
        raise _CannotAddError("its path holds line ends, or bytes that are no text")
    if not name:
        raise _CannotAddError("its name has no letter or digit: say --name")
    if wanted.full_text:
        raise _CannotAddError("--full-text is for feeds")
    source = Source(name, title or name, language=wanted.language, zone=wanted.zone)
    folder, new = await store.folders.add(path, source, now=now(), topics=wanted.topics)
    if not new:
        how = _how_to_resume(folder.source) if folder.paused else "it is watched already"
        return f"known as {folder.source.name}: {how}"
    return f"added as {folder.source.name}: what is dropped there becomes articles while the bot runs"


async def _add_feed(introducer: "Introducer", place: _Place, wanted: _Wanted) -> str:
    from bot.intake.feeds.introducing import IntroductionError, Wanted  # noqa: PLC0415  the HTTP library takes a while to import

    try:
        introduced = await introducer.introduce(
            place.url,
            Wanted(
                title=wanted.title,
                name=wanted.name,
                topics=wanted.topics,
                full_text=wanted.full_text,
                zone=wanted.zone,
                language=wanted.language,
            ),
        )
    except IntroductionError as error:
        raise _CannotAddError(str(error)) from error
    feed = introduced.feed
    said = f"{feed.source.name}: {feed.source.title}, {shown_url(feed.url)}"
    if introduced.new:
        return f"added as {said}"
    return f"known as {said}" + (f": {_how_to_resume(feed.source)}" if feed.paused else "")


def _how_to_resume(source: Source) -> str:
    return f"it is paused, newscrier sources resume {source.name} lets it go on"


@asynccontextmanager
async def _introducer(settings: Settings, store: Store) -> "AsyncIterator[Introducer]":
    from bot.feeding import feeding  # noqa: PLC0415  the HTTP library takes a while to import

    async with feeding(settings, store, now) as feeds:
        yield feeds.introducer


def _change_each(names: Sequence[str], change: Callable[[Store, str], Awaitable[bool]], done: str) -> None:
    settings = _settings()

    async def change_all() -> list[str]:
        async with open_store(settings.database) as store:
            return [name for name in dict.fromkeys(names) if not await change(store, _typed(name))]

    missing = guarded(lambda: run_unless_interrupted(change_all()))
    out.print(f"{len(set(names)) - len(missing):,} {done}")
    for name in missing:
        say_missing(f"a feed or folder {name}")
    if missing:
        raise typer.Exit(Exit.REFUSED)


async def _pause(store: Store, name: str, *, paused: bool) -> bool:
    return await store.feeds.pause(name, paused=paused, now=now()) or await store.folders.pause(name, paused=paused)


def _described(source: Source, title: str, zone: str, language: str) -> Source:
    return replace(source, title=title or source.title, zone=zone or source.zone, language=language or source.language)


def _listed(source: Source, feed: Feed | None, folder: Folder | None) -> Listed:
    if feed:
        state, reason = _health(feed)
        return Listed(source, "feed", shown_url(feed.url), state, reason, feed.interval, feed.renewed)
    if folder:
        there = State.OK if folder.path.is_dir() else State.GONE
        return Listed(source, "folder", str(folder.path), State.PAUSED if folder.paused else there)
    return Listed(source)


def _health(feed: Feed) -> tuple[State, str]:
    if feed.paused:
        return State.PAUSED, ""
    if feed.ended:
        return State.ENDED, feed.ended
    if feed.failures:
        return State.FAILS, feed.error
    if feed.idle_since:
        return State.IDLE, "nobody follows it"
    return (State.OK if feed.answered else State.NEW), ""


def _table(found: Sequence[Listed]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "title", "kind", "state", "every", "last news (UTC)", "where"):
        table.add_column(heading, no_wrap=heading not in {"title", "state", "where"}, overflow="fold")
    for one in found:
        state = f"{one.state}: {one.reason}" if one.reason else one.state
        colour = "red" if one.state in {State.FAILS, State.ENDED, State.GONE} else ""
        table.add_row(
            escape(one.source.name),
            escape(one.source.title),
            one.kind,
            f"[{colour}]{escape(state)}[/]" if colour else escape(state),
            _every(one.interval),
            _shown(one.news),
            escape(one.where),
        )
    return table


def _every(interval: timedelta) -> str:
    minutes = round(interval.total_seconds() / 60)
    return f"{minutes} min" if minutes else (f"{round(interval.total_seconds())} s" if interval else "-")


def _shown(news: datetime | None) -> str:
    return f"{news.astimezone(UTC):%Y-%m-%d %H:%M}" if news else "-"


def _as_json(one: Listed) -> str:
    return json.dumps(
        {
            "name": one.source.name,
            "title": one.source.title,
            "kind": one.kind,
            "where": one.where,
            "state": one.state.value,
            "reason": one.reason,
            "interval": round(one.interval.total_seconds()),
            "news": one.news and one.news.astimezone(UTC).isoformat(),
            "language": one.source.language,
            "zone": one.source.zone,
        },
        ensure_ascii=False,
    )


def _settings() -> Settings:
    settings = settings_or_exit()
    set_up_logs(settings.log_format, "warning", *settings.secrets)
    return settings


def _typed(name: str) -> str:
    """The name of a source as somebody types it: source:herald, too."""
    return name.removeprefix("source:")


def _topics(labels: Sequence[str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(filter(None, map(slug, labels))))
    if len(names) > TOPICS_LIMIT:
        fail(Exit.USAGE, f"at most {TOPICS_LIMIT} topics")
    return names


def _zone(name: str) -> str:
    try:
        return is_zone(name) if name else ""
    except ValueError as error:
        fail(Exit.USAGE, f"--zone: {error}")


def _language(code: str) -> str:
    try:
        return clean_language(code)
    except TextError as error:
        fail(Exit.USAGE, f"--language: {error}")
