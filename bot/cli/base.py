"""What all commands do alike: how they read settings, and how they end."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import IntEnum
from typing import NoReturn, TypeVar

from bot.errors import CannotRunError, OtherInstanceError, TokenRefusedError
from bot.settings import Settings, SettingsError, read_settings
from bot.signals import Interrupted
from storage import StorageError, StoreUnavailable

T = TypeVar("T")


class Exit(IntEnum):
    """How a command ends."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    TOKEN = 3
    DATABASE = 4
    OTHER_INSTANCE = 5
    UNAVAILABLE = 6
    INTERRUPTED = 130


def now() -> datetime:
    """What time it is."""
    return datetime.now(UTC)


def settings_or_exit() -> Settings:
    """The settings; a wrong one is said, and ends the command."""
    try:
        return read_settings()
    except SettingsError as error:
        fail(Exit.USAGE, str(error))


def guarded(work: Callable[[], T]) -> T:
    """Work to the end. What an operator can mend becomes one line and an exit code."""
    try:
        return work()
    except Interrupted:
        fail(Exit.INTERRUPTED, "stopped; what was done stays done")
    except TokenRefusedError as error:
        fail(Exit.TOKEN, str(error))
    except OtherInstanceError as error:
        fail(Exit.OTHER_INSTANCE, str(error))
    except StoreUnavailable as error:
        fail(Exit.UNAVAILABLE, str(error))
    except StorageError as error:
        fail(Exit.DATABASE, str(error))
    except (CannotRunError, SettingsError) as error:
        fail(Exit.USAGE, str(error))


def fail(code: Exit, words: str) -> NoReturn:
    """Say why, and end the command."""
    from bot.cli.showing import say_failed  # noqa: PLC0415  most commands do not fail

    say_failed(words)
    raise SystemExit(code)
