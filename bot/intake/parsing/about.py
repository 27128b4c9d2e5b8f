"""What a page says of itself: title, time, authors and the like.

It may say so as linked data (schema.org in JSON-LD), in `meta` elements (Open Graph, Dublin Core and what newsrooms
use), and in marked places of its text. The first that can be taken counts, in that order; of titles, see `_title`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import htmldate
from lxml import etree, html

from bot.intake.parsing.clean import SUMMARY_LIMIT, clean_body, clean_line
from bot.intake.parsing.dates import Moment
from bot.intake.parsing.door import absolute_link, author_names, language_code, title_of_text, topic_names
from bot.intake.parsing.odd_dates import DateReader
from bot.intake.parsing.pagetree import Page
from bot.intake.parsing.prose import is_no_picture, unescaped
from storage.text.terms import slug

_METAS = 500
_VALUE = 10_000  # characters of one
_TOPICS = 12
_LONGEST_TOPIC = 40
_KEYWORDS = 10  # where there are more, they are for search engines
_LONGEST_BYLINE = 150
_AHEAD = timedelta(days=1)

_TITLES = ("og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title", "citation_title")
_DATES = (
    *("article:published_time", "og:article:published_time", "article:published", "og:published_time", "datepublished"),
    *(
        "parsely-pub-date",
        "sailthru.date",
        "cxenseparse:recs:publishtime",
        "mediator_published_time",
        "pubdate",
        "pub_date",
    ),
    *(
        "publishdate",
        "publish-date",
        "publish_date",
        "publication_date",
        "published",
        "dc.date.issued",
        "dcterms.issued",
    ),
    *("dcterms.created", "dc.date.created", "dc.date", "dcterms.date", "date", "datecreated"),
)
_AUTHORS = (
    *(
        "author",
        "article:author",
        "og:article:author",
        "parsely-author",
        "sailthru.author",
        "cxenseparse:author",
        "byl",
    ),
    *("mediator_author", "dc.creator", "dcterms.creator", "citation_author"),
)
_SUMMARIES = ("og:description", "description", "twitter:description", "dc.description")
_IMAGES = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "image")
_BY = re.compile(
    r"^\s*(?:(?:.{0,80}?\s)?by|von|par|por|авторы?|текст|հեղինակ|ავტორი|müəllif|yazan|yazar)\b\s*[:՝.—–-]?\s*",
    re.IGNORECASE,
)
# Where they were, or when they wrote.
_AFTER_NAMES = re.compile(
    r"\s[|•·/–—-]\s|,?\s+(?:on|at)\s+[A-Z]\w+\.?,?\s+\d|,?\s+(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
    r"|,?\s+(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?\s+\d|\d"
)
_HANDLE = re.compile(r"(?<!\S)@\w+")
_AND = re.compile(r"\s+(?:and|und|et|y|и|և|და|və|ve)\s+")
_SEPARATORS = re.compile(r"\s+(?:[|•·»«›‹/—–-]|::)\s+|:\s+|_(?=[^_]*$)")
_NOBODY = {"admin", "administrator", "webmaster", "editor", "redaktor", "админ", "администратор"}  # accounts
_BYLINE = (
    ".//*[contains(concat(' ', normalize-space(@class), ' '), ' byline ') or @rel='author'"
    " or contains(concat(' ', normalize-space(@itemprop), ' '), ' author ')]"
)
# What else is called so may be a date or a list of articles, unless it says itself that it names somebody.
_MAYBE_BYLINE = (
    ".//*[contains(translate(@class, 'BYLINEAUTHOR', 'bylineauthor'), 'byline') or contains(@class, 'author')]"
)
_BY_FIRST = re.compile(r"(?:by|von|par|por|авторы?|текст|հեղինակ|ავტორი|müəllif|yazan|yazar)\b", re.IGNORECASE)
_WITH = re.compile(r"\s*\((?:with|avec|mit|con|при участии)\s+([^()]*)\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class About:
    """What a page says of the article on it, clean. Empty: nothing, or nonsense."""

    title: str
    link: str
    published: Moment | None
    authors: tuple[str, ...]
    topics: tuple[str, ...]
    language: str
    image: str
    summary: str
    body: str
    """The article's text, as it came."""
    is_article: bool
    """It says that it is one."""
    is_for_subscribers: bool
    """It says that not everybody gets all of it."""


def about(page: Page, *, url: str, zone: str, now: datetime) -> About:
    """What the page says. A time without a zone is read in `zone`; one far after `now` is nonsense."""
    return _Reader(page, url).about(zone, now)


class _Reader:
    def __init__(self, page: Page, url: str) -> None:
        self.tree = page.tree
        self.objects = page.data
        self.metas = _metas(page.tree)
        self.url = url
        self.link = self._link()
        self.article = self._article()
        self.site = next(iter(self._sites()), "")

    def about(self, zone: str, now: datetime) -> About:
        return About(
            title=self._title(),
            link=self.link,
            published=self._published(zone, now),
            authors=self._authors(),
            topics=self._topics(),
            language=self._language(),
            image=self._image(),
            summary=self._summary(),
            body=_plain(_text(self.article.get("articleBody"))),
            is_article=self._is_article(),
            is_for_subscribers=self._is_for_subscribers(),
        )

    def _meta(self, *names: str) -> Iterator[str]:
        """The values of these names that are there, in the names' order."""
        for name in names:
            yield from self.metas.get(name, ())

    def _texts(self, path: str, limit: int) -> Iterator[str]:
        """The texts of elements, those that are not longer than a limit."""
        for element in _found(self.tree, path):
            text = clean_line(" ".join(element.itertext()))
            if text and len(text) <= limit:
                yield text

    def _article(self) -> Mapping[str, Any]:
        """The object that describes the article: the one that names this page, else the first."""
        articles = [value for value in self.objects if _is_article(value)]
        named = (value for value in articles if self.link and self.link in _addresses(value))
        return next(named, articles[0] if articles else {})

    def _link(self) -> str:
        links = (element.get("href", "") for element in _found(self.tree, ".//link[@rel='canonical'][@href]"))
        for link in (*links, *self._meta("og:url", "twitter:url")):
            if self._is_own(found := absolute_link(link, self.url)):
                return found
        return ""

    def _is_own(self, link: str) -> bool:
        """Whether a page at `url` may call itself so. Many call themselves by the site's front page."""
        if not link or not self.url:
            return bool(link)
        own, named = urlsplit(self.url), urlsplit(link)
        is_front = named.path in {"", "/"} and not named.query
        return _host(own.hostname) == _host(named.hostname) and not (is_front and own.path not in {"", "/"})

    def _sites(self) -> Iterator[str]:
        yield from map(title_of_text, self._meta("og:site_name", "application-name"))
        for publisher in _listed(self.article.get("publisher")):
            if name := title_of_text(_name(publisher)):
                yield name

    def _title(self) -> str:
        """What stands above the text, if it is what the page calls itself elsewhere: there nothing is added or cut."""
        named = [self._without_site(title_of_text(title)) for title in self._named()]
        named = [title for title in named if title]
        headings = list(filter(None, map(title_of_text, self._texts(".//h1", 500))))
        for heading in headings:
            for title in named:
                if _agree(heading, title):
                    return heading if len(heading) <= 1.5 * len(title) else title
        return next(iter([*named, *headings]), "")

    def _named(self) -> Iterator[str]:
        yield _text(self.article.get("headline"))
        yield from self._meta(*_TITLES)
        yield from self._texts(".//head//title", 1_000)

    def _without_site(self, title: str) -> str:
        """`Title | Site` and `Site - Title` without the site."""
        parts = _SEPARATORS.split(title)
        if len(parts) < 2:
            return title
        first = _SEPARATORS.search(title)
        last = list(_SEPARATORS.finditer(title))[-1]
        if self._is_site(parts[-1]):
            return title[: last.start()]
        if first and self._is_site(parts[0]):
            return title[first.end() :]
        return title

    def _is_site(self, text: str) -> bool:
        name = _letters(text)
        host = _host(urlsplit(self.url or self.link).hostname)
        known = [_letters(self.site), _letters(host), _letters(host.partition(".")[0])]
        return bool(name) and any(one and (name == one or (len(one) > 3 and name.startswith(one))) for one in known)

    def _published(self, zone: str, now: datetime) -> Moment | None:
        dates = DateReader(zone, now, self._language())
        for text in (*self._dates(), self._guessed(now)):
            moment = dates.read(text)
            if moment and moment.published <= now + _AHEAD:
                return moment
        return None

    def _dates(self) -> Iterator[str]:
        for key in ("datePublished", "dateCreated", "uploadDate"):
            yield _text(self.article.get(key))
        yield from self._meta(*_DATES)
        for path in (
            ".//*[@itemprop='datePublished']",
            ".//time[@pubdate]",
            ".//time[contains(@class, 'publish')]",
            ".//article//time[@datetime]",
            ".//main//time[@datetime]",
        ):
            yield from _dates_of(_found(self.tree, path))
        if len(alone := _found(self.tree, ".//time[@datetime]")) == 1:
            yield from _dates_of(alone)

    def _guessed(self, now: datetime) -> str:
        """The day that the page seems to be from: in its address, or beside the text."""
        address = self.link or self.url or None
        try:
            return (
                htmldate.find_date(self.tree, extensive_search=False, original_date=True, url=address, max_date=now)
                or ""
            )
        except (ValueError, TypeError, AttributeError, OverflowError, etree.LxmlError):
            return ""  # odd markup makes it fail in odd ways

    def _authors(self) -> tuple[str, ...]:
        linked = (_name(author) for author in self._listed_authors())
        metas = (text for text in self._meta(*_AUTHORS) if "://" not in text)
        for found in (linked, metas, self._bylines()):
            names = tuple(name for name in author_names(map(_names_in, found)) if name.casefold() not in _NOBODY)
            if names:
                return names
        return ()

    def _bylines(self) -> list[str]:
        """The first byline and those beside it; further ones are those of comments and of other articles."""
        texts = self._short_texts(_BYLINE) or {
            element: text for element, text in self._short_texts(_MAYBE_BYLINE).items() if _BY_FIRST.match(text)
        }
        around = next((element.getparent() for element in texts), None)
        while around is not None and around.tag in {"li", "span"} and around.getparent() is not None:
            around = around.getparent()
        return [text for element, text in texts.items() if around in element.iterancestors()]

    def _short_texts(self, path: str) -> dict[html.HtmlElement, str]:
        texts = {element: clean_line(" ".join(element.itertext())) for element in _found(self.tree, path)}
        return {element: text for element, text in texts.items() if 0 < len(text) <= _LONGEST_BYLINE}

    def _listed_authors(self) -> Iterator[Any]:
        """Whom the article's object names; a reference leads to another object."""
        for author in (*_listed(self.article.get("author")), *_listed(self.article.get("creator"))):
            id_ = author.get("@id") if isinstance(author, dict) and "name" not in author else None
            yield next((value for value in self.objects if id_ and value.get("@id") == id_), author)

    def _topics(self) -> tuple[str, ...]:
        labels = [_name(one) for key in ("articleSection", "keywords") for one in _listed(self.article.get(key))]
        labels += self._meta("article:section", "article:tag", "og:article:section", "og:article:tag", "news_keywords")
        labels += self._meta("parsely-section", "parsely-tags", "sailthru.tags", "cxenseparse:taxonomy")
        keywords = [word for words in self._meta("keywords") for word in words.split(",")]
        labels += keywords if len(keywords) <= _KEYWORDS else []
        site = {slug(self.site), slug(_host(urlsplit(self.url).hostname))}
        # Without the site's name, and what is a sentence rather than a topic.
        named = (name for name in topic_names(labels) if name not in site and len(name) <= _LONGEST_TOPIC)
        return tuple(named)[:_TOPICS]

    def _language(self) -> str:
        root = self.tree.get("lang") or self.tree.get("xml:lang") or ""
        others = self._meta("og:locale", "content-language", "language", "dc.language")
        said = (_text(self.article.get("inLanguage")), root, *others)
        return next(filter(None, map(language_code, said)), "")

    def _image(self) -> str:
        linked = (_address(image) for image in _listed(self.article.get("image")))
        for address in (*self._meta(*_IMAGES), *linked, _address(self.article.get("thumbnailUrl"))):
            link = absolute_link(address, self.url or self.link)
            if link and not is_no_picture(link):
                return link
        return ""

    def _summary(self) -> str:
        for text in (*self._meta(*_SUMMARIES), _text(self.article.get("description"))):
            if summary := clean_body(_plain(text), SUMMARY_LIMIT):
                return summary
        return ""

    def _is_article(self) -> bool:
        kinds = {kind.lower() for kind in self._meta("og:type")}
        return bool(
            self.article
            or kinds & {"article", "news", "newsarticle", "blog", "news.article"}
            or self.metas.keys() & {"article:published_time", "og:article:published_time", "parsely-pub-date"}
            or _found(self.tree, ".//*[@itemprop='articleBody']")
        )

    def _is_for_subscribers(self) -> bool:
        free = self.article.get("isAccessibleForFree")
        tiers = {tier.lower() for tier in self._meta("article:content_tier")}
        return str(free).lower() in {"false", "no"} or bool(tiers & {"locked", "metered"})


def _metas(tree: html.HtmlElement) -> dict[str, list[str]]:
    metas: dict[str, list[str]] = {}
    for _, element in zip(range(_METAS), tree.iter("meta"), strict=False):
        content = element.get("content", "")[:_VALUE].strip()
        names = {element.get(key, "").strip().lower() for key in ("property", "name", "itemprop", "http-equiv")}
        for name in names if content else ():
            metas.setdefault(name, []).append(content)
    return metas


def _found(tree: html.HtmlElement, path: str) -> list[html.HtmlElement]:
    """The first elements of a path."""
    return list(tree.xpath(f"({path})[position() <= 50]"))


def _is_article(value: Mapping[str, Any]) -> bool:
    kinds = [kind for kind in _listed(value.get("@type")) if isinstance(kind, str)]
    return any(kind.endswith(("Article", "BlogPosting", "Report")) for kind in kinds)


def _addresses(value: Mapping[str, Any]) -> set[str]:
    """Where an object says that it stands."""
    page = value.get("mainEntityOfPage")
    own = (value.get("url"), value.get("@id"), page.get("@id") if isinstance(page, dict) else page)
    return {address.partition("#")[0] for address in own if isinstance(address, str)}


def _listed(value: Any) -> list[Any]:
    return value[:50] if isinstance(value, list) else [] if value is None else [value]


def _text(value: Any) -> str:
    """A text of linked data; of several, the first."""
    first = next(iter(_listed(value)), None)
    if isinstance(first, dict):
        first = first.get("@value")
    return first if isinstance(first, str) else str(first) if isinstance(first, int) else ""


def _name(value: Any) -> str:
    """The name of somebody or something, as linked data gives it."""
    return _text(value.get("name")) if isinstance(value, dict) else _text(value)


def _address(value: Any) -> str:
    """The address of a picture, as linked data gives it."""
    return _text(value.get("url") or value.get("contentUrl")) if isinstance(value, dict) else _text(value)


def _plain(text: str) -> str:
    """Some write markup where text should be."""
    text = unescaped(text)
    return re.sub(r"<[^<>]{0,500}>", "", re.sub(r"<(?:br|/p|/div)\b[^<>]{0,500}>", "\n", text)) if "<" in text else text


def _names_in(text: str) -> str:
    """`By Anna Example and David Sample | 16 July` as `author_names` reads it: a semicolon between two."""
    text = _WITH.sub(r", \1", _HANDLE.sub("", _BY.sub("", title_of_text(text))))
    if all(" " in part.strip() for part in text.split(" & ")):  # `Mac & i` is one
        text = text.replace(" & ", " and ")
    *before, last = _AND.split(_AFTER_NAMES.split(text, 1)[0])
    return "; ".join([*map(_listed_in, before), last])


def _listed_in(text: str) -> str:
    """`Anna Example, Mira Holt,`, after which `and` follows: nobody says a last name first there."""
    names = [name for name in text.split(",") if name.strip()]
    return "; ".join(names) if all(" " in name.strip() for name in names) else text


def _dates_of(elements: Iterable[html.HtmlElement]) -> Iterator[str]:
    for element in elements:
        yield element.get("datetime") or element.get("content") or " ".join(element.itertext())


def _host(name: str | None) -> str:
    """A host without what only says which of a site's servers, or screens, it is for."""
    return re.sub(r"^(?:www[0-9]?|m|mobile|amp)\.", "", (name or "").lower())


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _agree(one: str, other: str) -> bool:
    """Whether two titles are the same but for what was added to one of them, or cut off."""
    short, long = sorted((_letters(one), _letters(other)), key=len)
    return len(short) * 2 >= len(long) > 0 and short in long
