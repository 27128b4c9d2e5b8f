"""What is written for newcomers and operators says what the code does."""

import re
from pathlib import Path

import pytest

from bot.cli.base import Exit
from bot.cli.sources import app as sources
from bot.cli.typed import app
from bot.commands.table import COMMANDS
from bot.intake.documents.files import SUFFIXES
from bot.service import ANSWER_SECONDS, CALL_SECONDS, SETTLE_SECONDS
from bot.settings import PREFIX, Settings, read_settings
from bot.tenure import RELEASE_SECONDS
from bot.transport.polling import CONFIRM_SECONDS
from storage import Question
from storage.sqlite.connection import BUSY_WHEN_CLOSING

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLE = ROOT / "deploy" / "env.example"
SERVICE = (ROOT / "deploy" / "newscrier.service").read_text("utf-8")
VENV = "python3 -m venv .venv && .venv/bin/pip install -q -c deploy/constraints.txt -e"
DEMO, TESTS = f"{VENV} . && .venv/bin/newscrier demo", f"{VENV} '.[test]' && .venv/bin/pytest"


def settings():
    """Each setting and its default, as they are written in a file."""
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    written = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in defaults.items()}
    return {f"{PREFIX}{name.upper()}": "" if name == "token" else value for name, value in written.items()}


def section(heading):
    return README.split(f"\n## {heading}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("command", [DEMO, TESTS])
def test_a_command_is_there_word_for_word(command):
    assert f"```sh\n{command}\n```" in README


def test_ci_runs_the_test_command_of_the_readme():
    assert [line for line in README.splitlines() if ".venv/bin/pytest" in line][0] == TESTS  # noqa: RUF015  as grep -m1 does
    assert "grep -m1 '\\.venv/bin/pytest' README.md" in (ROOT / ".ci" / "run").read_text("utf-8")


@pytest.mark.parametrize("name", [name for one in COMMANDS for name in (one.usage.strip("/"), *one.aliases)])
def test_what_a_chat_can_say_is_listed(name):
    assert f"`/{name}`" in section("What a chat can say")


@pytest.mark.parametrize("name", [command.name or command.callback.__name__ for command in app.registered_commands])
def test_what_an_operator_can_type_is_there(name):
    assert f"newscrier {name}" in README


@pytest.mark.parametrize("name", [command.name or command.callback.__name__ for command in sources.registered_commands])
def test_what_an_operator_can_do_with_sources_is_there(name):
    assert re.search(rf"sources (\w+\|)*{name}\b", section("Fill the store"))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_each_kind_of_file_is_listed(suffix):
    assert f"`{suffix}`" in section("Fill the store")


def test_every_query_shown_is_one():
    rows = re.findall(r"^\| (`.*`) \| .* \|$", section("What a chat can say"), re.MULTILINE)
    shown = [query for row in rows for query in re.findall(r"`([^`]+)`", row) if not query.startswith("/")]
    assert len(shown) > 10
    for query in shown:
        Question.parse(f"* {query}" if query.startswith("-") else query)  # what is left out is left out of something


def test_the_example_lists_each_setting_with_its_default():
    lines = EXAMPLE.read_text("utf-8").splitlines()
    listed = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert listed == settings()


def test_the_example_explains_each_setting():
    paragraphs = EXAMPLE.read_text("utf-8").strip().split("\n\n")[1:]
    assert [paragraph for paragraph in paragraphs if not re.fullmatch(r"(# .+\n)+NEWSCRIER_\w+=.*", paragraph)] == []


def test_the_example_changes_nothing(monkeypatch):
    for name in settings():
        monkeypatch.delenv(name, raising=False)
    assert read_settings(_env_file=EXAMPLE) == read_settings(_env_file=None)


@pytest.mark.parametrize(("name", "default"), settings().items())
def test_the_readme_lists_each_setting_with_its_default(name, default):
    assert f"| `{name}` | `{default}` |" in README or (not default and f"| `{name}` | |" in README)


def test_botfather_takes_five_steps():
    steps = re.findall(r"^(\d)\. (.+)$", section("Run it on Telegram"), re.MULTILINE)
    assert [number for number, _ in steps] == list("12345")
    for word, (_, step) in zip(
        ("@BotFather", "username", "NEWSCRIER_TOKEN", "/setprivacy", "newscrier run"), steps, strict=True
    ):
        assert word in step


def test_the_service_is_not_restarted_when_somebody_must_mend_it():
    mended = (Exit.USAGE, Exit.TOKEN, Exit.DATABASE, Exit.OTHER_INSTANCE)
    assert f"RestartPreventExitStatus={' '.join(str(int(code)) for code in mended)}\n" in SERVICE
    for code in mended:
        assert f" {int(code)} when" in section("Run it on Telegram")
    assert f"With {int(Exit.UNAVAILABLE)} the" in section("Run it on Telegram")


def test_the_service_has_the_time_that_a_stop_may_take():
    [given] = re.findall(r"^TimeoutStopSec=(\d+)$", SERVICE, re.MULTILINE)
    leases = 3 * RELEASE_SECONDS  # the loops', one beside the other, the indexer's and the instance's
    closing = 2 * BUSY_WHEN_CLOSING.total_seconds()
    assert ANSWER_SECONDS + CALL_SECONDS + SETTLE_SECONDS + leases + closing < 10 < int(given)
    assert CONFIRM_SECONDS < SETTLE_SECONDS


def test_files_that_are_linked_are_there():
    links = re.findall(r"""(?:\]\(|src=")([^)"#:]+)[)"]""", README)
    assert ".github/pictures/phone.png" in links
    assert [link for link in links if not (ROOT / link).exists()] == []
