"""Every setting, from the environment and a .env file, checked once."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.intake.addresses import Allowed

PREFIX = "NEWSCRIER_"
FREE_PER_SECOND = 30
LONGEST_CONTACT = 200
_ID = re.compile(r"[1-9][0-9]{0,15}")  # Bot API, User.id: at most 52 significant bits
# It becomes a part of a header, in brackets (RFC 9110, User-Agent).
_CONTACT = re.compile(r"(?=[!-'*-\[\]-~]+\Z)(?:https?://.+|[^@]+@[^@]+)")
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")  # it becomes a part of addresses


class SettingsError(Exception):
    """A setting is missing or wrong. Says which, and what is expected."""


def _is_zone(name: str) -> str:
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


def _is_token(token: SecretStr) -> SecretStr:
    line = token.get_secret_value().strip()
    if line and not _TOKEN.fullmatch(line):
        raise ValueError("expected the line @BotFather gave you, like 123456789:AAE...")
    return SecretStr(line)


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
    keep_days: int = Field(90, ge=8, le=36_500)  # beyond the calendar there is nothing to be cleared away
    """How long what was announced and delivered is remembered. Articles themselves stay."""
    withdrawn: Literal["mark", "delete"] = "mark"
    """What becomes of a message whose article is withdrawn."""
    timezone: Annotated[str, AfterValidator(_is_zone)] = "UTC"
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

    @property
    def fetchable(self) -> Allowed:
        """Whom the operator lets be fetched besides the public."""
        return Allowed.parse(self.fetch_allow)

    @property
    def admin_ids(self) -> frozenset[int]:
        """The people who run the bot."""
        return frozenset(map(int, filter(None, self.admins.split(","))))


def read_settings(**given: object) -> Settings:
    """The settings of this process; `given` ones stand in for the environment's. Raises SettingsError."""
    try:
        return Settings(**given)  # type: ignore[arg-type]  # checked by pydantic, which is the point
    except ValidationError as error:
        raise SettingsError("; ".join(_said(problem["loc"], problem["msg"]) for problem in error.errors())) from None


def _said(where: tuple[int | str, ...], what: str) -> str:
    return f"{PREFIX}{str(where[0]).upper()}: {what.removeprefix('Value error, ')}"
