import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.intake.parsing.clean import clean_link
from bot.intake.parsing.discovery import find_feeds, usual_places
from bot.intake.parsing.entries import FoundFeed

PAGE = "https://courier.example/valley/index.html"
FEED = "https://courier.example/feed"
PIECES = (
    *("<link ", "<a ", "rel=alternate ", "type='application/rss+xml' ", "href=", "/feed", "http://[", ">", "'", '"'),
    *("<!--", "-->", "<script>", "\0", "é"),
)


def found(html: str | bytes) -> list[str]:
    data = html if isinstance(html, bytes) else html.encode()
    return [feed.url for feed in find_feeds(data, content_type="text/html", url=PAGE)]


@pytest.mark.parametrize(
    ("html", "urls"),
    [
        ('<link rel="alternate" type="application/rss+xml" href="/feed">', [FEED]),
        (
            '<link rel="alternate" type="application/atom+xml" href="atom.xml"/>',
            ["https://courier.example/valley/atom.xml"],
        ),
        (
            '<link rel="alternate" type="application/feed+json" href="/feed.json">',
            ["https://courier.example/feed.json"],
        ),
        ('<LINK TYPE="Application/RSS+XML" HREF=/feed REL=Alternate>', [FEED]),
        ('<link rel="alternate home" type="application/rss+xml; charset=utf-8" href=" /feed\n">', [FEED]),
        ('<link rel="alternate" type="text/xml" href="/feed">', [FEED]),
        ('<link rel="alternate" type="application/x-rss+xml" href="/latest">', ["https://courier.example/latest"]),
        ('<link rel="alternate" type="text/rdf" href="/latest">', ["https://courier.example/latest"]),
        ('<link rel="alternate" type="application/rss+xml" href="/feed?a=1&amp;b=2">', [f"{FEED}?a=1&b=2"]),
        (
            '<base href="https://other.example/x/"><link rel=alternate type="application/rss+xml" href="feed">',
            ["https://other.example/x/feed"],
        ),
        ('<body><p>Hello<link rel="alternate" type="application/rss+xml" href="/feed"></body>', [FEED]),
        ('<head><link rel="alternate" type="application/rss+xml" href="/feed" <title>x</title>', []),
        ('<a href="/rss.xml">RSS</a>', ["https://courier.example/rss.xml"]),
        ('<a href="https://courier.example/?feed=rss2">RSS</a>', ["https://courier.example/?feed=rss2"]),
        ('<a href="https://feeds.courier.example/main">RSS</a>', ["https://feeds.courier.example/main"]),
        ('<a type="application/rss+xml" href="/stream">RSS</a>', ["https://courier.example/stream"]),
        ('<a href="/rss/culture/">RSS</a>', ["https://courier.example/rss/culture/"]),
        ('<link type="application/rss+xml" href="/feed">', [FEED]),
        ('<link rel="alternate" type="text/xml" title="RSS" href="/news">', ["https://courier.example/news"]),
        ('<link rel="alternate" type="text/xml" title="Map" href="/news">', []),
        ('<link rel="alternate" type="rss" href="/news">', ["https://courier.example/news"]),
        ('<link rel="alternate" type="application/rss xml" href="/news">', ["https://courier.example/news"]),
        ('<link rel="alternate stylesheet" type="application/rss+xml" href="/feed">', []),
        ('<a href="/index.php?feed=RSS2.0">x</a>', ["https://courier.example/index.php?feed=RSS2.0"]),
        ('<link rel="stylesheet" type="text/css" href="/feed">', []),
        ('<link rel="alternate" hreflang="ru" href="/ru/">', []),
        ('<link rel="alternate" type="application/json+oembed" href="/wp-json/oembed/1.0?url=feed">', []),
        ('<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">', []),
        ('<a href="/feedback">Write to us</a><a href="/about/rss.html">About RSS</a><a href="/breed/">x</a>', []),
        ('<!-- <link rel="alternate" type="application/rss+xml" href="/old"> -->', []),
        ('<script>var x = \'<link rel="alternate" type="application/rss+xml" href="/js">\'</script>', []),
        ('<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">', []),
        ('<link rel="alternate" type="application/rss+xml" href="https://a:b@courier.example/feed">', [FEED]),
        ('<link rel="alternate" type="application/rss+xml">', []),
        ("", []),
    ],
)
def test_feeds_that_a_page_names(html: str, urls: list[str]) -> None:
    assert found(html) == urls


def test_each_feed_is_named_once_those_of_comments_last_and_guesses_after_what_is_said() -> None:
    html = (
        '<link rel="alternate" type="application/rss+xml" title="Comments on Valley" href="/comments/feed/">'
        '<a href="/rss.xml">RSS</a><a href="/feed">The feed</a>'
        '<link rel="alternate" type="application/rss+xml" title="Valley &amp;amp; hills" href="/feed">'
    )
    assert find_feeds(html.encode(), content_type="", url=PAGE) == (
        FoundFeed(FEED, "Valley & hills"),
        FoundFeed("https://courier.example/rss.xml"),
        FoundFeed("https://courier.example/comments/feed/", "Comments on Valley"),
    )


def test_a_page_in_another_encoding_says_its_titles() -> None:
    html = '<meta charset="windows-1251"><link rel=alternate type="application/rss+xml" title="Новости" href="/feed">'
    assert find_feeds(html.encode("cp1251"), content_type="text/html", url=PAGE) == (FoundFeed(FEED, "Новости"),)


def test_a_thousand_feeds_are_the_first_fifty() -> None:
    html = "".join(f'<link rel="alternate" type="application/rss+xml" href="/{i}/feed">' for i in range(1_000))
    assert found(html) == [f"https://courier.example/{i}/feed" for i in range(50)]


def test_the_usual_places_lie_below_the_page_and_at_the_root() -> None:
    places = usual_places("https://courier.example/valley/?page=2")
    assert places[0] == "https://courier.example/valley/feed"
    assert {"https://courier.example/rss.xml", "https://courier.example/atom.xml"} <= set(places)
    assert len(set(places)) == len(places)


def test_nothing_is_usual_for_what_is_no_address() -> None:
    assert usual_places("mailto:ann@courier.example") == ()


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_any_page_names_clean_addresses(parts: list[str]) -> None:
    for url in found("".join(parts)):
        assert clean_link(url) == url
