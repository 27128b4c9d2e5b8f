"""How a poll ended, as it is recorded. Pure."""

from datetime import timedelta
from http import HTTPStatus

from bot.intake.feeds.timing import Heard, Next, Wishes
from bot.intake.fetching.fetch import Fetched
from bot.intake.parsing.addresses import AddressError, canonical_url, split_credentials
from bot.intake.parsing.entries import FeedDocument
from storage.models import Feed, FeedClaim, Polled

LEASE = timedelta(minutes=10)
"""So long a poll may take: fetching, reading and its pages, and waiting for the others of a host that hangs."""
_NOT_MODIFIED = HTTPStatus.NOT_MODIFIED
_GONE = HTTPStatus.GONE
_GOOD = frozenset({HTTPStatus.OK, _NOT_MODIFIED})
_BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_LONGEST_REASON = 300


def is_good(fetched: Fetched) -> bool:
    """Whether the answer is a feed, or that it has not changed."""
    return fetched.status in _GOOD


def is_unchanged(fetched: Fetched) -> bool:
    """Whether nothing has changed since the last answer."""
    return fetched.status == _NOT_MODIFIED


def is_gone(fetched: Fetched) -> bool:
    """Whether there will never be anything more (RFC 9110, 410 Gone)."""
    return fetched.status == _GONE


def is_busy(fetched: Fetched) -> bool:
    """Whether the server wants to be asked less."""
    return fetched.status in _BUSY


def said_of(fetched: Fetched) -> str:
    """What is wrong with an answer that is not good."""
    try:
        phrase = f" {HTTPStatus(fetched.status).phrase}"
    except ValueError:
        phrase = ""
    return f"the answer is {fetched.status}{phrase}"


def answered(claim: FeedClaim, fetched: Fetched, document: FeedDocument | None, then: Next, *, renewed: bool) -> Polled:
    """A good answer was taken in; `document` is None when nothing had changed."""
    feed = claim.feed
    hub, topic = hub_of(fetched, document, feed.url) if document else (feed.hub, feed.hub_topic)
    return Polled(
        claim,
        then.due,
        then.interval,
        etag=fetched.etag,
        modified=fetched.modified,
        renewed=renewed,
        moved_to=_moved(feed, fetched),
        hub=hub,
        hub_topic=topic,
        wishes=_wishes(document).written() if document else None,
    )


def failed(claim: FeedClaim, then: Next, reason: str) -> Polled:
    """There was no good answer, or it could not be read."""
    return Polled(claim, then.due, then.interval, failed=reason[:_LONGEST_REASON])


def gone(claim: FeedClaim, fetched: Fetched) -> Polled:
    """There will be no good answer any more."""
    reason = said_of(fetched)
    return Polled(claim, None, claim.feed.interval, failed=reason, ended=reason)


def hub_of(fetched: Fetched, document: FeedDocument, url: str) -> tuple[str, str]:
    """The hub that an answer names, and under which name it knows the feed (WebSub, 4: headers go first)."""
    hub = fetched.hub or document.hub
    if not hub:
        return "", ""
    # A hub is not to learn with which name and password the feed is read.
    return hub, fetched.topic or document.topic or split_credentials(url)[0]


def heard_of(fetched: Fetched, document: FeedDocument, *, renewed: bool) -> Heard:
    """What an answer says about when to ask again."""
    return Heard(
        published=[entry.published for entry in document.entries if entry.published],
        renewed=renewed,
        max_age=fetched.max_age,
        wishes=_wishes(document),
    )


def _wishes(document: FeedDocument) -> Wishes:
    return Wishes(document.ttl, document.skip_hours, document.skip_days)


def _moved(feed: Feed, fetched: Fetched) -> str:
    try:
        url = canonical_url(fetched.moved_to) if fetched.moved_to else ""
    except AddressError:
        return ""
    return "" if url == feed.url else url
