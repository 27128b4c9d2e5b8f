"""Every setting, from the environment and a .env file, checked once.

Without pydantic, which checks what programs post: a fifth of a start went into importing it.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values

from bot.intake.addresses import Allowed

PREFIX = "NEWSCRIER_"
FREE_PER_SECOND = 30
LONGEST_CONTACT = 200
HIGHEST_PORT = 65_535
_ID = re.compile(r"[1-9][0-9]{0,15}")  # Bot API, User.id: at most 52 significant bits
# It becomes a part of a header, in brackets (RFC 9110, User-Agent).
_CONTACT = re.compile(r"(?=[!-'*-\[\]-~]+\Z)(?:https?://.+|[^@]+@[^@]+)")
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")  # it becomes a part of addresses
_KEY = re.compile(r"[!-~]{16,}")  # it goes in a header: ASCII without blanks
_LISTENED = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9.-]+)):(?P<port>[0-9]{1,5})")
OFF = "off"
_YES = {"true", "1", "yes", "on", "t", "y"}
_NO = {"false", "0", "no", "off", "f", "n"}

T = TypeVar("T")


class SettingsError(Exception):
    """A setting is missing or wrong. Says which, and what is expected."""


@dataclass(frozen=True, slots=True)
class Secret:
    """What is not to be shown by accident."""

    value: str = field(default="", repr=False)


def is_zone(name: str) -> str:
    """The name of a time zone (IANA). Raises ValueError."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone: expected a name like Asia/Yerevan") from error
    return name


def _is_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("expected an address like https://api.telegram.org")
    return url.rstrip("/")


def _is_address_or_none(url: str) -> str:
    if not url:
        return ""
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in {"http", "https"} or set("?#@") & set(url):
        raise ValueError("expected where the world reaches the bot's server, like https://news.example.org")
    return url.rstrip("/")


def _is_token(line: str) -> Secret:
    token = line.strip()
    if token and not _TOKEN.fullmatch(token):
        raise ValueError("expected the line @BotFather gave you, like 123456789:AAE...")
    return Secret(token)


def _is_key(line: str) -> Secret:
    key = line.strip()
    if key and not _KEY.fullmatch(key):
        raise ValueError("expected 16 characters or more, letters, digits and signs without blanks")
    return Secret(key)


def _is_listened(address: str) -> str:
    listened_at(address)
    return address


def listened_at(address: str) -> tuple[str, int]:
    """The host and the port of `127.0.0.1:8080`, `[::1]:8080`, `localhost:0`. Raises ValueError."""
    found = _LISTENED.fullmatch(address)
    if found is None or int(found["port"]) > HIGHEST_PORT:
        raise ValueError(f"{address!r} is not host:port, such as 127.0.0.1:8080 or [::1]:8080 (port 0: any free one)")
    return found["six"] or found["host"], int(found["port"])


def _is_listened_or_off(address: str) -> str:
    return OFF if address.lower() == OFF else _is_listened(address)


def _are_ids(line: str) -> str:
    ids = [one.strip() for one in line.split(",")] if line.strip() else []
    for one in ids:
        if not _ID.fullmatch(one):
            raise ValueError(f"{one!r} is no person's id: expected numbers like 123456789, a comma between two")
    return ",".join(ids)


def _are_allowed(line: str) -> str:
    Allowed.parse(line)
    return line


def _is_contact(line: str) -> str:
    contact = line.strip()
    if contact and (len(contact) > LONGEST_CONTACT or not _CONTACT.fullmatch(contact)):
        raise ValueError("expected an address of mail or of a page, like news@example.org or https://example.org/bot")
    return contact


def _is_whole(least: int, most: int | None = None) -> Callable[[str], int]:
    bounds = f"{least} or more" if most is None else f"from {least} to {most}"

    def read(line: str) -> int:
        try:
            number = int(line)
        except ValueError:
            raise ValueError(f"expected a whole number, {bounds}") from None
        if number < least or (most is not None and number > most):
            raise ValueError(f"expected a whole number, {bounds}")
        return number

    return read


def _is_flag(line: str) -> bool:
    word = line.strip().lower()
    if word not in _YES | _NO:
        raise ValueError("expected true or false")
    return word in _YES


def _is_one_of(*words: T) -> Callable[[str], T]:
    def read(line: str) -> T:
        for word in words:
            if word == line:
                return word
        raise ValueError(f"expected {' or '.join(map(str, words))}")

    return read


def _setting(default: T, read: Callable[[str], T]) -> T:
    """A field of `Settings`. `read` makes its value of what was set, or raises ValueError: what is expected."""
    return field(default=default, metadata={"read": read})


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can set. deploy/env.example lists the same with their meaning."""

    token: Secret = _setting(Secret(), _is_token)  # noqa: RUF009  it is frozen
    """From @BotFather. Needed by `newscrier run` alone."""
    database: str = _setting("sqlite:///newscrier.db", str)
    """Where everything is kept: sqlite:/// and a path."""
    api_url: str = _setting("https://api.telegram.org", _is_address)
    """The Bot API server."""
    admins: str = _setting("", _are_ids)
    """The ids of the people who run the bot, a comma between two; empty: nobody."""
    reader_feeds: int = _setting(0, _is_whole(0, 10_000))
    """So many new feeds may be added from a chat by others than `admins`, who may add any number."""
    paid_broadcast: bool = _setting(False, _is_flag)  # noqa: FBT003  the default
    """Whether messages beyond the free 30 a second may be paid for."""
    paid_stars_per_day: int = _setting(0, _is_whole(0))
    """So many Telegram Stars are spent on that in a day of UTC, at most; a message costs a tenth of one."""
    messages_per_second: int = _setting(FREE_PER_SECOND, _is_whole(1, 1000))
    """What Telegram lets the bot send to all chats together: 30, with paid broadcast 1,000."""
    fetch_allow: str = _setting("", _are_allowed)
    """Hosts, addresses and networks that are fetched from though they are not public, a comma between two."""
    contact: str = _setting("", _is_contact)
    """Where the owners of sites reach the operator; they are told with each request."""
    poll_min: int = _setting(60, _is_whole(10, 86_400))
    """Seconds between two polls of a feed, at least."""
    poll_max: int = _setting(3600, _is_whole(10, 86_400))
    """Seconds between two polls of a feed that works, at most."""
    public_url: str = _setting("", _is_address_or_none)
    """Where the world reaches the server at `listen`: hubs send there what is new (WebSub). Empty: nowhere."""
    keep_days: int = _setting(90, _is_whole(8, 36_500))  # beyond the calendar there is nothing to be cleared away
    """How long what was announced and delivered is remembered. Articles themselves stay."""
    withdrawn: Literal["mark", "delete"] = _setting("mark", _is_one_of("mark", "delete"))
    """What becomes of a message whose article is withdrawn."""
    intake_key: Secret = _setting(Secret(), _is_key)  # noqa: RUF009  likewise
    """Programs that know it may publish; empty: none may."""
    listen: str = _setting("127.0.0.1:8080", _is_listened)
    """Where programs are listened to: host:port; port 0: any that is free."""
    metrics_listen: str = _setting("127.0.0.1:9464", _is_listened_or_off)
    """Where monitoring is: host:port, or `off`."""
    timezone: str = _setting("UTC", is_zone)
    """Where a new source's times without a zone are at home, and chats that have chosen no zone."""
    log_format: Literal["text", "json"] = _setting("text", _is_one_of("text", "json"))
    """Lines for people, or a JSON object a line."""
    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "info", _is_one_of("debug", "info", "warning", "error")
    )
    """How much is logged."""

    @property
    def fetchable(self) -> Allowed:
        """Whom the operator lets be fetched besides the public."""
        return Allowed.parse(self.fetch_allow)

    @property
    def admin_ids(self) -> frozenset[int]:
        """The people who run the bot."""
        return frozenset(map(int, filter(None, self.admins.split(","))))

    @property
    def listen_at(self) -> tuple[str, int]:
        """Host and port where programs are listened to."""
        return listened_at(self.listen)

    @property
    def metrics_at(self) -> tuple[str, int] | None:
        """Host and port where monitoring is; None: nowhere."""
        return None if self.metrics_listen == OFF else listened_at(self.metrics_listen)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log may show."""
        return tuple(filter(None, (self.token.value, self.intake_key.value)))


def read_settings(*, env_file: Path | str | None = ".env", **given: object) -> Settings:
    """The settings of this process; `given` ones stand in for the environment's, and those for the file's.

    An empty one counts as not set. Raises SettingsError.
    """
    reads = {one.name: one.metadata["read"] for one in fields(Settings)}
    said = {name: line for name, line in _set(env_file).items() if name in reads} | given
    values, wrong = {}, []
    for name, value in said.items():
        try:
            values[name] = reads[name](str(value))
        except ValueError as error:
            wrong.append(_wrong(name, str(error)))
    settings = Settings(**values)
    if wrong := wrong or list(_contradictions(settings)):
        raise SettingsError("; ".join(wrong))
    return settings


def _set(env_file: Path | str | None) -> dict[str, str]:
    """What the environment and the file say, by the settings' names, which may be written in capitals or not."""
    said: dict[str, str] = {}
    for names in (dotenv_values(env_file) if env_file else {}, os.environ):
        known = {name.upper(): line for name, line in names.items() if line}
        said |= {name.removeprefix(PREFIX).lower(): known[name] for name in known if name.startswith(PREFIX)}
    return said


def _contradictions(settings: Settings) -> Iterator[str]:
    if settings.messages_per_second > FREE_PER_SECOND and not settings.paid_broadcast:
        needed = f"more than {FREE_PER_SECOND} takes {PREFIX}PAID_BROADCAST=true: Telegram charges for it"
        yield _wrong("messages_per_second", needed)
    if settings.poll_max < settings.poll_min:
        yield _wrong("poll_max", f"must not be less than {PREFIX}POLL_MIN")


def _wrong(name: str, why: str) -> str:
    return f"{PREFIX}{name.upper()}: {why}"
