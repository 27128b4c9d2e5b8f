"""What an operator may set, and what is said about what they may not."""

import pytest

from bot.settings import SettingsError, read_settings


def read(**given):
    return read_settings(_env_file=None, **given)


@pytest.mark.parametrize(
    ("given", "rate"),
    [
        ({}, 30),
        ({"messages_per_second": 1}, 1),
        ({"messages_per_second": 30}, 30),
        ({"paid_broadcast": True}, 30),
        ({"paid_broadcast": True, "messages_per_second": 1000}, 1000),
        ({"paid_broadcast": "true", "messages_per_second": "31"}, 31),
    ],
)
def test_what_goes_in_a_second(given, rate):
    assert read(**given).messages_per_second == rate


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"messages_per_second": 0}, "NEWSCRIER_MESSAGES_PER_SECOND: "),
        (
            {"messages_per_second": 31},
            "NEWSCRIER_MESSAGES_PER_SECOND: more than 30 takes NEWSCRIER_PAID_BROADCAST=true",
        ),
        ({"messages_per_second": 1000, "paid_broadcast": False}, "NEWSCRIER_PAID_BROADCAST=true"),
        ({"messages_per_second": 1001, "paid_broadcast": True}, "NEWSCRIER_MESSAGES_PER_SECOND: .*1000"),
        ({"paid_stars_per_day": -1}, "NEWSCRIER_PAID_STARS_PER_DAY: "),
        ({"paid_stars_per_day": 1.5}, "NEWSCRIER_PAID_STARS_PER_DAY: "),
    ],
)
def test_what_may_not_be_set_is_said_by_name(given, said):
    with pytest.raises(SettingsError, match=said):
        read(**given)
