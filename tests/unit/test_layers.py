"""Arrows run one way. Reads the imports of every file of ours and holds them to the plan of the house."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path.relative_to(ROOT) for room in ("bot", "storage") for path in (ROOT / room).rglob("*.py"))

READING = {"bot.intake.parsing", "bot.intake.processes"}
# Who may import which of our rooms. The longest matching prefix decides; a room may always import itself.
OURS = {
    "bot": {"bot", "storage"},  # cli, service, settings, demo: the wiring
    "bot/settings.py": {"bot.intake.parsing.addresses"},  # what an address is, without I/O
    "bot/waiting.py": set(),
    "bot/tenure.py": {"bot.waiting", "storage"},
    "bot/metrics.py": set(),
    "bot/listening.py": {"bot.errors", "bot.waiting"},
    "bot/web.py": {"bot.intake", "storage"},
    "bot/programs.py": {"bot.intake", "bot.web"},
    "bot/schedule.py": {"storage"},
    "bot/intake": set(),
    "bot/intake/parsing": {"storage"},
    "bot/intake/processes": {"bot.intake.parsing", "bot.waiting"},
    "bot/intake/fetching": {"bot.intake.parsing"},
    "bot/intake/feeds": {*READING, "bot.intake.fetching", "bot.tenure", "bot.waiting", "storage"},
    "bot/intake/documents": {*READING, "bot.intake.feeds", "bot.intake.space", "bot.tenure", "bot.waiting", "storage"},
    "bot/intake/programs": {*READING, "bot.waiting", "storage"},
    "bot/push": {"bot.render", "bot.schedule", "bot.tenure", "bot.transport", "bot.waiting", "storage"},
    "bot/commands": {"bot.render", "bot.transport", "bot.waiting", "storage"},
    "bot/render": {"bot.schedule", "storage"},
    "bot/transport": {"bot.render", "storage"},
    "bot/sandbox": set(),
    "bot/samples": set(),
    "storage": set(),
    "storage/text": {"storage.models", "storage.errors"},
    "storage/sqlite": {"storage"},
    "storage/models.py": set(),
    "storage/errors.py": set(),
}
# Where a library of the outside may be imported.
LIBRARIES = {
    "telegram": (
        "bot/service.py",
        "bot/commands",
        "bot/transport",
        "bot/push/sender.py",
        "bot/push/giving.py",
        "bot/push/editor.py",
        "bot/push/mending.py",
    ),
    "aiosqlite": ("storage/sqlite",),
    "sqlite3": ("storage/sqlite",),
    "feedparser": ("bot/intake/parsing/xmlfeed.py",),
    "dateparser": ("bot/intake/parsing/odd_dates.py",),
    "prometheus_client": ("bot/metrics.py",),
    "aiohttp": (
        "bot/transport",
        "bot/sandbox",
        "bot/listening.py",
        "bot/web.py",
        "bot/programs.py",
        "bot/intake/fetching/fetch.py",
        "bot/intake/fetching/gate.py",
    ),
    "lxml": ("bot/intake",),
    "trafilatura": ("bot/intake/parsing/page.py",),
    "htmldate": ("bot/intake/parsing/about.py",),
    "typer": ("bot/cli.py", "bot/cli"),
    "rich": ("bot/cli.py", "bot/cli"),
}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""
        elif isinstance(node, ast.ImportFrom):
            message = f"{path}:{node.lineno}: imports of ours are written in full"
            raise AssertionError(message)


def room_of(path: Path) -> str:
    return max((room for room in OURS if path.is_relative_to(room)), key=len)


def within(module: str, rooms: set[str]) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_run_one_way(path: Path) -> None:
    room = room_of(path)
    allowed = OURS[room] | {room.removesuffix(".py").replace("/", ".")}
    ours = [module for module in imports(path) if module.split(".")[0] in {"bot", "storage", "tests"}]
    assert [module for module in ours if not within(module, allowed)] == []


@pytest.mark.parametrize("path", FILES, ids=str)
def test_libraries_stay_in_their_rooms(path: Path) -> None:
    roots = {module.split(".")[0] for module in imports(path)}
    strays = {
        library
        for library, rooms in LIBRARIES.items()
        if library in roots and not any(path.is_relative_to(room) for room in rooms)
    }
    assert strays == set()


def test_there_is_something_to_hold() -> None:
    assert FILES
