"""The code page of text that names none, or a wrong one: by its bytes, and by the language that it says it is in.

East Asian writings show themselves: their characters are pairs of bytes throughout, whose first bytes lie
where the common characters of each lie. Of others only the two Cyrillic ones can be told apart for certain.
"""

import re
from collections import Counter
from collections.abc import Iterable

_LEAST = 12  # pairs of bytes; fewer may be one by chance
_LANGUAGE = re.compile(rb"(?:<(?:dc:)?language>\s*|\blang\s*=\s*[\"'])([A-Za-z]{2})\b")
_BY_LANGUAGE = {
    **dict.fromkeys(("ar", "fa", "ur"), "cp1256"),
    **dict.fromkeys(("cs", "hr", "hu", "pl", "ro", "sk", "sl"), "cp1250"),
    **dict.fromkeys(("et", "lt", "lv"), "cp1257"),
    **dict.fromkeys(("az", "tr"), "cp1254"),
    "el": "cp1253",
    "he": "cp1255",
    "th": "cp874",
}
_EUC = re.compile(rb"(?:[\0-\x7f]|[\xa1-\xfe]{2}|\x8e[\xa1-\xdf])*+")
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_KANA = re.compile("[\u3041-\u30f6]")
_WIDE = re.compile("[\u3001-\u30ff\u4e00-\u9fff]")
_HALF_WIDE = re.compile("[\uff61-\uff9f]")


def alphabet(data: bytes) -> str:
    """The code page, as Python calls it."""
    whole = data[: data.rfind(b"<") + 1] or data  # not half of a character at the end
    return _of_pairs(whole) or _of_language(data) or _of_single_bytes(data)


def _of_pairs(data: bytes) -> str:
    if _EUC.fullmatch(data):
        return _extended_unix(Counter(pair[0] for pair in _PAIR.findall(data)))
    if _is_shift_jis(_decoded(data, "cp932")):
        return "cp932"
    leads = Counter(pair[0] for pair in _PAIR.findall(data))
    if leads.total() >= _LEAST and _decoded(data, "big5hkscs") and _share(leads, range(0xA4, 0xC7)) > 0.7:
        return "big5hkscs"
    return ""


def _extended_unix(leads: Counter[int]) -> str:
    """Japanese has kana in it, Korean hardly anything but syllables, Chinese its common characters."""
    if leads.total() < _LEAST:
        return ""
    if leads[0xA4] + leads[0xA5] > leads.total() / 5:
        return "euc_jp"
    if _share(leads, range(0xB0, 0xC9)) > 0.9:
        return "cp949"
    return "gb18030" if _share(leads, range(0xB0, 0xD8)) > 0.7 else ""


def _share(leads: Counter[int], common: Iterable[int]) -> float:
    """How many of the pairs that are no punctuation are common characters."""
    letters = leads.total() - sum(leads[lead] for lead in range(0xA1, 0xA4))
    return sum(leads[lead] for lead in common) / letters if letters else 0.0


def _is_shift_jis(text: str) -> bool:
    wide = len(_WIDE.findall(text))
    return wide >= _LEAST and len(_KANA.findall(text)) > wide / 5 and len(_HALF_WIDE.findall(text)) < wide / 4


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _of_language(data: bytes) -> str:
    found = _LANGUAGE.search(data[:5_000])
    return _BY_LANGUAGE.get(found[1].decode("ascii").lower(), "") if found else ""


def _of_single_bytes(data: bytes) -> str:
    """Upper and lower case lie the other way round in the two Cyrillic ones."""
    high = sum(1 for byte in data if byte > 0xBF)
    letters = sum(1 for byte in data if 0x40 < byte < 0x7B)
    if high < 8 or high < letters / 4:
        return "cp1252"
    lower = sum(1 for byte in data if byte > 0xDF)
    return "cp1251" if lower * 2 >= high else "koi8-r"
