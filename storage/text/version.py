"""Which terms this version makes: what was filed under other terms must be filed anew."""

import unicodedata
from functools import cache
from typing import Final

import Stemmer  # type: ignore[import-not-found]  # an extension module without stubs

_RULES: Final = 1
"""Raised whenever storage/text makes other terms of the same text."""


@cache
def terms_version() -> str:
    """A name for the terms that this version makes: of our rules, and of the libraries that know languages."""
    return f"{_RULES}/{Stemmer.version()}/{unicodedata.unidata_version}"
