"""What is known: documents and services, read, repaired, split and checked."""

import os

# Only single characters are read aloud here. The dictionary of phrases, which pypinyin loads unless
# told before its import, takes 50 MB and a tenth of a second.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "1")
