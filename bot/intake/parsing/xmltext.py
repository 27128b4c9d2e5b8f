"""Characters of a text that calls itself XML, as XML has them."""

import html
import re
from dataclasses import dataclass, field

CDATA = "<![CDATA["
_ENTITIES_LIMIT = 64
_ENTITY_LIMIT = 32
_REFERENCE = re.compile(r"&(?:#(?:([0-9]{1,7})|[xX]([0-9a-fA-F]{1,6}));|([A-Za-z][A-Za-z0-9]{1,31});)?")
_ENTITY = re.compile(r"<!ENTITY\s+([\w.-]{1,64})\s+(?:\"([^\"%]*)\"|'([^'%]*)')\s*>")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_INNER_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_PREFIX_IN_TAG = re.compile(r"(</?)[A-Za-z][\w.-]*:(?=[A-Za-z])")
_KEPT = {"amp", "lt", "gt", "quot", "apos"}
_MENDED_REFERENCE = re.compile(r"&(?:#([0-9]{1,7})|(amp|lt|gt|quot|apos));")
_MEANT = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


@dataclass(slots=True)
class Characters:
    """Mends references and bare signs."""

    entities: dict[str, str] = field(default_factory=dict)
    """What the text declares and is harmless."""

    def declare(self, subset: str) -> None:
        """Note what a DOCTYPE declares: entities of a few plain characters. No other is ever expanded."""
        for name, double, single in _ENTITY.findall(subset)[:_ENTITIES_LIMIT]:
            value = html.unescape(double or single)
            if len(value) <= _ENTITY_LIMIT and "&" not in value and "<" not in value:
                self.entities[name] = value

    def mended(self, text: str) -> str:
        """The text with its references, where they mean something; `&` and `<` that mean nothing are escaped."""
        if "&" in text:
            text = _REFERENCE.sub(self._reference, text)
        return text.replace("<", "&lt;").replace("]]>", "]]&gt;")

    def meant(self, text: str) -> str:
        """The text with what its references stand for."""
        if "&" not in text:
            return text
        mended = _REFERENCE.sub(self._reference, text)
        return _MENDED_REFERENCE.sub(lambda found: chr(int(found[1])) if found[1] else _MEANT[found[2]], mended)

    def _reference(self, found: re.Match[str]) -> str:
        decimal, hexadecimal, name = found.groups()
        if name:
            return self._named(name)
        if not decimal and not hexadecimal:
            return "&amp;"
        code = int(decimal) if decimal else int(hexadecimal, 16)
        legal = code in {9, 10, 13} or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
        return f"&#{code};" if legal else ""

    def _named(self, name: str) -> str:
        if name in _KEPT:
            return f"&{name};"
        if name in self.entities:
            return html.escape(self.entities[name])
        value = html.unescape(f"&{name};")
        # An unknown name stays as it stands; `&notit;` is known only in part.
        return value if not value.startswith("&") and not value.endswith(";") else f"&amp;{name};"


def section(text: str) -> str:
    """The text as it stands, as a CDATA section."""
    return f"{CDATA}{text.replace(']]>', ']]]]>' + CDATA + '>')}]]>"


def split_sections(raw: str) -> tuple[list[str], list[str]]:
    """What stands outside of CDATA sections, and the section after each: as many of both."""
    outside, sections = [], []
    for number, part in enumerate(raw.split(CDATA)):
        inside, closed, rest = part.partition("]]>") if number else ("", "]]>", part)
        if number:
            sections.append(inside)
        outside.append(rest if closed else "")
    return outside, [*sections, ""]


def without_comments(text: str) -> str:
    """The text without comments; one that does not end is none."""
    if "<!--" not in text:
        return text
    end = text.rfind("-->") + 3  # up to there each comment has an end: nothing is read twice
    return _COMMENT.sub("", text[:end]) + text[end:] if end > 2 else text


def joined(raw: str) -> str:
    """The text with what its CDATA sections hold."""
    return "".join(map("".join, zip(*split_sections(raw), strict=True)))


def pieces(raw: str) -> tuple[list[str], list[str]]:
    """What stands outside of sections, without comments, and what in them: as many of both."""
    outside, sections = split_sections(raw)
    return [without_comments(part) for part in outside], sections


def is_marked(outside: list[str]) -> bool:
    """Whether there is markup outside of sections."""
    return any("<" in part and _INNER_TAG.search(part) for part in outside)


def as_html(outside: list[str], sections: list[str], *, bare: bool) -> str:
    """Text with markup as HTML, without prefixes; `bare`: as it stands, though it may not look like HTML then."""
    parts = (_PREFIX_IN_TAG.sub(r"\1", part) for part in outside)
    value = "".join(map("".join, zip(parts, sections, strict=True)))
    return value if bare else f"<div>{value}</div>"  # now it looks like HTML for certain


def without_tags(text: str) -> str:
    """The text without its markup."""
    return _INNER_TAG.sub("", text)
