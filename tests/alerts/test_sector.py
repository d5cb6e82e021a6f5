from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.explain import explain
from alerts.stage import detect
from data.model import Level
from data.store import incidents
from data.store.db import Store
from tests.alerts.conftest import LENDER, Configured, Said, assess
from tests.alerts.test_stage import HOOK, ordinary, words
from tests.conftest import NOW

HOUR = timedelta(hours=1)


def wave(count: int, first: int) -> list[Said]:
    """Plan a loud hour without a place and of severity 3."""
    return [
        Said(f"w{first + n}", NOW - HOUR + n * timedelta(minutes=2), words(first + n),
             ("disguised_fees",), ("heimao_public", "eastmoney_guba")[n % 2])
        for n in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "theirs", "level"),
    [(28, 0, Level.ORANGE), (28, 28, Level.YELLOW), (28, 9, Level.ORANGE)],
)
def test_what_rivals_hear_as_well_is_the_sectors(
    store: Store, configured: Configured, ours: int, theirs: int, level: Level
) -> None:
    settings = configured(HOOK)
    assess(store, ordinary(20), NOW)
    theirs_before = [
        Said(f"r{one.native_id}", one.at, one.words + "别家", one.tags) for one in ordinary(20)
    ]
    assess(store, theirs_before, NOW, lender="qichuan")
    assess(store, wave(theirs, 3000), NOW, lender="qichuan")
    assess(store, wave(ours, 5000), NOW)
    detect(store, settings, NOW)
    with store.read() as conn:
        (found,) = [i for i in incidents.lately(conn, LENDER, NOW) if i.level > Level.BLUE]
        told = explain(conn, settings, found.id, NOW)
    assert found.level is level
    loud = [one for one in told["signals"] if one["rule"].startswith("burst")]
    assert loud
    assert all(one["same"] for one in loud)
    assert all(one["written"]["sector"] for one in loud) is (level is Level.YELLOW)
