"""Moving a chat with all it has, in one transaction: a group became a supergroup, or proved to be a chat we know."""

import sqlite3
from typing import Any


def move(connection: sqlite3.Connection, bot: int, chat: int, to: int, now: int) -> None:
    """Give every mailbox of the chat to the chat `to`. See the port `Mailboxes.move`."""
    if chat == to:
        return
    mailboxes = connection.execute(
        "SELECT id, thread, cadence FROM mailbox WHERE bot = ? AND chat = ? AND moved_to IS NULL", (bot, chat)
    ).fetchall()
    for mailbox, thread, cadence in mailboxes:
        target = connection.execute(
            "SELECT id FROM mailbox WHERE bot = ? AND chat = ? AND thread = ? AND cadence = ? AND moved_to IS NULL",
            (bot, to, thread, cadence),
        ).fetchone()
        _take_back(connection, mailbox, now)
        if target:
            _take_back(connection, target[0], now)
            _merge(connection, mailbox, target[0])
        else:
            connection.execute(
                "UPDATE mailbox SET chat = ?, failures = 0, opens_at = NULL,"
                " paused = EXISTS (SELECT 1 FROM chat WHERE bot = ? AND id = ? AND paused != '') WHERE id = ?",
                (to, bot, to, mailbox),
            )
        make_due(connection, target[0] if target else mailbox, now)
    connection.execute(
        "INSERT OR IGNORE INTO chat (bot, id) SELECT bot, ? FROM chat WHERE bot = ? AND id = ?", (to, bot, chat)
    )
    connection.execute("DELETE FROM chat WHERE bot = ? AND id = ?", (bot, chat))


def _take_back(connection: sqlite3.Connection, mailbox: int, now: int) -> None:
    """End the mailbox's claim.

    What it may have in flight is waited for: its subscriptions are held until the lease's end.
    """
    lease, token = connection.execute("SELECT lease_until, token FROM mailbox WHERE id = ?", (mailbox,)).fetchone()
    connection.execute("UPDATE mailbox SET lease_until = NULL, token = NULL WHERE id = ?", (mailbox,))
    if token is None or lease <= now:
        return
    for id_, until, for_ in _holds(connection, mailbox):
        _hold(connection, id_, _both((until, for_), (lease, token)))


def _merge(connection: sqlite3.Connection, mailbox: int, target: int) -> None:
    """Hand all of the mailbox's to the target; the mailbox stays as a sign for what is still in flight."""
    twins = connection.execute(
        "SELECT old.id, old.cursor, old.held_until, old.held_for, twin.id, twin.held_until, twin.held_for"
        " FROM subscription AS old JOIN subscription AS twin ON twin.query_id = old.query_id"
        " WHERE old.mailbox_id = ? AND twin.mailbox_id = ?",
        (mailbox, target),
    ).fetchall()
    for old, cursor, old_until, old_for, twin, twin_until, twin_for in twins:
        connection.execute("UPDATE subscription SET cursor = min(cursor, ?) WHERE id = ?", (cursor, twin))
        _hold(connection, twin, _both((old_until, old_for), (twin_until, twin_for)))
        connection.execute("DELETE FROM subscription WHERE id = ?", (old,))
    connection.execute("UPDATE subscription SET mailbox_id = ? WHERE mailbox_id = ?", (target, mailbox))
    connection.execute("UPDATE delivery SET mailbox_id = ? WHERE mailbox_id = ?", (target, mailbox))
    connection.execute("UPDATE mailbox SET moved_to = ?, due_at = NULL WHERE id = ?", (target, mailbox))


Hold = tuple[int | None, str | None]
"""Until when, and for which claim: when that settles, the hold ends early."""


def _both(first: Hold, second: Hold) -> Hold:
    """A hold that outlasts two: no settling ends it early, since the other message may still be in flight."""
    if first[0] is None:
        return second
    if second[0] is None or first == second:
        return first
    return max(first[0], second[0]), None


def _holds(connection: sqlite3.Connection, mailbox: int) -> list[Any]:
    return connection.execute(
        "SELECT id, held_until, held_for FROM subscription WHERE mailbox_id = ?", (mailbox,)
    ).fetchall()


def _hold(connection: sqlite3.Connection, subscription: int, hold: Hold) -> None:
    connection.execute("UPDATE subscription SET held_until = ?, held_for = ? WHERE id = ?", (*hold, subscription))


def make_due(connection: sqlite3.Connection, mailbox: int, now: int) -> bool:
    """Set `due_at` to when the mailbox may next be claimed if anything is owed, and to nothing if not.

    Returns whether anything is. To be called with the mailbox's row locked: a match that commits between the two looks
    would be slept over.
    """
    row = connection.execute(
        "SELECT min(max(?, coalesce(held_until, 0))) FROM subscription WHERE mailbox_id = ? AND EXISTS ("
        " SELECT 1 FROM match WHERE match.query_id = subscription.query_id AND match.position > subscription.cursor"
        " AND match.position <= (SELECT head FROM progress))",
        (now, mailbox),
    ).fetchone()
    connection.execute(
        "UPDATE mailbox SET due_at = max(?, coalesce(opens_at, 0)) WHERE id = ? AND NOT paused", (row[0], mailbox)
    )
    return row[0] is not None
