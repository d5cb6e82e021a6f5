"""A file of texts in, a file of answers out, without a store and without a lender file."""

import json
from pathlib import Path
from typing import Any

import pytest

from data.errors import InputError
from nlp.judge import assess_file


def judged(tmp_path: Path, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), "utf-8")
    assert assess_file(source, out) == {"texts": len(rows)}
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()]


def test_a_complaint_about_a_given_name(tmp_path: Path) -> None:
    text = "丰穗金融的催收天天打给我妈，半夜两点还发短信，太过分了。"
    (row,) = judged(
        tmp_path,
        {
            "id": "a1",
            "text": text,
            "source_kind": "complaint",
            "entities": ["丰穗金融", "河汀银行"],
        },
    )
    assert row["id"] == "a1"
    assert row["sentiment"]["label"] == "neg"
    assert row["sentiment"]["score"] < 0
    assert sum(row["sentiment"]["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    assert row["about_lender"] is True
    assert row["negative_entities"] == ["丰穗金融"]
    assert "family_harassment" in {a["id"] for a in row["allegations"]}
    for a in row["allegations"]:
        assert text[a["start"] : a["end"]] == a["quote"]
        assert a["status"] in {"alleged", "threatened", "reported", "claimed"}


def test_without_names_the_lender_file_counts(tmp_path: Path) -> None:
    about, other = judged(
        tmp_path,
        {"id": 1, "text": "澄湖消费金融客服很耐心，还款方便，推荐"},
        {"id": 2, "text": "今天天气很好，适合散步"},
    )
    assert about["about_lender"] is True
    assert about["negative_entities"] == []
    assert about["sentiment"]["label"] == "pos"
    assert other["about_lender"] is False


def test_what_a_company_is_called_says_nothing_of_how_a_text_feels(tmp_path: Path) -> None:
    names = ("跑路骗子曝光台", "甲丰钱包")
    rows = judged(
        tmp_path,
        *({"id": n, "text": f"{n}与河汀银行签约。", "entities": [n]} for n in names),
    )
    assert rows[0]["sentiment"] == rows[1]["sentiment"]


def test_a_name_that_is_given_is_as_good_as_a_word_of_debt(tmp_path: Path) -> None:
    row = {"text": "雾桥的人天天打给我妈骂人", "source_kind": "post"}
    given, unknown = judged(tmp_path, row | {"id": 1, "entities": ["雾桥"]}, row | {"id": 2})
    assert given["allegations"]
    assert unknown["allegations"] == []


def test_a_question_blames_nobody(tmp_path: Path) -> None:
    text = "请问丰穗金融逾期会不会上门催收？"
    (row,) = judged(tmp_path, {"id": "q", "text": text, "entities": ["丰穗金融"]})
    assert row["sentiment"]["label"] == "neu"
    assert row["negative_entities"] == []


def test_advertisements_and_press_releases_tell_no_story(tmp_path: Path) -> None:
    text = "催收天天打给我妈，半夜还爆通讯录"
    kinds = ("complaint", "lender_pr", "anti_collection_ad")
    rows = judged(tmp_path, *({"id": k, "text": text, "source_kind": k} for k in kinds))
    assert [bool(row["allegations"]) for row in rows] == [True, False, False]


def test_nothing_said_is_answered_too(tmp_path: Path) -> None:
    (row,) = judged(tmp_path, {"id": "x", "text": "", "entities": []})
    assert row["allegations"] == []
    assert row["about_lender"] is False


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 1: no JSON"),
        ('{"id": 1}', '"text" are needed'),
        ("[1]", "are needed"),
        ('{"id": 1, "text": "a", "source_kind": "radio"}', "radio"),
        ('{"id": 1, "text": "a", "entities": "b"}', "no list of names"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, line: str, says: str) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(line + "\n", "utf-8")
    with pytest.raises(InputError, match=says):
        assess_file(source, tmp_path / "out.jsonl")


def test_region_facts_and_repeats(tmp_path: Path) -> None:
    text = "我在绵阳，借了8000元，逾期了十五天，催收夜里十一点四十还打给我岳母，说要去她单位闹。"
    first, other, again = judged(
        tmp_path,
        {"id": "a", "text": text, "source_kind": "complaint"},
        {"id": "b", "text": "客服很耐心，还款方便", "source_kind": "post"},
        {"id": "c", "text": "转发：" + text.replace("十五天", "十六天"), "source_kind": "post"},
    )
    assert first["region"] == {"province": "四川", "city": "绵阳"}
    assert other["region"] is None
    late = first["facts"]["days_overdue"][0]
    assert (late["value"], text[late["start"] : late["end"]]) == (15, "逾期了十五天")
    assert [row["duplicate_of"] for row in (first, other, again)] == [None, None, "a"]
