"""`newscrier run` on a machine whose clock is set while it runs: `python clocked.py FILE`.

The file says by how many seconds that clock is ahead of the real one.
"""

import sys
from datetime import datetime, timedelta
from pathlib import Path

from bot.cli import _introduce
from bot.clock import machine_time
from bot.logs import set_up_logs
from bot.service import serve
from bot.settings import read_settings
from bot.signals import run_until_told


def live_by(ahead: Path) -> None:
    """Run the bot by the clock that the file sets."""

    def wall() -> datetime:
        return machine_time() + timedelta(seconds=float(ahead.read_text()))

    set_up_logs("text", "info", "")
    run_until_told(lambda stopping: serve(read_settings(), stopping, _introduce, wall))


if __name__ == "__main__":
    live_by(Path(sys.argv[1]))
