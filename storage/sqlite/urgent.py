"""Urgent news on SQLite: it does not wait for the slots of chats that have agreed to that (`ChatSettings.urgent`).

A slot is what the schedule said before the news was known: it is forgotten, and the schedule asked anew.
"""

import json
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

LOOKED_AT = 200  # the newest: each costs a look-up for each subscription, and what waits longer comes with the rest


class Followers(NamedTuple):
    """Mailboxes that follow a query: those beyond one, up to the last, and how many they are."""

    query: int
    after: int
    last: int
    number: int


IN_SPANS = (
    "SELECT mailbox_id FROM json_each(:spans) AS span JOIN subscription"
    " ON query_id = json_extract(span.value, '$[0]') AND mailbox_id > json_extract(span.value, '$[1]')"
    " AND mailbox_id <= json_extract(span.value, '$[2]')"
)
"""The mailboxes of a JSON list of Followers."""

AGREED = "EXISTS (SELECT 1 FROM chat WHERE chat.bot = mailbox.bot AND chat.id = mailbox.chat AND chat.urgent)"


def newest(connection: sqlite3.Connection, after: int, through: int) -> list[int]:
    """The positions between these at which something urgent was announced, in order; the newest of them."""
    rows = connection.execute(
        "SELECT position FROM log WHERE urgent AND position > ? AND position <= ? ORDER BY position DESC LIMIT ?",
        (after, through, LOOKED_AT),
    )
    return sorted(position for (position,) in rows)


def matched(connection: sqlite3.Connection, query: int, positions: Sequence[int], after: int = 0) -> list[int]:
    """Those of the positions beyond `after` at which the query has a match, in order."""
    rows = connection.execute(
        "SELECT position FROM match WHERE query_id = ? AND position > ?"
        " AND position IN (SELECT value FROM json_each(?)) ORDER BY position",
        (query, after, json.dumps(positions)),
    )
    return [position for (position,) in rows]


def wanting(connection: sqlite3.Connection, positions: Sequence[int], queries: Sequence[int]) -> frozenset[int]:
    """Those of the queries, which are in order, that have a match at one of the positions."""
    if not (positions and queries):
        return frozenset()
    rows = connection.execute(
        "SELECT query_id FROM match WHERE position IN (SELECT value FROM json_each(?)) AND query_id BETWEEN ? AND ?",
        (json.dumps(positions), queries[0], queries[-1]),
    )
    return frozenset(query for (query,) in rows)


def let_through(connection: sqlite3.Connection, followers: Sequence[Followers]) -> None:
    """Forget the slots of those of them who have agreed.

    Paused ones, too: it is asked when they are resumed. Who has one claimed may have read what it is owed before.
    """
    if not followers:
        return
    connection.execute(
        "UPDATE mailbox SET slot_at = NULL, rescheduled = token IS NOT NULL, urgent = cadence != 'instant'"
        f" WHERE id IN ({IN_SPANS})"
        # Of very many, most push at once anyway: their chats need no look.
        f" AND (cadence != 'instant' OR slot_at IS NOT NULL OR token IS NOT NULL) AND {AGREED}",
        {"spans": json.dumps(followers)},
    )


def forget_slot(connection: sqlite3.Connection, mailbox: int) -> None:
    """Forget the slot of a mailbox that is given something which may be urgent, if its chat has agreed."""
    connection.execute(f"UPDATE mailbox SET slot_at = NULL WHERE id = ? AND {AGREED}", (mailbox,))
