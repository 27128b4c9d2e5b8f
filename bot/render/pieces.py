"""The pieces that cards, pages and lists are made of: titles, bylines, moments, queries."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.render import words
from bot.render.links import MOST_BYTES, article_link, web_link
from bot.render.text import Text, bold, code, date_time, italic, link, text
from bot.render.units import cut, isolated, one_line, without_isolates
from storage import EVERYTHING, Article, Context

SEPARATOR = " · "
_LONGEST_SOURCE = 60  # units
_LONGEST_AUTHOR = 40  # units
_AUTHORS_SHOWN = 3
_LONGEST_TOPIC = 60  # units
_LONGEST_QUERY = 256  # units; the query language allows no more
_LONGEST_MATCHED = 200  # units
_LAST_MOMENT = 2**31 - 1  # dates are 32-bit on Telegram's side


def title(article: Article, most: int) -> str:
    """The title on one line of at most `most` units, kept apart from its neighbours if it runs from right to left."""
    return isolated(cut(one_line(article.title), most - 2) or words.UNTITLED)


def head(article: Article, most: int) -> Text:
    """The same, by which it is known if it is urgent."""
    return bold((words.URGENT if article.urgent else "") + title(article, most))


def byline(article: Article, *, form: str, longest_link: int = MOST_BYTES) -> Text:
    """Where it comes from, linked, and when it was published."""
    return Text.joined(
        SEPARATOR, (link(source_name(article), web_link(article.link, longest_link)), moment(article, form))
    )


def authors(article: Article) -> str:
    """Who wrote it, on one line of 140 units at most; empty: nobody is named."""
    named = list(dict.fromkeys(filter(None, (_name(author) for author in article.authors))))
    shown = named if len(named) <= _AUTHORS_SHOWN else named[: _AUTHORS_SHOWN - 1]
    return words.by(shown, len(named) - len(shown)) if shown else ""


def _name(author: str) -> str:
    return isolated(cut(one_line(author), _LONGEST_AUTHOR))


def withdrawn(article: Article) -> Text:
    """What is said in place of an article that was withdrawn."""
    return italic(words.withdrawn_by(source_name(article)))


def source_name(article: Article) -> str:
    """Where it comes from, as people read it."""
    return title_of(article.source.title or article.source.name)


def title_of(source: str) -> str:
    """The title of a source, kept apart from its neighbours."""
    return isolated(cut(one_line(source), _LONGEST_SOURCE))


def topic_or_source(article: Article) -> str:
    """What it is about first of all, as a heading; where it comes from if that is not known."""
    topic = one_line(article.topics[0].replace("-", " ")) if article.topics else ""
    return isolated(cut(topic[:1].upper() + topic[1:], _LONGEST_TOPIC)) or source_name(article)


def moment(article: Article, form: str) -> Text:
    """When it was published, for each reader in their zone.

    A day without a time is that day everywhere, so it is plain words: as a moment it would be the day before for
    readers further west.
    """
    if article.date_only:
        return text(words.day(article.published.astimezone(ZoneInfo(article.source.zone))))
    return moment_at(article.published, form)


def moment_at(at: datetime, form: str) -> Text:
    """A moment, for each reader in their zone."""
    unix, fallback = int(at.timestamp()), words.minute(at)
    return date_time(unix, form, fallback) if 0 < unix <= _LAST_MOMENT else text(fallback)


@lru_cache(maxsize=64)  # a push to many chats makes the same lines each time
def headline(article: Article, *, longest_title: int, longest_link: int, username: str = "") -> Text:
    """One article in a list: its title and, on the next line, whence, when and what opens it."""
    if article.withdrawn:
        return withdrawn(article)
    line = byline(article, form="dt", longest_link=longest_link)
    return head(article, longest_title) + "\n" + line + SEPARATOR + opener(article, username)


def marked(context: Context) -> Text:
    """A line of an article, what was looked for in bold."""
    pieces, at = [], 0
    for start, end in _runs(context):
        pieces += [text(without_isolates(context.text[at:start])), bold(without_isolates(context.text[start:end]))]
        at = end
    line = Text.joined("", (*pieces, without_isolates(context.text[at:])))
    plain = line.plain()
    return line if isolated(plain) == plain else "\u2068" + line + "\u2069"


def _runs(context: Context) -> list[tuple[int, int]]:
    """The spans; those with only a blank between them as one, since a message holds few entities."""
    runs: list[tuple[int, int]] = []
    for start, end in context.spans:
        if runs and context.text[runs[-1][1] : start].isspace():
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


def opener(article: Article, username: str = "") -> Text:
    """What a tap on opens the article: the command, in this chat.

    With the bot's `username` a link, to the reader's own chat with it: where not everybody may write, or is to.
    """
    return link(words.OPEN, article_link(username, article.id)) if username else text(f"/article_{article.id}")


def question(query: str) -> Text:
    """A canonical query as people read it."""
    return bold(words.EVERYTHING) if query == EVERYTHING.text else code(shown(query))


def question_label(query: str) -> str:
    """The same on a button."""
    return words.EVERYTHING if query == EVERYTHING.text else shown(query)


def matched(queries: tuple[str, ...]) -> Text:
    """Which queries brought it. Following everything explains itself."""
    named = [shown(query) for query in queries if query != EVERYTHING.text]
    return italic(words.MATCHED + cut(SEPARATOR.join(named), _LONGEST_MATCHED)) if named else Text()


def shown(query: str) -> str:
    """The query's text, on one line, harmless to its neighbours."""
    return isolated(cut(one_line(query), _LONGEST_QUERY))
