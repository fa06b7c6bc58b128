"""The Rasa client against a real local server that behaves well, badly, or not at all."""

import json
import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from intents.parse import Parse
from intents.rasa_nlu import RasaClassifier, read_parse

ANSWER = {
    "text": "路灯坏了",
    "intent": {"name": "submit_proposal", "confidence": 0.9},
    "entities": [{"entity": "place", "value": "3号楼", "start": 0, "end": 3, "extractor": "X"}],
    "intent_ranking": [
        {"name": "submit_proposal", "confidence": 0.9},
        {"name": "greet", "confidence": 0.1},
    ],
}


class Rasa(ThreadingHTTPServer):
    """Answers with `body` and `status` after `delay_seconds`, and keeps what it was asked; before
    the body it sends `drips` spaces, a tenth of a second apart."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.body = json.dumps(ANSWER).encode()
        self.status = 200
        self.delay_seconds = 0.0
        self.drips = 0
        self.asked: list[tuple[str, object]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Rasa

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, json.loads(content)))
        time.sleep(self.server.delay_seconds)
        with suppress(OSError):  # the client may have given up waiting
            self.send_response(self.server.status)
            self.end_headers()
            for _ in range(self.server.drips):
                self.wfile.write(b" ")
                time.sleep(0.1)
            self.wfile.write(self.server.body)

    def log_message(self, *args: object) -> None:
        """Keep the test output clean."""


class Greeter:
    """A fallback whose answer is known beforehand."""

    def parse(self, text: str, vector: object = None) -> Parse:
        return Parse(text, "greet", 1.0)


@pytest.fixture
def rasa() -> Iterator[Rasa]:
    server = Rasa()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def classifier(rasa: Rasa) -> Iterator[RasaClassifier]:
    classifier = RasaClassifier(rasa.url + "/", Greeter(), timeout_seconds=0.3, retry_seconds=0)
    yield classifier
    classifier.close()


def test_reads_intent_ranking_and_entities(rasa: Rasa, classifier: RasaClassifier) -> None:
    parse = classifier.parse("路灯坏了")
    assert (parse.intent, parse.confidence, parse.engine) == ("submit_proposal", 0.9, "rasa")
    assert parse.ranking == (("submit_proposal", 0.9), ("greet", 0.1))
    assert [(entity.entity, entity.value) for entity in parse.entities] == [("place", "3号楼")]
    assert not parse.is_unsure
    assert rasa.asked == [("/model/parse", {"text": "路灯坏了"})]


def test_fallback_intent_of_rasa_means_unsure(rasa: Rasa, classifier: RasaClassifier) -> None:
    unsure = {"name": "nlu_fallback", "confidence": 0.4}
    rasa.body = json.dumps(
        {**ANSWER, "intent": unsure, "intent_ranking": [unsure, *ANSWER["intent_ranking"]]}
    ).encode()
    parse = classifier.parse("路灯坏了")
    assert parse.is_unsure
    assert (parse.intent, parse.confidence) == ("submit_proposal", 0.9)
    assert len(parse.ranking) == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (404, b"not found"),
        (200, b"<html>"),
        (200, b"\xff\xfe"),
        (200, b"null"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"intent": null, "intent_ranking": []}'),
        (200, b'{"intent": {"name": "greet"}, "intent_ranking": [{"name": "greet"}]}'),
        (200, b'{"intent": "greet", "intent_ranking": [{"name": "greet", "confidence": "x"}]}'),
    ],
)
def test_falls_back_on_errors_and_nonsense(
    rasa: Rasa, classifier: RasaClassifier, status: int, body: bytes
) -> None:
    rasa.status, rasa.body = status, body
    assert classifier.parse("路灯坏了") == Parse("路灯坏了", "greet", 1.0)


def test_falls_back_when_slow(rasa: Rasa, classifier: RasaClassifier) -> None:
    rasa.delay_seconds = 1.0
    start = time.monotonic()
    assert classifier.parse("路灯坏了").engine == "embedded"
    assert time.monotonic() - start < 0.9


def test_falls_back_when_the_answer_drips(rasa: Rasa, classifier: RasaClassifier) -> None:
    rasa.drips = 20
    assert classifier.parse("路灯坏了").engine == "embedded"
    rasa.drips = 1
    assert classifier.parse("路灯坏了").engine == "rasa"


def test_falls_back_where_rasa_knows_other_intents(rasa: Rasa) -> None:
    other = RasaClassifier(rasa.url, Greeter(), 5, intents=("greet", "thanks"))
    assert other.parse("路灯坏了") == Parse("路灯坏了", "greet", 1.0)
    other.close()
    some = RasaClassifier(rasa.url, Greeter(), 5, intents=("submit_proposal", "thanks"))
    assert some.parse("路灯坏了").ranking == (("submit_proposal", 0.9),)
    some.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[::bad", "127.0.0.1:5005"])
def test_falls_back_when_nobody_is_there(url: str) -> None:
    assert RasaClassifier(url, Greeter()).parse("路灯坏了").engine == "embedded"


def test_says_once_that_it_is_down_and_once_that_it_is_back(
    rasa: Rasa, classifier: RasaClassifier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="intents.rasa_nlu")
    for status in (200, 500, 500, 500, 200, 200, 500):
        rasa.status = status
        classifier.parse("我的电话是13800138000")
    levels = [record.levelname for record in caplog.records]
    assert levels == ["WARNING", "INFO", "WARNING"]
    assert "13800138000" not in caplog.text


def test_leaves_a_server_that_is_down_alone_for_a_while(rasa: Rasa) -> None:
    now = [0.0]
    classifier = RasaClassifier(rasa.url, Greeter(), retry_seconds=10, clock=lambda: now[0])

    def engine_at(seconds: float) -> str:
        now[0] = seconds
        return classifier.parse("路灯坏了").engine

    rasa.status = 500
    assert [engine_at(0.0), engine_at(5.0), engine_at(9.9)] == ["embedded"] * 3
    assert len(rasa.asked) == 1
    rasa.status = 200
    assert engine_at(10.0) == "rasa"


def test_serves_several_threads(
    rasa: Rasa, classifier: RasaClassifier, caplog: pytest.LogCaptureFixture
) -> None:
    rasa.status = 500
    with ThreadPoolExecutor(8) as pool:
        parses = list(pool.map(classifier.parse, [f"第{n}句" for n in range(40)]))
    assert [parse.text for parse in parses] == [f"第{n}句" for n in range(40)]
    assert len(caplog.records) == 1


def test_sends_what_has_no_utf8_form(rasa: Rasa, classifier: RasaClassifier) -> None:
    assert classifier.parse("坏\ud800了").engine == "rasa"
    assert rasa.asked[-1][1] == {"text": "坏?了"}


def test_names_what_is_not_an_answer() -> None:
    with pytest.raises(ValueError, match="not an answer of Rasa"):
        read_parse("路灯", {"intent_ranking": []})
