"""Whoever runs the command on this machine, as the one who did something."""

import getpass

from bot.storage.records import Person, PersonKind


def operator() -> Person:
    """The login name, marked as coming from the command line."""
    name = getpass.getuser()
    return Person(PersonKind.WORKER, f"cli:{name}", name)
