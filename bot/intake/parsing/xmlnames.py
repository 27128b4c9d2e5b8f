"""Names and attributes of a text that calls itself XML, as XML and its namespaces have them."""

import html
import re
from dataclasses import dataclass, field

from bot.intake.parsing.feednames import HTML_TYPES
from bot.intake.parsing.markup import Tag
from bot.intake.parsing.xmltext import Characters

_VALUE_LIMIT = 4_000
_PREFIXES_LIMIT = 64
_KNOWN_LIMIT = 5_000
_NAME = re.compile(r"(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*)", re.ASCII)
# Only XML's own prefix may mean it.
_RESERVED = "://www.w3.org/XML/1998/namespace"
# The first version of Dublin Core has the names of the second, which feedparser knows.
_OLD_DC = ("/dc/elements/1.0/", "/dc/elements/1.1/")
_NAMESPACES = {
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


@dataclass(slots=True)
class Names:
    """Writes names and attributes, and remembers the prefixes in them, so that the root can declare what is used."""

    characters: Characters
    _prefixes: dict[str, str] = field(default_factory=dict)
    """Those in use, with the namespaces that they were declared for, if any."""
    _declared: frozenset[str] = frozenset()
    """Those that the root declares itself."""
    _written: dict[tuple[str, tuple[tuple[str, str], ...]], str] = field(default_factory=dict)
    """Attributes of tags that were there before: most of a feed's are."""

    def root(self, tag: Tag) -> tuple[str, str]:
        """The root's name, and its start tag without brackets."""
        name = self.name(tag.name)
        attributes = self.attributes(tag)
        self._declared = frozenset(prefix for prefix in self._prefixes if f" xmlns:{prefix}=" in attributes)
        return name, name + attributes

    def undeclared(self) -> str:
        """What the root has to declare besides what it does."""
        return "".join(
            f' xmlns:{prefix}="{html.escape(html.unescape(uri or _namespace(prefix)))}"'
            for prefix, uri in sorted(self._prefixes.items())
            if prefix not in self._declared
        )

    def start(self, tag: Tag, *, renamed: str = "", as_html: bool = False) -> tuple[str, str]:
        """An element's name, and its start tag without brackets."""
        if renamed:
            return renamed, renamed
        name = self.name(tag.name)
        if as_html:
            return name, name + self._html_attributes(tag)
        return name, name + self.attributes(tag) if tag.attributes else name

    def name(self, written: str) -> str:
        found = _NAME.fullmatch(written)
        if not found:
            return "unnamed"
        return found[2] if found[1] and not self._use(found[1]) else written

    def attributes(self, tag: Tag) -> str:
        """Attributes, each with a blank before it."""
        key = (tag.name, tag.attributes)
        if key not in self._written:
            made = "".join(self._kept(tag).values())
            if len(self._written) == _KNOWN_LIMIT:
                return made
            self._written[key] = made
        return self._written[key]

    def _html_attributes(self, tag: Tag) -> str:
        kept = self._kept(tag)
        if tag.values().get("type", "").lower() in HTML_TYPES:
            kept.pop("mode", None)
            kept["type"] = ' type="html"'
        return "".join(kept.values())

    def _kept(self, tag: Tag) -> dict[str, str]:
        kept: dict[str, str] = {}
        for name, value in tag.attributes:
            prefix, _, local = name.lower().rpartition(":")
            # Two prefixes can mean one namespace: an attribute under both is given twice.
            plain = name.lower() if prefix in {"", "xml", "xmlns"} else f":{local}"
            if plain not in kept and (written := self._attribute(name, value[:_VALUE_LIMIT])):
                kept[plain] = written
        return kept

    def _attribute(self, name: str, value: str) -> str:
        found = _NAME.fullmatch(name)
        if not found or (name.startswith("xmlns") and _RESERVED in value):
            return ""
        if found[1] == "xmlns":
            value = value.replace(*_OLD_DC)
            if not value.strip() or not self._use(found[2], value):
                return ""
        elif found[1] and found[1] != "xml" and not self._use(found[1]):
            return ""
        return f' {name}="{self.characters.mended(value).replace(chr(34), "&quot;")}"'

    def _use(self, prefix: str, uri: str = "") -> bool:
        """Note that a prefix is used, or declared; whether it may be."""
        if prefix.lower() in {"xml", "xmlns"}:
            return False
        if prefix not in self._prefixes and len(self._prefixes) >= _PREFIXES_LIMIT:
            return False
        self._prefixes[prefix] = self._prefixes.get(prefix) or uri
        return True


def _namespace(prefix: str) -> str:
    return _NAMESPACES.get(prefix.lower(), f"urn:{prefix}")
