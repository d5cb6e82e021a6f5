"""The desk's counts are those of its list, and one complaint is shown with all its proof."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from dashboard import dossier, words
from dashboard.naming import Naming
from dashboard.queries import desk, mentions
from dashboard.queries.desk import Reading
from dashboard.queries.filters import Filter
from data.facts import allegations, lenders, rules, sources
from data.facts.allegations import groups
from data.model import GONE, Capture, SourceKind
from data.store import cases, labels
from data.store import mentions as stored
from data.store.corrections import Label, Matter, Standing
from data.store.db import Store
from tests.conftest import KEY, NOW
from tests.dashboard import seeds

GROUPS = tuple((fact.group, fact.id) for fact in allegations())
CLAUSES = tuple((f"{c.rule} {c.article}", fact.id) for fact in allegations() for c in fact.clauses)
OURS = Filter(seeds.LENDER)


def naming(language: str = "zh") -> Naming:
    return Naming(
        words.load(language),
        {fact.id: fact for fact in allegations()},
        groups(),
        rules(),
        sources(),
        {fact.slug: fact for fact in lenders()},
    )


def read(store: Store, key: int) -> Reading:
    with store.read() as conn:
        found = desk.reading(conn, seeds.LENDER, key)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "asked",
    [
        OURS,
        replace(OURS, kinds=(SourceKind.COMPLAINT,), words="上门"),
        replace(
            OURS, allegations=("abusive_visit", "excessive_calls"), touching=("abusive_visit",)
        ),
        replace(OURS, statuses=("处理中",), severities=(3, 5)),
        replace(OURS, words='"堵在我家门口" -大字报', labelled=False),
    ],
)
def test_the_counts_are_those_of_the_list(store: Store, asked: Filter) -> None:
    seeds.month(store, NOW, days=6)
    with store.read() as conn:
        counted = desk.facets(conn, asked, GROUPS, CLAUSES)
        rows = mentions.page(conn, asked, None, 5_000).rows
        assert counted.total == len(rows) == mentions.count(conn, asked) > 0
    assert counted.of("source") == Counter(row.source for row in rows)
    assert counted.of("severity") == Counter(str(row.severity) for row in rows)
    assert counted.of("status") == Counter(row.status for row in rows)
    tags = [{e.allegation for e in row.evidence} for row in rows]
    assert counted.of("allegation") == Counter(tag for some in tags for tag in some)
    group = {key: name for name, key in GROUPS}
    assert counted.of("group") == Counter(g for some in tags for g in {group[t] for t in some})
    clause = next(iter(counted.of("clause")))
    touched = {key for name, key in CLAUSES if name == clause}
    assert counted.of("clause")[clause] == sum(bool(some & touched) for some in tags)


def test_counting_reads_only_what_the_filter_leaves(store: Store) -> None:
    """However many mentions there are, the newest are counted; and their tags, not all tags."""
    seeds.month(store, NOW, days=6)
    asked: list[tuple[str, Any]] = []
    with store.read() as conn:
        event.listen(conn, "before_cursor_execute", lambda *said: asked.append(said[2:4]))
        for families in ((GROUPS, CLAUSES), ((), ())):
            desk.facets(conn, OURS, *families)
        counting = [one for one in asked if one[0].startswith("WITH")]
        words, given = counting[0]
        plan = [row.detail for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", given)]
    read = {detail.split()[1] for detail in plan if detail.startswith("SCAN")}
    assert read.isdisjoint({"verdict", "verdict_tag", "mention", "copy", "template"})
    assert counting[0] == counting[1]  # hundreds of clauses are no part of the question


def test_what_people_corrected_is_a_facet(store: Store) -> None:
    ids = seeds.put(store, [seeds.seed(n, NOW, seeds.COMPLAINT, seeds.GRAVE[0]) for n in range(3)])
    new = Label(seeds.LENDER, ids[1], 1, NOW, "小林", Matter.SENTIMENT, "neu")
    with store.write() as conn:
        labels.add(conn, new)
    with store.read() as conn:
        assert desk.facets(conn, OURS, GROUPS, CLAUSES).of("labelled") == {"yes": 1}
        yes = mentions.page(conn, replace(OURS, labelled=True)).rows
        no = mentions.page(conn, replace(OURS, labelled=False)).rows
    assert [row.id for row in yes] == [ids[1]]
    assert {row.id for row in no} == {ids[0], ids[2]}


def test_a_reading_has_pages_wordings_labels_and_cases(store: Store) -> None:
    one = seeds.seed(1, NOW, seeds.COMPLAINT, seeds.GRAVE[0])
    page = Capture("heimao_public", one.mention.url, 200, NOW, "ab" * 32, 1234)
    [key] = seeds.put(store, [replace(one, mention=replace(one.mention, capture=page))])
    later = replace(one.mention, status="已回复", fetched_at=NOW + timedelta(hours=1), capture=page)
    with store.write() as conn:
        stored.save(conn, [later], NOW + timedelta(hours=1), KEY)
        case = cases.open_case(conn, seeds.LENDER, key, "小林", NOW)
        standing = Label(
            seeds.LENDER, key, 2, NOW, "小林", Matter.STANDING, "review", "abusive_visit"
        )
        labels.add(conn, standing)
    found = read(store, key)
    assert [one.sha256 for one in found.captures] == ["ab" * 32]
    assert [(one.revision, one.status) for one in found.wordings] == [(1, "处理中")]
    assert [one.id for one in found.cases] == [case]
    assert found.standing("abusive_visit") is Standing.REVIEW
    assert found.standing("posters_public_notice") is Standing.ALLEGED
    kept = dossier.kept(naming(), found.captures)
    assert "ab" * 32 in kept
    assert "2026-11-25 14:00:00 +08:00 · 06:00:00 UTC" in kept
    assert "核查中" in dossier.labels(naming(), found.labels, NOW)
    assert "第 1 版" in dossier.wordings(naming(), found.wordings)


def test_nobody_s_mention_is_no_reading(store: Store) -> None:
    [key] = seeds.put(store, [seeds.seed(1, NOW, seeds.COMPLAINT, seeds.GRAVE[0])])
    with store.read() as conn:
        assert desk.reading(conn, "qichuan", key) is None
        assert desk.reading(conn, seeds.LENDER, key + 1) is None


def test_every_span_is_footnoted_and_its_clauses_have_their_force(store: Store) -> None:
    day = NOW - timedelta(days=500)  # the standard of 2025-02-28 holds, the guideline of 2026 not
    [key] = seeds.put(store, [seeds.seed(1, day, seeds.COMPLAINT, seeds.GRAVE[0])])
    found = read(store, key)
    shown = dossier.text(naming(), found, NOW)
    assert "<mark>两个人堵在我家门口一个多小时</mark><sup>1</sup>" in shown
    told = dossier.clauses(naming(), found)
    assert "自 2025-02-28 起施行，发布时有效" in told
    assert "2026-01-30 才施行，发布时尚未生效" in told
    assert "指控" in dossier.allegation(naming(), found, "abusive_visit", 1)
    assert "in force since 2025-02-28" in dossier.clauses(naming("en"), found)


def test_stated_facts_are_shown_with_their_names() -> None:
    stated: dict[str, list[dict[str, object]]] = {
        "amount": [{"value": 6400, "field": "text", "start": 0, "end": 4}],
        "strange<b>": [{"value": "<script>"}],
        "place": [],
    }
    shown = dossier.facts(naming(), stated)
    assert "<span>金额</span><b>6,400</b>" in shown
    assert "&lt;script&gt;" in shown
    assert "地点" not in shown
    assert dossier.facts(naming(), {}) == ""


def test_a_late_case_says_so(store: Store) -> None:
    received = NOW - timedelta(days=20)
    [key] = seeds.put(store, [seeds.seed(1, received, seeds.COMPLAINT, seeds.GRAVE[0])])
    with store.write() as conn:
        number = cases.open_case(conn, seeds.LENDER, key, "小林", NOW)
        case = cases.get(conn, number)
    assert case is not None
    assert dossier.deadline(naming(), case, NOW) == "已超期 5 天"
    assert dossier.deadline(naming(), case, received) == "还剩 15 天"
    assert "tf-late" in dossier.case_line(naming(), case, NOW)


def test_what_is_shown_no_longer_is_said_in_the_readers_language() -> None:
    assert (naming("zh").status(GONE), naming("en").status(GONE)) == ("已下架", "Taken down")
    assert (naming("en").status("已回复"), naming("en").status("待分配")) == ("Replied", "待分配")
    assert "Taken down" in dossier.wordings(naming("en"), [desk.Wording(1, NOW, GONE, "t", "x")])


@pytest.mark.parametrize(
    ("key", "title", "english"),
    [
        ("threat_intimidation@佛山", "佛山爆通讯录：负面 64 条", "Contact-list blasting · Foshan"),
        ("routine:soft_violence", "爆通讯录等严重投诉：64 条", "Contact-list blasting"),
        ("third_party_contact@", "没有这个说法：负面 64 条", "Third-party contact"),
    ],
)
def test_an_english_title_says_what_the_chinese_one_says(
    key: str, title: str, english: str
) -> None:
    assert naming("en").story(key, title, 64) == f"{english}: 64 mentions"
    assert naming("zh").story(key, title, 64) == title
