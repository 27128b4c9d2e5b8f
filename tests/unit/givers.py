"""Who gives mailboxes what they are owed, through a Telegram of the test's own."""

from bot.push.giving import Giver
from bot.push.photos import Photos
from bot.transport.outgoing import Capabilities
from bot.waiting import UnderWay


def giver(telegram, clocks, unsettled=None):
    return Giver(telegram, Capabilities(), clocks, Photos(clocks.monotonic), unsettled or UnderWay())
