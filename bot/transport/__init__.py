"""Telegram's side of a message: when it may go, how it goes, and what the answer means."""
