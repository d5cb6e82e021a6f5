"""What is usual is learnt; what is not is told, and a gap is never a zero."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawlers import jobs
from crawlers.expect import concerns
from crawlers.observing import Observer, skeleton
from crawlers.replica.faults import Fault, Kind
from crawlers.verdict import Verdict
from data.model import Outcome
from data.store import health
from data.store.db import Store
from data.store.health import Condition
from tests.crawlers.conftest import PAGES
from tests.crawlers.test_jobs import DAY, World
from tests.crawlers.weeks import NOW, complaint, week

HOUR = timedelta(hours=1)
OK, EMPTY = Verdict(Outcome.OK, {"requests": 9}), Verdict(Outcome.EMPTY, {"requests": 9})


def seen(at: datetime = NOW, **other: Any) -> dict[str, Any]:
    return {
        "items": 30,
        "filled": {"title": 1.0, "status": 0.97, "extra.issue": 0.5},
        "lines": 200,
        "lists": 10,
        "newest": (at - HOUR).isoformat(),
        "skeletons": {"list": [f"p{i}" for i in range(20)]},
    } | other


def history(n: int = 8) -> list[tuple[datetime, dict[str, Any]]]:
    times = [NOW - i * 2 * HOUR for i in range(1, n + 1)]
    return [(at, seen(at)) for at in times]


def told(now_seen: dict[str, Any], verdict: Verdict = OK, n: int = 8, **more: Any) -> list[str]:
    now = more.get("now", NOW)
    found = concerns(verdict, more.get("before"), now_seen, history(n), now, NOW - 2 * HOUR)
    return [f"{c.condition}: {c.note}" for c in found]


@pytest.mark.parametrize(
    ("now_seen", "words"),
    [
        (seen(), None),
        (seen(lines=90), "9.0 lines instead of 20.0"),
        (seen(filled={"title": 1.0, "status": 0.6, "extra.issue": 0.0}), "status is filled in 60%"),
        (seen(filled={"title": 1.0, "extra.issue": 0.5}), "status is filled in 0%"),
        (seen(items=3, filled={"title": 1.0}), None),
        (seen(skeletons={"list": [f"p{i}" for i in range(12)]}), "8 of 20 parts are gone"),
        (seen(skeletons={"list": [f"p{i}" for i in range(17)]}), None),
        (seen(skeletons={"list": [f"p{i}" for i in range(40)]}), None),
    ],
)
def test_drift(now_seen: dict[str, Any], words: str | None) -> None:
    found = told(now_seen)
    if words is None:
        assert found == []
    else:
        (one,) = found
        assert one.startswith("changed")
        assert words in one


def test_nothing_is_judged_before_enough_was_seen() -> None:
    assert told(seen(lines=1), n=4) == []


def test_silence_is_measured_by_the_usual_age() -> None:
    later = NOW + timedelta(hours=23)
    assert told(seen(NOW), EMPTY, now=later - HOUR) == []
    (found,) = told(seen(NOW), EMPTY, now=later + HOUR)
    assert found.startswith("silent: nothing new for 25 h; the newest line used to be 1.0 h old")


@pytest.mark.parametrize(
    ("outcome", "before", "condition"),
    [
        (Outcome.REFUSED, None, "blocked"),
        (Outcome.CHANGED, None, "changed"),
        (Outcome.FAILED, Outcome.OK, None),
        (Outcome.FAILED, Outcome.KILLED, "failing"),
        (Outcome.KILLED, Outcome.FAILED, "failing"),
    ],
)
def test_bad_runs(outcome: Outcome, before: Outcome | None, condition: str | None) -> None:
    found = told({}, Verdict(outcome, {"requests": 1}, "why"), before=before)
    assert found == ([f"{condition}: why"] if condition else [])


def test_a_source_that_was_never_allowed_misses_nothing() -> None:
    refused = Verdict(Outcome.REFUSED, {"requests": 0}, "not approved")
    assert concerns(refused, None, {}, [], NOW, None) == []
    (taken_back,) = concerns(refused, Outcome.OK, {}, [], NOW, NOW - DAY)
    assert (taken_back.condition, taken_back.since) == (Condition.BLOCKED, NOW - DAY)


def test_skeletons_know_pages_of_one_kind_and_of_another() -> None:
    def parts(*names: str) -> list[set[str]]:
        return [set(skeleton((PAGES / name).read_bytes())) for name in names]

    page = (PAGES / "heimao_public/detail.html").read_bytes()
    assert skeleton(page) == skeleton(page.decode().encode("gb18030"))
    renamed = skeleton(page.replace(b"ts-d-item", b"step"))
    assert len(set(skeleton(page)) - set(renamed)) > len(renamed) / 5
    listed, shaped = parts("nfra_penalty/list.json", "eastmoney_news/search.jsonp")
    assert ".data.rows[].docId:number" in listed
    assert len(listed & shaped) < len(shaped) / 5
    assert skeleton(b"neither") == []


def test_an_observer_counts_what_is_filled() -> None:
    observer = Observer()
    for i in range(4):
        observer.item(complaint(i, NOW).mention)
    observer.lines(10)
    notes = observer.notes(NOW)
    assert (notes["items"], notes["lines"], notes["lists"]) == (4, 10, 1)
    assert notes["filled"]["title"] == 1.0
    assert notes["filled"]["extra.issue"] == 0.75  # one complaint of four states none
    assert notes["newest"] == NOW.isoformat()


@pytest.fixture
def world(store: Store, tmp_path: Path) -> Iterator[World]:
    made = World(week(24), store, tmp_path / "var")
    with made.site:
        yield made


def test_a_block_is_a_gap_from_the_last_good_run_on(world: World) -> None:
    def conditions() -> list[str]:
        with world.store.read() as conn:
            return [stretch.condition for stretch in health.open_now(conn)]

    world.crawl("eastmoney_news")
    assert conditions() == []
    with world.store.read() as conn:
        ((_, notes),) = health.observed(conn, "eastmoney_news", 5)
    assert notes["items"] == 24
    assert notes["filled"]["title"] == 1.0
    assert notes["skeletons"]["list"]
    world.panel.faults["eastmoney_news"] = Fault(Kind.BLOCK)
    world.now = NOW + DAY
    world.crawl("eastmoney_news")
    assert conditions() == ["blocked"]
    with world.store.read() as conn:
        assert health.muted(conn, NOW + HOUR) == {"eastmoney_news"}
    world.panel.faults.clear()
    world.now = NOW + 3 * DAY
    assert jobs.crawl(world.store, world.settings(), "eastmoney_news", world.now).outcome in (
        Outcome.EMPTY, Outcome.OK,
    )  # fmt: skip
    assert conditions() == []
    with world.store.read() as conn:
        (gap,) = health.gaps(conn, NOW, world.now)
    assert (gap.since, gap.ended_at) == (NOW, NOW + 3 * DAY)
