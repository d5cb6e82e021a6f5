"""A whole day by the verbs, in real processes, killed at any moment."""

from __future__ import annotations

import json
import mailbox
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import tomli_w
from sqlalchemy import func, select

import tingfeng
import tingfeng_demo
from alerts.inbox import serving
from crawlers.replica.server import ReplicaServer
from dashboard.asking import read_now
from dashboard.viewer import Right, Viewer
from data import facts
from data.model import Outcome
from data.scenarios.format import Scenario
from data.scenarios.generate import generate
from data.settings import Settings, load
from data.store import asking, runs, work
from data.store.db import Store
from data.store.schema import hourly, incident, mention, outbox, verdict

ROOT = Path(__file__).parents[2]
DAYS = 10


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """Ten thin days that end now, with an exposure that began an hour and a half ago."""
    now = tingfeng.now()
    return generate(
        7, now - timedelta(days=DAYS), DAYS, lenders=facts.lenders(),
        crisis_at=now - timedelta(minutes=90), per_day=25,
    )  # fmt: skip


@contextmanager
def world(scenario: Scenario, folder: Path, port: int = 8501) -> Iterator[Settings]:
    """Serve the scenario and an inbox on loopback."""
    clock = tingfeng.now()
    inbox = folder / "inbox"
    with ReplicaServer(scenario, lambda: clock) as sites, serving(inbox) as smtp:
        made = tingfeng_demo.made_settings(scenario, folder, sites.address, smtp, port)
        (folder / "settings.toml").write_text(tomli_w.dumps(made), "utf-8")
        yield load(folder / "settings.toml")


def start(settings: Settings, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "tingfeng.py"), *words, "--config", str(settings.file)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def tick(settings: Settings) -> None:
    done = start(settings, "tick")
    _, errors = done.communicate(timeout=240)
    assert done.returncode == 0, errors


def counts(settings: Settings) -> dict[str, int]:
    store = Store(settings.database)
    with store.read() as conn:
        found = {
            table.name: conn.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (mention, verdict, incident, outbox)
        }
    store.dispose()
    return found


def must_add_up(settings: Settings, scenario: Scenario) -> None:
    """Nothing lost, nothing doubled: the store against the scenario, the counts, the mail."""
    store = Store(settings.database)
    with store.read() as conn:
        rows = conn.execute(select(mention.c.source, mention.c.native_id)).all()
        stored = Counter((row.source, row.native_id) for row in rows)
        dated = select(func.count()).select_from(verdict).where(verdict.c.published_at.is_not(None))
        assert conn.execute(select(func.sum(hourly.c.n))).scalar_one() == (
            conn.execute(dated).scalar_one()
        )
        assert work.count(conn, "assess") == 0
        assert work.count(conn, "detect") == 0
        letters = conn.execute(select(outbox)).all()
    store.dispose()
    due = {letter.key for letter in letters if letter.state != "quiet"}
    assert {letter.state for letter in letters} <= {"sent", "quiet"}
    assert set(stored) == {(p.mention.source, p.mention.native_id) for p in scenario.planned}
    assert max(stored.values()) == 1
    mails = list(mailbox.Maildir(settings.var / "inbox"))
    by_id = Counter(str(mail["Message-ID"]) for mail in mails)
    assert len(by_id) == len(due) > 0
    marked = [mail for mail in mails if "重发" in _subject(mail)]
    assert len(mails) - len(by_id) <= len(marked)


def _subject(mail: mailbox.MaildirMessage) -> str:
    from email.header import decode_header, make_header

    return str(make_header(decode_header(str(mail["Subject"]))))


def test_twice_is_once_and_an_alert_arrives(scenario: Scenario, tmp_path: Path) -> None:
    with world(scenario, tmp_path) as settings:
        tick(settings)
        first = counts(settings)
        must_add_up(settings, scenario)
        tick(settings)
        assert counts(settings) == first
        must_add_up(settings, scenario)
        assert first["incident"] > 0


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_lost_or_doubled(
    scenario: Scenario, tmp_path: Path
) -> None:
    rng = random.Random(20261125)
    with world(scenario, tmp_path) as settings:
        for _ in range(8):
            running = start(settings, "tick")
            time.sleep(rng.uniform(0.5, 7.0))
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
        deadline = time.monotonic() + 200
        while time.monotonic() < deadline:
            make_everything_due(settings)
            tick(settings)
            if settled(settings):
                break
        must_add_up(settings, scenario)


def make_everything_due(settings: Settings) -> None:
    """Take away the pauses after a killed crawl and a failed letter, which would only cost time."""
    store = Store(settings.database)
    with store.write() as conn:
        from data.store import state

        for source in settings.sources:
            state.set_next(conn, source, None)
        conn.execute(outbox.update().values(due_at=tingfeng.now(), lease_until=None))
    store.dispose()


def settled(settings: Settings) -> bool:
    store = Store(settings.database)
    with store.read() as conn:
        waiting = (
            select(func.count())
            .select_from(outbox)
            .where(outbox.c.state.in_(["waiting", "sending"]))
        )
        left = conn.execute(waiting).scalar_one()
        queued = work.count(conn, "assess") + work.count(conn, "detect")
    store.dispose()
    return left == 0 and queued == 0


def test_run_stops_cleanly_and_survives_a_childs_crash(scenario: Scenario, tmp_path: Path) -> None:
    port = free_port()
    with world(scenario, tmp_path, port) as settings:
        running = start(settings, "run")
        try:
            wait_for(lambda: answers(port))
            dashboard = only_child(running.pid, "streamlit")
            os.kill(dashboard, signal.SIGKILL)
            wait_for(lambda: answers(port) and only_child(running.pid, "streamlit") != dashboard)
            wait_for(lambda: counts_or_zero(settings) > 0, seconds=120)
            wait_for(lambda: read_again(settings, "eastmoney_news"), seconds=120)
        finally:
            running.terminate()
            _, errors = running.communicate(timeout=60)
        assert running.returncode == 0, errors
        assert not is_watched(settings)
        assert not answers(port)
        assert children_of(running.pid) == []


def read_again(settings: Settings, source: str) -> bool:
    """Ask the running watch for a source, as the sources page does, and tell whether it was read.

    Its own time has not come again: only the question makes it due.
    """
    store = Store(settings.database)
    with store.read() as conn:
        found = asking.history(conn, source)
        ready = runs.latest(conn, "crawl", source, limit=1)
    if not found and ready and ready[0].outcome in {Outcome.OK, Outcome.EMPTY}:
        read_now(store, settings, Viewer("admin", Right.ADMIN), source, tingfeng.now())
    store.dispose()
    return bool(found) and found[0].done_at is not None


def is_watched(settings: Settings) -> bool:
    store = Store(settings.database)
    with store.read() as conn:
        watched = asking.watched(conn, tingfeng.now())
    store.dispose()
    return watched


def counts_or_zero(settings: Settings) -> int:
    return counts(settings)["mention"]


def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def answers(port: int) -> bool:
    import httpx

    try:
        return httpx.get(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).text == "ok"
    except httpx.HTTPError:
        return False


def wait_for(condition: object, seconds: float = 60) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.3)


def children_of(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[1]) == pid and words[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def only_child(pid: int, word: str) -> int:
    def said(child: int) -> str:
        try:
            return Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")
        except OSError:
            return ""

    return next((child for child in children_of(pid) if word in said(child)), 0)


@pytest.mark.slow
def test_the_demo_says_what_happened(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tingfeng.py"), "demo", "--headless", "--folder",
         str(tmp_path / "demo")],
        capture_output=True, text=True, check=False, timeout=400,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told) == {"mentions", "assessed", "incidents", "alerts_delivered", "seconds"}
    assert told["mentions"] == told["assessed"] > 5000
    assert told["incidents"]["orange"] + told["incidents"]["red"] >= 1
    assert told["alerts_delivered"] >= 1
    assert {"crawl", "assess", "detect", "deliver"} <= set(told["seconds"])
