"""A bot of python-telegram-bot and nothing else, for comparison: `python bare_application.py API_URL TOKEN`."""

import asyncio
import sys

from telegram import Update
from telegram.ext import ApplicationBuilder, CommandHandler, ContextTypes


async def answer(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    await update.effective_message.reply_text("Hello")


async def main(url: str, token: str) -> None:
    application = ApplicationBuilder().token(token).base_url(f"{url}/bot").job_queue(None).build()
    application.add_handler(CommandHandler("start", answer))
    async with application:
        await application.start()
        await application.updater.start_polling()
        print("running", file=sys.stderr, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
