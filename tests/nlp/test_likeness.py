"""Reposts, rewritten copies and templates are found; what only shares a topic is not."""

from __future__ import annotations

from random import Random

import pytest

from nlp.likeness import (
    LikenessIndex,
    Repeats,
    families,
    first_of,
    jaccard,
    likeness,
    shared,
    templates,
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


def test_a_hash_is_the_same_everywhere_and_ignores_signs_and_digits() -> None:
    assert len(likeness(LONG)) == 32
    assert likeness(LONG) == likeness(LONG.replace("，", " ").replace("。", "！") + " 2024-03-01")
    assert likeness("太坏了") == b""


def test_a_fifth_edited_is_still_found() -> None:
    index = LikenessIndex([likeness(OTHER), likeness(LONG), b""])
    found = sum(
        [n for n, _ in index.near(likeness(edited(LONG, 0.2, seed)))] == [1] for seed in range(60)
    )
    assert found >= 57
    assert index.near(b"") == []


def test_an_index_grows() -> None:
    index = LikenessIndex()
    assert index.near(likeness(LONG)) == []
    index.add([likeness(OTHER)])
    index.add([likeness(LONG)])
    assert len(index) == 2
    assert index.near(likeness(LONG)) == [(1, 0)]


def test_families_join_copies_and_leave_the_rest_alone() -> None:
    texts = [
        LONG,
        OTHER,
        edited(LONG, 0.1, 1),
        "转发：" + OTHER,
        edited(LONG, 0.15, 2),
        "不相干的一句话而已，说的是天气",
    ]
    assert families(texts) == [[0, 2, 4], [1, 3]]
    assert first_of(texts) == [None, None, 0, 1, 0, None]


def test_a_template_is_of_many_accounts_and_shows_what_they_share() -> None:
    texts = [
        f"我叫{name}，{LONG}我的电话是{phone}，请尽快联系。"
        for name, phone in (("甲某", "一"), ("乙某某", "二"), ("丙", "三"))
    ]
    [found] = templates([*texts, OTHER, OTHER], ["a", "b", "c", "d", "d"])
    assert (found.members, found.accounts) == ((0, 1, 2), 3)
    assert "借款一万二千元" in found.text
    assert "甲某" not in found.text


@pytest.mark.parametrize("one", [LONG, OTHER])
def test_jaccard(one: str) -> None:
    assert jaccard(one, one) == 1
    assert jaccard(LONG, OTHER) < 0.1


def test_shared_of_one_text_is_the_text() -> None:
    assert shared([LONG]) == LONG


def test_repeats_name_the_first() -> None:
    repeats = Repeats()
    texts = [LONG, OTHER, edited(LONG, 0.1, 3), LONG, "短"]
    assert [repeats.first(f"t{n}", text) for n, text in enumerate(texts)] == [
        None, None, "t0", "t0", None,
    ]  # fmt: skip
