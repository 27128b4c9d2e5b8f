"""The sandbox's table of rules is true: each kept rule has its tests by raw HTTP, each left out has a reason."""

import ast
from pathlib import Path

HERE = Path(__file__).parent
RULES = HERE.parents[1] / "bot" / "sandbox" / "RULES.md"
DECIDED = ("kept", "left out")
LIBRARY = "telegram"


def rows():
    lines = [line for line in RULES.read_text("utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if row[0] not in {"rule", "---|---|---"}]


def raw_tests():
    """The names of the tests that pytest collects here and that talk raw HTTP: no library in the file, a `world`."""
    trees = [ast.parse(file.read_text("utf-8")) for file in HERE.glob("test_sandbox_*.py")]
    return [test.name for tree in trees if LIBRARY not in imported(tree) for test in collected(tree)]


def imported(tree):
    froms = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    plain = [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    return {name.partition(".")[0] for name in [*froms, *plain]}


def collected(tree):
    functions = [node for node in tree.body if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)]
    return [
        node
        for node in functions
        if node.name.startswith("test_")
        and "world" in {argument.arg for argument in node.args.args}
        and not any("skip" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]


def test_each_rule_is_kept_by_a_test_or_left_out_for_a_reason():
    table = rows()
    assert len(table) > 50
    assert [row for row in table if len(row) != 3 or row[1] not in DECIDED] == []
    assert [rule for rule, decided, reason in table if decided == "left out" and len(reason) < 15] == []


def test_each_kept_rule_names_tests_by_raw_http():
    known = raw_tests()
    held = [(rule, name) for rule, decided, names in rows() if decided == "kept" for name in names.split(", ")]
    assert [pair for pair in held if pair[1] not in known] == []


def test_no_name_of_a_test_stands_for_two():
    names = raw_tests()
    assert sorted(names) == sorted(set(names))


def test_no_rule_is_told_twice():
    told = [row[0] for row in rows()]
    assert len(told) == len(set(told))


def test_the_table_tells_its_own_numbers():
    kept = sum(decided == "kept" for _, decided, _ in rows())
    left = len(rows()) - kept
    words = f"{kept + left} rules: {kept} kept, each with its tests; {left} left out, each with its reason.\n"
    assert words in RULES.read_text("utf-8")
