"""Made-up news in six languages: lengths, word frequencies and shares of languages as news has them.

The commonest words of a language are its own; the others are made of its letters and endings. Frequencies fall as
1/(rank + 2.7) (Zipf and Mandelbrot), texts have 348 words on average. The same seed gives the same news.
"""

from __future__ import annotations

import hashlib
import itertools
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from storage import NewArticle, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2025, 7, 16, 12, tzinfo=UTC)
DAYS = 90
SOURCES_A_LANGUAGE = 5
FORMS = 40_000
TOPICS = ("economy", "politics", "sport", "culture", "science", "weather", "travel", "health")
SHARES = {"en": 30, "ru": 25, "hy": 20, "ka": 10, "tr": 8, "az": 7}
_MEAN_WORDS_LOG, _SPREAD_LOG = 5.727, 0.5  # of a log-normal distribution with mean 348


@dataclass(frozen=True, slots=True)
class Language:
    """What words are made of."""

    common: str
    """The commonest words, commonest first."""
    onsets: str
    vowels: str
    endings: tuple[str, ...]


LANGUAGES = {
    "en": Language(
        "the of and to in a that for is on with as was by said from it at its has have be are will which been"
        " were not an he",
        "bcdfghklmnprstvw",
        "aeiou",
        ("", "", "s", "ed", "ing", "ment", "ation", "er", "ly"),
    ),
    "ru": Language(
        "и в на что с по не из за о к для как это его от у но был при также после до их об или было",
        "бвгджзклмнпрстфхцч",
        "аеиоуя",
        ("", "а", "ов", "ами", "ого", "ение", "ения", "ал", "ает", "ный"),
    ),
    "hy": Language(
        "է և որ են մեջ համար նա իր մասին հետ այդ էր այս կողմից ու նաև ըստ եթե պետք բայց մի",
        "բգդզթժլխծկհձմյնշչպջռսվտրցփք",
        "աեիոու",
        ("", "ը", "ի", "ին", "ներ", "ների", "ություն", "ության", "ում", "ել"),
    ),
    "ka": Language(
        "და რომ არ ეს მისი იყო რომელიც უნდა ასევე შესახებ თუ მაგრამ როგორც მას მათ შორის",
        "ბგდვზთკლმნპჟრსტფქღყშჩცძწჭხჯჰ",
        "აეიოუ",
        ("", "ი", "ის", "ს", "მა", "ში", "ები", "ების", "ად"),
    ),
    "tr": Language(
        "ve bir bu için ile de da olarak daha çok olan en kadar sonra ise gibi ancak",
        "bcçdfgğhklmnprsştvyz",
        "aeıioöuü",
        ("", "lar", "ler", "de", "den", "nin", "ler", "cilik", "di"),
    ),
    "az": Language(
        "və bu ilə bir üçün də ki olan edib isə bildirib sonra kimi olub həm",
        "bcçdfgğhxkqlmnprsştvyz",
        "aeəıioöuü",
        ("", "lar", "lər", "da", "dən", "nin", "ları", "çilik", "di"),
    ),
}


class Corpus:
    """A stream of made-up articles."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311  nothing is secret here
        self._numbers = itertools.count()

    def articles(self, count: int, *, body: bool = True) -> Iterator[NewArticle]:
        """So many articles of the last 90 days, in no order of time; without `body` headlines only."""
        return (self._article(body=body) for _ in range(count))

    def _article(self, *, body: bool) -> NewArticle:
        language = self._random.choices(list(SHARES), weights=list(SHARES.values()))[0]
        number = next(self._numbers)
        words = self._words(language, self._random.randint(6, 12))
        return NewArticle(
            source=f"{language}-{self._random.randrange(SOURCES_A_LANGUAGE)}",
            key=f"id:{number}",
            title=" ".join(words).capitalize() + f" {number}",
            published=NOW - timedelta(seconds=self._random.randrange(DAYS * 86_400)),
            body=self._body(language) if body else "",
            topics=tuple(self._random.sample(TOPICS, self._random.choice((0, 1, 1, 2)))),
        )

    def _body(self, language: str) -> str:
        words = self._words(language, length(self._random))
        sentences = []
        while words:
            end = self._random.randint(8, 24)
            sentences.append(" ".join(words[:end]).capitalize() + ".")
            words = words[end:]
        return "\n\n".join(" ".join(sentences[start : start + 3]) for start in range(0, len(sentences), 3))

    def _words(self, language: str, count: int) -> list[str]:
        return self._random.choices(vocabulary(language), cum_weights=cumulated(), k=count)


def sources() -> list[Source]:
    """Where the articles come from."""
    return [
        Source(f"{language}-{number}", f"News {language} {number}", language=language)
        for language in SHARES
        for number in range(SOURCES_A_LANGUAGE)
    ]


@cache
def vocabulary(language: str) -> list[str]:
    """The words of a language, commonest first."""
    rules = LANGUAGES[language]
    made = random.Random(language)  # noqa: S311
    words = dict.fromkeys(rules.common.split())
    while len(words) < FORMS:
        syllables = made.choice((1, 2, 2, 3, 3, 4))
        stem = "".join(made.choice(rules.onsets) + made.choice(rules.vowels) for _ in range(syllables))
        stem += made.choice(rules.onsets)
        for ending in dict.fromkeys(made.choices(rules.endings, k=4)):
            words[stem + ending] = None
    return list(words)[:FORMS]


def length(made: random.Random) -> int:
    """How many words a text has."""
    return min(max(int(made.lognormvariate(_MEAN_WORDS_LOG, _SPREAD_LOG)), 40), 2_000)


@cache
def cumulated() -> list[float]:
    """How often words of each rank or a lower one come."""
    return list(itertools.accumulate(1 / (rank + 2.7) for rank in range(FORMS)))


def write_pages(folder: Path, articles: Iterator[NewArticle], *, headlines_a_page: int = 0) -> None:
    """Save the articles as pages, each source in a folder; a page lists so many of the next articles as headlines."""
    for number, article in enumerate(articles):
        listed = list(itertools.islice(articles, headlines_a_page))
        lines = [article.title, *article.body.split("\n\n"), f"{article.published:%d.%m.%Y %H:%M}"]
        for other in listed:
            lines += ["", other.title, f"{other.published:%d.%b.%Y}"]
        place = folder / article.source
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:06}.txt").write_text("\n".join(lines) + "\n", "utf-8")


def version(*files: Path) -> str:
    """A short name for news made by this module and stored by these files: changed code, another name."""
    digest = hashlib.sha256()
    for file in (Path(__file__), *files):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
