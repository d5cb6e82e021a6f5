"""Verdicts and hourly counts follow the newest assessment, and nothing is counted twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from data.model import Assessment, Evidence, EvidenceStatus, Mention, Sentiment
from data.store import assessments, mentions, series, signals, work
from data.store.db import Store
from data.store.schema import assessment, verdict, verdict_product, verdict_tag
from tests.conftest import KEY, NOW
from tests.data.store.test_mentions import a_mention

QUOTE = "上门"


def stored(store: Store, *batch: Mention) -> list[Mention]:
    with store.write() as conn:
        saved = mentions.save(conn, batch, NOW, KEY)
        return mentions.get(conn, saved.ids)


def judged(m: Mention, **changes: Any) -> Assessment:
    start = m.text.index(QUOTE)
    made = Assessment(
        mention_id=m.id,
        revision=m.revision,
        lender="chenghu",
        sentiment=Sentiment.NEGATIVE,
        score=-0.9,
        severity=4,
        evidence=(Evidence("abusive_visit", "text", start, start + 2, QUOTE),),
        names=("澄湖消费金融",),
        made_by="v1",
        made_at=NOW,
    )
    return replace(made, **changes)


def write(store: Store, batch: list[Mention], found: list[Assessment]) -> None:
    with store.write() as conn:
        assessments.write(conn, batch, found)


def counts(store: Store) -> tuple[list[tuple[str, int, int]], list[tuple[str, int]]]:
    day = timedelta(days=1)
    with store.read() as conn:
        hours = series.hourly(conn, "chenghu", NOW - day, NOW + day)
        tags = series.hourly_tags(conn, "chenghu", NOW - day, NOW + day)
    return [(h.sentiment, h.n, h.severe) for h in hours], [(t.allegation, t.n) for t in tags]


def test_counts_come_with_the_verdict(any_store: Store) -> None:
    batch = stored(any_store, a_mention("1"), a_mention("2"))
    write(any_store, batch, [judged(m) for m in batch])
    assert counts(any_store) == ([("neg", 2, 2)], [("abusive_visit", 2)])


def test_the_same_assessment_twice_counts_once(any_store: Store) -> None:
    batch = stored(any_store, a_mention("1"))
    for _ in range(3):
        write(any_store, batch, [judged(batch[0])])
    assert counts(any_store) == ([("neg", 1, 1)], [("abusive_visit", 1)])
    with any_store.read() as conn:
        assert conn.execute(select(func.count()).select_from(assessment)).scalar_one() == 1


def test_a_newer_version_replaces_the_verdict_and_keeps_the_old_assessment(
    any_store: Store,
) -> None:
    batch = stored(any_store, a_mention("1"))
    write(any_store, batch, [judged(batch[0])])
    newer = judged(batch[0], made_by="v2", sentiment=Sentiment.POSITIVE, severity=0, evidence=())
    write(any_store, batch, [newer])
    assert counts(any_store) == ([("pos", 1, 0)], [])
    with any_store.read() as conn:
        assert conn.execute(select(func.count()).select_from(assessment)).scalar_one() == 2
        assert conn.execute(select(func.count()).select_from(verdict_tag)).scalar_one() == 0
        found = assessments.newest(conn, [batch[0].id], "chenghu")
    assert found[batch[0].id].made_by == "v2"


def test_about_nobody_any_more_takes_the_counts_back(any_store: Store) -> None:
    batch = stored(any_store, a_mention("1"))
    write(any_store, batch, [judged(batch[0])])
    write(any_store, batch, [])
    assert counts(any_store) == ([], [])
    with any_store.read() as conn:
        assert conn.execute(select(func.count()).select_from(verdict)).scalar_one() == 0


def test_two_lenders_in_one_text_are_counted_apart(any_store: Store) -> None:
    batch = stored(any_store, a_mention("1"))
    write(any_store, batch, [judged(batch[0]), judged(batch[0], lender="qichuan", evidence=())])
    assert counts(any_store) == ([("neg", 1, 1)], [("abusive_visit", 1)])
    with any_store.read() as conn:
        other = series.hourly(conn, "qichuan", NOW - timedelta(days=1), NOW)
    assert [h.n for h in other] == [1]


def test_an_undated_mention_has_a_verdict_but_no_hour(any_store: Store) -> None:
    batch = stored(any_store, a_mention("1", published_at=None))
    write(any_store, batch, [judged(batch[0])])
    assert counts(any_store) == ([], [])
    with any_store.read() as conn:
        assert conn.execute(select(verdict.c.published_at)).scalar_one() is None


def test_evidence_comes_back_in_reading_order(any_store: Store) -> None:
    (m,) = stored(any_store, a_mention("1"))
    at = m.text.index("单位")
    spans = (
        Evidence("abusive_visit", "text", m.text.index(QUOTE), m.text.index(QUOTE) + 2, QUOTE),
        Evidence("workplace_contact_harassment", "text", at, at + 2, "单位"),
    )
    write(any_store, [m], [judged(m, evidence=spans)])
    with any_store.read() as conn:
        assert assessments.newest(conn, [m.id], "chenghu")[m.id].evidence == spans


def test_a_quote_that_is_not_there_is_a_bug(any_store: Store) -> None:
    (m,) = stored(any_store, a_mention("1"))
    wrong = Evidence("abusive_visit", "text", 0, 2, "上门")
    with pytest.raises(ValueError, match="not where it says"):
        write(any_store, [m], [judged(m, evidence=(wrong,))])
    assert counts(any_store) == ([], [])


def test_the_queues_move(any_store: Store) -> None:
    ours, nobodys = stored(any_store, a_mention("1"), a_mention("2"))
    write(any_store, [ours, nobodys], [judged(ours)])
    with any_store.read() as conn:
        assert work.take(conn, "assess", 10) == []
        assert work.take(conn, "detect", 10) == [ours.id]


def test_a_text_that_changed_meanwhile_stays_in_the_queue(any_store: Store) -> None:
    (old,) = stored(any_store, a_mention("1"))
    stored(any_store, a_mention("1", text="催收上门，改过的文字"))
    write(any_store, [old], [judged(old)])
    with any_store.read() as conn:
        assert work.take(conn, "assess", 10) == [old.id]


def test_put_all_queues_everything_again(any_store: Store) -> None:
    batch = stored(any_store, a_mention("1"), a_mention("2"))
    write(any_store, batch, [])
    with any_store.write() as conn:
        work.put_all(conn, "assess")
        work.put_all(conn, "assess")
        assert work.count(conn, "assess") == 2


def test_what_a_site_tag_claims_is_kept_but_not_counted(any_store: Store) -> None:
    [m] = stored(any_store, a_mention("1", extra={"issue": "暴力催收"}))
    claimed = Evidence("unspecified_harassment", "issue", 0, 4, "暴力催收", EvidenceStatus.CLAIMED)
    made = judged(m)
    made = replace(
        made,
        evidence=(*made.evidence, claimed),
        facts={"amounts": [{"value": {"yuan": 8e3, "role": "other"}, "start": 0, "end": 2}]},
    )
    write(any_store, [m], [made])
    assert counts(any_store)[1] == [("abusive_visit", 1)]
    with any_store.read() as conn:
        assert assessments.newest(conn, [m.id], "chenghu")[m.id] == made
        assert signals.quotes(conn, "chenghu", [m.id]) == {m.id: [("abusive_visit", QUOTE)]}


def test_products_follow_the_verdict(any_store: Store) -> None:
    """One row a product, whatever stands in it twice; gone with what named it."""
    (m,) = stored(any_store, a_mention("1"))
    span = {"value": "huguangdai", "field": "text", "start": 0, "end": 3}
    named = judged(m, facts={"product": [span, {**span, "start": 9}, {**span, "value": "app"}]})

    def rows() -> list[tuple[str, str, int]]:
        p = verdict_product.c
        with any_store.read() as conn:
            query = select(p.product, p.sentiment, p.severity).order_by(p.product)
            return [tuple(row) for row in conn.execute(query)]

    write(any_store, [m], [named])
    assert rows() == [("app", "neg", 4), ("huguangdai", "neg", 4)]
    write(any_store, [m], [replace(judged(m), made_by="v2")])
    assert rows() == []
