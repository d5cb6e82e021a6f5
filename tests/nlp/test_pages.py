"""Read in a batch, a text says what it says alone; damaged and evasive ones too."""

from __future__ import annotations

import numpy as np
import pytest
from ahocorasick_rs import AhoCorasick
from hypothesis import given, settings
from hypothesis import strategies as st

from data.facts import lenders
from data.facts.allegations import allegations
from data.facts.lexicons import lexicons
from data.model import Mention, SourceKind
from data.scenarios.generate import generate
from nlp.assess import Assessor
from nlp.pages import page, pages
from nlp.repair import repaired
from nlp.signs import Signs, distinct, each_hit, in_order, whose
from nlp.spellings import Spellings
from nlp.text import folded
from tests.conftest import NOW

ODD = (
    "", "一", "導(dǎo)語(yǔ)寫(xiě)得很好", "催\u200b收", "策略??萍际侄芜€可以",
    "显著\n著名\n隨著", "著", "催*收 ，爆 通讯录", "bao力cui收",
    "澄?消费金融 a\x00b", "𠮷著", "ＣＳ天天打",
)  # fmt: skip
SPELLINGS = Spellings(lexicons())
texts = st.lists(
    st.one_of(st.text(), st.sampled_from(ODD), st.text("催收爆通讯录*· cuishou著显？(?dǎo)")),
    max_size=6,
)


@settings(deadline=None)
@given(texts)
def test_pages_are_what_each_text_is_alone(raws: list[str]) -> None:
    found = pages(raws)
    assert [one.view.text for one in found] == [folded(repaired(raw)).text for raw in raws]
    for one, raw in zip(found, raws, strict=True):
        alone = folded(repaired(raw))
        assert [one.view.span(n, n + 1) for n in range(len(one.view.text))] == [
            alone.span(n, n + 1) for n in range(len(alone.text))
        ]


@settings(deadline=None)
@given(texts)
def test_spellings_in_a_batch_are_what_each_is_alone(raws: list[str]) -> None:
    views = [page(raw).view for raw in raws]
    assert [view.text for view in SPELLINGS.read_all(views)] == [
        SPELLINGS.read(view).text for view in views
    ]


def test_a_batch_is_assessed_as_its_mentions_are_one_by_one() -> None:
    plan = generate(4, NOW, 2, lenders=lenders(), per_day=40)
    batch = [planned.mention for planned in plan.planned]
    batch += [
        Mention(source="s", native_id=text or "0", kind=SourceKind.POST, url="", fetched_at=NOW,
                title="澄湖消费金融", text=f"{text}。澄湖消金的催收天天打我妈电话")
        for text in ODD
    ]  # fmt: skip
    assessor = Assessor(lenders(), allegations())
    together = assessor.assess(batch, NOW)
    assert together == [a for mention in batch for a in assessor.assess([mention], NOW)]
    assert len(together) > 30


def test_hits_are_told_with_their_text() -> None:
    words = AhoCorasick(["催收", "收到"])
    found = each_hit(words, ["", "催收到", "x", "收到"], overlapping=True)
    assert list(found) == [(1, 0, 0, 2), (1, 1, 1, 3), (3, 1, 0, 2)]


def test_signs_of_many_texts() -> None:
    signs = Signs(["0123456789", "点", str.isalpha])
    assert signs.together(["9点", "", "a", "，"]) == [0b111, 0, 0b100, 0]
    assert signs.beside(["9点", "点9", "9", "点"], 1, 2) == [0]
    assert signs.together([]) == []


@pytest.mark.parametrize(("places", "numbers"), [([0, 1, 5], [0, 2]), ([], []), ([2, 2], [0])])
def test_whose(places: list[int], numbers: list[int]) -> None:
    assert whose(np.array(places, np.int64), ["abc", "", "d"]) == numbers


@given(st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=9), st.integers(1, 8))
def test_groups_in_order_are_sorted_some_at_a_time(groups: list[list[int]], at_once: int) -> None:
    numbers = np.array([n + 10 * at for at, group in enumerate(groups) for n in group], np.int64)
    ends = np.cumsum([len(group) for group in groups]).astype(np.int64)
    assert in_order(numbers, ends, at_once).tolist() == sorted(numbers.tolist())
    both = np.stack([numbers, numbers])  # groups lie on the last axis
    assert in_order(both, ends, at_once).tolist() == sorted(numbers.tolist() * 2)


def test_distinct() -> None:
    assert distinct(np.array([3, 1, 3, 2, 1])).tolist() == [1, 2, 3]
    assert distinct(np.array([], np.int64)).tolist() == []
