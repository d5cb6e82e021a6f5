"""Approvals with a history, trials that store nothing, back-fills that survive a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from typer.testing import CliRunner

import tingfeng
from crawlers import approving, backfill, gate, jobs
from crawlers.replica.faults import Fault, Kind, Robots
from crawlers.trial import without_people
from data.errors import InputError, Refused
from data.facts.sources import sources
from data.model import Outcome
from data.settings import Settings
from data.store import approvals, state, windows
from data.store.db import Store
from tests.crawlers.test_jobs import DAY, World, assert_is_truth, stored
from tests.crawlers.weeks import NOW, complaint, week

__all__ = ["world"]

BY, WHY = "张合规", "公开信息，书面确认见档案"


@pytest.fixture
def world(store: Store, tmp_path: Path) -> Any:
    made = World(week(36), store, tmp_path / "var")
    with made.site:
        yield made


def unapproved(world: World) -> Settings:
    return world.settings(**{slug: {"approval": None} for slug in world.settings().sources})


def decide(world: World, source: str = "eastmoney_news") -> approvals.Decision:
    return approving.approve(world.store, unapproved(world), source, BY, WHY, NOW)


def test_an_approval_in_the_store_lets_a_source_be_read(world: World) -> None:
    settings = unapproved(world)
    assert jobs.crawl(world.store, settings, "eastmoney_news", NOW).outcome is Outcome.REFUSED
    decision = decide(world)
    (robots,) = decision.robots["robots"]
    assert (robots["status"], robots["allows"]) == (200, True)
    assert len(robots["sha256"]) == 64
    assert jobs.crawl(world.store, settings, "eastmoney_news", NOW + DAY).outcome is Outcome.OK


def test_who_withdraws_is_obeyed_even_against_the_settings(world: World) -> None:
    decide(world)
    approving.withdraw(world.store, "eastmoney_news", "李法务", "站点来函", NOW + DAY)
    run = jobs.crawl(world.store, world.settings(), "eastmoney_news", NOW + DAY)
    assert run.outcome is Outcome.REFUSED
    assert "李法务 withdrew it" in run.note
    assert [p for p in world.panel.paths if p != "/robots.txt"] == []
    with world.store.read() as conn:
        found = [d.decision for d in approvals.history(conn, "eastmoney_news")]
    assert found == ["withdrawn", "approved"]


@pytest.mark.parametrize(
    ("robots", "why"),
    [
        (Robots(500, ""), "status 500"),
        (Robots(403, ""), "status 403"),
        (Robots(200, "<!DOCTYPE html>", "text/html"), "which means no"),
        (Robots(200, "User-agent: *\nDisallow: /eastmoney_news/search\n"), "it forbids http"),
    ],
)
def test_nothing_is_approved_against_robots_txt(world: World, robots: Robots, why: str) -> None:
    world.panel.robots = robots
    with pytest.raises(Refused, match=why):
        decide(world)
    with world.store.read() as conn:
        assert approvals.current(conn, "eastmoney_news") is None


def test_an_approval_needs_a_person_and_a_reason(world: World) -> None:
    with pytest.raises(InputError, match="--by"):
        approving.approve(world.store, world.settings(), "eastmoney_news", " ", WHY, NOW)


def test_what_is_approved_is_due_without_a_settings_entry(world: World) -> None:
    decide(world)
    with world.store.read() as conn:
        assert jobs.due(conn, Settings(), NOW) == ["eastmoney_news"]
        decision = approvals.current(conn, "eastmoney_news")
    assert "contact" in gate.refusal(sources()["eastmoney_news"], Settings(), decision)


@pytest.mark.parametrize("source", ["heimao_public", "eastmoney_news", "nfra_penalty"])
def test_a_trial_shows_and_stores_nothing(world: World, source: str) -> None:
    end = jobs.trial(world.store, world.settings(), source, NOW)
    assert end.verdict.outcome is Outcome.OK
    assert stored(world.store) == {}
    assert not (world.var / "captures").exists()
    first = end.report["mentions"][0]
    assert first["source"] == source
    assert "匿名用户" not in first["author"]
    assert len(world.panel.paths) <= 5
    assert all(page["text"] for page in end.report["pages"])
    assert "匿名用户" not in end.report["pages"][-1]["text"]


def test_a_trial_of_a_source_that_says_no(world: World) -> None:
    world.panel.faults["eastmoney_news"] = Fault(Kind.BLOCK)
    end = jobs.trial(world.store, world.settings(), "eastmoney_news", NOW)
    assert end.verdict.outcome is Outcome.REFUSED


def test_a_recorded_page_keeps_ids_and_no_person() -> None:
    mention = complaint(1, NOW).mention
    phone = "138" + "1234" + "5678"
    page = f'{{"sn": "{mention.native_id}", "by": "{mention.author}", "tel": "{phone}"}}'
    told = json.loads(without_people(page, [mention]))
    assert told["sn"] == mention.native_id
    assert told["by"] == "用户1"
    assert phone not in told["tel"]


def test_a_backfill_reads_what_the_windows_hold(world: World) -> None:
    since, until = NOW - 30 * DAY, NOW - 5 * DAY
    told: list[tuple[int, int]] = []
    counts = backfill.run(
        world.store, world.settings(), "heimao_public", (since, until), NOW,
        days=10, progress=lambda done, of: told.append((done, of)),
    )  # fmt: skip
    assert (counts["windows"], counts["left"]) == (3, 0)
    assert (told[0], told[-1]) == ((0, 3), (3, 3))
    wanted = [
        p
        for p in world.plan.planned
        if p.mention.source == "heimao_public"
        and p.mention.published_at is not None
        and since <= p.mention.published_at < until
    ]
    assert_is_truth(world.store, wanted)
    with world.store.read() as conn:
        assert state.watermark(conn, "heimao_public") == {}
    before = len(world.panel.paths)
    again = backfill.run(
        world.store, world.settings(), "heimao_public", (since, until), NOW, days=10
    )
    assert (again["windows"], again["left"], again["new"]) == (3, 0, 0)
    assert len(world.panel.paths) == before


def test_a_backfill_stops_at_a_refusal_and_respects_its_rest(world: World) -> None:
    world.panel.faults["heimao_public"] = Fault(Kind.BLOCK, after=3)
    span = (NOW - 30 * DAY, NOW - 5 * DAY)
    counts = backfill.run(world.store, world.settings(), "heimao_public", span, NOW, days=10)
    assert counts["left"] == 3
    asked = len(world.panel.paths)
    world.panel.faults.clear()
    with pytest.raises(Refused, match="left alone until"):
        backfill.run(world.store, world.settings(), "heimao_public", span, NOW, days=10)
    assert len(world.panel.paths) == asked


_FILL = """
import json, sys
from datetime import datetime
from crawlers import backfill
from data.settings import Settings
from data.store.db import Store
settings = Settings(**json.load(open(sys.argv[1])))
since, until, now = map(datetime.fromisoformat, sys.argv[2:5])
backfill.run(Store(settings.database), settings, "heimao_public", (since, until), now, days=10)
"""


def test_a_killed_backfill_goes_on_where_it_stopped(world: World, tmp_path: Path) -> None:
    since, until = NOW - 40 * DAY, NOW
    settings = world.settings(heimao_public={"delay_seconds": 0.02})
    values = settings.model_dump(include={"database", "var"})
    values |= jobs.for_child(settings, "heimao_public")
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(values, default=str))
    words = [since.isoformat(), until.isoformat(), NOW.isoformat()]
    with subprocess.Popen(
        [sys.executable, "-c", _FILL, str(file), *words], cwd=Path(__file__).parents[2],
        start_new_session=True,
    ) as process:  # fmt: skip
        deadline = time.monotonic() + 60
        while not _done(world, since, until) and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
    done = _done(world, since, until)
    assert 0 < done < 4
    later = NOW + timedelta(minutes=1)
    counts = backfill.run(
        world.store, world.settings(), "heimao_public", (since, until), later, days=10
    )
    assert (counts["windows"], counts["left"]) == (4, 0)
    planned = [p for p in world.plan.planned if p.mention.source == "heimao_public"]
    assert_is_truth(world.store, planned)


def _done(world: World, since: Any, until: Any) -> int:
    with world.store.read() as conn:
        found = windows.between(conn, "heimao_public", since, until)
    return sum(done_at is not None for _, done_at in found)


def test_the_verbs(world: World, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    made: dict[str, Any] = {"database": world.store.name, "var": str(world.var), "sources": {}}
    for slug, values in world.settings().model_dump(mode="json")["sources"].items():
        made["sources"][slug] = {k: v for k, v in values.items() if v not in (None, "", [])}
        made["sources"][slug].pop("approval")
        made["sources"][slug].pop("signing_key", None)
    file.write_text(tomli_w.dumps(made), "utf-8")

    def say(*words: str) -> Any:
        return CliRunner().invoke(
            tingfeng.app, ["source", *words, "--config", str(file)], catch_exceptions=True
        )

    assert "is not approved" in say("list").stdout
    assert isinstance(say("try", "eastmoney_news").exception, Refused)
    done = say("approve", "eastmoney_news", "--by", BY, "--basis", WHY)
    assert json.loads(done.stdout)["by"] == BY
    shown = json.loads(say("show", "eastmoney_news").stdout)
    assert (shown["refusal"], shown["decisions"][0]["basis"]) == ("", WHY)
    tried = json.loads(say("try", "eastmoney_news").stdout)
    assert tried["mentions"][0]["source"] == "eastmoney_news"
    recorded = say("record", "eastmoney_news", "--to", str(tmp_path / "pages"))
    assert recorded.exit_code == 0, recorded.output
    assert list((tmp_path / "pages" / "eastmoney_news").iterdir())
    span = ("--since", "2026-10-01", "--until", "2026-11-20", "--days", "60")
    filled = say("backfill", "eastmoney_news", *span)
    assert filled.exit_code == 0, filled.output
    assert json.loads(filled.stdout)["new"] > 0
    assert say("approve", "eastmoney_news", "--by", BY, "--basis", WHY, "--withdraw").exit_code == 0
    assert "withdrew it" in say("list").stdout
