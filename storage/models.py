"""The values the store takes and gives: frozen, with aware UTC times, without I/O.

Ids are handed out once and never used again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Source:
    """Where articles come from. `name` is what people type after `source:`, `title` what they read."""

    name: str
    title: str
    id: int = 0
    language: str = ""
    """ISO 639-1 code of what it usually writes; empty: not known."""
    zone: str = "UTC"
    """IANA zone of its times that name none."""


@dataclass(frozen=True, slots=True)
class NewArticle:
    """An article as intake hands it in: checked, clean, not yet in the store."""

    source: str
    """The source's `name`. A name not seen before becomes a source."""
    key: str
    """What makes two arrivals one article, within its source."""
    title: str
    published: datetime
    body: str = ""
    """Paragraphs separated by a blank line; empty: headline only."""
    summary: str = ""
    """The source's own; empty: none."""
    link: str = ""
    topics: tuple[str, ...] = ()
    """Names as people type them after `topic:`."""
    language: str = ""
    """ISO 639-1, as far as its text does not refute it; empty: to be told from the text, else taken from the source."""
    date_only: bool = False
    """The source named a day and no time; `published` is that day's first moment in the source's zone."""
    image: str = ""
    """The address of its picture; empty: none."""
    authors: tuple[str, ...] = ()
    """Who wrote it, by name."""
    urgent: bool = False
    """Chats that have agreed to it (`ChatSettings.urgent`) get it at once, whatever their digests and quiet hours."""
    aliases: tuple[str, ...] = ()
    """Other keys that it is known by from now on, within its source."""


@dataclass(frozen=True, slots=True)
class Article:
    """One news item in the store."""

    id: int
    """Its short number, as in /article_123."""
    source: Source
    key: str
    title: str
    published: datetime
    """When the source says it was published; a time in the future counts as `arrived`."""
    arrived: datetime
    newest: int
    """Its place by published time: seconds since 1970 x 2**20 + a counter.

    Greater is newer; unique; a page's cursor.
    """
    body: str = ""
    summary: str = ""
    link: str = ""
    topics: tuple[str, ...] = ()
    language: str = ""
    date_only: bool = False
    revision: int = 1
    """Rises when the headline became full, the text was corrected, or it came back after it was withdrawn."""
    withdrawn: bool = False
    image: str = ""
    """The address of its picture; empty: none."""
    authors: tuple[str, ...] = ()
    """Who wrote it, by name."""
    urgent: bool = False
    """Chats that have agreed to it get it at once."""

    @property
    def headline_only(self) -> bool:
        """Whether only the title is known."""
        return not self.body


@dataclass(frozen=True, slots=True)
class Place:
    """Where a bot writes: a chat, or one thread (forum topic) of it; thread 0 is the chat itself."""

    bot: int
    chat: int
    thread: int = 0


@dataclass(frozen=True, slots=True)
class NewFeed:
    """A URL that is to be polled, and the source that it is to be."""

    url: str
    source: Source
    """Its name is only a wish: it may be taken."""
    added_by: Place | None = None
    """Where somebody asks for it; None: the operator adds it."""
    topics: tuple[str, ...] = ()
    """Labels on each of its articles."""
    full_text: bool = False
    """Its articles are completed from their pages."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A source that is a URL, polled for entries."""

    source: Source
    url: str
    """What is fetched. It may hold a name and a password: not to be shown or logged as it is."""
    added: datetime
    added_by: Place | None = None
    """Where somebody asked for it; None: the operator added it."""
    topics: tuple[str, ...] = ()
    """Labels on each of its articles."""
    full_text: bool = False
    """Its articles are completed from their pages."""
    etag: str = ""
    """What the server called the version that was last read (RFC 9110, ETag)."""
    modified: str = ""
    """Likewise (Last-Modified)."""
    interval: timedelta = timedelta(0)
    """Between two polls; 0: it was never polled."""
    due: datetime | None = None
    """When it is polled next; None: it is being polled, paused, idle or ended."""
    answered: datetime | None = None
    """When it last gave a good answer; None: never."""
    renewed: datetime | None = None
    """When it last brought something new; None: never."""
    failures: int = 0
    """Polls that failed since the last good answer."""
    failing_since: datetime | None = None
    error: str = ""
    """What was wrong with the last; empty: nothing."""
    told: bool = False
    """Who added it was told that it fails."""
    paused: bool = False
    """By the operator."""
    ended: str = ""
    """Why there will be nothing more; empty: there will."""
    hub: str = ""
    """Where it can be subscribed to (WebSub); empty: nowhere."""
    hub_topic: str = ""
    """Under which name."""
    hub_secret: str = ""
    """What its hub signs with; empty: the hub was not asked to send."""
    hub_until: datetime | None = None
    """How long the hub sends; None: it has not confirmed."""
    wishes: str = ""
    """What it said last about when to ask, as it was given with that (`Polled.wishes`)."""
    idle_since: datetime | None = None
    """When it was let rest, for nobody follows it; None: it is polled."""


@dataclass(frozen=True, slots=True)
class FeedClaim:
    """A feed taken to be polled. Only who holds `token` may settle it."""

    feed: Feed
    token: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Polled:
    """How polling a feed ended."""

    claim: FeedClaim
    due: datetime | None
    """When to poll it next; None: never."""
    interval: timedelta
    etag: str = ""
    modified: str = ""
    renewed: bool = False
    """It brought something new."""
    failed: str = ""
    """Why it failed; empty: it gave a good answer. What failed keeps its etag and `modified`."""
    ended: str = ""
    """Why there will be nothing more; empty: there will."""
    moved_to: str = ""
    """Where it is for good (RFC 9110, 301 and 308); empty: it has not moved."""
    hub: str = ""
    """The hub that it names, of a good answer."""
    hub_topic: str = ""
    wishes: str | None = None
    """What it says about when to ask, to be kept; None: nothing else than before."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A source that is a folder, watched for files."""

    source: Source
    path: Path
    """Absolute."""
    added: datetime
    topics: tuple[str, ...] = ()
    paused: bool = False


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A file of a watched folder as it was when it was read."""

    path: str
    """Below the folder."""
    size: int
    """Bytes."""
    modified: int
    """Nanoseconds, as the file system says."""


@dataclass(frozen=True, slots=True)
class Embargo:
    """An article that is to be published later."""

    article: NewArticle
    until: datetime


class Arrival(StrEnum):
    """What became of an article that was handed in."""

    NEW = "new"
    FULL = "full"
    """Its headline was known; now it has a text."""
    CHANGED = "changed"
    """It was known; the source has corrected it."""
    KNOWN = "known"
    """Nothing new in it."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: beyond `newest`, towards the older articles or, with `newer`, the newer ones.

    Best first, `newest` is where what is ranked begins, so that newer news moves nothing; in what a message counted, a
    position of the log.
    """

    newest: int
    newer: bool = False
    skip: int = 0
    """Best first: so many of what lies at `newest` or before come earlier."""


class Sort(StrEnum):
    """What comes first."""

    NEWEST = "newest"
    BEST = "best"


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of results, in the order asked for; of what a message counted, oldest first, as in the message."""

    articles: tuple[Article, ...]
    total: int
    """How many there are in all, counted to 1,000, or as far as counting is quick.

    Of what a message counted, as many as it said.
    """
    older: Cursor | None = None
    """Where the page of older ones begins; None: there are none."""
    newer: Cursor | None = None
    """Where the page of newer ones begins; None: there are none."""
    more: bool = False
    """There are more than `total`, or may be."""


class ChatKind(StrEnum):
    """What sort of chat it is."""

    PRIVATE = "private"
    """One person's own with the bot."""
    GROUP = "group"
    """Where members talk."""
    CHANNEL = "channel"
    """Where administrators write and subscribers read."""


@dataclass(frozen=True, slots=True)
class Chat:
    """What is known of a chat that the bot was let into."""

    bot: int
    id: int
    kind: ChatKind
    title: str
    username: str = ""
    """Without @; empty: it has none."""
    set_up_by: int = 0
    """The person who let the bot in; 0: not known."""
    paused: str = ""
    """Why nothing can be delivered there; empty: it can."""


class Pictures(StrEnum):
    """How a chat is shown an article's picture."""

    PREVIEW = "preview"
    """As a large preview of its link."""
    PHOTO = "photo"
    """As a photo, with the headline below it."""
    NONE = "none"
    """Not at all."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of every local day, from `start` up to `end`: minutes since midnight; over midnight when `end` is less."""

    start: int
    end: int
    silent: bool = False
    """Deliver in them all the same, without a sound."""


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """What a chat has chosen."""

    zone: str = ""
    """IANA zone; empty: the operator's."""
    quiet: Quiet | None = None
    digest_minute: int = 8 * 60
    """When daily and weekly digests go: minutes since local midnight."""
    digest_weekday: int = 0
    """On which day weekly ones do; 0 is Monday."""
    muted_until: datetime | None = None
    """Nothing is delivered before."""
    pictures: Pictures = Pictures.PREVIEW
    urgent: bool = False
    """Urgent news comes at once, whatever digests and quiet hours say."""


class Cadence(StrEnum):
    """How often a mailbox is delivered to. Whatever it is, the store makes it due when something is owed.

    All but INSTANT are digests.
    """

    INSTANT = "instant"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One place to deliver to, at one cadence."""

    id: int
    place: Place
    cadence: Cadence = Cadence.INSTANT
    failures: int = 0
    """Deliveries that failed since the last that did not."""
    served: datetime | None = None
    """When something was last delivered, by the clock as it was then, not `aside`; None: never."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A query that a place follows."""

    id: int
    place: Place
    query: str
    """Canonical text."""
    cursor: int
    """Delivered through this position of the log."""
    created: datetime
    cadence: Cadence = Cadence.INSTANT
    served: datetime | None = None
    """When something was last delivered to its place at this cadence, not `aside`; None: never."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do a job that only one may do at a time; `token` proves whose it is."""

    name: str
    token: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Announced:
    """What one round of announcing did."""

    positions: tuple[int, ...]
    """The positions given, in order."""
    matches: int
    """How many queries wanted them, summed over the articles."""
    waiting: bool
    """Whether more articles are unannounced."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A mailbox taken for delivery. Only who holds `token` may settle it."""

    mailbox: Mailbox
    token: str
    until: datetime
    settings: ChatSettings = ChatSettings()
    """Its chat's, at the moment of the claim."""
    touched: int = 0
    """How often articles had been touched by then: what is recorded for it is edited if one of its own was since."""


@dataclass(frozen=True, slots=True)
class OwedArticle:
    """An article that a mailbox is owed, and the queries (canonical) that want it."""

    position: int
    article: Article
    queries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passed:
    """What a cursor passes: the matches of the query with this id, beyond the position `after`, up to `through`."""

    query: int
    after: int
    through: int


@dataclass(frozen=True, slots=True)
class Rest:
    """What all cursors of a mailbox pass, apart from the positions `without`, which are not to be given."""

    passed: tuple[Passed, ...] = ()
    without: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Owed:
    """What a mailbox is owed: oldest first, each article once."""

    articles: tuple[OwedArticle, ...] = ()
    more: int = 0
    """Articles beyond the 50 that were read: counted, not read."""
    cursors: Mapping[int, int] = field(default_factory=dict)
    """Subscription id -> where its cursor belongs when all of this is given."""
    rest: Rest = Rest()
    """For the delivery that gives some of it and counts the others."""
    since: datetime | None = None
    """When the first of the articles was announced, by the clock as it was then; None: there are none."""
    urgent: tuple[OwedArticle, ...] = ()
    """What is urgent of all that is owed, beyond the 50 too, if the chat has agreed to have it at once."""


class Outcome(StrEnum):
    """How a delivery ended, for the record."""

    SENT = "sent"
    REFUSED = "refused"
    """Telegram will not take this message; it is passed over."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message that carried headlines to a place, or would have."""

    positions: tuple[int, ...]
    outcome: Outcome
    at: datetime
    message: int = 0
    """Telegram's message id; 0: none."""
    reason: str = ""
    """Why it was refused."""
    key: int = 0
    """Under this number, nobody's guess, what it counted can be opened; 0: it counted nothing."""
    more: int = 0
    """How many articles it counted without showing them."""
    rest: Rest = Rest()
    """Where those are: here, less the positions that it shows."""
    photo: bool = False
    """It is a picture, and the text its caption."""
    aside: bool = False
    """It was a push, and counts as no digest of its mailbox: what was urgent, or a part of one that broke off."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a claim ended. Default: nothing came of it, and the mailbox is due again if anything is owed."""

    claim: Claim
    cursors: Mapping[int, int] = field(default_factory=dict)
    """Subscription id -> delivered through here. A cursor only rises."""
    deliveries: tuple[Delivery, ...] = ()
    failures: int = 0
    opens: datetime | None = None
    """Not to be claimed before this moment; due then if anything is owed."""
    slot: datetime | None = None
    """Likewise, but by the chat's schedule: a change of its settings forgets it."""
    paused: str = ""
    """Why nothing can be delivered until the chat comes back; empty: it can."""
    retry: datetime | None = None
    """When a chat that is paused by this is tried all the same; None: not before it comes back."""
    shut: str = ""
    """Why nothing can be delivered to this place, unlike the rest of its chat, until it is reopened; empty: it can."""


@dataclass(frozen=True, slots=True)
class RefusedMessage:
    """A message that Telegram would not take, and that was passed over."""

    at: datetime
    chat: int
    reason: str
    articles: tuple[int, ...]
    """Their numbers, as far as they are kept."""


@dataclass(frozen=True, slots=True)
class Stats:
    """How a bot and its store are doing. What would take long to count is counted as far as `COUNTED`.

    People's own chats and messages are estimated beyond that, from what all bots of the store have.
    """

    chats: Mapping[ChatKind, int]
    """How many there are of each kind. One that nothing is known of is one person's own."""
    paused: Mapping[str, int]
    """Reason -> how many chats are paused for it, those of the commonest reasons first."""
    subscriptions: int
    """Of all bots of the store, as are the next four, and feeds."""
    queries: int
    """How many different ones are followed."""
    articles: int
    published: int
    """How many of them in the last 24 hours."""
    unannounced: int
    sent_in_day: int
    """Messages in the last 24 hours."""
    sent_in_hour: int
    due: int
    """Mailboxes that wait to be delivered to."""
    wait: timedelta
    """How long the first of them has waited; 0: none waits."""
    feeds: int
    """How many are polled."""
    failing: int
    """How many of them gave no good answer when they were polled last."""
    refused: int
    """Messages in the last 7 days."""
    refusals: tuple[RefusedMessage, ...]
    """The last 20 of them, the newest first."""

    COUNTED: ClassVar[int] = 100_000


class Fate(StrEnum):
    """What became of a message after it was sent."""

    UNCHANGED = ""
    EDITED = "edited"
    """It shows its articles as they were corrected."""
    WITHDRAWN = "withdrawn"
    """It says of an article that it was withdrawn."""
    DELETED = "deleted"
    """Its article was withdrawn, and it was deleted."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A message that may show its articles otherwise than they are now, taken to be edited.

    Only who holds `token` may settle it.
    """

    delivery: int
    place: Place
    cadence: Cadence
    message: int
    """Telegram's message id."""
    sent: datetime
    token: str
    until: datetime
    photo: bool = False
    """It is a picture, and the text its caption."""
    pictures: Pictures = Pictures.PREVIEW
    """What its chat has chosen by now."""
    key: int = 0
    """Under this number what it counted can be opened; 0: it counted nothing."""
    more: int = 0
    """How many articles it counted without showing them."""
    failures: int = 0
    """How often editing it has failed since it was due."""


@dataclass(frozen=True, slots=True)
class Record:
    """A delivery as it is remembered."""

    place: Place
    """Where it was sent: a group that has moved has another chat id by now."""
    cadence: Cadence
    articles: tuple[int, ...]
    """The numbers of those that it showed, as far as they are in the log."""
    at: datetime
    outcome: Outcome
    message: int = 0
    reason: str = ""
    """Why it was refused."""
    attempts: int = 1
    """How many tries it took."""
    fate: Fate = Fate.UNCHANGED
    changed: datetime | None = None
    """When the message was edited or deleted last."""


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """What lies at a database's address."""

    schema: int
    """0: nothing; it is made when it is first opened."""
    known: int
    """The schema of this version, to which an older one is migrated when it is opened."""
    folder: Path
    """Where it grows."""


class Change(StrEnum):
    """What a loop may wait for."""

    ARTICLES = "articles"
    """Something was queued as unannounced."""
    FEEDS = "feeds"
    """A feed was added, or is to be polled sooner than it was."""
    FOLDERS = "folders"
    """Which folders are watched has changed."""
    EMBARGOES = "embargoes"
    """Something is to be published later."""
    DUE = "due"
    """A mailbox became due."""
    TOUCHED = "touched"
    """An article in the log was corrected or withdrawn."""
