"""What the elements of feeds are called, and which of them are what: names in lower case, with their usual prefixes."""

import re

ENTRIES = {"item", "entry"}
# Elements that hold a text, with or without markup.
TEXTS = {
    *("title", "description", "summary", "content", "encoded", "body", "fullitem", "abstract"),
    *("tagline", "subtitle", "info"),
}
# These say something else than the element of the same name without a prefix: they are given names of their own.
RENAMED = {
    "media:description": "mediatext",
    "media:text": "mediatext",
    "media:title": "mediatitle",
    "itunes:title": "itunestitle",
    "itunes:summary": "itunestext",
    "itunes:subtitle": "itunessubtitle",
    "dc:description": "dctext",
    "dc:title": "dctitle",
    "googleplay:description": "itunestext",
    "yandex:full-text": "fullitem",
    "rambler:fulltext": "fullitem",
    "rambler:full-text": "fullitem",
    "mailru:full-text": "fullitem",
    "turbo:content": "fullitem",
    "full-text": "fullitem",
    "fulltext": "fullitem",
}
# Dates, too: feedparser would read each by many rules, and we read it ourselves.
DATES = {
    "pubdate": "datepublished",
    "published": "datepublished",
    "atom:published": "datepublished",
    "issued": "datepublished",
    "dcterms:issued": "datepublished",
    "dc:date": "dateupdated",
    "dcterms:date": "dateupdated",
    "updated": "dateupdated",
    "atom:updated": "dateupdated",
    "modified": "dateupdated",
    "dcterms:modified": "dateupdated",
    "created": "datecreated",
    "dcterms:created": "datecreated",
    "prism:publicationdate": "datecreated",
    "publicationdate": "datecreated",
    "publishdate": "datecreated",
    "postdate": "datecreated",
}
# What an entry of RSS says by characters alone, and which of its values that is; of Atom, only dates.
PLAIN = {
    "title": "titles",
    "link": "links",
    "description": "texts",
    "content:encoded": "contents",
    "category": "topics",
}
# Attributes that mean something for all that lies in their element.
INHERITED = {"base", "lang", "xml:base", "xml:lang"}
STRUCTURE = {"media:content", "g:content"}
# Elements that hold characters only: whatever begins inside ends them.
LEAVES = {
    *("link", "guid", "id", "pubdate", "published", "updated", "issued", "modified", "created", "date"),
    *("creator", "language", "ttl", "comments", "name", "email", "uri", "keywords", "subject"),
}
# Nothing of it is an article's.
PASSED_OVER = {
    *("comments", "docs", "generator", "cloud", "textinput"),
    *("rating", "credit", "copyright", "license", "rights"),
}
PASSED_OVER_PREFIXES = {"slash", "wfw", "thr", "trackback", "georss", "geo", "gml", "cc", "admin", "openSearch"}
# Of what others nest in an entry, only in these are there values of the entry itself.
NESTING = {"group", "content", "author", "contributor", "source", "image"}
NESTING_PREFIXES = {"media", "atom", "a10", "dc", "itunes", "rdf", "rss", "taxo", "content", "googleplay", "yandex"}
# Names under which feedparser keeps other values than texts: an element that is called so would take their place.
TAKEN = re.compile(
    r"(?:[^:]*:)?(?:entrysaid|authorofall)|links|authors|contributors|enclosures|guidislink|[^:]*[_:](?:detail|parsed)"
    r"|media_(?:content|thumbnail|credit|player|rating|license|restriction)"
)
ADDRESS = re.compile(r"<(?:[\w.-]+:)?(?:url|href|src)\b[^<>]*>([^<]*)|^\s*([^<\s][^<]*)", re.IGNORECASE)
NAMED = {"author", "creator", "managingeditor"}
# Whose show it is: of each episode that names nobody else.
AUTHORS_OF_ALL = {"itunes:author", "googleplay:author"}
PARTS = re.compile(r"<(?:[\w.-]+:)?(?:name|email|uri|url)\b", re.IGNORECASE)
AUTHORS = {"author", "creator", "managingeditor", "webmaster", "name", "email", "contributor"}
HTML_TYPES = {"", "text", "html", "xhtml", "plain", "text/html", "text/plain", "application/xhtml+xml", "text/xhtml"}
SIBLING = re.compile(
    r"</?(?:[\w.-]+:)?(?:item|entry|channel|link|guid|id|pubDate|description|summary|content|author|category|updated|published)\b"
)
BOUNDARY = re.compile(r"</?(?:[\w.-]+:)?(?:item|entry)[\s>]")
