from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.parsing.choices import DateOrder
from bot.intake.parsing.dates import DateError, Moment, is_dateline, parse_moment

YEREVAN = ZoneInfo("Asia/Yerevan")  # UTC+4 all year
BERLIN = ZoneInfo("Europe/Berlin")
UTC_ZONE = ZoneInfo("UTC")

DAY = datetime(2023, 12, 6)  # noqa: DTZ001  compared after its zone is added
MORNING = datetime(2023, 12, 6, 9, 34)  # noqa: DTZ001

# What stands on the page -> what the clock in Yerevan showed.
DAYS = [
    "06.12.2023",
    "6.12.2023",
    "06. 12. 2023",
    "2023-12-06",
    "2023-12-6",
    "2023/12/06",
    "2023.12.06",
    "06.Dec.2023",
    "6.Dec.2023",
    "06-Dec-2023",
    "6 Dec 2023",
    "6 Dec. 2023",
    "6 DEC 2023",
    "6 December 2023",
    "6 december, 2023",
    "6th December 2023",
    "December 6, 2023",
    "December 6th, 2023",
    "Dec 6 2023",
    "Dec. 6, 2023",
    "Wednesday, 6 December 2023",
    "Wed, Dec 6, 2023",
    "2023-Dec-06",
    "6 декабря 2023",
    "6 декабря 2023 г.",
    "6 декабря 2023 года",
    "6 Декабрь 2023",
    "06.дек.2023",
    "6 дек. 2023 г.",
    "среда, 6 декабря 2023",
    "6 դեկտեմբերի 2023",
    "6 Դեկտեմբեր 2023",
    "06 դեկտեմբերի, 2023 թ.",
    "2023 թ. դեկտեմբերի 6",
    "6 դեկ 2023",
    "6 dekabr 2023",
    "6 Dekabr 2023",
    "6 dek 2023",
    "6 Aralık 2023",
    "6 ARALIK 2023",
    "6 aralik 2023",
    "6 Ara 2023",
    "6 დეკემბერი 2023",
    "6 დეკემბერი, 2023",
    "6 დეკ. 2023",
    "  6  December\t2023 ",
    "6\u00a0December\u00a02023",
    "\u200e06.12.2023",
    "０６.１２.２０２３",
]
TIMES = [
    "06.12.2023 09:34",
    "06.12.2023 9:34",
    "06.12.2023, 09:34",
    "06.12.2023 09:34:00",
    "06.12.2023 - 09:34",
    "2023-12-06 09:34",
    "2023-12-06 09:34:00",
    "2023-12-06T09:34",
    "2023-12-06T09:34:00",
    "2023-12-06T09:34:00+04:00",
    "2023-12-06T05:34:00Z",
    "2023-12-06t05:34:00z",
    "2023-12-06T05:34:00.123456Z",
    "2023-12-06 05:34:00 UTC",
    "2023-12-06 00:34:00-05",
    "2023-12-06 00:34:00 -0500",
    "2023-12-06 09:34 GMT+4",
    "Wed, 06 Dec 2023 05:34:00 GMT",
    "Wed, 06 Dec 2023 09:34:00 +0400",
    "6 December 2023 09:34",
    "6 December 2023 at 9:34 am",
    "December 6, 2023, 9:34 a.m.",
    "16.Jul.2025 09:34",
    "6 декабря 2023, 09:34",
    "6 декабря 2023 г. в 09:34",
    "09:34, 6 декабря 2023",
    "09:34 06.12.2023",
    "09:34 | 6 December 2023",
    "6 դեկտեմբերի 2023 09:34",
    "6 Aralık 2023 saat 09:34",
    "6 დეკემბერი, 2023 09:34",
]


def in_yerevan(local: datetime) -> datetime:
    return local.replace(tzinfo=YEREVAN).astimezone(UTC)


@pytest.mark.parametrize("text", DAYS)
def test_a_day_is_read(text: str) -> None:
    assert parse_moment(text, zone=YEREVAN, order=None) == Moment(in_yerevan(DAY), date_only=True)
    assert is_dateline(text)


@pytest.mark.parametrize("text", TIMES)
def test_a_time_is_read(text: str) -> None:
    expected = MORNING.replace(2025, 7, 16) if "Jul" in text else MORNING
    assert parse_moment(text, zone=YEREVAN, order=None) == Moment(in_yerevan(expected), date_only=False)
    assert is_dateline(text)


# The words that people write, one for each month.
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "en short": "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "ru short": "янв фев мар апр мая июн июл авг сен окт ноя дек",
    "hy": "հունվարի փետրվարի մարտի ապրիլի մայիսի հունիսի հուլիսի օգոստոսի սեպտեմբերի հոկտեմբերի նոյեմբերի դեկտեմբերի",
    "az": "yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "tr short": "Oca Şub Mar Nis May Haz Tem Ağu Eyl Eki Kas Ara",
    "ka": "იანვარი თებერვალი მარტი აპრილი მაისი ივნისი ივლისი აგვისტო სექტემბერი ოქტომბერი ნოემბერი დეკემბერი",
}


@pytest.mark.parametrize("language", MONTHS)
def test_every_month_has_its_number(language: str) -> None:
    read = [parse_moment(f"15 {name} 2024", zone=UTC_ZONE, order=None).published for name in MONTHS[language].split()]
    assert [moment.month for moment in read] == list(range(1, 13))


@pytest.mark.parametrize(
    ("text", "order", "month", "day"),
    [
        ("06/12/2023", DateOrder.DAY, 12, 6),
        ("06/12/2023", DateOrder.MONTH, 6, 12),
        ("06-12-2023", DateOrder.DAY, 12, 6),
        ("06/12/2023 09:34", DateOrder.MONTH, 6, 12),
        ("16/07/2023", None, 7, 16),
        ("07/16/2023", None, 7, 16),
        ("07/16/2023", DateOrder.MONTH, 7, 16),
        ("06/06/2023", None, 6, 6),
        ("06.12.2023", DateOrder.MONTH, 12, 6),
        ("2023/12/06", DateOrder.DAY, 12, 6),
    ],
)
def test_numbers_are_read_in_order(text: str, order: DateOrder | None, month: int, day: int) -> None:
    published = parse_moment(text, zone=UTC_ZONE, order=order).published
    assert (published.month, published.day) == (month, day)


@pytest.mark.parametrize(
    ("text", "order", "reason"),
    [
        ("06/12/2023", None, "does not say whether the day or the month comes first: add --dates day|month"),
        (
            "06-12-2023 09:34",
            None,
            "does not say whether the day or the month comes first: add --dates day|month",
        ),
        ("31.02.2023", None, "names a day that does not exist"),
        ("29 February 2023", None, "names a day that does not exist"),
        ("00.01.2023", None, "names a day that does not exist"),
        ("06.13.2023", None, "names a day that does not exist"),
        ("16/07/2023", DateOrder.MONTH, "names a day that does not exist"),
        ("06.12.1899", None, "is outside the years 1900 to 2100"),
        ("2101-01-01", None, "is outside the years 1900 to 2100"),
        ("06.12.2023 24:00", None, "names a time that does not exist"),
        ("06.12.2023 09:60", None, "names a time that does not exist"),
        ("06.12.2023 13:34 pm", None, "names a time that does not exist"),
        ("2023-12-06T09:34+15:00", None, "names a zone that does not exist"),
        ("2023-12-06T09:34+04:75", None, "names a zone that does not exist"),
    ],
)
def test_what_looks_like_a_date_is_refused_with_its_reason(text: str, order: DateOrder | None, reason: str) -> None:
    assert is_dateline(text)
    with pytest.raises(DateError) as caught:
        parse_moment(text, zone=UTC_ZONE, order=order)
    assert str(caught.value) == f"{text!r} {reason}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "2023",
        "December",
        "6 Brumaire 2023",
        "on 6 December 2023",
        "06.12.2023.",
        "Foo, 6 Dec 2023",
        "06.12.23",
        "20231206",
        "1.2.3",
        "10 Years 2023",
        "06.12.2023 and more",
        "9:34",
        "6 December 2023 " + "x" * 60,
        "6/12.2023",
    ],
)
def test_other_text_is_no_date(text: str) -> None:
    assert not is_dateline(text)
    with pytest.raises(DateError, match="is not a date such as"):
        parse_moment(text, zone=UTC_ZONE, order=None)


def test_a_long_text_is_quoted_in_part() -> None:
    with pytest.raises(DateError) as caught:
        parse_moment("\u202e" * 1_000_000, zone=UTC_ZONE, order=None)
    assert len(str(caught.value)) < 600
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-10-27 02:30", "2024-10-27T00:30"),  # twice: the first, still summer time
        ("2024-03-31 02:30", "2024-03-31T01:30"),  # skipped: as if clocks had not gone forward
        ("2024-10-27 02:30+01:00", "2024-10-27T01:30"),
        ("2024-07-01 12:00", "2024-07-01T10:00"),
        ("2024-07-01", "2024-06-30T22:00"),
    ],
)
def test_local_times_of_a_zone(text: str, utc: str) -> None:
    assert parse_moment(text, zone=BERLIN, order=None).published == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_a_day_whose_midnight_is_skipped_begins_when_it_begins() -> None:
    # Beirut's clocks went from 00:00 to 01:00 on 31 March 2024, at 22:00 UTC.
    moment = parse_moment("31.03.2024", zone=ZoneInfo("Asia/Beirut"), order=None)
    assert moment.published == datetime(2024, 3, 30, 22, tzinfo=UTC)


@given(st.datetimes(datetime(1900, 1, 2), datetime(2100, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001
def test_what_python_writes_is_read_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    for form in ("%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%a, %d %b %Y %H:%M:%S %z"):
        text = moment.strftime(form)
        assert parse_moment(text, zone=UTC_ZONE, order=None) == Moment(moment, date_only=False)


@given(st.text(max_size=70), st.sampled_from([None, *DateOrder]))
def test_any_text_is_a_moment_or_a_date_error(text: str, order: DateOrder | None) -> None:
    try:
        moment = parse_moment(text, zone=YEREVAN, order=order)
    except DateError:
        return
    assert is_dateline(text)
    assert moment.published.tzinfo is UTC
