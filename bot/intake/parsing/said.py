"""What an entry says by characters alone: taken while it is screened, it needs no other reader."""

import re
from contextlib import suppress
from dataclasses import dataclass, field

from bot.intake.parsing.markup import Tag
from bot.intake.parsing.xmltext import CDATA

# An element of characters, or of one CDATA section, up to its end tag.
_LEAF = re.compile(r"\s*+(?:<!\[CDATA\[([^\]<]*+)\]\]>\s*+|([^<]*+))</([^\s<>]*+)\s*>")
# The parameters of an address, taken for references: `?a=1&b;=2`.
_PARAMETER = re.compile(r"&(\w+);", re.ASCII)
_C1 = re.compile("[\x80-\x9f]")


@dataclass(slots=True)
class Said:
    """The values of one entry, as they were meant: no reference and no mark of a section is left in them."""

    titles: list[str] = field(default_factory=list)
    titled: bool = False
    """A title came, be it an empty one."""
    links: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    """What may be the whole text or a teaser."""
    contents: list[str] = field(default_factory=list)
    """The whole text, by its own word."""
    dates: dict[str, str] = field(default_factory=dict)
    """By the names that the screening gives them; of several the last."""
    authors: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)

    def add(self, what: str, value: str) -> None:
        """Note a value that is not blank."""
        self.titled = self.titled or what == "titles"
        value = mended(value.strip())
        if not value:
            return
        if what.startswith("date"):
            self.dates[what] = value
        elif what == "links":
            self.links.append(_PARAMETER.sub(r"&\1", value.replace("&amp;", "&")))
        else:
            getattr(self, what).append(value)


def leaf_at(text: str, tag: Tag) -> tuple[str, str, int] | None:
    """The characters of the element that begins with the tag, those of its section, and where to go on.

    None: it holds more than characters, or its end tag is missing or another's.
    """
    found = _LEAF.match(text, tag.end)
    if not found or found[3] != tag.name:
        return None
    return found[2] or "", found[1] or "", found.end()


def mended(text: str) -> str:
    """The text, if it was taken for Latin 1 once and written so, as it was; the quotes and dashes of Windows, too.

    The marks of a section that was escaped as if it were text are none of it.
    """
    text = text.removeprefix(CDATA)
    if text.endswith("]]>") and CDATA not in text:
        text = text[:-3]
    text = text.strip()
    if text.isascii():
        return text
    with suppress(UnicodeError):
        text = text.encode("latin-1").decode()
    return _C1.sub(lambda found: bytes([ord(found[0])]).decode("cp1252", "ignore"), text)
