"""What makes two arrivals one article, within its source."""

import hashlib
import unicodedata
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from storage.models import Source

# A longer key is hashed: PostgreSQL indexes rows of up to 2,704 bytes, and an index of long keys is slow.
KEY_LIMIT = 500
# Parameters that say who sent the reader, not what is read.
_TRACKING = {"fbclid", "gclid", "dclid", "yclid", "ysclid", "msclkid", "igshid", "mc_cid", "mc_eid", "_openstat"}
_TRACKING_PREFIXES = ("utm_", "at_campaign", "at_medium")
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
        return _bounded("id", id_)
    if link:
        return _bounded("link", bare_link(link))
    day = published.astimezone(ZoneInfo(source.zone)).date()
    return f"title:{_digest(fold_title(title))[:16]}:{day.isoformat()}"


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


def _bounded(kind: str, value: str) -> str:
    key = f"{kind}:{value}"
    return key if len(key.encode()) <= KEY_LIMIT else f"{kind}:sha256:{_digest(value)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
