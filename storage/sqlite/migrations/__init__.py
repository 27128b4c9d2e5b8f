"""The schema's history: numbered files, applied once and in order."""

import sqlite3
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from storage.errors import SchemaError

APPLICATION = 0x4E435231  # "NCR1": tells our files from other programs' databases (PRAGMA application_id)


def check(connection: sqlite3.Connection) -> int:
    """The number of the schema; 0: the database is empty. Raises SchemaError for a newer one, and another program's."""
    connection.execute("BEGIN")  # one snapshot: another process may be migrating
    try:
        return _version(connection)
    finally:
        if connection.in_transaction:
            connection.execute("COMMIT")


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to this version's schema. Raises SchemaError like `check`."""
    known = schemas()
    if check(connection) == len(known):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Asked again under the lock: another process may have migrated meanwhile.
        for number in range(_version(connection) + 1, len(known) + 1):
            for statement in _statements(known[number - 1]):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if application != APPLICATION and not empty:
        raise SchemaError("this database was not made by Newscrier; name another file in NEWSCRIER_DATABASE")
    known = len(schemas())
    if version > known:
        raise SchemaError(
            f"this database has schema {version}, and this version of Newscrier knows schemas up to {known}: "
            "install the newer version that wrote it"
        )
    return version


@cache
def schemas() -> tuple[str, ...]:
    """The text of each migration; the first is number 1."""
    found = sorted(
        (file.name, file.read_text("utf-8")) for file in files(__name__).iterdir() if file.name.endswith(".sql")
    )
    return tuple(text for _, text in found)


def _statements(script: str) -> Iterator[str]:
    """The script's statements one by one: `executescript` would commit between them."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
