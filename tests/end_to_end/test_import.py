"""Files become articles in a real store."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from zipfile import ZipFile

import pytest

from bot.intake.documents.batches import FileRefusal
from bot.intake.documents.files import Total
from bot.intake.documents.importing import ImportOptions, ImportReport, import_paths
from bot.intake.parsing.choices import DateOrder, Push
from bot.intake.space import Space
from storage import Arrival, Article, Query, Source, Store, open_store

FIXTURE = Path(__file__).parents[1] / "fixtures" / "page.txt"
NOW = datetime(2025, 7, 16, 12, tzinfo=UTC)
PAGE = ["The ferry is back", "It was blue once.", "06.12.2023 09:34", "", "Nine apricots", "16.Jul.2025"]

HTML = """<!doctype html><html lang="en"><head><title>The lighthouse opens</title>{head}</head>
<body><article><h1>The lighthouse opens</h1>
<p>The lighthouse at the end of the quay was opened to visitors on Tuesday after eleven years of repairs.</p>
<p>"We counted the steps twice," said the keeper, "and both times there were one hundred and four of them."</p>
<p>It will be open every day but Monday, and whoever is under twelve climbs it for nothing.</p>
</article></body></html>"""
DATED = '<meta property="article:published_time" content="2025-07-15T09:00:00">'
LINKED = '<link rel="canonical" href="https://bell.example/lighthouse">'
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title><link>https://radio.example/</link>
<item><title>Ferry late</title><guid>1</guid><pubDate>Wed, 16 Jul 2025 10:00:00</pubDate></item>
<item><title>Ferry early</title><link>https://radio.example/2</link></item><item></item></channel></rss>"""
OPML = """<opml version="2.0"><body><outline text="Weather"><outline text="Rain News" type="rss"
xmlUrl="https://ada:sesame@rain.example/feed"/></outline><outline text="Snow" xmlUrl="https://snow.example:22/feed"/>
<outline text="Rain" xmlUrl="https://ada:sesame@RAIN.example:443/feed"/></body></opml>"""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(f"sqlite:///{tmp_path / 'news.db'}") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "Lake Bell"
    folder.mkdir()
    return folder


class Watcher:
    """Adds up what it is told."""

    def __init__(self) -> None:
        self.total: Total | None = None
        self.files = self.size = self.articles = 0

    def start(self, total: Total | None) -> None:
        self.total = total

    def advance(self, *, files: int, size: int, articles: int) -> None:
        self.files += files
        self.size += size
        self.articles += articles


async def run(
    store: Store, *paths: Path, watcher: Watcher | None = None, space: Space | None = None, **options: object
) -> ImportReport:
    return await import_paths(store, paths, ImportOptions(**options), now=lambda: NOW, progress=watcher, space=space)


async def everything(store: Store) -> list[Article]:
    return list((await store.articles.search(Query.parse("*"), now=NOW, limit=100)).articles)


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines))
    return path


def line(**keys: object) -> str:
    return json.dumps({"title": "Roof mended", "published": "2025-07-16T09:00:00Z"} | keys)


async def test_a_page_is_found_in_the_store(store: Store, folder: Path) -> None:
    (folder / "page.txt").write_bytes(FIXTURE.read_bytes())
    report = await run(store, folder)
    assert report == ImportReport({"lake-bell": {Arrival.NEW: 11}}, (), 0, files=1, skipped=0)
    articles = await everything(store)
    assert [article.headline_only for article in articles] == [True] * 10 + [False]
    assert articles[-1].published == datetime(2023, 12, 6, 9, 34, tzinfo=UTC)
    assert {article.source.title for article in articles} == {"Lake Bell"}


async def test_importing_twice_changes_nothing(store: Store, folder: Path) -> None:
    write(folder / "a.txt", *PAGE)
    write(folder / "b.jsonl", line(), line(id=7, body="All of it."), line(link="https://bell.example/1#top"))
    first = await run(store, folder)
    before = await everything(store)
    again = await run(store, folder)
    assert (first.taken, first.known) == (5, 0)
    assert again.by_source == {"lake-bell": {Arrival.KNOWN: 5}}
    assert await everything(store) == before


async def test_a_headline_becomes_full(store: Store, folder: Path) -> None:
    await run(store, write(folder / "a.txt", *PAGE))
    report = await run(store, write(folder / "b.txt", "Nine apricots", "One was sour.", "16.07.2025 10:00"))
    assert report.by_source == {"lake-bell": {Arrival.FULL: 1}}
    newest = (await everything(store))[0]
    assert (newest.title, newest.body, newest.revision) == ("Nine apricots", "One was sour.", 2)


async def test_what_is_bad_is_refused_and_the_rest_is_taken(store: Store, folder: Path) -> None:
    good = write(folder / "good.txt", *PAGE)
    bad = write(folder / "bad.txt", "Only a title")
    mixed = write(folder / "mixed.jsonl", line(), "{", line(id=2), line(published="06/12/2023"))
    latin = folder / "latin.txt"
    latin.write_bytes(b"Title\nCaf\xe9\n06.12.2023")
    report = await run(store, folder, folder / "none.txt", write(folder / "notes.md", "# Notes"))
    assert report.refused == (
        FileRefusal(str(bad), 1, "expected a dateline such as 06.12.2023 09:34 after the text, found none"),
        FileRefusal(str(latin), 2, "byte 0xE9 is not UTF-8 (invalid continuation byte): save the file as UTF-8"),
        FileRefusal(str(mixed), 2, "not JSON: Expecting property name enclosed in double quotes at character 2"),
        FileRefusal(
            str(mixed),
            4,
            "published: '06/12/2023' does not say whether the day or the month comes first: add --dates day|month",
        ),
        FileRefusal(str(folder / "none.txt"), 0, "there is no such file or folder"),
        FileRefusal(str(folder / "notes.md"), 0, "only .txt, .jsonl, .html, .xml, .opml and .zip files are read"),
    )
    assert report.refused_in_all == 6
    assert (report.taken, report.files, report.skipped) == (4, 4, 1)
    assert str(report.refused[1]).startswith(f"{latin}:2: byte 0xE9")
    assert (await run(store, good)).known == 2


async def test_the_source_is_the_folder_unless_somebody_says_otherwise(store: Store, folder: Path) -> None:
    (folder / "Gazette").mkdir()
    write(folder / "a.txt", *PAGE)
    write(folder / "Gazette" / "b.txt", *PAGE)
    write(folder / "Gazette" / "c.jsonl", line(), line(source="The Post"))
    assert set((await run(store, folder)).by_source) == {"lake-bell", "gazette", "the-post"}
    assert set((await run(store, folder, source="Our Bell!")).by_source) == {"our-bell"}
    titles = {source.name: source.title for source in await store.sources.all()}
    assert titles == {"lake-bell": "Lake Bell", "gazette": "Gazette", "the-post": "The Post", "our-bell": "Our Bell!"}


async def test_the_folder_here_has_a_name(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "a.txt", *PAGE)
    monkeypatch.chdir(folder)
    assert set((await run(store, Path())).by_source) == {"lake-bell"}
    assert set((await run(store, Path("a.txt"))).by_source) == {"lake-bell"}


async def test_a_name_without_letters_makes_no_source(store: Store, tmp_path: Path) -> None:
    (tmp_path / "---").mkdir()
    report = await run(store, write(tmp_path / "---" / "a.txt", *PAGE))
    assert [refused.reason for refused in report.refused] == [
        "no source: '---' has no letter or digit; name one with --source"
    ]


async def test_a_known_source_keeps_its_zone(store: Store, folder: Path) -> None:
    await store.sources.put(Source(name="lake-bell", title="The Bell on the Lake", zone="Asia/Yerevan"))
    await run(store, write(folder / "a.txt", *PAGE), zone="Europe/Berlin")
    oldest = (await everything(store))[-1]
    assert oldest.published == datetime(2023, 12, 6, 5, 34, tzinfo=UTC)
    assert oldest.source.title == "The Bell on the Lake"


async def test_a_new_source_gets_the_zone_of_the_import(store: Store, folder: Path) -> None:
    await run(store, write(folder / "a.txt", *PAGE), zone="Europe/Berlin", order=DateOrder.DAY)
    assert (await everything(store))[-1].published == datetime(2023, 12, 6, 8, 34, tzinfo=UTC)


async def test_what_is_hidden_or_linked_in_a_circle_is_passed_over(store: Store, folder: Path) -> None:
    (folder / ".hidden").mkdir()
    write(folder / ".hidden" / "a.txt", *PAGE)
    write(folder / ".b.txt", *PAGE)
    (folder / "again").symlink_to(folder)
    (folder / "self").symlink_to(folder / "self")
    os.mkfifo(folder / "pipe.txt")
    report = await run(store, folder, folder / "self", folder / "pipe.txt")
    assert (report.files, report.skipped) == (0, 2)
    assert [refused.reason for refused in report.refused] == [
        "there is no such file or folder",
        "is neither a file nor a folder",
    ]
    assert (await run(store, folder / ".b.txt")).taken == 2


async def test_a_file_name_fit_for_no_screen_is_escaped(store: Store, folder: Path) -> None:
    write(folder / "a\n\u202e.txt", "Only a title")
    (refused,) = (await run(store, folder)).refused
    assert refused.path.isprintable()


async def test_progress_adds_up(store: Store, folder: Path) -> None:
    files = [
        write(folder / "a.txt", *PAGE),
        write(folder / "b.txt", "Only a title"),
        write(folder / "c.jsonl", *[line(id=number) for number in range(500)]),
    ]
    size = sum(file.stat().st_size for file in files)
    watcher = Watcher()
    await run(store, folder, watcher=watcher)
    assert watcher.total == Total(files=3, size=size)
    assert (watcher.files, watcher.size, watcher.articles) == (3, size, 502)


class Impatient(Watcher):
    """Breaks the import off as Ctrl-C does, when the first batch has been stored."""

    def advance(self, *, files: int, size: int, articles: int) -> None:
        super().advance(files=files, size=size, articles=articles)
        task = asyncio.current_task()
        assert task is not None
        task.cancel()


async def test_an_import_that_is_broken_off_can_be_run_again(store: Store, folder: Path) -> None:
    write(folder / "a.jsonl", *[line(id=number) for number in range(1_000)])
    watcher = Impatient()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(run(store, folder, watcher=watcher))
    report = await run(store, folder)
    assert report.by_source == {"lake-bell": {Arrival.KNOWN: 200, Arrival.NEW: 800}}
    assert watcher.articles == 200


async def test_refusals_are_counted_beyond_those_that_are_kept(store: Store, folder: Path) -> None:
    report = await run(store, write(folder / "a.jsonl", *["{"] * 2_500, line()))
    assert (len(report.refused), report.refused_in_all, report.taken) == (1_000, 2_500, 1)


async def test_a_page_that_lists_very_much_is_taken_whole(store: Store, folder: Path) -> None:
    lines = [text for number in range(1_000) for text in (f"Headline {number}", "16.Jul.2025")]
    assert (await run(store, write(folder / "a.txt", *PAGE, *lines))).taken == 1_002


@pytest.mark.parametrize(
    ("push", "queued"),
    [(Push.NEW, ["Nine apricots"]), (Push.ALL, ["The ferry is back", "Nine apricots"]), (Push.NONE, [])],
)
async def test_what_is_pushed(store: Store, folder: Path, push: Push, queued: list[str]) -> None:
    await run(store, write(folder / "a.txt", *PAGE), push=push)
    lease = await store.leases.gain("announcer", now=NOW, duration=timedelta(seconds=5))
    assert lease is not None
    announced = await store.log.announce(lease, now=NOW, limit=10)
    assert announced is not None
    assert len(announced.positions) == len(queued)


@pytest.fixture
def mixed(folder: Path) -> Path:
    """A folder with files of all kinds, good ones and others."""
    write(folder / "a.html", HTML.format(head=DATED + LINKED))
    write(folder / "radio.xml", RSS.format(title="Radio Irrin"))
    entry = {"id": 7, "title": "Roof mended", "date_published": "2025-07-16T08:00:00Z", "content_text": "All of it."}
    write(
        folder / "feed.json",
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Bell", "items": [entry]}),
    )
    write(folder / "subs.opml", OPML)
    write(folder / "saved.xml", OPML.replace("rain", "RAIN").replace(".example/", ".example:443/"))
    with ZipFile(folder / "pack.zip", "w") as archive:
        archive.write(folder / "a.html", "Gazette/same.html")
        archive.writestr("../../a.txt", "\n".join(PAGE))
        archive.writestr("notes.md", "# Notes")
        archive.writestr("bad.jsonl", f"{line()}\n{{")
        archive.writestr("pack.zip", "PK")
    os.utime(folder / "radio.xml", (0, 1_752_400_000))
    write(folder / "empty.html", "")
    write(folder / "none.html", "<html><body><p>Sign in")
    write(folder / "none.xml", "<html><body>Not found</body></html>")
    write(folder / "none.opml", "<rss/>")
    write(folder / "cut.zip", "PK")
    write(folder / "long.txt", "x" * 10_000_001)
    return folder


async def test_files_of_all_kinds(store: Store, mixed: Path) -> None:
    """Pages are of their folder's source, feeds of their own; what has no date of its own has its file's."""
    report = await run(store, mixed, zone="Asia/Yerevan")
    assert {name: sum(counts.values()) for name, counts in report.by_source.items()} == {
        "bell": 1,
        "gazette": 1,
        "lake-bell": 1,
        "pack": 3,
        "radio-irrin": 2,
    }
    assert (report.files, report.skipped, report.feeds_added, report.feeds_known) == (12, 1, 1, 2)
    assert {
        (Path(refused.path).relative_to(mixed).as_posix(), refused.line, refused.reason) for refused in report.refused
    } == {
        ("cut.zip", 0, "is no zip archive, or not all of one"),
        ("empty.html", 0, "it is no web page but empty"),
        ("long.txt", 0, "is over 10 MB: this is not one article page"),
        ("none.html", 0, "no article found: the page has no title"),
        ("none.opml", 0, "no list of feeds: there is no <outline> in it"),
        ("none.xml", 0, "no feed: it seems to be an HTML page"),
        ("pack.zip/bad.jsonl", 2, "not JSON: Expecting property name enclosed in double quotes at character 2"),
        ("pack.zip/pack.zip", 0, "an archive in an archive is not read"),
        ("radio.xml", 0, "entry 3: there is neither a title nor a text nor a link"),
        ("saved.xml", 0, "the feed https://snow.example:22/feed is not added: port 22 is not the web's"),
        ("subs.opml", 0, "the feed https://snow.example:22/feed is not added: port 22 is not the web's"),
    }
    articles = {(one.source.name, one.title): one for one in await everything(store)}
    page = articles["lake-bell", "The lighthouse opens"]
    assert (page.published, page.link) == (datetime(2025, 7, 15, 5, tzinfo=UTC), "https://bell.example/lighthouse")
    assert page.body.count("\n\n") == 2
    assert articles["radio-irrin", "Ferry late"].published == datetime(2025, 7, 16, 6, tzinfo=UTC)
    assert articles["radio-irrin", "Ferry early"].published == datetime.fromtimestamp(1_752_400_000, UTC)
    assert articles["bell", "Roof mended"].body == "All of it."
    [feed] = await store.feeds.all()
    assert (feed.source.title, feed.topics) == ("Rain News", ("weather",))
    assert feed.url == "https://ada:sesame@rain.example/feed"
    assert await store.feeds.next_due() == NOW  # by whoever polls
    again = await run(store, mixed / "radio.xml", mixed / "subs.opml", zone="Asia/Yerevan")
    assert (again.taken, again.known, again.feeds_added, again.feeds_known) == (0, 2, 0, 2)


async def test_broken_off_while_a_page_is_read_it_ends(store: Store, folder: Path) -> None:
    write(folder / "a.jsonl", *[line(id=number) for number in range(400)])
    write(folder / "b.html", HTML.format(head=""))
    async with asyncio.timeout(20):
        with pytest.raises(asyncio.CancelledError):
            await asyncio.create_task(run(store, folder, watcher=Impatient()))


async def test_it_stops_when_the_disk_is_full_and_says_how_far_it_came(store: Store, folder: Path) -> None:
    write(folder / "a.jsonl", *[line(id=number) for number in range(1_000)])
    seconds, free = count(), iter([10**9, 10**9, 0])
    space = Space(folder, lambda: next(seconds), free=lambda _: next(free))
    report = await run(store, folder, space=space)
    assert (report.taken, report.refused_in_all) == (400, 0)
    assert report.stopped == f"less than 200 MB are free on the disk of the database ({folder})"
