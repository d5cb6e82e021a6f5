"""Allegations against sentences and texts that people labelled; floors that only rise."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from data.facts import allegations
from data.facts.lexicons import lexicons
from nlp import gold
from nlp.allegations import AllegationFinder

GOLD = Path(__file__).parents[1] / "gold"
FINDER = AllegationFinder(allegations(), lexicons())


@pytest.mark.parametrize("name", gold.SETS)
def test_the_half_follows_from_the_text(name: str) -> None:
    for item in gold.load(GOLD, name):
        even = int(hashlib.sha256(item.text.encode()).hexdigest(), 16) % 2 == 0
        assert item.split == ("dev" if even else "test"), item.id


@pytest.mark.parametrize("name", gold.SETS)
def test_labels_are_of_the_taxonomy_and_stand_in_the_text(name: str) -> None:
    known = {allegation.id for allegation in allegations()}
    for item in gold.load(GOLD, name):
        for label in item.labels:
            assert label.allegation in known, item.id
            assert 0 <= label.start < label.end <= len(item.text), item.id
        if item.content not in {"account", "report"}:
            assert not item.labels, item.id


def test_every_allegation_has_sentences() -> None:
    labelled = {label.allegation for item in gold.load(GOLD, "sentences") for label in item.labels}
    assert labelled == {allegation.id for allegation in allegations()}


@pytest.mark.parametrize(
    ("name", "split", "f1", "false_alarms"),
    [
        ("sentences", "dev", 0.93, 0.03),
        ("sentences", "test", 0.86, 0.08),
        ("texts", "dev", 0.92, 0.06),
        ("texts", "test", 0.70, 0.18),
    ],
)
def test_floors(name: str, split: gold.Split, f1: float, false_alarms: float) -> None:
    found = gold.measure(FINDER, gold.load(GOLD, name, split))
    assert found.f1 >= f1
    assert found.false_alarms <= false_alarms
    assert found.same_status == found.overlapping  # in what way it is alleged is right where found
