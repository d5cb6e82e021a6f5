"""Weights are data, a batch changes nothing, and plain cases come out right."""

import math
import sys
from pathlib import Path

import pytest

from data.model import Sentiment
from nlp import sentiment
from nlp.corpora import Sample
from nlp.sentiment import Calibration, SentimentModel
from nlp.train import calibrate, fit

TEXTS = [
    ("催收天天打电话骚扰我", 0),
    ("利息太高，客服态度恶劣", 0),
    ("公司发布三季度报告", 1),
    ("监管部门召开座谈会", 1),
    ("客服很耐心，点赞", 2),
    ("放款快，体验很好", 2),
]
SETS = {"own": [Sample(text, label) for text, label in TEXTS for _ in range(2)]}


def small() -> SentimentModel:
    return fit(SETS)


def test_learns_what_it_is_told() -> None:
    model = small()
    assert [model.feel(text).label.value for text, _ in TEXTS] == [
        "neg", "neg", "neu", "neu", "pos", "pos",
    ]  # fmt: skip


def test_calibration_makes_held_out_texts_likelier() -> None:
    model = small()
    wrong = {"own": [Sample(text, 2 - label) for text, label in TEXTS]}

    def likelihood() -> float:
        feelings = [(model.feel(s.text), s.label) for s in wrong["own"]]
        return sum(math.log((x.negative, x.neutral, x.positive)[label]) for x, label in feelings)

    before = likelihood()
    model.calibration = calibrate(model, wrong)
    assert likelihood() > before


def test_survives_its_file(tmp_path: Path) -> None:
    model = small()
    model.calibration = Calibration(((0.7, 0.1),), ((1.2, -0.2),))
    model.save(tmp_path / "m.npz")
    again = sentiment.load(tmp_path / "m.npz")
    assert again.calibration == model.calibration
    for text, _ in TEXTS:  # eight bits a weight
        assert again.feel(text).score == pytest.approx(model.feel(text).score, abs=0.02)


def test_a_batch_changes_nothing() -> None:
    model = sentiment.load()
    documents = [("", "催收骚扰"), ("标题", ""), ("投诉某平台", "客服很好\U0001f600"), ("", "")]
    together = model.feel_all(documents)
    alone = [model.feel(text, title) for title, text in documents]
    assert [f.score for f in together] == pytest.approx([f.score for f in alone], abs=1e-4)
    assert model.feel_all([]) == []


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("催收天天打电话骚扰我家人，太过分了", Sentiment.NEGATIVE),
        ("利息高得离谱，骗人的平台", Sentiment.NEGATIVE),
        ("客服耐心，还款方便，推荐", Sentiment.POSITIVE),
        ("请问提前还款怎么操作，需要手续费吗？", Sentiment.NEUTRAL),
    ],
)
def test_the_shipped_model_knows_plain_cases(text: str, label: Sentiment) -> None:
    assert sentiment.load().feel(text).label is label


def test_a_score_is_between_minus_one_and_one_even_for_nothing() -> None:
    feeling = sentiment.load().feel("")
    assert -1 <= feeling.score <= 1
    assert math.isclose(feeling.negative + feeling.neutral + feeling.positive, 1)


def test_words_explain_the_score() -> None:
    words = dict(sentiment.load().contributions("他们骗人，客服很好"))
    assert words["骗人"] < 0
    assert words["骗人"] < words["好"]


def test_pushes_add_up_to_the_difference_from_an_empty_text() -> None:
    model = small()  # one family: no shares to shift
    text = "催收骚扰我客服很好"
    moved = (model.outputs([("", "")]) - model.outputs([("", text)]))[0, 0, 0]
    assert sum(push for _, push in model.contributions(text)) == pytest.approx(
        float(moved), abs=1e-4
    )


def test_the_model_file_is_small() -> None:
    assert sentiment.FILE.stat().st_size <= 8 * 2**20


def test_assessing_does_not_load_snownlp() -> None:
    import subprocess

    code = "import nlp.assess, nlp.stage, sys; sys.exit('snownlp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
