"""Moving, each in one transaction: a chat with all it has, a subscription to the mailbox of another cadence.

A chat moves when a group became a supergroup, or proved to be a chat we know.
"""

import sqlite3
from datetime import timedelta

from storage.sqlite import joining, settings, urgent
from storage.sqlite.connection import MICROSECOND
from storage.sqlite.holds import hand_over, hold_too, make_due, take_back
from storage.sqlite.log import head

PATIENCE = timedelta(days=30) // MICROSECOND  # for so long a paused chat is owed what comes


def move(connection: sqlite3.Connection, bot: int, chat: int, to: int, now: int) -> None:
    """Give every mailbox of the chat to the chat `to`. See the port `Mailboxes.move`."""
    if chat == to:
        return
    let_go_of_old_backlog(connection, bot, chat, now)
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
            urgent.forget_slot(connection, target[0])
        else:
            _go(connection, mailbox, bot, to)
        make_due(connection, target[0] if target else mailbox, now)
    _take_settings_along(connection, bot, chat, to, now)
    connection.execute("UPDATE feed SET chat = ? WHERE bot = ? AND chat = ? AND chat != 0", (to, bot, chat))
    if mailboxes:
        # What has come is not to be let go for what was there before.
        connection.execute(
            "UPDATE chat SET paused_at = ? WHERE bot = ? AND id = ? AND paused_at IS NOT NULL", (now, bot, to)
        )
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


def let_go_of_old_backlog(connection: sqlite3.Connection, bot: int, chat: int, now: int) -> None:
    """Let a chat that has been paused for long begin anew: nothing that was announced until now is owed any more."""
    connection.execute(
        "UPDATE subscription SET cursor = max(cursor, ?) WHERE mailbox_id IN"
        " (SELECT mailbox.id FROM chat JOIN mailbox ON mailbox.bot = chat.bot AND mailbox.chat = chat.id"
        " WHERE chat.bot = ? AND chat.id = ? AND chat.paused != '' AND chat.paused_at < ? AND moved_to IS NULL)",
        (head(connection), bot, chat, now - PATIENCE),
    )


def _take_settings_along(connection: sqlite3.Connection, bot: int, chat: int, to: int, now: int) -> None:
    """Let the chat `to` keep what the old one chose, unless it is known and has chosen itself."""
    chosen = settings.of_chats(connection, bot, [chat, to])
    old = chosen.get(chat, settings.DEFAULT)
    if old != settings.DEFAULT and chosen.get(to, settings.DEFAULT) == settings.DEFAULT:
        settings.put(connection, bot, to, old, now)


def change_mailbox(connection: sqlite3.Connection, subscription: int, mailbox: int, target: int, now: int) -> int:
    """Give the subscription to another mailbox of its place. See the port `Subscriptions.change_cadence`.

    Returns the id of the subscription that is left: the target's own, if that follows the same and is behind.
    """
    take_back(connection, mailbox)
    take_back(connection, target)
    hold_too(connection, mailbox, target)
    twin = connection.execute(
        "SELECT twin.id, twin.cursor, twin.cursor <= moved.cursor FROM subscription AS moved"
        " JOIN subscription AS twin ON twin.query_id = moved.query_id WHERE moved.id = ? AND twin.mailbox_id = ?",
        (subscription, target),
    ).fetchone()
    left, through = subscription, head(connection)
    if twin:
        other, cursor, is_behind = twin
        # Beyond the target's own cursor it is owed what it follows itself, whatever the other mailbox is given.
        left, through = (other, 0) if is_behind else (subscription, cursor)
        gone = subscription if is_behind else other
        connection.execute("DELETE FROM subscription WHERE id = ?", (gone,))
        joining.follow_on_as(connection, gone, left)
    if left == subscription:
        connection.execute("UPDATE subscription SET mailbox_id = ? WHERE id = ?", (target, subscription))
        connection.execute(
            "INSERT INTO former (subscription_id, mailbox_id, through) VALUES (?, ?, ?)"
            " ON CONFLICT (subscription_id, mailbox_id) DO UPDATE SET through = max(through, excluded.through)",
            (subscription, mailbox, through),
        )
        # What the target was given counts anyway.
        connection.execute("DELETE FROM former WHERE subscription_id = ? AND mailbox_id = ?", (subscription, target))
    urgent.forget_slot(connection, target)
    make_due(connection, mailbox, now)
    make_due(connection, target, now)
    return left


def _go(connection: sqlite3.Connection, mailbox: int, bot: int, to: int) -> None:
    """Let the mailbox be the other chat's. Whether its place is shut is known there, if another cadence of it is."""
    connection.execute(
        "UPDATE mailbox SET chat = :to, failures = 0, opens_at = NULL, slot_at = NULL,"
        " shut = coalesce((SELECT known.shut FROM mailbox AS known WHERE known.bot = :bot AND known.chat = :to"
        " AND known.thread = mailbox.thread AND known.moved_to IS NULL), shut) WHERE id = :mailbox",
        {"to": to, "bot": bot, "mailbox": mailbox},
    )
    connection.execute(
        "UPDATE mailbox SET paused = shut != ''"
        " OR EXISTS (SELECT 1 FROM chat WHERE bot = ? AND id = ? AND paused != '') WHERE id = ?",
        (bot, to, mailbox),
    )


def _merge(connection: sqlite3.Connection, mailbox: int, target: int) -> None:
    """Hand all of the mailbox's to the target; the mailbox stays, for what is still in flight and what it was given."""
    # Of two that follow the same query the one with the lower cursor stays, with its id: what is in flight from the
    # other began beyond that cursor, and must not raise it when it settles.
    twins = connection.execute(
        "SELECT old.id, twin.id, old.cursor < twin.cursor"
        " FROM subscription AS old JOIN subscription AS twin ON twin.query_id = old.query_id"
        " WHERE old.mailbox_id = ? AND twin.mailbox_id = ?",
        (mailbox, target),
    ).fetchall()
    for own, twin, is_behind in twins:
        left, gone = (own, twin) if is_behind else (twin, own)
        connection.execute("DELETE FROM subscription WHERE id = ?", (gone,))
        joining.follow_on_as(connection, gone, left)
    connection.execute("UPDATE subscription SET mailbox_id = ? WHERE mailbox_id = ?", (target, mailbox))
    # What counted as given because it was the one mailbox's is the other's now.
    connection.execute(
        "INSERT INTO former (subscription_id, mailbox_id, through)"
        " SELECT subscription_id, ?, through FROM former WHERE mailbox_id = ?"
        " ON CONFLICT (subscription_id, mailbox_id) DO UPDATE SET through = max(through, excluded.through)",
        (target, mailbox),
    )
    connection.execute("DELETE FROM former WHERE mailbox_id = ?", (mailbox,))
    hand_over(connection, mailbox, target)
    connection.execute("UPDATE mailbox SET moved_to = ?, due_at = NULL WHERE id = ?", (target, mailbox))
    # Deliveries may be very many and stay as they are: those of all that are merged into the target count as its own.
    connection.execute("UPDATE mailbox SET moved_to = ? WHERE moved_to = ?", (target, mailbox))
