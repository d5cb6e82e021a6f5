"""Allegations against sentences and texts that people labelled; floors that only rise."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from data.facts import allegations
from data.facts.lexicons import lexicons
from nlp import gold
from nlp.allegations import AllegationFinder
from nlp.grouping import groups

GOLD = Path(__file__).parents[1] / "gold"
FINDER = AllegationFinder(allegations(), lexicons())
SORTS = {
    "account", "report", "rule", "industry", "lender_pr", "anti_collection_ad", "job_ad", "fiction",
    "legal_qa", "question", "condition", "denial", "demand", "reversed", "praise", "other_sense",
    "ordinary", "feeling", "near_miss",
}  # fmt: skip


@pytest.mark.parametrize("name", [*gold.SETS, gold.STRANGER])
def test_the_half_follows_from_the_text(name: str) -> None:
    for item in gold.load(GOLD, name):
        even = int(hashlib.sha256(item.text.encode()).hexdigest(), 16) % 2 == 0
        assert item.split == ("dev" if even else "test"), item.id


def test_of_six_strangers_three_are_only_measured() -> None:
    items = gold.load(GOLD, gold.STRANGERS)
    assert authors(items) == {"dev": {"x1", "x3", "x5"}, "test": {"x2", "x4", "x6"}}
    labelled = {label.allegation for item in items for label in item.labels}
    assert labelled == {allegation.id for allegation in allegations()}


def test_of_eight_who_wrote_plainly_four_are_only_measured() -> None:
    items = gold.load(GOLD, gold.EVERYDAY)
    assert authors(items) == {"dev": {"pa", "pb", "pc", "pd"}, "test": {"qa", "qb", "qc", "qd"}}
    for half in ("dev", "test"):
        own = [item for item in items if item.split == half]
        labelled = {label.allegation for item in own for label in item.labels}
        assert labelled == {allegation.id for allegation in allegations()}, half


def test_of_ten_who_wrote_a_line_each_four_are_only_measured() -> None:
    items = gold.load(GOLD, gold.TERSE)
    seen, unseen = {"ta", "tb", "te", "tf", "tg", "th"}, {"tc", "td", "ti", "tj"}
    assert authors(items) == {"dev": seen, "test": unseen}
    assert max(len(item.text) for item in items) <= 40


def test_nobody_who_is_measured_is_learnt() -> None:
    measured = {item.text for name in gold.MEASURED for item in gold.load(GOLD, name)}
    for name in gold.AUTHORS:
        assert measured.isdisjoint(item.text for item in gold.load(gold.LESSONS, name)), name


def test_no_plain_lesson_is_nearly_an_everyday_text() -> None:
    lessons = [item.text for name in gold.PLAIN for item in gold.load(gold.LESSONS, name)]
    kept = [i.text for name in (gold.EVERYDAY, gold.TERSE) for i in gold.load(GOLD, name)]
    group = groups(kept + lessons).tolist()
    assert lessons
    assert set(group[: -len(lessons)]).isdisjoint(group[-len(lessons) :])


def authors(items: Iterable[gold.Item]) -> dict[str, set[str]]:
    """Return who wrote each half: the first two signs of an id."""
    return {half: {i.id[:2] for i in items if i.split == half} for half in ("dev", "test")}


@pytest.mark.parametrize("name", gold.MEASURED)
def test_labels_are_of_the_taxonomy_and_stand_in_the_text(name: str) -> None:
    known = {allegation.id for allegation in allegations()}
    for item in gold.load(GOLD, name):
        for label in item.labels:
            assert label.allegation in known, item.id
            assert label.quote == item.text[label.start : label.end] != "", item.id
        if item.content not in {"account", "report"} and name in gold.SETS:
            assert not item.labels, item.id  # a stranger's near misses accuse a rival


def test_every_allegation_has_sentences() -> None:
    labelled = {label.allegation for item in gold.load(GOLD, "sentences") for label in item.labels}
    assert labelled == {allegation.id for allegation in allegations()}


def test_whole_texts_cover_the_taxonomy_and_every_sort_of_trap() -> None:
    items = gold.load(GOLD, "texts")
    assert len(items) >= 400
    assert len(gold.load(GOLD, "sentences")) >= 1_500
    labelled = {label.allegation for item in items for label in item.labels}
    assert labelled == {allegation.id for allegation in allegations()}
    for half in ("dev", "test"):
        sorts = Counter(item.content for item in items if item.split == half)
        assert set(sorts) >= SORTS, half


def test_no_near_duplicate_stands_in_the_other_half() -> None:
    items = [item for name in gold.MEASURED for item in gold.load(GOLD, name)]
    halves: dict[int, set[str]] = {}
    for item, group in zip(items, groups([item.text for item in items]), strict=True):
        halves.setdefault(int(group), set()).add(item.split)
    assert all(len(found) == 1 for found in halves.values())


def test_what_the_second_reader_changed_is_what_stands_there() -> None:
    items = {item.id: item for name in gold.SETS for item in gold.load(GOLD, name)}
    for line in (GOLD / "reviews.jsonl").read_text("utf-8").splitlines():
        review = json.loads(line)
        labelled = {label.allegation for label in items[review["id"]].labels}
        assert sorted(labelled) == review["second"], review["id"]
        assert review["why"]


@pytest.mark.parametrize("name", gold.SETS)
@pytest.mark.parametrize("split", ["dev", "test"])
def test_in_what_way_it_is_alleged_is_right_where_it_is_found(name: str, split: gold.Split) -> None:
    found = gold.measure(FINDER, gold.load(GOLD, name, split))  # how good it is: floors.json
    assert found.same_status == found.overlapping > 0
