"""Addresses on the web, told from queries: as people type them after a command, or paste them."""

import re
from dataclasses import dataclass

LONGEST_ADDRESS = 2_000  # characters

# With a scheme, or www: no query is written so.
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,15}://\S|feed:\S+\.\S|www\.[^\s.]+\.\S", re.IGNORECASE)
_BARE_FEED = re.compile(r"^feed:(?!//|https?:)", re.IGNORECASE)  # before a mere name it says no more than that
# A name of the web and perhaps a path: it may be an address without its scheme, and is read as a query.
_NAMELY = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,24}(?::\d{1,5})?(?:/\S*)?", re.IGNORECASE)
_LOGIN = re.compile(r"(?:[a-z0-9+.-]+:)*(?://)?[^/?#]*@", re.IGNORECASE)
_OPENING = "<([{\"'“„«‹"
_CLOSING = ">\"'”»›,;.!"  # no address ends so, but a sentence around it does
_BRACKETS = ")]}"  # an address may end so, unless it stands in brackets


@dataclass(frozen=True, slots=True)
class Pasted:
    """An address in what somebody said."""

    address: str
    """As it was written, without what stood around it."""
    alone: bool = True
    """There were no words beside it."""

    @property
    def too_long(self) -> bool:
        """Whether it is longer than any that is fetched."""
        return len(self.address) > LONGEST_ADDRESS

    @property
    def has_login(self) -> bool:
        """Whether it holds a name or a password."""
        return _LOGIN.match(self.address) is not None


def pasted(text: str) -> Pasted | None:
    """The first address in it; None: it is a query."""
    words = [word for word in map(_bare, text.split()) if word]
    found = next((word for word in words if _ADDRESS.match(word)), None)
    if found is None:
        return None
    alone = len(words) == 1
    found = _BARE_FEED.sub("", found)
    # `www.example.org scandal` asks for news about a site.
    return Pasted(found, alone) if alone or "://" in found else None


def looks_like_one(query: str) -> bool:
    """Whether a query may have been meant as an address: `example.org/feed`."""
    return _NAMELY.fullmatch(query) is not None


def _bare(word: str) -> str:
    begun = word.lstrip(_OPENING)
    return begun.rstrip(_CLOSING + (_BRACKETS if begun != word else ""))
