"""The benchmarks still run and still do what they time. How long it takes is printed and not judged."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

KINDS = (
    *("publication to message", "POST", "feed to message"),
    *("import", "dropped file to message", "fetch", "poll", "articles.add", "/search", "a chat's turn"),
    *("overload", "fan-out", "wake", "announce", "push"),
    *("start", "idle", "feed of", "hostile feed", "hostile:", "/latest", "a reader", "the bot with"),
    *("5 times SIGKILL", "5 times SIGTERM", "faults", "disk full", "locked", "file moved", "clock"),
)


def test_quick_benchmarks(record_property: Callable[[str, object], None]) -> None:
    run = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("run.py")), "--quick"],
        capture_output=True,
        text=True,
        check=False,
    )
    record_property("shown", run.stdout)
    assert run.returncode == 0, run.stderr
    assert [kind for kind in KINDS if not any(line.startswith(kind) for line in run.stdout.splitlines())] == []
