"""The bytes of a feed, a page or a list of feeds become text, whatever they say of themselves.

A byte order mark decides. Then what is valid UTF-8 is UTF-8: no other writing looks like it by chance. Then what the
server says, and what the text says itself, if it fits. What is UTF-8 nearly everywhere is mended where it is not; for
the rest the alphabets are weighed against each other.
"""

import codecs
import re
import zlib

from bot.intake.parsing.alphabets import alphabet

LIMIT = 10_000_000
"""Bytes that are read of anything."""

# What labels mean in practice (WHATWG Encoding): the wider code page that is used under the narrower name.
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
# Python knows more codecs than text is written in: some are not text at all, others cost time.
_NO_TEXT = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "utf-7"}
# Labels that Python does not know.
_LABELS = {
    "iso-8859-8-i": "iso8859-8",
    "windows-949": "cp949",
    "ks_c_5601-1987": "cp949",
    "windows-31j": "cp932",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "windows-936": "gb18030",
    "x-x-big5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "gb_2312-80": "gb18030",
    "ks_c_5601-1989": "cp949",
    "koi8-ru": "koi8-u",
    "mac": "mac_roman",
    "windows-874": "cp874",
    "dos-874": "cp874",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-roman": "mac_roman",
    "dos-866": "cp866",
    "x-euc-jp": "euc_jp",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "unicode": "utf-8",
}
_WINDOWS = re.compile(r"(?:x-)?(?:cp|win|windows|ms|microsoft)[-_]?(?:cp)?[-_]?(125[0-8])")
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Where the zeros stand in the first character of a markup text: `<`, or a blank before it.
_ZEROS = (
    (re.compile(rb"[<{\s]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[<{\s]"), "utf-32-be"),
    (re.compile(rb"[<{\s]\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"\0[<{\s]\0[^\0]"), "utf-16-be"),
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE | re.ASCII)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([\w.:-]{1,40})")
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_FORBIDDEN = re.compile("[\0-\x08\x0b\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_HALF = re.compile("[\ud800-\udfff]")
_SAMPLE = 200_000
_ESCAPES = {"iso2022_jp", "iso2022_kr", "hz"}
_EBCDIC = "<?xm".encode("cp037")
_JAPANESE = re.compile(rb"\x1b\$[@B]")
_GZIP = b"\x1f\x8b"


def decode(data: bytes, content_type: str) -> str:
    """The text, without byte order mark and without what no XML may hold; line ends are LF.

    Of what is compressed with gzip, the text inside; at most 10 MB of it are read. Never raises.
    """
    text = _decoded(_unpacked(data)[:LIMIT], content_type)
    text = _FORBIDDEN.sub("", text.removeprefix("\ufeff"))
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ")


def _unpacked(data: bytes) -> bytes:
    for _ in range(2):  # packed for keeping, and once more for sending
        if not data.startswith(_GZIP):
            break
        try:
            data = zlib.decompressobj(wbits=31).decompress(data, LIMIT)
        except zlib.error:
            break
    return data


def _decoded(data: bytes, content_type: str) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _marked(data[len(mark) :], encoding)
    for zeros, encoding in _ZEROS:
        if zeros.match(data):
            return data.decode(encoding, "ignore")
    if data.startswith(_EBCDIC):
        return data.decode("cp037")
    labels = _labels(data, content_type)
    return _escaped(data, labels) or _strict(data, ["utf-8", *labels]) or _weighed(data, labels)


def _marked(data: bytes, encoding: str) -> str:
    """With a mark it is what the mark says, unless that makes no sense at all."""
    if encoding == "utf-8":
        return _strict(data, ["utf-8"]) or _mended(data)
    if b"<" in data[:4] and b"\0" not in data[:400]:  # a mark of UTF-16 before text of single bytes
        return _strict(data, ["utf-8"]) or _mended(data)
    return data.decode(encoding, "ignore")


def _labels(data: bytes, content_type: str) -> list[str]:
    """The encodings that server and text name, as Python calls them."""
    head = data[:2_000]
    named = [found[1] for found in (_CHARSET.search(content_type),) if found]
    named += [found[1].decode("ascii") for found in (_DECLARED.search(head), _META.search(head)) if found]
    # Servers say Latin 1 of whatever they know nothing of, and any bytes fit it.
    return sorted(dict.fromkeys(filter(None, map(_codec, named))), key="cp1252".__eq__)


def _codec(label: str) -> str:
    label = _WINDOWS.sub(r"cp\1", _LABELS.get(label.lower(), label.lower()))
    try:
        name = codecs.lookup(label).name
        b"x".decode(name, "ignore")  # an encoding, and one of text
    except (LookupError, ValueError):
        return ""
    # Without a mark and without zeros it is neither UTF-16 nor UTF-32, whatever it says.
    return "" if name in _NO_TEXT or name.startswith(("utf-16", "utf-32")) else _WIDER.get(name, name)


def _escaped(data: bytes, labels: list[str]) -> str:
    """Text of seven bits that switches between alphabets: it is also valid UTF-8, of another meaning."""
    mark = b"~{" if "hz" in labels else b"\x1b"
    switching = [label for label in labels if label in _ESCAPES or label.startswith("iso2022")]
    if _JAPANESE.search(data, 0, _SAMPLE):
        switching.append("iso2022_jp")
    return _strict(data, switching) if switching and mark in data else ""


def _strict(data: bytes, encodings: list[str]) -> str:
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, ValueError):
            continue
    return ""


def _weighed(data: bytes, labels: list[str]) -> str:
    """Text that is not what it says."""
    if not data:
        return ""
    several = [label for label in labels if label not in {"utf-8", "cp1252"}]
    text = data.decode("utf-8", "surrogateescape")
    broken = len(_HALF.findall(text[:_SAMPLE]))
    sound = sum(1 for char in text[:_SAMPLE] if char > "\x7f") - broken
    if sound > broken or (broken <= 3 and not several):
        return _mended(data)
    if several:
        return data.decode(several[0], "replace").replace("\ufffd", "")
    return data.decode(alphabet(data[:_SAMPLE]), "replace").replace("\ufffd", "")


def _mended(data: bytes) -> str:
    """UTF-8 with broken places: the quotes and dashes of Windows stay readable, the rest of what is broken is left out.

    Where letters with accents are among them, they stay, too: then it is no torn character of another alphabet.
    """
    text = data.decode("utf-8", "surrogateescape")
    latin = not re.search("[\u0370-\u1fff\u3040-\ud7ff]", text[:_SAMPLE])
    least = 0xDC80 if latin else 0xDC91  # of the rest, only quotes and dashes
    most = 0xDCFF if latin else 0xDC97

    def one(found: re.Match[str]) -> str:
        code = ord(found[0])
        return bytes([code - 0xDC00]).decode("cp1252", "ignore") if least <= code <= most else ""

    return _HALF.sub(one, text)
