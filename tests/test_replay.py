"""Replays: the production path on a fast clock, and the gate that holds alerts to their promise."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import tingfeng_replay
from alerts import replay, score
from alerts.replay import Player
from data.facts import lenders
from data.facts.levels import FILE
from data.scenarios.format import Scenario, write
from data.scenarios.generate import generate
from data.settings import Settings
from data.store import figures, work
from data.store.db import Store
from tests.test_tingfeng import call

START = datetime(2026, 1, 5, tzinfo=UTC)
SEED = 13  # not on the list of bench/replay_seeds.txt


@pytest.fixture(scope="module")
def day() -> Scenario:
    return generate(3, START, 1, lenders=lenders())


@pytest.mark.slow
@pytest.mark.xdist_group("replay")
def test_four_planned_weeks_keep_the_promise() -> None:
    """A small version of ``make replay``: two exposures, a rumour and six traps.

    The first message about what became red came after 6 minutes when this was written; the
    promise is 30, and the gate closes at 15, so that a step towards it is noticed.
    """
    scenario = generate(SEED, START, 28, lenders=lenders())
    kinds = Counter(event.kind for event in scenario.events if not event.trap)
    assert kinds == {"violent_collection": 2, "rumour": 1}
    assert sum(event.trap for event in scenario.events) == 6
    found = score.merge([tingfeng_replay.replay(scenario, None, gold=False)])
    assert found["recall"]["told"] == found["recall"]["at_level"] == found["recall"]["planted"] == 3
    assert found["false_a_week"]["red"] + found["false_a_week"]["orange"] == 0
    assert found["false_a_week"]["yellow"] <= 2
    assert found["traps"]["above"] == {}
    assert found["minutes_to_first_message"]["of_those_that_became_red"]["p95"] <= 15
    assert found["messages_in_24_h"]["most"] <= 5


@pytest.mark.parametrize("noticed", [False, True])
def test_hours_are_taken_in_at_once_or_leave_no_trace(
    store: Store, tmp_path: Path, day: Scenario, noticed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(database=str(store.url), var=tmp_path)
    player = Player(store, settings, tingfeng_replay.by_gold(day))
    monkeypatch.setattr(replay, "_noticed", lambda _: noticed)
    assert player._passes(day.planned[:50], START + timedelta(hours=6)) is not noticed
    with store.read() as conn:
        assert (figures.summary(conn)["mentions"] == 0) is noticed
        assert work.count(conn, "assess") == work.count(conn, "detect") == 0


def test_two_policies_are_compared(tmp_path: Path, day: Scenario) -> None:
    other = tmp_path / "mine.yaml"
    shutil.copy(FILE, other)
    found = tingfeng_replay.compare(
        day, [FILE, other], gold=True, bar=lambda _: lambda _done, _total: None
    )
    assert found[str(FILE)] == found[str(other)]
    assert found[str(other)]["weeks"] == 0.1


def test_the_verb_prints_figures(tmp_path: Path, day: Scenario) -> None:
    write(day, tmp_path / "day.jsonl", tmp_path / "truth.json")
    done = call("replay", "day.jsonl", "--truth", "truth.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["levels.yaml"]["recall"]["planted"] == 0
