"""Followed queries filed in dicts, as a program would that keeps them all in memory."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from storage.query import Features
from storage.sqlite.queries import wants
from storage.text.terms import ArticleTerms, anchor_terms

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from storage import Article

Filed = tuple[int, int, str, bool]
"""A query's second need, its id, the rest of what it needs, and whether that decides."""


class Dicts:
    """The same filing as in the file, and the same answer."""

    def __init__(self) -> None:
        self.needs: dict[str, list[int]] = {}
        self.filed: dict[int, list[Filed]] = {}
        self.texts: dict[int, str] = {}
        """Of the queries that are to be asked."""

    @classmethod
    def read(cls, path: Path) -> Dicts:
        dicts = cls()
        with closing(sqlite3.connect(path)) as connection:
            for term, need in connection.execute("SELECT term, need_id FROM anchor"):
                dicts.needs.setdefault(term, []).append(need)
            rows = connection.execute("SELECT id, text, anchor, second, rest, decides FROM query WHERE anchor NOT NULL")
            for id_, text, anchor, second, rest, decides in rows:
                dicts.filed.setdefault(anchor, []).append((second, id_, rest, bool(decides)))
                if not decides:
                    dicts.texts[id_] = text
        return dicts

    def wanting(self, article: Article, terms: ArticleTerms, now: datetime) -> list[int]:
        features, met = Features(terms), self._met(terms)
        wanting = []
        for need in met:
            for second, id_, rest, decides in self.filed.get(need, ()):
                if second not in met or (rest and not features.fit(rest)):
                    continue
                if decides or wants(self.texts[id_], article, terms, now):
                    wanting.append(id_)
        return sorted(wanting)

    def looked_at(self, terms: ArticleTerms) -> int:
        """How many queries are filed under what the article has."""
        return sum(len(self.filed.get(need, ())) for need in self._met(terms))

    def _met(self, terms: ArticleTerms) -> set[int]:
        return {need for term in anchor_terms(terms) for need in self.needs.get(term, ())}
