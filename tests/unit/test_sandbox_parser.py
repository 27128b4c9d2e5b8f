"""The sandbox's parser beside Telegram's own (TDLib): the same text and entities, or an error of the same words."""

import html
import string

import pytest
import telegram_parser
from hypothesis import given
from hypothesis import strategies as st
from telegram_parser import TelegramError

from bot.sandbox.entities import formatted
from bot.sandbox.markup import MarkupError, parse_html
from bot.sandbox.urls import LinkError, checked_link, person_of

NEWS = (
    '<b>Կառավարությունը հաստատեց</b>\n<i>24 нояб.</i> · <a href="https://news.example/a?b=1&amp;c=2">News</a>\n\n'
    "<blockquote expandable>Первый абзац. Второй — «с кавычками» &amp; знаками.\n#экономика @news_bot /latest"
    '</blockquote>\n<tg-time unix="1700000000" format="wDT">14 ноября</tg-time>'
)

TAGS = [
    *(f"<{tag}>x</{tag}>" for tag in ("b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "tg-spoiler")),
    *(f"<{tag}>x</{tag}>" for tag in ("code", "pre", "blockquote", "B", "Strong", "TG-SPOILER")),
    *(f"<{tag}>x</{tag}>" for tag in ("p", "div", "h1", "li", "ul", "tt", "sub", "sup", "q", "mark", "small", "span")),
    *("<br>", "<br/>", "<hr>", '<img src="x">', "<script>x</script>", "<b/>", "<b />", "<tg-spoiler/>", "<x>", "<й>"),
    *(
        "<>",
        "< >",
        "<>x</>",
        "<!-- x -->",
        "<!DOCTYPE html>",
        "<?xml?>",
        "<b\x0b>x</b>",
        "<b\x0c>x</b>",
        "<b\n>x</b\n>",
    ),
    '<span class="tg-spoiler">x</span>',
    '<span class="red">x</span>',
    "<span class=tg-spoiler>x</span>",
    "<span class=TG-SPOILER>x</span>",
    '<span class="TG-SPOILER">x</span>',
    '<span CLASS="tg-spoiler">x</span>',
    "<tg-spoiler>x</span>",
    "<details>x</details>",
]
ENDS = [
    *(
        "</",
        "</>",
        "</ >",
        "</b",
        "</b>",
        "x</b>",
        "<b>x</b",
        "<b>x</",
        "<b>x</>",
        "<b>x</ >",
        "<b>x</\n>",
        "<b>x</b >",
    ),
    *("<b>x</ b>", "<b>x</b y>", "<b>x</b\x0b>", "<b>x</ж>", "<b>x", "<b><i>x</i>", "<b><i>x</b></i>", "<b>x<i>y</b>"),
    *("<u>x</ins>", "<strong>x</b>", "<em>x</i>", "<del>x</s>", "<strike>x</strike>", "<B>x</b>", "<b>x</B>"),
    *(
        "<b",
        "<b ",
        "<b x",
        "<b x ",
        "<b x=",
        "<b x= ",
        "<b x=y",
        "<b x=y ",
        '<b x="',
        '<b x="y',
        '<b x="y"',
        '<b x="y" ',
    ),
    *(
        "<",
        "a <",
        "a < b",
        "1 < 2 > 1",
        "a<b",
        "<<b>>",
        "<b><</b>",
        "x>y",
        "x > y",
        "x>>y",
        "<b>></b>",
        "😀<i",
        "😀</i>",
    ),
    *("ա<br>", "<b>😀", "\u200b<b", "<b>&lt;/b></b>", "&lt;b&gt;"),
]
ATTRIBUTES = [
    f"<b {attribute}>q</b>"
    for attribute in (
        *("x", "x y", "x=", "x= ", "x=y", "x=y z", "x = y", 'x="y"', "x='y'", 'x=""', 'x="1"y="2"', 'x="<"', 'x=">"'),
        *("/", "x /", "x/", '"x"', 'x"y"', 'x=y"z"', "x.y-z_w=1", "x_y", 'x:y="1"', 'ж="1"', '1="2"', "x=y_z", "x=ж"),
        *("=", "==", "x==y", "x=y/z", "x<y", "<", 'x="&lt;"', 'x="&#0;"', 'x X="1"', "expandable", "expandable=1"),
    )
]
QUOTES = [
    *(
        f"<blockquote {how}>x</blockquote>"
        for how in ("expandable", 'expandable=""', 'expandable="false"', "EXPANDABLE")
    ),
    *(
        f"<blockquote {how}>x</blockquote>"
        for how in ("expandable ", 'cite="x" expandable', 'expandable cite="x"', "x")
    ),
    *("<blockquote expandable", "<blockquote expandable/>x</blockquote>", "<blockquote  expandable\n>x</blockquote>"),
    "<blockquote>a<blockquote>b</blockquote></blockquote>",
    "<blockquote expandable><blockquote>b</blockquote></blockquote>",
    "<blockquote><blockquote expandable>b</blockquote></blockquote>",
    "<blockquote>a</blockquote><blockquote>b</blockquote>",
    "<blockquote>a</blockquote>\n<blockquote expandable>b</blockquote>",
    "<blockquote><b>a</b> b</blockquote>",
    "<b><blockquote>a</blockquote> b</b>",
    '<blockquote><a href="x.am">a</a></blockquote>',
    '<a href="x.am">q<blockquote>a</blockquote></a>',
    "<blockquote>#tag</blockquote> @mention_me",
    "<b>x</b><blockquote>/help x.am</blockquote>",
    "<pre>x<blockquote>y</blockquote></pre>",
    "<blockquote><pre>x</pre></blockquote>",
]
CODE = [
    '<pre><code class="language-python">x = 1</code></pre>',
    '<code class="language-a"><pre>y</pre></code>',
    '<code class="language-a">y</code>',
    '<pre class="language-a">y</pre>',
    '<pre class="language-a"><code>y</code></pre>',
    '<pre><code class="language-c++">x</code></pre>',
    '<pre><code class="language-a b">x</code></pre>',
    '<pre><code class="language-">x</code></pre>',
    '<pre><code class="x">y</code></pre>',
    "<pre><code class=language-a>x</code></pre>",
    '<pre><code class="LANGUAGE-a">x</code></pre>',
    '<pre> <code class="language-a">y</code></pre>',
    '<pre><code class="language-a">y</code> </pre>',
    '<pre><code class="language-a">x</code><code>y</code></pre>',
    '<pre><code class="language-a"></code></pre>x',
    '<pre><b><code class="language-a">x</code></b></pre>',
    "<code>a <b>b</b></code>",
    "<b>a<code>b</code>c</b>",
    "<pre>x<i>y</i></pre>",
    "<i>x<pre>y</pre>z</i>",
    '<a href="x.am"><code>x</code></a>',
    '<code><a href="x.am">x</a></code>',
    "<code>/help x.am</code> /help",
    "<pre>a</pre><pre>b</pre>",
    "<code>a</code><code>b</code>",
]
NESTED = [
    "<b>a<i>b</i></b>",
    "<b><i>a</i>b</b>",
    "<b><i>a</i></b>",
    "<i><b>a</b></i>",
    "<b>a</b><b>b</b>",
    "<b>a</b> <b>b</b>",
    "<b>a<b>b</b>c</b>",
    "<b>a<i>b<u>c<s>d<tg-spoiler>e</tg-spoiler></s></u></i></b>",
    "<s><u>x</u>y</s><u>z</u>",
    '<b>x <a href="x.am">y</a> z</b>',
    '<a href="x.am">x<a href="y.am">y</a></a>',
    '<a href="x.am"><b>x</b></a>',
    '<b><a href="x.am">x</a></b>',
    "<b>see x.am now</b>",
    "<b>/help <i>#tag</i></b>",
    '<a href="x.am">/help x.am</a>',
    "<b></b>x",
    "<b> </b>x",
    "<b>\n</b>x",
    "  <b> x </b> ",
    " x ",
    "\n\nx\n",
    "x<b> </b>",
    "x <i> y</i>\n\n",
    "<b>x </b> <i> </i>",
    '<a href="x.am"> </a>x',
    "<code> </code>x",
    "<pre>\n</pre>x",
    "\t<b>x</b>",
]
NUMBERED = [
    f"&#{number};x"
    for number in (
        *("0", "1", "9", "10", "13", "32", "65", "127", "128", "160", "0065", "000000065", "0000000065", "1114109"),
        *("1114110", "1114111", "1114112", "55296", "57343", "65533", "65535", "xFFFD", "x10FFFE", "x110000", "xD800"),
        *("x41", "X41", "x0041", "x00000041", "x", "", "-5", "1a", "xG", "x1G", "128512", "x1F600", "8203", "8238"),
    )
]
NAMED = [
    *("&lt;", "&gt;", "&amp;", "&quot;", "&apos;", "&nbsp;", "&copy;", "&hellip;", "&mdash;", "&LT;", "&Lt;", "&AMP;"),
    *(
        "&lt",
        "&lt ",
        "&lt;&gt",
        "&quot",
        "&amp",
        "&ampx",
        "&ltx;",
        "&",
        "&&",
        "&;",
        "&#;",
        "&#x;",
        "& amp;",
        "&amp;amp;",
    ),
    *("&#65", "&#65x", "&#x41", "&#55357;&#56832;", "a & b", "a&b=c", "AT&T", "&lt;&lt;<b>&lt;</b>"),
]
HREFS = [
    f'<a href="{html.escape(url)}">go</a>'
    for url in (
        *(
            "http://x",
            "https://x.y",
            "x.y",
            "HTTP://X.Y/Z",
            "//x.y",
            "/x",
            "x",
            "x:80",
            "x.y:99999",
            "x.y:0",
            "x.y:080",
        ),
        *(
            "mailto:a@b.c",
            "mailto:a",
            "a@b.c",
            "tel:+1",
            "tg:resolve?domain=x",
            "tg://resolve?domain=a",
            "tg:",
            "tg://",
        ),
        *(
            "tg://user?id=5",
            "tg://user?id=0",
            "tg://user?id=x",
            "tg:user?id=7",
            "tg://USER?x=1&ID=5",
            "tg://user/?id=5",
        ),
        *(
            "ton://a",
            "ton:transfer/ABC?x=1",
            "tonsite://A.ton/X",
            "ftp://a.b",
            "javascript:alert(1)",
            "data:text/html,x",
        ),
        *("http://a b.c", "http://a.b/c d", "http://a.b?x", "http://a.b#x", "http://[::1]/", "[::1]:80", "http://[x]/"),
        *(
            "http://user:pw@a.b/",
            "http://@a.b",
            "http://u@",
            "http://a..b",
            "http://.a.b",
            "a.b.",
            "http://-a.b",
            "a_b.c",
        ),
        *("http://пример.рф/путь", "http://xn--e1afmkfd.xn--p1ai", "HTTPS://Example.COM/Path?Q=1#F", "http://a.b/%20"),
        *(
            "",
            " http://a.b",
            "http://a.b\n",
            "http://127.0.0.1:8080/x",
            "localhost",
            "http://localhost:80/",
            "http:a.b",
        ),
        *(
            "http:///a.b",
            "x://y.z",
            "http://",
            "t.me/x",
            "@user",
            "?x",
            "http://a.b/😀",
            "http://😀.com",
            "http://%61.b",
        ),
        *(
            "http://a%zz.b",
            "http://a,b.c",
            "http://a;b.c",
            "http://a\\b.c",
            "http://a.b:x",
            "1.2.3.4",
            "http://1",
            'a.b"c',
        ),
    )
] + [
    *("<a>x.am/y</a>", "<a>x</a>", "<a></a>x", '<a href="">x.am</a>', '<a name="x">x.am</a>', '<a HREF="x.am">y</a>'),
    *(
        "<a href=http://x.am>y</a>",
        "<a href=x.am>y</a>",
        "<a href='x.am'>y</a>",
        "<a href>x</a>",
        '<a href="x.am"c>y</a>',
    ),
    *('<a href="x.am" href="y.am">z</a>', '<a href ="x.am">y</a>', '<a href= "x.am">y</a>', '<a  href="x.am">y</a>'),
]
# tdjson 1.8.69 knows `tg-time`; an older one would refuse the tag.
TIMES = [
    f'<tg-time unix="{unix}" format="{shape}">t</tg-time>'
    for unix in ("1700000000", "0")
    for shape in ("", "r", "w", "d", "D", "t", "T", "wDT", "td", "dD", "Tt", "TDw", "R", "rw", "x", "d ", "WDT")
] + [
    f'<tg-time unix="{unix}">t</tg-time>'
    for unix in (
        "1",
        "-1",
        "2147483647",
        "2147483648",
        "4294967297",
        "99999999999",
        "x",
        "1x",
        "+1",
        " 1",
        "01",
        "1.5",
        "",
    )
]
TIMES += ["<tg-time>t</tg-time>", "<tg-time unix=5>t</tg-time>", '<tg-time unix="5" format>t</tg-time>', "<tg-time/>"]
EMOJI = [
    f'<tg-emoji emoji-id="{number}">👍</tg-emoji>'
    for number in ("5368324170671202286", "0", "-5", "x", "", "05", " 5", "9223372036854775808", "18446744073709551615")
] + ["<tg-emoji>x</tg-emoji>", "<tg-emoji emoji-id=5>x</tg-emoji>", '<tg-emoji emoji-id="x"></tg-emoji>']
CHARACTERS = [
    *(
        "a\rb\tc\x07d\u2028e",
        "\u202e<b>x</b>",
        "\r\r  a\r<b>b\rc</b>",
        "<b>\r</b>x",
        "<b>a</b>\r<b>b</b>",
        "Z\u030aW\u0333",
    ),
    *(
        "\u200bx",
        "a\u200d<b>b</b>",
        "<b>שלום</b> abc",
        "<i>مرحبا</i> #وسم",
        "😀😀 <b>x😀</b> y <i>z</i>",
        "👨‍👩‍👧<b>👨‍👩‍👧</b>",
    ),
    *(
        "🇦🇲<b>Հայ</b>",
        "e\u0301<b>e\u0301</b>",
        "\ufeff<b>x</b>",
        "\u00a0<b>x</b>\u00a0",
        "x" * 5000,
        "<b>" + "ա" * 4096 + "</b>",
    ),
    " ".join(f"<b>{number}</b>" for number in range(99)),
    "<b>" * 50 + "x" + "</b>" * 50,
    "<b><i>" * 30 + "x" + "</i></b>" * 30,
    NEWS,
]
FOUND = [
    *(
        "/help",
        "/help@some_bot",
        "/help@ab",
        "a/b",
        "/a/b",
        "/" + "x" * 65,
        "</help>",
        "(/help)",
        "/помощь",
        "/x_1.",
        "x /y",
    ),
    *(
        "@user",
        "@abc",
        "@gif",
        "@GIF",
        "a@user",
        "@user_name1",
        "@" + "x" * 33,
        "@user@name",
        "(@user)",
        "@юзер",
        "@user,",
    ),
    *(
        "#tag",
        "#1",
        "#1a",
        "a#tag",
        "#tag#tag",
        "#тег_1",
        "#" + "x" * 300,
        "#a·b",
        "#tag@user",
        "#tag@ab",
        "##tag",
        "#½a",
    ),
    *("$USD", "$usd", "$TOOLONGXX", "$1INCH", "a$USD", "$USD$", "$USD,", "US$", "$A"),
    *("a@b.com", "mailto:a@b.com", "a.b+c@d.co.uk", "a@b", "a@b.c", "a@b.com.", "<a@b.com", "(a@b.com)", "a@b_c.com"),
    *(
        "x.am",
        "http://x.am",
        "https://x.am/",
        "ftp://x.am",
        "sftp://x.am",
        "shttp://x.am",
        "xhttp://x.am",
        "tg://x",
        "ton://x/y",
    ),
    *(
        "x.am.",
        "x.am,",
        "x.am/",
        "x.am/a.",
        "x.am/(a)",
        "(x.am/a)",
        "x.am/a)b",
        "x.am?a=1",
        "x.am#a",
        "x.am?",
        "x.am:80/a",
    ),
    *(
        "x.am:99999",
        "user:pw@x.am",
        "http://user@x.am/",
        "x.unknown",
        "http://x.unknown",
        "x.World",
        "X.COM",
        "x.Am",
        "1.2.3.4",
    ),
    *(
        "1.2.3",
        "256.1.1.1",
        "1.5",
        "e.g. this",
        "hello.World 1.5",
        "www.x.am",
        "t.me/joinchat/x",
        "пример.рф",
        "http://é.com",
    ),
    *(
        "«x.am»",
        '"x.am"',
        "x.am»",
        "x.am…",
        "x.am!",
        "x.am'",
        "_x.am",
        "-x.am",
        "x-.am",
        "x_y.am",
        "a.x_y.am",
        "x.xn--p1ai",
    ),
    *(
        "http://localhost",
        "http://x",
        "//x.am",
        "/x.am",
        "#x.am",
        "@x.am",
        "x..am",
        ".x.am",
        "x.am😀",
        "😀x.am",
        "x.am/😀",
    ),
    *(
        "see https://x.am/a, ok",
        "a.am b.am c.am",
        "a.am@b.am",
        "a@b.am@c.am",
        "x.am\ny.am",
        "https://x.am/?a=[b]&c={d}",
    ),
]
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
    *(html.escape(text) for text in FOUND),
]


def test_there_are_cases_enough():
    assert len(set(CASES)) > 500


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
        ),
        *("https://x.am/a", "me@x.am"),
    ]
)
OPEN_TAGS = [
    *("<b>", "<i>", "<u>", "<s>", "<code>", "<pre>", "<blockquote expandable>", "<tg-spoiler>"),
    *('<a href="http://x.am/">', '<code class="language-x">'),
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
    return "a person" if person_of(url) else url


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


def test_top_level_domains_are_known_as_telegram_knows_them():
    labels = [a + b for a in string.ascii_lowercase for b in string.ascii_lowercase]
    ours = [label for label in labels if formatted(f"x.{label}", []).entities]
    assert ours == [label for label in labels if telegram_parser.found(f"x.{label}")]
