"""The verbs about single incidents, on a real store."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from data.model import Incident, IncidentState, Level
from data.store import incidents
from data.store.db import Store
from tests.alerts.conftest import Said, assess
from tests.conftest import NOW
from tests.test_tingfeng import call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store = Store(f"sqlite:///{tmp_path / 'data/var/tingfeng.db'}")
    store.migrate()
    said = [Said(f"n{n}", NOW + timedelta(minutes=n), "在佛山", ("abusive_visit",))
            for n in range(3)]  # fmt: skip
    ids = assess(store, said, NOW)
    with store.write() as conn:
        for key, some in (("a@", ids[:1]), ("b@", ids[1:])):
            one = Incident("chenghu", key, "", Level.YELLOW, IncidentState.OPEN, NOW, NOW)
            incidents.add_mentions(conn, incidents.insert(conn, one), some)
    store.dispose()
    return tmp_path


def test_merge_split_spread_and_judge(folder: Path) -> None:
    assert call("incident", "merge", "1", "2", "--why", "同一件事", cwd=folder).returncode == 0
    told = call("incident", "spread", "1", cwd=folder)
    assert "heimao_public 3 (#1)" in told.stdout
    parted = call("incident", "split", "1", "3", "--why", "另一件事", cwd=folder)
    assert json.loads(parted.stdout) == {"incident": 3}
    assert call("incident", "judge", "1", "useful", cwd=folder).returncode == 0
    wrong = call("incident", "judge", "1", "good", cwd=folder)
    assert wrong.returncode == 2
    assert "useful, false, late" in wrong.stderr
    weeks = call("incident", "precision", "--weeks", "500", cwd=folder)
    assert "precision 100%  useful 1 late 0 false 0 unjudged" in weeks.stdout
