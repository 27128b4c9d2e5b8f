"""The one door: what feeds and pages say of an article, in whatever shape, becomes clean values or none.

Nothing here raises for outside text: what cannot be taken is empty.
"""

import html
import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qs, unquote, urljoin, urlsplit, urlunsplit

from bot.intake.parsing.clean import LINK_LIMIT, TITLE_LIMIT, TextError, clean_line, clean_link, is_visible
from storage.text.terms import slug

AUTHORS_LIMIT = 10
TOPICS_LIMIT = 20
_AUTHOR_LIMIT = 100
_TITLE_READ = 8_000
_TITLE_OF_TEXT = 100

_INLINE = "a|abbr|acronym|b|bdi|bdo|big|br|center|cite|code|del|div|dfn|em|font|h[1-6]|i|img|ins|kbd|mark|nobr|p|q|s"
_INLINE += "|samp|small|span|strike|strong|sub|sup|tt|u|var|wbr"
_VALUE = r"(?:\s*+=\s*+(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^\s\"'<>]++))"
# A tag that people put into titles. `a <b and c> d` is none: it has words where attributes have values.
_TITLE_TAG = re.compile(rf"</?(?:{_INLINE})(?:\s++[\w:-]++{_VALUE})*+\s*+/?>", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|p|div|/p|/div)\b[^<>]*>", re.IGNORECASE)
# What shows nothing, and how it ends. Looked for only up to its last end: nothing is read twice for want of one.
_HIDDEN = (
    ("-->", re.compile(r"<!--.*?-->", re.DOTALL)),
    ("</script", re.compile(r"<script\b[^<>]*>.*?</script\s*>", re.IGNORECASE | re.DOTALL)),
    ("</style", re.compile(r"<style\b[^<>]*>.*?</style\s*>", re.IGNORECASE | re.DOTALL)),
)
_ANY_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_PAIR = re.compile(rf"<({_INLINE})(?:\s[^<>]*)?>[^<>]*</\1\s*>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# How news searches count who reads what they found.
_PASSING = re.compile(
    r"https?://(?:www\.google\.[a-z]{2,3}(?:\.[a-z]{2})?/url|www\.bing\.com/news/apiclick\.aspx)\?", re.IGNORECASE
)
# `https:/host`, `https:\\host`, `https://https://host`, `www.host.org`, and two addresses instead of one.
_ODD = re.compile(r"https?:(?!//[^/\\]+(?:[/?#][^\\ ]*)?$)|https?://https?:|www\.[^/ .]+\.[^/ ]", re.IGNORECASE)
_SLASHES = re.compile(r"^(?:https?:/+(?=https?:))?(https?):/*", re.IGNORECASE)
_FURTHER = re.compile("[?#]")
_NEXT_LINK = re.compile(r" (?=https?://)", re.IGNORECASE)
_BLANKS = re.compile(r"[\t\n\r]+")
_MAIL = re.compile(r"[^\s@<>()\"',;:]{1,64}@[^\s@<>()\"',;:]{1,255}")
_NOBODY = {"noreply", "no-reply", "unknown", "none", "null", "n/a"}
_BY = re.compile(r"^by:?\s+(?=\S)", re.IGNORECASE)
_AND = re.compile(r"\s+and\s+")
_HANDLE = re.compile(r"^@(\w+)(?:\s+(?=\S)|$)")
_SEPARATOR = re.compile(r"[,;|]")
_OUTSIDE = re.compile(r"[,;|](?![^()]*\))")  # `Baku (Azerbaijan, Absheron)` is one place
_LISTED_READ = 300
_IN_BRACKETS = re.compile(r"\(([^()]*)\)")
_SENTENCE = re.compile(r"[.!?…։。！？](?=\s|$)|[。！？]")
# ISO 639-1.
_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en",
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv",
    "ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne",
    "ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st",
    "su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu",
)
_ISO_639_1 = frozenset(code for line in _CODES for code in line.split())
# What feeds write instead: three letters (ISO 639-2), names, codes of countries, codes that were replaced.
_OTHER_CODES = {
    "en": "eng english",
    "ru": "rus russian русский",
    "hy": "hye arm armenian",
    "ka": "kat geo georgian",
    "az": "aze azerbaijani",
    "tr": "tur turkish",
    "de": "deu ger german deutsch",
    "fr": "fra fre french",
    "es": "spa spanish",
    "it": "ita italian",
    "pt": "por portuguese",
    "uk": "ukr ua",
    "ar": "ara arabic",
    "fa": "fas per",
    "he": "heb iw",
    "zh": "zho chi cn",
    "ja": "jpn jp",
    "ko": "kor",
    "pl": "pol",
    "nl": "nld dut",
    "el": "ell gre gr",
    "cs": "ces cze cz",
    "sv": "swe",
    "da": "dan dk",
    "id": "ind in",
    "yi": "yid ji",
    "ro": "ron rum mo",
}
_LANGUAGES = {other: code for code, others in _OTHER_CODES.items() for other in others.split()}


def title_of_html(source: str) -> str:
    """A title that is HTML: one clean line, may be empty."""
    source = _without_hidden(source[:_TITLE_READ])
    return _line(_ANY_TAG.sub("", _BREAK.sub(" ", source)))


def title_of_text(text: str) -> str:
    """A title that may be text or HTML, which nobody says: tags that people put into titles are no part of it.

    `AT&T`, `a < b` and `List<String>` stay what they are.
    """
    return _line(_without_tags(_without_hidden(text[:_TITLE_READ])))


def title_of_plain(text: str) -> str:
    """A title that is text by its own word: whatever stands in it is meant."""
    return _bounded(clean_line(text[:_TITLE_READ]))


def title_from_text(text: str) -> str:
    """A title for an article that has none: its first sentence, or about 100 characters of it up to a word's end."""
    line = next((line for line in text.splitlines() if is_visible(line)), "").removeprefix("- ")
    for end in _SENTENCE.finditer(line, 0, _TITLE_OF_TEXT):
        if end.end() >= 20 or end.end() == len(line):
            return clean_line(line[: end.end()].removesuffix("."))
    if len(line) <= _TITLE_OF_TEXT:
        return clean_line(line.removesuffix("."))
    head = line[:_TITLE_OF_TEXT]
    whole = head if line[_TITLE_OF_TEXT].isspace() else head.rpartition(" ")[0] or head
    return clean_line(whole.rstrip(" ,;:–—-")) + "…"


def character(entity: re.Match[str]) -> str:
    """What an entity stands for; an unknown one stays, even if a known one begins alike (`&notit;`)."""
    value = html.unescape(entity[0])
    return entity[0] if len(value) > 2 and value.endswith(";") else value


def title_from_link(link: str) -> str:
    """A title for an article that says nothing but where it is: its address, as people write one."""
    line = clean_line(unquote(link.partition("://")[2].removeprefix("www.").rstrip("/"), errors="ignore"))
    return line if len(line) <= _TITLE_OF_TEXT else line[: _TITLE_OF_TEXT - 1] + "…"


def absolute_link(link: str, base: str = "") -> str:
    """An http(s) address, absolute, without name and password; empty for any other, and for nonsense."""
    link = _BLANKS.sub("", link.strip()[: LINK_LIMIT * 2])
    if _ODD.match(link):
        link = _mended(link)
    link = link.replace(" ", "%20")
    if link.lower().startswith("feed:"):
        link = link[5:] if link[5:].lower().startswith("http") else f"http:{link[5:]}"
    if not link or link.startswith("#"):
        return ""
    if _SCHEME.match(link) and not link.lower().startswith(("http:", "https:")):
        # `news:80/x` is no address, `example.org:80/x` none either
        return ""
    try:
        return clean_link(_addressed(urljoin(base, link)))
    except (TextError, ValueError):
        return ""


def _mended(link: str) -> str:
    """What browsers make of an address with slashes too few, too many or the other way round, or a scheme twice."""
    link, *_ = _NEXT_LINK.split(link, maxsplit=1)
    if link.lower().startswith("www."):
        return f"http://{link}"
    further = _FURTHER.search(link)
    end = further.start() if further else len(link)
    return _SLASHES.sub(r"\1://", link[:end].replace("\\", "/")) + link[end:]


def direct_link(link: str, base: str = "") -> str:
    """Likewise; of an address that only passes readers on to another, that other."""
    link = absolute_link(link, base)
    if not _PASSING.match(link):
        return link
    values = parse_qs(urlsplit(link).query)
    return next(filter(None, map(absolute_link, values.get("url", []) + values.get("q", []))), link)


def author_names(texts: Iterable[str]) -> tuple[str, ...]:
    """Names of people or desks, each once, at most 10; a mail address is none."""
    names: dict[str, str] = {}
    for text in texts:
        # A reference ends with the sign that separates authors.
        for part in _authors_in(_ENTITY.sub(character, text[:_TITLE_READ])):
            name = _author(part)
            if name:
                names.setdefault(name.casefold(), name)
    return tuple(names.values())[:AUTHORS_LIMIT]


def topic_names(labels: Iterable[str]) -> tuple[str, ...]:
    """Topics as people type them after `topic:`, each once, at most 20; a label may list several."""
    slugs: dict[str, None] = {}
    for label in labels:
        for part in _topics_in(title_of_text(label[:_TITLE_READ])):
            if name := slug(part):
                slugs[name] = None
        if len(slugs) >= TOPICS_LIMIT:
            break
    return tuple(slugs)[:TOPICS_LIMIT]


def language_code(text: str) -> str:
    """The ISO 639-1 code of `en`, `en-US`, `EN_us`, `eng`, `English`; empty for nonsense."""
    first = re.split(r"[-_,; ]", text.strip()[:40].lower(), maxsplit=1)[0]
    code = _LANGUAGES.get(first, first)
    return code if code in _ISO_639_1 else ""


def _without_hidden(text: str) -> str:
    if "<" not in text:
        return text
    for closing, hidden in _HIDDEN:
        end = text.lower().rfind(closing)
        if end >= 0:
            end = text.find(">", end) + 1 or len(text)
            text = hidden.sub(" ", text[:end]) + text[end:]
    return text


def _without_tags(text: str) -> str:
    return _TITLE_TAG.sub("", _BREAK.sub(" ", text)) if "<" in text else text


def _line(text: str) -> str:
    """One clean line; entities are decoded, also those that were escaped twice, and markup that comes out of them."""
    for _ in range(3):
        if "&" not in text:
            break
        text = _ENTITY.sub(character, text)
        if "<" in text and _PAIR.search(text):
            text = _without_tags(text)
    return _bounded(clean_line(text))


def _bounded(line: str) -> str:
    """A line of at most 1,000 characters: a longer one ends with its last whole word."""
    if len(line) <= TITLE_LIMIT:
        return line if is_visible(line) else ""
    return clean_line(line[: TITLE_LIMIT - 20].rpartition(" ")[0] or line[: TITLE_LIMIT - 20]) + "…"


def _addressed(link: str) -> str:
    """The address with its scheme in lower case, and without name and password."""
    parts = urlsplit(link)
    if "@" in parts.netloc:
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return parts.scheme + link[len(parts.scheme) :]


def _authors_in(text: str) -> Iterator[str]:
    for part in _listed(_BY.sub("", text.strip())):
        # `Ann Sargsyan and David Petrosyan` are two, `Ministry of Culture and Sport` is one.
        both = _AND.split(part.strip().removeprefix("and "))
        yield from both if all(map(_is_full_name, both)) else [part]


def _is_full_name(text: str) -> bool:
    words = text.split()
    return 2 <= len(words) <= 3 and all(word[0].isupper() for word in words)


def _listed(text: str) -> list[str]:
    parts = text.split(";")
    if len(parts) == 1 and "@" not in text:
        parts = text.split(",")
        # `Sargsyan, Anna` is one person, `Anna Sargsyan, David Petrosyan` are two.
        if not all(len(part.split()) > 1 for part in parts):
            return [text]
    return parts


def _author(text: str) -> str:
    """The name in `a@example.org (Anna)`, `Anna <a@example.org>`, `Anna`."""
    text = _line(text.replace("<", " <"))
    if handle := _HANDLE.match(text):  # in a chat it would be somebody else's
        text = text[handle.end() :] or handle[1]
    bracket = _IN_BRACKETS.search(text)
    if bracket and "@" in text and "@" not in bracket[1]:
        name = bracket[1]
    else:
        name = _MAIL.sub("", text).replace("mailto:", "")
    name = clean_line(re.sub(r"<[^<>]*>|\(\s*\d*\s*\)", "", name).strip(" \"'<>()[],:–—|•·"))
    nobody = not any(map(str.isalpha, name)) or name.lower() in _NOBODY or "://" in name or "@" in name
    return "" if nobody or len(name) > _AUTHOR_LIMIT else name


def _topics_in(label: str) -> list[str]:
    if "://" in label or "@" in label:
        return []
    separator = _OUTSIDE if "(" in label and len(label) <= _LISTED_READ else _SEPARATOR
    parts = separator.split(label) if _SEPARATOR.search(label) else label.split("/")
    named = [part.strip() for part in parts if part.strip()]
    # `News/Politics` lists two, `AC/DC` and `24/7` are names.
    if "/" in label and len(named) > 1 and len(parts) == len(label.split("/")) and min(map(len, named)) < 3:
        return [label]
    return named
