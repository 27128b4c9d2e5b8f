"""Measuring and cutting plain text the way Telegram does: in UTF-16 units, with what it would drop already gone."""

import re
import unicodedata

_JOINER = "\u200d"
_SELECTORS = "\ufe0e\ufe0f"
_LONGEST_CLUSTER = 32  # code points; a letter with more marks than this is an attack, not a letter

# What the server does to a text itself (control characters -> space; CR, U+2028 to U+202E removed), or refuses
# (surrogates).
_CLEAN = (
    dict.fromkeys([*range(0x20), 0x7F], " ")
    | {0x09: " ", 0x0A: "\n", 0x0D: None}
    | dict.fromkeys(range(0x2028, 0x202F))
    | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
)
# Most texts hold none of it, and looking is ten times quicker than translating.
_UNCLEAN = re.compile("[\x00-\x09\x0b-\x1f\x7f\u2028-\u202e\ud800-\udfff]")
# One that a title leaves open would turn around the rest of its line.
_ISOLATES = re.compile("[\u2066-\u2069]")
# The blocks that Unicode keeps for right-to-left writing (UAX 9, DerivedBidiClass).
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")


def clean(text: str) -> str:
    """The text without what Telegram drops or refuses."""
    return text.translate(_CLEAN) if _UNCLEAN.search(text) else text


def one_line(text: str) -> str:
    """The text cleaned, each run of white space as one space, and without bidi isolates: those around it are ours."""
    return " ".join(without_isolates(clean(text)).split())


def without_isolates(text: str) -> str:
    """The text without bidi isolates."""
    return _ISOLATES.sub("", text)


def isolated(text: str) -> str:
    """The text between bidi isolates if any of it runs from right to left, so that its neighbours stay in order."""
    return f"\u2068{text}\u2069" if _RIGHT_TO_LEFT.search(text) else text


def units(text: str) -> int:
    """The length in UTF-16 units, in which Telegram counts entities and we count everything."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def prefix(text: str, most: int) -> str:
    """The longest beginning of at most `most` UTF-16 units that ends between two letters, not within one."""
    if units(text) <= most:
        return text
    head = text.encode("utf-16-le", "surrogatepass")[: 2 * max(most, 0)].decode("utf-16-le", "ignore")
    return text[: _between_letters(text, len(head))]


def cut(text: str, most: int) -> str:
    """The text, or a beginning of it that ends with "…", in at most `most` UTF-16 units."""
    if units(text) <= most:
        return text
    return prefix(text, most - 1).rstrip() + "…" if most > 0 else ""


def _between_letters(text: str, end: int) -> int:
    """`end`, or a place shortly before it that does not cut a letter or an emoji in two."""
    for place in range(end, max(end - _LONGEST_CLUSTER, 0), -1):
        if not _inside_letter(text, place):
            return place
    return end


def _inside_letter(text: str, place: int) -> bool:
    after = text[place]
    if after in _SELECTORS or after == _JOINER or text[place - 1] == _JOINER:
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or unicodedata.combining(after):
        return True
    return _is_flag_half(after) and _flag_halves_before(text, place) % 2 == 1


def _is_flag_half(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def _flag_halves_before(text: str, place: int) -> int:
    start = place
    while start and _is_flag_half(text[start - 1]):
        start -= 1
    return place - start
