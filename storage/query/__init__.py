"""The query language: what people ask and follow, its canonical text, and what it matches. Pure: no I/O, no clock.

    word word          both               "two words"      as a phrase            -word -"a phrase"     without
    a OR b             either; binds tighter than "both"     ( ... )               grouping
    word*              beginning          title:word       in the title only
    source:name topic:name lang:hy        after:2025-07-01 before:2025-07-16 after:7d
    *                  everything

Terms are those of storage/text/terms.py. Dates are days in UTC, or as many hours (h), days (d), weeks (w) before now.
"""

from storage.query.filing import Features, Filing
from storage.query.nodes import After, All, And, Before, Facet, Node, Not, Or, Prefix, Words
from storage.query.query import EVERYTHING, Query

__all__ = [
    "EVERYTHING",
    "After",
    "All",
    "And",
    "Before",
    "Facet",
    "Features",
    "Filing",
    "Node",
    "Not",
    "Or",
    "Prefix",
    "Query",
    "Words",
]
