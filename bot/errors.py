"""Why the bot cannot run, for its operator to mend. Not in service.py: who reports them need not load all of it."""


class CannotRunError(Exception):
    """The bot cannot run, or not any longer, for a reason that its operator can mend."""


class TokenRefusedError(CannotRunError):
    """Telegram does not know the token."""


class OtherInstanceError(CannotRunError):
    """Another instance polls with the same token."""
