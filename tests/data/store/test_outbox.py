from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from data.holder import me
from data.model import Level, Notification, Reason
from data.store import incidents, outbox
from data.store.db import Store
from data.store.outbox import DEAD, QUIET, SENDING, SENT, WAITING
from data.store.schema import outbox as table
from tests.conftest import NOW
from tests.data.store.test_incidents import OPEN

MINUTE = timedelta(minutes=1)


def letter(key: str, incident_id: int, **changes: Any) -> Notification:
    values: dict[str, Any] = {
        "key": key, "incident_id": incident_id, "revision": 1, "channel": "mail",
        "level": Level.YELLOW, "reason": Reason.FIRST, "subject": "题", "body": {"number": "#A"},
        "created_at": NOW, "due_at": NOW,
    }  # fmt: skip
    return Notification(**{**values, **changes})


@pytest.fixture
def number(any_store: Store) -> int:
    with any_store.write() as conn:
        return incidents.insert(conn, OPEN)


def test_a_key_is_written_once(any_store: Store, number: int) -> None:
    with any_store.write() as conn:
        assert outbox.put(conn, letter("a", number), WAITING)
        assert not outbox.put(conn, letter("a", number, subject="another"), WAITING)
        (found,) = outbox.of_incident(conn, number)
    assert found.what == letter("a", number, id=found.what.id)
    assert (found.state, found.unsure, found.sent_at) == (WAITING, False, None)


def test_the_gravest_goes_first_and_what_is_not_due_waits(any_store: Store, number: int) -> None:
    with any_store.write() as conn:
        rows: dict[str, dict[str, Any]] = {
            "old": {},
            "red": {"level": Level.RED, "created_at": NOW + MINUTE},
            "later": {"due_at": NOW + 9 * MINUTE},
            "quiet": {},
        }
        for key, changes in rows.items():
            state = QUIET if key == "quiet" else WAITING
            outbox.put(conn, letter(key, number, **changes), state)
        by_id = {one.what.id: one.what.key for one in outbox.of_incident(conn, number)}
        assert [by_id[row.id] for row in outbox.due(conn, NOW + MINUTE)] == ["red", "old"]
        assert len(outbox.due(conn, NOW + 9 * MINUTE)) == 3
        assert outbox.oldest_unsent(conn) == NOW


def test_one_worker_at_a_time(any_store: Store, number: int) -> None:
    with any_store.write() as conn:
        outbox.put(conn, letter("a", number), WAITING)
        (row_id,) = [row.id for row in outbox.due(conn, NOW)]
        taken = outbox.take(conn, row_id, NOW)
        assert taken is not None
        assert (taken.state, taken.what.attempt, taken.unsure) == (SENDING, 1, False)
        assert outbox.take(conn, row_id, NOW) is None
        assert outbox.take(conn, row_id + 1, NOW) is None


@pytest.mark.parametrize(
    ("why", "holder", "after", "taken"),
    [
        ("a dead process of this host is followed at once", "gone", timedelta(), True),
        ("one on another host is waited for", "elsewhere:1:1", timedelta(), False),
        ("until its lease ends", "elsewhere:1:1", outbox.LEASE, True),
    ],
)
def test_what_a_worker_left_behind(
    any_store: Store, number: int, why: str, holder: str, after: timedelta, taken: bool
) -> None:
    name = f"{me().rsplit(':', 2)[0]}:999999:1" if holder == "gone" else holder
    with any_store.write() as conn:
        outbox.put(conn, letter("a", number), WAITING)
        (row_id,) = [row.id for row in outbox.due(conn, NOW)]
        outbox.take(conn, row_id, NOW)
        conn.execute(update(table).values(leased_by=name))
        again = outbox.take(conn, row_id, NOW + after)
    assert (again is not None) == taken, why
    if again is not None:
        assert again.unsure
        assert again.what.attempt == 2


def test_how_a_row_ends(any_store: Store, number: int) -> None:
    with any_store.write() as conn:
        for key in ("sent", "later", "unsure", "dead", "dropped"):
            outbox.put(conn, letter(key, number), WAITING)
        ids = {one.what.key: one.what.id for one in outbox.of_incident(conn, number)}
        for row_id in ids.values():
            outbox.take(conn, row_id, NOW)
        outbox.sent(conn, ids["sent"], NOW, "250 ok")
        outbox.later(conn, ids["later"], NOW + MINUTE, "451", unsure=False)
        outbox.later(conn, ids["unsure"], NOW + MINUTE, "?", unsure=True)
        outbox.dead(conn, ids["dead"], "550")
        outbox.drop(conn, ids["dropped"], "closed")
        found = {one.what.key: one for one in outbox.of_incident(conn, number)}
        assert {key: one.state for key, one in found.items()} == {
            "sent": SENT, "later": WAITING, "unsure": WAITING, "dead": DEAD, "dropped": QUIET,
        }  # fmt: skip
        assert [found[key].unsure for key in ("later", "unsure")] == [False, True]
        assert (found["sent"].sent_at, found["sent"].reply) == (NOW, "250 ok")
        assert outbox.counts(conn) == {SENT: 1, WAITING: 2, DEAD: 1, QUIET: 1}
        unsure = outbox.take(conn, ids["unsure"], NOW + MINUTE)
        assert unsure is not None
        assert unsure.unsure, "once it may have arrived, it may have"
