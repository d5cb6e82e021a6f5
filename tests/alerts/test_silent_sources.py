"""A source that is not well: its volume is no alarm and no quiet; its single texts still count."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from alerts.counted import baselines, counted
from alerts.memory import Memory
from alerts.policy import policy_of
from alerts.series import ALL, NEGATIVE
from alerts.stage import detect
from data.model import Level
from data.settings import Burst, Settings
from data.store import health, incidents
from data.store.db import Store
from data.store.health import Concern, Condition
from tests.alerts.conftest import LENDER, Configured, Said, assess
from tests.alerts.test_stage import HOOK, ordinary, words
from tests.conftest import NOW

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def ill(store: Store, source: str, since: datetime, until: datetime | None = None) -> None:
    with store.write() as conn:
        health.note(conn, source, [Concern(Condition.CHANGED, since, "")], since)
        if until is not None:
            health.note(conn, source, [], until)


def flood(tags: tuple[str, ...] = ("disguised_fees",)) -> list[Said]:
    return [
        Said(f"x{n}", NOW - HOUR + n * timedelta(minutes=2), words(4000 + n), tags)
        for n in range(28)
    ]


@pytest.mark.parametrize(
    ("source", "level"), [("eastmoney_news", Level.ORANGE), ("heimao_public", None)]
)
def test_the_volume_of_a_source_that_is_not_well_is_no_alarm(
    store: Store, configured: Configured, source: str, level: Level | None
) -> None:
    assess(store, [*ordinary(20), *flood()], NOW)
    ill(store, source, NOW - 3 * HOUR)
    detect(store, configured(HOOK), NOW)
    with store.read() as conn:
        loud = [one.level for one in incidents.lately(conn, LENDER, NOW) if one.level > 1]
    assert max(loud, default=None) == level


def test_a_single_grave_text_of_it_is(store: Store, configured: Configured) -> None:
    ill(store, "heimao_public", NOW - 3 * HOUR)
    assess(store, [*ordinary(20), Said("grave", NOW, words(1), ("threat_of_violence",))], NOW)
    detect(store, configured(HOOK), NOW)
    with store.read() as conn:
        (found,) = [one for one in incidents.lately(conn, LENDER, NOW) if one.level > 1]
    assert found.level is Level.YELLOW


def test_a_stretch_that_is_over_teaches_nothing(store: Store) -> None:
    """Two days of a source's silence would make every later day look loud."""
    assess(store, ordinary(20), NOW)
    span, policy = (NOW - HOUR, NOW), policy_of(Settings())
    ill(store, "heimao_public", NOW - 8 * DAY, NOW - 6 * DAY)
    with store.read() as conn:
        found = counted(conn, LENDER, span, Burst(), policy.group_of)
    for name in (ALL, NEGATIVE, "source:heimao_public"):
        holes = found.silent.holes(found, name)
        assert holes is not None
        assert holes.sum() == 48
    assert found.silent.holes(found, "source:eastmoney_guba") is None
    bounds = baselines(found, Burst())["burst"][NEGATIVE].bounds(NOW)
    assert bounds.days == pytest.approx(20 - 2, abs=1)
    assert not np.isnan(bounds.expected)


def test_what_is_remembered_is_read_again_when_a_source_falls_ill(
    store: Store, configured: Configured
) -> None:
    memory, settings = Memory(), configured(HOOK)
    assess(store, ordinary(20), NOW)
    detect(store, settings, NOW - 2 * HOUR, memory=memory)
    ill(store, "heimao_public", NOW - 3 * HOUR)
    assess(store, flood(), NOW)
    detect(store, settings, NOW, memory=memory)
    with store.read() as conn:
        assert all(one.level is Level.BLUE for one in incidents.lately(conn, LENDER, NOW))
