"""What is read as of the gravest sort opens an incident by itself: so it must not be read in."""

from datetime import UTC, datetime

from data.facts import allegations, lenders
from data.scenarios.generate import generate
from nlp.assess import Assessor

START = datetime(2026, 1, 5, tzinfo=UTC)
SEED, DAYS = 1003, 28
"""One of bench/tuning_seeds.txt. Patterns were mended with it in sight; no figure rests on it."""
GRAVEST = 5
A_WEEK = 1.5
"""Ordinary texts read as of the gravest sort. Twice a week such a day counts as usual, and a true
one would go into the daily list."""


def test_ordinary_texts_are_seldom_read_as_of_the_gravest_sort() -> None:
    known = lenders()
    gravest = {one.id for one in allegations() if one.severity == GRAVEST}
    planned = generate(SEED, START, DAYS, lenders=known).planned
    plain = [
        p.mention
        for p in planned
        if not p.event and gravest.isdisjoint(e.allegation for e in p.gold.allegations)
    ]
    found = [
        [e.quote for e in one.evidence if e.allegation in gravest]
        for one in Assessor(known).assess(plain, START)
        if one.lender == "chenghu" and one.severity == GRAVEST
    ]
    assert len(found) <= A_WEEK * DAYS / 7, found
