"""Each thing compliance does asks the right again, and leaves who did it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from dashboard import casework
from dashboard.actions import NotAllowed
from dashboard.casework import Work
from dashboard.pointing import Place, places
from dashboard.viewer import Right, Viewer
from data.model import Mention
from data.store import assessments, cases, corrections, mentions, searches
from data.store.cases import CaseState, Finding
from data.store.corrections import Standing
from data.store.db import Store
from tests.conftest import NOW
from tests.dashboard import seeds


@pytest.fixture
def complaint(store: Store) -> Mention:
    [key] = seeds.put(
        store, [seeds.seed(1, NOW - timedelta(days=1), seeds.COMPLAINT, seeds.GRAVE[0])]
    )
    with store.read() as conn:
        return mentions.get(conn, [key])[0]


def work(store: Store, right: Right = Right.CASE) -> Work:
    return Work(store, Viewer("小林", right), seeds.LENDER, NOW)


def tags(store: Store, m: Mention) -> tuple[str, ...]:
    with store.read() as conn:
        return assessments.newest(conn, [m.id], seeds.LENDER)[m.id].tags


def test_an_allegation_is_denied_added_and_taken_back(store: Store, complaint: Mention) -> None:
    casework.deny(work(store), complaint, "abusive_visit")
    assert tags(store, complaint) == ()
    [place] = places(complaint, "大声说我欠钱不还")
    casework.allege(work(store), complaint, "insult_abuse", place)
    assert tags(store, complaint) == ("insult_abuse",)
    with store.read() as conn:
        [made] = corrections.of(conn, [complaint.id]).values()
    assert {one.by for one in made} == {"小林"}
    casework.take_back(work(store), complaint, made[0])
    assert tags(store, complaint) == ("abusive_visit", "insult_abuse")


def test_words_that_do_not_stand_there_show_nothing(store: Store, complaint: Mention) -> None:
    with pytest.raises(ValueError, match="stand in the text"):
        casework.allege(work(store), complaint, "insult_abuse", Place("text", 0, 99_999))
    with pytest.raises(ValueError, match="stand in the text"):
        casework.allege(work(store), complaint, "insult_abuse", Place("text", 3, 3))


def test_standing_goes_up_and_back(store: Store, complaint: Mention) -> None:
    for standing in (Standing.REVIEW, Standing.SUBSTANTIATED, Standing.ALLEGED):
        casework.say_standing(work(store), complaint, "abusive_visit", standing)
    with store.read() as conn:
        [made] = corrections.of(conn, [complaint.id]).values()
    assert [one.value for one in made] == ["review", "substantiated", ""]
    assert tags(store, complaint) == ("abusive_visit",)


def test_a_case_from_opening_to_closing(store: Store, complaint: Mention) -> None:
    do = work(store)
    key = casework.open_case(do, complaint.id)
    casework.note_case(do, key, "已调录音")
    casework.extend_case(do, key, 30, "复杂，主管批准")
    casework.assign_case(do, key, "小周")
    casework.close_case(do, key, Finding.SUBSTANTIATED, "已退费并道歉")
    casework.reopen_case(do, key, "补充证据")
    with store.read() as conn:
        [case] = cases.listed(conn, seeds.LENDER, CaseState.OPEN)
        told = [note.what for note in cases.history(conn, key)]
    assert (case.owner, case.due_days) == ("小周", 30)
    assert told == ["reopened", "closed", "owner", "extended", "note", "added", "opened"]


def test_a_saved_search_is_everybody_s(store: Store) -> None:
    casework.save_search(work(store), "上门", "q=%E4%B8%8A%E9%97%A8")
    with store.read() as conn:
        assert [one.name for one in searches.listed(conn, seeds.LENDER)] == ["上门"]
    casework.forget_search(work(store), "上门")
    with store.read() as conn:
        assert searches.listed(conn, seeds.LENDER) == ()


LABELS: list[Callable[[Work, Mention], object]] = [
    lambda do, m: casework.say_sentiment(do, m, "pos"),
    lambda do, m: casework.deny(do, m, "abusive_visit"),
    lambda do, m: casework.allege(do, m, "insult_abuse", Place("text", 0, 2)),
    lambda do, m: casework.disown(do, m, ours=False),
    lambda do, _: casework.save_search(do, "x", ""),
    lambda do, _: casework.forget_search(do, "x"),
]
CASES: list[Callable[[Work, Mention], object]] = [
    lambda do, m: casework.say_standing(do, m, "abusive_visit", Standing.REVIEW),
    lambda do, m: casework.open_case(do, m.id),
    lambda do, m: casework.add_to_case(do, 1, m.id),
    lambda do, _: casework.note_case(do, 1, "x"),
    lambda do, _: casework.assign_case(do, 1, "x"),
    lambda do, _: casework.extend_case(do, 1, 30, "x"),
    lambda do, _: casework.close_case(do, 1, Finding.OTHER, "x"),
    lambda do, _: casework.reopen_case(do, 1, "x"),
]


def test_a_forged_click_changes_nothing(store: Store, complaint: Mention) -> None:
    for right, acts in ((Right.READ, LABELS + CASES), (Right.ACT, CASES)):
        for act in acts:
            with pytest.raises(NotAllowed):
                act(work(store, right), complaint)
    with store.read() as conn:
        assert corrections.of(conn, [complaint.id]) == {}
        assert cases.listed(conn, seeds.LENDER, CaseState.OPEN) == ()
