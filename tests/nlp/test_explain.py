"""An explanation that a compliance officer can read."""

from data.facts import lenders
from nlp.explain import explain, report


def test_says_everything() -> None:
    text = "澄湖消金的催收爆了我的通讯录，没有上门。他说再不还就弄死我。"
    explanation = explain(text, lenders())
    page = "\n".join(explanation.lines())
    assert explanation.names == (("chenghu", "澄湖消金"),)
    assert explanation.severity == 5
    for words in (
        "爆通讯录",
        "爆了我的通讯录",
        "可能触及：《",
        "负面",
        "人身财产威胁",
        explanation.made_by,
    ):
        assert words in page
    assert "犯罪" not in page.replace("敲诈勒索罪", "")
    assert all(text[a.start : a.end] == a.quote for a in explanation.allegations)


def test_says_what_was_left_out_and_why() -> None:
    page = "\n".join(explain("澄湖消金催收从未爆通讯录", lenders()).lines())
    assert "未采纳" in page
    assert "否定" in page


def test_reads_texts_about_nobody() -> None:
    page = "\n".join(explain("他们爆了我的通讯录", ()).lines())
    assert "未提到" in page
    assert "爆通讯录" in page


def test_reads_the_title_too() -> None:
    page = report("钱还不上", "澄湖消金催收爆了我的通讯录")
    assert "标题第 6–13 字" in page


def test_old_conduct_is_held_against_old_rules() -> None:
    text = "2024年9月10日，澄湖消金的催收爆了我的通讯录"
    page = "\n".join(explain(text, lenders()).lines())
    assert "不适用：《GB/T 45251-2025" in page
    assert "对照：《GB/T 45251-2025" not in page
    now = "\n".join(explain(text.replace("2024", "2026"), lenders()).lines())
    assert "对照：《GB/T 45251-2025" in now
    assert "不适用" not in now


def test_facts_are_shown_with_their_words() -> None:
    page = report("我在绵阳，逾期了十五天，澄湖消金的催收夜里十一点四十还打来")
    assert "地点：四川、绵阳「绵阳」" in page
    assert "逾期天数：15「逾期了十五天」" in page
    assert "23:40、22:00–8:00 之间" in page
