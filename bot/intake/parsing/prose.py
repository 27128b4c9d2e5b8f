"""HTML, as feeds and pages carry it, becomes paragraphs of clean text, and tells its first real picture.

Blocks, two line breaks, and a line break after a sentence or before a list's mark begin a paragraph. Lists keep a dash,
rows of tables their cells beside each other, preformatted text its lines. Scripts, styles, forms, embedded players and
what is hidden are dropped.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from lxml import etree

from bot.intake.parsing.clean import BODY_LIMIT, clean_line, is_visible, join_paragraphs
from bot.intake.parsing.door import absolute_link, character

HTML_LIMIT = 1_500_000
"""Characters of HTML that are read of one text."""

_BLOCKS = {
    *("p", "div", "section", "article", "main", "aside", "header", "footer", "nav", "address", "blockquote", "center"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "dt", "dd", "table", "thead", "tbody", "tfoot", "caption"),
    *("figure", "figcaption", "hr", "details", "summary", "fieldset", "form", "body", "pre", "dir", "menu"),
}
_DROPPED = {
    *("script", "style", "iframe", "object", "applet", "svg", "template", "head", "title", "noframes"),
    *("button", "select", "textarea", "input", "audio", "video", "canvas", "datalist", "noembed", "rp", "math"),
}
_PLAYERS = {"object", "applet", "iframe", "audio", "video", "canvas"}
_USUAL = (
    "p|br|div|span|a|b|i|em|strong|ul|ol|li|h[1-6]|blockquote|img|table|tr|td|th|thead|tbody|caption|pre|font|u|s|small"
    "|sup|sub|article|section|figure|figcaption|picture|center|hr|cite|code|del|ins|strike"
    "|noscript|dl|dt|dd|header|footer|aside|abbr|acronym|big|tt|kbd|address|nobr"
)
_MARKUP = re.compile(rf"</?(?:{_USUAL})(?:\s[^<>]*)?/?>", re.IGNORECASE)
# Elements that show no text, or none of this text: as they stand in HTML, not as somebody writes about `<script>`.
_UNSHOWN = "script|style|iframe|frameset|object|embed|applet|audio|video|svg|form|link|meta|blink|marquee"
_UNSHOWN_MARKUP = re.compile(rf"<(?:{_UNSHOWN})\s+[\w:-]+\s*=[^<>]*>|</(?:{_UNSHOWN})\s*>", re.IGNORECASE)
_MARKED_END = re.compile(rf"</(?:{_USUAL})\s*>|<(?:br|p)\s*/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ANY_TAG = re.compile(r"<[!/?A-Za-z][^<>]*>")
_NAMED_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_SENTENCE_END = re.compile(r"[.!?…:;։။。！？]['\"”»)\]]*\s*$")
_LIST_MARK = re.compile(r"\s*(?:[-–—•*▪●·►✅#]|\d{1,3}[.)]\s)")
# What programs put between the paragraphs: for other eyes, or to sell, share and count.
_PLUGS = frozenset(
    {
        *("screen-reader-text", "visually-hidden", "sr-only", "feedflare", "sharedaddy", "jp-relatedposts"),
        *("subscription-widget-wrap", "subscription-widget", "button-wrapper", "blogger-post-footer"),
    }
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# Elements that the parser ends by itself, so that none of them nests for want of an end tag.
_SELF_ENDING = {*("p", "br", "img", "hr", "input", "li", "td", "tr", "th", "dd", "dt", "option", "meta", "link", "wbr")}
_MANY_TAGS = 1_000
_DEEP = 200
_SMALLEST_PICTURE = 48  # pixels; whatever is smaller is an icon or counts readers
_NO_PICTURE = re.compile(
    r"emoji|favicon|smil(?:ey|ie)|gravatar|/pixel|pixel\.|[?&/]b\.gif|spacer|blank\.(?:gif|png)|1x1|feedburner|feedsportal"
    r"|doubleclick|/counter|counter\.|mc\.yandex|google-analytics|/share|stats\.wp\.com|scorecardresearch"
    r"|/track(?:ing)?[./?]",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W_]")  # lines of punctuation only separate
_NUMBER = re.compile(r"\s*([0-9]{1,5})")
# Where pages that load pictures late keep the address; the usual place holds a placeholder then.
_PICTURE_ATTRIBUTES = ("data-src", "data-original", "data-lazy-src", "data-orig-file", "src")


@dataclass(frozen=True, slots=True)
class Prose:
    """What HTML says."""

    paragraphs: tuple[str, ...] = ()
    """Clean lines with something to see in them."""
    image: str = ""
    """The address of its first real picture, absolute."""

    @property
    def text(self) -> str:
        """The paragraphs, separated by blank lines; at most as many as a body holds."""
        return join_paragraphs(list(self.paragraphs), BODY_LIMIT)


def text_of_html(source: str, base: str = "") -> Prose:
    """What HTML says, however broken; links and pictures are meant relative to `base`. Never raises."""
    source = source[:HTML_LIMIT]
    if _is_maze(source):
        return Prose(paragraphs_of_text(_ANY_TAG.sub(" ", source)))
    reader = _read(source, base)
    text = "\n".join(reader.paragraphs)
    if "<" in text and _MARKED_END.search(text) and len(_MARKUP.findall(text)) > 1:
        # Escaped once too often: what came out is HTML still.
        again = _read(text, base)
        return Prose(tuple(again.paragraphs), reader.image or again.image)
    return Prose(tuple(reader.paragraphs), reader.image)


def paragraphs_of_text(text: str) -> tuple[str, ...]:
    """Plain text: blank lines separate paragraphs; where there are none, each line is one."""
    text = unescaped(text)
    blocks = re.split(r"\n[^\S\n]*\n", text) if _is_wrapped(text) else text.splitlines()
    return tuple(filter(is_visible, map(clean_line, blocks)))


def unescaped(text: str) -> str:
    """Entities that are left in a text become what they stand for; a lone `&` stays."""
    for _ in range(2):
        if "&" not in text:
            break
        text = _ENTITY.sub(character, text)
    return text


def has_markup(text: str) -> bool:
    """Whether a text that does not say what it is is HTML: it has a tag that people write in texts, escaped perhaps."""
    return _is_marked(text) or ("&lt;" in text and _is_marked(unescaped(text)))


def _is_marked(text: str) -> bool:
    if "<" not in text:
        return False
    return bool(_MARKUP.search(text) or _UNSHOWN_MARKUP.search(text)) or ("<!--" in text and "-->" in text)


def _is_wrapped(text: str) -> bool:
    """Whether single line ends only keep lines short: all lines but the last of a paragraph are nearly as long."""
    lines = [line.strip() for line in text.split("\n")]
    inner = [len(line) for line, after in pairwise(lines) if line and after]
    return len(inner) > 2 and min(inner) > 50 and max(inner) < 90


def _is_maze(source: str) -> bool:
    """Whether elements lie so deep in each other that a parser would search them for long at each end tag."""
    if source.count("<") <= _MANY_TAGS:
        return False
    depths: Counter[str] = Counter()
    deep = 0
    for closing, name in _NAMED_TAG.findall(source):
        name = name.lower()  # noqa: PLW2901  the same name
        if name in _SELF_ENDING:
            continue
        if not closing:
            depths[name] += 1
            deep += 1
        elif depths[name]:
            depths[name] -= 1
            deep -= 1
        if deep > _DEEP:
            return True
    return False


def _read(source: str, base: str) -> "_Reader":
    reader = _Reader(base, source)
    parser = etree.HTMLParser(target=reader, encoding="utf-8", no_network=True, remove_pis=True)
    try:
        parser.feed(source.encode("utf-8", "ignore"))
        parser.close()
    except etree.LxmlError:
        reader.close()  # what was read until then stays
    return reader


@dataclass(slots=True)
class _Reader:
    """Takes a parser's events."""

    base: str
    source: str
    paragraphs: list[str] = field(default_factory=list)
    image: str = ""
    line: list[str] = field(default_factory=list)
    dropped: int = 0
    """Depth below the element that is dropped with all that lies in it; 0: none is."""
    preformatted: int = 0
    broken: bool = False
    """A line break came last."""
    cells: int = 0
    """Of the row that is being read."""
    ended: dict[str, bool] = field(default_factory=dict)
    """Elements that are dropped, and whether they end anywhere: those that do not would take all that follows along."""

    def start(self, tag: Any, attributes: Mapping[Any, Any]) -> None:
        if self.dropped:
            self.dropped += 1
            return
        if tag == "img" and not self.image:
            self.image = picture_of(attributes, self.base)
        if (tag in _DROPPED and self.ends(tag)) or (attributes and _is_hidden(attributes)):
            self.dropped = 1
            return
        if tag == "br":
            self.break_line()
        elif tag == "li":
            self.finish()
            self.line.append("- ")
        elif tag in {"td", "th"}:
            if self.cells and self.line:
                self.line.append(" | ")
            self.cells += 1
        elif tag == "tr":
            self.finish()
            self.cells = 0
        elif tag in _BLOCKS and not self.cells:
            self.begin(tag)

    def ends(self, tag: str) -> bool:
        if tag not in self.ended:
            self.ended[tag] = (
                tag not in _PLAYERS or re.search(f"</{tag}|<{tag}[^<>]*/>", self.source, re.IGNORECASE) is not None
            )
        return self.ended[tag]

    def begin(self, tag: str) -> None:
        if self.line != ["- "]:  # a paragraph in a list's item keeps the dash
            self.finish()
        self.preformatted += tag == "pre"

    def end(self, tag: Any) -> None:
        if self.dropped:
            self.dropped -= 1
            return
        if tag in {"tr", "table"}:
            self.cells = 0
            self.finish()
        elif tag == "pre":
            self.preformatted = max(self.preformatted - 1, 0)
            self.finish()
        elif tag in _BLOCKS or tag == "li":
            if self.cells:
                self.line.append(" ")
            else:
                self.finish()

    def data(self, data: Any) -> None:
        if self.dropped:
            return
        if self.preformatted and "\n" in data:
            for line in data.split("\n"):
                self.line.append(line)
                self.finish()
            return
        if self.broken and not data.isspace():
            self.broken = False
            if _LIST_MARK.match(data) or _SENTENCE_END.search("".join(self.line[-4:])[-20:]):
                self.finish()
        self.line.append(data)

    def comment(self, text: Any) -> None:
        """Comments are no text."""

    def break_line(self) -> None:
        if self.broken and not self.cells:
            self.finish()
            return
        self.broken = True
        self.line.append(" ")

    def finish(self) -> None:
        self.broken = False
        if not self.line:
            return
        line = clean_line(unescaped("".join(self.line))).removeprefix("| ").removesuffix(" |")  # empty cells
        self.line = []
        if _LETTER.search(line) or (is_visible(line) and any(ord(char) > 0x2000 for char in line)):
            self.paragraphs.append(line)

    def close(self) -> None:
        self.finish()


def picture_of(attributes: Mapping[Any, Any], base: str) -> str:
    """The address of an `<img>` that shows something; empty for icons, emoji and what only counts readers."""
    if any(_is_small(attributes.get(side, "")) for side in ("width", "height")):
        return ""
    if _NO_PICTURE.search(attributes.get("class", "")):
        return ""
    for name in _PICTURE_ATTRIBUTES:
        if (address := attributes.get(name, "")) and (link := absolute_link(address, base)):
            return "" if is_no_picture(link) else link
    first = attributes.get("srcset", attributes.get("data-srcset", "")).strip().split(" ", 1)[0].rstrip(",")
    return absolute_link(first, base) if first else ""


def is_no_picture(link: str) -> bool:
    """Whether an address of a picture is one of those that show nothing to people."""
    return _NO_PICTURE.search(link) is not None


def _is_small(size: str) -> bool:
    found = _NUMBER.match(size)
    return found is not None and not size.rstrip().endswith("%") and int(found[1]) < _SMALLEST_PICTURE


def _is_hidden(attributes: Mapping[Any, Any]) -> bool:
    if "class" in attributes and not _PLUGS.isdisjoint(attributes["class"].split()):
        return True
    return "hidden" in attributes or ("style" in attributes and _HIDDEN_STYLE.search(attributes["style"]) is not None)
