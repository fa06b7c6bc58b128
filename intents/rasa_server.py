"""Trains and runs a Rasa of one's own: what tests and benchmarks do to the real server."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from intents.parse import UnderstandingError
from intents.training_data import Example

PROJECT = Path(__file__).parent
QUIET = {
    "OMP_NUM_THREADS": "1",
    "PYTHONPATH": str(PROJECT.parent),
    "PYTHONWARNINGS": "ignore",
    "RASA_MAX_CACHE_SIZE": "0",  # its cache does not notice changes to our modules
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
START_SECONDS = 180
STOP_SECONDS = 30


@dataclass(frozen=True)
class RasaServer:
    """A running server: its address, and the number of its process."""

    url: str
    pid: int

    def resident_megabytes(self) -> float | None:
        """Memory that it holds, where the system tells (Linux)."""
        status = Path(f"/proc/{self.pid}/status")
        if not status.exists():
            return None
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmRSS")]
        return int(line.split()[1]) / 1024


def write_examples(examples: Sequence[Example], folder: Path) -> None:
    """Write `nlu.yml`, in Rasa's training data format."""
    lines = ['version: "3.1"', "nlu:"]
    for intent in sorted({example.intent for example in examples}):
        lines += [f"- intent: {intent}", "  examples: |"]
        lines += [f"    - {example.text}" for example in examples if example.intent == intent]
    (folder / "nlu.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def train(rasa: Path, data: Path, models: Path, config: Path = PROJECT / "config.yml") -> None:
    """Train a model from the examples under `data` with the command `rasa`.

    Raises UnderstandingError with the end of what Rasa said.
    """
    command = ["train", "nlu", "--nlu", data, "--config", config, "--out", models]
    words = list(map(str, [rasa.absolute(), *command]))
    done = subprocess.run(words, cwd=PROJECT, env=os.environ | QUIET, capture_output=True)
    if done.returncode or not list(models.glob("*.tar.gz")):
        said = (done.stderr + done.stdout).decode(errors="replace").strip()
        raise UnderstandingError(f"rasa train failed ({done.returncode}): {said[-1000:]}")


@contextmanager
def serving(rasa: Path, models: Path = PROJECT / "models") -> Iterator[RasaServer]:
    """A server of the newest model under `models`, on a free port, up when the block begins and
    stopped when it ends.

    Raises UnderstandingError where it ends early or is not up in time.
    """
    port = _free_port()
    command = ["run", "--enable-api", "--interface", "127.0.0.1", "--port", port]
    process = subprocess.Popen(
        list(map(str, [rasa.absolute(), *command, "--model", models])),
        cwd=PROJECT,
        env=os.environ | QUIET,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # so that all of it can be ended
    )
    server = RasaServer(f"http://127.0.0.1:{port}", process.pid)
    try:
        _wait_until_up(process, server.url)
        yield server
    finally:
        _stop(process)


def _free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_until_up(process: "subprocess.Popen[bytes]", url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise UnderstandingError(f"rasa run ended with {process.returncode}")
        try:
            if httpx.get(f"{url}/status").json().get("model_file"):
                return
        except (httpx.HTTPError, ValueError):  # not listening yet, or no model loaded yet
            time.sleep(0.5)
    raise UnderstandingError(f"no Rasa server within {START_SECONDS} s")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
