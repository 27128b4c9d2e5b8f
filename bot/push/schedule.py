"""When a mailbox is due. Pure."""

from datetime import datetime

from bot.transport.verdicts import backoff


def retry_after_failure(now: datetime, failures: int) -> datetime:
    """When to try again, one failure after `failures` in a row: 1 s, then twice as long each time, a day at most."""
    return now + backoff(failures)
