"""Real child processes against a replica on loopback: first run, second run, kills, refusals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crawlers import jobs, stage
from crawlers.replica.faults import Fault, Kind, Panel
from crawlers.replica.plan import source_settings
from crawlers.replica.server import ReplicaServer
from crawlers.verdict import Verdict
from data.errors import ConfigError
from data.evidence import Place, content, verify
from data.facts.sources import sources
from data.model import Mention, Outcome
from data.scenarios.format import Planned, Scenario
from data.settings import Settings
from data.store import asking, mentions, runs, schema, state
from data.store.db import Store
from tests.crawlers.weeks import LENDERS, NOW, complaint, scenario, week

SOURCES = ("heimao_public", "eastmoney_news", "nfra_penalty", "eastmoney_guba")
DAY = timedelta(days=1)


class World:
    """A scenario on a replica whose clock the test turns, and settings that lead there."""

    def __init__(self, plan: Scenario, store: Store, var: Path) -> None:
        self.plan, self.store, self.now = plan, store, NOW
        self.site = ReplicaServer(plan, lambda: self.now)
        self.var = var

    @property
    def panel(self) -> Panel:
        return self.site.panel

    def settings(self, **changes: Any) -> Settings:
        found = source_settings(self.plan, self.site.address, LENDERS)
        for slug, values in changes.items():
            found[slug] |= values
        return Settings(database=self.store.name, var=self.var, sources=found)

    def crawl(self, *only: str, settings: Settings | None = None) -> dict[str, int]:
        self.panel.requests.clear()
        chosen = settings or self.settings()
        return stage.run(self.store, chosen, self.now, only=only or SOURCES)


@pytest.fixture
def world(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    plan = getattr(request, "param", None) or week(36)
    made = World(plan, store, tmp_path / "var")
    with made.site:
        yield made


def stored(store: Store) -> dict[tuple[str, str], Mention]:
    with store.read() as conn:
        ids = list(conn.execute(select(schema.mention.c.id)).scalars())
        return {(m.source, m.native_id): m for m in mentions.get(conn, ids)}


def like(said: str, planned: str) -> bool:
    """Tell whether a name is the planned one; the site stars a character of some."""
    return re.fullmatch(re.escape(said).replace(r"\*", "."), planned) is not None


def assert_is_truth(store: Store, planned: list[Planned]) -> None:
    """Compare every field of every mention with the plan; authors have become pseudonyms."""
    found = stored(store)
    assert found.keys() == {(p.mention.source, p.mention.native_id) for p in planned}
    for p in planned:
        want, got = p.mention, found[(p.mention.source, p.mention.native_id)]
        for field in ("kind", "url", "title", "text", "outlet", "status", "reach", "published_at"):
            assert getattr(got, field) == getattr(want, field), (field, got.native_id)
        assert bool(got.author) == bool(want.author)
        assert got.author != want.author or not want.author
        assert got.capture is not None
        company = want.extra.get("company", "")
        assert like(got.extra.get("company", ""), company)
        assert {**got.extra, "company": company} == {**want.extra, "company": company}


def assert_pages_are_kept(world: World) -> None:
    """Read every mention's page back from the archive: unaltered, and it is that page."""
    for mention in stored(world.store).values():
        page = mention.capture
        assert page is not None
        place = Place(page.file, page.offset, page.length)
        kept = verify(world.var / "captures", place, page.sha256)
        words = evidence_words(mention)
        assert words in content(kept).decode("utf-8"), (mention.source, words)


def evidence_words(mention: Mention) -> str:
    """Return words that stand on the mention's page as they are."""
    return mention.native_id.partition("-")[0]


def outcomes(store: Store) -> dict[str, Outcome]:
    with store.read() as conn:
        newest = reversed(runs.latest(conn, jobs.STAGE))
        return {run.source: run.outcome for run in newest}


def latest(store: Store, source: str) -> Any:
    with store.read() as conn:
        return runs.latest(conn, jobs.STAGE, source)[0]


def test_first_run_is_the_truth_second_is_empty_and_k_more_are_k(world: World) -> None:
    plan = list(world.plan.planned)
    world.now = plan[-20].visible_at - timedelta(seconds=1)
    shown = [p for p in plan if p.visible_at <= world.now]
    counts = world.crawl()
    first = sum(world.panel.requests.values())
    assert (counts["ok"], counts["new"]) == (4, len(shown))
    keys = {(p.mention.source, p.mention.native_id) for p in shown}
    assert stored(world.store).keys() == keys

    counts = world.crawl()
    assert (counts["new"], counts["changed"], counts["empty"]) == (0, 0, 4)
    assert sum(world.panel.requests.values()) < first / 3

    world.now = NOW + DAY
    counts = world.crawl()
    assert counts["new"] == len(plan) - len(shown)
    assert_is_truth(world.store, plan)
    assert_pages_are_kept(world)


def test_a_reply_changes_a_complaint_and_keeps_the_old_wording(
    store: Store, tmp_path: Path
) -> None:
    at = NOW - timedelta(minutes=30)  # its reply comes in an hour and a half
    one = complaint(3, at, replied=True)
    world = World(scenario([one]), store, tmp_path / "var")
    with world.site:
        world.crawl("heimao_public")
        (found,) = stored(store).values()
        assert (found.status, len(found.extra["steps"])) == ("处理中", 1)
        world.now = NOW + DAY
        counts = world.crawl("heimao_public")
        assert (counts["new"], counts["changed"]) == (0, 1)
        assert_is_truth(store, [one])
        (found,) = stored(store).values()
        assert (found.status, found.revision) == ("已回复", 2)


def test_kill_minus_nine_in_the_middle_loses_and_doubles_nothing(
    store: Store, tmp_path: Path
) -> None:
    plan = scenario([complaint(i, NOW - timedelta(hours=i)) for i in range(250)])
    world = World(plan, store, tmp_path / "var")
    world.now = NOW + DAY
    with world.site:
        settings = world.settings()
        killer = threading.Thread(target=_kill_after_first_batch, args=(store,))
        killer.start()
        run = jobs.crawl(store, settings, "heimao_public", world.now)
        killer.join()
        assert run.outcome is Outcome.KILLED
        assert "signal 9" in run.note
        held = len(stored(store))
        assert 0 < held < 250
        with store.read() as conn:
            assert state.watermark(conn, "heimao_public") == {}
        run = jobs.crawl(store, settings, "heimao_public", world.now)
        assert (run.outcome, run.counts["new"]) == (Outcome.OK, 250 - held)
        assert_is_truth(store, list(plan.planned))


def _kill_after_first_batch(store: Store) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with store.read() as conn:
            some = conn.execute(select(schema.mention.c.id).limit(1)).first()
        if some and jobs._living:
            (process,) = jobs._living
            os.killpg(process.pid, signal.SIGKILL)
            return
        time.sleep(0.01)


def test_a_dead_parent_takes_its_crawl_along(store: Store, tmp_path: Path) -> None:
    """kill -9 of the parent: the child ends by itself, the run is buried, nothing is doubled."""
    plan = scenario([complaint(i, NOW - timedelta(hours=i)) for i in range(40)])
    world = World(plan, store, tmp_path / "var")
    world.now = NOW + DAY
    with world.site:
        settings = world.settings(heimao_public={"delay_seconds": 0.4})
        script = tmp_path / "settings.json"
        script.write_text(json.dumps(jobs.for_child(settings, "heimao_public")), "utf-8")
        words = ["-c", _PARENT, str(script), world.now.isoformat()]
        parent = subprocess.Popen([sys.executable, *words])
        _until(lambda: world.panel.requests.get("heimao_public", 0) >= 3)
        parent.kill()
        parent.wait()
        _until(lambda: not _processes(f"{tmp_path}/var"))
        run = jobs.crawl(store, world.settings(), "heimao_public", world.now)
        assert run.outcome is Outcome.OK
        assert_is_truth(store, list(plan.planned))
        with store.read() as conn:
            assert [r.outcome for r in runs.latest(conn)] == [Outcome.OK, Outcome.KILLED]


_PARENT = """
import json, sys
from datetime import datetime
from crawlers import jobs
from data.settings import Settings
from data.store.db import Store
settings = Settings(**json.load(open(sys.argv[1])))
now = datetime.fromisoformat(sys.argv[2])
jobs.crawl(Store(settings.database), settings, "heimao_public", now)
"""


def test_an_orphan_that_was_only_just_opening_ends_too(store: Store, tmp_path: Path) -> None:
    """It once closed for ever, because its parent had died before its first request."""
    world = World(scenario([complaint(1, NOW)]), store, tmp_path / "var")
    with world.site:
        settings = json.dumps(jobs.for_child(world.settings(), "heimao_public"))
        words = [
            "-m",
            "crawlers.child",
            "heimao_public",
            "--watched",
            "1",
            "--now",
            NOW.isoformat(),
        ]
        child = subprocess.run(
            [sys.executable, *words], input=settings, text=True, capture_output=True, timeout=240,
            check=False, env=jobs._environment(),
        )  # fmt: skip
    assert child.returncode in {0, 1}


def _processes(words: str) -> list[str]:
    """Return the command lines of living crawls that name ``words``."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if "crawlers.child" in line and words in line:
            found.append(line)
    return found


def _until(condition: Any, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def test_without_an_approval_no_request_leaves(world: World) -> None:
    settings = world.settings(**{slug: {"approval": None} for slug in SOURCES})
    counts = world.crawl(settings=settings)
    assert counts["refused"] == 4
    assert world.panel.paths == []
    run = latest(world.store, "nfra_penalty")
    assert "[sources.nfra_penalty.approval]" in run.note


@pytest.mark.parametrize("source", SOURCES)
def test_the_child_itself_asks_for_the_approval(world: World, tmp_path: Path, source: str) -> None:
    """A person who starts the child by hand cannot pass the gate either."""
    settings = world.settings(**{source: {"approval": None}})
    stats = tmp_path / "stats.json"
    subprocess.run(
        [sys.executable, "-m", "crawlers.child", source, "--stats", str(stats)],
        input=json.dumps(jobs.for_child(settings, source)), text=True, check=True, timeout=60,
        capture_output=True,
    )  # fmt: skip
    assert "not approved" in stats.read_text("utf-8")
    assert world.panel.paths == []


def test_a_block_freezes_the_watermark_and_backs_off(world: World) -> None:
    world.panel.faults["heimao_public"] = Fault(Kind.BLOCK, after=5)
    counts = world.crawl("heimao_public")
    assert counts["refused"] == 1
    with world.store.read() as conn:
        assert state.watermark(conn, "heimao_public") == {}
        due_again = state.next_at(conn, "heimao_public")
    assert due_again == world.now + timedelta(hours=2)
    world.panel.faults.clear()
    world.now = NOW + DAY
    assert world.crawl("heimao_public")["ok"] == 1
    mine = [p for p in world.plan.planned if p.mention.source == "heimao_public"]
    assert_is_truth(world.store, mine)


def test_a_crawl_that_takes_too_long_is_stopped_and_stores_what_it_has(world: World) -> None:
    settings = world.settings(heimao_public={"delay_seconds": 1.0})
    settings = settings.model_copy(
        update={"crawl": settings.crawl.model_copy(update={"timeout_seconds": 6.0})}
    )
    run = jobs.crawl(world.store, settings, "heimao_public", NOW + DAY)
    assert run.outcome is Outcome.FAILED
    assert "crawl.timeout_seconds" in run.note or "closespider_timeout" in run.note
    with world.store.read() as conn:
        assert state.watermark(conn, "heimao_public") == {}


def test_due(world: World) -> None:
    settings = world.settings(eastmoney_guba={"enabled": False})
    with world.store.read() as conn:
        assert jobs.due(conn, settings, NOW) == ["heimao_public", "eastmoney_news", "nfra_penalty"]
        assert jobs.due(conn, Settings(), NOW) == []
    with world.store.write() as conn:
        state.set_next(conn, "nfra_penalty", NOW + DAY)
    with world.store.read() as conn:
        assert "nfra_penalty" not in jobs.due(conn, settings, NOW)
        assert "nfra_penalty" in jobs.due(conn, settings, NOW + DAY)


def test_a_source_that_is_being_read_is_left_alone(world: World) -> None:
    with state.lease(world.store, "crawl:heimao_public", datetime.now(NOW.tzinfo)):  # noqa: TID251
        run = jobs.crawl(world.store, world.settings(), "heimao_public", NOW)
    assert "another process" in run.note
    assert world.panel.paths == []


def test_an_unknown_source_is_a_sentence(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no source 'weibo'; there are: heimao_public"):
        jobs.crawl(store, Settings(var=tmp_path), "weibo", NOW)


def test_no_secret_on_a_command_line_and_none_too_many(world: World) -> None:
    handed = jobs.for_child(world.settings(), "heimao_public")
    assert handed["sources"]["heimao_public"]["signing_key"].startswith("$REPLICA")
    shared = {"database", "var", "lenders", "privacy", "crawl", "retention"}
    assert set(handed) == {*shared, "sources"}
    assert set(handed["sources"]) == {"heimao_public"}


@pytest.mark.parametrize(
    ("outcome", "requests", "refused", "hours"),
    [
        (Outcome.OK, 9, 0, 2),
        (Outcome.EMPTY, 9, 0, 2),
        (Outcome.CHANGED, 9, 0, 2),
        (Outcome.FAILED, 9, 0, 0.25),
        (Outcome.KILLED, 0, 0, 0.25),
        (Outcome.REFUSED, 0, 3, 1),
        (Outcome.REFUSED, 9, 1, 2),
        (Outcome.REFUSED, 9, 2, 4),
        (Outcome.REFUSED, 9, 8, 24),
    ],
)
def test_the_pause_after_a_run(outcome: Outcome, requests: int, refused: int, hours: float) -> None:
    fact = sources()["heimao_public"]
    verdict = Verdict(outcome, {"requests": requests})
    assert jobs.pause(fact, Settings(), verdict, refused) == timedelta(hours=hours)


def test_a_source_that_somebody_asked_for_is_read_at_the_next_tick(world: World) -> None:
    everything = world.settings()
    settings = everything.model_copy(
        update={"sources": {"heimao_public": everything.sources["heimao_public"]}}
    )
    assert stage.run(world.store, settings, world.now)["sources"] == 1
    world.now += timedelta(minutes=5)
    assert stage.run(world.store, settings, world.now)["sources"] == 0
    with world.store.write() as conn:
        asking.ask(conn, "heimao_public", "小林", world.now)
    assert stage.run(world.store, settings, world.now)["sources"] == 1
    with world.store.read() as conn:
        (told,) = asking.history(conn, "heimao_public")
        assert told.outcome == "empty"
        assert jobs.due(conn, settings, world.now) == []


def test_a_second_crawl_costs_a_twentieth_at_most(store: Store, tmp_path: Path) -> None:
    """Half a year of one company, then the same again; the wider sources are in bench/crawl.py."""
    items = [complaint(2 * i, NOW - timedelta(days=1.5 * i, hours=1)) for i in range(120)]
    world = World(scenario(items), store, tmp_path / "var")
    with world.site:
        settings = world.settings()
        first = jobs.crawl(store, settings, "heimao_public", NOW)
        second = jobs.crawl(store, settings, "heimao_public", NOW + timedelta(hours=2))
    assert (first.outcome, first.counts["new"]) == (Outcome.OK, 120), first.note
    assert (second.outcome, second.counts["new"]) == (Outcome.EMPTY, 0), second.note
    assert second.counts["requests"] <= first.counts["requests"] / 20
