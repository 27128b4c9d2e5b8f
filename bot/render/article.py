"""One article as a message: the card of a push, and the pages of its text."""

from collections.abc import Sequence
from functools import lru_cache

from bot.render import words
from bot.render.buttons import OpenArticle, button
from bot.render.links import article_link, web_link
from bot.render.message import Button, Message, Row, rows
from bot.render.pieces import authors, byline, head, matched, opener, title, withdrawn
from bot.render.splitting import split
from bot.render.text import MOST_CAPTION_UNITS, Text, bold, italic, quote, text
from bot.render.units import clean, cut, isolated, one_line, units
from storage import Article, Pictures
from storage.text.summary import summarise

# Units. The longest parts of a page together stay below 4,096: head 600, summary 500, text 2,600, related 700.
_LONGEST_TITLE = 300
_LONGEST_SUMMARY = 500
_FIRST_TEXT = 2_100
_NEXT_TEXT = 2_600
_MOST_RELATED = 5
_LONGEST_RELATED = 110
_GAP = "\n\n"
_SHORT_TEXT = 350  # shown open, without a summary


@lru_cache(maxsize=32)  # a push to many chats is the same card each time
def card(
    article: Article,
    queries: tuple[str, ...] = (),
    username: str = "",
    pictures: Pictures = Pictures.PREVIEW,
    *,
    caption: bool = False,
) -> Message:
    """The push of one headline; `queries` (canonical) are those that brought it. `username`: as for `opener`.

    An article without a picture of its own is shown to who wants photos like to others. `caption`: it fits below a
    picture, as it does where it has one. Of a withdrawn article it only says that.
    """
    if article.withdrawn:
        return Message(withdrawn(article))
    picture = web_link(article.image) if pictures is Pictures.PHOTO else ""
    heading, brought_by = _head(article), matched(queries)
    # Together these two have 640 units at most: a caption holds them, and the summary takes what they leave.
    room = MOST_CAPTION_UNITS - heading.units - brought_by.units - 2 * len(_GAP)
    summary = _summary(article, min(room, _LONGEST_SUMMARY) if caption or picture else _LONGEST_SUMMARY)
    preview = "" if pictures is Pictures.NONE else web_link(article.link)
    text_ = Text.joined(_GAP, (heading, summary, brought_by))
    buttons = rows((*_read(article), *_full_text(article, username)))
    return Message(text_, buttons, preview, large=bool(preview), picture=picture)


def article_pages(article: Article, related: Sequence[Article] = (), page: int = 0, username: str = "") -> Message:
    """A page of an article's text, counted from 0; beyond the last it is the last. What is related follows the last.

    `username`: as for `opener`.
    """
    texts = split(clean(article.body), first=_FIRST_TEXT, rest=_NEXT_TEXT) or [""]
    page = min(max(page, 0), len(texts) - 1)
    parts = (
        _head(article, signed=True),
        _opening(article, texts) if page == 0 else Text(),
        _body(texts, page),
        _related(related, username) if page == len(texts) - 1 else Text(),
    )
    buttons = rows(_turn(article, page, len(texts)), _read(article))
    return Message(Text.joined("\n\n", parts), buttons, web_link(article.link))


def _head(article: Article, *, signed: bool = False) -> Text:
    """What stands above the text; `signed`: with the names of who wrote it."""
    by = authors(article) if signed else ""
    return Text.joined("\n", (head(article, _LONGEST_TITLE), by, byline(article, form="Dt")))


def _opening(article: Article, texts: list[str]) -> Text:
    if article.headline_only and not article.summary:
        return italic(words.HEADLINE_ONLY)
    return Text() if _is_short(texts) and not article.summary else _summary(article)


def _summary(article: Article, most: int = _LONGEST_SUMMARY) -> Text:
    words_ = article.summary or _first_sentences(article.title, article.body)
    return text(isolated(cut(one_line(words_), most - 2)))


@lru_cache(maxsize=32)  # for who reads page after page
def _first_sentences(title_: str, body: str) -> str:
    return summarise(title_, body, limit=_LONGEST_SUMMARY)


def _body(texts: list[str], page: int) -> Text:
    if _is_short(texts):
        return text(texts[0])
    count = len(texts)
    mark = "\n" + italic(words.page_of(page + 1, count)) if count > 1 else Text()
    return quote(texts[page], expandable=page == 0) + mark


def _is_short(texts: list[str]) -> bool:
    return len(texts) == 1 and units(texts[0]) <= _SHORT_TEXT


def _full_text(article: Article, username: str) -> Row:
    if article.headline_only:
        return ()
    if username:
        return (Button(words.FULL_TEXT, url=article_link(username, article.id)),)
    return (button(words.FULL_TEXT, OpenArticle(article.id)),)


def _related(related: Sequence[Article], username: str) -> Text:
    if not related:
        return Text()
    lines = (f"• {title(other, _LONGEST_RELATED)} " + opener(other, username) for other in related[:_MOST_RELATED])
    return Text.joined("\n", (bold(words.RELATED), *lines))


def _turn(article: Article, page: int, count: int) -> Row:
    back = (button(f"◂ {words.page(page)}", OpenArticle(article.id, page - 1)),) if page > 0 else ()
    on = (button(f"{words.page(page + 2)} ▸", OpenArticle(article.id, page + 1)),) if page + 1 < count else ()
    return (*back, *on)


def _read(article: Article) -> Row:
    link = web_link(article.link)
    return (Button(words.READ, url=link),) if link else ()
