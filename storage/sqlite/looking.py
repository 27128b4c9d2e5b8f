"""What lies in a SQLite file, which is left as it is."""

import sqlite3
from contextlib import closing
from pathlib import Path

from storage.errors import StoreUnavailable
from storage.models import DatabaseState
from storage.sqlite.connection import translated
from storage.sqlite.migrations import check, schemas


def look_at(path: Path) -> DatabaseState:
    """See `storage.look_at`."""
    folder = path.absolute().parent
    if not folder.is_dir():
        raise StoreUnavailable("there is no such folder")
    if not path.exists():
        return DatabaseState(0, len(schemas()), folder)
    with translated(), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return DatabaseState(check(connection), len(schemas()), folder)
