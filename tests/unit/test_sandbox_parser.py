"""The sandbox's parser beside Telegram's own (TDLib): the same text and entities, or an error of the same words."""

import html
import itertools
import string

import pytest
import telegram_parser
from found_cases import FOUND
from hypothesis import given
from hypothesis import strategies as st
from link_cases import HREFS
from markup_cases import (
    ATTRIBUTES,
    CHARACTERS,
    CODE,
    EMOJI,
    ENDS,
    MARKS,
    NAMED,
    NESTED,
    NUMBERED,
    QUOTES,
    SETTLED,
    TAGS,
    TIMES,
)
from telegram_parser import TelegramError

from bot.sandbox.entities import formatted
from bot.sandbox.links import found
from bot.sandbox.markup import MarkupError, parse_html
from bot.sandbox.urls import LinkError, checked_link, person_of

CASES = [
    *TAGS,
    *ENDS,
    *ATTRIBUTES,
    *QUOTES,
    *CODE,
    *NESTED,
    *NUMBERED,
    *NAMED,
    *HREFS,
    *TIMES,
    *EMOJI,
    *CHARACTERS,
    *SETTLED,
    *MARKS,
    *(html.escape(text) for text in FOUND),
]


def test_there_are_cases_enough():
    assert len(set(CASES)) > 800


@pytest.mark.parametrize("text", CASES, ids=lambda text: ascii(text)[:60])
def test_html_is_read_as_telegram_reads_it(text):
    assert _ours(text) == _telegrams(text)


@pytest.mark.parametrize("text", CASES, ids=lambda text: ascii(text)[:60])
def test_a_text_becomes_what_telegram_makes_of_it(text):
    try:
        plain, spans = parse_html(text)
    except MarkupError:
        return  # the words of errors are compared above
    ours = formatted(plain, spans)
    if ours.text:
        telegram_parser.judge(text, "HTML", ours.text, ours.entities)


@pytest.mark.parametrize("text", FOUND, ids=lambda text: ascii(text)[:60])
def test_links_are_found_where_telegram_finds_them(text):
    assert formatted(f"x {text}", []).entities == telegram_parser.found(f"x {text}")


PIECES = st.sampled_from(
    [
        *(
            "a",
            "b ",
            " ",
            "\n",
            "😀",
            "ա",
            "\u200b",
            "\r",
            "x.am",
            "#tag",
            "@user",
            "/help",
            "$USD",
            "&lt;",
            "&amp;",
            ". ",
            "\u200f",
            "\u200e",
            "\t",
            "«",
            "&#8238;",
            "²",
        ),
        *("https://x.am/a", "me@x.am"),
    ]
)
OPEN_TAGS = [
    *("<b>", "<i>", "<u>", "<s>", "<code>", "<pre>", "<blockquote expandable>", "<tg-spoiler>"),
    *(
        '<a href="http://x.am/">',
        '<code class="language-x">',
        '<tg-time unix="5" format="t">',
        '<tg-emoji emoji-id="5">',
    ),
]


def _wrapped(inner):
    return st.tuples(st.sampled_from(OPEN_TAGS), inner).map(lambda pair: f"{pair[0]}{pair[1]}</{_name(pair[0])}>")


def _name(tag):
    return tag[1:].rstrip(">").split(" ", maxsplit=1)[0]


MARKED_UP = st.recursive(PIECES, lambda inner: st.lists(st.one_of(PIECES, _wrapped(inner)), max_size=5).map("".join))


@given(MARKED_UP)
def test_any_nesting_is_settled_as_telegram_settles_it(text):
    ours = formatted(*parse_html(text))
    if ours.text:
        telegram_parser.judge(text, "HTML", ours.text, ours.entities)


# Not "tg://" twice: which of two that overlap counts, TDLib decides in no order that could be seen.
FOUND_PIECES = st.sampled_from(
    [
        *"abxZ019_-.:/?#@!'\"()[]<>,;+=~$%&*|^` \n\u00a0",
        *"աքჰжéßıİ中한אا१²Ⅳ😀\u200b\u200c\u200f\u0301…«»”։՞՝–—·\u3000",
        *(
            "www.",
            "http://",
            "https://",
            "ftp://",
            "mailto:",
            ".com",
            ".am",
            ".ru",
            ".рф",
            ".հայ",
            ".gea",
            "x.am",
            "t.me/",
        ),
        *(
            "@user",
            "#tag",
            "#թեգ",
            "#ტეგ",
            "/cmd",
            "/cmd@bot",
            "$USD",
            "1INCH",
            "me@x.am",
            "127.0.0.1",
            ":80",
            "xn--p1ai",
        ),
    ]
)


@given(st.lists(FOUND_PIECES, min_size=1, max_size=9).map("".join))
def test_in_any_text_is_found_what_telegram_finds(text):
    ours = formatted(f"x {text}", [])
    if ours.text == f"x {text}":  # TDLib's finder trims nothing
        assert ours.entities == telegram_parser.found(ours.text)


SYNTAX = st.sampled_from(
    [
        *"<>&/= '\"\n\tbiaԱ😀;\x0b\r",
        *("<b>", "</b>", "<i>", "</>", "<a href=", "</a>", "<pre>", "</pre>", "<code class=", "language-x", "</code>"),
        *("expandable", "<blockquote ", "</blockquote>", "<tg-time unix=", "format=", "wDt", "</tg-time>", "5", "&lt;"),
        *(
            "<tg-emoji emoji-id=",
            "</tg-emoji>",
            "&#",
            "x41",
            "65;",
            "d800",
            "&quot;",
            "<span class=",
            "tg-spoiler",
            "</span>",
        ),
        *("x.am", "tg://user?id=7", "<!--", "-->", "<B>", "</B>", "class"),
    ]
)


@given(st.lists(SYNTAX, min_size=1, max_size=9).map("".join))
def test_any_markup_is_read_as_telegram_reads_it(text):
    assert _ours(text) == _telegrams(text)


LINK_PIECES = st.sampled_from([*"abA.:/?#@5-_ é", "http://", "tg://", "user?id=", ".com"])
LINKS = st.lists(LINK_PIECES, max_size=12).map(lambda pieces: "".join(pieces).strip())


@given(LINKS)
def test_a_link_is_checked_as_telegram_checks_it(link):
    kind = {"@type": "textEntityTypeTextUrl", "url": link}
    entity = {"@type": "textEntity", "offset": 0, "length": 1, "type": kind}
    try:
        [taken] = telegram_parser.settled(telegram_parser.Reading("x", [entity])).entities
        theirs = telegram_parser.shown(taken).get("url", "a person")
    except TelegramError:
        theirs = None
    assert _checked(link) == theirs


BOLD = {"offset": 0, "length": 1, "type": "bold"}
WRONG = [("x", [{**BOLD, "length": 2}]), ("x", []), ("xy", [BOLD]), ("x", [BOLD, {**BOLD, "type": "url"}])]


@pytest.mark.parametrize(("text", "entities"), WRONG)
def test_what_differs_from_telegram_is_found(text, entities):
    raw = {"text": "<b>x</b>", "parse_mode": "HTML"}
    telegram_parser.judge_records([{"raw": raw, "message": {"text": "x", "entities": [BOLD]}}])
    with pytest.raises(AssertionError):
        telegram_parser.judge_records([{"raw": raw, "message": {"text": text, "entities": entities}}])


def _checked(link):
    try:
        url = checked_link(link)
    except LinkError:
        return None
    return "a person" if person_of(link) else url


def _ours(text):
    try:
        plain, spans = parse_html(text)
    except MarkupError as error:
        return f"Can't parse entities: {error}"
    return plain, _sorted({"type": span.kind, "at": _utf16(plain, span), **span.extra} for span in spans)


def _telegrams(text):
    try:
        reading = telegram_parser.read_html(text)
    except TelegramError as error:
        return str(error)
    shown = map(telegram_parser.shown, reading.entities)
    return reading.text, _sorted(
        {
            **{k: v for k, v in entity.items() if k not in {"offset", "length"}},
            "at": (entity["offset"], entity["length"]),
        }
        for entity in shown
    )


def _utf16(text, span):
    start, end = (len(text[:at].encode("utf-16-le")) // 2 for at in (span.start, span.end))
    return start, end - start


def _sorted(entities):
    return sorted(str(sorted(entity.items(), key=lambda item: item[0])) for entity in entities)


@pytest.mark.parametrize("letters", [2, 3])
def test_top_level_domains_are_known_as_telegram_knows_them(letters):
    labels = map("".join, itertools.product(string.ascii_lowercase, repeat=letters))
    text = " ".join(f"x.{label}" for label in labels)
    assert formatted(text, []).entities[:100] == telegram_parser.found(text)[:100]
    ours = [text[span.start : span.end] for span in found(text)]
    assert ours == [text[each["offset"] :][: each["length"]] for each in telegram_parser.found(text)]
