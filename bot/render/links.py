"""Links that Telegram takes: a wrong one under a button refuses the whole message."""

import re
from urllib.parse import urlsplit

from bot.render.units import cut, isolated, one_line

_HOST = re.compile(r"(?!-)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_NOT_IN_A_LINK = re.compile(r"[\x00-\x20\x7f<>\"\\^`{|}\ud800-\udfff]")
MOST_BYTES = 2_000
_SCHEME = re.compile(r"^(?:feed:)?(?:(?:[a-z][a-z0-9+.-]*:)?//)?", re.IGNORECASE)
_SHOWN_HOST = re.compile(r"([\w.-]+|\[[0-9a-f:.]+\])(?::\d*)?", re.IGNORECASE)
_LONGEST_HOST = 60  # units
ADDED = "new"
"""The payload of the link by which somebody adds the bot to a group."""


def article_link(username: str, article: int) -> str:
    """The link that opens the article with this number in the reader's own chat with the bot of this username.

    Bot API, "Deep linking": the bot is sent `/start a_12`.
    """
    return f"{chat_link(username)}?start=a_{article}"


def more_link(username: str, key: int) -> str:
    """The link that opens what a push with this key counted, in the reader's own chat: `/start m_12`."""
    return f"{chat_link(username)}?start=m_{key}"


def chat_link(username: str) -> str:
    """The link to one's own chat with the bot."""
    return f"https://t.me/{username}"


def add_link(username: str) -> str:
    """The link that lets somebody add the bot to a group (Bot API, "Deep linking").

    Telegram then says `/start@username new` there in their name.
    """
    return f"{chat_link(username)}?startgroup={ADDED}"


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


def shown_host(address: str) -> str:
    """The host of an address that somebody typed or that is fetched, for people: all else of it may hold secrets.

    Empty: it has none that can be told.
    """
    authority = re.split(r"[/?#]", _SCHEME.sub("", address.strip(), count=1), maxsplit=1)[0]
    host = _SHOWN_HOST.fullmatch(authority.rpartition("@")[2])
    return isolated(cut(one_line(host[1]), _LONGEST_HOST)) if host else ""
