"""`newscrier sources`, `export` and lists of feeds, as they are typed."""

import json
import logging
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from typer.testing import CliRunner

from bot.cli import sources
from bot.cli.base import Exit
from bot.cli.typed import app
from storage import Feed, Place, Source

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Lake Radio</title><link>http://127.0.0.1/</link>
<item><title>The ferry is back</title><guid>1</guid></item></channel></rss>"""
OPML = """<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Weather"><outline text="Rain News" type="rss" xmlUrl="https://ada:sesame@rain.example/feed"/></outline>
<outline text="Sport News"><outline text="Ball" type="rss" xmlUrl="https://ball.example/rss" language="hy"/></outline>
<outline text="Rain News" type="rss" xmlUrl="https://ada:sesame@rain.example/feed" category="/Lake"/>
</body></opml>"""

Typed = Callable[..., tuple[int, str]]


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Typed]:
    """Types `newscrier ...` in an empty folder; gives the exit code and what was said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSCRIER_DATABASE", "sqlite:///news.db")
    monkeypatch.setenv("NEWSCRIER_FETCH_ALLOW", "127.0.0.1")
    monkeypatch.setenv("COLUMNS", "200")
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def type_(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, words, catch_exceptions=False)
        return result.exit_code, result.output

    yield type_
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def site() -> Iterator[str]:
    """A site with a feed; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = b'<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>'
            body = {"/": page, "/feed": RSS}.get(self.path, b"")
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,)).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def listed(typed: Typed, *words: str) -> dict[str, dict[str, object]]:
    code, output = typed("sources", "list", "--json", *words)
    assert code == Exit.DONE
    return {one["name"]: one for one in map(json.loads, output.splitlines())}


def test_a_folder_whose_path_is_no_text_is_not_added(typed, tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9")).mkdir()
    code, output = typed("sources", "add", os.fsdecode(b"caf\xe9"))
    assert code == Exit.REFUSED
    assert "its path holds line ends, or bytes that are no text" in output
    assert listed(typed) == {}


def test_a_folder_becomes_a_source_and_is_changed(typed, tmp_path):
    (tmp_path / "Lake inbox").mkdir()
    code, output = typed("sources", "add", "./Lake inbox", "--topic", "Harbour News", "--zone", "Asia/Yerevan")
    assert (code, output.partition(":")[0]) == (Exit.DONE, "added as lake-inbox")
    assert typed("sources", "add", "Lake inbox")[1].startswith("known as lake-inbox")
    [one] = listed(typed).values()
    assert (one["kind"], one["state"], one["zone"]) == ("folder", "ok", "Asia/Yerevan")
    assert one["where"] == str(tmp_path / "Lake inbox")
    assert typed("sources", "pause", "source:lake-inbox", "nothing")[0] == Exit.REFUSED
    assert listed(typed)["lake-inbox"]["state"] == "paused"
    assert "it is paused, newscrier sources resume lake-inbox" in typed("sources", "add", "Lake inbox")[1]
    assert typed("sources", "resume", "lake-inbox") == (Exit.DONE, "1 resumed\n")
    assert typed("sources", "set", "lake-inbox", "--no-topics", "--title", "The Lake", "--language", "hy") == (
        0,
        "changed\n",
    )
    one = listed(typed, "lake")["lake-inbox"]
    assert (one["title"], one["language"], one["zone"]) == ("The Lake", "hy", "Asia/Yerevan")
    (tmp_path / "Lake inbox").rmdir()
    code, output = typed("sources", "list")
    assert "not there" in output
    assert typed("sources", "remove", "lake-inbox") == (Exit.DONE, "1 removed\n")
    assert listed(typed)["lake-inbox"]["kind"] == "given"


def test_a_site_becomes_a_source_with_its_news(typed, site):
    code, output = typed("sources", "add", site, "--topic", "lake", "--full-text")
    assert code == Exit.DONE
    assert output.startswith("added as lake-radio: Lake Radio, ")
    assert typed("sources", "add", f"{site}/feed")[1].startswith("known as lake-radio")
    one = listed(typed)["lake-radio"]
    assert (one["kind"], one["state"], one["where"]) == ("feed", "ok", f"{site}/feed")
    typed("sources", "pause", "lake-radio")
    assert "it is paused, newscrier sources resume lake-radio" in typed("sources", "add", site)[1]
    typed("sources", "resume", "lake-radio")
    assert one["news"]
    assert one["interval"] > 0
    assert typed("sources", "set", "lake-radio", "--no-full-text", "--topic", "a", "--topic", "b")[0] == Exit.DONE
    assert typed("sources", "pause", "lake-radio")[0] == Exit.DONE
    assert listed(typed)["lake-radio"]["state"] == "paused"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["add", "./nowhere"], Exit.REFUSED, "not added ./nowhere: there is no such folder"),
        (["add", "a.txt"], Exit.REFUSED, "it is a file: `newscrier import` takes it in"),
        (["add", "ftp://x.example"], Exit.REFUSED, "only http and https are fetched"),
        (["add", "http://ada:sesame@169.254.169.254/feed"], Exit.REFUSED, "not added http://169.254.169.254/feed"),
        (["add", ".", "--full-text"], Exit.REFUSED, "--full-text is for feeds"),
        (["add", ".", "--zone", "Mars"], Exit.USAGE, "--zone: 'Mars' is no time zone"),
        (["add", ".", "--language", "Martian"], Exit.USAGE, "--language: "),
        (["add", "a.example", "b.example", "--name", "x"], Exit.USAGE, "add them one by one"),
        (["set", "nothing", "--title", "x"], Exit.REFUSED, "nothing: there is no such source"),
        (["set", "given", "--topic", "x"], Exit.REFUSED, "it is neither a feed nor a folder"),
        (["set", "given", "--full-text"], Exit.REFUSED, "it is no feed"),
        (["pause", "given"], Exit.REFUSED, "not there a feed or folder given"),
        (["list", "nothing"], Exit.DONE, "there is none"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(typed, tmp_path, words, code, said):
    (tmp_path / "a.txt").write_text("The ferry is back\n16.07.2025\n")
    if "given" in words:
        assert typed("import", "a.txt", "--source", "given")[0] == Exit.DONE
    ended, output = typed("sources", *words)
    assert ended == code
    assert said in " ".join(output.split())
    assert "sesame" not in output


def test_what_readers_have_added_and_nobody_follows_is_idle():
    feed = Feed(Source("lake", "Lake Radio"), "https://lake.example/feed", NOON, Place(7, 1), idle_since=NOON)
    [one] = sources.listed([feed.source], [feed], [])
    assert (one.state, one.reason) == (sources.State.IDLE, "nobody follows it")


def test_a_list_of_feeds_comes_in_and_goes_out(typed, tmp_path):
    (tmp_path / "mine.opml").write_text(OPML)
    code, output = typed("import", "mine.opml")
    assert (code, output) == (Exit.DONE, "2 feeds added, 0 feeds known\n0 taken, 0 known, 0 refused\n")
    found = listed(typed)
    assert {name: (one["state"], one["where"]) for name, one in found.items()} == {
        "ball": ("not polled yet", "https://ball.example/rss"),
        "rain-news": ("not polled yet", "https://rain.example/feed"),
    }
    code, output = typed("export", "--format", "opml", "--output", "ours.opml")
    assert (code, output) == (Exit.DONE, "passwords are left out of rain-news\n")
    exported = (tmp_path / "ours.opml").read_text()
    assert "sesame" not in exported
    assert typed("export", "--format", "opml")[1].startswith(exported)
    assert typed("import", "ours.opml")[1].startswith(
        "1 feed added, 1 feed known"
    )  # without its password it is another
    assert listed(typed)["ball"]["language"] == "hy"


def test_what_a_list_names_and_nobody_can_fetch_is_said(typed, tmp_path):
    lines = [f'<outline text="{n}" xmlUrl="gopher://ada:sesame@hole{n}.example/"/>' for n in range(25)]
    lines.append('<outline text="Rain" xmlUrl="rain.example/feed"/>')
    (tmp_path / "mine.opml").write_text(f"<opml><body>{''.join(lines)}</body></opml>")
    code, output = typed("import", "mine.opml")
    assert code == Exit.REFUSED
    assert output.startswith("1 feed added, 0 feeds known\n0 taken, 0 known, 25 refused\nrefused mine.opml: the feed")
    assert "hole0.example/ is not added: only http and https are fetched\n" in output
    assert output.endswith("... and 5 more\n")
    assert "sesame" not in output


def test_what_cannot_be_written_is_said(typed):
    code, output = typed("export", "--format", "opml", "--output", "nowhere/x.opml")
    assert (code, output) == (Exit.USAGE, "newscrier: nowhere/x.opml: No such file or directory\n")
