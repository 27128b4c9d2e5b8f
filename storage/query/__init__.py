"""The query language: what people ask and follow, its canonical text, and what it matches. Pure: no I/O, no clock.

    word word          both               "two words"      as a phrase            -word -"a phrase"     without
    a OR b             either; binds tighter than "both"     ( ... )               grouping
    word*              beginning          title:word       in the title only
    source:name topic:name lang:hy        after:2025-07-01 before:2025-07-16 after:7d after:today
    *                  everything         sort:best          in a question alone

Terms are those of storage/text/terms.py. How dates may be written says dates.py, what is read alike tokens.py.

Queries are equal when their canonical texts are: whatever is written in another order, twice, in needless parentheses,
as "not (a or b)" or "not not a" is one query. Dates relative to now stay relative.
"""

from storage.query.context import Context, context_of
from storage.query.filing import Features, Filing
from storage.query.nodes import After, All, And, Before, Facet, Node, Not, Or, Prefix, Words
from storage.query.query import EVERYTHING, Query
from storage.query.question import Question

__all__ = [
    "EVERYTHING",
    "After",
    "All",
    "And",
    "Before",
    "Context",
    "Facet",
    "Features",
    "Filing",
    "Node",
    "Not",
    "Or",
    "Prefix",
    "Query",
    "Question",
    "Words",
    "context_of",
]
