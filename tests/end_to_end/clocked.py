"""`newscrier run` on a machine whose clock is set while it runs."""

import sys
from datetime import datetime, timedelta
from pathlib import Path

from bot.cli import _introduce
from bot.clock import machine_time
from bot.logs import set_up_logs
from bot.service import serve
from bot.settings import read_settings
from bot.signals import run_until_told


def main() -> None:
    """Run the bot by a clock that is as many seconds ahead of the real one as the file in its words says."""
    ahead = Path(sys.argv[1])

    def wall() -> datetime:
        return machine_time() + timedelta(seconds=float(ahead.read_text()))

    set_up_logs("text", "info", "")
    run_until_told(lambda stopping: serve(read_settings(), stopping, _introduce, wall))
