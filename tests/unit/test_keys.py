from datetime import UTC, datetime

import pytest

from bot.intake.parsing.keys import KEY_LIMIT, bare_link, is_front_page, key_of, page_key
from storage import Source

SOURCE = Source(name="bell", title="The Bell", zone="Asia/Yerevan")
EVENING = datetime(2023, 12, 5, 21, 30, tzinfo=UTC)  # 6 December in Yerevan


def test_an_id_goes_before_a_link_and_a_link_before_a_title() -> None:
    link = "https://bell.example/1"
    assert key_of(SOURCE, title="T", published=EVENING, id_="7", link=link) == "id:7"
    assert key_of(SOURCE, title="T", published=EVENING, link=link) == "link:https://bell.example/1"
    assert key_of(SOURCE, title="T", published=EVENING) == "title:e3b98a4da31a127d:2023-12-06"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Bridge Opens", "BRIDGE  opens"), ("“We need peace” — He", '"We need peace" - he'), ("It’s ﬁne", "It's fine")],
)
def test_a_headline_printed_otherwise_is_the_same_article(one: str, other: str) -> None:
    assert key_of(SOURCE, title=one, published=EVENING) == key_of(SOURCE, title=other, published=EVENING)


def test_another_title_or_day_is_another_article() -> None:
    keys = {
        key_of(SOURCE, title="Bridge opens", published=EVENING),
        key_of(SOURCE, title="Bridge closes", published=EVENING),
        key_of(SOURCE, title="Bridge opens", published=EVENING.replace(hour=19)),
        key_of(SOURCE, title="Bridge opens?", published=EVENING),
    }
    assert len(keys) == 4


@pytest.mark.parametrize(
    ("link", "bare"),
    [
        ("https://Bell.Example/A?id=1&utm_source=x&fbclid=y#top", "https://bell.example/A?id=1"),
        ("https://bell.example?utm_medium=x", "https://bell.example/"),
        ("https://bell.example/a?q=%20b&&c", "https://bell.example/a?q=%20b&&c"),
    ],
)
def test_a_link_loses_what_only_tracks(link: str, bare: str) -> None:
    assert bare_link(link) == bare
    assert bare_link(bare) == bare


def test_a_long_key_is_hashed() -> None:
    keys = [key_of(SOURCE, title="T", published=EVENING, id_=start + "ա" * KEY_LIMIT) for start in "ab"]
    assert keys[0] != keys[1]
    assert all(key.startswith("id:sha256:") and len(key) == 74 for key in keys)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://bell.example/a", "https://www.Bell.example:443/a/"),
        ("https://bell.example/a/index.html", "https://bell.example/a"),
        ("https://bell.example/a?b=1&a=2", "https://bell.example/a?a=2&b=1&utm_source=rss&ref=feed"),
        ("https://bell.example/a#comments", "https://bell.example/a#xtor=RSS-1"),
        ("https://bell.example/a;jsessionid=12AB", "https://bell.example/a;JSESSIONID=99"),
        ("https://bell.example/новости", "https://bell.example/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%d0%b8"),
    ],
)
def test_a_page_is_one_however_its_link_is_written(one, other):
    assert page_key(one) == page_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://bell.example/a", "https://bell.example/A"),
        ("https://bell.example/a", "https://m.bell.example/a"),
        ("https://bell.example/a?id=1", "https://bell.example/a?id=2"),
        ("https://bell.example/a?ref=main", "https://bell.example/a"),
        ("https://bell.example/live#item-1", "https://bell.example/live#item-2"),
        ("https://bell.example/a", "https://bell.example:8080/a"),
        ("https://[bell.example/a", "https://[bell.example/b"),
    ],
)
def test_other_pages_are_others(one, other):
    assert page_key(one) != page_key(other)


def test_a_front_page_is_told_from_a_long_address():
    assert is_front_page(page_key("https://www.bell.example:8080/index.php?utm_source=rss"))
    assert not is_front_page(page_key("https://bell.example/#item-1"))
    assert not is_front_page(page_key(f"https://bell.example/{'a' * KEY_LIMIT}"))
