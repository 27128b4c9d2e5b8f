"""What holds for all suites."""

import pytest
from hypothesis import settings

pytest_plugins = ["scheduling"]

# How long an example takes is the machine's affair: what is measured is measured by benchmarks.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests have recorded as "shown", whichever process they ran in."""
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "shown":
                terminalreporter.write_line(text)
