"""Log lines: one event a line, whatever outside text is in it, and never the token."""

import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import HIDDEN, LineFormatter

TOKEN = "1:secret"


def formatted(form, message, error=None, **extra):
    record = logging.makeLogRecord(
        {"name": "bot", "msg": message, "levelname": "INFO", "levelno": logging.INFO, "created": 0, **extra}
    )
    if error:
        try:
            raise error
        except type(error):
            record.exc_info = sys.exc_info()
    return LineFormatter(form, TOKEN).format(record)


def test_a_text_line():
    assert formatted("text", "sent", chat=5, to="Նարե") == "1970-01-01 00:00:00 info    sent chat=5 to=Նարե"


def test_a_json_line():
    assert json.loads(formatted("json", "sent", chat=5)) == {
        "time": "1970-01-01T00:00:00+00:00",
        "level": "info",
        "logger": "bot",
        "event": "sent",
        "chat": 5,
    }


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        ("\n", r"\n"),
        ("\r", r"\r"),
        ("\t", r"\t"),
        ("\x1b", r"\x1b"),
        ("\x00", r"\x00"),
        ("\x7f", r"\x7f"),
        ("\x85", r"\x85"),
        ("\x9b", r"\x9b"),
        ("\u2028", r"\u2028"),
        ("\u202e", r"\u202e"),
        ("\u2066", r"\u2066"),
    ],
)
def test_a_control_character_is_escaped_wherever_it_stands(character, shown):
    assert formatted("text", f"a{character}b", said=f"c{character}d").endswith(f"a{shown}b said=c{shown}d")
    assert character not in formatted("text", "failed", ValueError(f"a{character}b")).replace("\n", "")


@given(st.text(), st.text())
def test_whatever_is_logged_is_one_line(message, value):
    line = formatted("text", message, value=value)
    assert len(line.splitlines()) == 1


def test_an_error_that_looks_like_a_line_of_ours_is_indented():
    fake = "1970-01-01 00:00:00 info    all is well"
    first, *others = formatted("text", "failed", ValueError(f"x\n{fake}")).split("\n")
    assert first.endswith("failed")
    assert f"  {fake}" in others
    assert all(line.startswith("  ") for line in others)


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_token_is_never_shown(form):
    shown = formatted(form, f"at /bot{TOKEN}/getMe", ValueError(TOKEN), url=f"x{TOKEN}")
    assert "secret" not in shown
    assert shown.count(HIDDEN) >= 3
