"""`python -m bot.commands` is `linli`."""

from bot.commands import main

main()
