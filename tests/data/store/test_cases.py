"""Case files: deadlines from receipt, a history that only grows, two people at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data.store import cases, searches
from data.store.cases import CaseMoved, CaseState, Finding
from data.store.db import Store
from data.store.searches import SavedSearch
from tests.conftest import NOW
from tests.data.store.test_assessments import stored
from tests.data.store.test_mentions import a_mention


@pytest.fixture
def case(any_store: Store) -> int:
    [m] = stored(any_store, a_mention("1"))
    with any_store.write() as conn:
        return cases.open_case(conn, "chenghu", m.id, "小林", NOW)


def test_a_case_is_due_fifteen_days_after_receipt(any_store: Store, case: int) -> None:
    with any_store.read() as conn:
        found = cases.get(conn, case)
        assert found is not None
        assert found.due_at == NOW - timedelta(hours=1) + timedelta(days=15)
        assert (found.title, found.owner, found.items) == ("澄湖消费金融上门催收", "小林", 1)
        assert [note.what for note in cases.history(conn, case)] == ["added", "opened"]


def test_an_undated_complaint_is_received_when_it_was_seen(any_store: Store) -> None:
    [m] = stored(any_store, a_mention("2", published_at=None))
    with any_store.write() as conn:
        key = cases.open_case(conn, "chenghu", m.id, "小林", NOW)
        found = cases.get(conn, key)
    assert found is not None
    assert found.received_at == NOW


def test_an_extension_is_the_next_period_and_has_a_reason(any_store: Store, case: int) -> None:
    with any_store.write() as conn:
        for days, why in ((30, " "), (15, "复杂"), (45, "复杂")):
            with pytest.raises(ValueError, match="exten"):
                cases.extend(conn, case, "小周", NOW, days, why)
        cases.extend(conn, case, "小周", NOW, 30, "复杂，主管批准")
    with any_store.read() as conn:
        found, newest = cases.get(conn, case), cases.history(conn, case)[0]
    assert found is not None
    assert found.due_days == 30
    assert newest.detail == {"from": 15, "to": 30, "why": "复杂，主管批准"}


def test_the_same_mention_is_in_a_case_once(any_store: Store, case: int) -> None:
    [m] = stored(any_store, a_mention("3"))
    with any_store.write() as conn:
        assert cases.add(conn, case, m.id, "小林", NOW)
        assert not cases.add(conn, case, m.id, "小林", NOW)
        assert cases.items(conn, case)[m.id] == m.revision
        assert [one.id for one in cases.of_mention(conn, "chenghu", m.id)] == [case]
        assert cases.of_mention(conn, "qichuan", m.id) == ()


def test_what_was_closed_meanwhile_cannot_be_changed(any_store: Store, case: int) -> None:
    with any_store.write() as conn:
        with pytest.raises(ValueError, match="reason"):
            cases.close(conn, case, "小林", NOW, Finding.REFUTED, "")
        cases.close(conn, case, "小林", NOW, Finding.PARTLY, "已退费并道歉")
        for again in (
            lambda: cases.close(conn, case, "小周", NOW, Finding.OTHER, "重复"),
            lambda: cases.add(conn, case, 1, "小周", NOW),
            lambda: cases.assign(conn, case, "小周", NOW, "小周"),
            lambda: cases.extend(conn, case, "小周", NOW, 30, "复杂"),
        ):
            with pytest.raises(CaseMoved):
                again()
        assert cases.listed(conn, "chenghu", CaseState.OPEN) == ()
        [closed] = cases.listed(conn, "chenghu", CaseState.CLOSED)
        assert (closed.finding, closed.closed_at) == ("partly", NOW)
        cases.reopen(conn, case, "小周", NOW, "投诉人补充证据")
        assert len(cases.listed(conn, "chenghu", CaseState.OPEN)) == 1


def test_notes_and_owners_enter_the_history(any_store: Store, case: int) -> None:
    with any_store.write() as conn:
        cases.note(conn, case, "小林", NOW, " 已调录音 ")
        cases.assign(conn, case, "小林", NOW, "小周")
        with pytest.raises(ValueError, match="words"):
            cases.note(conn, case, "小林", NOW, "  ")
        told = [(note.what, note.detail) for note in cases.history(conn, case)[:2]]
    assert told == [("owner", {"to": "小周"}), ("note", {"text": "已调录音"})]


def test_what_is_due_first_stands_first(any_store: Store, case: int) -> None:
    older = a_mention("4", published_at=NOW - timedelta(days=9))
    [m] = stored(any_store, older)
    with any_store.write() as conn:
        first = cases.open_case(conn, "chenghu", m.id, "小林", NOW)
        assert [one.id for one in cases.listed(conn, "chenghu", CaseState.OPEN)] == [first, case]


def test_a_search_is_kept_by_name_and_lender(any_store: Store) -> None:
    with any_store.write() as conn:
        searches.save(conn, "chenghu", SavedSearch(" 上门 ", "q=上门", "小林"), NOW)
        searches.save(conn, "chenghu", SavedSearch("上门", "q=上门&severity=4", "小周"), NOW)
        assert searches.listed(conn, "chenghu") == (
            SavedSearch("上门", "q=上门&severity=4", "小周"),
        )
        assert searches.listed(conn, "qichuan") == ()
        with pytest.raises(ValueError, match="name"):
            searches.save(conn, "chenghu", SavedSearch(" ", "", "小林"), NOW)
        searches.forget(conn, "chenghu", "上门")
        assert searches.listed(conn, "chenghu") == ()
