"""Addresses on the web: which may be fetched, which of them are one, and what of them may be shown. Pure."""

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self

# What the HTTP client is given: one reader for both, so that what was checked is what is fetched.
from yarl import URL

IPAddress = IPv4Address | IPv6Address
LONGEST_URL = 2_000
HIDDEN = "***"
_SCHEMES = ("http", "https")
_NEVER = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
# WHATWG URL, "ends in a number": what the system's resolver takes for a number is no name.
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_OTHER_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:(?![0-9]+(?:[/?#]|$))")
_FEED_SCHEME = re.compile(r"feed:(?://)?(?=https?:)", re.IGNORECASE)
# Parameters of a query whose values are nobody's business, by the words of their names.
_SECRET_NAME = re.compile(
    r"(?:^|[^a-z])(?:key|token|auth|secret|sig|signature|pass|passwd|password|pwd|sid|session|jwt|hash|credentials?)"
    r"(?![a-z])|(?:api|access|auth|private|user|feed|rss)_?(?:key|token|hash)"
)
_LONG_HEX = re.compile(r"[0-9a-f]{32,}", re.IGNORECASE)
# Services that take a request of HTTP for orders of their own: mail, news, chat, files, databases, calls.
_OTHER_SERVICES = frozenset(
    {
        *(1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95),
        *(101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427),
        *(465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 873, 989, 990),
        *(993, 995, 1719, 1720, 1723, 2049, 3306, 3659, 4045, 4190, 5060, 5061, 5432, 6000, 6379, 6566),
        *(6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080, 11211, 27017),
    }
)

# IANA's registries of special-purpose addresses (RFC 6890 and its successors), RFC 5771, RFC 1112. Written out, because
# what `ipaddress` calls private differs from one Python to the next.
_REFUSED_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",
            "100.64.0.0/10",  # behind a provider's NAT; clouds keep metadata there, too
            "127.0.0.0/8",
            "168.63.129.16/32",  # Azure's own service in each of its machines, though it looks public
            "169.254.0.0/16",  # link-local: most clouds' metadata
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # relays from IPv6
            "192.168.0.0/16",
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)
_GLOBAL_6 = IPv6Network("2000::/3")  # all else is local, multicast, reserved, or holds an IPv4 address
_REFUSED_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocols: Teredo, benchmarks, ORCHID
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4, long abandoned (RFC 7526): an IPv4 address in disguise
            "3fff::/20",  # documentation
        ),
    )
)
_TRANSLATED = IPv6Network("64:ff9b::/96")  # NAT64 (RFC 6052): how a network of IPv6 alone reaches IPv4


class AddressError(ValueError):
    """It is no address that could be fetched. The message says why, and shows no credentials."""


@dataclass(frozen=True, slots=True)
class Login:
    """A name and a password out of an address."""

    user: str = field(repr=False)
    password: str = field(repr=False)


def is_public(address: IPAddress) -> bool:
    """Whether it is a machine's on the public internet: not this one, its networks, its cloud, nor reserved."""
    bare = _unwrapped(address)
    if isinstance(bare, IPv4Address):
        return not any(bare in network for network in _REFUSED_4)
    return bare in _GLOBAL_6 and not any(bare in network for network in _REFUSED_6)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Whom the operator lets be fetched besides the public."""

    names: frozenset[str] = frozenset()
    """Hosts, in lower case: wherever they are."""
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def parse(cls, line: str) -> Self:
        """Host names, addresses and networks (10.1.0.0/16), a comma between two. Raises ValueError naming the item."""
        names: set[str] = set()
        networks: list[IPv4Network | IPv6Network] = []
        for item in filter(None, map(str.strip, line.split(","))):
            try:
                networks.append(ip_network(item.strip("[]")))
            except ValueError:
                names.add(_allowed_name(item))
        return cls(frozenset(names), tuple(networks))

    def admits(self, host: str, address: IPAddress) -> bool:
        """Whether the host, in lower case and ASCII, may be fetched from this address."""
        return host in self.names or self.admits_address(address)

    def admits_address(self, address: IPAddress) -> bool:
        """Whether whatever is at this address may be fetched."""
        return is_public(address) or any(_unwrapped(address) in network for network in self.networks)


def parse_url(text: str) -> URL:
    """The address, checked: http or https, a name or an IP address as one writes them, a port for the web.

    International names become ASCII. Credentials stay. Raises AddressError.
    """
    text = text.strip()
    if not text or len(text) > LONGEST_URL:
        raise AddressError(f"it has more than {LONGEST_URL:,} characters" if text else "it is empty")
    if _NEVER.search(text):
        raise AddressError("it holds characters that no address holds")
    try:
        url = URL(text)
        host, port = url.raw_host, url.port
    except ValueError:  # its words may hold the credentials
        raise AddressError("it is no address") from None
    if url.scheme not in _SCHEMES:
        raise AddressError("only http and https are fetched")
    if not host or not _is_host(host.removesuffix(".")):
        raise AddressError("it has no host that could be asked")
    if not port or port in _OTHER_SERVICES:
        raise AddressError(f"port {port} is not the web's")
    if host.endswith("."):
        url = url.with_host(host.removesuffix("."))
    if len(str(url)) > LONGEST_URL:
        raise AddressError(f"it has more than {LONGEST_URL:,} characters")
    return url


def canonical_url(text: str) -> str:
    """The address under which it is kept, so that each is fetched once however it is typed. Raises AddressError.

    Scheme and host in lower case and ASCII, no default port, no fragment, a path; `feed:` taken off; https where there
    is no scheme. Credentials stay: who signs in otherwise may be given something else.
    """
    url = parse_url(_with_scheme(text.strip())).with_fragment(None)
    return str(url if url.raw_path != "/" or url.raw_query_string else url.with_path("/"))


def other_scheme(url: str) -> str:
    """The same address with TLS, or without it: no site has another feed there."""
    scheme, _, rest = url.partition("://")
    return f"{'http' if scheme == 'https' else 'https'}://{rest}"


def split_credentials(url: str) -> tuple[str, Login | None]:
    """The address without its name and password, and these. Raises AddressError."""
    bare, login = without_credentials(parse_url(url))
    return str(bare), login


def without_credentials(url: URL) -> tuple[URL, Login | None]:
    """Like `split_credentials`, of an address that was parsed."""
    if url.raw_user is None and url.raw_password is None:
        return url, None
    return url.with_user(None), Login(url.user or "", url.password or "")


def shown_url(url: str) -> str:
    """The address for people and logs: without name and password, and without what opens a door in its query."""
    try:
        bare, _ = without_credentials(parse_url(url))
    except AddressError:
        # No address, but something may be hidden in it all the same.
        return _NEVER.sub("", url)[:LONGEST_URL].partition("?")[0].rpartition("@")[2]
    shown = str(bare.with_query(None).with_fragment(None))
    return f"{shown}?{_shown_query(bare.raw_query_string)}" if bare.raw_query_string else shown


def literal_of(host: str) -> IPAddress | None:
    """The IP address that the host of a parsed address is; None: it is a name."""
    if ":" not in host and not host[-1].isdigit():
        return None
    try:
        return ip_address(host)
    except ValueError:
        return None


def _shown_query(query: str) -> str:
    return "&".join(map(_shown_parameter, query.split("&")))


def _shown_parameter(pair: str) -> str:
    name, equals, value = pair.partition("=")
    secret = _SECRET_NAME.search(name.lower()) or _LONG_HEX.fullmatch(value)
    return f"{name}{equals}{HIDDEN}" if value and secret else pair


def _with_scheme(text: str) -> str:
    text = _FEED_SCHEME.sub("", text)
    if text[:7].lower() == "feed://":
        return f"http://{text[7:]}"
    if text.startswith("//"):
        return f"https:{text}"
    # example.org:8080/news has a port, mailto:news@example.org a scheme.
    has_scheme = "://" in text.partition("?")[0] or _OTHER_SCHEME.match(text)
    return text if not text or has_scheme else f"https://{text}"


def _is_host(host: str) -> bool:
    if ":" in host or _NUMBER.fullmatch(host):
        # 127.1, 0x7f000001 and 017700000001 are spellings that only hide something; a zone is this machine's own.
        return "%" not in host and _is_literal(host)
    return len(host) <= 253 and _HOST.fullmatch(host) is not None


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _allowed_name(item: str) -> str:
    try:
        host = URL.build(scheme="http", host=item).raw_host
    except ValueError:
        host = None
    if not host or not _is_host(host):
        raise ValueError(
            f"{item!r} is neither a host's name nor an address nor a network: "
            "expected something like news.internal, 192.168.1.5 or 10.1.0.0/16, a comma between two"
        )
    return host


def _unwrapped(address: IPAddress) -> IPAddress:
    """The IPv4 address that this one stands for on the way; else itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFF_FFFF) if address in _TRANSLATED else address
