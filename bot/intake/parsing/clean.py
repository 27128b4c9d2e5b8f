"""Outside text becomes ours, once, at the door.

What remains is NFC with at most 30 marks on one letter. It holds no control characters, lone surrogates or
noncharacters (no database takes them all), no byte order mark, no line end but LF (whatever `str.splitlines` counts as
one ends a line), no run of blanks, and no bidirectional override that reaches beyond its own line.

Refused: a title with nothing to see or over 1,000 characters; a link that is not http(s), over 2,000 characters or with
a password; a language that is no ISO 639-1 code. Cut, at the end of a paragraph: a text at 500,000 characters, a
summary at 5,000.
"""

import re
import unicodedata
from urllib.parse import urlsplit

TITLE_LIMIT = 1_000
BODY_LIMIT = 500_000
SUMMARY_LIMIT = 5_000
LINK_LIMIT = 2_000

_DROPPED = re.compile(
    "[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # C0 and C1 but tab, line ends and separators: these become blanks
    "\ud800-\udfff\ufeff\ufdd0-\ufdef"  # surrogates, byte order mark, noncharacters
    + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_EMBEDDINGS = "\u202a\u202b\u202d\u202e"
_ISOLATES = "\u2066\u2067\u2068"
_END_OF_EMBEDDING = "\u202c"
_END_OF_ISOLATE = "\u2069"
# Nobody nests deeper on purpose (UAX 9 ends at 125); whoever does only wants the closing marks to pile up.
_BIDI_DEPTH = 16
_MARKS = 30
_UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me"}


class TextError(ValueError):
    """Outside text that cannot be taken. The message says why, in words for the operator."""


def shown(text: str, limit: int = 60) -> str:
    """Outside text for a message of ours: quoted, escaped, at most `limit` characters of it."""
    return repr(text) if len(text) <= limit else repr(text[:limit]) + "..."


def clean_line(text: str) -> str:
    """One line of clean text; may be empty. Cleaning twice changes nothing more."""
    if not text.isprintable():  # what is printable holds neither; most lines are
        text = _DROPPED.sub("", text)
        if _BIDI.search(text):
            text = close_bidi(text.strip())
    return unicodedata.normalize("NFC", _with_few_marks(" ".join(text.split())))


def clean_title(text: str) -> str:
    """A title, or a headline. Raises TextError when there is nothing to see in it, or more than 1,000 characters."""
    title = clean_line(text)
    if not is_visible(title):
        raise TextError("there is nothing to see in the title")
    if len(title) > TITLE_LIMIT:
        raise TextError(f"the title has {len(title):,} characters: at most {TITLE_LIMIT:,} are taken")
    return title


def clean_body(text: str, limit: int = BODY_LIMIT) -> str:
    """Paragraphs separated by a blank line. Each line that is not blank is a paragraph."""
    return join_paragraphs([clean_line(line) for line in text.splitlines()], limit)


def join_paragraphs(lines: list[str], limit: int = BODY_LIMIT) -> str:
    """Clean lines as paragraphs, without those with nothing to see; at most `limit` characters, of whole paragraphs."""
    body = "\n\n".join(filter(is_visible, lines))
    if len(body) <= limit:
        return body
    end = body.rfind("\n\n", 0, limit + 2)
    return body[:end] if end > 0 else close_bidi(body[: limit - _BIDI_DEPTH]).rstrip()


def clean_link(text: str) -> str:
    """An http(s) address; empty stays empty. Raises TextError for any other."""
    link = _DROPPED.sub("", text).strip()
    if not link:
        return ""
    if len(link) > LINK_LIMIT:
        raise TextError(f"the link has {len(link):,} characters: at most {LINK_LIMIT:,} are taken")
    if any(char.isspace() for char in link) or _BIDI.search(link):
        raise TextError(f"the link {shown(link)} holds a blank or an invisible character")
    _check_address(link)
    return unicodedata.normalize("NFC", link)


def clean_language(text: str) -> str:
    """An ISO 639-1 code: `en` of `EN`, `en-GB`, `en_US`; empty for `und` (not known). Raises TextError for others."""
    code = re.split("[-_]", text.strip().lower(), maxsplit=1)[0]
    if code in {"", "und"}:
        return ""
    if not re.fullmatch("[a-z]{2}", code):
        raise TextError(f"the language {shown(text)} is not a code of two letters (ISO 639-1) such as en")
    return code


def is_visible(text: str) -> bool:
    """Whether there is anything to see: not only blanks, marks and invisible characters."""
    return any(char.isalnum() or unicodedata.category(char) not in _UNSEEN for char in text)


def close_bidi(line: str) -> str:
    """The line with each embedding, override and isolate (UAX 9) closed in it; marks that close nothing are dropped.

    Left open, an override would turn around what our message says after the line.
    """
    kept: list[str] = []
    opened: list[str] = []  # the closing marks that are missing so far, outermost first
    for char in line:
        if char in _EMBEDDINGS or char in _ISOLATES:
            if len(opened) == _BIDI_DEPTH:
                continue
            opened.append(_END_OF_EMBEDDING if char in _EMBEDDINGS else _END_OF_ISOLATE)
        elif char == _END_OF_EMBEDDING:
            if not opened or opened[-1] != char:
                continue
            opened.pop()
        elif char == _END_OF_ISOLATE:
            if char not in opened:
                continue
            while opened[-1] != char:  # the end of an isolate ends what was opened inside it
                kept.append(opened.pop())
            opened.pop()
        kept.append(char)
    return "".join(kept + opened[::-1])


def _with_few_marks(text: str) -> str:
    """The text with at most 30 combining marks on one letter: no language needs more (UAX 15, stream-safe text).

    To put them in order takes time that grows with the square of their number.
    """
    # Whatever is as long as the step holds one of the characters that are looked at.
    if text.isascii() or not any(map(unicodedata.combining, text[::_MARKS])):
        return text
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MARKS:
            kept.append(char)
    return "".join(kept)


def _check_address(link: str) -> None:
    try:
        parts = urlsplit(link)
        host, _ = parts.hostname, parts.port  # reading the port checks it
    except ValueError as error:
        raise TextError(f"the link {shown(link)} is not an address: {error}") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise TextError(f"the link {shown(link)} is not an http or https address")
    if "@" in parts.netloc:
        raise TextError(f"the link {shown(link)} holds a name or password before its host")
