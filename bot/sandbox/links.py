"""What Telegram finds in a text by itself: links, addresses, mentions, hashtags, cashtags, commands.

The rules are TDLib's (MessageEntity.cpp, `find_entities`). Top-level domains without a scheme are known by a list: here
all of countries, all of three letters, and the common ones of the rest.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.sandbox.markup import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNTRIES = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz ca cc"
    " cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb"
    " gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke"
    " kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu"
    " mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw"
    " sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz"
    " ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw рф рус укр бел бг мкд срб қаз հայ გე ευ"
)
OF_THREE = (
    "aaa abb abc aco ads aeg afl aig anz aol app art aws axa bar bbc bbt bcg bcn bet bid bio biz bms bmw bom boo bot"
    " box buy bzh cab cal cam car cat cba cbn ceo cfa cfd com cpa crs dad day dds dev dhl diy dnp dog dot dtv dvr eat"
    " eco edu esq eus fan fit fly foo fox frl ftr fun fyi gal gap gay gdn gea gle gmo gmx goo gop got gov hbo hiv hkt"
    " hot how ibm ice icu ifm inc ing ink int ist itv jcb jio jll jmp jnj jot joy kfh kia kim kpn krd lat law lds llc"
    " llp lol lpl ltd man map mba med men mil mit mlb mls mma moe moi mom mov msd mtn mtr nab nba nec net new nfl ngo"
    " nhk now nra nrw ntt nyc obi one ong onl ooo org ott ovh pay pet phd pid pin pnc pro pru pub pwc red ren ril rio"
    " rip run rwe sap sas sbi sbs scb sew sex sfr ski sky soy spa srl stc tab tax tci tdk tel thd tjx ton top trv tui"
    " tvs ubs uno uol ups vet vig vin vip wed win wme wow wtc wtf xin xxx xyz you yun zip"
)
OTHERS = (
    "academy agency bank blog cafe center chat city click cloud club coop digital email energy expert foundation fund"
    " games global google group guide guru help host info institute international jobs land life link live london"
    " media meme mobi moscow museum music name network news online page paris party photo photos plus press radio"
    " report review rocks school science security shop show site social software solutions space store studio support"
    " systems team tech technology tips today tools tours town travel tube university video watch website wiki work"
    " works world zone москва онлайн сайт дети орг ком"
)
TOP_LEVEL = frozenset(f"{COUNTRIES} {OF_THREE} {OTHERS}".split())

# Numbers that are no digits (Unicode, categories No and Nl): to Telegram they are no part of a word.
_NO_DIGITS = (
    "\xb2\xb3\xb9\xbc-\xbe\u09f4-\u09f9\u0b72-\u0b77\u0bf0-\u0bf2\u0c78-\u0c7e\u0d58-\u0d5e\u0d70-\u0d78"
    "\u0f2a-\u0f33\u1369-\u137c\u16ee-\u16f0\u17f0-\u17f9\u19da\u2070\u2074-\u2079\u2080-\u2089\u2150-\u2182"
    "\u2185-\u2189\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u2cfd\u3007\u3021-\u3029\u3038-\u303a\u3192-\u3195"
    "\u3220-\u3229\u3248-\u324f\u3251-\u325f\u3280-\u3289\u32b1-\u32bf\ua6e6-\ua6ef\ua830-\ua835"
)
_WORD = rf"(?![{_NO_DIGITS}])\w"
_TAG = rf"(?:{_WORD}|[·\u200c\u0d80-\u0dff])"
_NO_TAG_BEFORE = rf"(?<!{_WORD})(?<![·\u200c\u0d80-\u0dff])"
_COMMAND = re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}+(?:@[A-Za-z0-9_]{3,32}+|(?!@))(?![\w/<>])")
_MENTION = re.compile(r"(?<!\w)@(?:[A-Za-z0-9_]{4,32}+|(?ai:gif|vid|pic))(?!\w)")
_HASHTAG = re.compile(rf"{_NO_TAG_BEFORE}#({_TAG}{{1,256}}+){_TAG}*+(?:@[A-Za-z0-9_]{{3,32}}+)?+(?!#)")
_CASHTAG = re.compile(rf"(?<!\$){_NO_TAG_BEFORE}\$(?:1INCH|[A-Z]{{1,8}}+)(?:@[A-Za-z0-9_]{{3,32}}+)?+(?!\$|{_TAG})")

_GAPS = " \u00a0\u1680\u2000-\u200b\u200e\u200f\u2016-\u206f\u3000"
_IN_PATH = rf"[^\n<>\"«»{_GAPS}]"
_PATH = rf"(?:[/?#]{_IN_PATH}*)"
_NOT_LAST = ".:;,('?!`"
_APP_LINK = re.compile(rf"(?:tg|ton)://[A-Za-z0-9_-]{{1,253}}({_PATH}?)", re.IGNORECASE | re.ASCII)
_IN_HOST = re.compile(rf"[A-Za-z0-9._~\-]|(?![{_GAPS}])[\u00c0-\U0010ffff]")
_IN_HOST_OR_AT = re.compile(rf"[@A-Za-z0-9._~\-]|(?![{_GAPS}])[\u00c0-\U0010ffff]")
_IN_USER = re.compile(rf"[^\n/\[\]{{}}()'`<>\"@«»{_GAPS}]")
_IN_SCHEME = re.compile(r"[A-Za-z0-9+-]|[^\x00-\x7f\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_PORT = re.compile(r":0*([1-9][0-9]{0,4})(?![0-9])")
_REST = re.compile(_PATH)
_EMAIL = re.compile(
    r"(?:[a-z0-9_-]{0,26}[.+]){0,10}[a-z0-9_-]{1,35}@(?:(?:[a-z0-9][a-z0-9_-]{0,28})?[a-z0-9]\.){1,6}[a-z]{2,8}",
    re.IGNORECASE | re.ASCII,
)
_SCHEME = re.compile(r"(?:https?|ftp)://", re.IGNORECASE | re.ASCII)
_NUMBERED = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}", re.ASCII)
_PAIRS = {")": "(", "]": "[", "}": "{"}


def found(text: str) -> list[Span]:
    """Give what is found, in order; of two that overlap the one that begins first, then the longer one."""
    spans = sorted(_candidates(text), key=lambda span: (span.start, -span.end))
    kept: list[Span] = []
    for span in spans:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _candidates(text: str) -> Iterator[Span]:
    # Each search costs a pass over the text, so each waits for the character it cannot do without.
    if "@" in text:
        yield from _plain("mention", _MENTION, text)
    if "/" in text:
        yield from _plain("bot_command", _COMMAND, text)
    if "#" in text:
        yield from _hashtags(text)
    if "$" in text:
        yield from _plain("cashtag", _CASHTAG, text)
    if "://" in text:
        yield from _app_links(text)
    if "." in text:
        yield from _links(text)


def _plain(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    for match in pattern.finditer(text):
        yield Span(kind, match.start(), match.end(), {})


def _hashtags(text: str) -> Iterator[Span]:
    for match in _HASHTAG.finditer(text):
        if any(character.isalpha() for character in match[1]):
            yield Span("hashtag", match.start(), match.end() if "@" in match[0] else match.end(1), {})


def _app_links(text: str) -> Iterator[Span]:
    at = 0
    while match := _APP_LINK.search(text, at):
        end = match.start(1) + _path_length(match[1])
        yield Span("url", match.start(), end, {})
        at = max(match.start() + 1, end - len("ton"))  # the host may be the next link's scheme


def _path_length(path: str) -> int:
    """How much of a path belongs to the link: not the punctuation at its end, and no lone "?" or "#"."""
    kept = path[:1] + path[1:].rstrip(_NOT_LAST)
    return 0 if kept in {"?", "#"} else len(kept)


def _links(text: str) -> Iterator[Span]:
    """Look around each dot for a host."""
    begin = 0
    while 0 <= (dot := text.find(".", begin)) < len(text) - 1:
        if text[dot + 1] == " ":
            begin = dot + 2
            continue
        start, end = _around(text, begin, dot)
        if start is not None:
            if end > dot + 1:
                yield from _link(text, start, end)
            while text.startswith(".", end):
                end += 1
        else:
            end = text.rindex(".", begin, end) + 1 if "." in text[begin:end] else end
        begin = max(end, dot + 1)


def _around(text: str, begin: int, dot: int) -> tuple[int | None, int]:
    """Give where the link around a dot begins, None if it is none, and where it ends."""
    start = _back(_IN_HOST, text, dot, begin)
    end = dot
    while end < len(text) and _IN_HOST_OR_AT.match(text, end):
        end += 1
    has_user = "@" in text[dot:end]
    if has_user:
        start = _back(_IN_USER, text, start, begin)
    end = _tail(text, dot, end)
    if start > begin and text[start - 1] == "@":
        user = _back(_IN_USER, text, start - 1, begin)
        if has_user or user == start - 1:
            return None, end
        start = user
    return _with_scheme(text, begin, start), end


def _tail(text: str, dot: int, end: int) -> int:
    """Add port and path to a host that ends at `end`."""
    if (port := _PORT.match(text, end)) and int(port[1]) <= 65_535:
        end = port.end()
    if rest := _REST.match(text, end):
        end += _path_length(rest[0])
    while end > dot + 1 and text[end - 1] == ".":
        end -= 1
    return end


def _with_scheme(text: str, begin: int, start: int) -> int | None:
    if start == begin:
        return start
    if text.endswith("://", begin, start) and len(text[begin:start].encode()) >= 6:
        scheme = text[_back(_IN_SCHEME, text, start - 3, begin) : start - 3].lower()
        if scheme.endswith("https"):
            return start - 8
        if scheme.endswith("http") and scheme != "shttp":
            return start - 7
        return start - 6 if scheme.endswith("ftp") and scheme not in {"tftp", "sftp"} else None
    before = text[start - 1]
    return None if before in "_/#@" or before.isalnum() else start


def _back(pattern: re.Pattern[str], text: str, at: int, begin: int) -> int:
    while at > begin and pattern.match(text, at - 1):
        at -= 1
    return at


def _link(text: str, start: int, end: int) -> Iterator[Span]:
    url = text[start:end]
    if _EMAIL.fullmatch(url):
        yield Span("email", start, end, {})
    elif url.startswith("mailto:") and _EMAIL.fullmatch(url[7:]):
        yield Span("email", start + 7, end, {})
    elif size := _link_size(url):
        yield Span("url", start, start + size, {})


def _link_size(url: str) -> int:
    """How much of `url` is a link; 0 if its host is none."""
    scheme = _SCHEME.match(url)
    host_at = scheme.end() if scheme else 0
    path_at = min((at for mark in "/?#" if (at := url.find(mark, host_at)) >= 0), default=len(url))
    host = url[host_at:path_at]
    host = host[host.find("@") + 1 :]
    host = host[: host.rindex(":")] if ":" in host else host
    if not _is_host(host, has_scheme=scheme is not None):
        return 0
    return path_at + _balanced(url[path_at:])


def _balanced(path: str) -> int:
    """How much of a path stands before a bracket that closes what was not opened."""
    depth = dict.fromkeys(_PAIRS.values(), 0)
    size = len(path)
    for at, character in enumerate(path):
        if character in depth:
            depth[character] += 1
        elif character in _PAIRS:
            depth[_PAIRS[character]] -= 1
            if depth[_PAIRS[character]] < 0:
                size = at
                break
    return len(path[:size].rstrip(_NOT_LAST))


def _is_host(host: str, *, has_scheme: bool) -> bool:
    labels = host.split(".")
    if len(labels) == 1 or any(not 0 < len(label.encode()) < 64 or label.endswith("-") for label in labels):
        return False
    if _NUMBERED.fullmatch(host):
        return True
    last = labels[-1]
    if not re.search(r"[^0-9.]", host) or len(last) < 2 or "_" in labels[-2]:
        return False
    if last.startswith("xn--"):
        return len(last) > 5 and last[4:].isascii() and last[4:].isalnum()
    if "_" in last or "-" in last:
        return False
    return has_scheme or _is_top_level(last)


def _is_top_level(label: str) -> bool:
    lower = label.replace("İ", "i").lower()  # one letter to Telegram, two to Python
    if lower != label and lower[1:] == label[1:]:  # "World": a sentence that began without a space
        return False
    return lower in TOP_LEVEL
