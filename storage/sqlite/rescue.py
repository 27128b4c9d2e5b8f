"""What a process still holds of a database whose file was removed: written to the disk before it lets go."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

from storage.sqlite.whereabouts import beside


def copied(connection: sqlite3.Connection, path: Path) -> Path:
    """Write all of the database beside `path`, where it disturbs nobody. Returns where."""
    path.parent.mkdir(parents=True, exist_ok=True)
    copy = path.with_name(f"{path.name}.rescuing-{os.getpid()}")
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(copy)) as target:
        connection.backup(target)
        target.execute("DELETE FROM lease")  # whoever holds one still holds it in the file that is gone
        target.commit()
    return copy


def put_in_place(copy: Path, path: Path) -> Path:
    """Let the copy be the database at `path`; where there is a file already, beside it. Returns where.

    To be called when the database is closed.
    """
    if not path.exists():
        # They belong to the file that is gone, and would be taken for the copy's own.
        for file in beside(path):
            file.unlink(missing_ok=True)
    for name in _names(path):
        try:
            _rename(copy, name)
        except FileExistsError:
            continue
        return name
    raise AssertionError("there is no end of names")


def _rename(file: Path, name: Path) -> None:
    """Raises FileExistsError when the name is taken."""
    try:
        os.link(file, name)
    except FileExistsError:
        raise
    except OSError:  # not every file system lets a file have two names
        name.touch(exist_ok=False)
        file.replace(name)
    else:
        file.unlink()


def _names(path: Path) -> Iterator[Path]:
    yield path
    yield path.with_name(f"{path.name}.rescued")
    for number in count(2):
        yield path.with_name(f"{path.name}.rescued-{number}")
