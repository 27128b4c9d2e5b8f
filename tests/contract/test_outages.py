"""Every method of every port when the database is out of reach."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from storekeeping import BOT, LEASE, NOON, article, claim, follow, owed, publish

from storage import (
    Cadence,
    Change,
    Chat,
    ChatKind,
    ChatSettings,
    Claim,
    Cursor,
    Edit,
    Embargo,
    Fate,
    Feed,
    FeedClaim,
    FileSeen,
    Lease,
    Mailbox,
    NewFeed,
    Place,
    Polled,
    Query,
    Settlement,
    Source,
    StorageError,
    StoreUnavailable,
)

EVERYTHING = Query.parse("*")
HERE = Place(BOT, 1)
FEED = Feed(Source("herald", "The Herald"), "https://herald.example/feed", NOON)
LEASED = Lease("job", "token", NOON)
EDIT = Edit(1, HERE, Cadence.INSTANT, 1, NOON, "token", NOON)
CLAIM = Claim(Mailbox(1, HERE), "token", NOON)

CALLS = {
    "sources.put": lambda store: store.sources.put(Source("herald", "The Herald")),
    "sources.get": lambda store: store.sources.get("herald"),
    "sources.all": lambda store: store.sources.all(),
    "sources.find": lambda store: store.sources.find("her", limit=3),
    "feeds.add": lambda store: store.feeds.add(NewFeed(FEED.url, FEED.source), now=NOON, lease=LEASE),
    "feeds.added_from": lambda store: store.feeds.added_from(HERE),
    "feeds.find": lambda store: store.feeds.find(FEED.url),
    "feeds.get": lambda store: store.feeds.get("herald"),
    "feeds.all": lambda store: store.feeds.all(),
    "feeds.know": lambda store: store.feeds.know("https://herald.example", "herald"),
    "feeds.claim": lambda store: store.feeds.claim(now=NOON, lease=LEASE, limit=3),
    "feeds.settle": lambda store: store.feeds.settle([Polled(FeedClaim(FEED, "token", NOON), NOON, LEASE)], now=NOON),
    "feeds.put_off": lambda store: store.feeds.put_off([(FeedClaim(FEED, "token", NOON), NOON)]),
    "feeds.poll": lambda store: store.feeds.poll("herald", now=NOON),
    "feeds.next_due": lambda store: store.feeds.next_due(),
    "feeds.free": lambda store: store.feeds.free(),
    "feeds.set_back": lambda store: store.feeds.set_back(by=LEASE, now=NOON),
    "feeds.change": lambda store: store.feeds.change("herald", full_text=True),
    "feeds.pause": lambda store: store.feeds.pause("herald", paused=True, now=NOON),
    "feeds.rest": lambda store: store.feeds.rest(now=NOON, added_before=NOON),
    "feeds.adopt": lambda store: store.feeds.adopt("herald", now=NOON),
    "feeds.remove": lambda store: store.feeds.remove("herald"),
    "feeds.to_tell": lambda store: store.feeds.to_tell(before=NOON, limit=3),
    "feeds.note_told": lambda store: store.feeds.note_told("herald", told=True),
    "feeds.ask_hub": lambda store: store.feeds.ask_hub("herald", "secret"),
    "feeds.note_renewed": lambda store: store.feeds.note_renewed("herald", now=NOON),
    "feeds.note_hub": lambda store: store.feeds.note_hub("herald", NOON),
    "folders.add": lambda store: store.folders.add(Path("/inbox"), FEED.source, now=NOON),
    "folders.all": lambda store: store.folders.all(),
    "folders.pause": lambda store: store.folders.pause("herald", paused=True),
    "folders.remove": lambda store: store.folders.remove("herald"),
    "folders.change": lambda store: store.folders.change("herald", topics=["Economy"]),
    "folders.forget_seen": lambda store: store.folders.forget_seen("herald", ["page.txt"]),
    "folders.seen": lambda store: store.folders.seen("herald"),
    "folders.note_seen": lambda store: store.folders.note_seen("herald", [FileSeen("page.txt", 1, 1)]),
    "embargoes.put": lambda store: store.embargoes.put(Embargo(article(), NOON)),
    "embargoes.get": lambda store: store.embargoes.get("herald", "k"),
    "embargoes.lift": lambda store: store.embargoes.lift("herald", "k"),
    "embargoes.over": lambda store: store.embargoes.over(now=NOON, limit=3),
    "embargoes.next": lambda store: store.embargoes.next(),
    "articles.has_unannounced": lambda store: store.articles.has_unannounced("herald"),
    "articles.known": lambda store: store.articles.known("herald", ["k"]),
    "articles.add": lambda store: store.articles.add([article()], arrived=NOON, push_since=NOON),
    "articles.get": lambda store: store.articles.get(1),
    "articles.withdraw": lambda store: store.articles.withdraw(1),
    "articles.withdraw_key": lambda store: store.articles.withdraw_key("herald", "k"),
    "articles.search": lambda store: store.articles.search(EVERYTHING, now=NOON, limit=3),
    "articles.search on": lambda store: store.articles.search(EVERYTHING, now=NOON, limit=3, cursor=Cursor(5)),
    "articles.widened": lambda store: store.articles.widened(Query.parse("peace treaty"), now=NOON),
    "articles.spelled": lambda store: store.articles.spelled(Query.parse("peaxe"), now=NOON),
    "articles.reindex": lambda store: store.articles.reindex(limit=1),
    "articles.per_day": lambda store: store.articles.per_day(EVERYTHING, now=NOON),
    "queries.keep": lambda store: store.queries.keep(EVERYTHING),
    "queries.get": lambda store: store.queries.get(1),
    "chats.put": lambda store: store.chats.put(Chat(BOT, 1, ChatKind.GROUP, "Home")),
    "chats.get": lambda store: store.chats.get(BOT, 1),
    "chats.settings": lambda store: store.chats.settings(BOT, 1),
    "chats.change_settings": lambda store: store.chats.change_settings(BOT, 1, ChatSettings(), now=NOON),
    "chats.paused": lambda store: store.chats.paused(BOT, 1),
    "chats.set_up_by": lambda store: store.chats.set_up_by(BOT, 1),
    "chats.to_tell": lambda store: store.chats.to_tell(HERE, whole=True, gone=False),
    "subscriptions.add": lambda store: store.subscriptions.add(HERE, EVERYTHING, now=NOON),
    "subscriptions.change_cadence": lambda store: store.subscriptions.change_cadence(HERE, 1, Cadence.DAILY, now=NOON),
    "subscriptions.remove": lambda store: store.subscriptions.remove(HERE, 1),
    "subscriptions.remove_all": lambda store: store.subscriptions.remove_all(BOT, 1),
    "subscriptions.find": lambda store: store.subscriptions.find(HERE, EVERYTHING),
    "subscriptions.all": lambda store: store.subscriptions.all(HERE),
    "leases.gain": lambda store: store.leases.gain("job", now=NOON, duration=LEASE),
    "leases.held": lambda store: store.leases.held("job"),
    "leases.renew": lambda store: store.leases.renew(LEASED, now=NOON, duration=LEASE),
    "leases.release": lambda store: store.leases.release(LEASED),
    "log.announce": lambda store: store.log.announce(LEASED, now=NOON, limit=3),
    "log.wake": lambda store: store.log.wake(LEASED, now=NOON, limit=3),
    "log.refile": lambda store: store.log.refile(LEASED, limit=3),
    "log.head": lambda store: store.log.head(),
    "mailboxes.claim": lambda store: store.mailboxes.claim(BOT, now=NOON, lease=LEASE, limit=3),
    "mailboxes.owed": lambda store: store.mailboxes.owed([CLAIM], now=NOON),
    "mailboxes.settle": lambda store: store.mailboxes.settle(Settlement(CLAIM), now=NOON),
    "mailboxes.more": lambda store: store.mailboxes.more(1, now=NOON, limit=3),
    "mailboxes.free": lambda store: store.mailboxes.free(BOT, now=NOON),
    "mailboxes.set_back": lambda store: store.mailboxes.set_back(BOT, by=LEASE, now=NOON),
    "mailboxes.next_due": lambda store: store.mailboxes.next_due(BOT),
    "mailboxes.pause": lambda store: store.mailboxes.pause(BOT, 1, now=NOON, reason="blocked"),
    "mailboxes.retry": lambda store: store.mailboxes.retry(BOT, now=NOON),
    "mailboxes.resume": lambda store: store.mailboxes.resume(BOT, 1, now=NOON),
    "mailboxes.reopen": lambda store: store.mailboxes.reopen(HERE, now=NOON),
    "mailboxes.move": lambda store: store.mailboxes.move(BOT, 1, 2, now=NOON),
    "payments.count": lambda store: store.payments.count(BOT, NOON.date(), 3),
    "payments.spent": lambda store: store.payments.spent(BOT, NOON.date()),
    "deliveries.find_touched": lambda store: store.deliveries.find_touched(now=NOON, limit=3),
    "deliveries.claim": lambda store: store.deliveries.claim(BOT, now=NOON, lease=LEASE, limit=3),
    "deliveries.now_showing": lambda store: store.deliveries.now_showing([EDIT]),
    "deliveries.settle": lambda store: store.deliveries.settle(EDIT, fate=Fate.EDITED, now=NOON),
    "deliveries.put_off": lambda store: store.deliveries.put_off(EDIT, until=NOON, failed=True),
    "deliveries.drop": lambda store: store.deliveries.drop(BOT, 1),
    "deliveries.free": lambda store: store.deliveries.free(BOT),
    "deliveries.of_article": lambda store: store.deliveries.of_article(1, limit=3),
    "deliveries.of_chat": lambda store: store.deliveries.of_chat(1, limit=3),
    "deliveries.prune": lambda store: store.deliveries.prune(LEASED, before=NOON, limit=3),
    "stats": lambda store: store.stats(BOT, now=NOON),
    "offset": lambda store: store.offset(),
    "changed": lambda store: store.changed(Change.DUE, 0.0),
    "changed, waiting": lambda store: store.changed(Change.ARTICLES, 60.0),
}
PORTS = (
    "sources",
    "feeds",
    "folders",
    "embargoes",
    "articles",
    "queries",
    "chats",
    "subscriptions",
    "leases",
    "log",
    "mailboxes",
    "payments",
    "deliveries",
)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_after_closing_every_method_raises(store, call):
    await store.articles.add([article()], arrived=NOON, push_since=NOON)
    await store.close()
    with pytest.raises(StoreUnavailable):
        await call(store)


async def test_related_articles_are_asked_for_of_a_closed_store_in_vain(store):
    await publish(store, "Peace")
    one = await store.articles.get(1)
    await store.close()
    with pytest.raises(StoreUnavailable):
        await store.articles.related(one, limit=3)


def test_no_method_is_left_out_above():
    """Held to the ports: a method added there is to be called here."""
    from storage import ports  # noqa: PLC0415  only this test reads the contract itself

    named = {name.split()[0].rstrip(",") for name in CALLS} | {"articles.related", "close"}
    wanted = {
        f"{port}.{method}"
        for port in PORTS
        for method in vars(getattr(ports, port.capitalize()))
        if not method.startswith("_")
    }
    alone = {name for name in vars(ports.Store) if not name.startswith("_")} - set(PORTS)
    assert named == wanted | alone


async def test_closing_twice_is_closing_once(store):
    await store.close()
    await store.close()


async def test_closing_lets_what_is_under_way_end(store, open_again):
    adding = [asyncio.create_task(store.subscriptions.add(Place(BOT, chat), EVERYTHING, now=NOON)) for chat in range(9)]
    reading = [asyncio.create_task(store.log.head()) for _ in range(9)]
    await asyncio.sleep(0)
    await store.close()
    done = await asyncio.gather(*adding, *reading, return_exceptions=True)
    other = await open_again()
    for chat, result in enumerate(done[:9]):
        kept = await other.subscriptions.all(Place(BOT, chat))
        assert isinstance(result, StoreUnavailable) if not kept else result[0] == kept[0]
    assert all(one == 0 or isinstance(one, StoreUnavailable) for one in done[9:])


async def test_what_one_caller_gives_up_leaves_the_others_served(store):
    given_up = [asyncio.create_task(follow(store, chat=chat)) for chat in range(5)]
    reading = asyncio.create_task(store.log.head())
    await asyncio.sleep(0)
    for task in (*given_up, reading):
        task.cancel()
    await asyncio.gather(*given_up, reading, return_exceptions=True)
    await follow(store, chat=99)
    await publish(store, "Peace")
    claims = await claim(store)
    assert 99 in {one.mailbox.place.chat for one in claims}
    assert all([(await owed(store, one)).articles for one in claims])


async def test_a_fault_of_the_callers_harms_nobody_else(store):
    calls = [follow(store, chat=chat) for chat in range(5)]
    wrong = store.sources.put(Source(None, "nameless"))
    results = await asyncio.gather(*calls[:3], wrong, *calls[3:], return_exceptions=True)
    assert isinstance(results[3], Exception)
    assert not isinstance(results[3], StorageError)
    await publish(store, "Peace")
    assert len(await claim(store)) == 5


# What may be new


async def test_what_this_process_adds_is_a_change(store):
    await store.changed(Change.ARTICLES, 0.0)
    waiting = asyncio.create_task(store.changed(Change.ARTICLES, 60.0))
    await store.articles.add([article()], arrived=NOON, push_since=NOON - timedelta(days=9))
    assert await waiting


async def test_what_another_process_adds_is_a_change(store, open_again):
    other = await open_again()
    while await store.changed(Change.ARTICLES, 0.3):
        continue
    waiting = asyncio.create_task(store.changed(Change.ARTICLES, 60.0))
    await other.articles.add([article()], arrived=NOON, push_since=NOON - timedelta(days=9))
    assert await waiting


async def test_what_happened_before_is_told_at_once(store):
    await store.articles.add([article()], arrived=NOON, push_since=NOON - timedelta(days=9))
    assert await store.changed(Change.ARTICLES, 60.0)


async def test_a_mailbox_that_became_due_is_a_change(store):
    await follow(store)
    await store.changed(Change.DUE, 0.0)
    waiting = asyncio.create_task(store.changed(Change.DUE, 60.0))
    await publish(store, "Peace")
    assert await waiting


async def test_where_nothing_happens_the_wait_ends(store):
    while await store.changed(Change.DUE, 0.3):
        continue
    assert not await store.changed(Change.DUE, 0.0)


async def test_the_databases_clock_is_near_ours(store):
    assert abs(await store.offset()) < timedelta(seconds=5)
