import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.parsing.clean import (
    BODY_LIMIT,
    LINK_LIMIT,
    TITLE_LIMIT,
    TextError,
    clean_body,
    clean_language,
    clean_line,
    clean_link,
    clean_title,
    close_bidi,
    shown,
)

ANYTHING = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Prices <b>rise</b> & \"fall\" 'again'", "Prices <b>rise</b> & \"fall\" 'again'"),
        ("Ferry 🚢 back — “at last”", "Ferry 🚢 back — “at last”"),
        ("family 👨‍👩‍👧 of flags 🏴󠁧󠁢󠁳󠁣󠁴󠁿", "family 👨‍👩‍👧 of flags 🏴󠁧󠁢󠁳󠁣󠁴󠁿"),
        ("cafe\u0301", "café"),
        ("  a \t b\u00a0\u3000 c  ", "a b c"),
        ("a\0b\x07c\x1bd\x7fe\x9ff", "abcdef"),
        ("one\r\ntwo\rthree\u2028four\u2029five\x85six", "one two three four five six"),
        ("half\ud83d and\ude00 half", "half and half"),
        ("non\ufffe\uffff\ufdd0\U0001ffff\U0010fffecharacters", "noncharacters"),
        ("\ufeffmark\ufeff", "mark"),
        ("\u200fשלום\u200e mark", "\u200fשלום\u200e mark"),
        ("x\u202eevil", "x\u202eevil\u202c"),
        ("x\u202c\u2069y", "xy"),
        ("\u2066a\u2069", "\u2066a\u2069"),
        ("e\0\u0301", "é"),
        ("q\u0303" + "\u0302" * 100 + "!", "q\u0303" + "\u0302" * 29 + "!"),
        ("", ""),
    ],
)
def test_a_line_is_cleaned(text: str, clean: str) -> None:
    assert clean_line(text) == clean


@given(ANYTHING)
def test_a_clean_line_is_storable_and_stays_as_it_is(text: str) -> None:
    line = clean_line(text)
    line.encode()
    assert unicodedata.is_normalized("NFC", line)
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in line)
    assert "  " not in line
    assert line == line.strip() == clean_line(line)


def open_at_end(line: str) -> list[str]:
    """An oracle for UAX 9, X1 to X7: what is open where the line ends; a mark that closes nothing raises."""
    stack: list[str] = []
    for char in line:
        kind = unicodedata.bidirectional(char)
        if kind in {"LRE", "RLE", "LRO", "RLO", "LRI", "RLI", "FSI"}:
            stack.append(kind)
        elif kind == "PDF":
            assert stack.pop() in {"LRE", "RLE", "LRO", "RLO"}
        elif kind == "PDI":
            while stack.pop() not in {"LRI", "RLI", "FSI"}:
                pass
    return stack


@given(st.text("ab\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", max_size=60))
def test_overrides_end_with_their_line(text: str) -> None:
    assert open_at_end(close_bidi(text)) == []
    assert [char for char in close_bidi(text) if char in "ab"] == [char for char in text if char in "ab"]


def test_a_balanced_line_is_left_alone() -> None:
    line = "a \u2067b \u202ac\u202c d\u2069 e \u202ef\u202c"
    assert close_bidi(line) == line


def test_overrides_do_not_pile_up() -> None:
    assert len(close_bidi("\u202e" * 10_000)) <= 32


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "nothing to see"),
        (" \t\u200b\u200e\ufeff ", "nothing to see"),
        ("\ud800", "nothing to see"),
        ("\u202e\u202c", "nothing to see"),
        ("x" * (TITLE_LIMIT + 1), "1,001 characters"),
    ],
)
def test_a_title_is_refused(text: str, reason: str) -> None:
    with pytest.raises(TextError, match=reason):
        clean_title(text)


@pytest.mark.parametrize("text", ["?", "🚢", "7", "x" * TITLE_LIMIT, "\U0001fae9"])
def test_a_title_may_be_anything_that_shows(text: str) -> None:
    assert clean_title(text) == text


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("one\n\n\n two \r\n\u200b\r\nthree\n", "one\n\ntwo\n\nthree"),
        ("one\u2029two\vthree", "one\n\ntwo\n\nthree"),
        ("left \u202eopen\nnext", "left \u202eopen\u202c\n\nnext"),
        ("\n \n", ""),
    ],
)
def test_a_body_is_paragraphs(text: str, body: str) -> None:
    assert clean_body(text) == body


def test_a_body_is_cut_at_the_end_of_a_paragraph() -> None:
    assert clean_body("abcd\nefgh\nijkl", limit=11) == "abcd\n\nefgh"
    assert clean_body("abcd\nefgh\nijkl", limit=10) == "abcd\n\nefgh"
    assert clean_body("abcd\nefgh\nijkl", limit=9) == "abcd"
    assert clean_body("abcd\nefgh\nijkl", limit=16) == "abcd\n\nefgh\n\nijkl"


def test_one_endless_paragraph_is_cut_too() -> None:
    body = clean_body("\u202e" + "x" * 2 * BODY_LIMIT)
    assert BODY_LIMIT - 100 < len(body) <= BODY_LIMIT
    assert open_at_end(body) == []


@given(ANYTHING, st.integers(32, 64))
def test_a_body_keeps_within_its_limit(text: str, limit: int) -> None:
    body = clean_body(text * 5, limit)
    assert len(body) <= limit
    assert body == clean_body(body, limit)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("", ""),
        (" \n", ""),
        (" https://news.example/a?b=c#d ", "https://news.example/a?b=c#d"),
        ("http://news.example:8080", "http://news.example:8080"),
        ("https://լուրեր.example/ձյուն", "https://լուրեր.example/ձյուն"),
        ("https://[2001:db8::1]/", "https://[2001:db8::1]/"),
    ],
)
def test_a_link_is_taken(text: str, link: str) -> None:
    assert clean_link(text) == link


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "ftp://news.example/",
        "//news.example/a",
        "news.example/a",
        "https://",
        "https:///a",
        "https://a b.example/",
        "https://[::1",
        "https://a.example:99999/",
        "https://a.example:x/",
        "https://bank@a.example/",
        "https://a.example/\u202egnp.exe",
        "https://a.example/" + "x" * LINK_LIMIT,
    ],
)
def test_a_link_is_refused(text: str) -> None:
    with pytest.raises(TextError, match=r"^the link "):
        clean_link(text)


@pytest.mark.parametrize(("text", "code"), [("en", "en"), ("EN-gb", "en"), ("pt_BR", "pt"), ("", ""), ("und", "")])
def test_a_language_is_two_letters(text: str, code: str) -> None:
    assert clean_language(text) == code


@pytest.mark.parametrize("text", ["eng", "e", "English", "e1", "հա"])
def test_a_language_is_refused(text: str) -> None:
    with pytest.raises(TextError, match="ISO 639-1"):
        clean_language(text)


def test_lines_end_in_many_ways() -> None:
    text = "a\nb\r\nc\rd\u2028e\u2029f\vg\fh\x85i\x1cj\n"
    assert clean_body(text).split("\n\n") == [*"abcdefghij"]
    assert clean_line(text) == "a b c d e f g h i j"


def test_what_is_shown_is_short_and_printable() -> None:
    assert shown("\u202e\0\n") == r"'\u202e\x00\n'"
    assert shown("x" * 100) == repr("x" * 60) + "..."
