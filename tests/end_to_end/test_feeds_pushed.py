"""What a feed publishes becomes messages, once, while the whole bot runs."""

from datetime import UTC, datetime, timedelta

from aiohttp import web
from feed_site import item, rss, serving

from storage import NewFeed, Source

NOW = datetime.now(UTC)
MINUTE = timedelta(minutes=1)
BRIDGE = item("Bridge opens", guid="1", at=NOW - 60 * MINUTE)
OLD = item("Bridge planned", guid="0", at=NOW - timedelta(days=9))
MAYOR = item("Mayor speaks", guid="2", at=NOW - 5 * MINUTE)
EDITED = item("Mayor has spoken", guid="2", at=NOW - 5 * MINUTE)


async def add(store, url):
    wish = NewFeed(url, Source(name="herald", title="The Herald"))
    _, claim = await store.feeds.add(wish, now=datetime.now(UTC), lease=MINUTE)
    await store.feeds.put_off([(claim, datetime.now(UTC))])


async def poll(store):
    assert await store.feeds.poll("herald", now=datetime.now(UTC))


async def test_entries_become_messages_once_through_edits_a_kill_and_the_end(sandbox, newsroom):
    ada = await sandbox.add_person("Ada")
    await newsroom.follow([ada])
    async with serving() as site, newsroom.store() as store:
        site.answers["/feed.xml"] = rss(BRIDGE, OLD)
        await add(store, f"{site.url}/feed.xml")
        bot = await newsroom.start(fetch_allow="127.0.0.1")
        # At first only what is of the last day.
        [first] = await sandbox.wait_for(chat=ada)
        assert first["message"]["text"].startswith("Bridge opens\nThe Herald")

        site.answers["/feed.xml"] = rss(MAYOR, BRIDGE, OLD)
        await poll(store)
        [second] = await sandbox.wait_for(chat=ada, after=first["seq"])
        assert second["message"]["text"].startswith("Mayor speaks\n")

        site.answers["/feed.xml"] = rss(EDITED, BRIDGE, OLD)
        await poll(store)
        [edited] = await sandbox.wait_for(kind="edited", chat=ada)
        assert edited["message"]["message_id"] == second["message"]["message_id"]
        assert edited["message"]["text"].startswith("Mayor has spoken\n")

        # Killed when the entry is in the store and pushed, but the poll not recorded.
        site.answers["/feed.xml"] = rss(item("Ferry sails", guid="3", at=NOW), EDITED, BRIDGE, OLD)
        site.came.clear()
        await poll(store)
        await site.came.wait()
        await sandbox.wait_for(chat=ada, after=edited["seq"])
        await bot.kill()
        site.came.clear()
        await store.feeds.poll("herald", now=datetime.now(UTC))
        bot = await newsroom.start(fetch_allow="127.0.0.1")
        await site.came.wait()

        site.answers["/feed.xml"] = lambda _: web.Response(status=410)
        await poll(store)
        await bot.said("a feed has ended")
        assert await bot.stop() == 0
        feed = await store.feeds.get("herald")
        assert (feed.due, feed.ended) == (None, "the answer is 410 Gone")
        # The message that was in flight when it was killed may come twice; the entry was announced once all the same.
        sent = [record["message"]["text"].split("\n")[0] for record in await sandbox.messages(chat=ada, kind="sent")]
        assert list(dict.fromkeys(sent)) == ["Bridge opens", "Mayor speaks", "Ferry sails"]
        assert await store.log.head() == 4
