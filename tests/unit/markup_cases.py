"""HTML for Telegram, good and bad: what the sandbox's parser is compared with Telegram's own on."""

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
# Times hold no formatting; of two spans over the same stretch one is the outer one.
SETTLED = [
    f"{before}{outer}{inner}{after}"
    for outer, inner, after in (
        ("<b>", '<tg-time unix="5" format="t">x</tg-time> y', "</b>"),
        ("<b>y ", '<tg-time unix="5">x</tg-time>', "</b>"),
        ('<tg-time unix="5">', "a<b>x</b>", "</tg-time>"),
        ('<tg-time unix="5">', "a<code>x</code>", "</tg-time>"),
        ('<tg-time unix="5">', "<code>x</code>", "</tg-time>"),
        ('<tg-time unix="5">', '<a href="x.am">x</a>', "</tg-time>"),
        ('<a href="x.am">', '<tg-time unix="5">x</tg-time>', "</a>"),
        ('<a href="tg://user?id=7">', '<tg-time unix="5">x</tg-time>', "</a>"),
        ('<tg-emoji emoji-id="5">', '<tg-time unix="5">😀</tg-time>', "</tg-emoji>"),
        ("<blockquote>", '<tg-time unix="5">x</tg-time>', "</blockquote>"),
        ('<tg-time unix="5">', "<blockquote expandable>x</blockquote>", "</tg-time>"),
        ("<blockquote>a", '<a href="x.am">b<b>c</b></a>', "d</blockquote>"),
        ('<a href="x.am">a', "<blockquote>b</blockquote>", "c</a>"),
        ('<code class="language-x">', "<pre><pre>x</pre></pre>", "</code>"),
        ("<pre>", '<pre><code class="language-x">x</code></pre>', "</pre>"),
        ("<u>a", '<tg-emoji emoji-id="5">😀</tg-emoji>b', "</u>"),
        ("<tg-spoiler>a", "<pre>b</pre>c<code>d</code>", "</tg-spoiler>"),
    )
    for before in ("", "<i>q</i> ", "\n ")
]
# Marks of direction, half characters, what is cut around entities.
MARKS = [
    *(
        "a\u200f\u200f",
        "\u200e\u200ea",
        "\u200f\r\u200fa",
        "\u200f\u202e\u200fa",
        "\u200f\x07\u200fa",
        "\u200e\n\u200ea",
    ),
    *(
        "<b>a\u200f</b>\u200f",
        "a\u200e\u200f\u200eb",
        "\u2067<b>שלום</b>\u2069",
        "\u2068<i>x</i>\u2069 y",
        "\u061ca\u061c",
    ),
    *("<a>x.am&#xd83d;</a>", "&#xdc00;<b>x</b>", "<b>x</b>&#55357;", "&#xd83d;&#xde00;", "&#x1f1e6;&#x1f1f2;"),
    *(
        "x<b>\n</b>",
        "<b>x</b>\n\n<i> </i>",
        " <code> x </code> ",
        "\n<pre>\n x\n</pre>\n",
        "<u>\t</u>x",
        "x<s>\x00</s>",
    ),
    *(
        "<blockquote>x\n</blockquote>\ny",
        "<blockquote>\n</blockquote>x",
        "x\n<blockquote> </blockquote>",
        "<b>x\r\n</b>y",
    ),
    *(
        "&#13;<b>x</b>",
        "&#10;<b>x</b>",
        "&#32;<b>x</b>&#32;",
        "&#8232;x",
        "&#8238;<b>x</b>",
        "<b>&#8203;</b>x",
        "&#0;",
        "&#1;x",
    ),
    *("<Ж>", "</Ж>", "<b Ж>x</b>", "<ТЕГ>x</ТЕГ>", "<İ>", "<ſ>x</s>", "<b>x</B>", "<CODE>x</code>"),
    '<span class="tg-spoiler" class>x</span>',
    '<span class="tg-spoiler" class="red">x</span>',
    '<span class="red" class="tg-spoiler">x</span>',
    '<span class="tg-other">x</span>',
    '<code class="language-x" class="y">x</code>',
    '<pre><code class="y" class="language-x" class>x</code></pre>',
    '<a href="x.am" href>x</a>',
    '<a href href="x.am">x</a>',
    '<a href="x.am" href="">x</a>',
    '<tg-time unix="5" unix>x</tg-time>',
    '<tg-emoji emoji-id="5" emoji-id>😀</tg-emoji>',
    "<b>" * 120 + "x" + "</b>" * 120,
    "".join(f"<b>{'<i>' * depth}x{'</i>' * depth}</b> " for depth in range(8)),
    "<blockquote>" * 9 + "x" + "</blockquote>" * 9,
    " ".join(f'<a href="x.am/{number}">{number}</a>' for number in range(99)),
]
