"""Which rules and data made the terms: an index made by others must be made anew."""

import unicodedata
from functools import cache
from importlib.metadata import version
from typing import Final

RULES: Final = 2
"""Raised whenever the same text gives other terms than before."""


@cache
def terms_version() -> str:
    """The rules, and the versions of all that the terms depend on. Two stores with equal ones have equal terms."""
    libraries = " ".join(f"{name}-{version(name)}" for name in ("PyStemmer", "simplemma"))
    return f"rules-{RULES} {libraries} unicode-{unicodedata.unidata_version}"
