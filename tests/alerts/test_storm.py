from __future__ import annotations

from pathlib import Path

import pytest

from data.store.db import Store
from tests.alerts.storm import Brittle, storm


@pytest.mark.slow
def test_through_crashes_nothing_is_lost_and_every_double_is_marked(
    store: Store, tmp_path: Path
) -> None:
    """The short version of ``make crash``: 90 alerts, a crash in 20 steps."""
    brittle = Brittle(str(store.url))
    found = storm(tmp_path, brittle, alerts=90, of=0.05, seed=20261125)
    brittle.dispose()
    assert found.crashes > 5, "or the test shows nothing"
    assert (found.lost, found.unmarked, found.too_fast) == (0, 0, [])
    assert found.dead == 15
    assert found.told_elsewhere >= found.dead, "what the dead channel had to say is said elsewhere"
    assert set(found.states) <= {"sent", "dead"}
