"""Log lines: for people, or a JSON object each. What a call passes as `extra` is shown behind its words."""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any, Literal

# What every record has; whatever else it has was passed as `extra`.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
HIDDEN = "<hidden>"
# What would end a line, steer a terminal or turn the direction of text.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class LineFormatter(logging.Formatter):
    """One event a line, without the bot's token and other secrets, wherever they may have come from."""

    def __init__(self, form: Literal["text", "json"], *secrets: str) -> None:
        super().__init__()
        self._form = form
        self._secrets = tuple(filter(None, secrets))

    def format(self, record: logging.LogRecord) -> str:
        line = self._json(record) if self._form == "json" else self._text(record)
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        return line

    def _text(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%d %H:%M:%S")
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items())
        # Outside text must not look like a line of ours: none begins like one but the first.
        line = _escaped(f"{time} {record.levelname.lower():7} {record.getMessage()}{fields}")
        trace = "".join(f"\n  {_escaped(part)}" for part in self._trace(record).split("\n"))
        return line + trace if record.exc_info else line

    def _json(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["error"] = self._trace(record)
        return json.dumps(line, ensure_ascii=False, default=str)

    def _trace(self, record: logging.LogRecord) -> str:
        return self.formatException(record.exc_info) if record.exc_info else ""


def set_up_logs(form: Literal["text", "json"], level: str, *secrets: str) -> None:
    """Send this process's log to standard error. `secrets` are never shown."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(form, *secrets))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for chatty in ("telegram", "aiosqlite", "asyncio", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # It logs whole tracebacks of what it raises as well.
    logging.getLogger("telegram.request").setLevel(logging.CRITICAL)
    # Likewise of whatever somebody sends to our server that is no request; faults of our own are said by us.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)


def _escaped(text: str) -> str:
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}
