"""Feeds into entries: how many a second beside feedparser alone, and what feeds cost that mean harm."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import feedparser
import hostile_feed
from corpus import NOW, Corpus
from measuring import MILLI, Row, Scale, at_most, at_most_times, expect, spent

from bot.intake.parsing.feed import read_feed

if TYPE_CHECKING:
    from collections.abc import Callable

ENTRIES = 30
HOSTILE = 10_000_000
QUICK_HOSTILE = 500_000
QUICK = ("depth", "texts")
URL = "https://courier.example/rss"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Courier</title><link>https://courier.example/</link>'
)


async def run(scale: Scale) -> list[Row]:
    return [*_rows(scale), *[row for name in _floods(scale) for row in await _hostile(scale, name)]]


def _rows(scale: Scale) -> list[Row]:
    """Both in turn, so that what else happens on the machine happens to both."""
    rounds = scale.some(2, 40)
    rows = []
    for what, feed in {"whole texts": _feed(whole=True), "teasers": _feed(whole=False)}.items():
        expect((len(_ours(feed)), len(_theirs(feed))), (ENTRIES, ENTRIES), "entries")
        ours, theirs = (min(times) for times in zip(*(_both(feed) for _ in range(rounds)), strict=True))
        name = f"feed of {ENTRIES} entries, {what} ({len(feed) // 1000} kB)"
        rows += [
            Row(f"{name}: CPU", "ms", (ours * MILLI,), (theirs * MILLI,), "feedparser alone", at_most_times(1.5)),
            Row(f"{name}: feeds a second of CPU", "feeds", (1 / ours,), (1 / theirs,), "feedparser alone"),
        ]
    return rows


def _both(feed: bytes) -> tuple[float, float]:
    return _seconds(_ours, feed), _seconds(_theirs, feed)


def _seconds(reader: Callable[[bytes], Any], feed: bytes) -> float:
    with spent() as took:
        reader(feed)
    return took.cpu


def _ours(feed: bytes) -> tuple[Any, ...]:
    return read_feed(
        feed, content_type="application/rss+xml", url="https://courier.example/rss", zone="UTC", now=NOW
    ).entries


def _theirs(feed: bytes) -> list[Any]:
    entries: list[Any] = feedparser.parse(io.BytesIO(feed))["entries"]
    return entries


def _feed(*, whole: bool) -> bytes:
    """A feed as news sites write it: a teaser and, perhaps, the whole text as HTML."""
    items = (_item(number, article, whole=whole) for number, article in enumerate(Corpus(seed=11).articles(ENTRIES)))
    return f"{HEAD}{''.join(items)}</channel></rss>".encode()


def _item(number: int, article: Any, *, whole: bool) -> str:
    paragraphs = [escape(paragraph) for paragraph in article.body.split("\n\n")]
    link = f"https://courier.example/{number}"
    html = "".join(f'<p>{paragraph} <a href="{link}">more</a></p>' for paragraph in paragraphs)
    text = f'<content:encoded><![CDATA[<img src="/{number}.jpg" width="900">{html}]]></content:encoded>'
    return (
        f"<item><title>{escape(article.title)}</title><link>{link}?a=1&amp;b=2</link>"
        f'<guid isPermaLink="false">n-{number}</guid><pubDate>Wed, 16 Jul 2025 09:{number:02}:00 +0400</pubDate>'
        f"<dc:creator>Ann Sargsyan</dc:creator><category>News</category><category>Politics</category>"
        f"<description><![CDATA[<p>{paragraphs[0][:300]}</p>]]></description>{text if whole else ''}</item>"
    )


def _floods(scale: Scale) -> tuple[str, ...]:
    return QUICK if scale.quick else tuple(hostile_feed.FLOODS)


async def _hostile(scale: Scale, name: str) -> list[Row]:
    """In a process of its own: what it holds at most is then its own."""
    size = scale.some(QUICK_HOSTILE, HOSTILE)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(Path(hostile_feed.__file__)), name, str(size)), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    expect(process.returncode, 0, name)
    figures = json.loads(output)
    what = f"hostile feed of {size / 1e6:.3g} MB, {name}"
    return [
        Row(f"{what}: CPU ({figures['entries']} entries kept)", "s", (figures["cpu"],), goal=at_most(2)),
        Row(f"{what}: memory", "MB", (figures["peak"],), goal=at_most(300)),
    ]
