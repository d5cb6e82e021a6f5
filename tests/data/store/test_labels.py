"""Labels beat the assessment at once, survive the next one, and count nothing twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from data.facts import allegations
from data.model import Assessment, Mention, Sentiment
from data.store import assessments, corrections, labels, work
from data.store.corrections import Label, Matter
from data.store.db import Store
from data.store.schema import label, verdict
from tests.conftest import NOW
from tests.data.store.test_assessments import counts, judged, stored, write
from tests.data.store.test_mentions import a_mention


def decide(store: Store, m: Mention, what: Matter, value: str, **more: Any) -> int:
    new = Label("chenghu", m.id, m.revision, NOW, "小林", what, value, **more)
    with store.write() as conn:
        return labels.add(conn, new)


def counting(store: Store, m: Mention) -> Assessment | None:
    with store.read() as conn:
        return assessments.newest(conn, [m.id], "chenghu").get(m.id)


@pytest.fixture
def complaint(any_store: Store) -> Mention:
    [m] = stored(any_store, a_mention("1"))
    write(any_store, [m], [judged(m)])
    return m


def test_a_sentiment_moves_to_the_other_count(any_store: Store, complaint: Mention) -> None:
    decide(any_store, complaint, Matter.SENTIMENT, "pos")
    assert counts(any_store) == ([("pos", 1, 1)], [("abusive_visit", 1)])
    found = counting(any_store, complaint)
    assert found is not None
    assert (found.sentiment, found.score, found.severity) == (Sentiment.POSITIVE, 1.0, 4)


def test_an_allegation_that_is_none_leaves_the_counts_and_the_severity(
    any_store: Store, complaint: Mention
) -> None:
    decide(any_store, complaint, Matter.ALLEGATION, "absent", allegation="abusive_visit")
    assert counts(any_store) == ([("neg", 1, 0)], [])
    found = counting(any_store, complaint)
    assert found is not None
    assert (found.severity, found.evidence) == (0, ())


def test_an_allegation_that_was_missed_is_added_with_its_words(
    any_store: Store, complaint: Mention
) -> None:
    at = complaint.text.index("打我单位电话")
    words = {"field": "text", "start": at, "end": at + 6, "quote": "打我单位电话"}
    decide(any_store, complaint, Matter.ALLEGATION, "present",
           allegation="workplace_contact_harassment", **words)  # fmt: skip
    assert counts(any_store)[1] == [("abusive_visit", 1), ("workplace_contact_harassment", 1)]
    found = counting(any_store, complaint)
    assert found is not None
    assert found.evidence[-1].quote == "打我单位电话"


def test_what_is_left_is_as_grave_as_the_own_taxonomy_says(
    any_store: Store, complaint: Mention
) -> None:
    milder = tuple(replace(one, severity=2) for one in allegations())
    at = complaint.text.index("打我单位电话")
    new = Label("chenghu", complaint.id, complaint.revision, NOW, "小林", Matter.ALLEGATION,
                "present", "workplace_contact_harassment", "text", at, at + 6,
                "打我单位电话")  # fmt: skip
    with any_store.write() as conn:
        labels.add(conn, new, milder)
    found = counting(any_store, complaint)
    assert found is not None
    assert found.severity == 2
    with any_store.write() as conn:
        assessments.write(conn, [complaint], [judged(complaint, made_by="v2")], milder)
    found = counting(any_store, complaint)
    assert found is not None
    assert found.severity == 2


def test_the_next_version_of_the_code_does_not_undo_a_label(
    any_store: Store, complaint: Mention
) -> None:
    decide(any_store, complaint, Matter.ALLEGATION, "absent", allegation="abusive_visit")
    decide(any_store, complaint, Matter.SENTIMENT, "neu")
    for version in ("v1", "v2", "v2"):
        write(any_store, [complaint], [judged(complaint, made_by=version)])
        assert counts(any_store) == ([("neu", 1, 0)], [])


def test_what_is_not_about_them_is_not_counted_and_can_be_taken_back(
    any_store: Store, complaint: Mention
) -> None:
    decide(any_store, complaint, Matter.ABOUT, "no")
    assert counts(any_store) == ([], [])
    with any_store.read() as conn:
        assert conn.execute(select(func.count()).select_from(verdict)).scalar_one() == 0
    write(any_store, [complaint], [judged(complaint, made_by="v2")])
    assert counts(any_store) == ([], [])
    decide(any_store, complaint, Matter.ABOUT, "")
    assert counts(any_store) == ([("neg", 1, 1)], [("abusive_visit", 1)])


def test_another_lender_s_verdict_stays(any_store: Store) -> None:
    [m] = stored(any_store, a_mention("1"))
    write(any_store, [m], [judged(m), judged(m, lender="qichuan")])
    decide(any_store, m, Matter.ABOUT, "no")
    with any_store.read() as conn:
        assert conn.execute(select(verdict.c.lender)).scalars().all() == ["qichuan"]


def test_labels_are_appended_and_the_newest_counts(any_store: Store, complaint: Mention) -> None:
    for value in ("pos", "neu", ""):
        decide(any_store, complaint, Matter.SENTIMENT, value)
    assert counts(any_store)[0] == [("neg", 1, 1)]
    with any_store.read() as conn:
        assert conn.execute(select(func.count()).select_from(label)).scalar_one() == 3
        [kept] = corrections.of(conn, [complaint.id]).values()
        assert [one.value for one in kept] == ["pos", "neu", ""]
        assert corrections.current(kept) == ()
        assert work.take(conn, "detect", 10) == [complaint.id]


def test_a_label_moves_with_its_words_and_ends_with_them(any_store: Store) -> None:
    [m] = stored(any_store, a_mention("1", text="催收员上门，还贴大字报。"))
    write(any_store, [m], [judged(m)])
    at = m.text.index("贴大字报")
    words = {"field": "text", "start": at, "end": at + 4, "quote": "贴大字报"}
    decide(any_store, m, Matter.ALLEGATION, "present", allegation="posters_public_notice", **words)
    [moved] = stored(any_store, a_mention("1", text="更正：催收员上门，还贴大字报。"))
    write(any_store, [moved], [judged(moved)])
    found = counting(any_store, moved)
    assert found is not None
    assert found.evidence[-1].start == moved.text.index("贴大字报")
    [gone] = stored(any_store, a_mention("1", text="更正：催收员上门。"))
    write(any_store, [gone], [judged(gone)])
    assert counts(any_store)[1] == [("abusive_visit", 1)]


def test_words_that_are_not_there_are_a_bug(any_store: Store, complaint: Mention) -> None:
    with pytest.raises(ValueError, match="not where it says"):
        decide(any_store, complaint, Matter.ALLEGATION, "present", allegation="x", field="text",
               start=0, end=2, quote="上门")  # fmt: skip
    with any_store.read() as conn:
        assert conn.execute(select(func.count()).select_from(label)).scalar_one() == 0


def test_what_code_finds_by_itself_now_needs_no_correction(complaint: Mention) -> None:
    found = judged(complaint)
    same = Label("chenghu", 1, 1, NOW, "小林", Matter.SENTIMENT, "neg", id=3)
    assert corrections.correct(found, complaint, [same]) is found
    other = replace(same, value="neu")
    assert corrections.correct(found, complaint, [other]).made_by == "v1+label/3"  # type: ignore[union-attr]


def test_what_is_taken_back_leaves_the_other_labels(any_store: Store, complaint: Mention) -> None:
    decide(any_store, complaint, Matter.ALLEGATION, "absent", allegation="abusive_visit")
    decide(any_store, complaint, Matter.SENTIMENT, "neu")
    decide(any_store, complaint, Matter.ALLEGATION, "", allegation="abusive_visit")
    assert counts(any_store) == ([("neu", 1, 1)], [("abusive_visit", 1)])


def test_what_people_said_last_is_what_a_model_may_learn(
    any_store: Store, complaint: Mention
) -> None:
    decide(any_store, complaint, Matter.SENTIMENT, "pos")
    decide(any_store, complaint, Matter.SENTIMENT, "neu")
    decide(any_store, complaint, Matter.ALLEGATION, "absent", allegation="abusive_visit")
    with any_store.read() as conn:
        [(mention, feeling)] = labels.feelings(conn)
    assert (mention.id, feeling) == (complaint.id, Sentiment.NEUTRAL)
    decide(any_store, complaint, Matter.SENTIMENT, "")
    with any_store.read() as conn:
        assert labels.feelings(conn) == []
