"""What an operator may set, and what is said about what they may not."""

from ipaddress import ip_address

import pytest

from bot.demo import demo_settings
from bot.intake.parsing.addresses import Allowed
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
        ({"keep_days": 7}, "NEWSCRIER_KEEP_DAYS: "),
        ({"keep_days": 1_000_000}, "NEWSCRIER_KEEP_DAYS: "),
        ({"paid_stars_per_day": 1.5}, "NEWSCRIER_PAID_STARS_PER_DAY: "),
    ],
)
def test_what_may_not_be_set_is_said_by_name(given, said):
    with pytest.raises(SettingsError, match=said):
        read(**given)


@pytest.mark.parametrize(
    ("line", "ids"), [("", set()), ("42", {42}), (" 42 , 123456789,42", {42, 123456789}), (" ", set())]
)
def test_who_runs_the_bot(line, ids):
    assert read(admins=line).admin_ids == ids


@pytest.mark.parametrize("line", ["@ada", "42;43", "42,", "-1001", "0", "1.5"])
def test_who_runs_the_bot_is_named_by_ids(line):
    with pytest.raises(SettingsError, match=r"NEWSCRIER_ADMINS: .* is no person's id: expected numbers like 123456789"):
        read(admins=line)


@pytest.mark.parametrize(
    ("address", "read_as"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("localhost:0", ("localhost", 0)),
        ("[::1]:65535", ("::1", 65535)),
        ("0.0.0.0:80", ("0.0.0.0", 80)),  # noqa: S104  an operator's choice
    ],
)
def test_where_it_listens(address, read_as):
    chosen = read(listen=address, metrics_listen=address)
    assert chosen.listen_at == chosen.metrics_at == read_as


@pytest.mark.parametrize("address", ["8080", ":8080", "127.0.0.1", "127.0.0.1:65536", "::1:8080", "http://a:1", "a:-1"])
@pytest.mark.parametrize("name", ["listen", "metrics_listen"])
def test_where_it_cannot_listen(name, address):
    with pytest.raises(SettingsError, match=rf"NEWSCRIER_{name.upper()}: .* is not host:port, such as 127.0.0.1:8080"):
        read(**{name: address})


def test_monitoring_may_be_off():
    assert read(metrics_listen="Off").metrics_at is None
    with pytest.raises(SettingsError, match="NEWSCRIER_LISTEN"):
        read(listen="off")


@pytest.mark.parametrize("key", ["fifteen-letters", "with a blank in it", "schlüssel-mit-umlaut"])
def test_a_key_that_is_none_is_refused_and_not_shown(key):
    with pytest.raises(SettingsError, match="NEWSCRIER_INTAKE_KEY: expected 16 characters or more") as refused:
        read(intake_key=key)
    assert key not in str(refused.value)


def test_no_log_may_show_secrets():
    assert read().secrets == ()
    chosen = read(token="1:a", intake_key=" sixteen-letters- ")
    assert chosen.secrets == ("1:a", "sixteen-letters-")
    assert "sixteen" not in repr(chosen)


def test_how_often_feeds_are_polled():
    assert (read().poll_min, read().poll_max) == (60, 3600)
    assert read(poll_min=600, poll_max=600).poll_max == 600
    with pytest.raises(SettingsError, match="NEWSCRIER_POLL_MAX: must not be less than NEWSCRIER_POLL_MIN"):
        read(poll_min=600, poll_max=599)
    with pytest.raises(SettingsError, match="NEWSCRIER_POLL_MIN"):
        read(poll_min=9)


@pytest.mark.parametrize("url", ["", "https://news.example.org", "http://news.example.org:8080/bot/"])
def test_where_the_world_reaches_it(url):
    assert read(public_url=url).public_url == url.rstrip("/")


@pytest.mark.parametrize("url", ["news.example.org", "ftp://a.example", "https://a@b.example", "https://a.example?b=c"])
def test_where_the_world_does_not_reach_it(url):
    with pytest.raises(SettingsError, match="NEWSCRIER_PUBLIC_URL: expected where the world reaches the bot's server"):
        read(public_url=url)


def test_what_may_be_fetched_besides_the_public():
    assert read().fetchable == Allowed()
    assert read(fetch_allow="10.1.0.0/16, News.Internal").fetchable.admits("news.internal", ip_address("10.2.0.1"))


@pytest.mark.parametrize("line", ["10.1.0.1/16", "news.internal;10.1.0.1", "http://news.internal"])
def test_what_may_be_fetched_is_named_by_hosts_and_networks(line):
    with pytest.raises(SettingsError, match=r"NEWSCRIER_FETCH_ALLOW: .* is neither a host's name nor an address"):
        read(fetch_allow=line)


@pytest.mark.parametrize("line", ["", "news@example.org", "https://example.org/bot?a=1", " news@example.org "])
def test_where_the_operator_is_reached(line):
    assert read(contact=line).contact == line.strip()


@pytest.mark.parametrize(
    "line",
    ["me", "a@b\r\nX: y", "a@b\x00", "a b@c", "a@b)", "a@(b", "a@b\\", "ftp://a.example", "ա@b", f"a@{'b' * 200}"],
)
def test_what_would_break_a_header_is_no_contact(line):
    with pytest.raises(SettingsError, match=r"NEWSCRIER_CONTACT: expected an address of mail or of a page"):
        read(contact=line)


def test_in_the_demo_feeds_are_polled_each_minute_whatever_is_set(monkeypatch):
    monkeypatch.setenv("NEWSCRIER_POLL_MIN", "900")
    monkeypatch.setenv("NEWSCRIER_PUBLIC_URL", "https://news.example")
    settings = demo_settings("http://127.0.0.1:1", "/nowhere")
    assert (settings.poll_min, settings.poll_max, settings.public_url) == (60, 60, "")
