"""Other conditions of the levels, tried on what there was."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from alerts.rehearse import heard, rehearse
from alerts.stage import detect
from data.errors import FactError
from data.facts.levels import FILE
from data.model import Level
from data.store.db import Store
from tests.alerts.conftest import Configured, assess
from tests.alerts.test_stage import HOOK, crisis, ordinary
from tests.conftest import NOW

MONTH = timedelta(days=30)


def test_only_what_the_file_changes_changes(
    store: Store, configured: Configured, tmp_path: Path
) -> None:
    settings = configured({**HOOK, "lowest_level": "orange"})
    assess(store, [*ordinary(20), *crisis(24, NOW - timedelta(hours=2))], NOW)
    detect(store, settings, NOW)
    with store.read() as conn:
        so_far: list[tuple[int, int]] = []
        same = rehearse(conn, settings, FILE, NOW - MONTH, NOW, lambda *one: so_far.append(one))
    assert same
    assert so_far == [(n, len(same)) for n in range(1, len(same) + 1)]
    assert all(one.today is one.tried for one in same)
    assert max(one.today for one in same) >= Level.ORANGE

    file = tmp_path / "levels.yaml"
    calm = FILE.read_text("utf-8").replace("people: 2}", "people: 99}")
    calm = calm.replace("{burst_negative: 1.25, severity: 4, sources_24h: 2}", "{hotlist: 9}")
    calm = calm.replace("{burst_negative: 2, voices: 20}", "{hotlist: 9}")
    calm = calm.replace("{burst_severe: 1.5}", "{hotlist: 9}").replace(
        "{cluster: 20}", "{hotlist: 9}"
    )
    calm = calm.replace("{burst_negative: 2, severity: 4, sources_4h: 3}", "{hotlist: 9}")
    file.write_text(calm, "utf-8")
    with store.read() as conn:
        tried = rehearse(conn, settings, file, NOW - MONTH, NOW)
        assert rehearse(conn, settings, file, NOW + MONTH, NOW + 2 * MONTH) == []
    assert [one.today for one in tried] == [one.today for one in same]
    assert max(one.tried for one in tried) < Level.ORANGE
    before, after = heard(settings, tried)["hook"]
    assert before > after == 0


def test_a_mistake_in_the_file_is_one_sentence(
    store: Store, configured: Configured, tmp_path: Path
) -> None:
    file = tmp_path / "levels.yaml"
    file.write_text(FILE.read_text("utf-8").replace("severity: 4", "gravity: 4"), "utf-8")
    with pytest.raises(FactError, match="gravity"), store.read() as conn:
        rehearse(conn, configured(), file, NOW - MONTH, NOW)
