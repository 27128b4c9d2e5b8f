"""Which language a text is in: its script, its letters, its commonest words, and what its source usually writes."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final

from storage.text.language import LANGUAGES
from storage.text.scripts import word_pattern

CONFIDENT: Final = 0.8
"""How sure we must be to claim a language."""

_LONG: Final = 12  # words that speak against what a text's source states
_SAMPLE: Final = 500  # characters; a text's beginning tells its language
_FOREIGN_SCRIPT: Final = 2  # a Latin name in an Armenian text says less than an Armenian word in a Latin one
_HABIT: Final = 20.0  # articles: a longer habit is no stronger, so that a few words of another language outweigh it
_SETTING: Final = 20.0  # articles that the source's setting is worth
_ANY: Final = 0.3  # articles of each language that a source is taken to have had ...
_LIKELY: Final = MappingProxyType(
    {"ru": 20.0}
)  # ... of this one more: most of what is written in its script is in it ...
_NONE: Final = "-"  # ... and of those we do not know
_UNKNOWN: Final = 1.0

# What each language has and the others of its script do not: logarithms of how much likelier it becomes.
_WORD: Final = 2.5
_PLAIN: Final = -0.12  # a word that is not among its commonest
_LETTER: Final = 2.5
_ENDING: Final = 1.0
_STEM: Final = 4  # letters of a word whose end counts
_WRONG: Final = -3.0  # a word with a letter that it does not have

_USUAL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Armn": "hy",
        "Geor": "ka",
        "Grek": "el",
        "Hebr": "he",
        "Arab": "ar",
        "Deva": "hi",
        "Taml": "ta",
        "Hang": "ko",
        "Kana": "ja",
        "Hani": "zh",
    }
)
"""Script -> the language it tells by itself."""

_MORE_SCRIPTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "Cyrl": ("uk", "bg", "be", "mk", "az"),
        "Arab": ("az",),
        "Hebr": ("he",),
        "Hang": ("ko",),
        "Kana": ("ja",),
        "Hani": ("ja", "ko", "zh"),
    }
)
"""Script -> languages that are written in it, besides what LANGUAGES says."""

_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "en": "the and of to in that with from has have will which said its been were for on is as by at after over"
        " into what how why who new says amid about against again more than an are not be this these their his he she",
        "tr": "ve bir bu için ile daha çok olan olarak kadar sonra gibi ancak değil yeni ise her göre karşı oldu olacak"
        " edildi etti dedi arasında üzerinde nasıl neden türkiye hakkında var yok önce ilk son eden eski iki mi"
        " açıkladı başladı yapıldı başkanı bakanı cumhurbaşkanı geldi aldı verdi kişi yıl",
        "az": "və bir bu üçün ilə daha çox olan sonra kimi ancaq deyil yeni isə görə qarşı oldu olacaq edib edilib"
        " deyib bildirib haqqında arasında necə niyə olub var yox əvvəl ilk son iki nazir prezidenti keçirilib başlayıb"
        " azərbaycan prezident nazirliyi gün il nəfər dedi etdi verib alıb gəlib tərəfindən",
        "fr": "le la les des et en du une est dans pour qui que sur au aux avec par ce pas plus son sa ses après entre"
        " un contre à été cette mais ou comment selon ont sont leur",
        "de": "der die das und in den von zu mit ist im für auf nicht ein eine einen dem des sich als auch nach bei aus"
        " am wird um über gegen vor hat sind wie zum zur werden noch nur mehr",
        "es": "el la los las de y en que un una por con para del se es su al lo como más tras entre contra sobre pero"
        " este esta ha fue son sin hasta desde años",
        "it": "il la di che e in un una per con del della dei delle è non sono al alla da dal dalla nel nella si anche"
        " più come dopo gli le lo ha contro tra sul sulla questo",
        "pt": "o a os as de e em que um uma por com para do da dos das no na nos nas se é ao à mais como após entre"
        " contra sobre não seu sua pelo pela foi são diz até",
        "nl": "de het een en van in op te dat is voor met niet zijn aan er om ook als bij door naar uit maar over wordt"
        " tegen na tot heeft werd deze dit nog geen",
        "pl": "w i na z do się nie że o jest to po od za przez dla jak oraz przed był są co tym ale ich pod ze już"
        " tylko czy przy będzie został jego",
        "ru": "и в не на что с по за из от к для о это как его он у же но их был будет после до при также или все со",
        "uk": "і в не на що з та за від до для про це як його він у який але їх був буде після при також або всі зі є",
        "bg": "и в не на че с по за от към да се е са си ще как той но ги след до при също или всички със през беше"
        " който която което които бяха обяви",
        "sr": "и у не на што са по за из од да се је су као његов он али их био после до при такође или све ће",
    }
)
_HARD: Final = "ъ(?![еёюя])"  # where Russian has none
# Letters that it has and its neighbours lack; patterns.
_OWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "az": "[ə]",
        "tr": "[ığş]",
        "de": "[ß]",
        "es": "[ñ]",
        "pt": "[ãõ]",
        "pl": "[ąćęłńśźż]",
        "fr": "[èùœ]",
        "it": "[ìò]",
    }
    | {"ru": "[ыэ]", "uk": "[іїєґ]", "bg": _HARD, "sr": "[ђјљњћџ]"}
)
# Letters that its words do not have: more than the alphabet lacks, as names come along.
_NOT: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys(("en", "nl"), "[əığşçöüßäñãõąćęłńśźżåøæîșțăâřůěčšžđ]")
    | {
        "tr": "[əqwxßäñãõąćęłńśźżåøæèêșțăřůěčšžđáó]",
        "az": "[wßäñãõąćęłńśźżåøæèêâîșțăřůěčšžđáó]",
        "fr": "[əığşßäñãõąćęłńśźżåøășțřůěčšžđ]",
        "de": "[əığşçñãõąćęłńśźżåøæèêâîășțřůěčšžđ]",
        "es": "[əığşçßäãõąćęłńśźżåøæèêâîășțřůěčšžđ]",
        "it": "[əığşçßäñãõąćęłńśźżåøæâășțřůěčšžđ]",
        "pt": "[əığşßäñąćęłńśźżåøæèîășțřůěčšžđ]",
        "pl": "[əığşçßäñãõåøæèêâîășțřůěčšžđüö]",
        "ru": "[іїєґўђјљњћџѓѕќәғқңөұүһҷҳӣӯӑӗҫ]|" + _HARD,
        "uk": "[ыэъёўђјљњћџѓѕќәғқңөұүһҷҳӣӯӑӗҫ]",
        "bg": "[ыэёіїєґўђјљњћџѓѕќәғқңөұүһҷҳӣӯӑӗҫ]",
        "sr": "[ыэёщъьюяйіїєґўѓѕќәғқңөұүһҷҳӣӯӑӗҫ]",
    }
)
# Endings that many of its words have.
_ENDINGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "en": ("ing", "tion", "ed", "ght", "ly", "sh", "ow"),
        "tr": (
            "yor",
            "dı",
            "di",
            "du",
            "dü",
            "tı",
            "ti",
            "tü",
            "lar",
            "ler",
            "ları",
            "leri",
            "nda",
            "nde",
            "mış",
            "miş",
        ),
        "az": ("ıb", "ib", "ub", "üb", "lar", "lər", "ları", "ləri", "nda", "ndə", "lıq", "acaq", "dır", "dir", "dur"),
    }
)
_OF_SCRIPT: Final = MappingProxyType(
    {"Latn": ("en", "tr", "az", "fr", "de", "es", "it", "pt", "nl", "pl"), "Cyrl": ("ru", "uk", "bg", "sr")}
)
_NOT_ARABIC: Final = re.compile("[پچژگکیںھہۃےٹڈڑ]")


@dataclass(frozen=True, slots=True)
class Guess:
    """A language and how sure it is, from 0 to 1."""

    likeliest: str
    """ISO 639-1; empty: none that we know."""
    sure: float
    script: str = ""
    """Of most of its letters (ISO 15924; "Zyyy": one that we do not tell apart); empty: there are none."""
    words: int = 0
    """How many of that script were looked at."""

    @property
    def language(self) -> str:
        """The language if it can be claimed, else empty."""
        return self.likeliest if self.sure >= CONFIDENT else ""


def detect(title: str, text: str = "", *, habit: Mapping[str, int] = MappingProxyType({}), usual: str = "") -> Guess:
    """The language of an article.

    `habit` is how many of its source's articles were in which language, `usual` what the source is set to. They decide
    where the words do not: a headline of names. Words of another language outweigh them, and another script always.
    """
    sample = f"{title}\n{text}"[:_SAMPLE]
    words = [(match.lastgroup or "", match[0]) for match in word_pattern().finditer(sample) if not match[0].isdecimal()]
    script = _main_script(words)
    of_script = [word for its, word in words if its == script]
    if script in _OF_SCRIPT:
        likeliest, sure = _likeliest(of_script, script, _prior(script, habit, usual))
        return Guess(likeliest or _unknown(usual), sure, script, len(of_script))
    is_arabic = script != "Arab" or 50 * len(_NOT_ARABIC.findall(sample)) < len(sample)
    told = _USUAL.get(script, "") if is_arabic else ""
    return Guess(told or _unknown(usual), 1.0 if script else 0.0, script, len(of_script))


def language_of(
    title: str, text: str = "", *, stated: str = "", habit: Mapping[str, int] = MappingProxyType({}), usual: str = ""
) -> str:
    """The language of an article whose source may state one, which is believed unless the text refutes it.

    Many a site states what the maker of its software speaks. It is refuted by letters that the language is not written
    in; and, if it is one that we would know, by a long enough text that is surely in another.
    """
    guess = detect(title, text, habit=habit, usual=usual)
    return stated if stated and not _is_refuted(stated, guess) else guess.language


def _is_refuted(stated: str, guess: Guess) -> bool:
    # Latin letters alone refute nothing: names and brands are written so everywhere.
    if guess.script not in {"", "Latn"} and guess.script not in _scripts().get(stated, {guess.script}):
        return True
    is_long = guess.words >= _LONG
    return is_long and stated in {*_WORDS, *_USUAL.values()} and guess.language not in {"", stated}


@cache
def _scripts() -> Mapping[str, frozenset[str]]:
    """In which scripts languages are written, as far as we know."""
    known = {code: set(language.scripts) for code, language in LANGUAGES.items()}
    for script, codes in _MORE_SCRIPTS.items():
        for code in codes:
            known.setdefault(code, set()).add(script)
    return {code: frozenset(scripts) for code, scripts in known.items()}


def _unknown(usual: str) -> str:
    """What a source writes when it is none of the languages that we can tell."""
    return "" if usual in {*_WORDS, *_USUAL.values()} else usual


def _main_script(words: Iterable[tuple[str, str]]) -> str:
    """The script of most letters; kana among ideographs is Japanese. Empty: there are no letters."""
    counts: Counter[str] = Counter()
    for script, word in words:
        counts[script] += len(word) * (1 if script == "Latn" else _FOREIGN_SCRIPT)
    if counts["Kana"]:
        counts["Kana"] += counts.pop("Hani", 0)
    return max(counts, key=lambda script: counts[script], default="")


def _prior(script: str, habit: Mapping[str, int], usual: str) -> dict[str, float]:
    """How many articles of each language of the script the source is taken to have had."""
    share = min(1.0, _HABIT / max(1, sum(habit.values())))
    prior = {code: _LIKELY.get(code, _ANY) + habit.get(code, 0) * share for code in _OF_SCRIPT[script]}
    prior[_NONE] = _UNKNOWN
    if usual in prior or _unknown(usual):
        prior[usual if usual in prior else _NONE] += _SETTING
    return prior


def _likeliest(words: Iterable[str], script: str, prior: Mapping[str, float]) -> tuple[str, float]:
    """The language, empty for none that we know, and how sure that is.

    By Bayes' rule: what was expected times what the words say.
    """
    said = (0.0, *map(sum, zip(*(_evidence(word, script) for word in words), strict=True)))
    logs = {code: math.log(prior[code]) + says for code, says in zip((_NONE, *_OF_SCRIPT[script]), said, strict=True)}
    highest = max(logs.values())
    weights = {code: math.exp(value - highest) for code, value in logs.items()}
    code = max(weights, key=lambda one: weights[one])
    return "" if code == _NONE else code, weights[code] / sum(weights.values())


@lru_cache(maxsize=2**13)
def _evidence(word: str, script: str) -> tuple[float, ...]:
    """What a word says for each language of the script; what it says for none of them is 0."""
    small = word.replace("İ", "i").lower()  # an I may be ı: it tells nothing
    letters, common, endings = _telling(script)
    if small in common or letters.search(small) or small.endswith(endings):
        return tuple(_says(small, code) for code in _OF_SCRIPT[script])
    return (_PLAIN,) * len(_OF_SCRIPT[script])


def _says(word: str, code: str) -> float:
    if word in _common(code):
        return _WORD
    if re.search(_NOT[code], word):
        return _WRONG
    if code in _OWN and re.search(_OWN[code], word):
        return _LETTER
    return _ENDING if len(word) > _STEM and word.endswith(_ENDINGS.get(code, ())) else _PLAIN


@cache
def _telling(script: str) -> tuple[re.Pattern[str], frozenset[str], tuple[str, ...]]:
    """Letters, words and endings, one of which a word has that says anything: most have none."""
    codes = _OF_SCRIPT[script]
    letters = "|".join(table[code] for table in (_NOT, _OWN) for code in codes if code in table)
    endings = tuple(ending for code in codes for ending in _ENDINGS.get(code, ()))
    return re.compile(letters), frozenset().union(*map(_common, codes)), endings


@cache
def _common(code: str) -> frozenset[str]:
    return frozenset(_WORDS[code].split())
