import codecs
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.parsing.choices import DateOrder
from bot.intake.parsing.clean import BODY_LIMIT
from bot.intake.parsing.document import LINE_LIMIT, DocumentError, read_document
from storage import NewArticle, Source

FIXTURE = Path(__file__).parents[1] / "fixtures" / "page.txt"
SEED = Path(__file__).parents[2].parent / "shared" / "seed"
SOURCE = Source(name="bell", title="The Bell")
MORNING = datetime(2023, 12, 6, 9, 34, tzinfo=UTC)

TITLE = "Lighthouse keeper finds a whale – and a poem"
TEXT = ["It began with a knock, the keeper said.", "“Nobody knocks at a lighthouse,” she added.", "The whale is well."]
DATELINE = "06.12.2023 09:34"
RELATED = [
    ("Whales count keepers, too", "16.Jul.2025"),
    ("A Poem <in> Foam & Salt", "15.Jul.2025"),
    ("U.S. Knocks.", "10.Jul.2025"),
]
LIST = [line for pair in RELATED for line in pair]
PAGE = [TITLE, *TEXT, DATELINE, "", "", *LIST]

HEADLINES = [title for title, _ in RELATED]


def page(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def titles(data: bytes) -> list[str]:
    return [article.title for article in read_document(data, source=SOURCE).articles]


def refusals(data: bytes, order: DateOrder | None = None) -> list[tuple[int, str]]:
    return [(refusal.line, refusal.reason) for refusal in read_document(data, source=SOURCE, order=order).refusals]


VARIANTS = {
    "as saved": page(*PAGE),
    "final line end": page(*PAGE, ""),
    "CRLF": "\r\n".join(PAGE).encode(),
    "CR": "\r".join(PAGE).encode(),
    "line separators": "\u2028".join(PAGE).encode(),
    "byte order mark": codecs.BOM_UTF8 + page(*PAGE),
    "UTF-16, little": codecs.BOM_UTF16_LE + "\n".join(PAGE).encode("utf-16-le"),
    "UTF-16, big": codecs.BOM_UTF16_BE + "\r\n".join(PAGE).encode("utf-16-be"),
    "blank runs": "\n\n \t\n\u200b\n".join(["", *PAGE, "\n"]).encode(),
    "no blank lines": page(*filter(None, PAGE)),
    "spaces at the ends": "  \n\t".join(PAGE).encode(),
    "a tab for a blank": page(*PAGE).replace(b"keeper ", b"keeper \t"),
    "a NUL": page(*PAGE).replace(b"whale", b"wh\0ale"),
    "other form of date": page(*PAGE).replace(DATELINE.encode(), b"2023-12-06 09:34"),
    "words in the date": page(*PAGE).replace(DATELINE.encode(), "6 декабря 2023, 09:34".encode()),
    "another zone": page(*PAGE).replace(DATELINE.encode(), b"2023-12-06T13:34:00+04:00"),
    "dateline twice": page(TITLE, *TEXT, DATELINE, DATELINE, *LIST),
    "datelines of headlines twice": page(*PAGE).replace(b"16.Jul.2025", b"16.Jul.2025\n16.Jul.2025"),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_page_is_one_full_article_and_its_headlines(variant: str) -> None:
    reading = read_document(VARIANTS[variant], source=SOURCE)
    first, *rest = reading.articles
    assert reading.refusals == ()
    assert reading.sources == (SOURCE,)
    assert (first.source, first.title, first.body) == ("bell", TITLE, "\n\n".join(TEXT))
    assert (first.published, first.date_only) == (MORNING, False)
    assert [(other.title, f"{other.published:%d.%b.%Y}") for other in rest] == RELATED
    assert all(other.date_only and not other.body for other in rest)


def test_a_page_without_related_headlines() -> None:
    assert titles(page(TITLE, *TEXT, DATELINE)) == [TITLE]


def test_a_page_without_a_text_is_a_headline() -> None:
    (article,) = read_document(page(TITLE, DATELINE), source=SOURCE).articles
    assert (article.title, article.body) == (TITLE, "")


def test_a_title_may_be_a_date() -> None:
    assert titles(page("9 May 1945", *TEXT, DATELINE, *LIST)) == ["9 May 1945", *HEADLINES]


def test_times_are_read_in_the_zone_of_the_source() -> None:
    data = page(*PAGE).replace(b"06.12.2023 09:34", b"06.12.2023")
    there = Source(name="bell", title="The Bell", zone="Asia/Yerevan")
    first = read_document(data, source=there).articles[0]
    assert first.published == datetime(2023, 12, 5, 20, tzinfo=UTC)
    assert first.key.endswith(":2023-12-06")


def test_a_headline_and_its_own_page_are_one_article() -> None:
    headline = read_document(page(*PAGE), source=SOURCE).articles[1]
    full = read_document(page(HEADLINES[0].upper(), *TEXT, "16.07.2025 18:20"), source=SOURCE).articles[0]
    assert headline.key == full.key


def test_order_of_day_and_month() -> None:
    data = page(TITLE, *TEXT, "06/12/2023", *LIST)
    assert refusals(data) == [
        (5, "'06/12/2023' does not say whether the day or the month comes first: add --dates day|month")
    ]
    assert titles(data) == HEADLINES
    published = read_document(data, source=SOURCE, order=DateOrder.MONTH).articles[0].published
    assert published == datetime(2023, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        # A date inside the text, and paragraphs enough after it to see that it is not the dateline.
        ([TITLE, TEXT[0], "1 May 2021", *TEXT[1:], DATELINE, *LIST], [TEXT[0], "1 May 2021", *TEXT[1:]]),
        ([TITLE, TEXT[0], "1 May 2021", *TEXT[1:], DATELINE], [TEXT[0], "1 May 2021", *TEXT[1:]]),
        (
            [TITLE, "1 May 2021", *TEXT, "2 May 2021", *TEXT, DATELINE, *LIST],
            ["1 May 2021", *TEXT, "2 May 2021", *TEXT],
        ),
        # One line between two dates is a headline.
        ([TITLE, *TEXT, DATELINE, "One line", "1 May 2021"], TEXT),
    ],
)
def test_the_dateline_is_told_from_dates_in_the_text(lines: list[str], body: list[str]) -> None:
    reading = read_document(page(*lines), source=SOURCE)
    assert reading.refusals == ()
    assert reading.articles[0].body == "\n\n".join(body)
    assert reading.articles[0].published == MORNING


LONG = "x" * 1_001
PARTLY = {
    "a headline without a date, at the end": (
        [*PAGE, "Cut off he"],
        [TITLE, *HEADLINES],
        (14, "expected a dateline such as 16.Jul.2025 after the headline 'Cut off he'"),
    ),
    "a headline without a date, first": (
        [TITLE, *TEXT, DATELINE, "Dateless", *LIST],
        [TITLE, *HEADLINES],
        (6, "expected a dateline such as 16.Jul.2025 after the headline 'Dateless'"),
    ),
    "a headline without a date, between": (
        [TITLE, *TEXT, DATELINE, *LIST[:4], "Dateless", *LIST[4:]],
        [TITLE, *HEADLINES],
        (10, "expected a dateline such as 16.Jul.2025 after the headline 'Dateless'"),
    ),
    "a headline with an impossible date": (
        [TITLE, *TEXT, DATELINE, *LIST[:2], "Leap", "30.Feb.2025", *LIST[2:]],
        [TITLE, *HEADLINES],
        (9, "'30.Feb.2025' names a day that does not exist"),
    ),
    "a headline that is too long": (
        [TITLE, *TEXT, DATELINE, *LIST, LONG, "1.Jul.2025"],
        [TITLE, *HEADLINES],
        (12, "the title has 1,001 characters: at most 1,000 are taken"),
    ),
    "a second dateline": (
        [TITLE, *TEXT, DATELINE, "07.12.2023 10:00", *LIST],
        [TITLE, *HEADLINES],
        (6, "a second dateline '07.12.2023 10:00': expected a headline before it"),
    ),
    "an impossible dateline": (
        [TITLE, *TEXT, "31.02.2023", *LIST],
        HEADLINES,
        (5, "'31.02.2023' names a day that does not exist"),
    ),
    "a title that is too long": (
        [LONG, *TEXT, DATELINE, *LIST],
        HEADLINES,
        (1, "the title has 1,001 characters: at most 1,000 are taken"),
    ),
}


@pytest.mark.parametrize("case", PARTLY)
def test_a_bad_part_does_not_cost_the_others(case: str) -> None:
    lines, taken, refused = PARTLY[case]
    assert titles(page(*lines)) == taken
    assert refusals(page(*lines)) == [refused]


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"", 1, "the file is empty"),
        (b"\n \r\n\t\n", 1, "the file is empty"),
        (codecs.BOM_UTF8, 1, "the file is empty"),
        (codecs.BOM_UTF16_LE, 1, "the file is empty"),
        (page(TITLE), 1, "expected a dateline such as 06.12.2023 09:34 after the text"),
        (page(DATELINE), 1, "expected a dateline"),
        (page(TITLE, *TEXT, "", ""), 4, "expected a dateline"),
        (page(TITLE, *TEXT).replace(b"well", b"w\xe9ll"), 4, "byte 0xE9 is not UTF-8"),
        (codecs.BOM_UTF8 + b"Title\r\n\r\n\xff", 3, "byte 0xFF is not UTF-8"),
        ("Заголовок\n06.12.2023".encode("cp1251"), 1, "byte 0xC7 is not UTF-8"),
        (codecs.BOM_UTF16_LE + "a\nb".encode("utf-16-le") + b"c", 2, "byte 0x63 is not UTF-16"),
        ("\n".join(PAGE).encode("utf-16-le"), 1, "UTF-16 without a byte order mark"),
        ("\n".join(PAGE).encode("utf-32"), 1, "the file is UTF-32"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", 1, "not text"),
        (b"x\n" * (LINE_LIMIT + 1), LINE_LIMIT + 1, "over 100,000 lines"),
    ],
)
def test_a_page_that_cannot_be_read_says_why(data: bytes, line: int, reason: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_document(data, source=SOURCE)
    assert caught.value.line == line
    assert reason in caught.value.reason


def test_half_characters_of_utf_16_are_dropped() -> None:
    data = codecs.BOM_UTF16_LE + f"Half\ud800 a title\n{DATELINE}".encode("utf-16-le", "surrogatepass")
    assert titles(data) == ["Half a title"]


def test_an_endless_text_is_cut() -> None:
    (article,) = read_document(page(TITLE, *TEXT * 10_000, DATELINE), source=SOURCE).articles
    assert BODY_LIMIT - 100 < len(article.body) <= BODY_LIMIT
    assert article.body.endswith(tuple(TEXT))


def test_a_list_of_many_headlines_is_read_at_once() -> None:
    data = page(TITLE, *TEXT, DATELINE, *LIST * 10_000)
    assert len(titles(data)) == 30_001


def whole(article: NewArticle) -> bool:
    text = article.title + article.body + article.key
    return bool(article.title) and article.published.tzinfo is UTC and text.encode().decode() == text


LINES = st.one_of(st.text(max_size=30), st.sampled_from([*PAGE, "06/12/2023", "31.02.2023", "1 May 2021"]))
PAGES = st.lists(LINES, max_size=30).map(lambda lines: "\n".join(lines).encode(errors="replace"))
BOMS = st.sampled_from([b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])


@given(BOMS, st.one_of(st.binary(max_size=200), PAGES))
def test_any_bytes_are_a_reading_or_a_document_error(bom: bytes, data: bytes) -> None:
    try:
        reading = read_document(bom + data, source=SOURCE)
    except DocumentError as error:
        assert error.line >= 1  # noqa: PT017  either outcome is right
        return
    assert reading.articles or reading.refusals
    assert all(map(whole, reading.articles))
    assert all(refusal.line >= 1 and refusal.reason.isprintable() for refusal in reading.refusals)


WORDS = st.text("abcdefg ABCDEFG", min_size=1, max_size=40).filter(str.strip).map(lambda text: " ".join(text.split()))
DATES = st.dates(date(1990, 1, 1), date(2030, 1, 1)).map("{:%d.%b.%Y}".format)
PAIRS = st.lists(st.tuples(WORDS, DATES), max_size=8)


@given(WORDS, st.lists(WORDS, max_size=5), DATES, PAIRS)
def test_a_well_formed_page_is_read_as_it_stands(
    title: str, text: list[str], dateline: str, related: list[tuple[str, str]]
) -> None:
    data = page(title, *text, dateline, *(line for pair in related for line in pair))
    reading = read_document(data, source=SOURCE)
    read = [(article.title, f"{article.published:%d.%b.%Y}") for article in reading.articles]
    assert read == [(title, dateline), *related]
    assert reading.articles[0].body == "\n\n".join(text)
    assert reading.refusals == ()


def test_the_page_with_every_trait() -> None:
    first, *rest = read_document(FIXTURE.read_bytes(), source=SOURCE).articles
    assert (first.published, first.date_only, first.body.count("\n\n")) == (MORNING, False, 3)
    assert len(rest) == 10
    assert all(article.date_only and not article.body for article in rest)
    assert read_document(FIXTURE.read_bytes(), source=SOURCE).refusals == ()


@pytest.mark.skipif(not SEED.is_dir(), reason="the saved page is not part of the project")
def test_a_page_as_it_was_saved() -> None:
    (file,) = SEED.glob("*.txt")
    reading = read_document(file.read_bytes(), source=SOURCE)
    first, *rest = reading.articles
    assert (first.published, first.date_only, first.body.count("\n\n")) == (MORNING, False, 3)
    assert len(rest) == 10
    assert all(article.date_only and not article.body for article in rest)
    assert reading.refusals == ()
