"""Reposts and rewritten copies are found, however many texts there are; other texts are not."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from nlp.likeness import (
    ALIKE,
    HASHES,
    LikenessIndex,
    Repeats,
    confirmed,
    jaccards,
    sketches,
)

LONG = (
    "本人于去年三月通过贵平台借款一万二千元，因家中老人住院暂时周转困难。逾期后贵司委托的催收人员多次致电我的父母和单位，"
    "泄露我的个人信息，严重影响了我和家人的正常生活，要求停止第三方催收并提供分期方案。"
)
OTHER = (
    "昨天晚上十一点有两个男的来敲门，邻居都出来看了。我在门里不敢出声，孩子吓得一直哭。他们在楼道里喊我的名字，说欠钱不还，"
    "直到保安过来才走，监控我已经拷贝下来了。"
)


def edited(text: str, share: float, seed: int) -> str:
    random = Random(seed)
    made = []
    for char in text:
        if random.random() < share:
            made.append(random.choice(["", random.choice(OTHER), char + random.choice(OTHER)]))
        else:
            made.append(char)
    return "".join(made)


def shared(one: str, other: str) -> float:
    return jaccards([(one, other)])[0]


def test_a_sketch_ignores_signs_digits_and_ways_of_writing() -> None:
    same = LONG.replace("，", " ").replace("。", "！") + " 2024-03-01"
    wide = LONG.replace("万", "萬").replace("贵", "貴")
    made = sketches([LONG, same, wide, "太坏了", ""])
    assert made.shape == (5, HASHES)
    assert (made[0] == made[1]).all()
    assert (made[0] == made[2]).all()
    assert not made[3:].any()


def test_a_sketch_does_not_depend_on_its_neighbours() -> None:
    alone = [sketches([text])[0] for text in (LONG, "短", OTHER)]
    assert (np.array(alone) == sketches([LONG, "短", OTHER])).all()


def test_agreement_estimates_what_is_shared() -> None:
    for seed in range(20):
        other = edited(LONG, 0.15, seed)
        a, b = sketches([LONG, other])
        assert abs((a == b).mean() - shared(LONG, other)) < 0.3


def test_a_fifth_edited_is_still_found_and_nothing_else() -> None:
    index = LikenessIndex()
    index.add(sketches([OTHER, LONG, ""]))
    asked = sketches([edited(LONG, 0.2, seed) for seed in range(60)])
    found = index.near(asked)
    assert sum(places == [1] for places in found) >= 57
    assert all(places in ([], [1]) for places in found)
    assert index.near(sketches([""])) == [[]]


def test_an_index_grows_and_finds_the_first_after_thousands() -> None:
    random = np.random.default_rng(0)
    index = LikenessIndex()
    assert index.near(sketches([LONG])) == [[]]
    index.add(sketches([LONG]))
    for _ in range(5):
        index.add(random.integers(1, 65_536, (700, HASHES), dtype=np.uint16))
    index.add(sketches([OTHER]))
    assert len(index) == 3_502
    assert index.near(sketches([LONG, OTHER])) == [[0], [3_501]]


def test_of_a_crowd_of_copies_some_are_enough() -> None:
    index = LikenessIndex()
    index.add(np.repeat(sketches([LONG]), 5_000, axis=0))
    [found] = index.near(sketches([edited(LONG, 0.05, 1)]))
    assert 1 <= len(found) < 500


def test_in_a_batch_only_earlier_ones_are_met() -> None:
    index = LikenessIndex()
    made = sketches([LONG, OTHER, edited(LONG, 0.1, 1), LONG])
    index.add(made)
    met = index.near(made, before=0)
    assert met[:2] == [[], []]
    assert met[2] == [0]
    assert met[3][0] == 0


@pytest.mark.parametrize("one", [LONG, OTHER])
def test_jaccard(one: str) -> None:
    assert shared(one, one) == 1
    assert shared(LONG, OTHER) < 0.1
    assert shared(LONG, edited(LONG, 0.2, 1)) > ALIKE / HASHES


def test_repeats_name_the_first() -> None:
    repeats: Repeats[str] = Repeats()
    texts = [LONG, OTHER, edited(LONG, 0.1, 3), LONG, "短"]
    assert repeats.firsts(["a", "b", "c", "d", "e"], texts) == [None, None, "a", "a", None]
    assert repeats.firsts(["f"], [edited(OTHER, 0.1, 4)]) == ["b"]


def test_a_text_among_many_is_compared_as_if_alone() -> None:
    texts = [LONG, OTHER, edited(LONG, 0.2, 5), edited(OTHER, 0.5, 6), "短", ""]
    asked = [(one, other) for one in texts for other in texts]
    assert jaccards(asked) == [shared(one, other) for one, other in asked]
    assert jaccards([]) == []


def test_the_best_place_that_says_the_same_is_confirmed() -> None:
    index = LikenessIndex()
    known = [OTHER, edited(LONG, 0.1, 7), LONG]
    index.add(sketches(known))
    asked = [(0, 0), (0, 1), (0, 2), (1, 0)]  # the third agrees more, but is asked later
    pairs = [(LONG, known[place]) if n == 0 else ("别的话", known[place]) for n, place in asked]
    assert confirmed(index, sketches([LONG, "别的话"]), asked, pairs) == {0: 1}
    assert confirmed(index, sketches([]), [], []) == {}
