from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from alerts import inbox
from alerts.outbox import deliver
from alerts.stage import detect
from alerts.turn import pause
from data.inbox import messages
from data.model import IncidentState
from data.settings import Settings
from data.store import incidents, outbox
from data.store.db import Store
from data.store.incidents import Event
from data.store.schema import incident as incident_table
from data.store.schema import outbox as outbox_table
from tests.alerts.conftest import Configured, Said, assess
from tests.alerts.servers import closed_port, web
from tests.conftest import NOW

SECOND = timedelta(seconds=1)


def hook(url: str, name: str = "hook", lowest: str = "blue") -> dict[str, Any]:
    return {
        "type": "webhook",
        "name": name,
        "url": url,
        "secret": "hush-hush",
        "lowest_level": lowest,
    }


def mail(port: int, name: str = "mail") -> dict[str, Any]:
    return {"type": "email", "name": name, "host": "127.0.0.1", "port": port, "security": "none",
            "sender": "t@example.com", "to": ["p@example.com"], "lowest_level": "blue"}  # fmt: skip


def alarm(store: Store, settings: Settings, tag: str = "threat_of_violence") -> None:
    assess(store, [Said(tag, NOW - timedelta(minutes=5), tags=(tag,))], NOW)
    detect(store, settings, NOW)


def rows(store: Store) -> list[Any]:
    with store.read() as conn:
        return list(conn.execute(select(outbox_table).order_by(outbox_table.c.id)))


def tried_again(store: Store, settings: Settings, at: datetime) -> dict[str, int]:
    return {name: n for name, n in deliver(store, settings, at).items() if n}


def test_a_message_is_sent_once_with_what_came_back(store: Store, configured: Configured) -> None:
    with web(reply="thanks") as receiver:
        settings = configured(hook(receiver.url))
        alarm(store, settings)
        assert tried_again(store, settings, NOW) == {"sent": 1}
        assert tried_again(store, settings, NOW + timedelta(days=1)) == {}
    (row,) = rows(store)
    assert (row.state, row.reply, row.attempt, row.sent_at) == ("sent", "200 thanks", 1, NOW)
    assert len(receiver.got) == 1


def test_later_is_tried_after_5_s_30_s_2_min_and_then_every_10_min(
    store: Store, configured: Configured
) -> None:
    with web([503]) as receiver:
        settings = configured(hook(receiver.url))
        alarm(store, settings)
        at, waits = NOW, []
        for _ in range(6):
            assert tried_again(store, settings, at) == {"later": 1}
            (row,) = rows(store)
            waits.append((row.due_at - at) / SECOND)
            assert tried_again(store, settings, row.due_at - SECOND) == {}
            at = row.due_at
        assert waits == [5, 30, 120, 600, 600, 600]
        assert tried_again(store, settings, NOW + timedelta(hours=25)) == {"dead": 1}
    (row,) = rows(store)
    assert row.state == "dead"
    assert "503" in row.reply
    assert not row.unsure, "a refused message did not arrive"


def test_a_dead_channel_is_told_on_another(
    store: Store, configured: Configured, tmp_path: Path
) -> None:
    with web([410]) as receiver, inbox.serving(tmp_path / "inbox") as port:
        settings = configured(hook(receiver.url), mail(port))
        alarm(store, settings)
        assert tried_again(store, settings, NOW) == {"dead": 1, "sent": 1}
        assert tried_again(store, settings, NOW + SECOND) == {"sent": 1}
        assert tried_again(store, settings, NOW + timedelta(days=2)) == {}
    found = messages(tmp_path / "inbox")
    assert len(found) == 2
    assert [one.subject for one in found if "渠道 hook 投递失败" in one.subject]


def test_when_every_channel_is_dead_it_ends(store: Store, configured: Configured) -> None:
    with web([410]) as one, web([410]) as other:
        settings = configured(hook(one.url, "a"), hook(other.url, "b"))
        alarm(store, settings)
        for n in range(9):
            deliver(store, settings, NOW + n * SECOND)
    assert [row.state for row in rows(store)] == ["dead"] * 4
    assert (len(one.got), len(other.got)) == (2, 2)


def _unknown(store: Store, settings: Settings, level: int, times: int) -> Sequence[dict[str, int]]:
    alarm(store, settings)
    with store.write() as conn:
        conn.execute(update(outbox_table).values(level=level))
    return [tried_again(store, settings, NOW + n * timedelta(minutes=11)) for n in range(times)]


@pytest.mark.parametrize(
    ("level", "outcome"), [(3, ["later", "later", "later"]), (2, ["later", "dead"])]
)
def test_what_may_have_arrived_is_marked_when_repeated(
    store: Store, configured: Configured, level: int, outcome: list[str]
) -> None:
    """Orange goes on until somebody surely has it, yellow is repeated once."""
    with web(cut=True) as receiver:
        settings = configured(hook(receiver.url))
        found = _unknown(store, settings, level, len(outcome))
    assert found == [{one: 1} for one in outcome]
    subjects = [json.loads(body)["subject"] for _, body in receiver.got]
    assert [s.startswith("（重发）") for s in subjects] == [n > 0 for n in range(len(outcome))]
    assert len({headers["Idempotency-Key"] for headers, _ in receiver.got}) == 1


def test_a_row_left_by_a_dead_worker_is_taken_over_at_once_and_marked(
    store: Store, configured: Configured, tmp_path: Path
) -> None:
    with inbox.serving(tmp_path / "inbox") as port:
        settings = configured(mail(port))
        alarm(store, settings)
        with store.write() as conn:
            (row_id,) = [row.id for row in outbox.due(conn, NOW)]
            assert outbox.take(conn, row_id, NOW) is not None
        assert tried_again(store, settings, NOW) == {}, "we live, so nobody takes it over"
        with store.write() as conn:
            gone = rows(store)[0].leased_by.rsplit(":", 2)[0] + ":999999:1"
            conn.execute(update(outbox_table).values(leased_by=gone))
        assert tried_again(store, settings, NOW) == {"sent": 1}
    (found,) = messages(tmp_path / "inbox")
    assert found.subject.startswith("（重发）")


@pytest.mark.parametrize("state", [IncidentState.ACKNOWLEDGED, IncidentState.CLOSED])
def test_what_somebody_has_taken_up_meanwhile_is_not_sent(
    store: Store, configured: Configured, state: IncidentState
) -> None:
    with web() as receiver:
        settings = configured(hook(receiver.url))
        alarm(store, settings)
        with store.write() as conn:
            conn.execute(update(incident_table).values(state=state.value))
            incidents.add_events(conn, 1, [Event(NOW + SECOND, "王某", state.value)])
        assert tried_again(store, settings, NOW + 2 * SECOND) == {"withheld": 1}
    assert receiver.got == []
    (row,) = rows(store)
    assert row.state == "quiet"
    assert "meanwhile" in row.reply


def test_a_channel_that_left_the_settings_gets_nothing(
    store: Store, configured: Configured
) -> None:
    alarm(store, configured(hook("http://127.0.0.1:1/")))
    assert tried_again(store, configured(), NOW) == {"withheld": 1}
    assert "no longer in the settings" in rows(store)[0].reply


def test_a_channel_that_says_later_is_left_alone_and_does_not_hold_the_others(
    store: Store, configured: Configured
) -> None:
    with web() as receiver:
        broken = hook(f"http://127.0.0.1:{closed_port()}/", "broken")
        settings = configured(broken, hook(receiver.url, "works"))
        alarm(store, settings, "threat_of_violence")
        alarm(store, settings, "nuisance_deliveries")
        assert tried_again(store, settings, NOW) == {"later": 1, "sent": 2}
    waiting = [row for row in rows(store) if row.channel == "broken"]
    assert sorted(row.attempt for row in waiting) == [0, 1]


def test_progress_counts_to_the_end(store: Store, configured: Configured) -> None:
    with web() as receiver:
        settings = configured(hook(receiver.url))
        alarm(store, settings)
        seen: list[tuple[int, int]] = []
        deliver(store, settings, NOW, lambda done, total: seen.append((done, total)))
    assert seen == [(1, 1)]


def test_pauses_never_end() -> None:
    assert pause(0) == pause(1)
    assert pause(10_000) == timedelta(minutes=10)
