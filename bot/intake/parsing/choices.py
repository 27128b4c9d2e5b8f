"""What an operator chooses about an import. Apart from what imports, which the command line need not load to ask."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Push(StrEnum):
    """Which of the imported articles are news to push."""

    NEW = "new"
    """Those published in the last 24 hours."""
    ALL = "all"
    NONE = "none"

    def since(self, now: datetime) -> datetime:
        """The moment from which on articles are pushed, for `Articles.add`."""
        if self is Push.NEW:
            return now - timedelta(hours=24)
        return datetime.min.replace(tzinfo=UTC) if self is Push.ALL else datetime.max.replace(tzinfo=UTC)


class DateOrder(StrEnum):
    """Which number comes first in a source's dates such as 06/12/2023."""

    DAY = "day"
    MONTH = "month"
