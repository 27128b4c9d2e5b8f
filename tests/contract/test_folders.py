"""The port Folders: which are watched, and what was read in them."""

import asyncio
from pathlib import Path

import pytest
from feedkeeping import add as add_feed
from storekeeping import HOUR, NOON, take_in

from storage import Change, FileSeen, Folder, Source

INBOX = Path("/srv/news/inbox")
SOURCE = Source("inbox", "Inbox", language="hy", zone="Asia/Yerevan")


async def add(store, path=INBOX, source=SOURCE, now=NOON, topics=()):
    return await store.folders.add(path, source, now=now, topics=topics)


async def test_a_folder_is_watched_from_now_on(store):
    one, new = await add(store, topics=("sport", "կապ"))
    assert new
    assert one == Folder(await store.sources.get("inbox"), INBOX, NOON, ("sport", "կապ"))
    assert (one.source.language, one.source.zone) == ("hy", "Asia/Yerevan")
    assert await store.folders.all() == [one]


async def test_one_that_is_watched_already_stays_as_it_is(store):
    one, _ = await add(store, topics=("sport",))
    assert await add(store, source=Source("other", "Other"), now=NOON + HOUR) == (one, False)
    assert [source.name for source in await store.sources.all()] == ["inbox"]


async def test_many_who_add_the_same_at_once_get_the_same(store, open_again):
    stores = [store, await open_again()]
    results = await asyncio.gather(*(add(stores[turn % 2]) for turn in range(6)))
    assert len({one.source.id for one, _ in results}) == 1
    assert sum(new for _, new in results) == 1


async def test_it_gets_its_name_as_a_feed_of_the_operators_does(store):
    await store.sources.put(Source("wire", "The Wire"))
    await add_feed(store, "herald")
    for name in ("wire", "herald", "inbox", "inbox"):
        await add(store, INBOX / str(len(await store.folders.all())), Source(name, name.title()))
    folders = {one.source.name: one.source.title for one in await store.folders.all()}
    assert folders == {"wire": "The Wire", "herald-2": "Herald", "inbox": "Inbox", "inbox-2": "Inbox"}
    await add_feed(store, "inbox")
    assert (await store.feeds.get("inbox-3")).url == "https://inbox.example/feed"
    await store.feeds.remove("herald")
    assert (await add(store, INBOX / "herald", Source("herald", "Herald")))[0].source.name == "herald"


async def test_a_paused_folder_is_one_until_it_is_resumed(store):
    await add(store)
    for paused in (True, False):
        assert await store.folders.pause("inbox", paused=paused)
        assert [one.paused for one in await store.folders.all()] == [paused]


async def test_removed_it_is_watched_never_again_and_its_articles_stay(store):
    await add(store)
    await store.folders.note_seen("inbox", [FileSeen("page.txt", 1, 1)])
    await take_in(store, "Peace")
    assert await store.folders.remove("inbox")
    assert (await store.folders.all(), await store.folders.seen("inbox")) == ([], {})
    # What is noted late is noted of nothing.
    await store.folders.note_seen("inbox", [FileSeen("page.txt", 1, 1)])
    assert await store.folders.seen("inbox") == {}
    assert (await store.articles.get(1)).title == "Peace"
    again, new = await add(store)
    assert (again.source.name, new, await store.folders.seen("inbox")) == ("inbox", True, {})


@pytest.mark.parametrize("name", ["nobody", "wire", "herald"])
async def test_what_there_is_not_cannot_be_changed(store, name):
    await store.sources.put(Source("wire", "The Wire"))
    await add_feed(store, "herald")
    assert not await store.folders.pause(name, paused=True)
    assert not await store.folders.remove(name)
    await store.folders.note_seen(name, [FileSeen("page.txt", 1, 1)])
    assert await store.folders.seen(name) == {}


async def test_files_are_known_as_they_were_read_last_each_folder_its_own(store):
    await add(store)
    await add(store, INBOX / "other", Source("other", "Other"))
    first = [FileSeen("a/page.txt", 10, 1_764_000_000_123_456_789), FileSeen("էջ.txt", 2**40, 0)]
    await store.folders.note_seen("inbox", first)
    await store.folders.note_seen("other", [FileSeen("a/page.txt", 1, 1)])
    again = FileSeen("a/page.txt", 11, 1_764_000_000_123_456_790)
    await store.folders.note_seen("inbox", [again, FileSeen("new.txt", 0, 5)])
    await store.folders.note_seen("inbox", [])
    assert await store.folders.seen("inbox") == {
        "a/page.txt": again,
        "էջ.txt": first[1],
        "new.txt": FileSeen("new.txt", 0, 5),
    }
    assert await store.folders.seen("other") == {"a/page.txt": FileSeen("a/page.txt", 1, 1)}


async def test_which_are_watched_is_a_change(store, open_again):
    other = await open_again()
    while await other.changed(Change.FOLDERS, 0.25):
        continue
    for change in (add(store), store.folders.pause("inbox", paused=True), store.folders.remove("inbox")):
        waiting = asyncio.create_task(other.changed(Change.FOLDERS, 60.0))
        await change
        assert await waiting
