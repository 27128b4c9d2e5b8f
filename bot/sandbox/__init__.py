"""A Telegram on this machine: the Bot API, people to talk to a bot, and a chat page.

It runs as a process of its own, `python -m bot.sandbox`, and imports nothing else of ours.

    /bot<TOKEN>/<method>      the Bot API (`api`)
    /sandbox/<TOKEN>/...      the side of people and tests (`control`)
    /chat/<TOKEN>             the chat page
"""
