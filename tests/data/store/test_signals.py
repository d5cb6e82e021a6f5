from __future__ import annotations

from datetime import timedelta

from data.model import Signal, SourceKind
from data.store import signals
from data.store.db import Store
from tests.alerts.conftest import LENDER, Said, assess
from tests.conftest import NOW

HOUR = timedelta(hours=1)
SIGNAL = Signal(
    rule="burst", version=1, lender=LENDER, series="negative", at=NOW, window=HOUR, value=9.0,
    expected=2.5, threshold=8.0, severity=4, detail={"low": 0, "sources": {"a": 9}},
)  # fmt: skip


def test_a_signal_is_written_once_and_comes_back(any_store: Store) -> None:
    with any_store.write() as conn:
        assert signals.put(conn, SIGNAL, None)
        assert not signals.put(conn, SIGNAL, None)
    with any_store.read() as conn:
        assert signals.between(conn, LENDER, NOW, NOW) == [SIGNAL]
        assert signals.between(conn, LENDER, NOW + HOUR, NOW + HOUR) == []
        assert signals.of_incident(conn, 1) == []


def test_marks_tags_and_items_are_those_of_the_span_and_lender(any_store: Store) -> None:
    told = [
        Said("in", NOW - HOUR, "话", ("abusive_visit",)),
        Said("early", NOW - 2 * HOUR - timedelta(seconds=1)),
        Said("end", NOW),
        Said("undated", None, "话", ("threat_of_violence",)),
    ]
    ids = dict(zip([one.native_id for one in told], assess(any_store, told, NOW), strict=True))
    with any_store.read() as conn:
        span = (NOW - 2 * HOUR, NOW)
        (mark,) = signals.marks(conn, LENDER, *span)
        assert (mark.mention_id, mark.negative, mark.severity) == (ids["in"], True, 4)
        assert signals.marks(conn, LENDER, *span, severity=5) == []
        assert signals.marks(conn, "other", *span) == []
        assert signals.tags(conn, LENDER, *span) == [("abusive_visit", ids["in"], NOW - HOUR)]
        assert [i.mention_id for i in signals.items_between(conn, LENDER, *span)] == [ids["in"]]
        undated = signals.items(conn, LENDER, [ids["undated"]])[ids["undated"]]
        assert (undated.dated, undated.at, undated.kind) == (False, NOW, SourceKind.COMPLAINT)
        assert signals.earliest(conn, LENDER, list(ids.values())) == told[1].at
        assert signals.first(conn, LENDER) == told[1].at
        assert signals.first(conn, "other") is None
        assert signals.quotes(conn, LENDER, [ids["in"]]) == {
            ids["in"]: [("abusive_visit", "<abusive_visit>")]
        }


def test_more_ids_than_a_statement_holds(any_store: Store) -> None:
    (known,) = assess(any_store, [Said("one", NOW)], NOW)
    with any_store.read() as conn:
        assert set(signals.items(conn, LENDER, range(known, known + 40_000))) == {known}
        assert signals.earliest(conn, LENDER, range(known, known + 40_000)) == NOW
