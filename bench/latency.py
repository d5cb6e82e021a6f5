"""Seconds from a stored mention to its message on the wire, with a million mentions in the store.

``python bench/latency.py [MENTIONS] [STORE.db]`` runs ``tingfeng run`` on a store filled by
``bench/flood.py`` (or on a copy of the one named), stores 20 mentions a second beside it, and
every few seconds one hot-search entry about a lender nobody spoke of yet: a red alarm. A webhook
on loopback notes when each message comes.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import delete, update

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import flood
from data.facts import lenders
from data.facts.lenders import FILE as LENDERS
from data.model import IncidentState, Mention, SourceKind
from data.scenarios.generate import generate
from data.store import mentions, schema, state, work
from data.store.db import Store
from nlp.assess import Assessor

ROOT = Path(__file__).parents[1]
RATE = 20
"""Mentions stored a second."""
ALARMS, EVERY = 30, 5
"""Alarms, and seconds between two."""
PATIENCE = 240
KEY = b"a key for measuring"


def main(total: int, filled: Path | None) -> None:
    with tempfile.TemporaryDirectory() as name, listening() as (port, heard):
        folder = Path(name)
        settings = configure(folder, port)
        store = prepared(folder, total, filled)
        with running(settings):
            time.sleep(30)  # it compiles its models and looks for the first time
            stored = feed(store)
            patient = time.monotonic() + PATIENCE
            while len(heard.keys() & stored.keys()) < len(stored) and time.monotonic() < patient:
                time.sleep(0.5)
        store.dispose()
    waits = [heard[slug] - at for slug, at in stored.items() if slug in heard]
    print(json.dumps(figures(total, waits)))


def figures(total: int, waits: list[float]) -> dict[str, Any]:
    found: dict[str, Any] = {"mentions": total, "alarms": ALARMS, "told": len(waits)}
    if waits:
        p50, p95 = np.quantile(waits, [0.5, 0.95], method="higher")
        found |= {"p50_s": round(float(p50), 1), "p95_s": round(float(p95), 1)}
        found["most_s"] = round(max(waits), 1)
    return found


@contextmanager
def listening() -> Iterator[tuple[int, dict[str, float]]]:
    """Serve a webhook and keep when a message about each lender came first."""
    heard: dict[str, float] = {}

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            slug = body.get("card", body).get("lender", {}).get("slug", "")
            heard.setdefault(slug, time.time())
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1], heard
    server.shutdown()
    server.server_close()


def configure(folder: Path, port: int) -> Path:
    """Write settings with a webhook and a few dozen lenders more, all of them ours."""
    more = "".join(
        f"\n- slug: small{n}\n  zh: 测甲{n:02d}消费金融\n  en: Small {n}\n  role: customer\n"
        f"  names: [测甲{n:02d}消费金融]\n"
        for n in range(ALARMS)
    )
    (folder / "lenders.yaml").write_text(LENDERS.read_text("utf-8") + more, "utf-8")
    with socket.socket() as free, socket.socket() as other:
        free.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        pages, answers = free.getsockname()[1], other.getsockname()[1]
    file = folder / "settings.toml"
    file.write_text(
        f'database = "sqlite:///{folder}/bench.db"\nvar = "{folder}"\n'
        f'lenders = "{folder}/lenders.yaml"\n'
        f"[alerts]\nanswer_port = {answers}\n[dashboard]\nport = {pages}\n"
        '[[channels]]\ntype = "webhook"\nname = "hook"\n'
        f'url = "http://127.0.0.1:{port}/"\nsecret = "for measuring"\n',
        "utf-8",
    )
    return file


def prepared(folder: Path, total: int, filled: Path | None) -> Store:
    file = folder / "bench.db"
    if filled is not None:
        shutil.copy(filled, file)
    store = Store(f"sqlite:///{file}")
    store.migrate()
    if filled is None:
        flood.fill(store, total, _moment(), say=lambda said: print(said, file=sys.stderr))
    known = Assessor(lenders(folder / "lenders.yaml"))
    with store.write() as conn:  # the lenders are new, the texts need no second look
        state.set_stage_value(conn, "assess", "made_by", known.made_by)
        for stage in ("assess", "detect"):
            work.done(conn, stage, work.take(conn, stage, 10))
        over = {"state": IncidentState.CLOSED.value, "closed_at": _moment()}
        conn.execute(update(schema.incident).values(over))  # the filled ones are no real alarms
        for made_up in (schema.template, schema.copy, schema.lease):
            conn.execute(delete(made_up))
    return store


@contextmanager
def running(settings: Path) -> Iterator[None]:
    """Run ``tingfeng run`` until the end of the block."""
    words = [sys.executable, str(ROOT / "tingfeng.py"), "run", "--config", str(settings)]
    log = settings.with_name("run.log")
    with log.open("w") as said:
        child = subprocess.Popen(words, cwd=ROOT, stdout=said, stderr=said, start_new_session=True)
        try:
            yield
        finally:
            os.kill(child.pid, signal.SIGTERM)
            child.wait(60)
    print(log.read_text("utf-8")[-3000:], file=sys.stderr)


def feed(store: Store) -> dict[str, float]:
    """Store mentions at the rate, each alarm at its turn; return when each alarm was stored."""
    rng = random.Random(1)
    plan = generate(5, datetime(2026, 9, 1, tzinfo=UTC), 20, lenders=lenders())
    texts = [one.mention for one in plan.planned if not one.event]
    stored: dict[str, float] = {}
    begun = time.monotonic()
    for second in range(ALARMS * EVERY):
        batch = [_now(rng.choice(texts), f"m{second}-{n}") for n in range(RATE)]
        number, turn = divmod(second, EVERY)
        if turn == 0:
            batch.append(_alarm(number))
        with store.write() as conn:
            mentions.save(conn, batch, _moment(), KEY)
        if turn == 0:
            stored[f"small{number}"] = time.time()
        time.sleep(max(0.0, begun + second + 1 - time.monotonic()))
    return stored


def _moment() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def _now(one: Mention, native_id: str) -> Mention:
    now = _moment()
    return replace(one, native_id=native_id, published_at=now, fetched_at=now)


def _alarm(number: int) -> Mention:
    now = _moment()
    return Mention(
        source="weibo_hot", native_id=f"hot{number}", kind=SourceKind.HOTLIST,
        url=f"https://example.com/hot/{number}", title=f"测甲{number:02d}消费金融暴力催收",
        text=f"测甲{number:02d}消费金融 暴力催收 上门", published_at=now, fetched_at=now,
    )  # fmt: skip


if __name__ == "__main__":
    words = sys.argv[1:]
    main(int(words[0]) if words else 1_000_000, Path(words[1]) if words[1:] else None)
