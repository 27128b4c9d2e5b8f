"""The sandbox's table of rules is true: each kept rule has its test, each left out has a reason."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
RULES = ROOT / "bot" / "sandbox" / "RULES.md"
DECIDED = ("kept", "left out")


def rows():
    lines = [line for line in RULES.read_text("utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if row[0] not in {"rule", "---|---|---"}]


def named():
    files = Path(__file__).parent.glob("test_sandbox_*.py")
    return {name for file in files for name in re.findall(r"def (test_\w+)", file.read_text("utf-8"))}


def test_each_rule_is_kept_by_a_test_or_left_out_for_a_reason():
    table = rows()
    known = named()
    assert len(table) > 50
    assert [row for row in table if len(row) != 3 or row[1] not in DECIDED] == []
    held = [(rule, name) for rule, decided, names in table if decided == "kept" for name in names.split(", ")]
    assert [pair for pair in held if pair[1] not in known] == []
    assert [rule for rule, decided, reason in table if decided == "left out" and len(reason) < 15] == []


def test_no_rule_is_told_twice():
    told = [row[0] for row in rows()]
    assert len(told) == len(set(told))
