"""Dictionaries: a form of a word -> the word as a dictionary lists it, for languages whose stemmers do worse.

A dictionary is loaded when its language is first needed, from a table on the disk (a trie, a microsecond a look-up).
The table is made from the library's data once for all, in the user's cache folder, which takes up to two seconds: see
`warm`. Where nothing can be written, every process makes it anew.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_SHORTEST: Final = 3  # letters; shorter words are particles, initials and remains, of which a dictionary knows too much
_BACK: Final = "aıou"
_FRONT: Final = "eiöü"


def warm() -> None:
    """Load all that a query may need. May take seconds: call it in a thread."""
    for language in ("hy", "ka", "ru", "tr"):
        _dictionary(language)


def lemma(word: str, language: str) -> str:
    """The dictionary's word for this form, in small letters; empty when the dictionary has no such form."""
    if len(word) < _SHORTEST:
        return ""
    dictionary = _dictionary(language)
    for spelling in (word, *_spellings(word, language)):
        if found := _last(dictionary, spelling):
            return found.lower()
    return ""


def even(word: str, first: str = "i") -> str:
    """A Turkish word with each i and ı as vowel harmony has it: who writes in capitals, or pastes them, mixes them up.

    Where no vowel stands before, it is `first`.
    """
    last, letters = "", []
    for letter in word:
        if letter in "iı":
            last = first if not last else "ı" if last in _BACK else "i"
        elif letter in _BACK + _FRONT:
            last = letter
        letters.append(last if letter in "iı" else letter)
    return "".join(letters)


def _spellings(word: str, language: str) -> Iterator[str]:
    """How else the dictionary may spell the word: names with a capital, և for եվ, i and ı in harmony."""
    if language == "tr":
        yield from dict.fromkeys(spelling for first in "ıi" if (spelling := even(word, first)) != word)
    if language in {"hy", "ru"}:
        yield word[0].upper() + word[1:]
    if language == "hy" and "եվ" in word:
        other = word.replace("եվ", "և")
        yield from (other, other[0].upper() + other[1:])


def _last(dictionary: Mapping[str, str], word: str) -> str:
    """Where the dictionary leads: its word for a form may be a form of another (a session: to sit). Empty: nowhere."""
    if word not in dictionary:
        return ""
    path = [word]
    while True:
        following = dictionary.get(path[-1])
        if following is None:
            return path[-1]
        if following in path:
            return min(path[path.index(following) :])  # mostly itself; of a circle the same one for all
        path.append(following)


@cache
def _dictionary(language: str) -> Mapping[str, str]:
    # Here, as they take a tenth of the start.
    from platformdirs import user_cache_path  # noqa: PLC0415
    from simplemma.strategies.dictionaries.trie_dictionary_factory import TrieDictionaryFactory  # noqa: PLC0415

    folder = user_cache_path("newscrier") / f"simplemma-{version('simplemma')}"
    table = folder / f"{language}.dic"
    if table.exists() or _made(table):
        return TrieDictionaryFactory(disk_cache_dir=str(folder)).get_dictionary(language)
    return TrieDictionaryFactory(use_disk_cache=False).get_dictionary(language)


def _made(table: Path) -> bool:
    """Make the table of a language; as a whole or not at all, since others may be reading it. False: it cannot be."""
    from simplemma.strategies.dictionaries.trie_dictionary_factory import TrieDictionaryFactory  # noqa: PLC0415

    try:
        table.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=table.parent) as folder:
            TrieDictionaryFactory(disk_cache_dir=folder).get_dictionary(table.stem)
            Path(folder, table.name).replace(table)
    except OSError:
        return False
    return True
