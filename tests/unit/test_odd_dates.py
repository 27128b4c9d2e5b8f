"""What the corpus of feeds does not say of dates already."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.intake.parsing.dates import Moment
from bot.intake.parsing.odd_dates import DateReader

NOW = datetime(2025, 7, 20, 12, tzinfo=UTC)
MORNING = datetime(2025, 7, 16, 5, 34, tzinfo=UTC)


def reader() -> DateReader:
    return DateReader("Asia/Yerevan", NOW)


@pytest.mark.parametrize(
    "text",
    [
        "16 Jul 2025 09:34",
        "Wed, 16-Jul-2025 05:34:00 GMT",
        "wed, 16 jul 2025 05:34:00 gmt",
        "Wednesday, 16 July 2025 09:34:00 +04:00",
        "Wed, 16 Jul 2025 09:34:00 GMT+4",
        "Wed, 16 Jul 2025 09:34:00 UTC+04:00",
        "Wed,  16 Jul 2025  05:34:00\tZ",
        "Wed Jul 16 01:34:00 EDT 2025",
        "2025-07-16T09:34:00+0400",
        "2025-07-16T05:34:00.000Z",
        "2025-07-16_09:34:00",
        "2025-07-16T01:34:00-04:00",
        "2025/07/16 09:34:00",
        "2025-07-16 05:34:00 GMT",
        "07/16/2025 09:34",
        "16.07.25 09:34",
        "Wed, 07/16/25 09:34:00",
        "202507160934",
        "20250716093400",
        "2025-07-16T01:34:00-04:00Z",
        "Tue, 15 Jul 2025 22:34:00 MST-07:00",
        "Wed, 16 Jul 2025 07:34:00 Europe/Brussels",
        "2025-07-16T01:34:00 [America/New_York]",
        "16 июля 2025 г., 08:34 МСК",
        "Wed, 16 Jul 2025 09:34:00 Nowhere/Atall",
        "2025-07-16 09:34:00 +0400 +04",
        "2025. 7. 16. 09:34",
        "2025. 07. 16 09:34:00",
        "16 Juli 2025 12.34 WIB",
        "2025-07-16 09.34.00",
        "16/07/2025 09h34",
        "Mer 16 Jul 2025 - 09h34",
    ],
)
def test_a_moment_is_read(text: str) -> None:
    assert reader().read(text) == Moment(MORNING, date_only=False)


@pytest.mark.parametrize(
    "text", ["", " ", "x" * 500, "2025-13-01", "2025-07-16T25:00:00Z", "99999999999", "1", "²", "24:00"]
)
def test_what_is_no_moment_is_none(text: str) -> None:
    assert reader().read(text) is None


@pytest.mark.parametrize(("text", "year"), [("1 Jan 69 00:00 GMT", 2069), ("1 Jan 71 00:00 GMT", 1971)])
def test_years_of_two_digits(text: str, year: int) -> None:
    moment = reader().read(text)
    assert moment is not None
    assert moment.published.year == year


def test_a_date_without_its_year_is_the_last_one() -> None:
    moment = reader().read("December 24th")
    assert moment == Moment(datetime(2024, 12, 23, 20, tzinfo=UTC), date_only=True)


@pytest.mark.parametrize("text", ["2025-07-16+02:00", "2025-07-16Z", "2025. 7. 16."])
def test_a_day_is_the_day_that_it_is_in_its_zone(text: str) -> None:
    assert reader().read(text) == Moment(datetime(2025, 7, 15, 20, tzinfo=UTC), date_only=True)


def test_a_moment_is_read_in_the_language_of_its_feed() -> None:
    text = "16 tháng 7 2025 09:34"
    assert DateReader("Asia/Yerevan", NOW, "vi").read(text) == Moment(MORNING, date_only=False)
    assert reader().read(text) is None


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("Wed, 09/07/2025 - 09:34", 7),  # the seventh of September is a Sunday
        ("Mon, 07/07/2025 - 09:34", 7),
        ("Sun, 03/02/2025 - 09:34", 3),  # the third of February is a Monday
        ("07/09/2025 09:34", 7),  # September is still to come
        ("03/02/2025 3:34 PM", 3),
        ("03/02/2025 15:34", 2),
    ],
)
def test_of_day_and_month_the_likelier_is_read(text: str, month: int) -> None:
    moment = reader().read(text)
    assert moment is not None
    assert moment.published.month == month


def test_other_dates_say_which_comes_first() -> None:
    dates = reader()
    dates.learn(["03/02/2025", "03/22/2025"])
    moment = dates.read("03/02/2025 15:34")
    assert moment is not None
    assert moment.published.month == 3


def test_what_takes_long_is_tried_a_few_times_only() -> None:
    dates = DateReader("UTC", NOW, tries=1)
    assert dates.read("Brumaire 5 or so") is None
    assert dates.read("mardi 15 juillet 2025 vers 9 h") is None
    assert dates.read("15 July 2025") is not None


def test_what_is_found_in_the_end_is_no_vain_try() -> None:
    dates = DateReader("Asia/Yerevan", NOW, tries=2)
    found = [dates.read(f"ср, {day} лип 2025 09:34:00 +0400") for day in range(1, 17)]
    assert found[-1] == Moment(MORNING, date_only=False)
    assert None not in found


@settings(max_examples=100)
@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), st.sampled_from([-5, 0, 4]))  # noqa: DTZ001
def test_what_a_feed_writes_by_the_book_is_read(moment: datetime, hours: int) -> None:
    local = moment.replace(microsecond=0, tzinfo=ZoneInfo(f"Etc/GMT{-hours:+d}"))
    expected = Moment(local.astimezone(UTC), date_only=False)
    assert reader().read(local.isoformat()) == expected
    assert reader().read(local.strftime("%a, %d %b %Y %H:%M:%S %z")) == expected
    assert reader().read(local.strftime("%Y%m%dT%H%M%S%z")) == expected


@settings(max_examples=100)
@given(st.text(alphabet="0123456789 :-+/.,TZWJulGMT", max_size=30))
def test_any_text_is_a_moment_or_none(text: str) -> None:
    moment = DateReader("Asia/Yerevan", NOW, tries=0).read(text)
    assert moment is None or moment.published.tzinfo is UTC
