"""From a database's address to an open store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from storage.errors import StorageError
from storage.ports import Store

SQLITE = "sqlite:///"


@asynccontextmanager
async def open_store(url: str) -> AsyncIterator[Store]:
    """The store at `sqlite:///path` (three slashes and a relative path, four and an absolute one), closed at the end.

    A file that is not there is made; an older schema is migrated. Raises StorageError for an address that is none,
    SchemaError for a newer schema or another program's file, StoreUnavailable when it cannot be opened.
    """
    # Imported when asked for: an engine's driver is needed by those who use it.
    from storage.sqlite import SqliteStore  # noqa: PLC0415

    if not url.startswith(SQLITE) or url == SQLITE:
        raise StorageError(
            f"{_shown(url)} is no database address: expected sqlite:/// and a path, as in sqlite:///newscrier.db"
        )
    path = Path(url.removeprefix(SQLITE))
    try:
        store = await SqliteStore.open(path)
    except StorageError as error:
        # An operator may have several.
        raise type(error)(f"{path}: {error}") from error
    try:
        yield store
    finally:
        await _closed(store)


def _shown(url: str) -> str:
    """The address as far as it can be shown: what follows the scheme may hold a password."""
    scheme, colon, _ = url.partition(":")
    return repr(f"{scheme}:...") if colon and scheme != "sqlite" else repr(url)


async def _closed(store: Store) -> None:
    """Close the store, even if the caller is cancelled meanwhile: connections that stay open keep a process alive."""
    closing = asyncio.create_task(store.close(), name="close the store")
    try:
        await asyncio.shield(closing)
    except asyncio.CancelledError:
        await closing
        raise
