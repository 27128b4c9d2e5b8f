"""A feed of any make becomes entries: RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0, JSON Feed.

Whatever is hostile or broken in it costs bounded time and memory, and only itself: what can be read is read. Nothing
is fetched and no file is opened, whatever it says. This pulls in libraries that take long to load: it is meant for a
process of its own.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from bot.intake.parsing.clean import clean_line
from bot.intake.parsing.decoding import decode
from bot.intake.parsing.door import absolute_link, language_code
from bot.intake.parsing.entries import Entry, FeedDocument, UnreadableError
from bot.intake.parsing.jsonfeed import NoJsonFeedError, read_json
from bot.intake.parsing.markup import tags
from bot.intake.parsing.odd_dates import DateReader
from bot.intake.parsing.rawfeed import EntryMaker, RawFeed, title_of
from bot.intake.parsing.reading import Refusal
from bot.intake.parsing.screen import screen
from bot.intake.parsing.xmlfeed import read_xml
from storage.text.detection import language_of

REFUSALS_LIMIT = 100
_HEADLINES = 20  # that tell in which language a feed is
_ROOTS = {"rss", "rdf", "feed", "channel"}
_LONE_ROOTS = {"item", "entry"}
_TAGS_BEFORE = 200  # what servers write before a feed: warnings, mostly
_DOCTYPE = re.compile(r"<!DOCTYPE", re.IGNORECASE)
_MAGIC = (
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"RIFF", "a picture or a sound"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "compressed data that is broken"),
    (b"ID3", "a sound"),
    (b"\x00\x00\x01\x00", "a picture"),
)
_OTHERS = {
    "opml": "a list of feeds (OPML)",
    "urlset": "a site map",
    "sitemapindex": "a site map",
    "svg": "a picture (SVG)",
    "html": "an HTML page",
    "body": "an HTML page",
    "head": "an HTML page",
}


def read_feed(  # noqa: PLR0913  each says another thing about one answer of a server
    data: bytes, *, content_type: str, url: str, zone: str, now: datetime, cut: bool = False
) -> FeedDocument:
    """What a feed says, that was fetched from `url`; times without a zone are meant in `zone` (IANA).

    `cut`: there was more of it than was fetched. Raises UnreadableError: it is no feed, and what it seems to be.
    """
    text = decode(data, content_type)
    raw = _raw(text, data)
    site = absolute_link(raw.link, url)
    dates = DateReader(zone, now, language_code(raw.language))
    dates.learn(text for entry in raw.entries for text in entry.dates if "/" in text)
    maker = EntryMaker(_base(raw, url, site), dates, now)
    entries, refusals = [], []
    for number, one in enumerate(raw.entries, 1):
        entry = maker.entry(one)
        if entry:
            entries.append(entry)
        refusals += [Refusal(number, reason) for reason in maker.oddities]
    return FeedDocument(
        kind=raw.kind,
        entries=tuple(entries),
        refusals=tuple(refusals[:REFUSALS_LIMIT]),
        title=title_of(raw.title),
        link=site,
        language=_language(raw, entries),
        ttl=raw.ttl,
        skip_hours=raw.skip_hours,
        skip_days=raw.skip_days,
        hub=absolute_link(raw.hub, url),
        topic=absolute_link(raw.topic, url),
        cut=cut or raw.cut,
    )


def _language(raw: RawFeed, entries: Sequence[Entry]) -> str:
    """What the feed says, if its headlines do not refute it: then what they tell."""
    stated = language_code(raw.language)
    return stated and language_of("", "\n".join(entry.title for entry in entries[:_HEADLINES]), stated=stated)


def _base(raw: RawFeed, url: str, site: str) -> str:
    """What a feed's relative addresses mean: its own (RFC 3986, 5.1.3).

    RSS does not say: where somebody else serves it, or a file holds it, its site's.
    """
    if url and raw.kind.startswith("atom"):
        return url
    own, host = ((urlsplit(address).hostname or "").removeprefix("www.") for address in (url, site))
    return site if host and own != host else url


def _raw(text: str, data: bytes) -> RawFeed:
    if not text.strip():
        raise UnreadableError("no feed: it is empty" if not data.strip() else f"no feed: it seems to be {_magic(data)}")
    if text.lstrip().startswith(("{", "[")):
        try:
            return read_json(text.lstrip())
        except NoJsonFeedError:
            raise UnreadableError("no feed: it is JSON, but no JSON Feed") from None
    screened = screen(text[_start(text, data) :])
    if screened.root not in _ROOTS | _LONE_ROOTS:
        raise UnreadableError(f"no feed: it seems to be {_seeming(text, data)}")
    return read_xml(screened)


def _start(text: str, data: bytes) -> int:
    """Where the feed begins, after what servers write before it. Raises UnreadableError: nowhere."""
    for number, (tag, at) in enumerate(tags(text, _TAGS_BEFORE)):
        local = tag.name.lower().rpartition(":")[2]
        if local == "html":
            break
        if local in _ROOTS or (local in _LONE_ROOTS and not number):
            doctype = _DOCTYPE.search(text, 0, at)
            return doctype.start() if doctype else at
    raise UnreadableError(f"no feed: it seems to be {_seeming(text, data)}")


def _seeming(text: str, data: bytes) -> str:
    first = next((tag.name.lower() for tag, _ in tags(text, _TAGS_BEFORE) if not tag.closing), "")
    if re.match(r"\s*<!doctype html", text, re.IGNORECASE) or "<html" in text[:5_000].lower():
        return _OTHERS["html"]
    if first in _OTHERS:
        return _OTHERS[first]
    known = _magic(data)
    if known != "data that is no text":
        return known
    if first:
        return f"markup of another kind: it begins with <{clean_line(first)[:40]}>"
    return "plain text" if text.isprintable() or text.count("\n") else known


def _magic(data: bytes) -> str:
    return next((name for magic, name in _MAGIC if data.startswith(magic)), "data that is no text")
