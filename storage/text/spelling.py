"""Words that somebody may have meant who typed another. Pure."""

from typing import Final

from storage.text.terms import fold

# What letters folding leaves (`terms.fold`).
_ALPHABETS: Final = (
    "abcdefghijklmnopqrstuvwxyzə",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ",
    "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
)
# What the same keys give on an English and on a Russian keyboard.
_ENGLISH_KEYS: Final = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
_RUSSIAN_KEYS: Final = "йцукенгшщзхъфывапролджэячсмитьбю"
_OTHER_KEYBOARD: Final = str.maketrans(_ENGLISH_KEYS + _RUSSIAN_KEYS, _RUSSIAN_KEYS + _ENGLISH_KEYS)
_LONGEST: Final = 32  # longer words have too many neighbours


def neighbours(word: str) -> list[str]:
    """Folded words one mistake away from this one, the likelier first: few mistake a word's first letter.

    A mistake is a letter too many or too few, another letter, two swapped, or the other keyboard. Damerau (1964) found
    that one such mistake makes four in five misspellings.
    """
    plain = fold(word)
    alphabet = next((letters for letters in _ALPHABETS if any(letter in letters for letter in plain)), "")
    if not alphabet or len(plain) > _LONGEST:
        return []
    splits = [(plain[:place], plain[place:]) for place in range(len(plain) + 1)]
    found = [
        *(head + tail[1] + tail[0] + tail[2:] for head, tail in splits if len(tail) > 1),
        *(head + tail[1:] for head, tail in splits if tail),
        *(head + letter + tail[1:] for head, tail in splits if tail for letter in alphabet),
        *(head + letter + tail for head, tail in splits for letter in alphabet),
    ]
    first = sorted(dict.fromkeys(found), key=lambda near: near[:1] != plain[:1])
    other = plain.translate(_OTHER_KEYBOARD)
    return [near for near in (other, *first) if near.isalnum() and near != plain]
