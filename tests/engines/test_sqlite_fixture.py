"""Databases of released versions open, and answer as they did."""

import shutil
from pathlib import Path

import pytest
from sqlite_raw import opened, sql
from storekeeping import BOT, DAY, LEASE, NOON, announce, found, give_all, the_article, wake

from storage import Cadence, Chat, ChatKind, ChatSettings, FileSeen, Pictures, Place, Query, Quiet

FIXTURES = sorted((Path(__file__).parents[1] / "fixtures").glob("*.sqlite"), key=str)


def test_there_are_fixtures():
    assert [path.stem for path in FIXTURES] == ["0.1.0", "0.2.0", "0.3.0", "0.4.0", "0.5.0"]


@pytest.fixture(params=FIXTURES, ids=lambda path: path.stem)
def path(request, tmp_path):
    """A copy of the fixture: opening it migrates it."""
    return Path(shutil.copy(request.param, tmp_path))


async def test_an_old_database_answers(path):
    async with opened(path) as store:
        assert await found(store, "peace") == ["Peace and football", "Peace talks begin in Velmora"]
        assert await found(store, "договоры") == ["Подписан мирный договор"]
        assert await found(store, "lang:hy") == ["Խաղաղության բանակցություններ"]
        one = await the_article(store, "Peace talks begin in Velmora")
        assert (one.source.title, one.body, one.topics) == ("The Velmora Herald", "They met at noon.", ("Politics",))
        assert (await store.subscriptions.all(Place(BOT, 2)))[0].query == "peace -football"
        assert await store.queries.get(await store.queries.keep(Query.parse("lang:en VELMORA")))


async def test_an_old_database_knows_what_its_sources_write(path):
    told = "SELECT source_id, language, count(*) FROM article WHERE language != '' GROUP BY 1, 2"
    before = sql(path, told)
    async with opened(path):
        assert sql(path, "SELECT source_id, language, articles FROM source_language") == before != []


async def test_an_old_database_delivers_what_it_owes(path):
    async with opened(path) as store:
        assert await store.log.head() == 3
        assert await announce(store) == [4]
        await wake(store)
        assert await give_all(store) == {
            1: ["Подписан мирный договор", "Peace and football", "Խաղաղության բանակցություններ"],
            -1003: ["Подписан мирный договор"],
        }
        assert await store.mailboxes.resume(BOT, 2, now=NOON)


async def test_an_old_database_knows_its_chats(path):
    known = [Chat(BOT, -1003, ChatKind.GROUP, "Соседи", "neighbours", set_up_by=1)]
    async with opened(path) as store:
        assert await store.chats.set_up_by(BOT, 1) == ([] if path.stem == "0.1.0" else known)


async def test_an_old_database_is_made_to_find_what_a_fresh_one_finds(path):
    async with opened(path) as store:
        while await store.articles.reindex(limit=1):
            pass
        assert await found(store, "foo*") == ["Peace and football"]
        assert await found(store, "խաղաղություն") == ["Խաղաղության բանակցություններ"]
        assert await found(store, '"peace and"') == ["Peace and football"]
        assert await found(store, "withdrawn") == []
        assert len(await found(store)) == 4


async def test_a_cadence_and_a_withdrawal_are_kept(tmp_path):
    path = Path(shutil.copy(FIXTURES[-1], tmp_path))
    async with opened(path) as store:
        [daily] = await store.subscriptions.all(Place(BOT, 3))
        assert (daily.query, daily.cadence) == ("harvest", Cadence.DAILY)
        assert not await store.articles.withdraw(5)
        assert not await store.articles.reindex(limit=9)


async def test_a_topic_that_was_gone_still_is_until_it_is_reopened(tmp_path):
    path = Path(shutil.copy(FIXTURES[-1], tmp_path))
    async with opened(path) as store:
        await give_all(store)
        await store.mailboxes.reopen(Place(BOT, -1003, 5), now=NOON)
        assert await give_all(store) == {-1003: ["Peace and football"]}


async def test_a_migrated_database_is_like_a_fresh_one(path, tmp_path):
    async with opened(path), opened(tmp_path / "fresh.sqlite"):
        schemas = [
            sql(file, "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name")
            for file in (path, tmp_path / "fresh.sqlite")
        ]
    assert schemas[0] == schemas[1]


async def test_what_a_chat_chose_and_what_is_to_be_edited_are_kept(tmp_path):
    path = Path(shutil.copy(FIXTURES[-1], tmp_path))
    async with opened(path) as store:
        chosen = ChatSettings(
            "Asia/Yerevan", Quiet(23 * 60, 7 * 60), muted_until=NOON + DAY, pictures=Pictures.PHOTO, urgent=True
        )
        assert await store.chats.settings(BOT, 3) == chosen
        assert await store.payments.spent(BOT, NOON.date()) == 12
        assert not await store.deliveries.find_touched(now=NOON, limit=9)
        edits = await store.deliveries.claim(BOT, now=NOON, lease=LEASE, limit=9)
        assert [edit.place.chat for edit in edits] == [1, 2]
        assert (await the_article(store, "Peace talks begin in Velmora")).image == "https://herald.example/talks.jpg"


async def test_what_brings_articles_and_what_is_held_back_are_kept(tmp_path):
    path = Path(shutil.copy(FIXTURES[-1], tmp_path))
    async with opened(path) as store:
        feed = await store.feeds.find("https://courier.example")
        assert (feed.url, feed.topics, feed.full_text) == ("https://courier.example/feed", ("Lake",), True)
        assert (feed.added_by, feed.error, feed.failing_since) == (Place(BOT, 3), "does not answer", NOON)
        assert [claim.feed for claim in await store.feeds.claim(now=NOON + DAY, lease=LEASE, limit=9)] == [feed]
        [folder] = await store.folders.all()
        assert (folder.path, await store.folders.seen("inbox")) == (
            Path("/srv/inbox"),
            {"page.txt": FileSeen("page.txt", 12, 34)},
        )
        [embargo] = await store.embargoes.over(now=NOON + DAY, limit=9)
        held = embargo.article
        assert (held.title, held.authors, held.urgent) == ("Bridge to open", ("Ann Lee", "Jo Day"), True)
        assert held.aliases == ("id:7",)
