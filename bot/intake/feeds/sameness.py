"""Which article of the store an entry of a feed is, if any. Pure.

A feed says it by the entry's guid, else by its link, else by its title and day. But feeds give all their entries one
guid, or each of them another every time; they change links, titles and dates, put entries in another order, and bring
back what they dropped. So each of these only *names* an article, and what else is known must not contradict:

- What different entries of one document share (a guid, a link, a headline) names none of them. Neither does the address
  of the feed's site.
- A guid that the store knows names its article, unless link, title and day are all other ones than the article's. In a
  document of one entry, which may call every story so, neither if it is newer than the article, under another link, and
  its title has no telling word of the article's.
- A link of an entry with another guid names its article if the title or the day is the article's, too. Where a
  document gives most of its known entries other guids than before, guids say nothing, and the link is enough.
- A title and day of an entry with another link name their article if the time is the same, too: the site has moved. So
  does the title alone, of an entry without a date, if the article came within a day.
- An article is one entry of a document: that which has its guid, else its link, else its title.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bot.intake.parsing.entries import Entry, FeedDocument
from bot.intake.parsing.keys import day_key, entry_key, id_key, is_front_page, link_key, page_key, undated_key
from storage.models import Article, Source
from storage.text.common import common_terms
from storage.text.terms import article_terms

DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Named:
    """An entry, and which article it is."""

    entry: Entry
    key: str
    """The known article's, else its own."""
    aliases: tuple[str, ...] = ()
    """What else it is to be known by."""
    known: Article | None = None
    """The article that it is, as the store has it; None: a new one."""


def keys_of(document: FeedDocument, source: Source) -> list[str]:
    """All keys by which the document's entries may be known, for `Articles.known`."""
    return list(dict.fromkeys(key for entry in document.entries for key in _names(entry, source).all))


def name_entries(
    document: FeedDocument, source: Source, known: Mapping[str, Article], *, now: datetime, feed_url: str = ""
) -> list[Named]:
    """Each entry of the document with its key, in the document's order, those that are one article once.

    `known`: what the store says to `keys_of`.
    """
    naming = _Naming(document, source, feed_url)
    names = [naming.own(names) for names in naming.merged()]
    articles = _matched(names, known, ZoneInfo(source.zone), now)
    taken = {article.key for article in known.values()}
    return [_named(one, article, known, taken) for one, article in zip(names, articles, strict=True)]


@dataclass(frozen=True, slots=True)
class _Names:
    """What may name an entry; empty: nothing of the kind does."""

    entry: Entry
    id: str
    link: str
    pages: tuple[str, ...]
    title: str
    entire: str
    """All of it together."""

    @property
    def all(self) -> tuple[str, ...]:
        """The strongest first."""
        return tuple(filter(None, (self.id, self.link, *self.pages, self.title, self.entire)))


def _names(entry: Entry, source: Source) -> _Names:
    places = [entry.link, entry.id if _is_address(entry.id) else ""]
    return _Names(
        entry,
        id=id_key(entry.id) if entry.id else "",
        link=link_key(entry.link) if entry.link else "",
        pages=tuple(dict.fromkeys(page_key(place) for place in places if place)),
        title=day_key(source, entry.title, entry.published) if entry.published else undated_key(entry.title),
        entire=entry_key(entry.id, entry.link, entry.title, entry.published),
    )


class _Naming:
    """What names the entries of one document."""

    def __init__(self, document: FeedDocument, source: Source, feed_url: str) -> None:
        self._all = [_names(entry, source) for entry in document.entries]
        self._site = {page_key(place) for place in (document.link, document.topic, feed_url) if place}
        # Nor does the front page of any site.
        self._site |= {page for names in self._all for page in names.pages if is_front_page(page)}
        self._shared: set[str] = set()

    def merged(self) -> list[_Names]:
        """The entries, the better one of those that are one article. What others share names nothing from now on."""
        kept: list[_Names] = []
        places: dict[str, list[int]] = {}
        for names in self._all:
            twin = next((place for place in _places(names, places) if self._are_one(kept[place], names)), None)
            if twin is not None:
                kept[twin] = _better(kept[twin], names)
                continue
            for key in names.all:
                places.setdefault(key, []).append(len(kept))
            kept.append(names)
        counts = Counter(key for names in kept for key in set(names.all))
        self._shared = {key for key, count in counts.items() if count > 1}
        return kept

    def own(self, names: _Names) -> _Names:
        """What names this entry alone."""
        pages = tuple(page for page in names.pages if page not in self._site and page not in self._shared)
        is_own = names.link and names.link not in self._shared and page_key(names.entry.link) not in self._site
        link = names.link if is_own else ""
        title = "" if names.title in self._shared else names.title
        return _Names(names.entry, "" if names.id in self._shared else names.id, link, pages, title, names.entire)

    def _are_one(self, one: _Names, other: _Names) -> bool:
        """Whether two entries of the document are one article, though it is named there twice."""
        same_id = bool(one.id) and one.id == other.id
        same_page = bool(set(one.pages) & set(other.pages) - self._site)
        same_title = one.title == other.title
        same_time = one.entry.published is not None and one.entry.published == other.entry.published
        if same_id:
            return (same_page and (same_title or same_time)) or (same_title and (same_time or not other.pages))
        if one.id and other.id:
            return same_page and same_title
        return same_title and (same_page or not (one.pages and other.pages))


def _places(names: _Names, places: Mapping[str, list[int]]) -> Iterable[int]:
    # Of those that share a headline, or a guid, a few are compared: a hostile feed has thousands.
    return (place for key in names.all for place in places.get(key, ())[-8:])


def _better(one: _Names, other: _Names) -> _Names:
    """Of two entries that are one article the fuller one; of equal ones the newer one, else the first."""

    def worth(names: _Names) -> tuple[int, float]:
        entry = names.entry
        return len(entry.body) or len(entry.summary), entry.published.timestamp() if entry.published else 0

    return other if worth(other) > worth(one) else one


def _matched(
    names: Sequence[_Names], known: Mapping[str, Article], zone: ZoneInfo, now: datetime
) -> list[Article | None]:
    """The known article that each entry is: by guids first, then by links, then by titles. None is two entries."""
    found: list[Article | None] = [None] * len(names)
    taken: set[int] = set()
    agreement = partial(
        _Agreement, zone=zone, now=now, keeps_guids=_keeps_guids(names, known), is_alone=len(names) == 1
    )
    rounds: list[tuple[Callable[[_Names], Iterable[str]], Callable[[_Agreement], bool]]] = [
        (lambda one: (one.id, one.entire), _Agreement.as_guid),
        (lambda one: (one.link, *one.pages), _Agreement.as_link),
        (lambda one: (one.title,), _Agreement.as_title),
    ]
    for keys, accepts in rounds:
        for place, one in enumerate(names):
            if found[place]:
                continue
            for key in keys(one):
                article = known.get(key)
                if article and article.id not in taken and accepts(agreement(one, article)):
                    found[place] = article
                    taken.add(article.id)
                    break
    return found


def _keeps_guids(names: Iterable[_Names], known: Mapping[str, Article]) -> bool:
    """Whether entries have the guids that they had, as far as links and titles tell: some feeds make up new ones."""
    told: Counter[bool | None] = Counter()
    for one in names:
        article = next((known[key] for key in (one.link, *one.pages) if key in known), None)
        if article and undated_key(article.title) == undated_key(one.entry.title):
            told[_guid_agrees(one, article.key)] += 1
    return told[False] <= max(told[True], 1)


class _Agreement:
    """In what an entry and an article agree: True, False, or None where one of them says nothing."""

    def __init__(  # noqa: PLR0913  all that it depends on
        self, names: _Names, article: Article, *, zone: ZoneInfo, now: datetime, keeps_guids: bool, is_alone: bool
    ) -> None:
        entry = names.entry
        self._titles = entry.title, article
        self.is_alone = is_alone
        self.guid = _guid_agrees(names, article.key) if keeps_guids else None
        self.link = page_key(article.link) in names.pages if article.link and names.pages else None
        self.title = undated_key(entry.title) == undated_key(article.title)
        self.day = self.time = None
        self.is_newer = False
        if entry.published is not None:
            # A time in the future counts as arrival, in the store.
            seen = min(entry.published, max(now, article.published))
            self.day = seen.astimezone(zone).date() == article.published.astimezone(zone).date()
            either = entry.date_only or article.date_only
            self.time = self.day if either else abs(seen - article.published) <= _SECOND
            self.is_newer = not self.time and seen > article.published
        self.is_fresh = now - article.arrived <= DAY

    def as_guid(self) -> bool:
        """Whether the article with this guid is meant."""
        others = [self.link, self.title, self.day]
        if self.is_alone and self.is_newer and others[:2] == [False, False] and not _share_a_word(*self._titles):
            return False
        return any(others) or others.count(False) < 2

    def as_link(self) -> bool:
        """Whether the article with this link is meant."""
        return self.guid is not False or self.title or self.day is True

    def as_title(self) -> bool:
        """Whether the article with this title and day is meant."""
        if self.link is not False:
            return True
        return self.is_fresh if self.time is None else self.time


def _share_a_word(title: str, article: Article) -> bool:
    """Whether a title has a word of the article's, in whatever form, that is neither common nor a number."""
    mine, its = (article_terms(replace(article, title=one)).title_terms for one in (title, article.title))
    return any(not term.isdecimal() for term in (mine & its) - common_terms())


def _guid_agrees(names: _Names, key: str) -> bool | None:
    if not key.startswith("id:") or not names.entry.id:
        return None
    guid = key.removeprefix("id:")
    return key == names.id or (_is_address(guid) and page_key(guid) in names.pages)


def _named(names: _Names, article: Article | None, known: Mapping[str, Article], taken: set[str]) -> Named:
    others = [key for key in names.all if key not in taken and key != names.entire]
    if article is None:
        key = others[0] if others else names.entire
        return Named(names.entry, key, tuple(others[1:]))
    if article.key.startswith("id:"):
        # A feed that gives another guid each time would leave one behind each time.
        others = [key for key in others if key != names.id]
    return Named(names.entry, article.key, tuple(key for key in others if known.get(key) != article), article)


def _is_address(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))
