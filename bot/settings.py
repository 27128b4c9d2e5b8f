"""Every setting, from the environment and a .env file, checked once."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.intake.parsing.addresses import Allowed

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


class SettingsError(Exception):
    """A setting is missing or wrong. Says which, and what is expected."""


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


def _is_token(token: SecretStr) -> SecretStr:
    line = token.get_secret_value().strip()
    if line and not _TOKEN.fullmatch(line):
        raise ValueError("expected the line @BotFather gave you, like 123456789:AAE...")
    return SecretStr(line)


def _is_key(key: SecretStr) -> SecretStr:
    line = key.get_secret_value().strip()
    if line and not _KEY.fullmatch(line):
        raise ValueError("expected 16 characters or more, letters, digits and signs without blanks")
    return SecretStr(line)


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
    if line and (len(line) > LONGEST_CONTACT or not _CONTACT.fullmatch(line)):
        raise ValueError("expected an address of mail or of a page, like news@example.org or https://example.org/bot")
    return line


class Settings(BaseSettings):
    """What an operator can set. deploy/env.example lists the same with their meaning."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, validate_default=True
    )

    token: Annotated[SecretStr, AfterValidator(_is_token)] = SecretStr("")
    """From @BotFather. Needed by `newscrier run` alone."""
    database: str = "sqlite:///newscrier.db"
    """Where everything is kept: sqlite:/// and a path."""
    api_url: Annotated[str, AfterValidator(_is_address)] = "https://api.telegram.org"
    """The Bot API server."""
    admins: Annotated[str, AfterValidator(_are_ids)] = ""
    """The ids of the people who run the bot, a comma between two; empty: nobody."""
    reader_feeds: int = Field(0, ge=0, le=10_000)
    """So many new feeds may be added from a chat by others than `admins`, who may add any number."""
    paid_broadcast: bool = False
    """Whether messages beyond the free 30 a second may be paid for."""
    paid_stars_per_day: int = Field(0, ge=0)
    """So many Telegram Stars are spent on that in a day of UTC, at most; a message costs a tenth of one."""
    messages_per_second: int = Field(FREE_PER_SECOND, ge=1, le=1000)
    """What Telegram lets the bot send to all chats together: 30, with paid broadcast 1,000."""
    fetch_allow: Annotated[str, AfterValidator(_are_allowed)] = ""
    """Hosts, addresses and networks that are fetched from though they are not public, a comma between two."""
    contact: Annotated[str, AfterValidator(str.strip), AfterValidator(_is_contact)] = ""
    """Where the owners of sites reach the operator; they are told with each request."""
    poll_min: int = Field(60, ge=10, le=86_400)
    """Seconds between two polls of a feed, at least."""
    poll_max: int = Field(3600, ge=10, le=86_400)
    """Seconds between two polls of a feed that works, at most."""
    public_url: Annotated[str, AfterValidator(_is_address_or_none)] = ""
    """Where the world reaches the server at `listen`: hubs send there what is new (WebSub). Empty: nowhere."""
    keep_days: int = Field(90, ge=8, le=36_500)  # beyond the calendar there is nothing to be cleared away
    """How long what was announced and delivered is remembered. Articles themselves stay."""
    withdrawn: Literal["mark", "delete"] = "mark"
    """What becomes of a message whose article is withdrawn."""
    intake_key: Annotated[SecretStr, AfterValidator(_is_key)] = SecretStr("")
    """Programs that know it may publish; empty: none may."""
    listen: Annotated[str, AfterValidator(_is_listened)] = "127.0.0.1:8080"
    """Where programs are listened to: host:port; port 0: any that is free."""
    metrics_listen: Annotated[str, AfterValidator(_is_listened_or_off)] = "127.0.0.1:9464"
    """Where monitoring is: host:port, or `off`."""
    timezone: Annotated[str, AfterValidator(is_zone)] = "UTC"
    """Where a new source's times without a zone are at home, and chats that have chosen no zone."""
    log_format: Literal["text", "json"] = "text"
    """Lines for people, or a JSON object a line."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """How much is logged."""

    @field_validator("messages_per_second")
    @classmethod
    def _is_free_or_paid(cls, per_second: int, given: ValidationInfo) -> int:
        if per_second > FREE_PER_SECOND and not given.data.get("paid_broadcast"):
            raise ValueError(f"more than {FREE_PER_SECOND} takes {PREFIX}PAID_BROADCAST=true: Telegram charges for it")
        return per_second

    @field_validator("poll_max")
    @classmethod
    def _is_not_shorter(cls, seconds: int, given: ValidationInfo) -> int:
        if seconds < given.data.get("poll_min", 0):
            raise ValueError(f"must not be less than {PREFIX}POLL_MIN")
        return seconds

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
        return tuple(filter(None, (self.token.get_secret_value(), self.intake_key.get_secret_value())))


def read_settings(**given: object) -> Settings:
    """The settings of this process; `given` ones stand in for the environment's. Raises SettingsError."""
    try:
        return Settings(**given)  # type: ignore[arg-type]  # checked by pydantic, which is the point
    except ValidationError as error:
        raise SettingsError("; ".join(_said(problem["loc"], problem["msg"]) for problem in error.errors())) from None


def _said(where: tuple[int | str, ...], what: str) -> str:
    return f"{PREFIX}{str(where[0]).upper()}: {what.removeprefix('Value error, ')}"
