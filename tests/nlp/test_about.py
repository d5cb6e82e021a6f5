"""Whom a text is against: names stand apart, the model is data, a negative text blames somebody."""

import math
from pathlib import Path

import numpy as np
import pytest

from nlp import about, train_about
from nlp.figures import Figures
from nlp.pairs import ONE, OTHER, Case, Pair, read
from nlp.train_about import Known, contest

BLAME = "{0}拖欠投资人本金，负责人失联，警方已立案；{1}表示与此无关，业务正常。"
CALM = "{0}与{1}签署合作协议，双方将共同推进数字化建设。"
NAMES = ("甲丰钱包", "乙安金服", "丙瑞财富", "丁禾理财", "戊川科技", "己泰集团")


def pairs(case: Case) -> list[Pair]:
    return read([case])[0][0]


def known() -> list[Known]:
    found = []
    for one in NAMES:
        for other in NAMES:
            if one != other:
                names = (one, other)
                found.append(Known(Case(BLAME.format(*names), names), True, (True, False), "train"))
                found.append(
                    Known(Case(CALM.format(*names), names), False, (False, False), "train")
                )
    return found


def test_the_longest_name_is_meant() -> None:
    short, long = pairs(
        Case("甲丰钱包理财跑路，甲丰钱包理财客服失联", ("甲丰钱包", "甲丰钱包理财"))
    )
    assert (short.named, short.anywhere, short.longer) == (0, 2, [1])
    assert (long.named, long.shorter) == (2, [0])


def test_names_are_replaced_by_signs() -> None:
    case = Case("甲丰钱包起诉乙安金服", ("甲丰钱包", "乙安金服"), title="甲丰钱包起诉")
    first, second = pairs(case)
    assert first.windows == f"{ONE}起诉{OTHER}"
    assert second.windows == f"{OTHER}起诉{ONE}"
    assert first.in_title
    assert not second.in_title  # it stands after the title
    assert read([case])[1] == [" 起诉 "]


def test_a_title_that_is_not_repeated_is_read_too() -> None:
    (pair,) = pairs(Case("正文没有名字", ("甲丰钱包",), title="甲丰钱包被罚"))
    assert pair.named == 1
    assert pair.in_title


def test_a_name_is_looked_at_again_where_another_ends() -> None:
    first, second, third, nobody = pairs(Case("甲甲乙乙甲", ("甲甲乙", "乙甲", "甲乙乙", "")))
    assert (first.named, second.named, third.named, nobody.named) == (1, 1, 0, 0)
    assert (third.anywhere, nobody.anywhere) == (1, 0)
    assert (first.first, second.first) == (0, 1)  # in the text with one sign for each name
    assert nobody.longer == [0, 1, 2]


def test_a_company_stands_to_the_others_of_its_text_alone() -> None:
    names = ("甲丰钱包", "甲丰钱包理财", "乙安金服")
    text = "甲丰钱包跑路，甲丰钱包理财也跑路，乙安金服不跑"
    groups, _ = read([Case(text, names), Case("没有", ()), Case("丙瑞财富被罚", ("丙瑞财富",))])
    figures = Figures(groups)
    logits, scores = np.array([2.0, 1.0, -1.0, 3.0]), np.array([0.5, 0.5, 0.5, -2.0])
    found = figures.second(logits, scores)
    assert found.shape == (4, 52)
    assert found[:, 1].tolist() == [1.0, -1.0, -3.0, 0.0]  # over the likeliest other
    assert found[:, 2].tolist() == [0.0, 0.5, 1.5, 0.0]  # the others' mean
    assert found[:, 3].tolist() == [3.0, 2.0, -3.0, 0.0]  # over those of no like name
    assert found[:, 4].tolist() == [0, 0, 0, 1]  # there is none of these
    assert found[:, 6].tolist() == [1, 0, 0, 0]  # what the longer name got
    assert found[:, 7].tolist() == [0, 2, 0, 0]
    first = figures.first(scores)
    assert found[:, 27:].tolist() == first.tolist()
    assert first[:, 10].tolist() == [1, 0, 0, 1]  # named before the others
    assert first[:, 12].tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1])
    assert first[:, 20].tolist() == [1, 1, 1, 0]


def test_learns_which_texts_are_negative_and_survives_its_file(tmp_path: Path) -> None:
    model = train_about.fit(known())
    assert contest(model, known()).text > 0.9
    model.save(tmp_path / "about.npz")
    again = about.load(tmp_path / "about.npz")
    case = Case(BLAME.format("庚信贷", "辛银行"), ("庚信贷", "辛银行"))
    said, before = again.judge([case])[0], model.judge([case])[0]
    assert said.logits == pytest.approx(before.logits, abs=0.05)  # eight bits a weight
    assert said.blamed == before.blamed


def test_the_shipped_model_blames_the_culprit() -> None:
    names = ("庚信贷", "辛银行")
    cases = [Case(BLAME.format(*names), names), Case(CALM.format(*names), names)]
    bad, calm = about.load().judge(cases)
    assert bad.negative
    assert bad.blamed[0]
    assert bad.logits[0] > bad.logits[1]
    assert not calm.negative
    assert calm.blamed == (False, False)


def test_a_batch_changes_nothing_and_nobody_to_judge_is_fine() -> None:
    model = about.load()
    cases = [
        Case("庚信贷跑路", ("庚信贷",)),
        Case("", ()),
        Case("天气很好", ("庚信贷",)),
        Case("a", ("",)),
    ]
    together = model.judge(cases)
    assert [len(j.blamed) for j in together] == [1, 0, 1, 1]
    for case, said in zip(cases, together, strict=True):
        assert model.judge([case])[0].logits == pytest.approx(said.logits, abs=1e-4)
    assert model.judge([]) == []


def test_the_model_of_sentiment_counts_as_much() -> None:
    model = about.load()
    case = Case(BLAME.format(*NAMES[:2]), NAMES[:2])
    alone = model.judge([case])[0]
    assert alone.negative
    calm, angry = (model.judge([case], [against])[0] for against in (0.0, 1.0))
    assert angry.score - calm.score == pytest.approx(math.log(0.995 / 0.005))  # half, twice
    assert (calm.score + angry.score) / 2 == pytest.approx(alone.score / 2)


def test_a_negative_text_blames_somebody() -> None:
    model = about.load()
    cases = [Case(BLAME.format(a, b), (a, b)) for a in NAMES for b in NAMES if a != b]
    for judgement in model.judge(cases):
        assert any(judgement.blamed) == judgement.negative


def test_without_its_set_the_model_stays(tmp_path: Path) -> None:
    assert "is missing" in train_about.train(tmp_path, tmp_path)
    assert not (tmp_path / "about.npz").exists()
