"""What is due, and one process per crawl: start, watch, stop, judge, and close its run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection

from crawlers import gate
from crawlers.expect import HISTORY, concerns
from crawlers.verdict import Verdict, judge, killed
from data.errors import ConfigError, Refused
from data.facts.sources import SourceFact, sources
from data.model import Outcome, Run
from data.settings import Settings, SourceSettings
from data.store import approvals, asking, health, runs, state
from data.store.db import Store

STAGE = "crawl"
Progress = Callable[[int, int], None]
"""Called with how many mentions are stored so far, and how many will be."""
_HOST = 59
"""Characters of a host that fit into the name of a lease."""
KEPT_LOGS = 20
GRACE = 20.0
"""Seconds between the polite and the final end of a crawl that takes too long."""
_FIRST_BACK_OFF = timedelta(minutes=30)
_LONGEST_WISH = timedelta(days=7)
"""A site's Retry-After is obeyed up to here; then it is asked again, once."""
_LONGEST_BACK_OFF = timedelta(hours=24)
_living: set[subprocess.Popen[str]] = set()
_stopping = threading.Event()
GOOD = (Outcome.OK, Outcome.EMPTY)


def due(conn: Connection, settings: Settings, now: datetime) -> list[str]:
    """Return the sources, of the settings or approved, whose time has come; registry's order.

    One that somebody asked for is due at once, unless its site has refused us.
    """
    found, approved, wanted = [], approvals.allowed(conn), asking.waiting(conn)
    for slug in sources():
        ours = settings.sources.get(slug)
        if not (ours.enabled if ours is not None else slug in approved):
            continue
        at = state.next_at(conn, slug)
        asked = slug in wanted and asking.rests_until(conn, slug, now) is None
        if asked or at is None or at <= now:
            found.append(slug)
    return found


def crawl(
    store: Store, settings: Settings, source: str, now: datetime, progress: Progress | None = None
) -> Run:
    """Crawl one source in a child process and return its closed run.

    Mentions are stored by the child as it goes; the watermark moves here, in the transaction that
    closes the run, and only after ok or empty. Raises ConfigError (no such source), StoreError.
    """
    fact = known_source(source)
    with reading(store, settings, source, now) as held:
        if not held or _stopping.is_set():
            return _busy(source, now)
        run_id, end = attempt(store, settings, STAGE, source, now, progress=progress)
        return _close(store, settings, fact, run_id, now, end)


@contextmanager
def reading(store: Store, settings: Settings, source: str, now: datetime) -> Iterator[bool]:
    """Hold a source and each public host it is read from; yield False if somebody has one.

    So no host is sent two requests at once, whichever of our sources and processes they are for.
    """
    hosts = gate.public_hosts(sources()[source], settings)
    names = [f"{STAGE}:{source}", *(f"host:{host[-_HOST:]}" for host in hosts)]
    with ExitStack() as stack:
        yield all(stack.enter_context(state.lease(store, name, now)) for name in names)


def known_source(source: str) -> SourceFact:
    """Return a source of the registry. Raises ConfigError."""
    if source not in sources():
        raise ConfigError(f"there is no source {source!r}; there are: {', '.join(sources())}")
    return sources()[source]


@dataclass(frozen=True, slots=True)
class End:
    """How a child ended: verdict, how far it came, what it reported, and how long it took."""

    verdict: Verdict
    report: Mapping[str, Any]
    took: timedelta


def attempt(
    store: Store,
    settings: Settings,
    stage: str,
    source: str,
    now: datetime,
    *words: str,
    progress: Progress | None = None,
) -> tuple[int, End]:
    """Open a run and crawl in a child that gets ``words`` too; the caller closes the run."""
    with store.write() as conn:
        run_id = runs.start(conn, stage, source, now)
        decision = approvals.current(conn, source)
    if refusal := gate.refusal(sources()[source], settings, decision):
        verdict = Verdict(Outcome.REFUSED, {"requests": 0}, refusal)
        return run_id, End(verdict, {}, timedelta(0))
    return run_id, _child(settings, source, now, run_id, words, progress)


def _busy(source: str, now: datetime) -> Run:
    note = "we are stopping, or another process is reading this source"
    return Run(STAGE, source, now, now, Outcome.EMPTY, {}, note)


def trial(store: Store, settings: Settings, source: str, now: datetime) -> End:
    """Read a page or two of a source, store nothing but the run, and return what was seen."""
    known_source(source)
    with store.read() as conn:
        rest = asking.rests_until(conn, source, now)
    if rest is not None:
        raise Refused(f"{source} refused us; it is left alone until {rest:%Y-%m-%d %H:%M} UTC")
    with reading(store, settings, source, now) as held:
        if not held:
            raise Refused(f"{source}, or another source of its host, is being read; try again soon")
        run_id, end = attempt(store, settings, "trial", source, now, "--trial")
    if end.report.get("mentions"):  # the spider was closed on purpose
        end = replace(end, verdict=replace(end.verdict, outcome=Outcome.OK, note=""))
    with store.write() as conn:
        verdict = end.verdict
        runs.finish(conn, run_id, now + end.took, verdict.outcome, verdict.counts, verdict.note)
    return end


def _child(
    settings: Settings,
    source: str,
    now: datetime,
    run_id: int,
    words: Sequence[str],
    progress: Progress | None,
) -> End:
    folder = settings.var / "crawls" / source
    folder.mkdir(parents=True, exist_ok=True)
    _tidy(folder)
    stats, log = folder / f"{run_id}.json", folder / f"{run_id}.log"
    stats.unlink(missing_ok=True)
    begun = time.monotonic()
    with log.open("ab") as errors:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "crawlers.child", source, "--now", now.isoformat(),
             "--stats", str(stats), "--log", str(log),
             "--watched", str(os.getpid()), *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
            start_new_session=True, env=_environment(), text=True,
        )  # fmt: skip
    _living.add(process)
    try:
        _hand_over(process, for_child(settings, source))
        reader = threading.Thread(target=_follow, args=(process, progress), daemon=True)
        reader.start()
        in_time = _wait(process, settings.crawl.timeout_seconds)
        reader.join()
    finally:
        if process.poll() is None:  # we are being stopped: so is the child
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        _living.discard(process)
    verdict, report = _read(stats, log, process.returncode)
    if not in_time:
        note = f"stopped after {settings.crawl.timeout_seconds:g} s (crawl.timeout_seconds)"
        verdict = replace(verdict, outcome=Outcome.FAILED, note=note)
    return End(verdict, report, timedelta(seconds=time.monotonic() - begun))


def stop_children() -> None:
    """Ask every crawl of this process to end, and begin none; each stores what it has."""
    _stopping.set()
    for process in list(_living):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)


_SHARED = {"database", "var", "lenders", "privacy", "crawl", "retention"}


def for_child(settings: Settings, source: str) -> dict[str, Any]:
    """Return what a child needs of the settings, secrets in the open: only ever for a pipe."""
    values = settings.model_dump(include=_SHARED)
    ours = settings.sources.get(source, SourceSettings())
    opened: dict[str, Any] = _opened(values | {"sources": {source: ours.model_dump()}})
    return opened


def _opened(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return {key: _opened(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_opened(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _environment() -> dict[str, str]:
    """Return our environment; the child finds this project before a stranger of the same name."""
    root = str(Path(__file__).resolve().parents[1])
    path = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([root, path] if path else [root])}


def _hand_over(process: subprocess.Popen[str], values: Mapping[str, Any]) -> None:
    assert process.stdin is not None
    try:
        with process.stdin:
            json.dump(values, process.stdin)
    except BrokenPipeError:
        return  # it died before it could listen: its exit and its log say why


def _follow(process: subprocess.Popen[str], progress: Progress | None) -> None:
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            if progress is not None:
                told = json.loads(line)
                progress(told["done"], told["expected"])


def _wait(process: subprocess.Popen[str], seconds: float) -> bool:
    """Wait for the child; past its time ask it to end, then end it. Return whether in time."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGINT)  # pipelines close and statistics are written
    else:
        return True
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return False


def _read(stats: Path, log: Path, returned: int) -> tuple[Verdict, Mapping[str, Any]]:
    if stats.exists():
        report = json.loads(stats.read_text("utf-8"))
        return judge(report["stats"]), report
    if returned < 0:
        return killed(f"the crawl was ended by signal {-returned}; the next one reads again"), {}
    return Verdict(Outcome.FAILED, {}, f"the crawl ended with code {returned}: {_last(log)}"), {}


def _last(log: Path) -> str:
    lines = log.read_text("utf-8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "its log is empty")


def _tidy(folder: Path) -> None:
    """Keep the newest logs and statistics of a source."""
    files = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime)
    for file in files[: -2 * KEPT_LOGS]:
        file.unlink(missing_ok=True)


def _close(
    store: Store, settings: Settings, fact: SourceFact, run_id: int, now: datetime, end: End
) -> Run:
    verdict, ended = end.verdict, now + end.took
    with store.write() as conn:
        runs.finish(conn, run_id, ended, verdict.outcome, verdict.counts, verdict.note)
        _judge_health(conn, fact, run_id, now, end)
        if verdict.outcome in GOOD:
            state.set_watermark(conn, fact.slug, end.report.get("watermark", {}), ok_at=now)
        back_off(conn, settings, fact, now, verdict)
        asking.answered(conn, fact.slug, now, ended, verdict.outcome)
        closed = runs.get(conn, run_id)
    assert closed is not None
    return closed


def _judge_health(conn: Connection, fact: SourceFact, run_id: int, now: datetime, end: End) -> None:
    """Compare a run with the source's good ones, tell what is wrong, and learn from it."""
    seen = end.report.get("seen", {})
    history = health.observed(conn, fact.slug, HISTORY)
    last = [run.outcome for run in runs.latest(conn, STAGE, fact.slug, limit=2) if run.id != run_id]
    found = concerns(
        end.verdict, next(iter(last), None), seen, history, now, state.last_ok_at(conn, fact.slug)
    )
    health.note(conn, fact.slug, found, now)
    if end.verdict.outcome in GOOD and not any(
        c.condition is health.Condition.CHANGED for c in found
    ):
        health.observe(conn, run_id, fact.slug, now, seen, HISTORY)


def back_off(
    conn: Connection, settings: Settings, fact: SourceFact, now: datetime, verdict: Verdict
) -> None:
    """Say when a source may be asked again after this verdict, which is in the store already."""
    refused = _refused_in_a_row(conn, fact.slug)
    state.set_next(conn, fact.slug, now + pause(fact, settings, verdict, refused))


def _refused_in_a_row(conn: Connection, source: str) -> int:
    count = 0
    for run in runs.latest(conn, source=source, limit=8):
        if run.outcome is not Outcome.REFUSED:
            break
        count += 1
    return count


def pause(fact: SourceFact, settings: Settings, verdict: Verdict, refused: int) -> timedelta:
    """Return how long a source is left alone after a run; ``refused`` counts refusals in a row.

    A site that says no is asked ever more rarely, up to once a day. Our own refusal, which a
    change of the settings lifts, and a failure of ours are tried again soon.
    """
    ours = settings.sources.get(fact.slug, SourceSettings())
    every = timedelta(minutes=ours.every_minutes) if ours.every_minutes else fact.every
    if verdict.outcome is Outcome.REFUSED and not verdict.counts.get("requests"):
        return min(every, timedelta(hours=1))
    if verdict.outcome is Outcome.REFUSED:
        backed_off = max(every, _FIRST_BACK_OFF) * float(2 ** max(0, refused - 1))
        asked = timedelta(seconds=verdict.counts.get("retry_after", 0))
        return max(min(backed_off, max(every, _LONGEST_BACK_OFF)), min(asked, _LONGEST_WISH))
    if verdict.outcome in {Outcome.FAILED, Outcome.KILLED}:
        return min(every, timedelta(minutes=15))
    return every
