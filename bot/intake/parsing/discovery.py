"""Which feeds a page names, and where a site that names none usually keeps them."""

import re
from urllib.parse import urljoin, urlsplit

from bot.intake.parsing.decoding import decode
from bot.intake.parsing.door import absolute_link, title_of_text
from bot.intake.parsing.entries import FoundFeed
from bot.intake.parsing.markup import tags

FOUND_LIMIT = 50
_TAGS_LIMIT = 50_000
# `application/rss+xml`, `application/x.atom+xml`, `text/rdf`, `application/feed+json` and what else people write.
_TYPE = re.compile(r"(?:^|[/.+-])(?:rss|atom|rdf)(?:$|[+ ])|(?:^|/)feed\+json$")
# These say only how it is written; the address has to say that it is a feed.
_VAGUE_TYPES = {"application/xml", "text/xml", "application/json", ""}
_TITLE = re.compile(r"\b(?:rss|atom|feed)\b", re.IGNORECASE)
# An address that looks like a feed: .../feed, .../rss.xml, .../news.atom, ?feed=rss2, feeds.example.org/...
_FEED_PATH = re.compile(
    r"(?:^|[/._-])(?:rss[0-9]*|atom|feed|feeds|rdf)(?:/?$|\.(?:xml|php|aspx?|json)$|/[\w-]*/?$)"
    r"|\.(?:rss|atom|rdf)$|(?:^|/)(?:index|news)\.xml$",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(
    r"(?:^|&)(?:feed|format|output|alt)=(?:rss2?(?:\.0)?|atom|feed|rdf|json-?feed)(?:&|$)", re.IGNORECASE
)
_NO_FEED = re.compile(r"oembed|/wp-json|sitemap|\.(?:html?|jpe?g|png|gif|css|js|pdf)$", re.IGNORECASE)
_COMMENTS = re.compile(r"comment|коммент|yorum|şərh|մեկնաբան|კომენტარ", re.IGNORECASE)
_USUAL = (
    *("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed/", "/feeds/posts/default"),
    *("/feed.json", "/rss/news.xml", "/news/rss", "/?feed=rss2"),
)


def find_feeds(data: bytes, *, content_type: str, url: str) -> tuple[FoundFeed, ...]:
    """The feeds that a page names, the likeliest first, feeds of comments last; at most 50. Never raises."""
    text = decode(data, content_type)
    base = url
    named: dict[str, FoundFeed] = {}
    linked: dict[str, FoundFeed] = {}
    for tag, _ in tags(text, _TAGS_LIMIT):
        name = tag.name.lower()
        if tag.closing or name not in {"link", "a", "base", "atom:link"}:
            continue
        values = tag.values()
        if name == "base":
            base = absolute_link(values.get("href", ""), url) or base
            continue
        if name != "a" and values.get("rel", "").strip():
            if found := _named(values, base):
                named.setdefault(found.url, found)
        elif found := _linked(values, base):
            linked.setdefault(found.url, found)
    feeds = named | {address: feed for address, feed in linked.items() if address not in named}
    return tuple(sorted(feeds.values(), key=_is_of_comments)[:FOUND_LIMIT])


def usual_places(url: str) -> tuple[str, ...]:
    """Where the feed of a page's site usually lies when the page names none: below the page first, then the site's."""
    if not absolute_link(url):
        return ()
    path = urlsplit(url).path.rstrip("/")
    below = [urljoin(url, f"{path}{place}") for place in ("/feed", "/rss", "/rss.xml")] if path else []
    places = [*below, *(urljoin(url, place) for place in _USUAL)]
    return tuple(dict.fromkeys(filter(None, map(absolute_link, places))))


def _named(values: dict[str, str], base: str) -> FoundFeed | None:
    """The feed of a `<link>` that says that the page has it."""
    rels = values.get("rel", "").lower().split()
    kind = _kind(values)
    url = absolute_link(values.get("href", ""), base)
    if not url or not {"alternate", "feed", "service.feed"} & set(rels) or "stylesheet" in rels:
        return None
    title = title_of_text(values.get("title", ""))
    named = "feed" in rels or _TITLE.search(title) is not None or _looks_like_feed(url)
    if not _TYPE.search(kind) and not (kind in _VAGUE_TYPES and named and not _NO_FEED.search(url)):
        return None
    return FoundFeed(url, title)


def _kind(values: dict[str, str]) -> str:
    return values.get("type", "").lower().partition(";")[0].strip()


def _linked(values: dict[str, str], base: str) -> FoundFeed | None:
    """The feed that an `<a>` leads to, by its type or its address, or a `<link>` that does not say why it is there."""
    url = absolute_link(values.get("href", ""), base)
    if not url or not (_TYPE.search(_kind(values)) or _looks_like_feed(url)):
        return None
    return FoundFeed(url, title_of_text(values.get("title", "")))


def _looks_like_feed(url: str) -> bool:
    parts = urlsplit(url)
    if _NO_FEED.search(f"{parts.path}?{parts.query}"):
        return False
    feeds_host = parts.netloc.lower().startswith(("feeds.", "rss.", "feed.")) and len(parts.path) > 1
    return bool(feeds_host or _FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query))


def _is_of_comments(feed: FoundFeed) -> bool:
    return _COMMENTS.search(f"{feed.title} {feed.url}") is not None
