"""The bot's own account, looked up once, without changing anything."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot.transport.request import AiohttpRequest


@dataclass(frozen=True, slots=True)
class Account:
    """What Telegram says of a bot."""

    id: int
    username: str
    """Without @."""
    webhook: str
    """The host that takes its updates; empty: whoever asks for them."""


def shown(address: str) -> str:
    """An address as far as it can be shown: before and behind its host may be a password, or a secret path."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


async def look_up(token: str, api_url: str) -> Account | str:
    """The account; or, in words for the operator that do not hold the token, why there is none."""
    requests = (AiohttpRequest(connections=1), AiohttpRequest(connections=1))
    bot = Bot(token, base_url=f"{api_url}/bot", request=requests[0], get_updates_request=requests[1])
    try:
        async with bot:
            hook = await bot.get_webhook_info()
            # An address may hold a password, or a secret path.
            return Account(bot.id, bot.username, urlsplit(hook.url).hostname or "")
    except InvalidToken:
        return "Telegram does not know this token: NEWSCRIER_TOKEN"
    except TelegramError as error:
        return f"{shown(api_url)} does not answer: {error.message.replace(token, '<token>')}"
