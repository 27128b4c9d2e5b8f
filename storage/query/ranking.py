"""Best first: what says the most about what was asked, judged by title and beginning. Pure.

Words in the title tell what an article is about, those in its first sentence nearly so; further down they may stand by
the way. How rare a word is does not count: each article that is found has what was asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from storage.models import Article
from storage.query.nodes import Prefix, Words
from storage.query.query import Query
from storage.text.terms import article_terms

LEAD: Final = 240
"""Characters of a text that count as its beginning."""
_TITLE_POINTS: Final = 3.0
_LEAD_POINTS: Final = 1.0
_HALF_LIFE: Final = timedelta(days=60)  # an article twice as good may be so much older


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A word, phrase or beginning that is looked for."""

    anywhere: Words | Prefix
    in_title: Words | Prefix


def ranked(articles: Sequence[Article], query: Query, now: datetime) -> list[Article]:
    """The articles, the best first; of equally good ones the newer."""
    wanted = [_Wanted(leaf, replace(leaf, title=True)) for leaf in query.leaves]
    return sorted(articles, key=lambda article: (-_score(article, wanted, now), -article.newest))


def _score(article: Article, wanted: Sequence[_Wanted], now: datetime) -> float:
    # A summary says what the text begins with.
    lead = (article.summary or article.body)[:LEAD]
    beginning = replace(article, summary="", body=lead)
    terms = article_terms(beginning)
    points = 0.0
    for one in wanted:
        if one.in_title.matches(terms, beginning, now):
            points += _TITLE_POINTS
        elif one.anywhere.matches(terms, beginning, now):
            points += _LEAD_POINTS
    return float(points * 0.5 ** (max(now - article.published, timedelta()) / _HALF_LIFE))
