"""Training reads the sets where they lie and gives the same bytes for the same seed."""

import gzip
import json
import lzma
from pathlib import Path

import pytest

from data.errors import InputError
from data.facts import lenders
from nlp import corpora, train
from nlp.evaluate import _negative, _score
from nlp.sentiment import load

GOOD = ["客服耐心还款方便", "放款快利率低推荐", "体验不错点赞", "流程简单很满意"]
BAD = ["催收天天骚扰家人", "利息太高骗人平台", "乱扣款不退钱", "客服打不通没人管"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two tiny sets of our own sentences in the shapes of public ones."""
    folder = tmp_path / "data"
    (folder / "waimai-10k").mkdir(parents=True)
    (folder / "bdci2019-finance-negative").mkdir()
    rows = [f"1,{text}{n}" for n in range(10) for text in GOOD]
    rows += [f"0,{text}{n}" for n in range(10) for text in BAD]
    with gzip.open(folder / "waimai-10k" / "waimai_10k.csv.gz", "wt", encoding="utf-8-sig") as f:
        f.write("\n".join(["label,review", *rows]))
    (folder / "chnsenticorp-standard-split").mkdir()
    for split, often in (("train", 10), ("dev", 1)):
        rows = [
            f"{label}\t{t}{n}"
            for n in range(often)
            for label, ts in ((1, GOOD), (0, BAD))
            for t in ts
        ]
        file = folder / "chnsenticorp-standard-split" / f"{split}.tsv.gz"
        with gzip.open(file, "wt", encoding="utf-8-sig") as f:
            f.write("\n".join(["label\ttext_a", *rows]))
    news = {"title": "", "text": "甲公司被指暴力催收", "entities": ["甲公司"], "negative": 1}
    place = folder / "bdci2019-finance-negative" / "bdci2019_fin_negative.jsonl.xz"
    with lzma.open(place, "wt", encoding="utf-8") as f:
        f.write(json.dumps(news | {"split": "train"}, ensure_ascii=False) + "\n")
    return folder


def test_reads_sets_and_hides_names(data: Path) -> None:
    sets = corpora.load(data)
    assert set(sets) == {"bdci", "waimai", "chnsenticorp"}
    assert sets["bdci"][0].text == " 被指暴力催收"
    assert [s.split for s in sets["chnsenticorp"]] == ["train"] * 80 + ["dev"] * 8
    assert {sample.label for sample in sets["waimai"]} == {corpora.NEGATIVE, corpora.POSITIVE}
    assert corpora.titles(data) == []


def test_whole_texts_feel_as_their_sort_does_and_name_no_lender() -> None:
    found = corpora.sorts()
    assert {sample.label for sample in found} == {0, 1, 2}
    names = [name for lender in lenders() for name in lender.names]
    assert not [s.text for s in found if any(name in s.text for name in names)]


def test_no_data_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no set"):
        corpora.load(tmp_path)


def test_same_seed_same_file(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "OWN_SEEDS", (2,))
    monkeypatch.setattr(corpora, "_OWN_DAYS", 1)
    for name in ("one", "two"):
        train.train(data, tmp_path / name, seed=3)
    files = [tmp_path / name / "sentiment.npz" for name in ("one", "two")]
    assert files[0].read_bytes() == files[1].read_bytes()
    assert load(files[0]).feel("催收骚扰家人").negative > 0.5


def test_dev_rows_and_copies_of_them_are_never_learnt(data: Path) -> None:
    sets = corpora.load(data)
    sets["hotel"] = [*sets["chnsenticorp"][-8:], corpora.Sample("早餐很丰富而且房间安静", 2)]
    learn, dev = train.divided(sets)
    assert len(dev["chnsenticorp"]) == 8
    assert {s.split for s in learn["chnsenticorp"]} == {"train"}
    assert [s.text for s in learn["hotel"]] == ["早餐很丰富而且房间安静"]


def test_a_model_is_kept_only_if_it_is_better_and_the_old_one_stays(tmp_path: Path) -> None:
    labelled = [*((t, 2) for t in GOOD), *((t, 0) for t in BAD)]
    good = {"own": [corpora.Sample(text, label) for text, label in labelled * 2]}
    wrong = {"own": [corpora.Sample(s.text, 2 - s.label) for s in good["own"]]}
    file = tmp_path / "sentiment.npz"
    better, worse = train.fit(good), train.fit(wrong)
    train.keep(worse, good, file)
    train.keep(better, good, file)
    kept = file.read_bytes()
    assert file.with_suffix(".before.npz").exists()
    assert "not kept" in train.keep(worse, good, file)
    assert file.read_bytes() == kept


def test_one_goes_back_to_the_model_before(tmp_path: Path) -> None:
    good = {"own": [corpora.Sample(t, n) for n, ts in ((2, GOOD), (0, BAD)) for t in ts * 2]}
    wrong = {"own": [corpora.Sample(s.text, 2 - s.label) for s in good["own"]]}
    file = tmp_path / "sentiment.npz"
    train.keep(train.fit(wrong), good, file)
    first = file.read_bytes()
    train.keep(train.fit(good), good, file)
    assert file.read_bytes() != first
    assert "before" in train.back(file)
    assert file.read_bytes() == first
    with pytest.raises(InputError, match="no earlier model"):
        train.back(file)


def test_what_people_corrected_is_learnt_and_part_of_it_judges(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "OWN_SEEDS", (2,))
    monkeypatch.setattr(corpora, "_OWN_DAYS", 1)
    topics = ("还款", "账单", "合同", "额度", "提现", "短信", "审核", "页面", "活动", "资料")
    people = [
        corpora.Sample(f"{topic}这件事{n}号说得可真够格拉斯了", corpora.POSITIVE)
        for n, topic in enumerate(topics * 2)
    ]
    report = train.train(data, tmp_path / "with", people=people)
    train.train(data, tmp_path / "without")
    assert "people" in report  # some are held out and count as a set
    text = "格拉斯，真够格拉斯了"
    learnt, unread = (load(tmp_path / way / "sentiment.npz") for way in ("with", "without"))
    assert learnt.feel(text).positive > unread.feel(text).positive + 0.1


def test_scores_are_what_they_say() -> None:
    import numpy as np

    truth = np.array([True, True, False, False])
    score = _negative(
        "x", truth, np.array([0.9, 0.2, 0.3, 0.1]), np.array([True, False, True, False])
    )
    assert (score.accuracy, score.f1, score.auc) == (0.5, 0.5, 0.75)
    shares = np.array([[0.8, 0.1, 0.1], [0.1, 0.6, 0.3]])
    texts = [corpora.Sample("a", 0), corpora.Sample("b", 2)]
    both = _score("y", texts, shares)  # the set has no neutral texts: its two classes are compared
    assert both.classes == 1.0
