import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.intake.parsing.clean import is_visible
from bot.intake.parsing.door import title_of_plain
from bot.intake.parsing.entries import ListedFeed, UnreadableError
from bot.intake.parsing.opml import read_opml, write_opml

A = "https://a.example/feed"
B = "https://b.example/feed"


def listed(body: str) -> tuple[ListedFeed, ...]:
    return read_opml(
        f'<?xml version="1.0"?><opml version="2.0"><head><title>x</title></head><body>{body}</body></opml>'.encode()
    )


ALPHA = f'<outline text="Alpha" xmlUrl="{A}"/>'
BETA = f'<outline text="Beta" xmlUrl="{B}"/>'
WHOLE = f'<outline title="Alpha &amp; Co" xmlUrl="{A}" htmlUrl="https://a.example/" language="hy-AM"/>'


@pytest.mark.parametrize(
    ("body", "feeds"),
    [
        (ALPHA, [ListedFeed(A, "Alpha")]),
        (WHOLE, [ListedFeed(A, "Alpha & Co", "https://a.example/", (), "hy")]),
        (f'<OUTLINE TYPE="RSS" TEXT="Alpha" XMLURL="{A}"></OUTLINE>', [ListedFeed(A, "Alpha")]),
        (f'<outline text="Alpha" xmlurl="{A}"/>', [ListedFeed(A, "Alpha")]),
        (f'<outline type="rss" text="Alpha" url="{A}"/>', [ListedFeed(A, "Alpha")]),
        (
            f'<outline text="News"><outline text="South Caucasus">{ALPHA}</outline>{BETA}</outline>',
            [ListedFeed(A, "Alpha", topics=("news", "south-caucasus")), ListedFeed(B, "Beta", topics=("news",))],
        ),
        (
            f'<outline text="Alpha" xmlUrl="{A}" category="/Tech/Web,Books"/>',
            [ListedFeed(A, "Alpha", topics=("tech", "web", "books"))],
        ),
        (
            f'<outline text="One">{ALPHA}</outline><outline text="Two">{WHOLE}</outline>',
            [ListedFeed(A, "Alpha", "https://a.example/", ("one", "two"), "hy")],
        ),
        (f'<outline text="Alpha" xmlUrl="{A}">{BETA}</outline>', [ListedFeed(A, "Alpha"), ListedFeed(B, "Beta")]),
        (f'<outline text="R&D & more" xmlUrl="{A}?a=1&b=2"/>', [ListedFeed(f"{A}?a=1&b=2", "R&D & more")]),
        # What cannot be fetched is not passed over in silence: who adds it says why.
        (
            '<outline text="Script" xmlUrl="javascript:alert(1)"/><outline text="None" xmlUrl=""/>',
            [ListedFeed("javascript:alert(1)", "Script")],
        ),
        (f'<outline text="Long" xmlUrl="x:{"y" * 9_000}"/>', [ListedFeed(f"x:{'y' * 1_998}", "Long")]),
        ('<outline text="A note"/><outline type="link" text="A page" url="https://a.example/"/>', []),
        # Without its name and password a feed for subscribers would be another one.
        (
            '<outline text="Alpha" xmlUrl="https://ann:secret@a.example/feed"/>',
            [ListedFeed("https://ann:secret@a.example/feed", "Alpha")],
        ),
        (f'<!-- {BETA} --><outline xmlUrl="{A}"/>', [ListedFeed(A)]),
        (f"</outline></outline>{ALPHA}", [ListedFeed(A, "Alpha")]),
        (f'<outline text="News">{ALPHA}<outline text="Beta" xmlUrl="{B}', [ListedFeed(A, "Alpha", topics=("news",))]),
        ("", []),
    ],
)
def test_the_feeds_of_a_list(body: str, feeds: list[ListedFeed]) -> None:
    assert list(listed(body)) == feeds


@pytest.mark.parametrize("data", [b"", b"<html><body>Hello</body></html>", b'{"a": 1}', b"<rss version='2.0'/>"])
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableError, match="no list of feeds"):
        read_opml(data)


def test_entities_of_a_list_are_not_expanded() -> None:
    bomb = "".join(f'<!ENTITY a{i + 1} "&a{i};&a{i};">' for i in range(40))
    data = f'<!DOCTYPE opml [<!ENTITY a0 "ha">{bomb}]><opml><body><outline text="&a40;" xmlUrl="{A}"/></body></opml>'
    assert read_opml(data.encode()) == (ListedFeed(A, "&a40;"),)


def test_folders_that_lie_deep_in_each_other_give_ten_topics() -> None:
    (feed,) = listed("".join(f'<outline text="f{i}">' for i in range(20_000)) + f'<outline text="Alpha" xmlUrl="{A}"/>')
    assert feed.topics == tuple(f"f{i}" for i in range(10))


def test_a_list_of_too_many_feeds_is_the_first_ten_thousand() -> None:
    feeds = listed("".join(f'<outline xmlUrl="https://a.example/{i}"/>' for i in range(10_100)))
    assert len(feeds) == 10_000


def test_a_list_in_another_encoding() -> None:
    data = (
        f'<?xml version="1.0" encoding="windows-1251"?><opml><body><outline text="Новости" xmlUrl="{A}"/></body></opml>'
    )
    assert read_opml(data.encode("cp1251")) == (ListedFeed(A, "Новости"),)


TITLES = st.text(max_size=20).map(title_of_plain).filter(is_visible)
FEEDS = st.builds(
    ListedFeed,
    url=st.integers(0, 50).map(lambda number: f"https://a.example/{number}?x=1&y=2"),
    title=TITLES,
    site=st.sampled_from(["", "https://a.example/"]),
    topics=st.lists(st.sampled_from(["news", "south-caucasus", "экономика", "2025"]), unique=True).map(tuple),
    language=st.sampled_from(["", "en", "hy"]),
)


@settings(max_examples=60)
@given(st.lists(FEEDS, unique_by=lambda feed: feed.url, max_size=8))
def test_what_is_written_is_read(feeds: list[ListedFeed]) -> None:
    read = read_opml(write_opml(feeds, title="Feeds & more"))
    assert sorted(map(_sorted, read)) == sorted(map(_sorted, feeds))


def _sorted(feed: ListedFeed) -> tuple[object, ...]:
    return feed.url, feed.title, feed.site, sorted(feed.topics), feed.language
