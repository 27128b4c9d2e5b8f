"""Run a command and say what it took: `python child.py REPORT COMMAND...` writes JSON to the file REPORT.

    {"status": 0, "wall": seconds, "cpu": seconds, "peak": megabytes}

A process's own peak counts what its parent held when it was started. So this small process stands between.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    report, *command = sys.argv[1:]
    started = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    figures = {
        "status": os.waitstatus_to_exitcode(status),
        "wall": time.perf_counter() - started,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss / 1024,
    }
    Path(report).write_text(json.dumps(figures), "ascii")


if __name__ == "__main__":
    main()
