"""Who is named: longest match, namesakes, masks, owners."""

import pytest

from data.facts import lenders
from data.facts.lexicons import lexicons
from data.model import Lender, Role
from nlp.subjects import SubjectFinder

FINDER = SubjectFinder(lenders(), lexicons().money_context)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("澄湖消费金融暴力催收", [("chenghu", "澄湖消费金融")]),
        ("澄湖消費金融", [("chenghu", "澄湖消費金融")]),
        ("湖光贷利息太高", [("chenghu", "湖光贷")]),  # a product's findings are its owner's
        ("澄*消金爆通讯录", [("chenghu", "澄*消金")]),
        ("澄湖*费金融的催收", [("chenghu", "澄湖*费金融")]),
        ("澄湖XX金融", [("chenghu", "澄湖XX金融")]),
        ("栖川消金和澄湖消金", [("qichuan", "栖川消金"), ("chenghu", "澄湖消金")]),
        ("澄湖的催收天天打电话", [("chenghu", "澄湖")]),
        ("澄\u200b湖消金", [("chenghu", "澄\u200b湖消金")]),
        ("澄湖边看日落，吃澄湖大闸蟹", []),
        ("周末去澄湖骑车", []),  # a bare name without a word of money is the lake
        ("来源：澄湖消费金融", []),
        ("", []),
    ],
)
def test_names(text: str, names: list[tuple[str, str]]) -> None:
    found = FINDER.find(text)
    assert [(name.subject, name.words) for name in found] == names
    assert all(text[name.start : name.end] == name.words for name in found)


def test_the_place_can_say_that_it_is_about_money() -> None:
    assert [name.words for name in FINDER.find("澄湖太过分", about_money=True)] == ["澄湖"]


def test_a_masked_name_that_two_share_names_nobody() -> None:
    two = [
        Lender("a", "甲湖消金", "A", Role.CUSTOMER, ("甲湖消金",)),
        Lender("b", "甲海消金", "B", Role.RIVAL, ("甲海消金",)),
    ]
    finder = SubjectFinder(two, ())
    assert finder.find("甲*消金催收") == []
    assert [name.subject for name in finder.find("*海消金催收")] == ["b"]
