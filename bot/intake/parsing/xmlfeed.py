"""RSS, RDF and Atom of every version, read by feedparser from XML that was screened before."""

import io
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import feedparser

from bot.intake.parsing.entries import UnreadableError
from bot.intake.parsing.rawfeed import Kind, RawEntry, RawFeed, RawText
from bot.intake.parsing.said import Said
from bot.intake.parsing.screen import Screened

_KINDS = {
    "rss090": "rdf",
    "rss10": "rdf",
    "rss091n": "rss 0.91",
    "rss091u": "rss 0.91",
    "rss092": "rss 0.92",
    "rss093": "rss 0.93",
    "rss094": "rss 0.94",
    "rss20": "rss 2.0",
    "rss": "rss",
    "atom01": "atom 0.1",
    "atom02": "atom 0.2",
    "atom03": "atom 0.3",
    "atom10": "atom 1.0",
    "atom": "atom",
    "cdf": "cdf",
}
_KIND_OF_ROOT = {"rss": "rss", "channel": "rss", "item": "rss", "rdf": "rdf", "feed": "atom", "entry": "atom"}
_TEXT_TYPES = {
    "",
    "text/html",
    "text/plain",
    "text/markdown",
    "application/xhtml+xml",
    "text/xhtml",
    "html",
    "text",
    "xhtml",
}
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_LONGEST_TTL = timedelta(days=30)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SKIP_READ = 4_000
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:$|[?#])", re.IGNORECASE)
# By the names that the screening gives them, and feedparser to those under prefixes of their own.
_DATES = ("datepublished", "published", "dateupdated", "updated", "datecreated", "created")
# What these lead to is not the article.
_OTHER_RELS = {
    *("alternate", "self", "enclosure", "replies", "edit", "edit-media", "hub", "payment", "license", "first", "last"),
    *(
        "next",
        "previous",
        "prev",
        "search",
        "icon",
        "image",
        "thumbnail",
        "preview",
        "stylesheet",
        "author",
        "up",
        "service",
        "service.post",
        "service.edit",
    ),
}
_ICON = 48  # pixels
_FACE = 64  # thumbnails up to this size show who wrote it
_SMALL = 200
# What papers with programs of their own call a picture's address, largest first.
_PICTURES = ("fullimage", "bigimage", "storyimage", "thumbimage", "thumbnail", "thumb", "smallimage", "hatena_imageurl")
# The marks of sections that were escaped as if they were text.
_ESCAPED = "&lt;![CDATA["
_ESCAPED_MARKS = re.compile(r"(?<=>)\s*&lt;!\[CDATA\[|\]\]&gt;\s*(?=</)")
_NUMBER = re.compile(r"\s*([0-9]{1,5})")


def read_xml(screened: Screened) -> RawFeed:
    """What a screened feed says. Reads no file and no address. Raises UnreadableError."""
    # The texts are cleaned by us; without an address of its own feedparser leaves alone what is relative.
    xml = _ESCAPED_MARKS.sub("", screened.xml) if _ESCAPED in screened.xml else screened.xml
    try:
        parsed = feedparser.parse(
            io.BytesIO(xml.encode()),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:  # a library's, on what nobody has thought of
        raise UnreadableError(f"no feed that can be read: feedparser fails on it ({type(error).__name__})") from error
    version, feed = parsed.get("version") or "", parsed["feed"]
    atom = version.startswith("atom")
    people = _people(feed) if atom else [name for name in (_said(feed, "authorofall"),) if name]
    title = _text(feed, "title", atom=atom)
    raw = RawFeed(
        kind=_KINDS.get(version) or _KIND_OF_ROOT.get(screened.root, "rss"),
        entries=[_entry(entry, screened.said, version, people) for entry in parsed["entries"]],
        title=title if title.value.strip() else RawText(_said(feed, "dctitle")),
        link=_rel(feed, "alternate") or _said(feed, "link"),
        language=_said(feed, "language") or _said(feed, "dc_language") or _said(feed.get("title_detail"), "language"),
        ttl=_ttl(feed),
        skip_hours=frozenset(_hours(screened.xml)),
        skip_days=frozenset(_days(screened.xml)),
        hub=_rel(feed, "hub"),
        topic=_rel(feed, "self"),
        cut=screened.cut,
    )
    # Until there is news a feed may say no more than what it is written in, if it says so to its end.
    if not (raw.entries or raw.title.value or raw.link or (version and screened.whole)):
        raise UnreadableError("no feed: it has neither entries nor a title")
    return raw


def _entry(entry: Any, several: Sequence[Said], version: str, people: Sequence[str]) -> RawEntry:
    atom = version.startswith("atom")
    said = _its_own(entry, several)
    details = [entry.get(f"{name}_detail") or {} for name in ("title", "summary")] + _all(entry, "content")
    contents, summaries = _texts(entry, said, atom=atom)
    titles = [*map(RawText, said.titles), _text(entry, "title", atom=atom)]
    titles += [RawText(_said(entry, name)) for name in ("dctitle", "mediatitle", "itunestitle")]
    return RawEntry(
        id=_said(entry, "id"),
        titles=titles,
        links=_links(entry, said, version),
        dates=[text for name in _DATES if (text := said.dates.get(name) or _said(entry, name))],
        contents=contents,
        summaries=summaries,
        authors=said.authors + _people(entry) or _people(entry.get("source") or {}) or people,
        topics=[*said.topics, *_labels(entry)],
        languages=[_said(entry, "language"), *(_said(detail, "language") for detail in details)],
        images=_images(entry),
        thumbnails=_thumbnails(entry, small=True),
        base=next((base for detail in details if (base := _said(detail, "base"))), ""),
    )


def _texts(entry: Any, said: Said, *, atom: bool) -> tuple[list[RawText], list[RawText]]:
    """The whole text, as often as it is said, and what may be a teaser."""
    contents = [*map(RawText, said.contents), *(_content(detail, atom=atom) for detail in _all(entry, "content"))]
    contents = [text for text in contents if text.value.strip()]
    whole = {text.value for text in contents}  # feedparser makes a summary of the first content, and some feeds do
    texts = (*map(RawText, said.texts), _text(entry, "summary", atom=atom))
    summaries = [text for text in texts if text.value.strip() and text.value not in whole]
    extras = (RawText(_said(entry, name)) for name in ("dctext", "itunestext", "mediatext", "itunessubtitle"))
    # Who describes twice means the second time the text itself.
    return contents + summaries[1:], summaries[:1] + [text for text in extras if text.value.strip()]


def _its_own(entry: Any, several: Sequence[Said]) -> Said:
    """What the entry says by characters alone: it names the place of it."""
    place = _said(entry, "entrysaid")
    return several[int(place)] if place.isdecimal() and int(place) < len(several) else Said()


def _labels(entry: Any) -> Iterator[str]:
    for tag in _all(entry, "tags"):
        label = _said(tag, "label") or _said(tag, "term")
        yield label.replace(" ", ",") if _said(tag, "scheme") == "urn:flickr:tags" else label


def _said(values: Any, name: str) -> str:
    """A value that is text; feedparser keeps other things under the same names at times."""
    value = dict.get(values, name) if isinstance(values, dict) else None
    return value if isinstance(value, str) else ""


def _all(values: Any, name: str) -> list[Any]:
    """The values that there are several of."""
    several = dict.get(values, name) if isinstance(values, dict) else None
    return [one for one in several if isinstance(one, dict)] if isinstance(several, list) else []


def _text(values: Any, name: str, *, atom: bool) -> RawText:
    detail = dict.get(values, f"{name}_detail") or {}
    key = "subtitle" if name == "summary" and "summary" not in values else name
    value = _said(values, key) or _said(detail, "value")
    return RawText(value, _kind(detail, atom=atom), _said(detail, "base"))


def _content(detail: Any, *, atom: bool) -> RawText:
    if _said(detail, "type").lower() not in _TEXT_TYPES:
        return RawText()
    return RawText(_said(detail, "value"), _kind(detail, atom=atom), _said(detail, "base"))


def _kind(detail: Any, *, atom: bool) -> Kind:
    """Only Atom says what a text is so that it can be believed."""
    if not atom:
        return Kind.UNSAID
    return Kind.PLAIN if _said(detail, "type") in {"text/plain", "text", "text/markdown"} else Kind.HTML


def _rel(values: Any, rel: str) -> str:
    """The first link of a kind: web pages before others."""
    links = [link for link in _all(values, "links") if _relation(link) == rel and _said(link, "href")]
    links.sort(key=lambda link: "html" not in _said(link, "type"))
    return _said(links[0], "href") if links else ""


def _relation(link: Any) -> str:
    """What a link leads to, by its short name (RFC 4287, 4.2.7.2)."""
    return _said(link, "rel").strip().removeprefix("http://www.iana.org/assignments/relation/")


def _links(entry: Any, said: Said, version: str) -> list[str]:
    links = [_said(entry, "feedburner_origlink"), *said.links, _rel(entry, "alternate"), _rel(entry, "")]
    links += [_said(link, "href") for link in _all(entry, "links") if _relation(link) not in _OTHER_RELS]
    id_ = _said(entry, "id")
    enclosed = [_said(one, "href") for one in _enclosures(entry) if not _is_picture(one, "href")]
    if id_.lower().startswith(("http:", "https:")) and (dict.get(entry, "guidislink") or version.startswith("rss10")):
        links.append(id_)
    media = dict.get(entry, "media_player")
    # Who has no page of the episode can hear it.
    return [link for link in (*links, _said(entry, "href"), _said(media, "url"), *enclosed) if link]


def _people(values: Any) -> list[str]:
    people = [_said(author, "name") or _said(author, "email") for author in _all(values, "authors")]
    return [name for name in people if name] or [name for name in (_said(values, "author"),) if name]


def _images(entry: Any) -> list[str]:
    """Addresses of pictures, the best first."""
    media = [one for one in _all(entry, "media_content") if _is_picture(one, "url") and not 0 < _width(one) < _ICON]
    media.sort(key=lambda one: -_width(one))
    found = [_said(one, "url") for one in media]
    found += [_said(one, "href") for one in _enclosures(entry) if _is_picture(one, "href")]
    image = dict.get(entry, "image")
    found += [_said(entry, "entryimage"), _said(image, "href") or _said(image, "url")]
    found += _thumbnails(entry, small=False)
    found += [_said(entry, name) for name in _PICTURES]
    return [address for address in found if address.strip()]


def _thumbnails(entry: Any, *, small: bool) -> list[str]:
    """Those that are smaller than pictures in texts are, or the others; the widest first."""
    several = sorted(_all(entry, "media_thumbnail"), key=lambda one: -_width(one))
    return [
        _said(one, "url")
        for one in several
        if (_FACE < _width(one) < _SMALL if small else not 0 < _width(one) < _SMALL)
    ]


def _enclosures(entry: Any) -> list[Any]:
    return [link for link in _all(entry, "links") if _relation(link) == "enclosure"]


def _is_picture(values: Any, address: str) -> bool:
    said = _said(values, "medium").lower() or _said(values, "type").lower().partition("/")[0]
    known = said if said not in {"", "application"} else ""
    return known == "image" if known else _PICTURE.search(_said(values, address)) is not None


def _width(values: Any) -> int:
    found = _NUMBER.match(_said(values, "width"))
    return int(found[1]) if found else 0


def _ttl(feed: Any) -> timedelta | None:
    """RSS 2.0's ttl, in minutes; else the syndication module's period and frequency."""
    found = _NUMBER.match(_said(feed, "ttl"))
    if found and int(found[1]):
        return min(timedelta(minutes=int(found[1])), _LONGEST_TTL)
    period = _PERIODS.get(_said(feed, "sy_updateperiod").strip().lower())
    if period is None:
        return None
    frequency = _NUMBER.match(_said(feed, "sy_updatefrequency"))
    return min(period / max(int(frequency[1]) if frequency else 1, 1), _LONGEST_TTL)


def _hours(xml: str) -> Iterator[int]:
    """RSS 0.91 counts 1 to 24, RSS 2.0 0 to 23: 24 is 0."""
    for text in _inside(xml, "skipHours", "hour"):
        if text.isascii() and text.isdigit() and int(text) <= 24:
            yield int(text) % 24


def _days(xml: str) -> Iterator[int]:
    for text in _inside(xml, "skipDays", "day"):
        if text[:3].lower() in _DAYS:
            yield _DAYS.index(text[:3].lower())


def _inside(xml: str, outer: str, inner: str) -> list[str]:
    """The texts of a list's elements."""
    for name in (outer, outer.lower()):
        if (at := xml.find(f"<{name}>")) >= 0:
            part = xml[at : at + _SKIP_READ].partition(f"</{name}>")[0]
            return [text.strip() for text in re.findall(rf"<{inner}>([^<]*)</{inner}>", part, re.IGNORECASE)]
    return []
