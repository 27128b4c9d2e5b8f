"""Articles close to one another on SQLite: by what the index knows of them."""

import math
import sqlite3
from collections.abc import Iterator
from itertools import combinations, islice

from storage.models import Article
from storage.sqlite import parts
from storage.sqlite.index import TITLE, facet
from storage.sqlite.parts import FARTHEST
from storage.sqlite.search import frequency
from storage.text.terms import ArticleTerms, article_terms

RARE = 500  # a title word that so many articles have at most says something about the article
TITLE_WORDS = 6
CANDIDATES = 30


def related(connection: sqlite3.Connection, article: Article, limit: int) -> list[int]:
    """The places of the articles closest to this one: two rare title words shared, or a topic."""
    own = article_terms(article)
    rare = _rarest(connection, own)
    pairs = " OR ".join(f'("{TITLE}{one}" AND "{TITLE}{other}")' for one, other in combinations(rare, 2))
    topics = " OR ".join(f'"{facet(name)}"' for name in sorted(own.facets) if name.startswith("topic:"))
    places = {place for match in (pairs, topics) if match for place in _nearest(connection, match, article.newest)}
    return sorted(places - {article.newest}, key=lambda place: _distance(connection, own, rare, article, place))[:limit]


def _rarest(connection: sqlite3.Connection, terms: ArticleTerms) -> list[str]:
    """The title's words that few other articles have, the rarest first."""
    counted = sorted((frequency(connection, term), term) for term in terms.title_terms)
    return [term for times, term in counted if 1 < times <= RARE][:TITLE_WORDS]


def _nearest(connection: sqlite3.Connection, match: str, newest: int) -> Iterator[int]:
    """The matches nearest in time, before and after."""
    yield from islice(parts.walk(connection, match, -FARTHEST, newest - 1), CANDIDATES)
    yield from islice(parts.walk(connection, match, newest + 1, FARTHEST, newest_first=False), CANDIDATES)


def _distance(
    connection: sqlite3.Connection, own: ArticleTerms, rare: list[str], article: Article, place: int
) -> tuple[float, int]:
    """Less is closer: by shared rare title words and topics, then by time."""
    shared = [f"{TITLE}{term}" for term in rare] + [facet(name) for name in own.facets if name.startswith("topic:")]
    weight = {f"{TITLE}{term}": 2.0 for term in rare}
    found = (weight.get(token, 1.0) for token in shared if parts.holds(connection, f'"{token}"', place))
    return -math.fsum(found), abs(place - article.newest)
