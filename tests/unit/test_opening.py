"""Addresses of databases that are none."""

import pytest

from storage import StorageError, open_store


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ani:secret@db.example/news", "'postgresql:...'"),
        ("mysql:ani:secret@db", "'mysql:...'"),
        ("sqlite:/news.db", "'sqlite:/news.db'"),
        ("sqlite:///", "'sqlite:///'"),
        ("news.db", "'news.db'"),
        ("", "''"),
    ],
)
async def test_an_address_that_is_none_is_shown_without_its_password(url, shown):
    with pytest.raises(StorageError) as raised:
        async with open_store(url):
            pass
    assert str(raised.value).startswith(f"{shown} is no database address: expected sqlite:/// and a path")
