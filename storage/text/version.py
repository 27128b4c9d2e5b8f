"""Which rules made the terms: an index and filed queries hold only under the rules that made them."""

import unicodedata
from functools import cache
from importlib.metadata import version
from typing import Final

RULES: Final = 1
"""Raised with every change of what a text's terms are."""


@cache
def terms_version() -> str:
    """The version of our rules, of the stemmers and of Unicode."""
    return f"rules {RULES}, PyStemmer {version('PyStemmer')}, Unicode {unicodedata.unidata_version}"
