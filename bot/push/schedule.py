"""When a mailbox is due. Pure."""

from datetime import datetime

from bot.transport.verdicts import backoff


def retry_after_failure(now: datetime, failures: int) -> datetime:
    """When to try again after one more failure than `failures` in a row: 1 s, then twice as long each time, up to a day."""
    return now + backoff(failures)
