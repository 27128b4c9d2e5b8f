"""A web page becomes the article on it.

Its text is what trafilatura finds in it, or what the page itself gives as the article's text (schema.org, articleBody)
where that is more. All else is what the page says of itself, read by `about`.
"""

import copy
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

import trafilatura
from lxml import etree, html

from bot.intake.parsing.about import About, about
from bot.intake.parsing.clean import clean_line, is_visible, join_paragraphs
from bot.intake.parsing.decoding import decode
from bot.intake.parsing.door import absolute_link
from bot.intake.parsing.entries import Entry, UnreadableError
from bot.intake.parsing.pagetree import Page, parse_page
from storage.text.detection import detect

BYTES_LIMIT = 5_000_000
"""Of a page; the rest is not looked at."""
_ENOUGH = 500  # characters of sentences; with less, slower ways are tried as well ...
_DENSE = 0.7  # ... and where less of the text is sentences
_LEAST = 250  # so many make an article ...
_LEAST_SAID = 80  # ... of a page that says it is one
_LEAST_PAID = 1_000  # ... and says that the whole of it is for subscribers
_PROSE_LINE = 40
_WIDE = 2.2  # a character that is twice as wide says as much as so many others
_NO_PAGES = (
    (b"%PDF", "a PDF file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"PK\x03\x04", "a ZIP file"),
)
_PAGE_TYPES = re.compile(r"\s*(?:$|;|text/|application/(?:xhtml|xml|octet-stream|unknown)|unknown/)", re.IGNORECASE)
_FEED = re.compile(
    r"\s*+(?:<\?xml[^>]*+>\s*+)?(?:(?><!--.{0,2000}?-->)\s*+)*+<(?:rss|rdf:rdf|feed|opml)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_SENTENCE_END = re.compile(r"[.!?…:;։՜՞۔؟।。！？][\"'”’»)\]]*$")

# Thai, Lao, Tibetan, Burmese and Khmer: nothing need end a sentence, and names of menus are shorter than this.
_UNENDED = re.compile("[\u0e00-\u109f\u1780-\u17ff]")
_UNENDED_LINE = 80


def read_page(data: bytes, *, content_type: str, url: str, zone: str, now: datetime) -> Entry:
    """The article on a page. `url` is where the page was found, after all redirects; empty: in a file.

    `link` is what the page calls its own address, when that is on the same site as `url`; else `url`. A time without a
    zone is read in `zone` (IANA); one that lies more than a day after `now` is passed over. Of a page over 5 MB, the
    first 5 MB are read.

    Raises UnreadableError: it is no web page, or there is no article on it but a list of them, a teaser, a question
    whether cookies may be set, or a page that only a browser fills.
    """
    if reason := _no_page(data, content_type):
        raise UnreadableError(f"it is no web page but {reason}")
    text = decode(data[:BYTES_LIMIT], content_type)
    if _FEED.match(text):
        raise UnreadableError("it is no web page but a feed")
    page = parse_page(text)
    said = about(page, url=url, zone=zone, now=now)
    if not said.title:
        raise UnreadableError("no article found: the page has no title")
    lines = _lines(page, said)
    _check(page, said, lines, url)
    body = join_paragraphs(lines)
    return Entry(
        title=said.title,
        link=said.link or absolute_link(url),
        published=said.published.published if said.published else None,
        date_only=said.published.date_only if said.published else False,
        body=body,
        summary="" if said.summary in {said.title, body} else said.summary,
        authors=said.authors,
        topics=said.topics,
        # Many pages say `en`, whatever they are written in, because their program came so.
        language=detect(said.title, body, usual=said.language).language,
        image=said.image,
    )


def _no_page(data: bytes, content_type: str) -> str:
    """What it is, if it is no web page."""
    if not data.strip():
        return "empty"
    for mark, name in _NO_PAGES:
        if data.startswith(mark):
            return name
    if not _PAGE_TYPES.match(content_type):
        return clean_line(content_type.partition(";")[0])[:60]
    return ""


def _lines(page: Page, said: About) -> list[str]:
    """The paragraphs of the article, clean, in order."""
    lines = _extracted(page.tree, said, fast=True)
    if prose(lines) < _ENOUGH or _density(lines) < _DENSE:
        lines = _better(lines, _extracted(page.tree, said, fast=False))
    own = _without_title(map(clean_line, said.body.splitlines()), said.title)
    # The page's own word counts when it is the whole text: some give its beginning only.
    return own if prose(own) > 1.2 * prose(lines) else lines


def _better(lines: list[str], others: list[str]) -> list[str]:
    """The one with more to read in it, unless much of that is menus and lists of other articles."""
    if prose(lines) >= _ENOUGH and prose(others) > prose(lines) / 2 and _density(others) > 1.5 * _density(lines):
        return others
    return max(lines, others, key=prose)


def _extracted(tree: html.HtmlElement, said: About, *, fast: bool) -> list[str]:
    try:
        text = trafilatura.extract(
            copy.deepcopy(tree), fast=fast, include_comments=False, include_tables=True, output_format="txt"
        )
    except (etree.LxmlError, ValueError, TypeError, AttributeError, IndexError, KeyError):
        return []  # odd markup makes it fail in odd ways
    lines = [clean_line(line) for line in (text or "").splitlines()]
    # Tables before the text hold a page's corners together.
    first = next((at for at, line in enumerate(lines) if _weight(line)), 0)
    kept = (line for at, line in enumerate(lines) if at >= first or not line.startswith("|"))
    return _without_title(map(_row, kept), said.title)


def _row(line: str) -> str:
    """The cells of a table's row, without the marks at its ends; of the line between head and rows, nothing."""
    if not line.startswith("|"):
        return line
    cells = [cell.strip() for cell in line.strip("|").split("|") if cell.strip()]
    return "" if not any(cell.strip("-: ") for cell in cells) else " | ".join(cells)


def _without_title(lines: Iterable[str], title: str) -> list[str]:
    kept = [line for line in lines if is_visible(line)]
    return kept[1:] if kept and folded(kept[0]) == folded(title) else kept


def prose(lines: Sequence[str]) -> float:
    """How much there is to read: characters of lines that are sentences, by their length and end."""
    return sum(_weight(line) for line in lines)


def _density(lines: Sequence[str]) -> float:
    """How much of the lines is sentences: 0 to 1."""
    return prose(lines) / max(sum(map(_width, lines)), 1)


def _width(line: str) -> float:
    wide = sum(1 for char in line if char > "\u2e7f" and unicodedata.east_asian_width(char) in {"W", "F"})
    return len(line) - wide + wide * _WIDE


def _weight(line: str) -> float:
    weight = _width(line)
    if weight >= _PROSE_LINE and _SENTENCE_END.search(line):
        return weight
    return weight if weight >= _UNENDED_LINE and len(_UNENDED.findall(line)) * 2 > len(line) else 0


def folded(text: str) -> str:
    """A text for comparing: only its letters and digits, in lower case."""
    return "".join(filter(str.isalnum, text.casefold()))


def _check(page: Page, said: About, lines: Sequence[str], url: str) -> None:
    """Raise UnreadableError when these lines are no article."""
    much = prose(lines)
    if said.is_for_subscribers and much < _LEAST_PAID:
        raise UnreadableError("no article text found: the whole of it is for subscribers")
    if much < (_LEAST_SAID if said.is_article else _LEAST):
        raise UnreadableError("no article text found")
    if not said.is_article and (page.is_list or _is_front_page(said.link or url)):
        raise UnreadableError("no article text found: the page is a list of articles")


def _is_front_page(url: str) -> bool:
    parts = urlsplit(url)
    return bool(url) and parts.path in {"", "/"} and not parts.query
