"""What programs hand in: articles, at once or at a later moment; corrections; withdrawals.

An article that is to be published later is held (`Embargoes`) and released when its time has come. Whatever is killed
in between, and however often a program says the same, it is published once.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.intake.parsing.clean import TextError, clean_line, clean_link, shown
from bot.intake.parsing.dates import Moment
from bot.intake.parsing.given import GivenError, article_of, clean_id, read_moment
from bot.intake.parsing.handed import Corrected, Handed
from bot.intake.parsing.keys import key_of, page_key
from storage.models import Arrival, Article, Embargo, NewArticle, Source
from storage.ports import Store
from storage.text.terms import slug

MOST_PREVIEWS = 10
"""In one call: they go to one chat, which takes one a second."""
SOURCE_LIMIT = 200
RELEASED_AT_ONCE = 100
ALWAYS = datetime.min.replace(tzinfo=UTC)
_FRACTION = re.compile(r":[0-9]{2}[.,][0-9]*[1-9]")

Preview = Callable[[int, Article], Awaitable[str]]
"""Shows an article to a chat as it would be pushed there. Empty: done; else why it was not."""


class Became(StrEnum):
    """What became of an article that a program handed in, or of what it said about one."""

    NEW = Arrival.NEW.value
    FULL = Arrival.FULL.value
    CHANGED = Arrival.CHANGED.value
    KNOWN = Arrival.KNOWN.value
    HELD = "held"
    """It is to be published later."""
    PREVIEWED = "previewed"
    """It was shown to one chat, and is not in the store."""
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of them, and where it is found."""

    became: Became
    source: str = ""
    """Its name; empty: it has none."""
    key: str = ""
    number: int = 0
    """As in /article_12; 0: it is not in the store."""
    until: datetime | None = None
    """When it is published, of one that is held."""
    reason: str = ""
    """Why it was refused, or what is worth knowing."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An article that may be taken."""

    article: NewArticle
    source: Source
    until: datetime
    """Not to be published before."""
    preview_to: int = 0


class Posting:
    """Takes what programs hand in. One for each process: what is held is changed by one at a time."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        *,
        zone: str,
        preview: Preview,
        count: Callable[[str, str], None],
    ) -> None:
        """`zone` (IANA) is that of new sources; `count` is told the way in and what became of each article."""
        self._store = store
        self._now = now
        self._zone = zone
        self._preview = preview
        self._count = count
        self._holding = asyncio.Lock()

    async def take(self, given: Sequence[Handed | str], *, source: str = "", preview_to: int = 0) -> list[Outcome]:
        """Take the articles, or say why not, one answer for each. `source`, `preview_to`: of those that name none.

        Raises StoreUnavailable: then some may have been taken, and all may be handed in again.
        """
        sources = await self._sources({one.source or source for one in given if isinstance(one, Handed)})
        now = self._now()
        drafts = await asyncio.to_thread(_drafts, given, source, preview_to, sources, now)
        outcomes: dict[int, Outcome] = {at: one for at, one in enumerate(drafts) if isinstance(one, Outcome)}
        ready = {at: one for at, one in enumerate(drafts) if isinstance(one, Draft)}
        shown_ones = {at: one for at, one in ready.items() if one.preview_to}
        outcomes |= await self._publish({at: one for at, one in ready.items() if at not in shown_ones}, now)
        # Each waits for its chat's turn: nothing is published later for it.
        outcomes |= await self._show(shown_ones)
        answers = [outcomes[at] for at in range(len(given))]
        for one in answers:
            self._count("post", one.became.value)
        return answers

    async def _sources(self, names: set[str]) -> dict[str, Source]:
        """The source of each of these names as programs write them, known or not, without those that make none."""
        found = {}
        for title in names:
            name = slug(title) if len(title) <= SOURCE_LIMIT else ""
            if name:
                known = await self._store.sources.get(name)
                found[title] = known or Source(name=name, title=title, zone=self._zone)
        return found

    async def _show(self, drafts: Mapping[int, Draft]) -> dict[int, Outcome]:
        outcomes = {}
        for count, (at, draft) in enumerate(drafts.items()):
            if count >= MOST_PREVIEWS:
                why = f"at most {MOST_PREVIEWS} are shown in one call"
            else:
                why = await self._preview(draft.preview_to, _article(draft, self._now()))
            became = Became.REFUSED if why else Became.PREVIEWED
            outcomes[at] = Outcome(became, draft.source.name, draft.article.key, reason=why)
        return outcomes

    async def _publish(self, drafts: Mapping[int, Draft], now: datetime) -> dict[int, Outcome]:
        for source in {draft.source.name: draft.source for draft in drafts.values()}.values():
            if not source.id:
                await self._store.sources.put(source)
        later = {at: draft for at, draft in drafts.items() if draft.until > now}
        at_once = {at: draft for at, draft in drafts.items() if draft.until <= now}
        if not later and await self._store.embargoes.next() is None:
            return await self._add(at_once)
        held = {at: draft for at, draft in at_once.items() if await self._is_held(draft)}
        # What is not held comes first, alone: of a new source not all is news, and what is due need not wait for it.
        outcomes = await self._add({at: draft for at, draft in at_once.items() if at not in held})
        outcomes |= await self._publish_held(held, now)
        return outcomes | await self._hold(later, at_once)

    async def _is_held(self, draft: Draft) -> bool:
        return await self._store.embargoes.get(draft.article.source, draft.article.key) is not None

    async def _publish_held(self, drafts: Mapping[int, Draft], now: datetime) -> dict[int, Outcome]:
        async with self._holding:
            # Should we not get so far, it is released by whoever comes next.
            released = [embargo for draft in drafts.values() if (embargo := await self._end_holding(draft, now))]
            outcomes = await self._add(drafts)
            for embargo in released:
                await self._store.embargoes.lift(embargo.article.source, embargo.article.key)
            return outcomes

    async def _hold(self, drafts: Mapping[int, Draft], at_once: Mapping[int, Draft]) -> dict[int, Outcome]:
        """Hold these but for those of which the same call says `at_once` after them."""
        outcomes = {}
        over = {(draft.article.source, draft.article.key): at for at, draft in at_once.items()}
        for at, draft in drafts.items():
            if at > over.get((draft.article.source, draft.article.key), -1):
                async with self._holding:
                    await self._store.embargoes.put(Embargo(draft.article, draft.until))
            outcomes[at] = Outcome(Became.HELD, draft.article.source, draft.article.key, until=draft.until)
        return outcomes

    async def _end_holding(self, draft: Draft, now: datetime) -> Embargo | None:
        """Let what is held be this version of it, and be over."""
        if not await self._is_held(draft):
            return None
        embargo = Embargo(draft.article, now)
        await self._store.embargoes.put(embargo)
        return embargo

    async def _add(self, drafts: Mapping[int, Draft]) -> dict[int, Outcome]:
        outcomes = await self._put([draft.article for draft in drafts.values()])
        return dict(zip(drafts, outcomes, strict=True))

    async def _put(self, given: Sequence[NewArticle], push_since: datetime | None = None) -> list[Outcome]:
        """Add them to the store. `push_since`: see `Articles.add`."""
        if not given:
            return []
        articles = await self._met(given)
        arrivals = await self._store.articles.add(articles, arrived=self._now(), push_since=push_since)
        known = await self._known(articles)
        return [
            _outcome(article, Became(arrival.value), known.get((article.source, article.key)))
            for article, arrival in zip(articles, arrivals, strict=True)
        ]

    async def _met(self, articles: Sequence[NewArticle]) -> list[NewArticle]:
        """The articles, those that say no id under the keys of what the store knows by their links, or title and day.

        A feed that brings articles to the same source may call them by ids.
        """
        # In threads: a thousand links are 10 ms.
        names = await asyncio.to_thread(lambda: [_names(article) for article in articles])
        known = await self._by_keys(
            (article.source, key) for article, keys in zip(articles, names, strict=True) for key in keys
        )
        return await asyncio.to_thread(_under_known_keys, articles, names, known)

    async def _known(self, articles: Sequence[NewArticle]) -> dict[tuple[str, str], Article]:
        return await self._by_keys((article.source, article.key) for article in articles)

    async def _by_keys(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Article]:
        keys: dict[str, list[str]] = {}
        for source, key in places:
            keys.setdefault(source, []).append(key)
        return {
            (source, key): article
            for source, wanted in keys.items()
            for key, article in (await self._store.articles.known(source, wanted)).items()
        }

    async def correct(self, name: str, key: str, correction: Corrected) -> Outcome | None:
        """Correct the article with this key of the source of this name, held or published. None: there is none.

        Raises GivenError, StoreUnavailable.
        """
        source = await self._store.sources.get(name)
        if source is None:
            return None
        key = known_as(source, key)
        async with self._holding:
            held = await self._store.embargoes.get(name, key)
            if held:
                return await self._correct_held(held, source, correction)
            return await self._correct_published(source, key, correction)

    async def _correct_held(self, held: Embargo, source: Source, correction: Corrected) -> Outcome:
        now, until = self._now(), held.until
        article = _corrected(held.article, correction)
        if correction.publish_at:
            until = max(_until(correction.publish_at, source), now)
            if article.published == held.until:  # it was left out, and so is that
                article = replace(article, published=until)
        embargo = Embargo(article, until)
        await self._store.embargoes.put(embargo)
        if until > now:
            self._count("patch", Became.HELD.value)
            return Outcome(Became.HELD, source.name, article.key, until=until)
        [outcome] = (await self._release([embargo])).values()
        return outcome

    async def _correct_published(self, source: Source, key: str, correction: Corrected) -> Outcome | None:
        known = (await self._store.articles.known(source.name, [key])).get(key)
        if known is None:
            return None
        if known.withdrawn:
            raise GivenError("it is withdrawn: only a new version, posted, brings it back")
        if correction.publish_at:
            raise GivenError("publish_at: it is published already")
        as_it_is = NewArticle(
            source=source.name,
            key=known.key,
            title=known.title,
            published=known.published,
            date_only=known.date_only,
            language=known.language,
        )
        article = _corrected(as_it_is, correction)
        [arrival] = await self._store.articles.add([article], arrived=self._now())
        self._count("patch", arrival.value)
        outcome = _outcome(article, Became(arrival.value), known)
        if arrival is Arrival.KNOWN and correction.said():
            return replace(outcome, reason=NO_CORRECTION)
        return outcome

    async def withdraw(self, name: str, key: str) -> Outcome | None:
        """Withdraw the article with this key of the source of this name, held or published. None: there is none.

        One that is withdrawn already stays so.
        """
        source = await self._store.sources.get(name)
        if source is None:
            return None
        key = known_as(source, key)
        async with self._holding:
            was_held = await self._store.embargoes.lift(name, key)
            known = (await self._store.articles.known(name, [key])).get(key)
            if known is None and not was_held:
                return None
            if known:
                await self._store.articles.withdraw(known.id)
        self._count("delete", Became.WITHDRAWN.value)
        return Outcome(Became.WITHDRAWN, name, known.key if known else key, known.id if known else 0)

    async def release(self) -> bool:
        """Publish what was held until now. Whether there is more of it."""
        async with self._holding:
            over = await self._store.embargoes.over(now=self._now(), limit=RELEASED_AT_ONCE)
            await self._release(over)
        return len(over) == RELEASED_AT_ONCE

    async def _release(self, over: Sequence[Embargo]) -> dict[int, Outcome]:
        """Add first and lift then: who is killed in between adds what is known already."""
        # However old they say they are: somebody has waited for them.
        outcomes = await self._put([embargo.article for embargo in over], ALWAYS)
        for embargo in over:
            await self._store.embargoes.lift(embargo.article.source, embargo.article.key)
        for outcome in outcomes:
            self._count("embargo", outcome.became.value)
        return dict(enumerate(outcomes))


NO_CORRECTION = "nothing to correct: another image, topics, language, authors or urgency alone are no correction"


def _drafts(
    given: Sequence[Handed | str], source: str, preview_to: int, sources: Mapping[str, Source], now: datetime
) -> list[Draft | Outcome]:
    return [_draft(one, source, preview_to, sources, now) for one in given]


def _draft(
    given: Handed | str, source: str, preview_to: int, sources: Mapping[str, Source], now: datetime
) -> Draft | Outcome:
    if isinstance(given, str):
        return Outcome(Became.REFUSED, reason=given)
    title = given.source or source
    found = sources.get(title)
    if found is None:
        return Outcome(Became.REFUSED, reason=_no_source(title))
    try:
        until = _until(given.publish_at, found) if given.publish_at else now
        moment = _moment(given.published, found) if given.published else Moment(until, date_only=False)
    except GivenError as error:
        return Outcome(Became.REFUSED, found.name, reason=str(error))
    return Draft(article_of(given, found, moment), found, until, given.preview_to or preview_to)


def _moment(text: str, source: Source) -> Moment:
    """Raises GivenError."""
    return read_moment("published", text, source.zone)


def _names(article: NewArticle) -> tuple[str, ...]:
    """The keys by which it may be known, of one that says no id."""
    if article.key.startswith("id:"):
        return ()
    return (article.key, page_key(article.link)) if article.link else (article.key,)


def _under_known_keys(
    articles: Sequence[NewArticle], names: Sequence[Sequence[str]], known: Mapping[tuple[str, str], Article]
) -> list[NewArticle]:
    met = []
    for article, keys in zip(articles, names, strict=True):
        places = ((article.source, key) for key in keys)
        found = next((known[place] for place in places if place in known), None)
        met.append(replace(article, key=found.key) if found and found.key != article.key else article)
    return met


def _until(text: str, source: Source) -> datetime:
    """The moment before which nothing is published. Raises GivenError."""
    until = read_moment("publish_at", text, source.zone).published
    # Reading drops what is less than a second, and a second too late is better than one too soon.
    return until + timedelta(seconds=1) if _FRACTION.search(text) else until


def _no_source(title: str) -> str:
    if not title:
        return "source: must be there, here or as ?source= in the address"
    if len(title) > SOURCE_LIMIT:
        return f"source: has {len(title):,} characters: at most {SOURCE_LIMIT} are taken"
    return f"source: {shown(title)} has no letter or digit"


def _outcome(article: NewArticle, became: Became, known: Article | None) -> Outcome:
    outcome = Outcome(became, article.source, article.key, known.id if known else 0)
    if known and known.withdrawn:
        return replace(outcome, reason="it is withdrawn, and stays so until something new is said")
    return outcome


def _corrected(article: NewArticle, correction: Corrected) -> NewArticle:
    said = {name: value for name, value in correction.said().items() if value not in ("", ())}
    said.pop("publish_at", None)
    return replace(article, **said)


def known_as(source: Source, key: str) -> str:
    """The key as it is kept of one that somebody has put together: `id:` and its id, `link:` and its link."""
    kind, _, value = key.partition(":")
    epoch = datetime.fromtimestamp(0, UTC)
    try:
        if kind == "id" and (id_ := clean_id(value)):
            return key_of(source, title="", published=epoch, id_=id_)
        if kind == "link" and (link := clean_link(value)):
            return key_of(source, title="", published=epoch, link=link)
    except TextError:
        return clean_line(key)
    return clean_line(key)


def _article(draft: Draft, now: datetime) -> Article:
    """The article as it would be in the store, without its numbers."""
    new = draft.article
    return Article(
        id=0,
        source=draft.source,
        key=new.key,
        title=new.title,
        published=min(new.published, now) if draft.until <= now else new.published,
        arrived=now,
        newest=0,
        body=new.body,
        summary=new.summary,
        link=new.link,
        topics=new.topics,
        language=new.language,
        date_only=new.date_only,
        image=new.image,
        authors=new.authors,
        urgent=new.urgent,
    )
