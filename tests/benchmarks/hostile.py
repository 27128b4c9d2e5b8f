"""Feeds and pages that were made to cost their reader time or memory."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.intake.processes.jobs import read_feed, read_page

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = '<?xml version="1.0"?><rss version="2.0"><channel><title>Shore</title><link>https://shore.example/</link>'
ITEM = "<item><title>The ferry is back</title><link>https://shore.example/1</link><description>A</description></item>"
TEXT = f"{HEAD}<item><title>A title</title><description>"
TEXT_END = "</description></item></channel></rss>"
FEED = f"{HEAD}{ITEM}"
END = "</channel></rss>"
LINE = "The ferry between the two shores of the lake runs again after eleven months of repairs. "
PAGE = (
    '<html><head><title>The ferry is back</title><meta property="og:type" content="article"></head><body>'
    f"<h1>The ferry is back</h1><p>{LINE * 3}</p><p>{LINE * 2}</p>"
)


@dataclass(frozen=True, slots=True)
class Hostile:
    """One kind of input."""

    name: str
    make: Callable[[int], str | bytes]
    """Given about how many characters it should have."""
    job: Callable[..., object] = read_feed
    content_type: str = "application/xml"
    times: float = 1
    """So many times as large as the others."""

    def data(self, size: int) -> bytes:
        made = self.make(round(size * self.times))
        return made.encode() if isinstance(made, str) else made


def filled(piece: str, size: int, before: str = FEED, after: str = END) -> str:
    """The piece again and again, between what makes a feed, or a page, of it."""
    return f"{before}{piece * (size // len(piece) + 1)}{after}"


def numbered(piece: str, size: int, before: str = FEED, after: str = END) -> str:
    """Likewise; each has its number at `{}`."""
    count = size // (len(piece) + 4)
    return f"{before}{''.join(piece.replace('{}', str(number)) for number in range(count))}{after}"


def entity_bomb(size: int) -> str:
    lines = (f'<!ENTITY e{number + 1} "{f"&e{number};" * 10}">' for number in range(9))
    declared = f'<!ENTITY e0 "lol">{"".join(lines)}'
    return f"<!DOCTYPE rss [{declared}]>{HEAD}{'<item><title>&e9;</title></item>' * (size // 40)}{END}"


def quadratic_blowup(size: int) -> str:
    declared = f'<!ENTITY a "{"a" * (size // 2)}">'
    return f"<!DOCTYPE rss [{declared}]>{HEAD}<item><title>{'&a;' * (size // 8)}</title></item>{END}"


def external_entity(size: int) -> str:
    declared = '<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY % b SYSTEM "http://127.0.0.1:1/x.dtd">%b;'
    items = "<item><title>A title</title><description>&a;</description></item>" * (size // 70)
    return f"<!DOCTYPE rss [{declared}]>{HEAD}{items}{END}"


def json_deep(size: int) -> str:
    return '{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": ' + "[" * size


def json_numbers(size: int) -> str:
    return f'{{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{{"id": {"9" * size}}}]}}'


def json_items(size: int) -> str:
    item = {"id": "1", "title": "The ferry", "content_text": "It crosses.", "tags": ["a"] * 20}
    items = [item] * (size // len(json.dumps(item)))
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": items})


def attributes(size: int) -> str:
    flood = " ".join(f"a{number}='x'" for number in range(size // 12))
    return f"{HEAD}<item {flood}>{ITEM}{END}"


def one_attribute(size: int) -> str:
    flood = "a='x' " * (size // 6)
    return f"{HEAD}<item {flood}>{ITEM}{END}"


def page(piece: str) -> Callable[[int], str]:
    return lambda size: filled(piece, size, PAGE, f"<p>{LINE}</p>")


HTML = "text/html"
FLOOD = " ".join(f"a{number}=x" for number in range(2_000))
PAGES: tuple[Hostile, ...] = tuple(
    Hostile(f"page: {name}", make, read_page, HTML)
    for name, make in (
        ("elements without end", page("<div>")),
        ("crossed elements", page("<b><i><p>")),
        ("links without end", page("<a href=x>text ")),
        ("floods of attributes", page(f"<div {FLOOD}>")),
        ("comments and scripts without end", page("<!-- <script> ")),
        ("nothing but <", page("<")),
        ("short paragraphs", page("<p>A short line of text that ends here. </p>")),
        ("dates", page('<span class="date">1 January 2020 and more</span>')),
        ("linked data, deep", lambda size: f'{PAGE}<script type="application/ld+json">{"[" * size}</script>'),
        ("one word", page("a")),
    )
)
FEEDS: tuple[Hostile, ...] = (
    Hostile("entity bomb", entity_bomb),
    Hostile("quadratic blow-up", quadratic_blowup),
    Hostile("external entities", external_entity),
    Hostile("depth", partial(filled, "<a>")),
    Hostile("depth, closed", lambda size: f"{FEED}{'<a>' * (size // 7)}{'</a>' * (size // 7)}{END}"),
    Hostile("end tags only", partial(filled, "</item>")),
    Hostile("a flood of attributes", attributes),
    Hostile("the same attribute", one_attribute),
    Hostile("namespaces", partial(numbered, '<n{}:a xmlns:n{}="urn:{}"/>')),
    Hostile("a long name", lambda size: f"{FEED}<{'n' * size}>{END}"),
    Hostile("a long attribute", lambda size: f'{FEED}<item title="{"a" * size}"/>{END}'),
    Hostile("a long title", lambda size: f"{HEAD}<item><title>{'word ' * (size // 5)}</title></item>{END}"),
    Hostile("tiny entries", partial(filled, "<item/>")),
    Hostile("entries", partial(filled, ITEM)),
    Hostile("entries, 50 MB", partial(filled, ITEM), times=5),
    Hostile(
        "authors",
        partial(numbered, "<author>a{}@example.org (Name {})</author>", before=f"{HEAD}<item><title>T</title>"),
    ),
    Hostile(
        "odd dates", partial(numbered, "<item><title>T {}</title><pubDate>the {}th day of some month</pubDate></item>")
    ),
    Hostile("comments without end", partial(filled, "<!-- ")),
    Hostile("CDATA without end", partial(filled, "<item><title><![CDATA[")),
    Hostile("nothing but <", partial(filled, "<")),
    Hostile(
        "nothing but &",
        partial(filled, "&", before=TEXT, after=TEXT_END),
    ),
    Hostile(
        "numbers of characters", partial(filled, "&#x41;", before=f"{HEAD}<item><title>", after=f"</title></item>{END}")
    ),
    Hostile(
        "escaped elements",
        partial(
            filled,
            "&lt;b&gt;&lt;i&gt;",
            before=f"{HEAD}<item><title>T</title><description>",
            after=f"</description></item>{END}",
        ),
    ),
    Hostile(
        "escaped twice and again",
        partial(
            filled,
            "&amp;amp;amp;lt;",
            before=f"{HEAD}<item><title>T</title><description>",
            after=f"</description></item>{END}",
        ),
    ),
    Hostile("zeros", lambda size: b"\0" * size + FEED.encode() + END.encode()),
    Hostile("wrong mark of UTF-16", lambda size: b"\xff\xfe" + filled(ITEM, size).encode()),
    Hostile("UTF-7", lambda size: filled("+ADw-item+AD4-", size).replace('1.0"', '1.0" encoding="utf-7"', 1)),
    Hostile("random bytes", lambda size: bytes(range(256)) * (size // 256)),
    Hostile(
        "an HTML page instead",
        partial(filled, "<p>Not found</p>", before="<!DOCTYPE html><html><body>", after=""),
        content_type=HTML,
    ),
    Hostile("JSON, deep", json_deep, content_type="application/feed+json"),
    Hostile("JSON, a long number", json_numbers, content_type="application/feed+json"),
    Hostile("JSON, items", json_items, content_type="application/feed+json"),
    Hostile("gzip within gzip", lambda size: gzip.compress(gzip.compress(bytes(size * 100), 1), 1)),
)
