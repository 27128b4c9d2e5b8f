"""What makes two arrivals one article, within its source."""

import hashlib
import re
import unicodedata
from datetime import datetime
from urllib.parse import unquote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from storage.models import Source

# A longer key is hashed: PostgreSQL indexes rows of up to 2,704 bytes, and an index of long keys is slow.
KEY_LIMIT = 500
# Parameters that say who sent the reader, or who the reader is, not what is read.
_TRACKING = frozenset(
    {
        *("fbclid", "gclid", "gclsrc", "gbraid", "wbraid", "dclid", "yclid", "ysclid", "msclkid", "twclid", "ttclid"),
        *("igshid", "igsh", "mc_cid", "mc_eid", "mkt_tok", "_openstat", "_hsenc", "_hsmi", "hsctatracking", "vero_id"),
        *("oly_anon_id", "oly_enc_id", "rb_clickid", "s_cid", "ref_src", "ref_url", "cmpid", "ns_campaign"),
        *("ns_mchannel", "ns_source", "ocid", "xtor", "wt_mc", "wt.mc_id", "ncid", "srnd", "cvid"),
        *("phpsessid", "jsessionid"),
    }
)
_TRACKING_PREFIXES = ("utm_", "at_campaign", "at_medium", "at_custom", "pk_", "mtm_", "matomo_", "hsa_", "itm_")
# What other parameters are called that say no more than that a feed was read.
_ORIGINS = frozenset({"ref", "source", "src", "from", "partner", "medium", "campaign", "cmp", "rss", "feed", "via"})
_FEEDS = frozenset({"rss", "rss2", "feed", "atom", "feeds", "rssfeed", "rss_feed", "rss-feed", "1"})
# Parts of a page, and marks of campaigns, that some put after the #.
_NO_ARTICLE = ("comment", "respond", "utm_", "xtor", "ref=", "rss", ":~:", "at_", "top", "more")
_FURTHER = re.compile("[/?#]")
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_INDEX_FILE = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)
# The same headline is typeset differently in its own page and in a list of headlines.
_TYPOGRAPHY = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "–": "-", "—": "-"})


def key_of(source: Source, *, title: str, published: datetime, id_: str = "", link: str = "") -> str:
    """The key of a clean article: its own id, else its link, else its title and its day in the source's zone.

    - `id:<id>` as the source gives it;
    - `link:<link>` without fragment and tracking parameters;
    - `title:<16 hex digits of the folded title's SHA-256>:<YYYY-MM-DD>`. So a headline that later arrives in full, or
      under another time of the same day, is the same article.

    A key of over 500 bytes becomes `<kind>:sha256:<64 hex digits>`.
    """
    if id_:
        return id_key(id_)
    return link_key(link) if link else day_key(source, title, published)


def id_key(id_: str) -> str:
    """The key by what the source calls it."""
    return _bounded("id", id_)


def link_key(link: str) -> str:
    """The key by its link."""
    return _bounded("link", bare_link(link))


def day_key(source: Source, title: str, published: datetime) -> str:
    """The key by title and day."""
    day = published.astimezone(ZoneInfo(source.zone)).date()
    return f"{undated_key(title)}:{day.isoformat()}"


def undated_key(title: str) -> str:
    """The key by title alone, of what has no date."""
    return f"title:{_digest(fold_title(title))[:16]}"


def page_key(link: str) -> str:
    """What links to one page have in common, however they are written.

    `page:` and the link without scheme, `www.`, default port, escapes, the slash or index file at its end, and what
    only tracks, but with a fragment that may be the article's own place on a page.
    """
    try:
        parts = urlsplit(link)
        host, port = (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError:  # a guid need not be an address
        return _bounded("page", link)
    if port not in {None, 80, 443}:
        host = f"{host}:{port}"
    path = _INDEX_FILE.sub("", _SESSION.sub("", parts.path)).rstrip("/")
    query = "&".join(sorted(pair for pair in parts.query.split("&") if pair and not _tells_origin(pair)))
    fragment = "" if parts.fragment.lower().startswith(_NO_ARTICLE) else parts.fragment
    page = unquote(path + (query and f"?{query}") + (fragment and f"#{fragment}")).replace("\0", "")
    return _bounded("page", host + page)


def is_front_page(key: str) -> bool:
    """Whether a page's key is that of a whole site."""
    return not _FURTHER.search(key) and not key.startswith("page:sha256:")


def entry_key(id_: str, link: str, title: str, published: datetime | None) -> str:
    """The key of an entry all of whose names are other articles'."""
    return f"entry:{_digest(repr((id_, link, fold_title(title), published and published.isoformat())))}"


def fold_title(title: str) -> str:
    """The title without what differs between two printings of it: case, width, kinds of quotes and dashes, blanks."""
    return " ".join(unicodedata.normalize("NFKC", title.translate(_TYPOGRAPHY)).casefold().split())


def bare_link(link: str) -> str:
    """The link without its fragment and without parameters that only track; scheme and host in lower case."""
    parts = urlsplit(link)
    query = "&".join(pair for pair in parts.query.split("&") if not _tracks(pair))
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", query, ""))


def _tracks(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def _tells_origin(pair: str) -> bool:
    name, _, value = pair.lower().partition("=")
    return _tracks(pair) or (name in _ORIGINS and value in _FEEDS)


def _bounded(kind: str, value: str) -> str:
    key = f"{kind}:{value}"
    return key if len(key.encode()) <= KEY_LIMIT else f"{kind}:sha256:{_digest(value)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
