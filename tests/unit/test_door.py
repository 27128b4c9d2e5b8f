import pytest

from bot.intake.parsing.door import (
    absolute_link,
    author_names,
    language_code,
    title_from_text,
    title_of_html,
    topic_names,
)
from bot.intake.parsing.prose import text_of_html

BASE = "https://courier.example/valley/today.html"


@pytest.mark.parametrize(
    ("html", "paragraphs"),
    [
        ("<p>One</p><p>Two</p>", ["One", "Two"]),
        ("One<br>Two", ["One Two"]),
        ("One.<br>Two", ["One.", "Two"]),
        ("One<br><br>Two", ["One", "Two"]),
        ("One<br> <br/>\n<br>Two", ["One", "Two"]),
        ("Ripe:<br>- wheat<br>- rye", ["Ripe:", "- wheat", "- rye"]),
        ("1. wheat<br>2. rye", ["1. wheat", "2. rye"]),
        ("<ol><li>wheat<li>rye</ol>after", ["- wheat", "- rye", "after"]),
        ("<ul><li><p>wheat</p><p>and more</p></li></ul>", ["- wheat", "and more"]),
        ("<blockquote>Said he</blockquote>She said", ["Said he", "She said"]),
        ("<dl><dt>Wheat</dt><dd>ripe</dd></dl>", ["Wheat", "ripe"]),
        ("<table><tr><td><p>North</p><td>12<tr><td>South<td>15</table>", ["North | 12", "South | 15"]),
        ("<pre>a  b\n  c</pre>d", ["a b", "c", "d"]),
        ("<p>It&rsquo;s &amp;amp; was &#8212; ok</p>", ["It’s & was — ok"]),
        ("<p>a < b & c > d</p>", ["a < b & c > d"]),
        ("<p>Use &lt;b&gt; for bold</p>", ["Use <b> for bold"]),
        ("&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two&lt;/p&gt;", ["One", "Two"]),
        ("<p>One<script>x</script><style>y</style><!-- z --></p>", ["One"]),
        ("<p>One</p><p hidden>Two</p><div style='DISPLAY : none'><p>Three</p></div><p>Four</p>", ["One", "Four"]),
        ("<svg><text>logo</text></svg><math>x</math><video>no video</video>One", ["One"]),
        ("<figure><img src=x.jpg><figcaption>The ferry</figcaption></figure>One", ["The ferry", "One"]),
        ("<p>&nbsp;</p><p>-</p><p>***</p><p>One</p>", ["One"]),
        ("<html><head><title>No</title></head><body>One</body></html>", ["One"]),
        ("<p>One <b>two <i>three</b> four</i></p></div></p>five", ["One two three four", "five"]),
        ("<a href=x>One</a><a href=y>two</a>", ["Onetwo"]),
        ("", []),
    ],
)
def test_html_says_its_paragraphs(html: str, paragraphs: list[str]) -> None:
    assert list(text_of_html(html).paragraphs) == paragraphs


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        ("a.html", "https://courier.example/valley/a.html"),
        ("?page=2", "https://courier.example/valley/today.html?page=2"),
        ("//cdn.example/a", "https://cdn.example/a"),
        ("HTTP://Courier.example/A", "http://Courier.example/A"),
        ("https://courier.example/a\n  b", "https://courier.example/a%20%20b"),
        ("https://u:p@courier.example:8080/a", "https://courier.example:8080/a"),
        ("#top", ""),
        ("", ""),
        ("JavaScript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("mailto:ann@courier.example", ""),
        ("ftp://courier.example/a", ""),
        ("http://[::1", ""),
        ("https://courier.example/\u202egpj.exe", ""),
        ("feed:https://courier.example/a", "https://courier.example/a"),
    ],
)
def test_links_become_absolute_or_none(link: str, absolute: str) -> None:
    assert absolute_link(link, BASE) == absolute


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("The ferry sails again. It is blue.", "The ferry sails again"),
        ("Oh! Look at that ferry. It is blue.", "Oh! Look at that ferry"),
        ("One line\n\nAnother", "One line"),
        ("- first of a list\n\n- second", "first of a list"),
        (
            "word " * 40,
            "word word word word word word word word word word word word word word word word word word word word…",
        ),
        ("ա" * 300, "ա" * 100 + "…"),
        (
            "老城区新开三家书店。周末营业。三家书店都在河边，晚上也开门。",
            "老城区新开三家书店。周末营业。三家书店都在河边，晚上也开门。",
        ),
        ("Will it sail? Yes.", "Will it sail? Yes"),
        ("\u200b\n\nText", "Text"),
        ("", ""),
    ],
)
def test_a_title_is_made_of_a_text(text: str, title: str) -> None:
    assert title_from_text(text) == title


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<b>Ferry</b>&nbsp;back", "Ferry back"),
        ("Ferry<br>back", "Ferry back"),
        ("Ferry &lt;3 bridge", "Ferry <3 bridge"),
        ("<img src=x>", ""),
        ("<script>x</script>Ferry", "Ferry"),
    ],
)
def test_a_title_of_html(html: str, title: str) -> None:
    assert title_of_html(html) == title


def test_names_and_topics_are_bounded_and_each_once() -> None:
    assert author_names(["Ann K.", "ann k.", "x@y.example", "z" * 300, "https://a.example/"]) == ("Ann K.",)
    assert topic_names(["A" * 500, "a, b", "b"]) == ("a" * len(topic_names(["A" * 500])[0]), "a", "b")


@pytest.mark.parametrize(
    ("text", "code"), [("en-GB", "en"), ("xx", ""), ("x-klingon", ""), ("Русский", "ru"), ("x" * 99, "")]
)
def test_a_language_is_a_code_or_none(text: str, code: str) -> None:
    assert language_code(text) == code
