"""When a mailbox may be claimed: what it is owed, and what it is held for.

A claim that is taken back (its chat moved, or was paused) may have a message in flight. Until that settles, or the
claim's lease ends, the mailbox is held: leased to nobody, so that nothing is given twice or out of order. A merged
mailbox may be held for several claims at once, and two mailboxes for one claim: that which a subscription went to waits
for what it came from.
"""

import sqlite3

OPENS = "max(coalesce(opens_at, 0), coalesce(slot_at, 0))"
"""When a mailbox may next be claimed, in SQL."""


def take_back(connection: sqlite3.Connection, mailbox: int) -> None:
    """End the mailbox's claim, and hold the mailbox for what the claim may have in flight.

    `make_due` is to follow once everything else is in place.
    """
    connection.execute(
        "INSERT INTO hold (token, mailbox_id, until) SELECT token, id, lease_until FROM mailbox"
        " WHERE id = ? AND token IS NOT NULL",
        (mailbox,),
    )
    connection.execute("UPDATE mailbox SET lease_until = NULL, token = NULL WHERE id = ?", (mailbox,))


def hold_too(connection: sqlite3.Connection, mailbox: int, target: int) -> None:
    """Hold the target for whatever the mailbox is held for, beside it."""
    connection.execute(
        "INSERT OR IGNORE INTO hold (token, mailbox_id, until) SELECT token, ?, until FROM hold WHERE mailbox_id = ?",
        (target, mailbox),
    )


def hand_over(connection: sqlite3.Connection, mailbox: int, target: int) -> None:
    """Hold the target for whatever the mailbox is held for, in its place."""
    hold_too(connection, mailbox, target)
    connection.execute("DELETE FROM hold WHERE mailbox_id = ?", (mailbox,))


def let_go(connection: sqlite3.Connection, token: str, now: int) -> bool:
    """End the holds for this claim, if there are any: it has settled. Whether a mailbox became due."""
    held = connection.execute("DELETE FROM hold WHERE token = ? RETURNING mailbox_id", (token,)).fetchall()
    due = [make_due(connection, mailbox, now) for (mailbox,) in held]
    return any(due)


def let_all_go(connection: sqlite3.Connection, bot: int) -> None:
    """End every hold of the bot's: whoever had something in flight is dead."""
    connection.execute("DELETE FROM hold WHERE (SELECT bot FROM mailbox WHERE id = hold.mailbox_id) = ?", (bot,))


def make_due(connection: sqlite3.Connection, mailbox: int, now: int) -> bool:
    """Set `due_at` to when the mailbox may next be claimed if anything is owed, and to nothing if not.

    Returns whether anything is. To be called with the mailbox's row locked: a match that commits between the two looks
    would be slept over.
    """
    owed = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM subscription JOIN match ON match.query_id = subscription.query_id"
        " AND match.position > subscription.cursor AND match.position <= (SELECT head FROM progress)"
        " WHERE mailbox_id = ?)",
        (mailbox,),
    ).fetchone()[0]
    connection.execute(
        f"UPDATE mailbox SET due_at = CASE WHEN ? AND NOT paused THEN max(?, {OPENS}) END,"
        " lease_until = CASE WHEN token IS NULL AND NOT paused"
        " THEN (SELECT max(until) FROM hold WHERE mailbox_id = mailbox.id AND until > ?) ELSE lease_until END"
        " WHERE id = ?",
        (owed, now, now, mailbox),
    )
    return bool(owed)
