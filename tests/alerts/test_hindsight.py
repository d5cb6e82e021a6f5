"""Another file of whom to tell, tried on what there was; today's tells what was really told."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.hindsight import messages, rehearse_telling
from alerts.stage import detect
from data.errors import ConfigError, FactError
from data.facts.telling import FILE
from data.model import Reason
from data.settings import Settings
from data.store import incidents, outbox
from data.store.db import Store
from tests.alerts.conftest import LENDER, Configured, assess
from tests.alerts.test_stage import HOOK, crisis, ordinary
from tests.conftest import NOW

MONTH = timedelta(days=30)
LEAD = {**HOOK, "name": "lead", "audience": "lead", "lowest_level": "orange"}
TELLING = FILE.read_text("utf-8")


def tried(tmp_path: Path, old: str, new: str) -> Path:
    file = tmp_path / "telling.yaml"
    assert old in TELLING
    file.write_text(TELLING.replace(old, new), "utf-8")
    return file


def minute_by_minute(store: Store, configured: Configured) -> Settings:
    """A crisis as the stage lived through it, told to two channels; nobody looks."""
    settings = configured(HOOK, LEAD)
    begins = NOW - timedelta(hours=3)
    assess(store, ordinary(20, begins), begins)
    detect(store, settings, begins)
    for step in range(18):
        now = begins + timedelta(minutes=10 * (step + 1))
        assess(store, crisis(3, now - timedelta(minutes=9), 1000 + 3 * step), now)
        detect(store, settings, now)
    return settings


def test_todays_file_tells_what_was_told(store: Store, configured: Configured) -> None:
    settings = minute_by_minute(store, configured)
    with store.read() as conn:
        found = rehearse_telling(conn, settings, FILE, NOW - MONTH, NOW)
        real = Counter(
            (incident.id, letter.what.channel, letter.what.reason)
            for incident in incidents.lately(conn, LENDER, NOW - MONTH)
            for letter in outbox.of_incident(conn, incident.id)
            if letter.state == "waiting"
        )
    assert all(one.today == one.tried for one in found)
    told = Counter((one.id, one.channel, why) for one in found for why in one.today)
    firsts = {key for key in real if key[2] is Reason.FIRST}
    assert firsts
    assert {key for key in told if key[2] is Reason.FIRST} == firsts
    assert {key for key in told if key[2] is Reason.ESCALATED} == {
        key for key in real if key[2] is Reason.ESCALATED
    }


def test_only_what_the_file_changes_changes(
    store: Store, configured: Configured, tmp_path: Path
) -> None:
    settings = minute_by_minute(store, configured)
    file = tried(tmp_path, "hears: [first, worse, escalated, overdue, statement]", "hears: [worse]")
    with store.read() as conn:
        found = rehearse_telling(conn, settings, file, NOW - MONTH, NOW)
        assert rehearse_telling(conn, settings, file, NOW, NOW + MONTH) == []
    changed = [one for one in found if one.today != one.tried]
    assert {one.channel for one in changed} == {"lead"}
    assert all(Reason.FIRST in one.today and Reason.FIRST not in one.tried for one in changed)
    before, after = messages(found)["lead"]
    assert before > after


def test_progress_is_told(store: Store, configured: Configured) -> None:
    settings = minute_by_minute(store, configured)
    seen: list[tuple[int, int]] = []
    with store.read() as conn:
        rehearse_telling(conn, settings, FILE, NOW - MONTH, NOW, lambda *one: seen.append(one))
    assert seen[-1] == (len(seen), len(seen))


def test_a_mistake_in_the_file_is_one_sentence(
    store: Store, configured: Configured, tmp_path: Path
) -> None:
    settings = configured(HOOK, LEAD)
    wrong = tried(tmp_path, "messages_a_day: 5", "messages_a_day: 1")
    with pytest.raises(FactError, match=r"messages_a_day"), store.read() as conn:
        rehearse_telling(conn, settings, wrong, NOW - MONTH, NOW)
    audience = tried(tmp_path, "  lead:\n    zh: 公关负责人", "  head:\n    zh: 公关负责人")
    audience.write_text(audience.read_text("utf-8").replace("audience: lead", "audience: head"))
    with pytest.raises(ConfigError, match="audience 'lead'"), store.read() as conn:
        rehearse_telling(conn, settings, audience, NOW - MONTH, NOW)
