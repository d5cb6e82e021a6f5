"""Many visitors at once, each over a socket of its own, clicking and writing: does anything break?

Usage: python -m tests.browser.crowd [VISITORS] [SECONDS]. Prints what it saw as one JSON object;
exits with 1 where a page failed, or a visitor costs more memory than LIMIT_MB.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from streamlit.proto.WidgetStates_pb2 import WidgetState

from bench.streamlit_client import Client
from tests.browser.conftest import Server, seeded

LIMIT_MB = 5.0
PLACES = (
    ("", ""), ("incidents", ""), ("incidents", "id=1"), ("incidents", "id=2&lang=en"),
    ("feed", "lang=en"), ("feed", "q=大字报"), ("desk", ""), ("desk", "q=上门&lang=en"),
    ("cases", ""), ("cases", "id=1"), ("digest", "lang=en"), ("sources", ""), ("inbox", ""),
)  # fmt: skip
PRESSED = ("desk_j", "feed_older", "desk_older")
"""Buttons that are pressed where a page has drawn them."""


@dataclass
class Told:
    """What was seen: steps, their seconds, failures, and the megabytes that each visitor costs."""

    visitors: int
    seconds: float
    steps: int = 0
    failures: list[str] = field(default_factory=list)
    median: float = 0.0
    p95: float = 0.0
    megabytes_before: float = 0.0
    megabytes_after: float = 0.0
    megabytes_each: float = 0.0


class Visitor(threading.Thread):
    """One visitor with habits of its own, until the time is over."""

    def __init__(self, address: str, number: int, until: float, pause: tuple[float, float]) -> None:
        super().__init__(name=f"visitor {number}")
        self.chance = random.Random(number)
        self.address, self.until, self.pause = address, until, pause
        self.took: list[float] = []
        self.failures: list[str] = []
        self.done, self.leave = threading.Event(), threading.Event()

    def run(self) -> None:
        """Visit; what fails is kept, and the visitor stays to the end like any other."""
        try:
            with Client(self.address) as client:
                client.open()
                while time.monotonic() < self.until:
                    began = time.monotonic()
                    self.step(client)
                    self.took.append(time.monotonic() - began)
                    time.sleep(self.chance.uniform(*self.pause))
                self.done.set()
                self.leave.wait()
        except (AssertionError, TimeoutError, OSError, KeyError) as error:
            self.failures.append(f"{type(error).__name__}: {error}")
        finally:
            self.done.set()

    def step(self, client: Client) -> None:
        """Open a page, press what it offers, and now and then write a note."""
        pressed = [key for key in PRESSED if client.button(key)]
        note = client.button("note_text")
        if note and self.chance.random() < 0.3:
            client.say([WidgetState(id=note, string_value=f"{self.name} 看过")])
            states = [WidgetState(id=note, string_value=f"{self.name} 看过")]
            client.say([*states, WidgetState(id=client.button("note"), trigger_value=True)])
        elif pressed and self.chance.random() < 0.5:
            client.click(client.button(self.chance.choice(pressed)))
        else:
            client.open(*self.chance.choice(PLACES))
        assert client.html, "a page without anything on it"


def crowd(
    address: str, process: int, visitors: int, seconds: float, pause: tuple[float, float]
) -> Told:
    """Let visitors loose on a server and return what was seen; the pages are warm before."""
    for _ in range(2):
        with Client(address) as first:
            for place in PLACES:
                first.open(*place)
    told = Told(visitors, seconds, megabytes_before=megabytes(process))
    until = time.monotonic() + seconds
    people = [Visitor(address, n, until, pause) for n in range(visitors)]
    for one in people:
        one.start()
    for one in people:
        one.done.wait()
    told.megabytes_after = megabytes(process)
    for one in people:
        one.leave.set()
    for one in people:
        one.join()
        told.failures += one.failures
    took = sorted(second for one in people for second in one.took)
    told.steps, told.median = len(took), round(statistics.median(took), 3)
    told.p95 = round(took[int(0.95 * (len(took) - 1))], 3)
    told.megabytes_each = round((told.megabytes_after - told.megabytes_before) / visitors, 2)
    return told


def megabytes(process: int) -> float:
    """Return the memory of a process that is its own (Linux: resident, not shared with a file)."""
    told = Path(f"/proc/{process}/status").read_text("ascii")
    held = {line.split(":")[0]: line.split()[1] for line in told.splitlines() if " kB" in line}
    return round(int(held["RssAnon"]) / 1024, 1)


def main(visitors: int, seconds: float) -> int:
    """Serve a month with a crisis, let the crowd in, and say what came of it."""
    with tempfile.TemporaryDirectory(prefix="tingfeng-crowd-") as folder:
        seeded(Path(folder), "crisis")
        server = Server(Path(folder), "", {})
        with server as address:
            told = crowd(address, server.process.pid, visitors, seconds, (2.0, 6.0))
        errors = (Path(folder) / "log").read_text("utf-8").count("Traceback")
    sys.stdout.write(json.dumps(asdict(told) | {"tracebacks": errors}, ensure_ascii=False) + "\n")
    return int(bool(told.failures) or errors > 0 or told.megabytes_each > LIMIT_MB)


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    sys.exit(main(number, float(sys.argv[2]) if len(sys.argv) > 2 else 300.0))
