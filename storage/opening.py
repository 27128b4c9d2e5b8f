"""From a database's address to an open store."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from storage.errors import StorageError
from storage.models import DatabaseState
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

    path = _path(url)
    with _named(path):
        store = await SqliteStore.open(path)
    try:
        yield store
    finally:
        await _closed(store)


async def look_at(url: str) -> DatabaseState:
    """What lies at the address, which is left as it is. Raises what `open_store` does."""
    from storage.sqlite.looking import look_at as look_at_file  # noqa: PLC0415  as above

    path = _path(url)
    with _named(path):
        return await asyncio.to_thread(look_at_file, path)


def _path(url: str) -> Path:
    if not url.startswith(SQLITE) or url == SQLITE:
        raise StorageError(
            f"{_shown(url)} is no database address: expected sqlite:/// and a path, as in sqlite:///newscrier.db"
        )
    return Path(url.removeprefix(SQLITE))


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Say in an error which database it is about: an operator may have several."""
    try:
        yield
    except StorageError as error:
        raise type(error)(f"{path}: {error}") from error


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
