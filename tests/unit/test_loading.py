"""What a start loads, and what can wait."""

import gc
import subprocess
import sys
from contextlib import suppress

from bot.loading import loading

CAN_WAIT = (
    *(
        "bot.intake.documents.contents",
        "bot.intake.documents.folders",
        "bot.intake.documents.importing",
        "bot.intake.programs.posting",
        "bot.web",
    ),
    *("aiohttp.web", "babel", "prometheus_client", "feedparser", "lxml", "trafilatura", "dateparser"),
    *("typer", "rich", "platformdirs", "simplemma", "asyncinotify"),
)
FOR_PROGRAMS = ("bot.programs", "bot.intake.programs.posting", "bot.intake.programs.posted", "pydantic", "babel")


def test_the_bot_starts_without_what_can_wait():
    code = f"import sys, bot.cli, bot.service; print([name for name in {CAN_WAIT} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_who_lets_in_monitoring_alone_loads_nothing_for_programs():
    code = f"import sys, bot.web, bot.listening; print([name for name in {FOR_PROGRAMS} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_garbage_is_looked_for_again_whatever_loading_raises():
    with suppress(ImportError), loading():
        assert not gc.isenabled()
        raise ImportError
    assert gc.isenabled()
