"""Sources to choose from, and how feeds are doing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.render import words
from bot.render.buttons import Follow, OpenHealth, OpenSources, button
from bot.render.links import shown_host
from bot.render.message import Message, Row, in_rows, rows
from bot.render.pieces import SEPARATOR, moment_at, question, title_of
from bot.render.text import Text, bold, code, text
from bot.render.units import cut, isolated, one_line
from storage import Feed, Source

_LONGEST_REASON = 120  # units
_LONGEST_NAME = 64  # units
_LONGEST_WORDS = 100  # units
_FEEDS_TOLD = 10


@dataclass(frozen=True, slots=True)
class Line:
    """A source in a list."""

    source: Source
    query: str = ""
    """What follows it, canonical; empty: nothing does."""
    query_id: int = 0
    rate: float = 0.0
    """Articles a day."""
    followed: bool = False
    """It is followed there already."""
    feed: Feed | None = None
    """The feed that it is, for those who are to see how it is doing."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Which sources are shown."""

    here: OpenSources
    first: int = 1
    """The number of the first of them."""
    said: str = ""
    """The words that they have; empty: any."""
    more: bool = False
    """There is a next page."""
    may_add: bool = False
    """Whoever asks may add others."""
    in_trouble: int = 0
    """So many feeds need somebody to look at them, who asks."""


def sources(lines: Sequence[Line], shown: Shown) -> Message:
    """A page of sources, numbered, with a button that follows each."""
    how_to_add = text(words.HOW_TO_ADD) if shown.may_add else Text()
    health = (button(words.in_trouble(shown.in_trouble), OpenHealth()),) if shown.in_trouble else ()
    if not lines:
        nothing = words.NOTHING_MORE if shown.here.page else words.no_source(_shown_words(shown.said))
        return Message(Text.joined("\n\n", (nothing, how_to_add)), rows(_turn(shown), health))
    numbered = list(enumerate(lines, shown.first))
    follow = [
        button(f"🔔 {number}", Follow(line.query_id)) for number, line in numbered if line.query and not line.followed
    ]
    listed = Text.joined("\n\n", (_line(number, line) for number, line in numbered))
    how = Text.joined("\n", (words.HOW_TO_CHOOSE_SOURCE if follow else "", how_to_add))
    said = Text.joined("\n\n", (_heading(shown.said), listed, how))
    return Message(said, rows(*in_rows(follow), _turn(shown), health))


def in_trouble(feeds: Sequence[Feed]) -> list[Feed]:
    """Those that bring nothing: the failing ones, those that have failed for longest first; the ended, the paused."""
    failing = [feed for feed in feeds if feed.failing_since and not feed.ended and not feed.paused]
    failing.sort(key=lambda feed: feed.failing_since or feed.added)
    ended = [feed for feed in feeds if feed.ended and not feed.paused]
    return [*failing, *ended, *(feed for feed in feeds if feed.paused)]


def health(feeds: Sequence[Feed], here: OpenHealth, found: int, count: int, *, more: bool) -> Message:
    """A page of the `found` feeds in trouble, of `count` feeds; `more`: there is a next page."""
    if not feeds:
        return Message(text(words.ALL_WELL if count else words.NO_FEEDS))
    back = (button("◂", OpenHealth(here.page - 1)),) if here.page else ()
    on = (button("▸", OpenHealth(here.page + 1)),) if more else ()
    heading = bold(words.troubled(found, count))
    return Message(Text.joined("\n\n", (heading, *map(_trouble, feeds))), rows((*back, *on)))


def told(feeds: Sequence[Feed]) -> Message:
    """To whoever added them: which do not answer, have ended, work again. Raises ValueError when there are none."""
    if not feeds:
        raise ValueError("there is nothing to tell")
    ended = [feed for feed in feeds if feed.ended]
    failing = [feed for feed in feeds if feed.failures and not feed.ended]
    well = [feed for feed in feeds if not feed.failures and not feed.ended]
    parts = (
        _told(failing, words.fails, words.fail, lambda feed: feed.error),
        _told(ended, words.ends, words.end, lambda feed: feed.ended),
        _told(well, words.works_again, words.work_again, lambda _: ""),
    )
    return Message(Text.joined("\n\n", parts))


def _line(number: int, line: Line) -> Text:
    mark = f" {words.FOLLOWED_MARK}" if line.followed else ""
    named = f"{number}. {_mark(line.feed)}" + bold(_name(line.source)) + mark
    query = question(line.query) if line.query else Text()
    return Text.joined("\n", (named, Text.joined(SEPARATOR, (query, words.per_day(line.rate)))))


def _mark(feed: Feed | None) -> str:
    mark = _state(feed) if feed else ""
    return f"{mark} " if mark else ""


def _state(feed: Feed) -> str:
    if feed.paused:
        return words.PAUSED_MARK
    if feed.ended:
        return words.ENDED_MARK
    return words.FAILING_MARK if feed.failing_since else ""


def _trouble(feed: Feed) -> Text:
    named = _mark(feed) + bold(_name(feed.source)) + SEPARATOR + code(_one_line(feed.source.name, _LONGEST_NAME))
    return Text.joined("\n", (named, Text.joined(SEPARATOR, (shown_host(feed.url), _since(feed)))))


def _since(feed: Feed) -> Text:
    if feed.paused:
        return text(words.PAUSED)
    if feed.ended:
        return text(words.ended(_reason(feed.ended)))
    since = feed.failing_since or feed.added
    return words.FAILING_SINCE + moment_at(since, "dt") + words.after_tries(feed.failures, _reason(feed.error))


def _told(
    feeds: Sequence[Feed], one: Callable[[str, str], str], many: Callable[[int], str], why: Callable[[Feed], str]
) -> Text:
    if not feeds:
        return Text()
    if len(feeds) == 1:
        return text(one(_name(feeds[0].source), _reason(why(feeds[0]))))
    listed = [_named_reason(feed, why(feed)) for feed in feeds[:_FEEDS_TOLD]]
    left = len(feeds) - len(listed)
    return Text.joined("\n", (many(len(feeds)), *listed, words.and_more(left) if left else ""))


def _named_reason(feed: Feed, why: str) -> str:
    return f"• {_name(feed.source)}" + (f": {_reason(why)}" if why else "")


def _name(source: Source) -> str:
    """The title, else what stands after `source:`."""
    return title_of(source.title) or title_of(source.name) or words.UNTITLED


def _reason(why: str) -> str:
    return _one_line(why, _LONGEST_REASON)


def _one_line(said: str, most: int) -> str:
    return isolated(cut(one_line(said), most))


def _heading(said: str) -> Text:
    return "📡 " + bold(words.SOURCES) + (SEPARATOR + _shown_words(said) if said else "")


def _shown_words(said: str) -> str:
    return _one_line(said, _LONGEST_WORDS)


def _turn(shown: Shown) -> Row:
    here = shown.here
    back = (button("◂", OpenSources(here.words, here.page - 1)),) if here.page else ()
    on = (button("▸", OpenSources(here.words, here.page + 1)),) if shown.more else ()
    return (*back, *on)
