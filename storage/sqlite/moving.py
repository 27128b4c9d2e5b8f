"""Moving a chat with all it has, in one transaction: a group became a supergroup, or proved to be a chat we know."""

import sqlite3

from storage.sqlite.holds import hand_over, make_due, take_back


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
        take_back(connection, mailbox)
        if target:
            take_back(connection, target[0])
            _merge(connection, mailbox, target[0])
        else:
            connection.execute(
                "UPDATE mailbox SET chat = ?, failures = 0, opens_at = NULL,"
                " paused = shut != '' OR EXISTS (SELECT 1 FROM chat WHERE bot = ? AND id = ? AND paused != '')"
                " WHERE id = ?",
                (to, bot, to, mailbox),
            )
        make_due(connection, target[0] if target else mailbox, now)
    # What is known of the chat that is there already is newer.
    connection.execute(
        "INSERT INTO chat (bot, id, kind, title, username, set_up_by)"
        " SELECT bot, ?, kind, title, username, set_up_by FROM chat WHERE bot = ? AND id = ?"
        " ON CONFLICT (bot, id) DO UPDATE SET kind = iif(chat.kind = '', excluded.kind, chat.kind),"
        " title = iif(chat.kind = '', excluded.title, chat.title),"
        " username = iif(chat.kind = '', excluded.username, chat.username),"
        " set_up_by = iif(chat.set_up_by, chat.set_up_by, excluded.set_up_by)",
        (to, bot, chat),
    )
    connection.execute("DELETE FROM chat WHERE bot = ? AND id = ?", (bot, chat))


def _merge(connection: sqlite3.Connection, mailbox: int, target: int) -> None:
    """Hand all of the mailbox's to the target; the mailbox stays as a sign for what is still in flight."""
    # Of two that follow the same query the one with the lower cursor stays, with its id: what is in flight from the
    # other began beyond that cursor, and must not raise it when it settles.
    connection.execute(
        "DELETE FROM subscription WHERE id IN (SELECT iif(old.cursor < twin.cursor, twin.id, old.id)"
        " FROM subscription AS old JOIN subscription AS twin ON twin.query_id = old.query_id"
        " WHERE old.mailbox_id = ? AND twin.mailbox_id = ?)",
        (mailbox, target),
    )
    connection.execute("UPDATE subscription SET mailbox_id = ? WHERE mailbox_id = ?", (target, mailbox))
    connection.execute("UPDATE delivery SET mailbox_id = ? WHERE mailbox_id = ?", (target, mailbox))
    hand_over(connection, mailbox, target)
    connection.execute("UPDATE mailbox SET moved_to = ?, due_at = NULL WHERE id = ?", (target, mailbox))
