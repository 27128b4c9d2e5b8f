"""Articles are read from web pages: `tests/pages` holds pages, and what is expected of each."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from bot.intake.parsing.clean import clean_body, clean_language, clean_line, clean_link, clean_title
from bot.intake.parsing.entries import UnreadableError
from bot.intake.parsing.page import read_page
from storage.text.terms import slug

PAGES = Path(__file__).parents[1] / "pages"
NOW = datetime(2026, 7, 16, 12, tzinfo=UTC)
NAMES = sorted(path.stem for path in PAGES.glob("*.html"))

PIECES = (
    b"<",
    b"</",
    b">",
    b"&#0;",
    b"&amp;lt;",
    b"\0",
    b'"',
    b"<!--",
    b"<script>",
    b"\xff",
    b"\xe2\x80\xae",
    b"<p>",
    b"http://a:b@c/",
)
JUNK = st.one_of(st.binary(max_size=20), st.lists(st.sampled_from(PIECES), max_size=4).map(b"".join))


def read(name):
    case = json.loads((PAGES / f"{name}.json").read_text("utf-8"))
    page = (PAGES / f"{name}.html").read_bytes()
    return case, lambda: read_page(page, content_type=case["content_type"], url=case["url"], zone=case["zone"], now=NOW)


def plain(value):
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("name", NAMES)
def test_pages(name):
    case, entry = read(name)
    if "error" in case:
        with pytest.raises(UnreadableError, match=case["error"]):
            entry()
        return
    got = entry()
    assert {field: plain(getattr(got, field)) for field in case["expected"]} == case["expected"]


HEAD = '<html><head><title>Fog stops the ferry</title><meta property="og:type" content="article"></head><body>'
KEPT = "The ferry did not leave on Thursday morning, because nobody could see the pier from its bridge, or the lake."
TEXT = f"<h1>Fog stops the ferry</h1><p>{KEPT}</p>"
FLOOD = 20_000


@pytest.mark.parametrize(
    "page",
    [
        HEAD + TEXT + "<div>" * FLOOD,
        HEAD + TEXT + "<b><i>" * FLOOD,
        HEAD + TEXT + "<!--" * FLOOD,
        HEAD + TEXT + "<script>" * FLOOD,
        HEAD + TEXT + "<" * FLOOD,
        HEAD + TEXT + "</div>" * FLOOD,
        HEAD + "<div " + "a=b " * FLOOD + ">" + TEXT,
        HEAD + ("<hr " + " ".join(f"a{number}" for number in range(600)) + ">") * 300 + TEXT,
        HEAD + f'<img src="data:{"A" * 1_000_000}">' + TEXT,
        HEAD + "<!-- x -->" * FLOOD + TEXT,
        HEAD + f"<script>{'x' * 3_000_000}</script>" + TEXT,
        HEAD + f'<script type="application/ld+json">{"[" * FLOOD}</script>' + TEXT,
        HEAD
        + f'<script type="application/ld+json">{{"@type": "NewsArticle", "datePublished": {"9" * 5000}}}</script>'
        + TEXT,
        HEAD.replace("<head>", "<head>" + '<meta name="author" content="' + "by " * FLOOD + '">') + TEXT,
        "\0" * FLOOD + HEAD + "\0" * FLOOD + TEXT,
        HEAD + f'<script type="application/ld+json">]]>{" " * 200_000}x</script>' + TEXT,
        "<!-- x -->" * FLOOD + HEAD + TEXT,
        "<!DOCTYPE html [" * FLOOD + HEAD + TEXT,
        "<!DOCTYPE html [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>" + HEAD + TEXT,
    ],
    ids=range(19),
)
def test_floods_hide_nothing(page):
    entry = read_page(page.encode(), content_type="text/html", url="https://a.example/b", zone="UTC", now=NOW)
    assert (entry.title, entry.body.split("\n")[0].split("<")[0]) == ("Fog stops the ferry", KEPT)


@given(st.data())
@settings(max_examples=40)
def test_whatever_a_page_holds_its_values_are_clean(data):
    page = (PAGES / f"{data.draw(st.sampled_from(NAMES))}.html").read_bytes()
    for _ in range(3):
        start = data.draw(st.integers(0, len(page)))
        end = data.draw(st.integers(start, min(start + 200, len(page))))
        page = page[:start] + data.draw(JUNK) + page[end:]
    try:
        entry = read_page(page, content_type="text/html", url="https://a.example/b", zone="UTC", now=NOW)
    except UnreadableError as error:
        event(str(error))
        return
    assert entry.title == clean_title(entry.title)
    assert (entry.body, entry.summary) == (clean_body(entry.body), clean_body(entry.summary))
    assert (entry.link, entry.image) == (clean_link(entry.link), clean_link(entry.image))
    assert entry.language == clean_language(entry.language)
    assert entry.topics == tuple(dict.fromkeys(map(slug, entry.topics)))
    assert all(name == clean_line(name) for name in entry.authors)
    assert entry.published is None or entry.published.tzinfo is UTC
