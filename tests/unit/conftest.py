"""What unit tests share: whatever they render is judged by Telegram's own parser."""

import pytest
from judging import judge_markup

from bot.render.message import Message
from bot.render.text import Text


@pytest.fixture(autouse=True)
def rendered(monkeypatch):
    """Judge, at the end of a test, every message that it made and every text that it wrote as HTML."""
    html, made = Text.html, Message.__init__
    seen = set()

    def written(text, *arguments, **options):
        result = html(text, *arguments, **options)
        seen.add(result)
        return result

    def noted(message, *arguments, **options):
        made(message, *arguments, **options)
        seen.update((html(message.text), html(message.text, date_times=False)))

    monkeypatch.setattr(Text, "html", written)
    monkeypatch.setattr(Message, "__init__", noted)
    yield
    judge_markup(seen)
