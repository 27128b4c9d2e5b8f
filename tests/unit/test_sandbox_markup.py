"""Telegram's HTML as the sandbox reads it: what a text becomes, and the words for what is wrong with it.

The tables are read twice: by the parser itself, and by raw HTTP.
"""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_http import ADA, running

from bot.sandbox.entities import formatted, spans_of
from bot.sandbox.markup import MarkupError, parse_html


def read(text, **options):
    return formatted(*parse_html(text, **options))


def shown(text, **options):
    result = read(text, **options)
    return result.text, stretches(result.text, result.entities)


def stretches(text, entities):
    """Entities as (type, the stretch of text it covers, other fields)."""
    units = text.encode("utf-16-le")
    return [
        (
            entity["type"],
            units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le"),
            *[value for name, value in entity.items() if name not in {"type", "offset", "length"}],
        )
        for entity in entities
    ]


@pytest.fixture
async def world():
    async with running() as world:
        yield world


TAGS = [
    ("<b>x</b>", "bold"),
    ("<strong>x</strong>", "bold"),
    ("<i>x</i>", "italic"),
    ("<em>x</em>", "italic"),
    ("<u>x</u>", "underline"),
    ("<ins>x</ins>", "underline"),
    ("<s>x</s>", "strikethrough"),
    ("<strike>x</strike>", "strikethrough"),
    ("<del>x</del>", "strikethrough"),
    ("<tg-spoiler>x</tg-spoiler>", "spoiler"),
    ('<span class="tg-spoiler">x</span>', "spoiler"),
    ("<code>x</code>", "code"),
    ("<pre>x</pre>", "pre"),
    ("<blockquote>x</blockquote>", "blockquote"),
    ("<blockquote expandable>x</blockquote>", "expandable_blockquote"),
    ('<blockquote expandable="">x</blockquote>', "expandable_blockquote"),
    ("<B>x</B>", "bold"),
    ("<b >x</b >", "bold"),
    ("<b>x</>", "bold"),
    ('<b title="y">x</b>', "bold"),
]


@pytest.mark.parametrize(("text", "kind"), TAGS)
def test_a_tag_gives_its_entity(text, kind):
    assert shown(text) == ("x", [(kind, "x")])


READINGS = [
    # Characters written as entities
    ("&lt;b&gt; &amp; &quot;", '<b> & "', []),
    ("&#65;&#x42;&#67", "ABC", []),
    ("&nbsp;&apos;&", "&nbsp;&apos;&", []),
    ("a > b & c", "a > b & c", []),
    ("&amp;lt;", "&lt;", []),
    ("&#0;x", "&#0;x", []),
    ("&#128512;", "😀", []),
    # Links
    ('<a href="https://x.example/a?b=1&amp;c=2">go</a>', "go", [("text_link", "go", "https://x.example/a?b=1&c=2")]),
    ("<a href='http://x.example/'>go</a>", "go", [("text_link", "go", "http://x.example/")]),
    ('<a href="x.example">go</a>', "go", [("text_link", "go", "http://x.example/")]),
    ('<a href="javascript:alert(1)">go</a>', "go", []),
    ('<a href="/relative">go</a>', "go", []),
    (
        "<a>https://x.example/y</a>",
        "https://x.example/y",
        [("text_link", "https://x.example/y", "https://x.example/y")],
    ),
    # Code with its language
    (
        '<pre><code class="language-python">x = 1</code></pre>',
        "x = 1",
        [("pre", "x = 1", "python")],
    ),
    ("<pre><code>x</code></pre>", "x", [("pre", "x")]),
    ("<b>a<code>b</code>c</b>", "abc", [("bold", "a"), ("code", "b"), ("bold", "c")]),
    ("<code>a <b>b</b></code>", "a b", [("code", "a b")]),
    # Dates
    (
        '<tg-time unix="1700000000" format="wDT">then</tg-time>',
        "then",
        [("date_time", "then", 1700000000, "wDT")],
    ),
    ('<tg-time unix="1700000000">then</tg-time>', "then", [("date_time", "then", 1700000000)]),
    # Nesting and neighbours
    ("<b>a<i>b</i></b>", "ab", [("bold", "a"), ("bold", "b"), ("italic", "b")]),
    ("<b>a</b><b>b</b>", "ab", [("bold", "ab")]),
    ("<b>a</b> <b>b</b>", "a b", [("bold", "a"), ("bold", "b")]),
    ("<blockquote>a<blockquote>b</blockquote></blockquote>", "ab", [("blockquote", "ab")]),
    ("<blockquote><b>a</b> b</blockquote>", "a b", [("blockquote", "a b"), ("bold", "a")]),
    ("<b></b>x", "x", []),
    # Trimming
    ("  x  ", "x", []),
    ("\n\nx\n", "x", []),
    ("<b> </b>x", " x", [("bold", " ")]),
    ("  <b> x </b> ", " x", [("bold", " x")]),
    ("a\rb\tc\x07d\u2028e", "ab c de", []),
    ("<b> </b>", "", []),
    ("\u200b \u2060", "", []),
    # Settling what overlaps
    ("<i>a<code>b<b>c</b></code>d</i>", "abcd", [("italic", "a"), ("code", "bc"), ("italic", "d")]),
    (
        '<b>a<a href="x.example">b<i>c</i></a></b>',
        "abc",
        [
            ("bold", "a"),
            ("text_link", "bc", "http://x.example/"),
            ("bold", "b"),
            ("bold", "c"),
            ("italic", "c"),
        ],
    ),
    ("<b>a<blockquote>b</blockquote>c</b>", "abc", [("bold", "a"), ("blockquote", "b"), ("bold", "b"), ("bold", "c")]),
    # What the server finds by itself
    ("հետք.հայ bbc.museum x.nonsense", "հետք.հայ bbc.museum x.nonsense", [("url", "հետք.հայ"), ("url", "bbc.museum")]),
    ("$USD #նորություն", "$USD #նորություն", [("cashtag", "$USD"), ("hashtag", "#նորություն")]),
    (
        "/article_12 and /x@some_bot",
        "/article_12 and /x@some_bot",
        [("bot_command", "/article_12"), ("bot_command", "/x@some_bot")],
    ),
    ("a/b http/x", "a/b http/x", []),
    ("see https://x.example/a, ok", "see https://x.example/a, ok", [("url", "https://x.example/a")]),
    ("see example.com.", "see example.com.", [("url", "example.com")]),
    ("hello.World 1.5 e.g. this", "hello.World 1.5 e.g. this", []),
    (
        "#news @some_bot me@example.org",
        "#news @some_bot me@example.org",
        [("hashtag", "#news"), ("mention", "@some_bot"), ("email", "me@example.org")],
    ),
    ("#123", "#123", []),
    ("<code>/help</code> /help", "/help /help", [("code", "/help"), ("bot_command", "/help")]),
    (
        '<a href="https://x.example/">example.com</a>',
        "example.com",
        [("text_link", "example.com", "https://x.example/")],
    ),
]


@pytest.mark.parametrize(("text", "plain", "entities"), READINGS)
def test_a_text_becomes_what_telegram_makes_of_it(text, plain, entities):
    assert shown(text) == (plain, entities)


async def test_a_tag_gives_its_entity_in_the_answer(world):
    for text, kind in TAGS:
        sent = await world.result("sendMessage", chat_id=ADA, text=text, parse_mode="HTML")
        assert (sent["text"], sent["entities"]) == ("x", [{"offset": 0, "length": 1, "type": kind}])


@pytest.mark.parametrize(("text", "plain", "entities"), READINGS)
async def test_a_text_is_answered_with_what_telegram_makes_of_it(world, text, plain, entities):
    said = {"chat_id": ADA, "text": text, "parse_mode": "HTML"}
    if not plain:
        assert await world.refusal("sendMessage", **said) == (400, "Bad Request: text must be non-empty")
        return
    sent = await world.result("sendMessage", **said)
    assert (sent["text"], stretches(sent["text"], sent.get("entities", []))) == (plain, entities)


ERRORS = [
    ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
    ("ա<br>", 'Unsupported start tag "br" at byte offset 2'),
    ("😀<x>", 'Unsupported start tag "x" at byte offset 4'),
    ("1 < 2 > 1", 'Unsupported start tag "" at byte offset 2'),
    ("a <b", "Unclosed start tag at byte offset 2"),
    ("a <", "Unclosed start tag at byte offset 2"),
    ("<!-- x -->", 'Unsupported start tag "!--" at byte offset 0'),
    ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
    ("x</b>", "Unexpected end tag at byte offset 1"),
    ("<b>x</b", "Unclosed end tag at byte offset 4"),
    ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
    ("<a href=http://x.example>x</a>", "Unexpected end of name token at byte offset 8"),
    ("<a href", 'Unclosed start tag "a" at byte offset 0'),
    ('<a ="x">x</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
    ("<a href=", 'Unclosed start tag "a" at byte offset 0'),
    ('<a href="x', "Unclosed start tag at byte offset 0"),
    ('<span class="red">x</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    (
        "&#xd800;",
        (
            "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate"
            " code units"
        ),
    ),
]


@pytest.mark.parametrize(("text", "words"), ERRORS)
def test_what_is_wrong_is_said_in_telegrams_words(text, words):
    with pytest.raises(MarkupError) as caught:
        parse_html(text)
    assert str(caught.value) == words


@pytest.mark.parametrize(("text", "words"), ERRORS)
async def test_a_text_that_is_wrong_is_refused_in_telegrams_words(world, text, words):
    refusal = await world.refusal("sendMessage", chat_id=ADA, text=text, parse_mode="HTML")
    assert refusal == (400, f"Bad Request: can't parse entities: {words}")


def test_an_older_server_does_not_know_date_times():
    with pytest.raises(MarkupError, match='Unsupported start tag "tg-time" at byte offset 0'):
        parse_html('<tg-time unix="1700000000">x</tg-time>', date_time=False)


@pytest.mark.parametrize("time", ['unix="soon"', 'unix="-1"', ""])
def test_a_date_time_that_is_none_is_dropped(time):
    assert shown(f"<tg-time {time}>x</tg-time>") == ("x", [])


def test_a_time_format_that_is_none_is_refused():
    with pytest.raises(MarkupError, match="Invalid date format used"):
        parse_html('<tg-time unix="1700000000" format="Q">x</tg-time>')


def test_offsets_count_utf16_units():
    assert read("😀😀 <b>x😀</b> y <i>z</i>").entities == [
        {"offset": 5, "length": 3, "type": "bold"},
        {"offset": 11, "length": 1, "type": "italic"},
    ]


def test_what_is_removed_moves_the_entities():
    assert shown("\r\r  a\r<b>b\rc</b>") == ("abc", [("bold", "bc")])


def test_entities_beyond_a_hundred_are_dropped_silently():
    result = read(" ".join(f"<b>{number}</b>" for number in range(120)))
    assert len(result.entities) == 100
    assert result.text.endswith(" 119")


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029"))


@given(TEXTS)
def test_escaped_text_comes_back_as_it_was(text):
    assert parse_html(html.escape(text)) == (text, [])


@given(st.lists(st.tuples(st.sampled_from(["bold", "italic", "code", "spoiler", "blockquote"]), TEXTS), max_size=6))
def test_entities_handed_in_are_those_read_from_html(parts):
    tags = {"bold": "b", "italic": "i", "code": "code", "spoiler": "tg-spoiler", "blockquote": "blockquote"}
    source = "|".join(f"<{tags[kind]}>{html.escape(text, quote=False)}</{tags[kind]}>" for kind, text in parts)
    result = read(source)
    again = formatted(result.text, spans_of(result.text, result.entities))
    assert again == result


@given(TEXTS)
def test_entities_never_reach_beyond_the_text(text):
    result = formatted(text, [])
    size = len(result.text.encode("utf-16-le")) // 2
    assert all(0 <= entity["offset"] < entity["offset"] + entity["length"] <= size for entity in result.entities)
