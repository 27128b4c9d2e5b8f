"""Lists of feeds (OPML 1.0, 1.1 and 2.0), read and written.

Folders, that is outlines without the address of a feed, become topics; so do an outline's categories. What such a list
declares (entities, a DOCTYPE) is never expanded.
"""

from collections.abc import Iterable
from dataclasses import replace
from xml.etree import ElementTree as ET

from bot.intake.parsing.addresses import LONGEST_URL
from bot.intake.parsing.clean import clean_line
from bot.intake.parsing.decoding import decode
from bot.intake.parsing.door import absolute_link, language_code, title_of_plain, topic_names
from bot.intake.parsing.entries import ListedFeed, UnreadableError
from bot.intake.parsing.markup import tags

FEEDS_LIMIT = 10_000
_TAGS_LIMIT = 100_000
_DEPTH_LIMIT = 10
_FEED_TYPES = {"rss", "atom", "feed", "link", "json", ""}


def read_opml(data: bytes) -> tuple[ListedFeed, ...]:
    """The feeds of a list, in its order, each once: what stands in several folders has the topics of all.

    At most 10,000 feeds are read. Raises UnreadableError: it is no list of feeds.
    """
    text = decode(data, "")
    folders: list[str | None] = []  # open outlines: a folder's name, or None for a feed
    found: dict[str, ListedFeed] = {}
    outlines = opml = False
    for tag, _ in tags(text, _TAGS_LIMIT):
        name = tag.name.lower().rpartition(":")[2]
        opml = opml or name == "opml"
        if name != "outline":
            continue
        outlines = True
        if tag.closing:
            if folders:
                folders.pop()
            continue
        values = tag.values()
        feed = _feed(values, folders)
        if feed:
            _add(found, feed)
        if not tag.empty:
            folders.append(None if feed else values.get("text") or values.get("title") or "")
        if len(found) == FEEDS_LIMIT:
            break
    if not outlines and not opml:
        raise UnreadableError("no list of feeds: there is no <outline> in it")
    return tuple(found.values())


def write_opml(feeds: Iterable[ListedFeed], *, title: str) -> bytes:
    """A list (OPML 2.0, UTF-8) with a folder for each topic; a feed of several topics lies in each of their folders."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = title
    body = ET.SubElement(root, "body")
    folders: dict[str, ET.Element] = {}
    for feed in feeds:
        for topic in feed.topics:
            if topic not in folders:
                folders[topic] = ET.SubElement(body, "outline", text=topic, title=topic)
            ET.SubElement(folders[topic], "outline", _attributes(feed))
        if not feed.topics:
            ET.SubElement(body, "outline", _attributes(feed))
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _feed(values: dict[str, str], folders: list[str | None]) -> ListedFeed | None:
    """The feed of an outline; None: it is a folder, or something else."""
    address = values.get("xmlurl") or (
        values.get("url", "") if values.get("type", "").lower() in {"rss", "atom"} else ""
    )
    url = _with_login(absolute_link(address), address) or clean_line(address)[:LONGEST_URL]
    if not url or values.get("type", "").lower() not in _FEED_TYPES:
        return None
    above = [folder for folder in folders[:_DEPTH_LIMIT] if folder]
    categories = [part.strip("/ ") for part in values.get("category", "").split(",")]
    return ListedFeed(
        url=url,
        title=title_of_plain(values.get("title") or values.get("text") or ""),
        site=absolute_link(values.get("htmlurl", "")),
        topics=_topics([*above, *categories]),
        language=language_code(values.get("language", "")),
    )


def _with_login(url: str, written: str) -> str:
    """The address with the name and password that it was written with: without them it is another feed, or none."""
    login, at, _ = written.partition("://")[2].partition("/")[0].rpartition("@")
    return url.replace("://", f"://{login}@", 1) if url and at else url


def _topics(labels: Iterable[str]) -> tuple[str, ...]:
    return topic_names(label.replace("/", ",") for label in labels)


def _add(found: dict[str, ListedFeed], feed: ListedFeed) -> None:
    known = found.get(feed.url)
    if known is None:
        found[feed.url] = feed
        return
    found[feed.url] = replace(
        known,
        title=known.title or feed.title,
        site=known.site or feed.site,
        topics=topic_names([*known.topics, *feed.topics]),
        language=known.language or feed.language,
    )


def _attributes(feed: ListedFeed) -> dict[str, str]:
    title = feed.title or feed.url
    values = {"type": "rss", "text": title, "title": title, "xmlUrl": feed.url}
    values |= {"htmlUrl": feed.site} if feed.site else {}
    return values | ({"language": feed.language} if feed.language else {})
