"""A question: a query, and in what order its answer is wanted. The order is no part of what can be followed."""

from dataclasses import dataclass

from storage.models import Sort
from storage.query import parser
from storage.query.query import Query


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks: `sort:best` or `sort:newest` may stand anywhere beside the parts of a query, once."""

    query: Query
    sort: Sort = Sort.NEWEST

    @classmethod
    def parse(cls, text: str) -> "Question":
        """The question that somebody typed. Raises QueryError; its hint is a question."""
        node, sort = parser.parse_sorted(text, tuple(Sort))
        return cls(Query(node.text, node), Sort(sort or Sort.NEWEST))

    @property
    def text(self) -> str:
        """Canonical: it parses to this question again."""
        return self.query.text if self.sort is Sort.NEWEST else f"{self.query.text} sort:{self.sort}"
