"""The shipped documents, indexed outside of any home: a build artefact that all homes share."""

import logging
from hashlib import sha256
from pathlib import Path

from index.encoder import Encoder
from index.errors import RetrievalError
from index.indexer import Indexer, Progress, no_progress, splitter_version
from index.snapshot import Snapshot
from knowledge.loaders import SHIPPED, load_shipped

_log = logging.getLogger(__name__)
_STAMP = "shipped"


def prepare_shipped(root: Path, encoder: Encoder, progress: Progress = no_progress) -> Path:
    """Bring the index of the shipped documents under `root` up to date; the folder that holds it.

    Costs one look at the files when there is nothing to do. Raises RetrievalError.
    """
    folder = root / f"index-{sha256(encoder.name.encode()).hexdigest()[:12]}"
    stamp = _stamp(encoder.name)
    if _is_prepared(folder, stamp, encoder.name):
        return folder
    documents = load_shipped()
    indexer = Indexer(folder, encoder, notice=_log.info)
    indexer.add(documents, progress)
    present = Snapshot.open_current(folder, encoder.name)
    gone = set(present.documents) - {document.id for document in documents}
    if gone:
        indexer.remove(gone)
    (folder / _STAMP).write_text(stamp, encoding="utf-8")
    return folder


def _is_prepared(folder: Path, stamp: str, encoder_name: str) -> bool:
    try:
        if (folder / _STAMP).read_text("utf-8") != stamp:
            return False
        Snapshot.open_current(folder, encoder_name).close()
    except (OSError, RetrievalError):
        return False
    return True


def _stamp(encoder_name: str) -> str:
    """Changes with the documents' files, the encoder and the splitter."""
    digest = sha256(f"{encoder_name}\0{splitter_version()}".encode())
    for path in sorted(SHIPPED.glob("*.md")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
