"""Best first on SQLite: the newest hits in titles and texts, ranked. Nothing ever ranks all that a query finds."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from storage.models import Cursor
from storage.query import Query
from storage.query.ranking import LEAD, ranked
from storage.query.rewriting import titled
from storage.sqlite import search
from storage.sqlite.parts import FARTHEST
from storage.sqlite.rows import beginnings_by_newest

IN_TITLES = 20
IN_TEXTS = 30
TITLES_AMONG = 50_000  # of the newest articles: a phrase that no title has is not looked for in all


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, when it is asked, and what it is for the index."""

    query: Query
    now: datetime
    stretches: Sequence[search.Stretch]


def find(connection: sqlite3.Connection, asked: Asked, limit: int, cursor: Cursor | None) -> search.Found:
    """One page of the best of what the query finds."""
    query, now = asked.query, asked.now
    high = cursor.newest if cursor else FARTHEST
    skip = max(cursor.skip, 0) if cursor else 0
    places = list(islice(search.hits(connection, asked.stretches, high=high), IN_TEXTS))
    if not places:
        return search.Found([], None, None)
    # What comes after this page was made is left out of the next.
    high = places[0]
    low = search.nth_newest(connection, TITLES_AMONG, -FARTHEST)
    in_titles = search.stretches_of(connection, titled(query), now)
    candidates = {*places, *islice(search.hits(connection, in_titles, low=low, high=high), IN_TITLES)}
    articles = beginnings_by_newest(connection, sorted(candidates), LEAD)
    order = [article.newest for article in ranked(list(articles.values()), query, now)]
    page = order[skip : skip + limit]
    older = Cursor(high, skip=skip + limit) if len(order) > skip + limit else None
    newer = Cursor(high, skip=max(skip - limit, 0)) if skip else None
    return search.Found(page, older, newer)
