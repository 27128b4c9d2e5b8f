"""A saved article page becomes articles.

    Title
    One or more lines: the paragraphs of the text
    06.12.2023 09:34                    the dateline
    Headline of another article         then, perhaps, related headlines,
    16.Jul.2025                         each followed by its own dateline

The page is one full article (headline only, without paragraphs) and a headline-only article for each headline it lists.
Blank lines count for nothing.
"""

import codecs
import re
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.intake.parsing.choices import DateOrder
from bot.intake.parsing.clean import TextError, clean_line, clean_title, is_visible, join_paragraphs, shown
from bot.intake.parsing.dates import DateError, is_dateline, parse_moment
from bot.intake.parsing.keys import key_of
from bot.intake.parsing.reading import Reading, Refusal
from storage.models import NewArticle, Source

LINE_LIMIT = 100_000
_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SENTENCE_END = re.compile(r"[.։]['\"”’»)]*$")


class DocumentError(ValueError):
    """Nothing of the page can be read; `line` (from 1) is where that showed."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str
    dated: bool
    """It is nothing but a date."""


def read_document(data: bytes, *, source: Source, order: DateOrder | None = None) -> Reading:
    """The articles of a page, the page's own first, and the lines that could not be taken.

    Dates may also stand inside the text. The dateline is the date that leaves the fewest oddities: dates before it, and
    lines after it that are no headline with a dateline; of equals, the first. A well-formed page has none.
    Raises DocumentError: neither UTF-8 nor UTF-16 with a byte order mark; empty; no dateline; over 100,000 lines.
    """
    lines = _lines(_decode(data))
    end = _dateline(lines)
    items = [(lines[0], lines[end], tuple(lines[1:end])), *_related(lines[end + 1 :])]
    articles: list[NewArticle] = []
    refusals = _strays(lines, end)
    for title, dateline, paragraphs in items:
        try:
            articles.append(_article(title, dateline, paragraphs, source, order))
        except TextError as error:
            refusals.append(Refusal(title.number, str(error)))
        except DateError as error:
            refusals.append(Refusal(dateline.number, str(error)))
    refusals.sort(key=lambda refusal: refusal.line)
    return Reading(tuple(articles), tuple(refusals), (source,) if articles else ())


def _decode(data: bytes) -> str:
    if data.startswith(_UTF_32):
        raise DocumentError(1, "the file is UTF-32: save it as UTF-8")
    if data.startswith(_UTF_16):
        return _decoded(data, "utf-16", "surrogatepass")
    if data.count(0) * 10 > len(data):
        raise DocumentError(1, "the file is not text, or UTF-16 without a byte order mark: save it as UTF-8")
    return _decoded(data, "utf-8-sig", "strict")


def _decoded(data: bytes, encoding: str, errors: str) -> str:
    try:
        return data.decode(encoding, errors)
    except UnicodeDecodeError as error:
        # `error.object` is `data` without a byte order mark that was passed over.
        before = error.object[: error.start].decode(encoding, "replace")
        line = len(f"{before}.".splitlines())
        name = encoding.removesuffix("-sig").upper()
        at = f"byte 0x{error.object[error.start]:02X}"
        raise DocumentError(line, f"{at} is not {name} ({error.reason}): save the file as UTF-8") from error


def _lines(text: str) -> list[_Line]:
    """The lines with something to see in them: at least one."""
    cleaned = ((number, clean_line(line)) for number, line in enumerate(text.splitlines(), 1))
    lines = [_Line(number, line, is_dateline(line)) for number, line in cleaned if is_visible(line)]
    if not lines:
        raise DocumentError(
            1, "the file is empty: expected a title, paragraphs and a dateline such as 06.12.2023 09:34"
        )
    if len(lines) > LINE_LIMIT:
        raise DocumentError(lines[LINE_LIMIT].number, f"over {LINE_LIMIT:,} lines: this is not one article page")
    return lines


def _dateline(lines: list[_Line]) -> int:
    """The index of the article's dateline."""
    candidates = [index for index, line in enumerate(lines) if line.dated and index]
    if not candidates:
        raise DocumentError(lines[-1].number, "expected a dateline such as 06.12.2023 09:34 after the text, found none")
    after = _oddities_after(lines)
    cost = {index: inside + after[index] for inside, index in enumerate(candidates)}
    return min(candidates, key=cost.__getitem__)


def _oddities_after(lines: list[_Line]) -> list[int]:
    """For each line, how odd what follows it would be as a list of headlines."""
    after = [0] * len(lines)
    for index in range(len(lines) - 2, -1, -1):
        line = lines[index + 1]
        dated_next = index + 2 < len(lines) and lines[index + 2].dated
        lone = not line.dated and not dated_next
        after[index] = after[index + 1] + (lone and _oddity(line.text))
    return after


def _oddity(text: str) -> int:
    """How odd a line without a date is in a list of headlines: more so when it reads like a paragraph."""
    return 2 if len(text) > 300 or _SENTENCE_END.search(text) else 1


def _related(lines: list[_Line]) -> list[tuple[_Line, _Line, tuple[_Line, ...]]]:
    return [(title, dateline, ()) for title, dateline in pairwise(lines) if dateline.dated and not title.dated]


def _strays(lines: list[_Line], end: int) -> list[Refusal]:
    """What stands after the article's dateline and is neither headline nor dateline of a pair.

    A dateline that is there twice is no fault.
    """
    following = [*lines[end + 2 :], None]
    strays = []
    for before, line, after in zip(lines[end:], lines[end + 1 :], following, strict=False):
        if line.dated and before.dated and line.text != before.text:
            strays.append(Refusal(line.number, f"a second dateline {shown(line.text)}: expected a headline before it"))
        if not line.dated and not (after and after.dated):
            reason = f"expected a dateline such as 16.Jul.2025 after the headline {shown(line.text)}"
            strays.append(Refusal(line.number, reason))
    return strays


def _article(
    title: _Line, dateline: _Line, paragraphs: tuple[_Line, ...], source: Source, order: DateOrder | None
) -> NewArticle:
    headline = clean_title(title.text)
    moment = parse_moment(dateline.text, zone=ZoneInfo(source.zone), order=order)
    return NewArticle(
        source=source.name,
        key=key_of(source, title=headline, published=moment.published),
        title=headline,
        published=moment.published,
        body=join_paragraphs([line.text for line in paragraphs]),
        date_only=moment.date_only,
    )
