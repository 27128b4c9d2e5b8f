"""Time zones by the names that people give them."""

from datetime import UTC, datetime
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands import zones
from bot.render import words

NOW = datetime(2025, 7, 16, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("Asia/Yerevan", "Asia/Yerevan"),
        ("asia/yerevan", "Asia/Yerevan"),
        ("yerevan", "Asia/Yerevan"),
        ("  YEREVAN ", "Asia/Yerevan"),
        ("asia yerevan", "Asia/Yerevan"),
        ("Ереван", "Asia/Yerevan"),
        ("Երևան", "Asia/Yerevan"),
        ("Armenia", "Asia/Yerevan"),
        ("Հայաստան", "Asia/Yerevan"),
        ("new york", "America/New_York"),
        ("New_York", "America/New_York"),
        ("newyork", "America/New_York"),
        ("america/argentina/buenos aires", "America/Argentina/Buenos_Aires"),
        ("Buenos Aires", "America/Argentina/Buenos_Aires"),
        ("São Paulo", "America/Sao_Paulo"),
        ("sao paulo", "America/Sao_Paulo"),
        ("Istanbul", "Europe/Istanbul"),
        ("Germany", "Europe/Berlin"),
        ("beijing", "Asia/Shanghai"),
        ("NYC", "America/New_York"),
        ("münchen", "Europe/Berlin"),
        ("Ankara", "Europe/Istanbul"),
        ("st petersburg", "Europe/Moscow"),
        ("санкт-петербург", "Europe/Moscow"),
        ("Գյումրի", "Asia/Yerevan"),
        ("UK", "Europe/London"),
        ("turkey", "Europe/Istanbul"),
        ("UTC", "UTC"),
        ("gmt", "UTC"),
        ("Z", "UTC"),
        ("UTC+0", "UTC"),
        ("GMT-0", "UTC"),
        ("GMT+4", "Etc/GMT-4"),
        ("utc+4", "Etc/GMT-4"),
        ("UTC + 4", "Etc/GMT-4"),
        ("+4", "Etc/GMT-4"),
        ("+04:00", "Etc/GMT-4"),
        ("+0400", "Etc/GMT-4"),
        ("Etc/GMT-4", "Etc/GMT-4"),
        ("UTC-3", "Etc/GMT+3"),
        ("−3", "Etc/GMT+3"),
        ("+14", "Etc/GMT-14"),
        ("+5:30", "Asia/Kolkata"),
        ("UTC+5:45", "Asia/Kathmandu"),
        ("MSK", "Europe/Moscow"),
        ("EST", "America/New_York"),
        ("CEST", "Europe/Berlin"),
    ],
)
def test_a_zone_by_its_names(said, zone):
    assert zones.named(said, NOW) == [zone]


@pytest.mark.parametrize(
    "said", ["", "/", "xyzzy", "+15", "-13", "+99:99", "4", "UTC+x", "localtime", "posixrules", "../etc/passwd"]
)
def test_what_is_no_zone(said):
    assert zones.named(said, NOW) == []


@pytest.mark.parametrize(
    ("said", "first", "count"),
    [("spain", "Europe/Madrid", 2), ("USA", "America/New_York", 8), ("russia", "Europe/Kaliningrad", 11)],
)
def test_a_country_with_several_times_has_one_zone_for_each(said, first, count):
    found = zones.named(said, NOW)
    assert (found[0], len(found)) == (first, count)


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("yerevn", "Asia/Yerevan"),
        ("Londn", "Europe/London"),
        ("Mosow", "Europe/Moscow"),
        ("europe/berln", "Europe/Berlin"),
    ],
)
def test_what_is_named_alike(said, zone):
    assert zone in zones.nearest(said, NOW)


@pytest.mark.parametrize("said", ["", "xyzzy", "?", "x" * 4_000])
def test_nothing_is_named_alike(said):
    assert zones.nearest(said, NOW) == []


def test_every_zone_has_a_name_and_a_number_of_its_own():
    every = available_timezones()
    assert len({zones.number_of(zone) for zone in every}) == len(every)
    for zone in sorted(every):
        if zones.named(zone, NOW) == [zone]:
            assert zones.numbered(zones.number_of(zone)) == zone
    assert zones.named("Europe/Paris", NOW) == ["Europe/Paris"]
    assert zones.numbered(1) is None


@settings(deadline=None)
@given(st.text(max_size=20))
def test_whatever_is_typed_names_zones_that_there_are(said):
    found = [*zones.named(said, NOW), *zones.nearest(said, NOW)]
    assert set(found) <= available_timezones()


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Yerevan", "Asia/Yerevan"),
        ("America/New_York", "America/New York"),
        ("UTC", "UTC"),
        ("Etc/UTC", "UTC"),
        ("Etc/GMT-4", "UTC+4"),
        ("Etc/GMT+11", "UTC-11"),
    ],
)
def test_how_a_zone_is_shown(zone, shown):
    assert words.zone(zone) == shown
    assert zones.named(shown, NOW) == ["UTC" if "UTC" in zone else zone]


def test_every_city_that_no_zone_is_named_after_lives_by_one_zone():
    for zone, cities in zones._ELSEWHERE.items():
        assert [zones.named(city, NOW) for city in cities] == [[zone]] * len(cities)
