"""Links as Telegram takes them: checked, and written in one way (TDLib, LinkManager::check_link)."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address

HIGHEST_PORT = 65_535

_APP = re.compile(r"(tg|ton|tonsite):(?://)?", re.IGNORECASE)
_SCHEME = re.compile(r"([^:/?#@\[\]]*)://")
_PORT = re.compile(r"[0-9]+")
_UNFIT = re.compile(r"[\x00-\x20\"/<>?#@\[\\\]^`{|}\x7f]")
_HALF_ENCODED = re.compile(r"%(?![0-9A-Fa-f]{2})")
_APP_HOST = re.compile(r"[A-Za-z0-9_-]+")
_ENCODED = {code: f"%{code:02X}" for code in range(0x21)}
_SPACES = " \t\r\n\0\v"  # at its end a link has none
_PERSON = re.compile(r"tg:(?://)?user/?\?(?:[^#]*?&)?id=([0-9]+)(?=[&#]|$)", re.IGNORECASE)


class LinkError(ValueError):
    """Telegram takes no such link; the message is what it says."""


def checked_link(url: str) -> str:
    """Give `url` with a scheme, a lower-case host and a path. Raises LinkError."""
    app = _APP.match(url)
    scheme, rest = _scheme(url[app.end() :] if app else url)
    place, path = _parted(rest)
    user, _, host = place.rpartition("@")
    host, port = _host_and_port(host)
    if not host:
        raise LinkError("URL host is empty")
    if _HALF_ENCODED.search(host):
        raise LinkError("Wrong percent-encoded symbol in URL host")
    if not _is_address(host) and (":" in host or _UNFIT.search(host)):
        raise LinkError("Disallowed character in URL host")
    if host == ".":
        raise LinkError("Host is invalid")
    if _UNFIT.search(user):
        raise LinkError("Disallowed character in URL userinfo")
    host = ascii_lower(host)
    if app:
        return f"{app[1].lower()}://{_app_host(app[1].lower(), host, url[app.end() :])}{_app_path(rest, path)}"
    if "." not in host and not host.startswith("["):
        raise LinkError("Wrong HTTP URL")
    return f"{scheme}://{user}{'@' if user else ''}{host}{port}{path}"


def person_of(url: str) -> int | None:
    """The id of the person whom a link to the app names, as it was written; None for any other link."""
    match = _PERSON.match(url)
    number = int(match[1][:19]) if match else 0
    return number if 0 < number < 2**52 else None


def _app_host(scheme: str, host: str, rest: str) -> str:
    """Nothing may stand before the host, neither a person nor another scheme; nor a port behind it."""
    if host != ascii_lower(_parted(rest)[0]).removeprefix("@"):
        raise LinkError("Wrong tg URL" if scheme == "tg" else "Wrong ton URL")
    if not _APP_HOST.fullmatch(host.replace(".", "") if scheme == "tonsite" else host):
        raise LinkError("Unallowed characters in URL host")
    return host


def _app_path(rest: str, path: str) -> str:
    """Links to the app have their query without a slash before it."""
    written = rest[len(_parted(rest)[0]) :]
    return path[1:] if path.startswith("/?") and not written.startswith("/") else path


def _scheme(url: str) -> tuple[str, str]:
    match = _SCHEME.match(url)
    if match is None:
        return "http", url
    if match[1].lower() not in {"http", "https"}:
        raise LinkError("Unsupported URL protocol")
    return match[1].lower(), url[match.end() :]


def _parted(rest: str) -> tuple[str, str]:
    """Part host and path; a path begins with a slash, and has no spaces."""
    at = min((at for mark in "/?#" if (at := rest.find(mark)) >= 0), default=len(rest))
    path = rest[at:].rstrip(_SPACES).translate(_ENCODED)
    return rest[:at], path if path.startswith("/") else f"/{path}"


def _host_and_port(host: str) -> tuple[str, str]:
    """Part the port, with its colon, from the host."""
    name, _, digits = host.rpartition(":")
    return (name, _port(digits)) if name and "]" not in digits else (host, "")


def _port(digits: str) -> str:
    number = int(digits[:9]) if _PORT.fullmatch(digits) else 0
    if not 0 < number <= HIGHEST_PORT:
        raise LinkError("Wrong port number specified in the URL")
    return f":{number}"


def _is_address(host: str) -> bool:
    if not (host.startswith("[") and host.endswith("]")):
        return False
    try:
        IPv6Address(host[1:-1])
    except AddressValueError:
        return False
    return True


def ascii_lower(text: str) -> str:
    """Telegram's own lower case for tags, schemes and hosts: other letters stay as they are."""
    return text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")
