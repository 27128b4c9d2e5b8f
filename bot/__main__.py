"""`python -m bot` is `newscrier`."""

from bot.cli import main

if __name__ == "__main__":
    main()
