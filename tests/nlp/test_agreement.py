"""Floors under what we measured on planned weeks; they may rise and never fall."""

from data.facts import lenders
from nlp.agreement import agreement
from nlp.assess import Assessor


def test_held_out_weeks_stay_above_the_floors() -> None:
    found = agreement(Assessor(lenders()), (1,))
    precision, recall, _ = found.rates(found.tags)
    assert precision >= 0.85
    assert recall >= 0.70
    assert found.clean_tagged <= 0.03 * found.clean
    assert found.rates(found.subjects)[2] >= 0.95
    assert found.feelings_right >= 0.85
