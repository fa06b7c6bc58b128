"""The Rasa engine: asks a Rasa server what a message means, and does without it when it is down."""

import json
import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray

from intents.parse import Entity, IntentClassifier, Parse

log = logging.getLogger(__name__)

FALLBACK_INTENT = "nlu_fallback"
"""What Rasa's FallbackClassifier puts first where it is unsure."""


class RasaClassifier:
    """Understands through `POST {url}/model/parse`; safe to use from several threads.

    Where the server is slow, down or answers something else, `fallback` answers, and the server is
    left alone for `retry_seconds`, so that not every resident waits for the timeout. The log says
    so once an outage, and once when the server is back. `clock` counts seconds. `intents` are those
    that an answer may name, where not any will do.
    """

    def __init__(
        self,
        url: str,
        fallback: IntentClassifier,
        timeout_seconds: float = 1.0,
        retry_seconds: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
        intents: Collection[str] = (),
    ) -> None:
        self._url = f"{url.rstrip('/')}/model/parse"
        self._fallback = fallback
        self._retry_seconds = retry_seconds
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._intents = frozenset(intents)
        self._client = httpx.Client(timeout=timeout_seconds)
        self._lock = threading.Lock()
        self._down_since: float | None = None

    def parse(self, text: str, vector: NDArray[np.float32] | None = None) -> Parse:
        """Understand one message; `vector` serves the fallback only."""
        if self._is_left_alone():
            return self._fallback.parse(text, vector)
        try:
            parse = self._expected(read_parse(text, self._ask(text)))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            self._failed(error)
            return self._fallback.parse(text, vector)
        self._answered()
        return parse

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _expected(self, parse: Parse) -> Parse:
        if self._intents and parse.intent not in self._intents:
            raise ValueError("Rasa was trained with other intents")
        ranking = parse.ranking
        known = tuple(row for row in ranking if not self._intents or row[0] in self._intents)
        return replace(parse, ranking=known)

    def _ask(self, text: str) -> Any:
        # A lone surrogate has no UTF-8 form.
        sendable = text.encode("utf-8", "replace").decode("utf-8")
        # The client's timeout is that of a single read; a server may send a byte now and then.
        deadline = time.monotonic() + self._timeout_seconds
        content = bytearray()
        with self._client.stream("POST", self._url, json={"text": sendable}) as response:
            response.raise_for_status()
            for chunk in response.iter_bytes():
                content += chunk
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("the answer takes too long")
        return json.loads(content)

    def _is_left_alone(self) -> bool:
        with self._lock:
            since = self._down_since
        return since is not None and self._clock() < since + self._retry_seconds

    def _failed(self, error: Exception) -> None:
        with self._lock:
            is_new, self._down_since = self._down_since is None, self._clock()
        if is_new:  # the message itself is a resident's, and stays out of the log
            reason = type(error).__name__
            log.warning("Rasa does not answer (%s); the embedded classifier does", reason)

    def _answered(self) -> None:
        with self._lock:
            was_down, self._down_since = self._down_since is not None, None
        if was_down:
            log.info("Rasa answers again")


def read_parse(text: str, content: Any) -> Parse:
    """A Parse from the JSON of Rasa's `/model/parse`.

    Raises ValueError where it has another shape.
    """
    try:
        ranking = [
            (str(row["name"]), float(row["confidence"])) for row in content["intent_ranking"]
        ]
        known = tuple((name, share) for name, share in ranking if name != FALLBACK_INTENT)
        entities = tuple(
            Entity(str(row["entity"]), str(row["value"]), int(row["start"]), int(row["end"]))
            for row in content.get("entities", ())
        )
        intent, confidence = known[0]
        is_unsure = content["intent"]["name"] == FALLBACK_INTENT
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(f"not an answer of Rasa's /model/parse: {error!r}") from error
    return Parse(text, intent, confidence, known, entities, is_unsure, engine="rasa")
