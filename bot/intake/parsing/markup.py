"""Tags of feeds, pages and lists of feeds, read from left to right in one pass: nothing is looked at twice."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# A tag never reaches beyond the next `<`, so looking for its end costs no more than its own length.
TAG = re.compile(r"<(/?)([A-Za-z_][^\s/<>\"'=]*+)((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>")
_BROKEN_TAG = re.compile(r"<(/?)([A-Za-z_][^\s/<>\"'=]*+)([^<>]*+)>")
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'<>]++)))?")
_ATTRIBUTES_READ = 64
_TAG_READ = 20_000


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag as it is written."""

    name: str
    """As it is written, with its prefix."""
    closing: bool = False
    empty: bool = False
    """`<name/>`."""
    attributes: tuple[tuple[str, str], ...] = ()
    """The first 64, as they are written: not lower, entities not decoded."""
    end: int = 0
    """Where the text after it begins."""

    def values(self) -> dict[str, str]:
        """Attributes by their names in lower case, entities decoded; the first of several counts."""
        found: dict[str, str] = {}
        for name, value in self.attributes:
            found.setdefault(name.lower(), html.unescape(value).strip())
        return found


@dataclass(slots=True)
class Finder:
    """Looks for fixed strings from left to right; asked for places that only rise, it reads the text once for each."""

    text: str
    _next: dict[str, int] = field(default_factory=dict)

    def find(self, what: str, start: int) -> int:
        """Where it stands next, from `start` on; the text's length when it does not."""
        at = self._next.get(what, -1)
        if at < start:
            at = self.text.find(what, start)
            at = self._next[what] = at if at >= 0 else len(self.text)
        return at


def tag_at(text: str, at: int) -> Tag | None:
    """The tag that begins at the `<` there; None: it is only a `<`."""
    found = TAG.match(text, at) or _BROKEN_TAG.match(text, at)
    if not found:
        return None
    rest = found[3].strip()
    empty = rest.endswith("/")
    pairs = tuple(_attributes(rest[:_TAG_READ])) if rest else ()
    return Tag(found[2], bool(found[1]), empty, pairs, found.end())


def tags(text: str, limit: int) -> Iterator[tuple[Tag, int]]:
    """The tags of a text and where each begins, without those in comments and scripts; at most `limit` of them."""
    finder = Finder(text)
    at = text.find("<")
    for _ in range(limit):
        if at < 0:
            return
        tag = tag_at(text, at)
        if tag:
            yield tag, at
        at = text.find("<", _after(finder, at, tag))


def _after(finder: Finder, at: int, tag: Tag | None) -> int:
    if tag is None:
        if not finder.text.startswith("<!--", at):
            return at + 1
        end = finder.find("-->", at + 4)
        return end + 3 if end < len(finder.text) else at + 4
    name = tag.name.lower()
    if tag.closing or tag.empty or name not in {"script", "style"}:
        return tag.end
    end = finder.find(f"</{tag.name}", tag.end)
    return end if end < len(finder.text) else tag.end


def _attributes(rest: str) -> Iterator[tuple[str, str]]:
    for number, found in enumerate(_ATTRIBUTE.finditer(rest)):
        if number == _ATTRIBUTES_READ:
            return
        yield found[1], found[2] or found[3] or found[4] or ""
