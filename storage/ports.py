"""What every engine promises. Each clause has its test in tests/contract/, run on every engine.

Every method may raise StoreUnavailable; no driver's error comes through. Times are aware; `now` is the caller's clock,
which the service keeps equal to the database's (`Store.offset`). A method that writes has been committed when it
returns, as a whole or not at all.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from storage.models import (
    Announced,
    Arrival,
    Article,
    Cadence,
    Change,
    Chat,
    ChatSettings,
    Claim,
    Cursor,
    Edit,
    Embargo,
    Fate,
    Feed,
    FeedClaim,
    FileSeen,
    Folder,
    Lease,
    NewArticle,
    NewFeed,
    Owed,
    OwedArticle,
    Page,
    Place,
    Polled,
    Record,
    Settlement,
    Sort,
    Source,
    Stats,
    Subscription,
)
from storage.query import Query


class Sources(Protocol):
    """Where articles come from."""

    async def put(self, source: Source) -> Source:
        """Add the source, or bring the one of the same name up to date. Returns it with its id."""

    async def get(self, name: str) -> Source | None:
        """The source of this name."""

    async def all(self) -> list[Source]:
        """Every source, by name."""

    async def find(self, words: str, *, limit: int, after: str = "") -> list[Source]:
        """Up to `limit` sources with all of these words in title or name, by name, beyond the name `after`.

        A word is found at the beginning of a word, whatever its case and accents. No words: all. One whose feed has
        joined another (`Feeds.settle`) is left out.
        """


class Feeds(Protocol):
    """Sources that are URLs, polled for entries."""

    async def add(
        self, feed: NewFeed, *, now: datetime, lease: timedelta, most: int | None = None
    ) -> tuple[Feed, FeedClaim | None]:
        """Poll the URL from now on. Returns the feed, and for who added it the claim to be the first that polls it.

        - A URL that a feed is known by (`know`) is that feed, which stays as it is, and no claim; but one that was
          ended or removed begins anew.
        - A name that another feed or a folder has gets a number: `herald-2`. So does that of any other source, unless
          the operator adds the feed: then it brings articles to that source, in the place of a feed that was removed.
        - Many who add the same at a time get the same feed, one of them the claim. It ends at `now + lease`.

        Raises TooMany when `added_by`'s chat has added `most` others already, and changes nothing.
        """

    async def added_from(self, place: Place) -> int:
        """How many feeds the place's chat has added that are still polled."""

    async def find(self, url: str) -> Feed | None:
        """The feed that is known by this URL: its own, one it moved from, a page that names it."""

    async def get(self, name: str) -> Feed | None:
        """The feed of the source of this name."""

    async def all(self) -> list[Feed]:
        """Every feed, by its source's name."""

    async def know(self, url: str, name: str) -> None:
        """Know the feed of the source of this name by this URL, too. One that is known already stays with its own.

        Nothing when there is no such feed. A removed one keeps only the URL that it was fetched at.
        """

    async def claim(self, *, now: datetime, lease: timedelta, limit: int) -> list[FeedClaim]:
        """Take up to `limit` due feeds, longest due first, each leased until `now + lease` under a fresh token.

        As `Mailboxes.claim` does: one whose lease ended unsettled is due, two callers never get the same. Due is one,
        too, that is to be polled more than 8 days from now: somebody's clock was ahead.
        """

    async def settle(self, polls: Sequence[Polled], *, now: datetime) -> None:
        """Record how polls ended. One whose claim was lost changes nothing.

        - Due is it in 8 days at the latest, unless it is never.
        - What was asked to be sooner meanwhile (`poll`) is due then.
        - A feed that moved is fetched at its new URL, and known by both.
        - If that is another feed's, which is neither paused nor ended, it joins that one: as soon as a poll of it
          brings nothing new, the other was polled since the one before, and all of both is announced. It is no feed any
          more, its URLs are the other's, which has its topics, too, and its full texts. Who follows a query for its
          source follows one for the other's in its place, from then on; what they are owed by then they get. Who
          follows both follows one. What leaves the source out leaves it out as before; what leaves out the other alone,
          and so has had the source's, does not any more, unless the feed was a reader's.
        - The other joins it instead where that is a reader's and it is the operator's, or where the other rests: then
          at once.
        - Nothing joins another as long as that would make a query that somebody follows too long.
        - If that was another feed's, which was removed, its URLs are this one's; but a reader's feed leaves what the
          operator has removed as it is.
        """

    async def put_off(self, claims: Sequence[tuple[FeedClaim, datetime]]) -> None:
        """Let go of feeds that were not polled: each is due at its time, or sooner if that was asked for meanwhile.

        A claim that was lost changes nothing.
        """

    async def poll(self, name: str, *, now: datetime) -> bool:
        """Let the feed be polled at once. False: there is none, or it is paused or idle."""

    async def next_due(self) -> datetime | None:
        """When the next feed is due, or the next lease ends; None: none is."""

    async def free(self) -> None:
        """End every lease of feeds: their poller is dead. They are due, and its claims are lost."""

    async def set_back(self, *, by: timedelta, now: datetime) -> None:
        """Let what is to come for feeds come as much earlier: the clock, now at `now`, was set back.

        That is when they are due, and until when their hubs send. What is claimed is due at once: the claims are lost.
        """

    async def change(self, name: str, *, full_text: bool | None = None, topics: Sequence[str] | None = None) -> bool:
        """Change what is given. False: there is no such feed."""

    async def pause(self, name: str, *, paused: bool, now: datetime) -> bool:
        """Poll the feed no more until it is resumed (not `paused`), then at once. False: there is no such feed."""

    async def rest(self, *, now: datetime, added_before: datetime) -> list[str]:
        """Poll no more the feeds that nobody follows, of those that chats have added until then. Returns their names.

        - Followed is one by a query that asks for its source, alone or among other things; not by one that finds its
          news anyhow, such as everything. What leaves it out does not ask for it.
        - It is polled again when somebody follows it so (`Subscriptions.add`), and its news of that day is news.
        - Until then it counts as none of those that its chat has added, and nothing is wrong with it.
        """

    async def adopt(self, name: str, *, now: datetime) -> None:
        """Let the feed be the operator's from now on, whoever has added it. It rests no more."""

    async def remove(self, name: str) -> bool:
        """Poll it never again. Its source and articles stay. False: there is no such feed."""

    async def to_tell(self, *, before: datetime, limit: int) -> list[Feed]:
        """Feeds whose health is news to who added them.

        Those that have failed since `before` and nobody was told (`told` is False), or were ended; and those that work
        again after somebody was (`told`, and `failures` is 0).
        """

    async def note_told(self, name: str, *, told: bool, ended: str = "") -> None:
        """Note that who added the feed knows that it fails, or has `ended`, or that it works again.

        Nothing is noted if it has ended, or begun again, after that was looked up: this is still news.
        """

    async def ask_hub(self, name: str, secret: str) -> None:
        """Note with which secret the feed's hub was asked to send; empty: it was asked to end."""

    async def note_renewed(self, name: str, *, now: datetime) -> None:
        """Note that the feed brought something new without having been polled."""

    async def note_hub(self, name: str, until: datetime | None) -> None:
        """Note how long the feed's hub sends; None: not any more."""


class Folders(Protocol):
    """Sources that are folders, watched for files."""

    async def add(
        self, path: Path, source: Source, *, now: datetime, topics: Sequence[str] = ()
    ) -> tuple[Folder, bool]:
        """Watch the folder from now on. Returns it, and whether it is new.

        It gets its name as a feed of the operator's does.
        """

    async def all(self) -> list[Folder]:
        """Every watched folder, by its source's name."""

    async def pause(self, name: str, *, paused: bool) -> bool:
        """Watch it no more until it is resumed. False: there is no such folder."""

    async def remove(self, name: str) -> bool:
        """Watch it never again. Its source and articles stay. False: there is no such folder."""

    async def change(self, name: str, *, topics: Sequence[str]) -> bool:
        """Label its articles so from now on. False: there is no such folder."""

    async def seen(self, name: str) -> dict[str, FileSeen]:
        """The files that were read there, by path."""

    async def note_seen(self, name: str, files: Sequence[FileSeen]) -> None:
        """Note that these were read as they are; nothing when the folder was removed meanwhile."""

    async def forget_seen(self, name: str, paths: Sequence[str]) -> None:
        """Forget these files: they are not there any more."""


class Embargoes(Protocol):
    """Articles that are to be published later: neither found nor announced before."""

    async def put(self, embargo: Embargo) -> bool:
        """Hold the article until then, in the place of one with the same source and key. Whether there was none."""

    async def get(self, source: str, key: str) -> Embargo | None:
        """What is held under this key of the source of this name. What other versions keep beside it is left out."""

    async def lift(self, source: str, key: str) -> bool:
        """Hold it no more. False: it was not held."""

    async def over(self, *, now: datetime, limit: int) -> list[Embargo]:
        """What is to be published by now, the first first. It is held until it is lifted."""

    async def next(self) -> datetime | None:
        """When the next is to be published; None: nothing is held."""


class Articles(Protocol):
    """The news itself, and finding it."""

    async def add(
        self, articles: Sequence[NewArticle], *, arrived: datetime, push_since: datetime | None = None
    ) -> list[Arrival]:
        """Store the articles, and queue the news among them as unannounced. One answer for each, in order.

        - An article and its place in the queue are one transaction; many articles are several.
        - The same key of the same source is the same article. Nothing changes when it says nothing new (KNOWN).
        - A headline that arrives with a text becomes FULL; a known text is never replaced by none.
        - Another title, text, summary or link is a correction (CHANGED), and so is that it is `urgent` now, which it
          stays. Another picture (`image`) alone is none, nor are other `authors`: they are taken along with one, or
          with the text.
        - `aliases` are kept, whatever became of the article. An alias that was another article's is this one's now; a
          key is an article's for ever.
        - Queued are those that are NEW, FULL or CHANGED and were published at `push_since` or later; a day without a
          time counts to its end.
        - No `push_since`: of a source that has no article yet, what was published in the 24 hours before `arrived`; of
          any other, everything. All that one call brings of a new source is its first read, and so is what the next
          call brings when that one broke off.
        - `published` in the future of `arrived` counts as `arrived`.
        - A source's name not seen before becomes a source.
        - What is new of a source whose feed has joined another (`Feeds.settle`) is the other's, which is followed.
        """

    async def get(self, id_: int) -> Article:
        """The article with this number. Raises NotFound, also for a withdrawn one."""

    async def known(self, source: str, keys: Sequence[str]) -> dict[str, Article]:
        """The articles of the source of this name that are known by these keys, withdrawn ones too.

        By `key`, or by what they were given as `aliases`. Of their texts comes nothing. If the source's feed has joined
        another (`Feeds.settle`), by what the other knows, too.
        """

    async def withdraw(self, id_: int) -> bool:
        """Take the article back. False, and nothing changes: there is none with this number, or not any more.

        - It is in no answer from then on: neither found nor opened, related or among what a message counted.
        - It takes no position if it was unannounced, and is skipped where it is owed.
        - It comes back, and is announced again, when its source brings it with something new (FULL or CHANGED).
          Brought as it was it stays withdrawn: many a source names its articles again and again.
        """

    async def withdraw_key(self, source: str, key: str) -> bool:
        """Take back the article with this key of the source of this name, as `withdraw` does."""

    async def search(
        self, query: Query, *, now: datetime, limit: int, cursor: Cursor | None = None, sort: Sort = Sort.NEWEST
    ) -> Page:
        """The articles that the query matches, `limit` to a page.

        - Finds an article exactly when `query.matches(article, now)`; withdrawn ones never.
        - Newest first: by publication time. Any page costs what the first costs.
        - Best first: the newest 30 that it finds, and the newest 20 of the last 50,000 articles that have its words in
          the title; those with more of the words in the title or near the beginning come first, of equal ones the
          newer. What was ranked with the first page is paged through; nothing else follows. A query without words has
          its newest first.
        """

    async def spelled(self, query: Query, *, now: datetime) -> Query | None:
        """The query with the nearest spelling that the store knows, for each of its words that it does not know.

        None when it knows them all, knows none like them, or the query would still find nothing.
        """

    async def has_unannounced(self, source: str) -> bool:
        """Whether an article of the source of this name waits to be announced, among the last 1,000 that do."""

    async def widened(self, query: Query, *, now: datetime) -> Query | None:
        """The query without its rarest word; None when nothing would be left, or nothing would be found."""

    async def per_day(self, query: Query, *, now: datetime) -> float:
        """How many articles a day the query found in the last 30 days, or since the first article if that is later.

        A day at least is looked at; where there are thousands, the newest of them.
        """

    async def reindex(self, *, limit: int) -> bool:
        """Bring the index nearer to this version's rules for terms, by up to `limit` articles. False: it is there.

        - Until then articles are found under the rules they were stored with; what arrives or is corrected meanwhile
          may be found under either.
        - Several may do so at a time, and whoever comes after a kill goes on.
        - An article that cannot be read is logged and left out.
        """

    async def related(self, article: Article, *, limit: int) -> list[Article]:
        """Articles that share a topic or two rare title words with this one, the closest first; never itself."""


class Queries(Protocol):
    """Queries kept under a short id, for buttons."""

    async def keep(self, query: Query) -> int:
        """The id of this query. Equal queries have one id."""

    async def get(self, id_: int) -> Query:
        """The query with this id. Raises NotFound."""


class Chats(Protocol):
    """What is known of the chats themselves."""

    async def put(self, chat: Chat) -> None:
        """Remember the chat, or bring what is known of it up to date. It is neither paused nor resumed by that.

        A chat that nobody is named to have set up (0) keeps whoever did.
        """

    async def get(self, bot: int, id_: int) -> Chat | None:
        """The chat; None: nothing is known of it."""

    async def paused(self, bot: int, id_: int) -> str:
        """Why nothing can be delivered to the chat, known or not; empty: it can."""

    async def set_up_by(self, bot: int, person: int) -> list[Chat]:
        """The chats that this person has let the bot into and that can be delivered to, by title."""

    async def settings(self, bot: int, id_: int) -> ChatSettings:
        """What the chat has chosen; of one that is not known, what all begin with."""

    async def change_settings(self, bot: int, id_: int, chosen: ChatSettings, *, now: datetime) -> None:
        """Let the chat, known or not, be delivered to in this way from now on.

        - Its schedule is to be asked anew: what is owed is due at once, but not before a throttled mailbox opens.
        - What is claimed stays claimed, under the settings of its claim; the slot it settles with counts for nothing.
        """

    async def to_tell(self, place: Place, *, whole: bool, gone: bool) -> Chat | None:
        """The chat, when whoever set it up is to be told now that nothing can be delivered there; None otherwise.

        - `whole`: to the chat; else to the place alone, which something is followed in.
        - At most once: None from then on, until the chat is resumed, or the place reopened or delivered to. That the
          bot or the thread is `gone` may be told after that nothing can be written there, but not the other way round.
        - None, and nothing noted, when it is not known who set the chat up, and when that is over: the chat is not
          paused, the place neither shut nor failing.
        """


class Subscriptions(Protocol):
    """Who follows what."""

    async def add(
        self, place: Place, query: Query, *, now: datetime, cadence: Cadence = Cadence.INSTANT
    ) -> tuple[Subscription, bool]:
        """Let the place follow the query from the log's head on. Returns the subscription, and whether it is new.

        - What is announced after this returns is owed; nothing that was announced before.
        - A query that the place follows already, at whatever cadence, keeps its cursor and its cadence.
        - A source whose feed has joined another (`Feeds.settle`) is followed as that: the subscription says so. One
          that was followed before then, under another id, is meant by that, too, for as long as the log is kept.
        - A feed that rests (`Feeds.rest`) is polled again at once when it is followed.
        - The chat is resumed (`Mailboxes.resume`), and the place reopened (`Mailboxes.reopen`).

        Raises TooMany for the 101st of a place, and changes nothing.
        """

    async def change_cadence(self, place: Place, id_: int, cadence: Cadence, *, now: datetime) -> Subscription:
        """Let the subscription be delivered at this cadence: it goes to the place's mailbox of that. Returns it.

        - Its cursor stays: nothing is lost. What its mailbox was given before, or is given later of what had been
          announced by now, is not given again for its sake.
        - The same query in both keeps the lower cursor, and the subscription that had it: that one is returned.
        - Claims of either are lost; what they have in flight is waited for: the mailbox it goes to is not claimed until
          they settle or their leases end.
        - What is owed is due at once, or when that mailbox opens; what is paused or shut stays so. A mailbox that is
          left with nothing owed sleeps. Its slot is forgotten if its chat has agreed to urgent news.
        - Nothing changes when that is its cadence already.

        Raises NotFound unless it is this place's.
        """

    async def remove(self, place: Place, id_: int) -> Subscription:
        """End the subscription. Raises NotFound unless it is this place's."""

    async def remove_all(self, bot: int, chat: int) -> int:
        """End every subscription of the chat, wherever in it and at whatever cadence. Returns how many there were.

        - Nothing is owed there any more; what is in flight settles as ever.
        - What was delivered stays recorded. Other chats and bots lose nothing.
        """

    async def find(self, place: Place, query: Query) -> Subscription | None:
        """What the place follows of the query: what `add` would say that it follows already. None: it does not."""

    async def all(self, place: Place) -> list[Subscription]:
        """What the place follows at any cadence, in the order in which it began."""


class Leases(Protocol):
    """Jobs that only one may do at a time."""

    async def gain(self, name: str, *, now: datetime, duration: timedelta) -> Lease | None:
        """The lease, under a fresh token; None while another's runs. One that ends exactly at `now` has ended.

        So has one that ends more than twice the duration from now: whoever took it had a clock that was ahead.
        """

    async def held(self, name: str) -> Lease | None:
        """The lease as it was last gained or renewed, whoever has it, ended or not; None: it was given back."""

    async def renew(self, lease: Lease, *, now: datetime, duration: timedelta) -> Lease | None:
        """The lease until `now + duration`; None when somebody else has gained it meanwhile."""

    async def release(self, lease: Lease) -> None:
        """Give it back early. Does nothing when it is no longer this token's."""


class Log(Protocol):
    """All announced articles in order."""

    async def announce(self, lease: Lease, *, now: datetime, limit: int) -> Announced | None:
        """Give unannounced articles their positions, and each query that wants one its match.

        - Up to `limit` articles, first come first.
        - None, and nothing done, when the lease is no longer this token's.
        - Positions rise by one and are never given twice, also when the log was pruned.
        - A query gets a match exactly when it `matches` the article and has none for an earlier revision of it. Of one
          that was withdrawn, revisions count since it came back.
        - A withdrawn article takes no position.
        - An article that cannot be read, and a stored query that is none, are logged and passed over.
        - Nothing is written when there is nothing to announce.
        - Nothing is announced, though it is waiting, while followed queries are to be filed anew (`refile`).
        """

    async def refile(self, lease: Lease, *, limit: int) -> bool:
        """File up to `limit` followed queries anew, if they are filed by other terms than this version makes.

        - True: there are more, or a query was followed meanwhile. To be called until there are none.
        - Begun again after a kill, it goes on where it ended.
        - Nothing is done when all are filed, or the lease is no longer this token's: False.
        """

    async def wake(self, lease: Lease, *, now: datetime, limit: int) -> bool:
        """Make due up to `limit` mailboxes that follow what was announced since the last wake.

        - True: there are more to wake.
        - An earlier due time stays; a mailbox that opens later, or has a later slot, is due then; a paused one is left
          alone.
        - For what is urgent the slot is forgotten of a mailbox whose chat has agreed to that, and of a claim on it: its
          schedule is to be asked anew, by who claims what is pushed.
        - Begun again after a kill, it leaves out nobody.
        """

    async def head(self) -> int:
        """The last position given; 0: none yet."""


class Mailboxes(Protocol):
    """Places to deliver to."""

    async def claim(
        self, bot: int, *, now: datetime, lease: timedelta, limit: int, digests: bool = False
    ) -> list[Claim]:
        """Take up to `limit` of the bot's due mailboxes, longest due first, each leased under a fresh token.

        Those whose cadence is INSTANT, or all others: the `digests`. One that was woken for something urgent is of
        both kinds, until it settles.

        The lease ends at `now + lease`.

        A mailbox is due when `due_at <= now`, or when its lease ended unsettled, and no lease on it is running;
        a lease that ends exactly at `now` has ended, and so has one that ends later than `now + 2 * lease` (somebody's
        clock was ahead). Two callers never get the same mailbox.
        """

    async def owed(self, claims: Sequence[Claim], *, now: datetime) -> list[Owed]:
        """What each of the claimed mailboxes is owed, in their order.

        - The articles whose matches lie beyond the cursors of its subscriptions, once each, oldest first.
        - At most 50 of a mailbox are read; the rest is counted, once each.
        - Of an article's text comes as much as `summarise` looks at, 4,000 characters.
        - Left out, though the cursors pass them: what was withdrawn, what no longer matches, what this mailbox was
          given before, or counts as given for the subscriptions that want it (`Subscriptions.change_cadence`). Neither
          is it counted; but of what is counted, 50 corrected articles are looked at for whether they still match.
        - Nothing, when the claim has been lost.
        - When all 50 are left out, the rest is not counted: the cursors stop there, and the mailbox is due again.
        - What was announced as urgent comes once more by itself (`urgent`), in order, if the chat had agreed to it when
          it was claimed. Looked at is what was announced as urgent last, to whomever: 200 articles.
        """

    async def settle(self, settlement: Settlement, *, now: datetime) -> bool:
        """Record how a claim ended.

        False when the claim had been lost: then only cursors rise and deliveries are recorded, which count as served.

        The mailbox is due again (when both `opens` and `slot` are past, or at once) exactly if anything is owed beyond
        the cursors by then; one that is `shut` not before its place is reopened.
        """

    async def more(self, key: int, *, now: datetime, limit: int, cursor: Cursor | None = None) -> Page:
        """What a message counted without showing it: the delivery's with this key, `limit` to a page, oldest first.

        - Exactly the articles that were counted, once each, without those withdrawn since, those that no longer match
          the queries that wanted them, and those whose matches were pruned.
        - Whatever has become of the subscriptions, the mailbox and the chat. Any page costs what the first costs.

        Raises NotFound when there is no such delivery: it was pruned, or never settled.
        """

    async def free(self, bot: int, *, now: datetime) -> int:
        """End every running lease of the bot's mailboxes: their sender is dead. Returns how many there were.

        What it had in flight is waited for no longer. A mailbox that is due later than it opens, by a clock that was
        ahead, is due now or when it opens; so is one that opens, or has its slot, more than 8 days from now: that time
        is forgotten, and the schedule asked anew.
        """

    async def set_back(self, bot: int, *, by: timedelta, now: datetime) -> None:
        """Let what is to come for the bot's mailboxes come as much earlier: the clock, now at `now`, was set back.

        That is when they are due and open, when what holds them ends, and when paused chats are tried again. To be
        called while none is claimed.
        """

    async def next_due(self, bot: int) -> datetime | None:
        """When the next of the bot's mailboxes is due; None: nothing is owed."""

    async def pause(self, bot: int, chat: int, *, now: datetime, reason: str, retry: datetime | None = None) -> None:
        """Deliver nothing to the chat until it is resumed, or tried again (`retry`). Cursors stay, claims are lost.

        What has been paused for more than 30 days, tries between included, is tried no more.
        """

    async def retry(self, bot: int, *, now: datetime) -> int:
        """Resume the bot's chats that were paused until now, to see whether they take something. Returns how many.

        Whoever set one up and was told (`Chats.to_tell`) still counts as told, until something is delivered there.
        """

    async def resume(self, bot: int, chat: int, *, now: datetime) -> bool:
        """Undo a pause; what is owed is due at once. False: nothing was paused.

        - Claims are lost, also when nothing was paused: a late 403 pauses nothing.
        - What a lost claim has in flight is waited for, until it settles or its lease ends.
        - A place that is shut stays so.
        - A chat that had been paused for more than 30 days, tries between included, is owed nothing of what was
          announced until now. It follows what it followed.
        """

    async def reopen(self, place: Place, *, now: datetime) -> None:
        """Let the place be delivered to again, unless its chat is paused: its thread is there, and open.

        It is due at once if anything is owed, whatever failed before, but not before a throttled place opens. Claims
        are lost, as by `resume`.
        """

    async def move(self, bot: int, chat: int, to: int, *, now: datetime) -> None:
        """Give all that the chat has to the chat `to`, which may be known already.

        - Nothing is lost, nothing given twice.
        - The same query in both keeps the lower cursor, and the subscription that had it.
        - Claims of either are lost; what they have in flight is waited for: nothing is claimed until they settle or
          their leases end. So nothing is given twice, or before what is older.
        - The feeds that it has added are added by the chat `to`.
        - A chat that had been paused for more than 30 days brings nothing of what was announced until now. The pause of
          one that is given something begins anew.
        - What is owed is due at once, or when the known chat opens; its slots are forgotten if it has agreed to urgent
          news. Moving again changes nothing.
        """


class Payments(Protocol):
    """What was paid for of what a bot has sent, by day of UTC."""

    async def count(self, bot: int, day: date, messages: int) -> None:
        """Add so many messages to those that the bot has paid for on this day."""

    async def spent(self, bot: int, day: date) -> int:
        """How many messages the bot has paid for on this day: each costs a tenth of a Star (Bot API, paid broadcast).

        After a kill the last tenth of a second may be missing.
        """


class Deliveries(Protocol):
    """What was delivered: found again, and edited when its articles change.

    An article is touched when what a message shows of it changes: its title, link, time, or summary (the one made of
    its text, too), whether it has a text, its being withdrawn or back. That is noted in the same transaction.
    """

    async def find_touched(self, *, now: datetime, limit: int) -> bool:
        """Make due, at `now`, up to `limit` messages that show touched articles. True: there may be more.

        - Those that were sent in the 48 hours before `now`, by whatever bot, and were not deleted.
        - One whose delivery is recorded after its article was touched, though claimed before, is due by that.
        - One that is being edited meanwhile is due again when that settles.
        - Begun again after a kill, it leaves out none.
        """

    async def claim(self, bot: int, *, now: datetime, lease: timedelta, limit: int) -> list[Edit]:
        """Take up to `limit` of the bot's messages that are due to be edited, longest due first, one of a chat.

        - Each is leased until `now + lease` under a fresh token; a lease that ends exactly at `now` has ended.
        - Of a chat in which one is being edited there is none.
        - What would be older than 48 hours when the lease ends is left as it is, and no longer due.
        """

    async def now_showing(self, edits: Sequence[Edit]) -> list[tuple[OwedArticle, ...]]:
        """What each of the messages is to show now: the articles that it carries, in its order, as they are now.

        - Withdrawn ones too.
        - With the queries that wanted them, of the subscriptions that there still are.
        - Of an article's text comes as much as `summarise` looks at, 4,000 characters.
        """

    async def settle(self, edit: Edit, *, fate: Fate, now: datetime) -> None:
        """Record that a message was brought up to date, or cannot be (UNCHANGED): it is due no more.

        - Unless one of its articles was touched since it was claimed: then it is due at once. What was deleted is not.
        - When the claim has been lost only the fate is recorded, and not that of what was deleted meanwhile.
        - An article that came back while its message was being deleted is announced once more.
        """

    async def put_off(self, edit: Edit, *, until: datetime, failed: bool) -> None:
        """Let go of a message that could not be edited yet: all of its chat are due at `until`, or later.

        `failed` counts as a failure. Nothing happens when the claim has been lost.
        """

    async def drop(self, bot: int, chat: int) -> None:
        """Edit none of the messages that are due in the chat: nothing can be edited there."""

    async def free(self, bot: int) -> None:
        """End every lease of the bot's messages: their editor is dead."""

    async def of_article(self, article: int, *, limit: int) -> list[Record]:
        """The newest deliveries of the article, those that were refused too, the newest first."""

    async def of_chat(self, chat: int, *, limit: int) -> list[Record]:
        """The newest deliveries to the chat, by the id that it has now, the newest first; those before it moved too."""

    async def prune(self, lease: Lease, *, before: datetime, limit: int) -> bool:
        """Clear away up to `limit` rows, or so, of what is older than `before`. True: there is more.

        - Deliveries; what was announced, and its matches, but nothing whose followers are not woken. The log itself is
          kept three days longer, for what a message of the last 48 hours shows.
        - What counts as given for the sake of those alone (`Subscriptions.change_cadence`), and what no followed query
          is filed by any more.
        - Articles stay. A cursor that was left behind goes on with what comes after it.
        - Nothing, and False, when the lease is no longer this token's.
        """


class Store(Protocol):
    """Everything that remembers."""

    @property
    def sources(self) -> Sources: ...

    @property
    def feeds(self) -> Feeds: ...

    @property
    def folders(self) -> Folders: ...

    @property
    def embargoes(self) -> Embargoes: ...

    @property
    def articles(self) -> Articles: ...

    @property
    def queries(self) -> Queries: ...

    @property
    def chats(self) -> Chats: ...

    @property
    def subscriptions(self) -> Subscriptions: ...

    @property
    def leases(self) -> Leases: ...

    @property
    def log(self) -> Log: ...

    @property
    def mailboxes(self) -> Mailboxes: ...

    @property
    def payments(self) -> Payments: ...

    @property
    def deliveries(self) -> Deliveries: ...

    async def stats(self, bot: int, *, now: datetime) -> Stats:
        """How the bot and the store are doing. Nobody who writes waits for it; it takes a moment, not seconds."""

    async def offset(self) -> timedelta:
        """The database's clock minus this machine's."""

    async def changed(self, change: Change, seconds: float) -> bool:
        """Wait until there may be something new of this kind, by this process or another; at most `seconds`.

        False: there is not.

        It only shortens a wait: one loop of a process waits for each kind, and looks by itself from time to time.
        """

    async def close(self) -> None:
        """End what is under way and let go of the database. Afterwards every method raises StoreUnavailable."""
