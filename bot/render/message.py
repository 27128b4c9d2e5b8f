"""A message as a value: what it says, and the buttons under it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.render.text import Text
from bot.render.units import cut, one_line

_LONGEST_LABEL = 60  # units; more does not show on a phone
_IN_A_ROW = 5
_LONGEST_DATA = 64  # bytes; Bot API, InlineKeyboardButton


@dataclass(frozen=True, slots=True)
class Button:
    """Sends `data` back to us when pressed, or opens `url`: exactly one of them. A long label is cut.

    Raises ValueError for what Telegram would refuse.
    """

    label: str
    data: str | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        if (self.data is None) == (self.url is None):
            raise ValueError(f"button {self.label!r}: needs either data or a link")
        if self.data is not None and not 1 <= len(self.data.encode()) <= _LONGEST_DATA:
            raise ValueError(f"button {self.label!r}: data must have 1 to {_LONGEST_DATA} bytes: {self.data!r}")
        object.__setattr__(self, "label", cut(one_line(self.label), _LONGEST_LABEL))
        if not self.label:
            raise ValueError("a button needs a label")


Row = tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a chat."""

    text: Text
    buttons: tuple[Row, ...] = ()
    preview: str = ""
    """The link that may be shown as a preview; empty: none."""
    large: bool = False
    """Show the preview's picture in its full width."""
    picture: str = ""
    """The address of a picture, or Telegram's name for it, under which all this stands as its caption; empty: none.

    The text must fit a caption then.
    """
    without_links: str = ""
    """Said below the text when buttons that are links cannot be shown."""


def rows(*rows_: Row) -> tuple[Row, ...]:
    """The rows that have a button."""
    return tuple(row for row in rows_ if row)


def in_rows(buttons: Sequence[Button]) -> list[Row]:
    """Short buttons, five in a row."""
    return [tuple(buttons[start : start + _IN_A_ROW]) for start in range(0, len(buttons), _IN_A_ROW)]
