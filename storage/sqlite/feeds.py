"""Feeds on SQLite."""

import asyncio
import json
import logging
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from storage.errors import TooMany
from storage.models import Feed, FeedClaim, NewFeed, Place, Polled
from storage.sqlite import idling, joining, sources
from storage.sqlite.connection import MICROSECOND, Database, Level, dated, moment, stamp, stamped

_COLUMNS = (
    f"{sources.COLUMNS}, url, added, bot, chat, thread, topics, full_text, etag, modified, interval, due_at, answered,"
    " renewed, failures, failing_since, error, told, paused, ended, hub, hub_topic, hub_secret, hub_until,"
    " wishes, idle_since"
)
_FROM = "FROM feed JOIN source ON source.id = feed.source_id"
_BY_NAME = "source_id = (SELECT id FROM source WHERE name = ?) AND NOT removed"

log = logging.getLogger(__name__)


class SqliteFeeds:
    """The port `Feeds`."""

    def __init__(self, database: Database, changed: asyncio.Event) -> None:
        self._database = database
        self._changed = changed
        self._has_more = False

    async def add(
        self, feed: NewFeed, *, now: datetime, lease: timedelta, most: int | None = None
    ) -> tuple[Feed, FeedClaim | None]:
        def write(connection: sqlite3.Connection) -> tuple[Feed, FeedClaim | None]:
            known = _known_by(connection, feed.url)
            if known and _is_polled(connection, known):
                return _feed(connection, known), None
            if feed.added_by and most is not None and _count_added(connection, feed.added_by) >= most:
                raise TooMany("feed", most)
            id_ = known or _begin(connection, feed)
            _set_up(connection, id_, feed, now)
            [claim] = _claim_all(connection, [id_], now + lease)
            return claim.feed, claim

        added = await self._database.write(write, Level.PEOPLE)
        self._changed.set()
        return added

    async def added_from(self, place: Place) -> int:
        return await self._database.read(lambda connection: _count_added(connection, place))

    async def find(self, url: str) -> Feed | None:
        def read(connection: sqlite3.Connection) -> Feed | None:
            known = _known_by(connection, url)
            return _feed(connection, known) if known and _is_polled(connection, known) else None

        return await self._database.read(read)

    async def get(self, name: str) -> Feed | None:
        def read(connection: sqlite3.Connection) -> Feed | None:
            row = connection.execute(f"SELECT {_COLUMNS} {_FROM} WHERE {_BY_NAME}", (name,)).fetchone()
            return row and _value(row)

        return await self._database.read(read)

    async def all(self) -> list[Feed]:
        def read(connection: sqlite3.Connection) -> list[Feed]:
            rows = connection.execute(f"SELECT {_COLUMNS} {_FROM} WHERE NOT removed ORDER BY source.name")
            return [_value(row) for row in rows]

        return await self._database.read(read)

    async def know(self, url: str, name: str) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.execute(
                f"INSERT INTO feed_address (url, source_id) SELECT ?, source_id FROM feed WHERE {_BY_NAME}"
                " ON CONFLICT (url) DO UPDATE SET source_id = excluded.source_id"
                # A removed feed keeps nothing but its own.
                " WHERE (SELECT removed AND feed.url != excluded.url FROM feed"
                "  WHERE source_id = feed_address.source_id)",
                (url, name),
            )

        await self._database.write(write, Level.PEOPLE)

    async def claim(self, *, now: datetime, lease: timedelta, limit: int) -> list[FeedClaim]:
        def write(connection: sqlite3.Connection) -> list[FeedClaim]:
            return _claim_all(connection, _due(connection, now, lease, limit), now + lease)

        # Who only looks writes nothing. Where there was as much as was wanted there is more, as a rule.
        is_due = self._has_more or await self._database.read(lambda connection: bool(_due(connection, now, lease, 1)))
        claims = await self._database.write(write) if is_due else []
        self._has_more = len(claims) == limit
        return claims

    async def settle(self, polls: Sequence[Polled], *, now: datetime) -> None:
        moved = [polled for polled in polls if polled.moved_to]
        joinings = await self._database.read(lambda connection: _joinings(connection, moved)) if moved else {}
        joined = await self._database.write(lambda connection: _settle(connection, polls, joinings, now))
        for name, other in joined:
            said = "a feed has moved to another's address: it is polled no more, who follows it follows the other"
            log.warning(said, extra={"source": name, "other": other})

    async def put_off(self, claims: Sequence[tuple[FeedClaim, datetime]]) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "UPDATE feed SET due_at = min(coalesce(due_at, ?1), ?1), lease_until = NULL, token = NULL"
                " WHERE source_id = ?2 AND token = ?3",
                [(stamp(due), claim.feed.source.id, claim.token) for claim, due in claims],
            )

        await self._database.write(write)

    async def poll(self, name: str, *, now: datetime) -> bool:
        return await self._change(
            f"UPDATE feed SET due_at = min(coalesce(due_at, ?1), ?1) WHERE {_BY_NAME} AND NOT paused AND ended = ''"
            " AND idle_since IS NULL",
            (stamp(now), name),
        )

    async def next_due(self) -> datetime | None:
        def read(connection: sqlite3.Connection) -> datetime | None:
            row = connection.execute(
                "SELECT min("
                " (SELECT coalesce(min(due_at), ?1) FROM feed WHERE due_at IS NOT NULL AND lease_until IS NULL),"
                " (SELECT coalesce(min(lease_until), ?1) FROM feed WHERE lease_until IS NOT NULL))",
                (_NEVER,),
            ).fetchone()
            return None if row[0] == _NEVER else moment(row[0])

        return await self._database.read(read)

    async def free(self) -> None:
        # As leases that ended long ago: unsettled, so that they are due.
        await self._change("UPDATE feed SET lease_until = 0, token = NULL WHERE lease_until > 0", ())

    async def set_back(self, *, by: timedelta, now: datetime) -> None:
        await self._change(
            "UPDATE feed SET due_at = iif(due_at > :now, max(due_at - :by, :now), due_at), token = NULL,"
            " lease_until = iif(lease_until IS NULL, NULL, 0), hub_until = hub_until - :by"
            " WHERE due_at > :now OR lease_until IS NOT NULL OR hub_until IS NOT NULL",
            {"by": by // MICROSECOND, "now": stamp(now)},
        )

    async def change(self, name: str, *, full_text: bool | None = None, topics: Sequence[str] | None = None) -> bool:
        return await self._change(
            f"UPDATE feed SET full_text = coalesce(?, full_text), topics = coalesce(?, topics) WHERE {_BY_NAME}",
            (full_text, None if topics is None else _json(topics), name),
        )

    async def pause(self, name: str, *, paused: bool, now: datetime) -> bool:
        return await self._change(
            f"UPDATE feed SET paused = ?, due_at = ?, ended = iif(?, ended, ''), lease_until = NULL, token = NULL,"
            " idle_since = NULL"
            f" WHERE {_BY_NAME}",
            (paused, None if paused else stamp(now), paused, name),
        )

    async def rest(self, *, now: datetime, added_before: datetime) -> list[str]:
        found, through = await self._database.read(
            lambda connection: idling.unfollowed(connection, stamp(added_before))
        )
        if not found:
            return []
        return await self._database.write(lambda connection: idling.let_rest(connection, found, through, stamp(now)))

    async def adopt(self, name: str, *, now: datetime) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.execute(f"UPDATE feed SET bot = 0, chat = 0, thread = 0 WHERE {_BY_NAME}", (name,))
            idling.wake(connection, name, stamp(now))

        await self._database.write(write, Level.PEOPLE)
        self._changed.set()

    async def remove(self, name: str) -> bool:
        return await self._change(
            f"UPDATE feed SET removed = 1, due_at = NULL, lease_until = NULL, token = NULL WHERE {_BY_NAME}", (name,)
        )

    async def to_tell(self, *, before: datetime, limit: int) -> list[Feed]:
        def read(connection: sqlite3.Connection) -> list[Feed]:
            rows = connection.execute(
                f"SELECT {_COLUMNS} {_FROM} WHERE NOT removed AND NOT paused AND ("
                "  NOT told AND (failing_since <= ? OR ended != '') OR told AND failures = 0 AND ended = '')"
                " ORDER BY source.name LIMIT ?",
                (stamp(before), limit),
            )
            return [_value(row) for row in rows]

        return await self._database.read(read)

    async def note_told(self, name: str, *, told: bool, ended: str = "") -> None:
        await self._change(f"UPDATE feed SET told = ? WHERE {_BY_NAME} AND ended = ?", (told, name, ended))

    async def ask_hub(self, name: str, secret: str) -> None:
        await self._change(f"UPDATE feed SET hub_secret = ? WHERE {_BY_NAME}", (secret, name))

    async def note_renewed(self, name: str, *, now: datetime) -> None:
        await self._change(f"UPDATE feed SET renewed = ? WHERE {_BY_NAME}", (stamp(now), name))

    async def note_hub(self, name: str, until: datetime | None) -> None:
        await self._change(f"UPDATE feed SET hub_until = ? WHERE {_BY_NAME}", (stamped(until), name))

    async def _change(self, sql: str, values: Sequence[Any] | Mapping[str, Any]) -> bool:
        done = await self._database.write(lambda connection: connection.execute(sql, values).rowcount > 0, Level.PEOPLE)
        self._changed.set()
        return done


JOINED_AT_ONCE = 8  # each reads all that is followed, and the rest of the polls waits; others join at their next polls
_NEVER = 2**62
_NO_TOPICS = "[]"  # as most feeds have it: not worth parsing each time
_FAR = timedelta(days=8)  # nothing is asked for that seldom


def _due(connection: sqlite3.Connection, now: datetime, lease: timedelta, limit: int) -> list[int]:
    """The feeds that are due, longest first."""
    rows = connection.execute(
        "SELECT source_id FROM ("
        " SELECT * FROM (SELECT source_id, due_at AS since FROM feed WHERE due_at <= :now AND lease_until IS NULL"
        "  ORDER BY due_at LIMIT :limit)"
        " UNION ALL SELECT * FROM (SELECT source_id, lease_until FROM feed WHERE lease_until <= :now"
        "  ORDER BY lease_until LIMIT :limit)"
        " UNION ALL SELECT * FROM (SELECT source_id, :now FROM feed WHERE lease_until > :ahead LIMIT :limit)"
        " UNION ALL SELECT * FROM (SELECT source_id, :now FROM feed WHERE due_at > :far AND lease_until IS NULL"
        "  LIMIT :limit)"
        ") ORDER BY since, source_id LIMIT :limit",
        {"now": stamp(now), "ahead": stamp(now + 2 * lease), "far": stamp(now + _FAR), "limit": limit},
    )
    return [id_ for (id_,) in rows]


def _json(names: Sequence[str]) -> str:
    return json.dumps(list(names), ensure_ascii=False)


def _known_by(connection: sqlite3.Connection, url: str) -> int:
    """The feed that is known by this URL, removed ones too; 0: none is."""
    row = connection.execute("SELECT source_id FROM feed_address WHERE url = ?", (url,)).fetchone()
    return int(row[0]) if row else 0


def _is_polled(connection: sqlite3.Connection, id_: int) -> bool:
    """Whether it is neither removed nor ended."""
    row = connection.execute("SELECT NOT removed AND ended = '' FROM feed WHERE source_id = ?", (id_,)).fetchone()
    return bool(row[0])


def _may_take_over(connection: sqlite3.Connection, feed: Feed, id_: int) -> bool:
    """Whether the other was removed, and may come back as this feed. A reader's is none of the operator's."""
    row = connection.execute("SELECT removed, chat FROM feed WHERE source_id = ?", (id_,)).fetchone()
    return bool(row[0] and (row[1] or not feed.added_by))


def _count_added(connection: sqlite3.Connection, place: Place) -> int:
    row = connection.execute(
        "SELECT count(*) FROM feed WHERE bot = ? AND chat = ? AND chat != 0 AND NOT removed AND ended = ''"
        " AND idle_since IS NULL",
        (place.bot, place.chat),
    ).fetchone()
    return int(row[0])


def _begin(connection: sqlite3.Connection, feed: NewFeed) -> int:
    """A new feed at this URL, not yet set up."""
    source = sources.put_free(connection, feed.source, join=feed.added_by is None)
    # One that was removed may have brought articles to the source, from elsewhere.
    connection.execute("DELETE FROM feed WHERE source_id = ?", (source.id,))
    connection.execute("INSERT INTO feed (source_id, url, added) VALUES (?, ?, 0)", (source.id, feed.url))
    connection.execute("INSERT INTO feed_address (url, source_id) VALUES (?, ?)", (feed.url, source.id))
    return source.id


def _set_up(connection: sqlite3.Connection, id_: int, feed: NewFeed, now: datetime) -> None:
    place = feed.added_by or Place(0, 0)
    connection.execute(
        "UPDATE feed SET added = ?, bot = ?, chat = ?, thread = ?, topics = ?, full_text = ?, due_at = ?, failures = 0,"
        " failing_since = NULL, error = '', told = 0, paused = 0, ended = '', removed = 0, etag = '', modified = '',"
        " interval = 0, answered = NULL, renewed = NULL, hub = '', hub_topic = '', hub_secret = '', hub_until = NULL,"
        " wishes = '', idle_since = NULL WHERE source_id = ?",
        (
            stamp(now),
            place.bot,
            place.chat,
            place.thread,
            _json(feed.topics),
            feed.full_text,
            stamp(now),
            id_,
        ),
    )


def _feed(connection: sqlite3.Connection, id_: int) -> Feed:
    return _value(connection.execute(f"SELECT {_COLUMNS} {_FROM} WHERE source_id = ?", (id_,)).fetchone())


def _claim_all(connection: sqlite3.Connection, ids: Sequence[int], until: datetime) -> list[FeedClaim]:
    """Claims on these feeds, in their order."""
    these = json.dumps(ids)
    rows = connection.execute(
        f"SELECT {_COLUMNS} {_FROM} WHERE source_id IN (SELECT value FROM json_each(?))", (these,)
    )
    token = secrets.token_hex(8)  # made once: each feed's is this and its number
    claims = {row[0]: FeedClaim(_value(row), f"{token}-{row[0]}", until) for row in rows}
    # What asks for a poll from now on is seen when this one settles.
    connection.execute(
        "UPDATE feed SET due_at = NULL, lease_until = ?, token = ? || source_id"
        " WHERE source_id IN (SELECT value FROM json_each(?))",
        (stamp(until), f"{token}-", these),
    )
    return [claims[id_] for id_ in ids]


# What failed keeps what its last good answer said. `due`: NULL never comes before a time that was asked for meanwhile.
_SETTLE = (
    "UPDATE feed SET lease_until = NULL, token = NULL, interval = ?1, error = ?2,"
    " due_at = iif(?3 = '', min(coalesce(due_at, ?4), coalesce(?4, due_at)), NULL),"
    " etag = iif(?2 = '', ?5, etag), modified = iif(?2 = '', ?6, modified),"
    " hub = iif(?2 = '', ?7, hub), hub_topic = iif(?2 = '', ?8, hub_topic),"
    # That it has ended is news to who knows that it failed.
    " told = iif(?3 = '', told, 0), ended = ?3,"
    " failures = iif(?2 = '', 0, failures + 1),"
    " failing_since = iif(?2 = '', NULL, coalesce(failing_since, ?9)),"
    " answered = iif(?2 = '', ?9, answered), renewed = iif(?10, ?9, renewed), wishes = coalesce(?13, wishes)"
    " WHERE source_id = ?11 AND token = ?12"
)


# The same after an answer that says what is known already, as most do: what stays as it is is not written again.
_SETTLE_UNCHANGED = (
    "UPDATE feed SET lease_until = NULL, token = NULL, interval = ?1, answered = ?2,"
    " due_at = min(coalesce(due_at, ?3), ?3) WHERE source_id = ?4 AND token = ?5"
)


def _is_unchanged(polled: Polled) -> bool:
    """Whether the feed stays as it was claimed, but for its times. While the claim holds, nobody else changes it."""
    feed = polled.claim.feed
    return not (
        polled.due is None
        or polled.renewed
        or polled.failed
        or polled.ended
        or polled.moved_to
        or feed.failures
        or feed.ended
        or polled.etag != feed.etag
        or polled.modified != feed.modified
        or polled.hub != feed.hub
        or polled.hub_topic != feed.hub_topic
        or polled.wishes not in {None, feed.wishes}
    )


def _settled(polled: Polled, due: int | None, now: int) -> tuple[Any, ...]:
    """The values of _SETTLE; `due` and `now` as stamps."""
    return (
        polled.interval // MICROSECOND,
        polled.failed,
        polled.ended,
        due,
        polled.etag,
        polled.modified,
        polled.hub,
        polled.hub_topic,
        now,
        polled.renewed,
        polled.claim.feed.source.id,
        polled.claim.token,
        polled.wishes,
    )


def _settle(
    connection: sqlite3.Connection, polls: Sequence[Polled], joinings: Mapping[int, joining.Joining], now: datetime
) -> list[tuple[str, str]]:
    """Settle the polls. Returns the sources that were joined to others, by name, each with the other."""
    at, far = stamp(now), stamp(now + _FAR)
    joined, unchanged, changed = [], [], []
    for polled in polls:
        claim = polled.claim
        # Later than the farthest it would be taken for what a clock said that was ahead.
        due = min(stamp(polled.due), far) if polled.due else None
        if _is_unchanged(polled):
            unchanged.append((polled.interval // MICROSECOND, at, due, claim.feed.source.id, claim.token))
        else:
            changed.append((polled, _settled(polled, due, at)))
    connection.executemany(_SETTLE_UNCHANGED, unchanged)
    connection.executemany(_SETTLE, [values for polled, values in changed if not polled.moved_to])
    for polled, values in changed:
        if not (polled.moved_to and connection.execute(_SETTLE, values).rowcount):
            continue
        feed = polled.claim.feed
        found = joinings.get(feed.source.id)
        has_joined = found and joining.join(connection, feed, found)
        if found and has_joined:
            joined.append((found.gone.name, found.left.name))
        if not (found and has_joined and found.gone == feed.source):
            _move(connection, feed, polled.moved_to, at)
    return joined


def _joinings(connection: sqlite3.Connection, moved: Sequence[Polled]) -> dict[int, joining.Joining]:
    """What is to be done for those feeds that are ready to join another, onto whose URL they moved."""
    found: dict[int, joining.Joining] = {}
    for polled in moved:
        if len(found) == JOINED_AT_ONCE:
            break
        feed, other = polled.claim.feed, _known_by(connection, polled.moved_to)
        is_even = other not in {0, feed.source.id} and not (polled.renewed or polled.failed)
        if is_even and (one := joining.find(connection, feed, _feed(connection, other))):
            found[feed.source.id] = one
    return found


def _move(connection: sqlite3.Connection, feed: Feed, url: str, now: int) -> None:
    """Fetch the feed at this URL from now on. If it is another feed's, that is polled soon: then they can be joined.

    What was removed is no feed: its URLs are this one's.
    """
    known = _known_by(connection, url)
    if known and _may_take_over(connection, feed, known):
        connection.execute("UPDATE feed_address SET source_id = ? WHERE source_id = ?", (feed.source.id, known))
        connection.execute("DELETE FROM feed WHERE source_id = ?", (known,))
        known = feed.source.id
    if known in {0, feed.source.id}:
        connection.execute("INSERT OR IGNORE INTO feed_address (url, source_id) VALUES (?, ?)", (url, feed.source.id))
        connection.execute("UPDATE feed SET url = ? WHERE source_id = ?", (url, feed.source.id))
        return
    connection.execute(
        # While it is claimed, nothing is due, but may be asked for.
        "UPDATE feed SET due_at = min(coalesce(due_at, ?1), ?1) WHERE source_id = ?2"
        " AND (due_at IS NOT NULL OR lease_until IS NOT NULL) AND coalesce(answered, 0) <= coalesce(?3, 0)",
        (now, known, stamped(feed.answered)),
    )


def _value(row: Sequence[Any]) -> Feed:
    url, added, bot, chat, thread, topics, full_text, etag, modified, interval, due = row[5:16]
    answered, renewed, failures, failing_since, error, told, paused, ended = row[16:24]
    hub, hub_topic, hub_secret, hub_until, wishes, idle_since = row[24:30]
    # By their places, as Feed has them: there may be very many of them at a time.
    return Feed(
        sources.source(*row[:5]),
        url,
        moment(added),
        Place(bot, chat, thread) if chat else None,
        tuple(json.loads(topics)) if topics != _NO_TOPICS else (),
        bool(full_text),
        etag,
        modified,
        interval * MICROSECOND,
        dated(due),
        dated(answered),
        dated(renewed),
        failures,
        dated(failing_since),
        error,
        bool(told),
        bool(paused),
        ended,
        hub,
        hub_topic,
        hub_secret,
        dated(hub_until),
        wishes,
        dated(idle_since),
    )
