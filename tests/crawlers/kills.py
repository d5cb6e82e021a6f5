"""Kill -9 at random moments of crawl and back-fill: ``python -m tests.crawlers.kills --kills 50``.

Each round reads one source from nothing into a store of its own, in a process that is killed again
and again: its crawl, itself, or both at once. Then it is left alone until it is done, and what is
stored must be the plan, each mention once, waiting once to be assessed, with its page in the
archive. Prints one JSON line; exits 1 when something is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from crawlers import backfill, jobs
from crawlers.replica.plan import source_settings
from crawlers.replica.server import ReplicaServer
from data.errors import EvidenceError
from data.evidence import Place, verify
from data.model import Outcome
from data.privacy import mask
from data.scenarios.format import Scenario
from data.settings import Settings
from data.store import mentions, runs, schema, state, work
from data.store.db import Store
from tests.crawlers import wider
from tests.crawlers.weeks import LENDERS, NOW, scenario, week

WAYS = ("crawl", "crawl", "backfill")
"""Of three rounds, what each does."""
SOURCES = ("heimao_public", "eastmoney_guba", "rednet_baixing", "pbc_penalty", "bjnews_search")
PER_ROUND = 5
SHOWN = {"bjnews_search": 54}
"""Items that lie within the page cap of a source; what lies behind it is a back-fill's."""
DELAY, LONGEST = 0.02, 7.0
"""Seconds between two requests, and about how long a crawl takes: it is killed by then."""
READ_AT = NOW + timedelta(days=1)
SPAN = (NOW - timedelta(days=45), NOW + timedelta(hours=1))
DAYS = 12.0


class Round:
    """One source, one store, one way of reading it."""

    def __init__(
        self, chance: random.Random, folder: Path, way: str, source: str, items: int
    ) -> None:
        self.chance, self.folder, self.way, self.source = chance, folder, way, source
        self.plan = planned(source, items)
        self.store = Store(f"sqlite:///{folder}/kills.db")
        self.store.migrate()
        self.site = ReplicaServer(self.plan, lambda: READ_AT)
        self.killed: Counter[str] = Counter()
        self.wrong: list[str] = []

    def run(self, kills: int) -> None:
        """Read under fire, then in peace, and compare."""
        with self.site:
            values = source_settings(self.plan, self.site.address, LENDERS)
            settings = Settings(database=self.store.name, var=self.folder / "var", sources=values)
            given = self.folder / "settings.json"
            given.write_text(json.dumps(jobs.for_child(settings, self.source)), "utf-8")
            while self.killed.total() < kills and not self._under_fire(given):
                pass
            for _ in range(3):
                if work_off(self.store, settings, self.way, self.source):
                    break
            else:
                self.wrong.append(f"{self.source}: {self.way} did not end well when left alone")
        self.compare()
        self.store.dispose()

    def _under_fire(self, given: Path) -> bool:
        """Start the work and kill it at any moment; tell whether there is nothing left to kill."""
        words = ["--work", self.way, self.source, str(given)]
        parent = subprocess.Popen([sys.executable, "-m", "tests.crawlers.kills", *words])
        _until(lambda: parent.poll() is not None or bool(_children(parent.pid)))
        begun, moment = time.monotonic(), self.chance.uniform(0, LONGEST)
        victim = self.chance.choices(("crawl", "both", "parent"), (5, 4, 1))[0]
        while time.monotonic() - begun < moment and parent.poll() is None:
            time.sleep(0.002)
        living = _children(parent.pid)
        if parent.poll() is not None or not living:  # done, or between two windows
            done = parent.wait() == 0
            return done and self.way == "backfill"  # its windows are read once
        if victim != "crawl":
            parent.kill()
        for child in living if victim != "parent" else ():
            _kill_group(child)
        parent.wait()
        _until(lambda: not any(map(_lives, living)))  # an orphan notices it and ends by itself
        self.killed[victim] += 1
        return False

    def compare(self) -> None:
        """Compare the store with the plan."""
        with self.store.read() as conn:
            ids = list(conn.execute(select(schema.mention.c.id)).scalars())
            stored = {m.native_id: m for m in mentions.get(conn, ids)}
            waiting = work.take(conn, "assess", 10 * len(self.plan.planned))
            endings = Counter(run.outcome for run in runs.latest(conn, limit=500))
            mark = state.watermark(conn, self.source)
        wanted = {p.mention.native_id: p.mention for p in self.plan.planned}
        self.wrong += [f"lost {i}" for i in sorted(wanted.keys() - stored.keys())]
        self.wrong += [f"not planned {i}" for i in sorted(stored.keys() - wanted.keys())]
        if len(ids) != len(stored) or sorted(waiting) != sorted(ids):
            self.wrong.append(f"{len(ids)} rows, {len(stored)} ids, {len(waiting)} waiting")
        if endings[Outcome.RUNNING]:
            self.wrong.append(f"{endings[Outcome.RUNNING]} runs never ended")
        if bool(mark) != (self.way == "crawl"):
            self.wrong.append(f"after a {self.way} the watermark is {mark}")
        for native_id in wanted.keys() & stored.keys():
            want, got = wanted[native_id], stored[native_id]
            if (mask(want.title), mask(want.text)) != (got.title, got.text) or got.revision != 1:
                self.wrong.append(f"{native_id} reads otherwise, or was revised")
            self._page(native_id, got.capture)

    def _page(self, native_id: str, page: Any) -> None:
        try:
            place = Place(page.file, page.offset, page.length)
            verify(self.folder / "var" / "captures", place, page.sha256)
        except EvidenceError as error:
            self.wrong.append(f"{native_id}: {error}")


def planned(source: str, items: int) -> Scenario:
    """Return so many items of one source, or as many as a crawl of it reads."""
    items = min(items, SHOWN.get(source, items))
    if source in wider.FIELDS:
        return wider.plan(source, items)
    return scenario([p for p in week(items).planned if p.mention.source == source])


def work_off(store: Store, settings: Settings, way: str, source: str) -> bool:
    """Crawl or back-fill a source once; tell whether it ended well."""
    if way == "crawl":
        return jobs.crawl(store, settings, source, READ_AT).outcome in jobs.GOOD
    return not backfill.run(store, settings, source, SPAN, READ_AT, days=DAYS)["left"]


def _children(parent: int) -> list[int]:
    try:
        return [int(i) for i in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    except OSError:
        return []


def _kill_group(process: int) -> None:
    try:
        os.killpg(process, signal.SIGKILL)
    except ProcessLookupError:
        return


def _until(true: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError("a process neither begins nor ends")
        time.sleep(0.005)


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def main() -> int:
    """Kill as often as asked, in rounds."""
    options = _options()
    if options.work:
        way, source, given = options.work
        settings = Settings(**json.loads(Path(given).read_text("utf-8")))
        return 0 if work_off(Store(settings.database), settings, way, source) else 1
    chance, began = random.Random(options.seed), time.monotonic()
    told: dict[str, Any] = {"seed": options.seed, "kills": Counter(), "rounds": 0, "wrong": []}
    left = options.kills
    while left:
        way = options.ways[told["rounds"] % len(options.ways)]
        source = SOURCES[told["rounds"] % len(SOURCES)]
        with tempfile.TemporaryDirectory() as folder:
            one = Round(chance, Path(folder), way, source, options.items)
            one.run(min(left, options.per_round))
        left -= one.killed.total()
        told["kills"].update({f"{way} {victim}": n for victim, n in one.killed.items()})
        told["wrong"] += [f"{way} {source}: {wrong}" for wrong in one.wrong]
        told["rounds"] += 1
        print(way, source, dict(one.killed), len(one.wrong), file=sys.stderr, flush=True)  # noqa: T201
    told |= {
        "mentions": told["rounds"] * options.items,
        "seconds": round(time.monotonic() - began, 1),
    }
    print(json.dumps(told, ensure_ascii=False))  # noqa: T201
    return 1 if told["wrong"] else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--per-round", type=int, default=PER_ROUND)
    parser.add_argument("--items", type=int, default=150)
    parser.add_argument("--ways", nargs="*", default=WAYS, choices=set(WAYS))
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
