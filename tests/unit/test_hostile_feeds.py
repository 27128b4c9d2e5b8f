"""Feeds that mean harm, or mean nothing: they cost a bounded part of what they hold, and what can be read is read."""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.intake.parsing.clean import clean_body, clean_language, clean_line, clean_link, clean_title
from bot.intake.parsing.decoding import decode
from bot.intake.parsing.entries import Entry, FeedDocument, UnreadableError
from bot.intake.parsing.feed import read_feed
from bot.intake.parsing.said import Said
from bot.intake.parsing.screen import ENTRIES_LIMIT, SIZE_LIMIT, screen

NOW = datetime(2025, 7, 20, 12, tzinfo=UTC)
CORPUS = sorted((Path(__file__).parents[1] / "feeds").glob("*[!n].x*"))
HEAD = '<rss version="2.0"><channel><title>Courier</title><item><title>Before</title></item>'
ELEMENTS = 20_500
"""Elements that are left at most: 20,000 and those that were begun together."""


def read(data: bytes | str, content_type: str = "") -> FeedDocument:
    raw = data if isinstance(data, bytes) else data.encode()
    url = "https://feeds.example/news/feed.xml"
    return read_feed(raw, content_type=content_type, url=url, zone="Asia/Yerevan", now=NOW)


def much(part: str, size: int = 150_000) -> str:
    return part * (size // len(part))


FLOODS = {
    "elements": much("<a/>"),
    "depth": much("<a>"),
    "depth of items": much("<item>"),
    "ends of nothing": much("</a>"),
    "open and shut crosswise": much("<a><b></a></b>"),
    "attributes": "<a " + " ".join(f'x{i}="1"' for i in range(40_000)) + "/>",
    "one attribute": f'<a x="{much("y")}"/>',
    "prefixes": "".join(f'<p{i}:a xmlns:p{i}="u:{i}"/>' for i in range(20_000)),
    "a long name": f"<{much('a')}/>",
    "titles that do not end": much("<title>"),
    "titles that an item ends": much("<title>x<item>"),
    "sections that do not end": much("<title><![CDATA[x</title>"),
    "comments that do not end": much("<!--"),
    "instructions that do not end": much("<?"),
    "declarations": much("<!DOCTYPE a ["),
    "quotes": much("<a b=\"' "),
    "less-than signs": much("< "),
    "ampersands": f"<description>{much('&')}</description>",
    "references": f"<description>{much('&#x1F600;&nosuch;')}</description>",
    "authors": much(f"<author>{'a' * 180}</author>"),
    "names of authors": f"<author><name>{much('a')}</name></author>",
    "dates": much("<pubDate>Wed, 16 Jul 2025 05:34:00 GMT</pubDate>"),
    "categories": much("<category>a, b</category>"),
    "languages": much("<dc:language>en</dc:language>"),
    "pictures": much('<media:content url="https://c.example/p.jpg"/>'),
}


def _values(said: Said) -> Iterator[str]:
    yield from chain(said.titles, said.links, said.texts, said.contents, said.dates.values(), said.authors, said.topics)


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_leaves_well_formed_xml_of_bounded_size(flood: str) -> None:
    screened = screen(f"{HEAD}<item><title>After</title>{FLOODS[flood]}")
    root = ET.fromstring(screened.xml)  # noqa: S314  that it is harmless is what is shown
    assert len(screened.xml) < SIZE_LIMIT
    assert sum(1 for _ in root.iter()) <= ELEMENTS
    assert max(len(element.attrib) for element in root.iter()) <= 64
    assert _depth(root) <= 41
    assert screened.said[0].titles == ["Before"]
    assert sum(len(value) for said in screened.said for value in _values(said)) < SIZE_LIMIT
    assert sum(1 for said in screened.said for _ in _values(said)) <= ELEMENTS


@pytest.mark.parametrize("flood", ["depth", "attributes", "authors", "declarations"])
def test_what_stands_before_a_flood_is_read(flood: str) -> None:
    assert next(entry.title for entry in read(HEAD + FLOODS[flood]).entries) == "Before"


def test_ten_megabytes_of_items_are_the_first_five_hundred() -> None:
    items = "".join(f"<item><title>Number {i}</title><guid>{i}</guid></item>" for i in range(220_000))
    document = read(f"{HEAD}{items}</channel></rss>")
    assert document.cut
    assert [entry.title for entry in document.entries[1:3]] == ["Number 0", "Number 1"]
    assert len(document.entries) == ENTRIES_LIMIT


@pytest.mark.parametrize(
    "feed",
    [
        HEAD + "".join(f"<item><title>{n}</title></item>" for n in range(3_000)),
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"title": str(n)} for n in range(3_000)]}),
    ],
    ids=["rss", "json"],
)
def test_of_a_long_feed_both_ends_are_read_whichever_is_the_newer(feed: str) -> None:
    document = read(feed)
    assert document.cut
    assert len(document.entries) == ENTRIES_LIMIT
    assert (document.entries[1].title, document.entries[-1].title) in {("0", "2999"), ("1", "2999")}


def test_ten_megabytes_of_one_text_are_its_beginning() -> None:
    document = read(f"{HEAD}<item><title>Long</title><description>{much('word ', 10_000_000)}</description></item>")
    assert [entry.title for entry in document.entries] == ["Before", "Long"]
    assert 400_000 < len(document.entries[1].body) <= 500_000


def test_ten_megabytes_of_texts_are_as_many_as_are_read() -> None:
    item = f"<item><title>One</title><description><![CDATA[<p>{much('word ', 100_000)}</p>]]></description></item>"
    document = read(f"{HEAD}{much(item, 10_000_000)}")
    assert document.cut
    assert len(document.entries) == 1 + SIZE_LIMIT // 100_000


@pytest.mark.parametrize(
    "html",
    [
        "<b>" * 9_000 + "</i>" * 9_000,
        "<div>" * 50_000,
        "<table><tr><td>" * 10_000,
        "<a href=x><p>" * 5_000 + "</font>" * 9_000,
    ],
    ids=["crossed", "deep", "tables", "links"],
)
def test_a_maze_of_html_keeps_its_text(html: str) -> None:
    document = read(f"{HEAD}<item><title>Maze</title><description><![CDATA[{html}way out]]></description></item>")
    assert "way out" in document.entries[1].summary + document.entries[1].body


def test_entities_are_not_expanded() -> None:
    levels = "".join(f'<!ENTITY a{i + 1} "&a{i};&a{i};&a{i};">' for i in range(50))
    document = read(f'<!DOCTYPE rss [<!ENTITY a0 "ha">{levels}]>{HEAD}<item><title>x &a50; &a0;</title></item>')
    assert document.entries[1].title == "x &a50; ha"


def test_entities_of_files_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    subset = f'<!ENTITY f SYSTEM "{secret.as_uri()}"><!ENTITY % p SYSTEM "{secret.as_uri()}"> %p;'
    document = read(f"<!DOCTYPE rss [{subset}]>{HEAD}<item><title>x &f;</title><description>&f;</description></item>")
    assert "secret" not in str(astuple(document)).replace("secret.txt", "")


@pytest.mark.parametrize(
    "text",
    [
        '{"version":"https://jsonfeed.org/version/1.1","items":[' + "{}," * 400_000 + "{}]}",
        '{"items":' + "[" * 400_000,
        '{"a":1' + '"title":"' * 100_000 + '"items":[',
        '{"version":"https://jsonfeed.org/version/1.1","items":[{"id":' + "9" * 100_000 + "}]}",
        '{"version":"https://jsonfeed.org/version/1.1","items":[{"title":"a","tags":'
        + "[" * 100_000
        + "]" * 100_000
        + "}]}",
    ],
    ids=["items", "depth", "quotes", "digits", "depth of a value"],
)
def test_json_that_means_harm_has_no_entries(text: str) -> None:
    try:
        assert read(text).entries == ()
    except UnreadableError as error:
        assert str(error) == "no feed: it is JSON, but no JSON Feed"  # noqa: PT017  either is right


def test_json_texts_are_read_until_they_are_too_much() -> None:
    item = '{"id":"1","content_html":"' + "<p>" + "word " * 40_000 + "</p>" + '"}'
    document = read('{"version":"https://jsonfeed.org/version/1.1","items":[' + f"{item}," * 40 + f"{item}]}}")
    assert document.cut
    assert len(document.entries) == SIZE_LIMIT // 200_000


def test_a_bomb_of_gzip_is_opened_to_ten_megabytes() -> None:
    assert len(decode(gzip.compress(b"a" * 50_000_000), "")) == 10_000_000


def test_a_thousand_dates_that_nobody_reads_are_given_up() -> None:
    items = "".join(f"<item><title>t</title><pubDate>{i} of Frimaire {i}</pubDate></item>" for i in range(400))
    document = read(f"{HEAD}{items}")
    assert {entry.published for entry in document.entries} == {None}
    assert len(document.refusals) == 100


def test_texts_of_ten_thousand_pictures_and_authors_stay_small() -> None:
    many = much("<category>t</category><dc:creator>A B</dc:creator>", 60_000)
    entry = read(f"{HEAD}<item><title>x</title>{many}</item>").entries[1]
    assert entry.topics == ("t",)
    assert entry.authors == ("A B",)


PIECES = (
    *(
        "<item>",
        "</item>",
        "<title>",
        "</title>",
        "<description>",
        "</channel>",
        "<p>",
        "<a b='",
        "dc:",
        "xmlns:",
        "]]>",
    ),
    *(
        ' xmlns:a="u"',
        " xmlns:b='u'",
        ' a:x="1"',
        " b:x=2",
        ' xmlns="http://www.w3.org/XML/1998/namespace"',
        "/>",
        "<a:b",
    ),
    *("<![CDATA[", "<!--", "-->", "<?", "<!DOCTYPE", "[", "&", ";", "<", ">", '"', "x", "\0", "é", "\ud7ff", "\uffff"),
)
RSS = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>Courier</title><item><title>Ferry &amp; bridge</title>'
    "<link>https://courier.example/1</link><description><![CDATA[<p>One.</p><p>Two.</p>]]></description></item><item>"
    "<title><![CDATA[Second]]></title><guid>g2</guid><category>Towns</category></item></channel></rss>"
)


def test_a_feed_that_breaks_off_anywhere_says_nothing_wrong() -> None:
    whole = read(RSS).entries
    begun = RSS.index("<channel>")
    for end in range(begun + 9, len(RSS), 3):
        entries = _entries(RSS[:end])
        for entry, full in zip(entries, whole, strict=False):
            assert (entry.title or full.title) in {full.title, "One"}  # a title of its text, where its own is gone
            assert entry.link in {"", full.link}
            assert full.body.startswith(entry.body)


NAMES = (
    *("links", "authors", "tags", "tag", "content", "summary", "source", "image", "title_detail", "summary:detail"),
    *("updated_parsed", "media_content", "media:player", "media_player", "author", "name", "textinput", "contributor"),
    *("itunes:owner", "dc:creator", "category", "link", "guid", "enclosure", "svg", "math", "cloud", "entrysaid"),
    *(
        "media:credit",
        "media:thumbnail",
        "psc:chapters",
        "georss:point",
        "gml:pos",
        "validity",
        "dcterms:valid",
        "item",
    ),
)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(["", "x", "1", "<name>y</name>"])), max_size=12))
def test_elements_of_any_names_are_read(elements: list[tuple[str, str]]) -> None:
    parts = "".join(f"<{name}>{text}</{name}>" if text else f'<{name} url="u" rel="x"/>' for name, text in elements)
    assert "Before" in {entry.title for entry in read(f"{HEAD}<item><title>After</title>{parts}</item>").entries}


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_feed_or_none(data: bytes) -> None:
    _check(data)


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_any_markup_is_screened_to_well_formed_xml(parts: list[str]) -> None:
    text = "<rss version='2.0'><channel>" + "".join(parts)
    ET.fromstring(screen(decode(text.encode(), "")).xml)  # noqa: S314  likewise
    _check(text.encode())


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_feed_is_a_feed_or_none(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(CORPUS))
    raw = bytearray(path.read_bytes()[:20_000])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        size = data.draw(st.integers(0, 30))
        raw[at : at + size] = data.draw(st.binary(max_size=12) | st.just(bytes(raw[: size * 3])))
    _check(bytes(raw))


def _entries(text: str) -> tuple[Entry, ...]:
    try:
        return read(text).entries
    except UnreadableError:
        return ()


def _check(data: bytes) -> None:
    """It is read or refused; what was read is clean by its own rules."""
    try:
        document = read(data)
    except UnreadableError:
        return
    for entry in document.entries:
        assert clean_title(entry.title) == entry.title
        assert clean_body(entry.body) == entry.body
        assert clean_body(entry.summary, 5_000) == entry.summary
        assert [clean_link(link) for link in (entry.link, entry.image)] == [entry.link, entry.image]
        assert clean_language(entry.language) == entry.language
        assert _clean([entry.id, *entry.authors, *entry.topics])
        assert entry.published is None or entry.published.utcoffset() == timedelta(0)
    assert _clean([document.title])
    assert [clean_link(link) for link in (document.link, document.hub, document.topic)] == [
        *(document.link, document.hub, document.topic)
    ]


def _clean(lines: Iterable[str]) -> bool:
    return all(clean_line(line) == line for line in lines)


def _depth(root: ET.Element) -> int:
    depth, level = 0, [root]
    while level:
        depth, level = depth + 1, [child for element in level for child in element]
    return depth
