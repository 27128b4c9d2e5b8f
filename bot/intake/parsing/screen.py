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
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.intake.parsing.feednames import (
    ADDRESS,
    AUTHORS,
    AUTHORS_OF_ALL,
    BOUNDARY,
    DATES,
    ENTRIES,
    INHERITED,
    LEAVES,
    NAMED,
    NESTING,
    NESTING_PREFIXES,
    PARTS,
    PASSED_OVER,
    PASSED_OVER_PREFIXES,
    PLAIN,
    RENAMED,
    SIBLING,
    STRUCTURE,
    TAKEN,
    TEXTS,
)
from bot.intake.parsing.markup import Finder, Tag, tag_at
from bot.intake.parsing.said import Said, leaf_at
from bot.intake.parsing.xmlnames import Names
from bot.intake.parsing.xmltext import CDATA, Characters, as_html, is_marked, joined, pieces, section, without_tags

ENTRIES_LIMIT = 500
"""Entries that are read of a feed: of a longer one the first and the last, whose newest may stand at either end."""
SIZE_LIMIT = 3_000_000
"""Characters that are read of a feed, by what is left of it after the screening."""
TEXT_LIMIT = 600_000
"""Characters of one text, as it is written."""
NAMED_LIMIT = 12
"""Authors of one entry who are texts."""
_RUN_LIMIT = 4_000  # of any other text
_NAME_LIMIT = 200  # of an author
_ELEMENTS_LIMIT = 20_000
_STEPS_LIMIT = 200_000  # places where a `<` stands
_AUTHORS_LIMIT = 1_500
_DEPTH_LIMIT = 40

_RSS = {"rss", "rdf", "channel", "item"}
_ENTRY = re.compile(r"<(?:[\w.-]{1,60}:)?(?:item|entry)(?=[\s/>])", re.IGNORECASE)
_TITLE = re.compile(r"<(?:[\w.-]+:)?(?:dc|media|itunes)?title\b", re.IGNORECASE)
# A tag or an entity that broke off.
_TORN = re.compile(r"(?:(?:<|&lt;)[^<>&]*(?:&#?\w*)?|&#?\w*|\]{1,2})$")
_TORN_READ = 300


@dataclass(frozen=True, slots=True)
class Screened:
    """What is left of a text."""

    xml: str
    """Well-formed; empty: no element was found."""
    root: str
    """The first element's name, in lower case, without a prefix."""
    cut: bool
    """There was more."""
    whole: bool = False
    """Its first element ended, as it should."""
    said: Sequence[Said] = ()
    """What entries say by characters alone. It is no part of the XML: there, each names the place of its own."""


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
    said: Said | None = None
    """Of an entry that is written out: what it says by characters alone."""


def screen(text: str) -> Screened:
    """The text as well-formed XML. Reads no file and no address, whatever the text says."""
    shortened = _without_middle(text)
    return _Screen(shortened, cut=len(shortened) < len(text)).run()


def _without_middle(text: str) -> str:
    """The text without what stands between the first and the last entries, if there are too many."""
    starts = [found.start() for found in _ENTRY.finditer(text)]
    if len(starts) <= ENTRIES_LIMIT:
        return text
    half = ENTRIES_LIMIT // 2
    return text[: starts[half]] + text[starts[-half] :]


@dataclass(slots=True)
class _Screen:
    text: str
    out: list[str] = field(default_factory=list)
    size: int = 0
    opened: list[_Open] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    characters: Characters = field(default_factory=Characters)
    root: str = ""
    entries: int = 0
    elements: int = 0
    authors: int = 0
    said: list[Said] = field(default_factory=list)
    """What each entry says by characters alone."""
    inherited: bool = False
    """An element around others said what their language is, or what addresses are relative to."""
    cut: bool = False
    done: bool = False
    closed: bool = False
    """The root ended where it began."""
    finder: Finder = field(init=False)
    names: Names = field(init=False)

    def __post_init__(self) -> None:
        self.finder = Finder(self.text)
        self.names = Names(self.characters)

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
        return Screened(self.finished(), self.root, self.cut, self.done or self.closed, self.said)

    def finished(self) -> str:
        if not self.root:
            return ""
        self.out[1] = self.names.undeclared()  # the place for it, in the root's start tag
        return "".join(self.out)

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
        if self.text.startswith(CDATA, at):
            end = self.finder.find("]]>", at)
            self.data(self.text[at + 9 : min(end, at + TEXT_LIMIT)], literal=True)
            return end + 3
        subset = self.finder.find("[", at)
        end = self.finder.find(">", at)
        if subset > end or self.root:
            return end + 1
        closing = min(self.finder.find("]>", subset), self.finder.find("] >", subset), self.finder.find("]\n>", subset))
        self.characters.declare(self.text[subset : min(closing, subset + _RUN_LIMIT)])
        return self.finder.find(">", closing) + 1 if closing < len(self.text) else end + 1

    def past(self, what: str, at: int) -> int:
        """After what ends it; what is not ended is only its first two characters."""
        end = self.finder.find(what, at)
        return end + len(what) if end < len(self.text) else at + 2

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
        self.put(html.escape(text, quote=False) if literal else self.characters.mended(text))

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
        if local in ENTRIES:
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
        if not self.opened[-1].written or self.is_of_others():
            return 0
        if key == "image" and tag.attributes and self.inside_entry():
            self.put_image(next((tag.values()[name] for name in ("url", "href", "src") if name in tag.values()), ""))
        if tag.empty:
            return 0
        if self.opened[-1].said and not tag.attributes and (after := self.plain(tag, key)):
            return after
        if self.is_text(key, local):
            return self.text_element(tag, key, local)
        if local in NAMED:
            return self.author(tag)
        return self.image(tag) if key == "image" and self.inside_entry() else 0

    def begin_root(self, tag: Tag, key: str, local: str) -> None:
        name, start = self.names.root(tag)
        self.root = local
        self.closed = tag.empty
        self.put(f"<{start}")
        self.put("")
        self.put(">")
        self.begin(tag, _Open(key, local, name, 0))

    def end_before(self, key: str, local: str) -> None:
        """End what must have ended before this begins."""
        if self.opened[-1].local in LEAVES:
            self.end(self.opened[-1].key)
        if local in ENTRIES and self.counts[key]:
            self.end(key)

    def is_of_others(self) -> bool:
        """Whether what begins lies in an element of an entry that says something else: the variant of a product."""
        around = self.opened[-1]
        prefix = around.key[: -len(around.local) - 1]
        if not prefix or prefix in NESTING_PREFIXES or around.local in NESTING or around.local in ENTRIES:
            return False
        return self.inside_entry()

    def is_text(self, key: str, local: str) -> bool:
        return (local in TEXTS and key not in STRUCTURE) or key in RENAMED

    def element(self, tag: Tag, key: str, local: str) -> None:
        hidden = len(self.opened) >= _DEPTH_LIMIT or not self.opened[-1].written or self.is_of_others()
        hidden = hidden or (key == "link" and tag.empty and not tag.attributes)
        hidden = hidden or local in PASSED_OVER or key.partition(":")[0] in PASSED_OVER_PREFIXES
        if local in AUTHORS:
            self.authors += 1
            hidden = hidden or self.authors > _AUTHORS_LIMIT
        at = len(self.out)
        name = ""
        if not hidden:
            self.elements += 1
            name, start = self.names.start(tag, renamed=_other_name(key))
            self.put(f"<{start}/>" if tag.empty else f"<{start}>")
        if not tag.empty:
            self.begin(tag, _Open(key, local, name, at, _NAME_LIMIT if local in AUTHORS else _RUN_LIMIT))

    def begin(self, tag: Tag, element: _Open) -> None:
        self.opened.append(element)
        self.counts[element.key] += 1
        self.inherited = self.inherited or any(name.lower() in INHERITED for name, _ in tag.attributes)
        if element.local in ENTRIES and element.written:
            self.put(f"<entrysaid>{len(self.said)}</entrysaid>")
            element.said = Said()
            self.said.append(element.said)

    def plain(self, tag: Tag, key: str) -> int:
        """Take what the entry says by characters alone; where to go on. 0: it is to be read as all else."""
        what = DATES.get(key, "") or ("" if self.inherited or self.root not in _RSS else PLAIN.get(key, ""))
        if not what:
            return 0
        local = key.rpartition(":")[2]
        if local in TEXTS:
            return self.text_element(tag, key, local, what)
        leaf = leaf_at(self.text, tag)
        if not leaf:
            return 0
        characters, inside, after = leaf
        self.elements += 1
        self.note(what, self.characters.meant(characters[:_RUN_LIMIT]) + inside[:_RUN_LIMIT])
        return after

    def note(self, what: str, value: str, written: int = 0) -> None:
        """Keep a value of the open entry; `written`: characters that it takes in the text, where that is more."""
        self.size += max(len(value), written)
        if said := self.opened[-1].said:
            said.add(what, value)

    def end(self, key: str) -> None:
        """End the element and all that began in it; an end without a beginning means nothing."""
        if not self.counts[key]:
            return
        ended = ""
        while ended != key:
            element = self.opened.pop()
            ended = element.key
            self.counts[ended] -= 1
            if element.local == "link" and self.out[element.at :] == ["<link>"]:
                self.out.pop()  # an empty one says nothing, least of all that the guid is no link
            elif element.written:
                self.put(f"</{element.written}>")
        self.done = self.done or not self.opened

    def close_all(self, *, broken_off: bool) -> None:
        """End what is open. A title, link or date that broke off says less than none, and an entry before its title."""
        if broken_off and self.opened and self.opened[-1].local in LEAVES and len(self.opened) > 1:
            leaf = self.opened.pop()
            del self.out[leaf.at :]
        if broken_off:
            self.drop_untitled()
        while self.opened:
            element = self.opened.pop()
            if element.written:
                self.put(f"</{element.written}>")

    def drop_untitled(self) -> None:
        """Take the entry out that is open, if its title has not come yet: the next time it comes whole."""
        depth = next((at for at, element in enumerate(self.opened) if at and element.local in ENTRIES), 0)
        if not depth:
            return
        entry = self.opened[depth]
        if not (entry.said and entry.said.titled) and not any(map(_TITLE.match, self.out[entry.at :])):
            del self.out[entry.at :]
            del self.opened[depth:]

    # Texts

    def text_element(self, tag: Tag, key: str, local: str, said_as: str = "") -> int:
        """Read a text to its end tag, whatever stands in it; where to go on. `said_as`: which of the entry's values."""
        self.elements += 1
        end, after = self.text_end(tag)
        if end == len(self.text) and local == "title":
            return end  # it broke off
        raw = self.text[tag.end : min(end, tag.end + TEXT_LIMIT)]
        if end == len(self.text):
            raw = raw[:-_TORN_READ] + _TORN.sub("", raw[-_TORN_READ:])
        if said_as:
            self.note(said_as, self.meant(raw, bare=local == "title"), len(raw))
            return after
        value, marked = self.value(raw, bare=local == "title")
        name, start = self.names.start(tag, as_html=marked, renamed=RENAMED.get(key, ""))
        self.put(f"<{start}>")
        self.put(value)
        self.put(f"</{name}>")
        return after

    def author(self, tag: Tag) -> int:
        """Read an author who is a text; 0: it has parts of its own."""
        end, after = self.text_end(tag)
        raw = self.text[tag.end : min(end, tag.end + _RUN_LIMIT)]
        if PARTS.search(raw):
            return 0
        self.authors += 1
        if end < len(self.text) and self.authors <= _AUTHORS_LIMIT:
            # feedparser takes addresses apart as they were twenty years ago: `.example` is no end of one.
            name = html.unescape(without_tags(joined(raw))).strip()[:_NAME_LIMIT]
            self.put_author(name, of_all=tag.name.lower() in AUTHORS_OF_ALL)
        return after

    def put_author(self, name: str, *, of_all: bool) -> None:
        """Write an author out, or note the entry's: to read a name takes feedparser long."""
        if said := self.opened[-1].said:
            if len(said.authors) < NAMED_LIMIT:
                self.note("authors", name)
            return
        written = html.escape(name, quote=False)
        self.put(f"<author><name>{written}</name></author>")
        if of_all and not self.inside_entry():
            self.put(f"<authorofall>{written}</authorofall>")

    def inside_entry(self) -> bool:
        return any(self.counts[name] for name in ENTRIES)

    def image(self, tag: Tag) -> int:
        """Read the picture of an entry: its address is a text, or one of the parts that a channel's picture has."""
        end, after = self.text_end(tag)
        found = ADDRESS.search(joined(self.text[tag.end : min(end, tag.end + _RUN_LIMIT)]))
        address = (found[1] or found[2] or "").strip() if found else ""
        self.put_image(address)
        return after

    def put_image(self, address: str) -> None:
        if address:
            self.put(f"<entryimage>{self.characters.mended(address)}</entryimage>")

    def text_end(self, tag: Tag) -> tuple[int, int]:
        """Where the text ends, and where to go on after it."""
        closing = f"</{tag.name}"
        at = tag.end
        while True:
            end = self.finder.find(closing, at)
            begun = self.finder.find(CDATA, at)
            if begun > end or begun == len(self.text):
                break
            ended = self.finder.find("]]>", begun)
            inner = self.text.find(CDATA, begun + len(CDATA), ended)
            if ended == len(self.text) or end < inner < ended:
                break  # nobody closed the section
            at = ended + 3
        if boundary := self.missing_end(tag.end, at, end):
            return boundary, boundary
        after = self.finder.find(">", end)
        return end, after + 1

    def missing_end(self, start: int, at: int, end: int) -> int:
        """Where the text ends all the same, when the next entry begins before its end tag; 0: it does not."""
        if not BOUNDARY.search(self.text, at, end):
            return 0
        sibling = SIBLING.search(self.text, start, end)
        return sibling.start() if sibling else end

    def value(self, raw: str, *, bare: bool) -> tuple[str, bool]:
        """The text as XML has it, and whether it is HTML by the markup in it."""
        outside, sections = pieces(raw)
        if is_marked(outside):
            return section(as_html(outside, sections, bare=bare)), True
        return "".join(map(self.unmarked, outside, sections)), False

    def unmarked(self, outside: str, inside: str) -> str:
        return self.characters.mended(outside) + (section(inside) if inside else "")

    def meant(self, raw: str, *, bare: bool) -> str:
        """The text as it was meant: HTML, or what may be HTML."""
        outside, sections = pieces(raw)
        if is_marked(outside):
            return as_html(outside, sections, bare=bare)
        return "".join(map("".join, zip(map(self.characters.meant, outside), sections, strict=True)))


def _other_name(key: str) -> str:
    """What an element is written out as, if not by its own name; empty: by that."""
    if TAKEN.fullmatch(key):
        return "unnamed"
    return DATES.get(key, "")
