"""A feed as it says things itself, whatever it is written in, and how an entry is made of that."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

from bot.intake.parsing.clean import SUMMARY_LIMIT, clean_line, join_paragraphs, shown
from bot.intake.parsing.dates import Moment
from bot.intake.parsing.door import (
    absolute_link,
    author_names,
    direct_link,
    language_code,
    title_from_link,
    title_from_text,
    title_of_html,
    title_of_plain,
    title_of_text,
    topic_names,
)
from bot.intake.parsing.entries import Entry
from bot.intake.parsing.footers import without_more, without_origin
from bot.intake.parsing.odd_dates import DateReader
from bot.intake.parsing.prose import Prose, has_markup, is_no_picture, paragraphs_of_text, text_of_html

ID_LIMIT = 2_000
_LONG = 400
"""Characters of a description that is no teaser any more, but the text itself."""
_LONGEST_TEASER = 2_000
"""Characters of a description that is the text itself, even when it ends as a teaser does."""
_TEASER_ENDS = ("…", "...", "[…]", "[...]", "[&#8230;]", "more", "далее", "»")
_AHEAD = timedelta(days=1)


class Kind(Enum):
    """What a text is by its own word."""

    UNSAID = auto()
    """Text or HTML: by its looks."""
    HTML = auto()
    PLAIN = auto()


@dataclass(frozen=True, slots=True)
class RawText:
    """A title or a text."""

    value: str = ""
    kind: Kind = Kind.UNSAID
    base: str = ""
    """What its addresses are relative to, itself perhaps relative; empty: the feed's address."""


@dataclass(frozen=True, slots=True)
class RawEntry:
    """What a feed says of one entry; of each thing first what counts most."""

    id: str = ""
    titles: Sequence[RawText] = ()
    links: Sequence[str] = ()
    dates: Sequence[str] = ()
    contents: Sequence[RawText] = ()
    """The whole text, by its own word."""
    summaries: Sequence[RawText] = ()
    """What may be the whole text or a teaser."""
    authors: Sequence[str] = ()
    topics: Sequence[str] = ()
    languages: Sequence[str] = ()
    images: Sequence[str] = ()
    thumbnails: Sequence[str] = ()
    """Pictures so small that those in the texts are better."""
    base: str = ""


@dataclass(frozen=True, slots=True)
class RawFeed:
    """What a feed says of itself, and its entries."""

    kind: str
    entries: Sequence[RawEntry] = ()
    title: RawText = field(default_factory=RawText)
    link: str = ""
    language: str = ""
    ttl: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    hub: str = ""
    topic: str = ""
    cut: bool = False


@dataclass(slots=True)
class EntryMaker:
    """Makes entries of what a feed says. `oddities` are those of the last one, in words for the operator."""

    base: str
    """What relative addresses are relative to."""
    dates: DateReader
    now: datetime
    oddities: list[str] = field(default_factory=list)

    def entry(self, raw: RawEntry) -> Entry | None:
        """The entry; None: there is neither title nor text nor link in it, and `oddities` says so."""
        self.oddities = []
        base = absolute_link(raw.base, self.base) or self.base
        title = next(filter(None, map(title_of, raw.titles)), "")
        body, summary, image = self._texts(raw, base, title)
        link = next(filter(None, (direct_link(link, base) for link in raw.links)), "")
        title = title or title_from_text(body or summary) or title_from_link(link)
        body, summary = _beyond(title, body), _beyond(title, summary)
        if not title:
            self.oddities.append("there is neither a title nor a text nor a link")
            return None
        moment = self._moment(raw.dates)
        return Entry(
            title=title,
            id=clean_line(raw.id)[:ID_LIMIT],
            link=link,
            published=moment.published if moment else None,
            date_only=moment.date_only if moment else False,
            body=body,
            summary=summary,
            authors=author_names(raw.authors),
            topics=topic_names(raw.topics),
            language=next(filter(None, map(language_code, raw.languages)), ""),
            image=_image(raw.images, base) or image or _image(raw.thumbnails, base),
        )

    def _texts(self, raw: RawEntry, base: str, title: str) -> tuple[str, str, str]:
        """Body, summary, and the first picture in them."""
        contents = [self._prose(text, base, title) for text in raw.contents]
        summaries = [self._prose(text, base, title) for text in raw.summaries]
        body = max((prose.text for prose in contents), key=len, default="")
        summary = next((prose.text for prose in summaries if prose.text), "")
        image = next((prose.image for prose in (*contents, *summaries) if prose.image), "")
        if len(summary) > 1.5 * len(body) and (body or _is_whole(summary)):
            body, summary = summary, body
        if summary == body:
            summary = ""
        return without_more(body), _short(without_more(summary)), image

    def _prose(self, text: RawText, base: str, title: str) -> Prose:
        prose = prose_of(text, absolute_link(text.base, base) or base)
        return Prose(without_origin(prose.paragraphs, title), prose.image)

    def _moment(self, dates: Sequence[str]) -> Moment | None:
        for text in dates:
            moment = self.dates.read(text)
            if moment:
                if moment.published > self.now + _AHEAD:
                    self.oddities.append(f"the date {shown(text)} lies in the future")
                return moment
        if given := next(filter(str.strip, dates), ""):
            self.oddities.append(f"{shown(given.strip())} is not a date")
        return None


def title_of(raw: RawText) -> str:
    """A title, one clean line; empty when there is nothing to see in it."""
    if raw.kind is Kind.PLAIN:
        return title_of_plain(raw.value)
    return title_of_html(raw.value) if raw.kind is Kind.HTML else title_of_text(raw.value)


def prose_of(raw: RawText, base: str) -> Prose:
    """What a text says."""
    if raw.kind is not Kind.PLAIN and has_markup(raw.value):
        return text_of_html(raw.value, base)
    return Prose(paragraphs_of_text(raw.value))


def _is_whole(text: str) -> bool:
    """Whether a description is the text itself: long, or of several paragraphs, and not broken off on purpose."""
    if without_more(text) != text:
        return False
    is_much = len(text) > _LONG or "\n\n" in text
    return len(text) > _LONGEST_TEASER or (is_much and not text.endswith(_TEASER_ENDS))


def _short(summary: str) -> str:
    if len(summary) <= SUMMARY_LIMIT:
        return summary
    return join_paragraphs(summary.split("\n\n"), SUMMARY_LIMIT)


def _beyond(title: str, text: str) -> str:
    """The text, unless the title says all of it."""
    return "" if text.removeprefix("- ").removesuffix(".") == title.removesuffix(".") else text


def _image(addresses: Sequence[str], base: str) -> str:
    links: Iterator[str] = (absolute_link(address, base) for address in addresses)
    return next((link for link in links if link and not is_no_picture(link)), "")
