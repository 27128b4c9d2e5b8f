"""How commands show what they have to say."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

LONGEST_LINE = 400

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def say_failed(words: str) -> None:
    """Say why a command has failed."""
    err.print(f"[red]newscrier:[/] {escape(words)}", soft_wrap=True)


def say_missing(what: str) -> None:
    """Say that something that was named is not there."""
    err.print(f"[red]not there[/] {escape(what)}", soft_wrap=True)


def counted(number: int, what: str) -> str:
    """So many of what has a usual plural: `1 feed`, `2 feeds`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def print_table(table: Table) -> None:
    """Show it; where it goes into a file, each row is a line."""
    (out if out.is_terminal else Console(highlight=False, width=LONGEST_LINE)).print(table)
