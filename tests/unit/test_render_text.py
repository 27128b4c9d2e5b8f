import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render.links import web_link
from bot.render.splitting import split
from bot.render.text import Text, block, bold, code, date_time, italic, link, quote, text
from bot.render.units import clean, cut, isolated, one_line, units

FAMILY = "👨‍👩‍👧"
ANYTHING = st.text(st.characters(exclude_categories=()))
PIECES = st.lists(
    st.sampled_from(["a", "é", "e\u0301", "😀", FAMILY, "👍🏽", "🇦🇲", "❤️", " ", "\n\n", "Ա. ", "中"])
).map("".join)


@pytest.mark.parametrize(
    ("value", "html"),
    [
        (text('<b> & "quotes"'), '&lt;b&gt; &amp; "quotes"'),
        (bold("a<b"), "<b>a&lt;b</b>"),
        (italic(bold("both")), "<i><b>both</b></i>"),
        (code("x & y"), "<code>x &amp; y</code>"),
        (block("a\n^"), "<pre>a\n^</pre>"),
        (link("here", 'https://e.org/?a="1"&b'), '<a href="https://e.org/?a=&quot;1&quot;&amp;b">here</a>'),
        (link("nowhere", ""), "nowhere"),
        (quote("said"), "<blockquote>said</blockquote>"),
        (quote("said", expandable=True), "<blockquote expandable>said</blockquote>"),
        (date_time(86400, "wDt", "then"), '<tg-time unix="86400" format="wDt">then</tg-time>'),
        ("before " + bold("in") + " after", "before <b>in</b> after"),
        (bold(""), ""),
        (Text.joined(" · ", ("a", "", bold("b"), Text())), "a · <b>b</b>"),
    ],
)
def test_html(value, html):
    assert value.html() == html


def test_without_date_times_a_moment_is_its_fallback():
    moment = bold("at " + date_time(1, "t", "noon <UTC>"))
    assert moment.html(date_times=False) == "<b>at </b><b>noon &lt;UTC&gt;</b>"
    assert "tg-time" in moment.html()


def test_plain_text_and_its_length_are_those_after_parsing():
    value = bold("a<b ") + link("😀", "https://example.org/long")
    assert value.plain() == "a<b 😀"
    assert value.units == 6


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("a\0b\x1fc", "a b c"),
        ("a\r\nb\tc", "a\nb c"),
        ("a\u202eb\u2028c", "abc"),
        ("half \ud83d emoji", "half \ufffd emoji"),
    ],
)
def test_what_telegram_drops_or_refuses_is_gone_before(dirty, cleaned):
    assert clean(dirty) == cleaned
    assert text(dirty).plain() == cleaned


@pytest.mark.parametrize(
    ("whole", "most", "part"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("word and", 6, "word…"),
        ("😀😀", 3, "😀…"),
        ("😀😀", 2, "…"),
        (f"a{FAMILY}b", 9, "a…"),
        (f"a{FAMILY}bc", 10, f"a{FAMILY}…"),
        ("a👍🏽b", 4, "a…"),
        ("🇦🇲🇬🇪", 7, "🇦🇲…"),
        ("a❤️b", 3, "a…"),
        ("ae\u0301b", 3, "a…"),
        ("anything", 1, "…"),
        ("anything", 0, ""),
    ],
)
def test_cut_ends_between_letters(whole, most, part):
    assert cut(whole, most) == part
    assert text(whole).cut(most).plain() == part


@given(ANYTHING | PIECES, st.integers(0, 40))
def test_a_cut_string_is_a_beginning_within_the_limit(whole, most):
    part = cut(whole, most)
    assert units(part) <= most
    assert part == whole or (whole.startswith(part.removesuffix("…")) and part.endswith("…")) or most == 0


@given(st.lists(st.tuples(PIECES, st.sampled_from([text, bold, code, quote]))), st.integers(0, 60))
def test_a_cut_text_is_a_beginning_within_the_limit(parts, most):
    whole = Text.joined("", (style(words) for words, style in parts))
    part = whole.cut(most)
    assert part.units <= most
    assert whole.plain().startswith(part.plain().removesuffix("…"))
    assert (part == whole) == (whole.units <= most)


def test_a_date_cut_in_two_is_no_date():
    assert date_time(1, "t", "16 Jul 2025").cut(5).html() == "16 J…"


@pytest.mark.parametrize(
    ("title", "stands"),
    [
        ("Peace talks", "Peace talks"),
        ("Մեր լուրերը", "Մեր լուրերը"),
        ("رئيس أرمينيا", "\u2068رئيس أرمينيا\u2069"),
        ("In Hebrew: שלום", "\u2068In Hebrew: שלום\u2069"),
    ],
)
def test_what_runs_from_right_to_left_is_isolated(title, stands):
    assert isolated(title) == stands


def test_every_letter_that_runs_from_right_to_left_is_known():
    letters = [chr(code) for code in range(0x110000) if unicodedata.bidirectional(chr(code)) in {"R", "AL"}]
    assert len(letters) > 1_000
    assert [letter for letter in letters if isolated(letter) == letter] == []


def test_one_line_has_single_spaces():
    assert one_line(" a \n\n b\u00a0c\r\n") == "a b c"


def test_one_line_leaves_no_isolate_open():
    assert one_line("open\u2067 and\u2069 closed") == "open and closed"
    assert text(isolated("שלום")).html() == "\u2068שלום\u2069"


@pytest.mark.parametrize(
    ("address", "usable"),
    [
        ("https://example.org/a?b=c&d=e#f", True),
        ("http://example.org:8080", True),
        ("HTTPS://EXAMPLE.ORG", True),
        ("https://192.0.2.1/a", True),
        ("https://xn--80ak6aa92e.com/новости", True),
        ("", False),
        ("/relative", False),
        ("javascript:alert(1)", False),
        ("ftp://example.org/", False),
        ("https://localhost/", False),
        ("https://user:secret@example.org/", False),
        ("https://exa mple.org/", False),
        ("https://example.org/a b", False),
        ('https://example.org/"onclick', False),
        ("https://example.org:port/", False),
        ("https://[::1/", False),
        ("https://пример.рф/", False),
        ("https://example.org/" + "a" * 2_000, False),
    ],
)
def test_only_links_that_telegram_takes_are_used(address, usable):
    assert web_link(address) == (address if usable else "")


PARAGRAPHS = "First one. It has two sentences.\n\nSecond one. Also two of them.\n\nThird."


@pytest.mark.parametrize(
    ("first", "rest", "parts"),
    [
        (200, 200, [PARAGRAPHS]),
        (40, 200, ["First one. It has two sentences.", "Second one. Also two of them.\n\nThird."]),
        (25, 200, ["First one. It has two", "sentences.\n\nSecond one. Also two of them.\n\nThird."]),
        (15, 200, ["First one.", "It has two sentences.\n\nSecond one. Also two of them.\n\nThird."]),
    ],
)
def test_parts_end_where_a_reader_pauses(first, rest, parts):
    assert split(PARAGRAPHS, first=first, rest=rest) == parts


@given(PIECES | ANYTHING, st.integers(1, 30), st.integers(1, 30))
def test_split_keeps_everything_but_space_and_its_limits(whole, first, rest):
    parts = split(whole, first=first, rest=rest)
    assert "".join("".join(parts).split()) == "".join(whole.split())
    assert all(parts)
    # A single letter can be longer than a tiny limit.
    assert all(units(part) <= max(most, 2) for part, most in zip(parts, [first, *[rest] * len(parts)], strict=False))
