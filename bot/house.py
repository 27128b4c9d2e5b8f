"""What there is for as long as the process runs, handed down by `service`."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from bot.clock import Clock
from bot.intake.space import Space
from bot.metrics import Metrics
from bot.push.giving import Clocks
from bot.settings import Settings
from bot.transport.outgoing import Capabilities
from bot.waiting import UnderWay
from storage import Store

Beside = Callable[["Me", Store], Coroutine[Any, Any, None]]
"""What runs beside the bot: begun when it answers, cancelled at the latest before the store closes."""


@dataclass(frozen=True, slots=True)
class Me:
    """The bot's own account, as Telegram knows it (Bot API, getMe)."""

    username: str
    """Without @."""
    joins_groups: bool
    reads_groups: bool
    """Privacy mode is off: it is sent everything that is said in its groups."""


@dataclass(frozen=True, slots=True)
class House:
    """What there is for as long as the process runs."""

    settings: Settings
    store: Store
    clock: Clock
    clocks: Clocks
    beside: Beside
    space: Space
    metrics: Metrics
    capabilities: Capabilities = field(default_factory=Capabilities)
    unsettled: UnderWay = field(default_factory=UnderWay)
    """Deliveries that are begun and not written down, by the keys that open what they count."""
