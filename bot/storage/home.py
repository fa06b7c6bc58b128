"""What a home holds beside the database and residents' files, and cannot be made again.

Left out are the exports, which come out of the database, files that still wait for a worker's
word, what was encoded halfway, locks, and settings with their secrets.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from index.errors import MissingIndexError, RetrievalError
from index.snapshot import CURRENT, SNAPSHOT_NAME, Snapshot, current_name
from knowledge.directory import COMMUNITY_FILE
from knowledge.resources import RESOURCES_FILE

COMMUNITIES_FILE = "communities.yml"
ANSWERS_FILE = "answers.jsonl"
CATEGORIES_FOLDER = "categories"
DOCUMENTS_FOLDER = "documents"
INDEX_FOLDER = "index"
INDEX_SWITCH = f"{INDEX_FOLDER}/{CURRENT}"
_FILES = (COMMUNITIES_FILE, COMMUNITY_FILE, RESOURCES_FILE, ANSWERS_FILE)
_FOLDERS = (CATEGORIES_FOLDER, DOCUMENTS_FOLDER)
_log = logging.getLogger(__name__)


@contextmanager
def kept_files(home: Path) -> Iterator[dict[str, Path]]:
    """The files by their names relative to `home`, the switch of the index last.

    The index in use stays where it is until the end, also when another takes its place. One that
    is damaged is kept as it is: the next change of the index mends it.
    """
    found = {name: home / name for name in _FILES if (home / name).is_file()}
    for folder in _FOLDERS:
        found |= _below(home, home / folder)
    try:
        snapshot = Snapshot.open_current(home / INDEX_FOLDER)
    except MissingIndexError:
        yield found  # nothing was added: the shipped documents come with the program
        return
    except RetrievalError as error:
        _log.warning("the index is kept as it is: %s", error)
        yield found | _index_as_it_is(home)
        return
    try:
        switch = {INDEX_SWITCH: home / INDEX_SWITCH}
        yield found | _below(home, snapshot.path) | switch
    finally:
        snapshot.close()


def is_kept(name: str) -> bool:
    """Whether a name in an archive is that of a file that `kept_files` would give."""
    parts = PurePosixPath(name).parts
    if name != "/".join(parts) or {"..", "."} & set(parts) or "\0" in name:
        return False
    if len(parts) == 1:
        return name in _FILES
    if parts[:1] == (INDEX_FOLDER,):
        return name == INDEX_SWITCH or (len(parts) > 2 and bool(SNAPSHOT_NAME.fullmatch(parts[1])))
    return parts[:1] in {(folder,) for folder in _FOLDERS}


def _index_as_it_is(home: Path) -> dict[str, Path]:
    try:
        folder = home / INDEX_FOLDER / current_name(home / INDEX_FOLDER)
    except RetrievalError:
        return {}  # nobody can say which folder is in use
    return _below(home, folder) | {INDEX_SWITCH: home / INDEX_SWITCH}


def _below(home: Path, folder: Path) -> dict[str, Path]:
    return {
        path.relative_to(home).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
