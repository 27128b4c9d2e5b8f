"""Links that Telegram takes: a wrong one under a button refuses the whole message."""

import re
from urllib.parse import urlsplit

_HOST = re.compile(r"(?!-)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_NOT_IN_A_LINK = re.compile(r"[\x00-\x20\x7f<>\"\\^`{|}\ud800-\udfff]")
MOST_BYTES = 2_000


def web_link(link: str, most: int = MOST_BYTES) -> str:
    """The link if it is http or https, with a dotted ASCII host, no password and at most `most` bytes in HTML; else "".

    Bot API, InlineKeyboardButton.url: the server refuses other hosts. Passwords are nobody's business.
    """
    if _NOT_IN_A_LINK.search(link) or len(link.replace("&", "&amp;").encode()) > most:
        return ""
    try:
        parts = urlsplit(link)
        known = parts.scheme in ("http", "https") and "@" not in parts.netloc and parts.port != 0
    except ValueError:  # a port or an IPv6 address that is none
        return ""
    return link if known and _HOST.fullmatch(parts.hostname or "") else ""
