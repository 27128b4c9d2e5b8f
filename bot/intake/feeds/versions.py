"""Versions of articles that come back: caches of one feed are not always of one mind, and give now this, now that one.

What an article was just before is no correction of it, for a day. Remembered is what people are shown: title, summary
and link. After a restart, the first to come back is taken for a correction.
"""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from storage import Arrival, Article, NewArticle

DAY = timedelta(days=1)
VERSIONS_REMEMBERED = 10_000
"""Of all feeds."""


class _Version(NamedTuple):
    title: str
    summary: str
    link: str


class Versions:
    """What articles were before they were corrected last."""

    def __init__(self) -> None:
        # By the article's number: what it was, until when.
        self._former: OrderedDict[int, tuple[_Version, datetime]] = OrderedDict()

    def is_former(self, article: NewArticle, known: Article | None, now: datetime) -> bool:
        """Whether the known article was just this before it was corrected."""
        if known is None or known.id not in self._former:
            return False
        was, since = self._former[known.id]
        return now - since < DAY and was == _version(article, known)

    def note(
        self, articles: Sequence[NewArticle], arrivals: Sequence[Arrival], known: dict[str, Article], now: datetime
    ) -> None:
        """Note what became of the articles; `known`: by their keys, as the store had them before."""
        for article, arrival in zip(articles, arrivals, strict=True):
            before = known.get(article.key)
            if arrival is Arrival.CHANGED and before:
                self._remember(before, _version(article, before), now)

    def _remember(self, before: Article, after: _Version, now: datetime) -> None:
        was = _Version(before.title, before.summary, before.link)
        if was == after:
            return  # only its text is another
        self._former[before.id] = was, now
        self._former.move_to_end(before.id)
        if len(self._former) > VERSIONS_REMEMBERED:
            self._former.popitem(last=False)


def _version(article: NewArticle, known: Article) -> _Version:
    # What is left out stays as it is.
    return _Version(article.title, article.summary or known.summary, article.link or known.link)
