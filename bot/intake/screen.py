"""A feed's text becomes well-formed, harmless XML of bounded size, in one pass from left to right.

Kept: elements, their attributes, their text; texts with markup inside them (XHTML, or HTML that nobody escaped) become
escaped HTML. Mended: bare `&` and `<`, HTML's named entities, end tags that are missing, crossed or too many,
attributes without quotes or given twice, prefixes that nobody declared, sections that were not closed, a text that
breaks off.
Dropped: the DOCTYPE with all that it declares (entities of plain characters are replaced where they stand), processing
instructions, comments.
"""

import html
import re
from collections import Counter
from dataclasses import dataclass, field

from bot.intake.markup import Finder, Tag, tag_at

ENTRIES_LIMIT = 500
"""Entries that are read of a feed: the first ones."""
SIZE_LIMIT = 3_000_000
"""Characters that are read of a feed, by what is left of it after the screening."""
TEXT_LIMIT = 600_000
"""Characters of one text, as it is written."""
_RUN_LIMIT = 4_000  # of any other text
_NAME_LIMIT = 200  # of an author
_VALUE_LIMIT = 4_000  # of an attribute
_ELEMENTS_LIMIT = 20_000
_STEPS_LIMIT = 200_000  # places where a `<` stands
_AUTHORS_LIMIT = 1_500
_DEPTH_LIMIT = 40
_PREFIXES_LIMIT = 64
_ENTITY_LIMIT = 32

_ENTRIES = {"item", "entry"}
# Elements that hold a text, with or without markup.
_TEXTS = {
    *("title", "description", "summary", "content", "encoded", "body", "fullitem", "abstract"),
    *("tagline", "subtitle", "info"),
}
# These say something else than the element of the same name without a prefix: they are given names of their own.
_RENAMED = {
    "media:description": "mediatext",
    "media:text": "mediatext",
    "media:title": "mediatitle",
    "itunes:title": "itunestitle",
    "itunes:summary": "itunestext",
    "itunes:subtitle": "itunessubtitle",
    "dc:description": "dctext",
    "dc:title": "dctitle",
    "googleplay:description": "itunestext",
    "yandex:full-text": "fullitem",
}
# Dates, too: feedparser would read each by many rules, and we read it ourselves.
_DATES = {
    "pubdate": "datepublished",
    "published": "datepublished",
    "atom:published": "datepublished",
    "issued": "datepublished",
    "dcterms:issued": "datepublished",
    "dc:date": "dateupdated",
    "updated": "dateupdated",
    "atom:updated": "dateupdated",
    "modified": "dateupdated",
    "dcterms:modified": "dateupdated",
    "created": "datecreated",
    "dcterms:created": "datecreated",
}
_STRUCTURE = {"media:content", "g:content"}
# Elements that hold characters only: whatever begins inside ends them.
_LEAVES = {
    *("link", "guid", "id", "pubdate", "published", "updated", "issued", "modified", "created", "date"),
    *("creator", "language", "ttl", "comments", "name", "email", "uri", "keywords", "subject"),
}
# Nothing of it is an article's.
_PASSED_OVER = {"comments", "docs", "generator", "cloud", "rating", "credit", "copyright", "license", "rights"}
_PASSED_OVER_PREFIXES = {"slash", "wfw", "thr", "trackback", "georss", "geo", "gml", "cc", "admin", "openSearch"}
_ADDRESS = re.compile(r"<(?:[\w.-]+:)?(?:url|href|src)\b[^<>]*>([^<]*)|^\s*([^<\s][^<]*)", re.IGNORECASE)
_NAMED = {"author", "creator", "managingeditor"}
_PARTS = re.compile(r"<(?:[\w.-]+:)?(?:name|email|uri|url)\b", re.IGNORECASE)
_AUTHORS = {"author", "creator", "managingeditor", "webmaster", "name", "email", "contributor"}
_HTML_TYPES = {"", "text", "html", "xhtml", "plain", "text/html", "text/plain", "application/xhtml+xml", "text/xhtml"}
_SIBLING = re.compile(
    r"</?(?:[\w.-]+:)?(?:item|entry|channel|link|guid|id|pubDate|description|summary|content|author|category|updated|published)\b"
)
_BOUNDARY = re.compile(r"</?(?:[\w.-]+:)?(?:item|entry)[\s>]")
_INNER_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_PREFIX_IN_TAG = re.compile(r"(</?)[A-Za-z][\w.-]*:(?=[A-Za-z])")
_CDATA = "<![CDATA["
# A tag or an entity that broke off.
_TORN = re.compile(r"(?:(?:<|&lt;)[^<>&]*|&#?\w*|\]{1,2})$")
_TORN_READ = 300
_NAME = re.compile(r"(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*)", re.ASCII)
_REFERENCE = re.compile(r"&(?:#(?:([0-9]{1,7})|[xX]([0-9a-fA-F]{1,6}));|([A-Za-z][A-Za-z0-9]{1,31});)?")
_ENTITY = re.compile(r"<!ENTITY\s+([\w.-]{1,64})\s+(?:\"([^\"%]*)\"|'([^'%]*)')\s*>")
_KEPT_ENTITIES = {"amp", "lt", "gt", "quot", "apos"}
_RESERVED = "://www.w3.org/XML/1998/namespace"
_XML_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "itunes": "http://www.itunes.com/DTDs/PodCast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "xhtml": "http://www.w3.org/1999/xhtml",
}


@dataclass(frozen=True, slots=True)
class Screened:
    """What is left of a text."""

    xml: str
    """Well-formed; empty: no element was found."""
    root: str
    """The first element's name, in lower case, without a prefix."""
    cut: bool
    """There was more."""


@dataclass(slots=True)
class _Open:
    """An element that has begun."""

    key: str
    """Its name in lower case."""
    local: str
    """Likewise, without the prefix."""
    written: str
    """As it was written out; empty: it was not."""
    at: int
    """Where in the output it began."""
    room: int = _RUN_LIMIT
    """Characters that it may still hold: nothing that is longer is what it should be."""


def screen(text: str) -> Screened:
    """The text as well-formed XML. Reads no file and no address, whatever the text says."""
    return _Screen(text).run()


@dataclass(slots=True)
class _Screen:
    text: str
    out: list[str] = field(default_factory=list)
    size: int = 0
    opened: list[_Open] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    entities: dict[str, str] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)
    """Those in use, with the namespaces that they were declared for, if any."""
    declared: set[str] = field(default_factory=set)
    """Prefixes that the root declares itself."""
    starts: dict[tuple[str, tuple[tuple[str, str], ...]], str] = field(default_factory=dict)
    root: str = ""
    entries: int = 0
    elements: int = 0
    authors: int = 0
    cut: bool = False
    done: bool = False
    finder: Finder = field(init=False)

    def __post_init__(self) -> None:
        self.finder = Finder(self.text)

    def run(self) -> Screened:
        at = 0
        for _ in range(_STEPS_LIMIT):
            found = self.text.find("<", at)
            if found < 0 or self.done:
                break
            self.data(self.text[at : min(found, at + TEXT_LIMIT)])
            at = self.step(found)
            if self.size > SIZE_LIMIT or self.elements > _ELEMENTS_LIMIT:
                self.cut = True
                break
        else:
            self.cut = True
        self.close_all(broken_off=not self.done)
        return Screened(self.finished(), self.root, self.cut)

    def finished(self) -> str:
        if not self.root:
            return ""
        missing = sorted(self.prefixes.keys() - self.declared)
        # The second piece is the place for them, in the root's start tag.
        self.out[1] = "".join(f' xmlns:{prefix}="{self.namespace(prefix)}"' for prefix in missing)
        return "".join(self.out)

    def namespace(self, prefix: str) -> str:
        uri = self.prefixes[prefix] or _XML_NAMESPACES.get(prefix.lower(), f"urn:{prefix}")
        return html.escape(html.unescape(uri))

    def step(self, at: int) -> int:
        """Read what begins at the `<` there; where to go on."""
        mark = self.text[at + 1 : at + 2]
        if mark == "!":
            return self.declaration(at)
        if mark == "?":
            return self.past("?>", at)
        tag = tag_at(self.text, at)
        if tag is None:
            self.data("<", literal=True)
            return at + 1
        if tag.closing:
            self.end(tag.name.lower())
            return tag.end
        return self.start(tag)

    def declaration(self, at: int) -> int:
        if self.text.startswith("<!--", at):
            return self.past("-->", at)
        if self.text.startswith(_CDATA, at):
            end = self.finder.find("]]>", at)
            self.data(self.text[at + 9 : min(end, at + TEXT_LIMIT)], literal=True)
            return end + 3
        subset = self.finder.find("[", at)
        end = self.finder.find(">", at)
        if subset > end or self.root:
            return end + 1
        closing = min(self.finder.find("]>", subset), self.finder.find("] >", subset), self.finder.find("]\n>", subset))
        self.note_entities(self.text[subset : min(closing, subset + _RUN_LIMIT)])
        return self.finder.find(">", closing) + 1 if closing < len(self.text) else end + 1

    def past(self, what: str, at: int) -> int:
        """After what ends it; what is not ended is only its first two characters."""
        end = self.finder.find(what, at)
        return end + len(what) if end < len(self.text) else at + 2

    def note_entities(self, subset: str) -> None:
        """Entities of a few plain characters are what people declare; all others are passed over, never expanded."""
        for name, double, single in _ENTITY.findall(subset)[:_PREFIXES_LIMIT]:
            value = html.unescape(double or single)
            if len(value) <= _ENTITY_LIMIT and "&" not in value and "<" not in value:
                self.entities[name] = value

    # What is written out

    def put(self, piece: str) -> None:
        self.out.append(piece)
        self.size += len(piece)

    def data(self, text: str, *, literal: bool = False) -> None:
        if not text or not self.opened or not self.opened[-1].written or (text.isspace() and "\n" in text):
            return
        element = self.opened[-1]
        text = text[: element.room]
        element.room -= len(text)
        self.put(html.escape(text, quote=False) if literal else self.mended(text))

    def mended(self, text: str) -> str:
        """Characters as XML has them."""
        if "&" in text:
            text = _REFERENCE.sub(self.reference, text)
        return text.replace("<", "&lt;").replace("]]>", "]]&gt;")

    def reference(self, found: re.Match[str]) -> str:
        decimal, hexadecimal, name = found.groups()
        if name:
            return self.named(name)
        if not decimal and not hexadecimal:
            return "&amp;"
        code = int(decimal) if decimal else int(hexadecimal, 16)
        legal = code in {9, 10, 13} or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
        return f"&#{code};" if legal else ""

    def named(self, name: str) -> str:
        if name in _KEPT_ENTITIES:
            return f"&{name};"
        if name in self.entities:
            return html.escape(self.entities[name])
        value = html.unescape(f"&{name};")
        # An unknown name stays as it stands; `&notit;` is known only in part.
        return value if not value.startswith("&") and not value.endswith(";") else f"&amp;{name};"

    # Elements

    def start(self, tag: Tag) -> int:
        """Read what begins with the tag; where to go on."""
        key = tag.name.lower()
        local = key.rpartition(":")[2]
        if not self.root:
            self.begin_root(tag, key, local)
            return tag.end
        self.end_before(key, local)
        if not self.opened:  # only what belongs together is one document
            self.done = True
            return tag.end
        if local in _ENTRIES:
            self.entries += 1
            if self.entries > ENTRIES_LIMIT:
                self.cut = self.done = True
                return tag.end
        after = self.at_once(tag, key, local)
        if not after:
            self.element(tag, key, local)
        return after or tag.end

    def at_once(self, tag: Tag, key: str, local: str) -> int:
        """Read an element to its end tag, whatever stands in it; where to go on. 0: it is read part by part."""
        if tag.empty or not self.opened[-1].written:
            return 0
        if self.is_text(key, local):
            return self.text_element(tag, key, local)
        if local in _NAMED:
            return self.author(tag)
        return self.image(tag) if key == "image" and self.inside_entry() else 0

    def begin_root(self, tag: Tag, key: str, local: str) -> None:
        name = self.name(tag.name)
        attributes = self.attributes(tag)  # what it declares is noted while there is no root yet
        self.root = local
        self.put(f"<{name}{attributes}")
        self.put("")
        self.put(">")
        self.opened.append(_Open(key, local, name, 0))
        self.counts[key] += 1

    def end_before(self, key: str, local: str) -> None:
        """End what must have ended before this begins."""
        if self.opened[-1].local in _LEAVES:
            self.end(self.opened[-1].key)
        if local in _ENTRIES and self.counts[key]:
            self.end(key)

    def is_text(self, key: str, local: str) -> bool:
        return (local in _TEXTS and key not in _STRUCTURE) or key in _RENAMED

    def element(self, tag: Tag, key: str, local: str) -> None:
        hidden = len(self.opened) >= _DEPTH_LIMIT or not self.opened[-1].written
        hidden = hidden or local in _PASSED_OVER or key.partition(":")[0] in _PASSED_OVER_PREFIXES
        if local in _AUTHORS:
            self.authors += 1
            hidden = hidden or self.authors > _AUTHORS_LIMIT
        at = len(self.out)
        name = ""
        if not hidden:
            self.elements += 1
            name, start = self.names(tag, renamed=_DATES.get(key, ""))
            self.put(f"<{start}/>" if tag.empty else f"<{start}>")
        if not tag.empty:
            self.opened.append(_Open(key, local, name, at, _NAME_LIMIT if local in _AUTHORS else _RUN_LIMIT))
            self.counts[key] += 1

    def end(self, key: str) -> None:
        """End the element and all that began in it; an end without a beginning means nothing."""
        if not self.counts[key]:
            return
        ended = ""
        while ended != key:
            element = self.opened.pop()
            ended = element.key
            self.counts[ended] -= 1
            if element.written:
                self.put(f"</{element.written}>")
        self.done = self.done or not self.opened

    def close_all(self, *, broken_off: bool) -> None:
        """End what is open. A title, link or date that broke off says less than none."""
        if broken_off and self.opened and self.opened[-1].local in _LEAVES and len(self.opened) > 1:
            leaf = self.opened.pop()
            del self.out[leaf.at :]
        while self.opened:
            element = self.opened.pop()
            if element.written:
                self.put(f"</{element.written}>")

    # Texts

    def text_element(self, tag: Tag, key: str, local: str) -> int:
        """Read a text to its end tag, whatever stands in it."""
        self.elements += 1
        end, after = self.text_end(tag)
        if end == len(self.text) and local == "title":
            return end  # it broke off
        raw = self.text[tag.end : min(end, tag.end + TEXT_LIMIT)]
        if end == len(self.text):
            raw = raw[:-_TORN_READ] + _TORN.sub("", raw[-_TORN_READ:])
        value, marked = self.value(raw, bare=local == "title")
        name, start = self.names(tag, html=marked, renamed=_RENAMED.get(key, ""))
        self.put(f"<{start}>")
        self.put(value)
        self.put(f"</{name}>")
        return after

    def author(self, tag: Tag) -> int:
        """Read an author who is a text, as if it were an Atom author's name; 0: it has parts of its own."""
        end, after = self.text_end(tag)
        raw = self.text[tag.end : min(end, tag.end + _RUN_LIMIT)]
        if _PARTS.search(raw):
            return 0
        self.authors += 1
        if end < len(self.text) and self.authors <= _AUTHORS_LIMIT:
            # feedparser takes addresses apart as they were twenty years ago: `.example` is no end of one.
            outside, sections = _sections(raw)
            name = "".join(map("".join, zip(outside, sections, strict=True)))
            name = html.unescape(_INNER_TAG.sub("", name)).strip()[:_NAME_LIMIT]
            self.put(f"<author><name>{html.escape(name, quote=False)}</name></author>")
        return after

    def inside_entry(self) -> bool:
        return any(self.counts[name] for name in _ENTRIES)

    def image(self, tag: Tag) -> int:
        """Read the picture of an entry: its address is a text, or one of the parts that a channel's picture has."""
        end, after = self.text_end(tag)
        outside, sections = _sections(self.text[tag.end : min(end, tag.end + _RUN_LIMIT)])
        found = _ADDRESS.search("".join(map("".join, zip(outside, sections, strict=True))))
        address = (found[1] or found[2] or "").strip() if found else ""
        self.put(f"<entryimage>{self.mended(address)}</entryimage>")
        return after

    def text_end(self, tag: Tag) -> tuple[int, int]:
        """Where the text ends, and where to go on after it."""
        closing = f"</{tag.name}"
        at = tag.end
        while True:
            end = self.finder.find(closing, at)
            section = self.finder.find(_CDATA, at)
            if section > end or section == len(self.text):
                break
            section_end = self.finder.find("]]>", section)
            inner = self.text.find(_CDATA, section + 9, section_end)
            if section_end == len(self.text) or end < inner < section_end:
                break  # nobody closed the section
            at = section_end + 3
        if boundary := self.missing_end(tag.end, at, end):
            return boundary, boundary
        after = self.finder.find(">", end)
        return end, after + 1

    def missing_end(self, start: int, at: int, end: int) -> int:
        """Where the text ends all the same, when the next entry begins before its end tag; 0: it does not."""
        if not _BOUNDARY.search(self.text, at, end):
            return 0
        sibling = _SIBLING.search(self.text, start, end)
        return sibling.start() if sibling else end

    def value(self, raw: str, *, bare: bool) -> tuple[str, bool]:
        """The text as XML has it, and whether it is HTML by the markup in it."""
        outside, sections = _sections(raw)
        marked = any("<" in part and _INNER_TAG.search(part) for part in outside)
        if not marked:
            return "".join(map(self.joined, outside, sections)), False
        parts = (_PREFIX_IN_TAG.sub(r"\1", part) for part in outside)
        html = "".join(map("".join, zip(parts, sections, strict=True)))
        return _section(html if bare else f"<div>{html}</div>"), True  # now it looks like HTML for certain

    def joined(self, outside: str, section: str) -> str:
        return self.mended(outside) + (_section(section) if section else "")

    # Names and attributes

    def names(self, tag: Tag, *, html: bool = False, renamed: str = "") -> tuple[str, str]:
        """The element's name as it is written out, and with its attributes."""
        if renamed:
            return renamed, renamed
        name = self.name(tag.name)
        if not tag.attributes and not html:
            return name, name
        return name, name + self.attributes(tag, html=html)

    def name(self, written: str) -> str:
        found = _NAME.fullmatch(written)
        if not found:
            return "unnamed"
        if found[1] and not self.prefix(found[1]):
            return found[2]
        return written

    def prefix(self, prefix: str, uri: str = "") -> bool:
        """Note that a prefix is used, or declared; whether it may be."""
        if prefix.lower() in {"xml", "xmlns"}:
            return False
        if prefix not in self.prefixes and len(self.prefixes) >= _PREFIXES_LIMIT:
            return False
        self.prefixes[prefix] = self.prefixes.get(prefix) or uri
        return True

    def attributes(self, tag: Tag, *, html: bool = False) -> str:
        key = (tag.name, tag.attributes)
        if not html and self.root and key in self.starts:
            return self.starts[key]
        kept: dict[str, str] = {}
        for name, value in tag.attributes:
            prefix, _, local = name.lower().rpartition(":")
            # Two prefixes can mean one namespace: an attribute under both is given twice.
            plain = name.lower() if prefix in {"", "xml", "xmlns"} else f":{local}"
            if plain not in kept and (written := self.attribute(name, value)):
                kept[plain] = written
        if html and _type_of(tag) in _HTML_TYPES:
            kept.pop("mode", None)
            kept["type"] = ' type="html"'
        made = "".join(kept.values())
        if not html and self.root and len(self.starts) < TEXT_LIMIT // 100:
            self.starts[key] = made
        return made

    def attribute(self, name: str, value: str) -> str:
        found = _NAME.fullmatch(name)
        if not found:
            return ""
        value = value[:_VALUE_LIMIT]
        if name.startswith("xmlns") and _RESERVED in value:
            return ""
        if found[1] == "xmlns":
            if not value.strip() or not self.prefix(found[2], value):
                return ""
            if not self.root:
                self.declared.add(found[2])
        elif found[1] and found[1] != "xml" and not self.prefix(found[1]):
            return ""
        return f' {name}="{self.mended(value).replace(chr(34), "&quot;")}"'


def _section(text: str) -> str:
    """The text as it stands, for XML."""
    return f"{_CDATA}{text.replace(']]>', ']]]]>' + _CDATA + '>')}]]>"


def _sections(raw: str) -> tuple[list[str], list[str]]:
    """What stands outside of CDATA sections, and the section after each: as many of both."""
    outside, sections = [], []
    for number, part in enumerate(raw.split(_CDATA)):
        section, closed, rest = part.partition("]]>") if number else ("", "]]>", part)
        if number:
            sections.append(section)
        outside.append(rest if closed else "")
    return outside, [*sections, ""]


def _type_of(tag: Tag) -> str:
    return tag.values().get("type", "").lower()
