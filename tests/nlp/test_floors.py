"""What is in the repository's gold never gets worse unnoticed."""

import json
import shutil
from pathlib import Path

import pytest

from data.errors import InputError
from nlp import floors
from nlp.floors import Figure

GOLD = Path(__file__).parents[1] / "gold"


def test_no_figure_is_below_its_floor() -> None:
    measured = floors.figures(GOLD)
    assert [f for f in measured if f.fell] == [], floors.table(measured)
    assert not [f.name for f in measured if f.floor is None]
    kinds = {f.name.split(",")[0] for f in measured}
    assert kinds == {"allegations", "facts", "feeling", "sentiment"}
    assert sum("with the vote" in f.name for f in measured) == 10


def test_slices_are_ours_and_whole() -> None:
    for name in ("negation", "contrast", "sarcasm", "polite"):
        lines = (GOLD / "sentiment" / f"{name}.jsonl").read_text("utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        assert len(rows) == 40
        assert len({row["text"] for row in rows}) == 40
        assert {row["label"] for row in rows} <= {"neg", "neu", "pos"}


def test_floors_only_rise_and_a_lowering_says_why(tmp_path: Path) -> None:
    floors.accept(tmp_path, [Figure("a", 10, 0.8)])
    floors.accept(tmp_path, [Figure("a", 10, 0.6, 0.8)])
    kept = json.loads((tmp_path / "floors.json").read_text("utf-8"))
    assert kept["floors"] == {"a": 0.8}
    with pytest.raises(InputError, match="reason"):
        floors.lower(tmp_path, [Figure("a", 10, 0.6, 0.8)], " ")
    floors.lower(tmp_path, [Figure("a", 10, 0.6, 0.8)], "the gold was wrong")
    kept = json.loads((tmp_path / "floors.json").read_text("utf-8"))
    assert kept["floors"] == {"a": 0.6}
    assert kept["lowered"] == [{"to": {"a": 0.6}, "why": "the gold was wrong"}]
    assert "!" in floors.table([Figure("a", 10, 0.5, 0.6)])


def test_no_gold_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no gold"):
        floors.figures(tmp_path)


def test_a_fall_is_seen(tmp_path: Path) -> None:
    shutil.copytree(GOLD, tmp_path / "gold")
    file = tmp_path / "gold" / "sentiment" / "polite.jsonl"
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    turned = [row | {"label": "pos" if row["label"] == "neg" else "neg"} for row in rows]
    file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in turned), "utf-8")
    fallen = {f.name for f in floors.figures(tmp_path / "gold", voted=False) if f.fell}
    assert "sentiment, polite: three classes" in fallen
