"""What an operator types.

Exit codes: 0 done; 1 something was refused, or found to be wrong; 2 wrong words or settings; 3 the token; 4 a database
that is none of ours; 5 another instance; 6 the database cannot be used now; 130 Ctrl-C (of a bot: the second; likewise
143, SIGTERM).
"""

from bot.ending import end_at_once, quiet
from bot.loading import loading

# What is imported takes a while, in which somebody may press Ctrl-C.
with quiet(), loading():
    import asyncio
    import logging
    import signal
    import sys
    from typing import TYPE_CHECKING

    from bot.cli.base import Exit, fail, guarded, settings_or_exit
    from bot.logs import set_up_logs
    from bot.signals import run_until_told

if TYPE_CHECKING:
    from bot.house import Me
    from bot.settings import Settings
    from storage import Store

log = logging.getLogger(__name__)


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGINT, end_at_once)
    # What takes words apart is a quarter of the start, and here there is nothing to take apart.
    if sys.argv[1:] == ["run"]:
        run()
        return
    with quiet(), loading():
        from bot.cli.typed import app  # noqa: PLC0415  as above
    app()


def run() -> None:
    """Run the bot. Settings come from the environment and .env: NEWSCRIER_TOKEN is the one it cannot do without."""
    settings = settings_or_exit()
    if not settings.token.get_secret_value():
        fail(Exit.USAGE, "NEWSCRIER_TOKEN is not set: put the line that @BotFather gave you there, or into .env")
    set_up_logs(settings.log_format, settings.log_level, *settings.secrets)
    guarded(lambda: run_until_told(lambda stopping: _serve(settings, stopping)))


async def _serve(settings: "Settings", stopping: asyncio.Event) -> None:
    with loading():
        from bot.service import serve  # noqa: PLC0415  the telegram library takes a while to import

    await serve(settings, stopping, _introduce)


async def _introduce(me: "Me", _store: "Store") -> None:
    log.info("running", extra={"bot": f"@{me.username}", "link": f"https://t.me/{me.username}"})
    if not me.joins_groups:
        log.warning("groups cannot add this bot; in @BotFather: /setjoingroups, @%s, Enable", me.username)
    if me.reads_groups:
        log.warning(
            "this bot is sent everything that is said in groups, and needs commands alone; in @BotFather: "
            "/setprivacy, @%s, Enable",
            me.username,
        )
