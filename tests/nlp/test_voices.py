"""Accounts are told from advertisements, advice and fiction that use the same words."""

from pathlib import Path

import numpy as np
import pytest

from data.facts import allegations
from data.facts.lexicons import lexicons
from data.model import SourceKind
from nlp import gold, train_voices, voices
from nlp.allegations import AllegationFinder
from nlp.doubts import Doubt

GOLD = Path(__file__).parents[1] / "gold"
MODEL = voices.load()
FINDER = AllegationFinder(allegations(), lexicons())


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ("他们昨天打给我岳母，说我欠了三期，老人家哭了一晚上。我还没失联呢。", "complaint", True),
        ("我借了八千，催收天天给我妈打电话，还冒充派出所的，我真的受不了了。", "post", True),
        ("催收给家人打电话合法吗？律师提醒：保存录音，可以向平台投诉。", "other", False),
        ("负债不用怕，爆通讯录上门骚扰都能停，十年团队，办成再付，私信进群。", "post", False),
    ],
)
def test_who_speaks_of_himself(text: str, kind: str, told: bool) -> None:
    assert (MODEL.account(text, SourceKind(kind)) >= voices.UNLIKELY) is told


def test_it_is_the_model_that_leaves_these_out() -> None:
    """Without the model the finder would tag more clean texts of the gold."""
    deaf = AllegationFinder(allegations(), lexicons(), Deaf)
    clean = [i for name in gold.SETS for i in gold.load(GOLD, name) if not i.labels]
    with_model, without = (gold.measure(finder, clean) for finder in (FINDER, deaf))
    assert with_model.clean_tagged < without.clean_tagged
    left = [out for i in clean for out in FINDER.read(i.text, i.kind).left_out]
    assert any(out.doubt is Doubt.VOICE for out in left)


def test_a_complaint_is_somebodys_own_account_before_it_is_anything_else() -> None:
    text = "催收人员上门泼油漆，把门锁也堵了"
    assert voices.UNLIKELY / 2 < MODEL.account(text, SourceKind.COMPLAINT) < voices.UNLIKELY
    claims = FINDER.read(text, SourceKind.COMPLAINT).claims
    assert {claim.allegation for claim in claims} == {"property_damage"}


Deaf = voices.Voices(
    np.zeros(voices.BLOCK.columns, np.float32), 0.0, 0.0, 0.0, dict.fromkeys(voices.KINDS, 9.0)
)


def test_trained_again_it_is_the_same_and_no_test_row_is_read(tmp_path: Path) -> None:
    halves = tmp_path / "gold"
    halves.mkdir()
    for name in gold.SETS:
        lines = (GOLD / f"{name}.jsonl").read_text("utf-8").splitlines()
        kept = [line for line in lines if '"split": "dev"' in line]
        (halves / f"{name}.jsonl").write_text("\n".join(kept), "utf-8")
    report = train_voices.train(halves, tmp_path / "voices.npz")
    assert "other texts told apart" in report
    again = voices.load(tmp_path / "voices.npz")
    moved = np.abs(again.weights - MODEL.weights)  # another processor may round to the next step
    assert moved.max() < 1.01 * np.abs(MODEL.weights).max() / 127
    assert (moved > 0.02).mean() < 0.001
    assert again.kinds == pytest.approx(MODEL.kinds, abs=0.05)
