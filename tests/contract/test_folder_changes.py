"""The port Folders: what is changed of one that is watched, and files that are gone."""

from pathlib import Path

from storekeeping import NOON

from storage import Change, FileSeen, Source


async def add(store, name="inbox"):
    return await store.folders.add(Path(f"/srv/{name}"), Source(name, name.title()), now=NOON, topics=("sport",))


async def test_its_topics_are_changed(store):
    await add(store)
    await store.changed(Change.FOLDERS, 0)
    assert await store.folders.change("inbox", topics=("art", "կապ"))
    assert await store.changed(Change.FOLDERS, 0)
    [folder] = await store.folders.all()
    assert folder.topics == ("art", "կապ")
    assert not await store.folders.change("outbox", topics=())


async def test_files_that_are_gone_are_forgotten(store):
    await add(store)
    await add(store, "other")
    files = [FileSeen(name, 1, 2) for name in ("a.txt", "b.txt", "deep/a.txt")]
    for name in ("inbox", "other"):
        await store.folders.note_seen(name, files)
    await store.folders.forget_seen("inbox", ["a.txt", "deep/a.txt", "never.txt"])
    assert set(await store.folders.seen("inbox")) == {"b.txt"}
    assert set(await store.folders.seen("other")) == {"a.txt", "b.txt", "deep/a.txt"}
