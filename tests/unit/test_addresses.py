"""Which addresses may be fetched, which of them are one, and what of them may be shown."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.parsing.addresses import (
    LONGEST_URL,
    AddressError,
    Allowed,
    Login,
    canonical_url,
    is_public,
    literal_of,
    parse_url,
    shown_url,
    split_credentials,
)

PUBLIC = (
    *("8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"),
    *("128.0.0.0", "168.63.129.15", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0"),
    *("192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255"),
    *("2606:4700::1111", "2a00:1450:4001::8a", "2001:200::1", "2003::1", "3ffe::1"),
    # By way of a translator, or as IPv6 writes IPv4.
    *("::ffff:8.8.8.8", "64:ff9b::8.8.8.8"),
)
REFUSED = (
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255"),  # noqa: S104  refused, not bound to
    *("127.0.0.1", "127.255.255.255", "168.63.129.16", "169.254.169.254", "169.254.0.1", "172.16.0.1"),
    *("172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255"),
    *("198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.250", "240.0.0.1"),
    "255.255.255.255",
    *("::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "100::1", "1::1", "4000::1", "5f00::1"),
    *("2001:db8::1", "3fff::1", "2001:2::1", "2001:10::1", "2001:20::1"),
    # What holds a refused IPv4 address, or may.
    *("::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe"),
    *("64:ff9b:1::8.8.8.8", "2002:7f00:1::", "2002:808:808::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_on_the_internet_may_be_fetched(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_may_not(address):
    assert not is_public(ip_address(address))


@given(st.ip_addresses())
def test_nothing_that_python_knows_to_be_private_is_public(address):
    bare = getattr(address, "ipv4_mapped", None) or address
    if bare.is_private or bare.is_loopback or bare.is_link_local or bare.is_multicast or bare.is_unspecified:
        assert not is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_in_ipv6_is_that_address(address):
    assert is_public(ip_address(f"::ffff:{address}")) == is_public(ip_address(f"64:ff9b::{address}"))
    assert is_public(ip_address(f"::ffff:{address}")) == is_public(address)


@pytest.mark.parametrize(
    ("line", "host", "address", "admitted"),
    [
        ("", "news.example", "8.8.8.8", True),
        ("", "news.example", "10.0.0.1", False),
        ("news.example", "news.example", "10.0.0.1", True),
        ("News.Example", "news.example", "10.0.0.1", True),
        ("новости.рф", "xn--b1amnebsh.xn--p1ai", "10.0.0.1", True),
        ("news.example", "other.example", "10.0.0.1", False),
        ("news.example", "a.news.example", "10.0.0.1", False),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "localhost", "127.0.0.1", True),
        ("127.0.0.1", "localhost", "::1", False),
        ("127.0.0.1", "localhost", "::ffff:127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", "127.0.0.2", False),
        ("::1, 10.1.0.0/16", "a.example", "10.1.255.3", True),
        ("::1, 10.1.0.0/16", "a.example", "10.2.0.0", False),
        (" [::1] ,, 10.1.0.0/16,", "localhost", "::1", True),
        ("fd00::/8", "a.example", "fd12::1", True),
    ],
)
def test_the_operator_may_admit_more(line, host, address, admitted):
    assert Allowed.parse(line).admits(host, ip_address(address)) is admitted


@pytest.mark.parametrize(
    "item", ["10.0.0.1/8", "10.0.0.0/33", "a b", "http://a.example", "a.example:80", "127.1", "-a", "*.example", "a/b"]
)
def test_what_the_operator_cannot_have_meant_is_named(item):
    with pytest.raises(ValueError, match="is neither a host's name nor an address nor a network") as raised:
        Allowed.parse(f"10.1.0.0/16, {item}, b.example")
    assert str(raised.value).startswith(repr(item))


CANONICAL = [
    ("example.org", "https://example.org/"),
    (" Example.ORG/Feed ", "https://example.org/Feed"),
    ("//example.org/feed", "https://example.org/feed"),
    ("example.org:8080/feed", "https://example.org:8080/feed"),
    ("example.org?a=http://b.example", "https://example.org/?a=http://b.example"),
    ("HTTP://EXAMPLE.org:80/feed#top", "http://example.org/feed"),
    ("https://example.org:443", "https://example.org/"),
    ("https://example.org:80/", "https://example.org:80/"),
    ("https://example.org?x=1", "https://example.org/?x=1"),
    ("https://example.org./feed", "https://example.org/feed"),
    ("feed://example.org/rss", "http://example.org/rss"),
    ("feed:https://example.org/rss", "https://example.org/rss"),
    ("FEED://https://example.org/rss", "https://example.org/rss"),
    ("https://example.org/a/./b/../c", "https://example.org/a/c"),
    ("https://example.org/a%2fb?q=%2B+%20&x", "https://example.org/a%2Fb?q=%2B+%20&x"),
    ("https://example.org/ե b", "https://example.org/%D5%A5%20b"),
    ("https://пример.рф/", "https://xn--e1afmkfd.xn--p1ai/"),
    ("https://Ⓔxample.org/", "https://example.org/"),
    ("https://user:pass@example.org/", "https://user:pass@example.org/"),
    ("http://8.8.8.8/", "http://8.8.8.8/"),
    ("http://[2606:4700:0::1111]/", "http://[2606:4700::1111]/"),
    ("http://localhost:8080/", "http://localhost:8080/"),
    ("http://under_score.example/", "http://under_score.example/"),
]


@pytest.mark.parametrize(("typed", "kept"), CANONICAL)
def test_each_address_is_one_however_it_is_typed(typed, kept):
    assert canonical_url(typed) == kept
    assert canonical_url(kept) == kept


NONE = [
    ("", "it is empty"),
    ("   ", "it is empty"),
    ("mailto:news@example.org", "only http and https are fetched"),
    ("javascript:alert(1)", "only http and https are fetched"),
    ("file:///etc/passwd", "only http and https are fetched"),
    ("ftp://example.org/feed", "only http and https are fetched"),
    ("gopher://example.org/", "only http and https are fetched"),
    ("user:pass@example.org", "only http and https are fetched"),
    ("http://exam\nple.org/", "characters that no address holds"),
    ("http://example.org/\r\nHost: b", "characters that no address holds"),
    ("http://example.org/\x00", "characters that no address holds"),
    ("http://example.org/\ud800", "characters that no address holds"),
    ("http:///feed", "no host"),
    ("http://./", "no host"),
    ("http://a..example/", "no host"),
    ("http://a b/", "no host"),
    ("http://-a.example/", "no host"),
    ("http://a-.example/", "no host"),
    (f"http://{'a' * 64}.example/", "no host"),
    (f"http://{'a.' * 130}example/", "no host"),
    ("http://%31%32%37.0.0.1/", "no host"),
    ("http://[fe80::1%25eth0]/", "no host"),
    ("http://[::1/", "it is no address"),
    ("http://example.org\\@evil.example/", "it is no address"),
    ("http://example.org:99999/", "it is no address"),
    ("http://example.org:x/", "no"),
    ("http://example.org:0/", "port 0 is not the web's"),
    ("http://example.org:25/", "port 25 is not the web's"),
    ("http://example.org:6379/", "port 6379 is not the web's"),
    (f"http://example.org/{'a' * LONGEST_URL}", "it has more than 2,000 characters"),
    (f"http://example.org/{'ե' * 700}", "it has more than 2,000 characters"),
    # Spellings of 127.0.0.1.
    *((f"http://{host}/", "no host") for host in ("127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0x")),
    *((f"http://{host}/", "no host") for host in ("127.0.0.01", "127.0.0.1.2", "1.2.3.256", "a.1", "127.0.0.0x1")),
]


@pytest.mark.parametrize(("typed", "why"), NONE)
def test_what_is_no_address_for_us_is_refused_with_a_reason(typed, why):
    with pytest.raises(AddressError, match=why):
        canonical_url(typed)


@pytest.mark.parametrize("host", ["127.0.0.1", "127。0。0。1", "１２７.0.0.1", "127.0.0.1."])
def test_an_address_in_other_letters_is_that_address(host):
    assert str(literal_of(parse_url(f"http://{host}/").raw_host)) == "127.0.0.1"


@pytest.mark.parametrize(
    ("url", "bare", "login"),
    [
        ("https://example.org/a", "https://example.org/a", None),
        ("https://ada:secret@example.org/a", "https://example.org/a", Login("ada", "secret")),
        ("https://ada@example.org/", "https://example.org/", Login("ada", "")),
        ("https://:secret@example.org/", "https://example.org/", Login("", "secret")),
        ("https://a%40b:c%3A%2Fd@example.org/", "https://example.org/", Login("a@b", "c:/d")),
        ("https://example.org/a@b", "https://example.org/a@b", None),
    ],
)
def test_credentials_are_split_off(url, bare, login):
    assert split_credentials(url) == (bare, login)
    assert "secret" not in repr(login)


SHOWN = [
    ("https://ada:secret@example.org/feed?page=2", "https://example.org/feed?page=2"),
    ("https://:secret@example.org/", "https://example.org/"),
    ("https://example.org/feed?api_key=secret&page=2#secret", "https://example.org/feed?api_key=***&page=2"),
    ("https://example.org/?token=secret&accessToken=secret", "https://example.org/?token=***&accessToken=***"),
    (
        "https://example.org/?auth=secret&X-Sig=secret&apikey=secret",
        "https://example.org/?auth=***&X-Sig=***&apikey=***",
    ),
    ("https://example.org/?feed=0123456789abcdef0123456789ABCDEF", "https://example.org/?feed=***"),
    ("https://example.org/?keyword=ferry&monkey=1&token", "https://example.org/?keyword=ferry&monkey=1&token"),
    (
        "https://example.org/?channel_id=UCabcdefghijklmnopqrstuv",
        "https://example.org/?channel_id=UCabcdefghijklmnopqrstuv",
    ),
    # No addresses, and still nothing is shown.
    ("ftp://ada:secret@example.org/feed", "example.org/feed"),
    ("http://ada:secret@[::1/?token=secret", "[::1/"),
    ("http:/ada:secret@example.org", "example.org"),
    ("http://ada:secret@example.org\r\n/", "example.org/"),
    ("ada:secret@example.org", "example.org"),
    ("", ""),
]


@pytest.mark.parametrize(("url", "shown"), SHOWN)
def test_what_is_shown_keeps_secrets(url, shown):
    assert shown_url(url) == shown


@given(st.text(), st.text())
def test_reading_any_text_gives_an_address_or_its_own_error(text, more):
    for url in (text, f"http://{text}", f"http://{text}@{more}/", f"http://example.org/{text}?{more}"):
        assert "\n" not in shown_url(url)
        try:
            kept = canonical_url(url)
        except AddressError:
            continue
        assert kept.isascii()
        assert kept.startswith(("http://", "https://"))
        assert canonical_url(kept) == kept
        assert "#" not in kept


def test_a_password_is_in_no_error():
    for url in ("http://ada:secret@:80/", "http://ada:secret@[::1/", "http://ada:secret@a.example:secret/"):
        with pytest.raises(AddressError) as raised:
            parse_url(url)
        assert "secret" not in str(raised.value)
        assert raised.value.__suppress_context__ or raised.value.__context__ is None
