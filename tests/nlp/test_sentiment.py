"""Our sums are SnowNLP's Bayes; the model is data; a name is no argument."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from data.model import Sentiment
from nlp import sentiment
from nlp.sentiment import Calibration, SentimentModel, features_of
from nlp.train import Held, bayes, calibrate, counts_of

TEXTS = [
    ("催收天天打电话骚扰我", 0),
    ("利息太高，客服态度恶劣", 0),
    ("公司发布三季度报告", 1),
    ("监管部门召开座谈会", 1),
    ("客服很耐心，点赞", 2),
    ("放款快，体验很好", 2),
]


def test_equals_snownlps_bayes() -> None:
    learnt = [(features_of(text), label) for text, label in TEXTS]
    classifier = bayes(learnt)
    model = SentimentModel(*counts_of(classifier), Calibration(1.0, (0.0, 0.0, 0.0)))
    for text in ["客服骚扰我", "公司报告很好", "从没见过的词", "催收电话"]:
        features = features_of(text)
        raw = model.raw(features)
        shares = np.exp(raw - raw.max()) / np.exp(raw - raw.max()).sum()
        label, share = classifier.classify(features.tolist())  # type: ignore[attr-defined]
        assert int(shares.argmax()) == label
        assert math.isclose(shares[label], share, rel_tol=1e-9)


def test_calibration_makes_held_out_texts_likelier() -> None:
    learnt = [(features_of(text), label) for text, label in TEXTS]
    raw = SentimentModel(*counts_of(bayes(learnt)), Calibration(1.0, (0.0, 0.0, 0.0)))
    held = [Held("x", features, 2 - label, 1.0) for features, label in learnt]  # all wrong
    better = SentimentModel(raw.buckets, raw.counts, calibrate(raw, held))

    def likelihood(model: SentimentModel) -> float:
        feelings = [
            (model.calibrated(model.raw(h.features), len(h.features)), h.label) for h in held
        ]
        return sum(math.log((x.negative, x.neutral, x.positive)[label]) for x, label in feelings)

    assert likelihood(better) > likelihood(raw)


def test_survives_its_file(tmp_path: Path) -> None:
    learnt = [(features_of(text), label) for text, label in TEXTS]
    model = SentimentModel(*counts_of(bayes(learnt)), Calibration(0.7, (0.0, 0.1, -0.2)))
    model.save(tmp_path / "m.npz")
    again = sentiment.load(tmp_path / "m.npz")
    assert again.feel("客服很好") == model.feel("客服很好")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("催收天天打电话骚扰我家人，太过分了", Sentiment.NEGATIVE),
        ("利息高得离谱，骗人的平台", Sentiment.NEGATIVE),
        ("客服耐心，还款方便，推荐", Sentiment.POSITIVE),
        ("公司在银行间市场发行资产支持证券，规模八亿元", Sentiment.NEUTRAL),
    ],
)
def test_the_shipped_model_knows_plain_cases(text: str, label: Sentiment) -> None:
    assert sentiment.load().feel(text).label is label


def test_a_score_is_between_minus_one_and_one_even_for_nothing() -> None:
    feeling = sentiment.load().feel("")
    assert -1 <= feeling.score <= 1
    assert math.isclose(feeling.negative + feeling.neutral + feeling.positive, 1)


def test_words_explain_the_score() -> None:
    words = dict(sentiment.load().contributions("催收骚扰我，客服很好"))
    assert words["骚扰"] < 0
    assert words["骚扰"] < words["好"]


def test_the_model_file_is_small() -> None:
    assert sentiment.FILE.stat().st_size <= 4 * 2**20


def test_assessing_does_not_load_snownlp() -> None:
    import subprocess

    code = "import nlp.assess, nlp.stage, sys; sys.exit('snownlp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
