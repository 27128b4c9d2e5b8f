"""The commands of `newscrier`, with their options: what takes an operator's words apart and shows tables."""

import asyncio
import re
import sys
import time
import webbrowser
from datetime import UTC
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from bot.cli import run, sources
from bot.cli.base import Exit, fail, guarded, now, settings_or_exit
from bot.cli.showing import counted, err, out, print_table, say_missing
from bot.intake.documents.files import READ
from bot.intake.parsing.choices import DateOrder, Push
from bot.intake.space import Space
from bot.logs import set_up_logs
from bot.settings import SettingsError, read_settings
from bot.signals import run_unless_interrupted, run_until_told
from storage import Arrival, look_at, open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.checking import Finding
    from bot.demo import News
    from bot.intake.documents.files import Total
    from bot.intake.documents.importing import ImportReport
    from storage import Feed, Record

REFUSED_SHOWN = 20
MOST_LISTED = 100_000  # they are all in memory before the first is shown

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="A Telegram news bot.")
app.add_typer(sources.app, name="sources")


def _show_version(wanted: bool) -> None:  # noqa: FBT001  as typer calls it
    if wanted:
        out.print(f"newscrier {version('newscrier')}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """A Telegram news bot: what you can search, you can follow."""


app.command()(run)


@app.command()
def demo(
    paths: Annotated[list[Path] | None, typer.Argument(help=f"Your own {READ} files, or folders.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the chat page; 0: any free one.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page.")] = True,
    every: Annotated[float, typer.Option(min=0.1, help="Seconds from one new article to the next.")] = 20,
) -> None:
    """Try the whole bot on this machine: no token, no network, sample news, a chat page in the browser."""
    set_up_logs("text", "warning", "")
    _must_exist(paths or [])

    async def play(stopping: asyncio.Event) -> None:
        out.print("Starting ...")
        from bot.demo import demo as run_demo  # noqa: PLC0415  the telegram library takes a while to import

        show = _shown(every, browser=browser)
        await run_demo(paths or [], stopping, show, port=port, every=every)

    guarded(lambda: run_until_told(play))


@app.command(name="import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help=f"{READ} files, or folders of them.")],
    source: Annotated[str, typer.Option(help="Where they come from; else the name of their folder.")] = "",
    push: Annotated[Push, typer.Option(help="What to push: the last 24 hours, all, or nothing.")] = Push.NEW,
    dates: Annotated[DateOrder | None, typer.Option(help="What comes first in 06/12/2023.")] = None,
) -> None:
    """Take articles in. What cannot be read is reported by file, line and reason; the rest is taken.

    Feeds that a list (.opml) names are polled by the bot from then on.
    """
    from bot.intake.documents.importing import ImportOptions, import_paths  # noqa: PLC0415  all that reads files comes with it

    settings = settings_or_exit()
    set_up_logs(settings.log_format, settings.log_level, *settings.secrets)
    wanted = ImportOptions(source=source, push=push, order=dates, zone=settings.timezone)

    async def take() -> "ImportReport":
        space = Space((await look_at(settings.database)).folder, time.monotonic)
        async with open_store(settings.database) as store:
            with ImportProgress() as progress:
                return await import_paths(store, paths, wanted, now=now, progress=progress, space=space)

    report = guarded(lambda: run_unless_interrupted(take()))
    _show_report(report)
    if report.stopped:
        fail(Exit.UNAVAILABLE, f"stopped: {report.stopped}. What was taken stays; import again when there is room")
    if report.refused_in_all:
        raise typer.Exit(Exit.REFUSED)


class Format(StrEnum):
    """What is exported."""

    OPML = "opml"
    """The feeds, as a list that other programs read, too."""


@app.command()
def export(
    form: Annotated[Format, typer.Option("--format", help="opml: the feeds; topics become folders.")],
    output: Annotated[Path | None, typer.Option(help="The file to write; else it goes to standard output.")] = None,
) -> None:
    """Write the feeds as a list, which `newscrier import` and other programs read. Passwords are left out."""
    from bot.intake.documents.listing import listed, secret  # noqa: PLC0415  seldom needed
    from bot.intake.parsing.opml import write_opml  # noqa: PLC0415  likewise

    assert form is Format.OPML  # noqa: S101  there is no other yet
    settings = settings_or_exit()
    set_up_logs(settings.log_format, settings.log_level, *settings.secrets)

    async def look() -> "list[Feed]":
        async with open_store(settings.database) as store:
            return await store.feeds.all()

    feeds = guarded(lambda: run_unless_interrupted(look()))
    data = write_opml(listed(feeds), title="Newscrier")
    try:
        if output:
            output.write_bytes(data)
        else:
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
    except OSError as error:
        fail(Exit.USAGE, f"{output or 'standard output'}: {error.strerror}")
    if left_out := secret(feeds):
        err.print(f"passwords are left out of {', '.join(left_out)}", soft_wrap=True, markup=False)


@app.command()
def withdraw(
    articles: Annotated[list[str], typer.Argument(metavar="NUMBER...", help="As in /article_12: 12, or all of it.")],
) -> None:
    """Take articles back: nobody finds, opens or is sent them any more, unless their source brings a new version."""
    numbers = list(dict.fromkeys(map(_article_number, articles)))
    settings = settings_or_exit()

    async def take_back() -> list[int]:
        async with open_store(settings.database) as store:
            return [number for number in numbers if not await store.articles.withdraw(number)]

    missing = guarded(lambda: run_unless_interrupted(take_back()))
    out.print(f"{len(numbers) - len(missing):,} withdrawn")
    for number in missing:
        say_missing(f"article {number}")
    if missing:
        raise typer.Exit(Exit.REFUSED)


@app.command()
def deliveries(
    article: Annotated[str, typer.Option(metavar="NUMBER", help="Who got it: 123, or /article_123.")] = "",
    chat: Annotated[int | None, typer.Option(help="What it got, by the chat's id.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_LISTED, help="How many, the newest first.")] = 50,
) -> None:
    """Tell who got an article, or what a chat got: when, as which message, after how many tries, what became of it."""
    if bool(article) == (chat is not None):
        fail(Exit.USAGE, "say either --article NUMBER or --chat ID")
    number = _article_number(article) if article else 0
    settings = settings_or_exit()

    async def look() -> "list[Record]":
        async with open_store(settings.database) as store:
            if chat is None:
                return await store.deliveries.of_article(number, limit=limit)
            return await store.deliveries.of_chat(chat, limit=limit)

    found = guarded(lambda: run_unless_interrupted(look()))
    if not found:
        out.print("nothing was delivered, or it is no longer kept")
        return
    _show_deliveries(found)


def _show_deliveries(found: "list[Record]") -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("when (UTC)", "chat", "message", "articles", "attempts", "outcome", "later"):
        table.add_column(heading, no_wrap=heading not in {"articles", "outcome"})
    for one in found:
        thread = f" topic {one.place.thread}" if one.place.thread else ""
        table.add_row(
            f"{one.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            f"{one.place.chat}{thread}",
            str(one.message or "-"),
            " ".join(map(str, one.articles)) or "-",
            str(one.attempts),
            escape(f"{one.outcome.value}: {one.reason}" if one.reason else one.outcome.value),
            f"{one.fate.value} {one.changed.astimezone(UTC):%m-%d %H:%M:%S}" if one.changed else "",
        )
    print_table(table)


@app.command()
def check() -> None:
    """Look whether all is well: settings, token, database, disk, what waits and what was refused. Changes nothing."""
    from bot.checking import Finding, examine  # noqa: PLC0415  the telegram library takes a while to import

    try:
        settings = read_settings()
    except SettingsError as error:
        _show_findings([Finding("settings", str(error), ok=False)])
        raise typer.Exit(Exit.REFUSED) from None
    set_up_logs(settings.log_format, "error", *settings.secrets)
    findings = guarded(lambda: run_unless_interrupted(examine(settings, now())))
    _show_findings(findings)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(Exit.REFUSED)


def _show_findings(findings: "list[Finding]") -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        table.add_row("[green]✓[/]" if finding.ok else "[red]✗[/]", finding.what, escape(finding.said))
    print_table(table)


def _article_number(typed: str) -> int:
    number = re.fullmatch(r"(?:/article_)?(\d{1,18})", typed, re.ASCII)
    if number is None:
        fail(Exit.USAGE, f"{typed} is no article's number: say 12 or /article_12")
    return int(number[1])


class ImportProgress:
    """A progress bar over the bytes read; nothing where nobody watches."""

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %  {task.fields[articles]}"),
            TimeRemainingColumn(),
            console=err,
            transient=True,
            disable=not err.is_terminal,
        )
        self._task: TaskID = self._progress.add_task("import", total=None, articles=counted(0, "article"))
        self._articles = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def start(self, total: "Total | None") -> None:
        """See `intake.importing.Progress`."""
        self._progress.update(self._task, total=total.size if total else None)

    def advance(self, *, files: int, size: int, articles: int) -> None:  # noqa: ARG002  the port's words
        """See `intake.importing.Progress`."""
        self._articles += articles
        self._progress.update(self._task, advance=size, articles=counted(self._articles, "article"))


def _show_report(report: "ImportReport") -> None:
    table = Table("source", *(arrival.value for arrival in Arrival), box=None, pad_edge=False)
    for name, counts in sorted(report.by_source.items()):
        table.add_row(escape(name), *(f"{counts.get(arrival, 0):,}" for arrival in Arrival))
    if report.by_source:
        out.print(table)
    words = f"{report.taken:,} taken, {report.known:,} known, {report.refused_in_all:,} refused"
    if report.feeds_added or report.feeds_known:
        out.print(f"{counted(report.feeds_added, 'feed')} added, {counted(report.feeds_known, 'feed')} known")
    skipped = f", {counted(report.skipped, 'other file')} skipped" if report.skipped else ""
    out.print(f"{words}{skipped}")
    for refused in report.refused[:REFUSED_SHOWN]:
        err.print(f"[red]refused[/] {escape(str(refused))}", soft_wrap=True)
    if report.refused_in_all > REFUSED_SHOWN:
        err.print(f"... and {report.refused_in_all - REFUSED_SHOWN:,} more")


def _shown(every: float, *, browser: bool) -> "Callable[[str, News], None]":
    def show(address: str, news: "News") -> None:
        out.print(f"The bot is at [bold]{address}[/] -- Ctrl-C ends it.", soft_wrap=True)
        out.print(
            f"Try /latest, /search, /subscribe. {counted(len(news.coming), 'more article')} "
            f"{'arrives' if len(news.coming) == 1 else 'arrive'}, one every {every:g} seconds."
        )
        if browser:
            # It may wait for a browser's process.
            _opening = asyncio.get_running_loop().run_in_executor(None, webbrowser.open, address)

    return show


def _must_exist(paths: list[Path]) -> None:
    for path in paths:
        if not path.exists():
            fail(Exit.USAGE, f"there is no {path}")
