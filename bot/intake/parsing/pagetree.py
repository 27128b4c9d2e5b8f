"""A page's text becomes a tree of bounded size, whatever the text is."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree, html

from bot.intake.parsing.entries import UnreadableError
from bot.intake.parsing.markup import Finder, tag_at

CHARACTERS_LIMIT = 1_500_000
"""Of a page without its scripts and styles; the rest is cut off."""
TAGS_LIMIT = 30_000
"""Likewise."""
_ATTRIBUTES_LIMIT = 150_000  # of all its elements
_MANY_ATTRIBUTES = 30  # nothing that is read has so many
_SCRIPTS = 40
_SCRIPT_LIMIT = 500_000  # characters of one piece of JSON-LD
_NODES_LIMIT = 2_000  # objects in all of them
_LIST = 4  # articles with a linked headline each make a list
# What holds nothing to read, and much of what pages weigh.
_DROPPED = re.compile(r"<!--(?:-?>)?|<(script|style|svg|template)(?=[\s>/])", re.IGNORECASE)
_ENDS = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "svg", "template")}
# With declarations, which no page needs.
_DOCTYPE = re.compile(r"\s*+(?:<\?[^<>]*+>\s*+)?<!DOCTYPE[^<>\[]*+\[[^\]]*+\]\s*+>", re.IGNORECASE)
_LONG_TAG = re.compile(r"<(/?[A-Za-z][A-Za-z0-9]{0,15})[^<>]{20000,}>")
# A single one; where a line is left blank, whoever wrote it means a paragraph.
_LINE_END = re.compile(r"\n(?![^\S\n]*+\n)")
_SENTENCE_ENDS = tuple(".!?…:;։۔।。！？»”\"'’)")
_TABLE_PARTS = {"table", "thead", "tbody", "tfoot", "tr", "td", "th"}
_LINKED_DATA = "application/ld+json"
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*+;?\s*+$"
)


@dataclass(frozen=True, slots=True)
class Page:
    """What there is to read of a page."""

    tree: html.HtmlElement
    data: tuple[dict[str, Any], ...]
    """The objects that it describes itself with (JSON-LD), those that matter first come first."""

    @property
    def is_list(self) -> bool:
        """Whether it shows articles one below the other, each with a headline that leads to it."""
        articles = self.tree.iterfind(".//article")
        linked = (
            article
            for article in articles
            if article.xpath("boolean(.//h2//a[@href] | .//h3//a[@href] | .//a//h2 | .//a//h3)")
        )
        return sum(1 for _, article in zip(range(_LIST), linked, strict=False)) == _LIST


def parse_page(text: str) -> Page:
    """Raises UnreadableError: there is nothing in it."""
    doctype = _DOCTYPE.match(text)
    kept, scripts = _screened(text[doctype.end() :] if doctype else text)
    source = _bounded(_LONG_TAG.sub(r"<\1>", kept)[:CHARACTERS_LIMIT])
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, collect_ids=False
    )
    try:
        tree = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except etree.LxmlError as error:
        raise UnreadableError("it is no web page") from error
    _thin(tree)
    _unwrap(tree)
    _unfold(tree)
    _drop_links(tree)
    return Page(tree, tuple(_objects(scripts)))


def _thin(tree: html.HtmlElement) -> None:
    """Take floods of attributes away: whoever looks for the article copies the tree several times."""
    seen = 0
    for element in tree.iter(etree.Element):
        count = len(element.attrib)
        seen += count
        if count > _MANY_ATTRIBUTES or seen > _ATTRIBUTES_LIMIT:
            element.attrib.clear()


def _unwrap(tree: html.HtmlElement) -> None:
    """Line ends that only keep a page's source narrow become blanks, which they are in HTML.

    They stay where all lines are sentences: such pages show them.
    """
    folded = {element for part in tree.iter("pre", "textarea") for element in part.iter()}
    for element in tree.iter(etree.Element):
        if element not in folded:
            element.text = _unwrapped(element.text)
        if element not in folded or element.tag in {"pre", "textarea"}:
            element.tail = _unwrapped(element.tail)


def _unwrapped(text: str | None) -> str | None:
    if not text or "\n" not in text or text.isspace():
        return text
    lines = [line.rstrip() for line in text.strip().split("\n")]
    if len(lines) > 1 and all(line.endswith(_SENTENCE_ENDS) for line in lines if line):
        return text
    return _LINE_END.sub(" ", text)


def _unfold(tree: html.HtmlElement) -> None:
    """Tables that hold a page's parts together become plain blocks: those around headings, articles or other tables."""
    seen: set[html.HtmlElement] = set()
    for part in tree.iter("h1", "h2", "article", "table"):
        around = part.getparent()
        while around is not None and around not in seen:
            seen.add(around)
            if around.tag in _TABLE_PARTS:
                around.tag = "div"
            around = around.getparent()
    for part in tree.iter("tbody", "tr", "td", "th"):  # what is left of those: parents come first
        if (around := part.getparent()) is not None and around.tag == "div":
            part.tag = "div"


def _drop_links(tree: html.HtmlElement) -> None:
    """Paragraphs that are one link lead to other articles; links that are raised lead to notes."""
    for paragraph in list(tree.iter("p", "sup")):
        inner = list(paragraph.iter("a"))
        if len(inner) == 1 and paragraph.text_content().strip() == inner[0].text_content().strip():
            paragraph.drop_tree()


def _screened(text: str) -> tuple[str, list[str]]:
    """The text without what is not read, and the scripts that are data."""
    kept: list[str] = []
    scripts: list[str] = []
    ends = _Ends(text)
    at = 0
    while found := _DROPPED.search(text, at):
        kept.append(text[at : found.start()])
        at = _past(ends, found, scripts)
    return "".join([*kept, text[at:]]), scripts


def _past(ends: "_Ends", found: re.Match[str], scripts: list[str]) -> int:
    """Where to go on after what is dropped. What is never ended takes all the rest with it, as in a browser."""
    text, name = ends.text, found[1]
    if not name:
        return found.end() if found[0].endswith(">") else ends.comments.find("-->", found.end()) + 3
    tag = tag_at(text, found.start())
    start = tag.end if tag else found.end()
    if tag and tag.empty and name.lower() == "svg":
        return start
    end = ends.find(name.lower(), start)
    if tag and tag.values().get("type", "").lower().startswith(_LINKED_DATA) and len(scripts) < _SCRIPTS:
        scripts.append(text[start : min(end, start + _SCRIPT_LIMIT)])
    closing = text.find(">", end, end + 100)
    return closing + 1 if closing > 0 else end + len(name)


@dataclass(slots=True)
class _Ends:
    """Looks for end tags from left to right, through the text once for each name."""

    text: str
    comments: Finder = field(init=False)
    _next: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.comments = Finder(self.text)

    def find(self, name: str, start: int) -> int:
        """Where the next one stands; the text's length: there is none."""
        at = self._next.get(name, -1)
        if at < start:
            found = _ENDS[name].search(self.text, start)
            at = self._next[name] = found.start() if found else len(self.text)
        return at


def _bounded(text: str) -> str:
    if text.count("<") <= TAGS_LIMIT:
        return text
    at = 0
    for _ in range(TAGS_LIMIT):
        at = text.index("<", at) + 1
    return text[: at - 1]


def _objects(scripts: list[str]) -> Iterator[dict[str, Any]]:
    """The objects in pieces of JSON-LD: those at the top, in graphs, and what a page says it is about."""
    pending = [value for script in scripts if (value := _parsed(script)) is not None]
    for _ in range(_NODES_LIMIT):
        if not pending:
            return
        value = pending.pop(0)
        if isinstance(value, list):
            pending[:0] = value[:_NODES_LIMIT]
        elif isinstance(value, dict):
            yield value
            pending += [value[key] for key in ("@graph", "mainEntity") if isinstance(value.get(key), list | dict)]


def _parsed(script: str) -> Any:
    try:
        return json.loads(_WRAPPING.sub("", script), strict=False)
    except (ValueError, RecursionError):  # not JSON; numbers of thousands of digits; too deep
        return None
