"""The check-list: every level has work, each step has words, a wrong file is one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import FactError
from data.facts.playbook import playbook
from data.model import Level


def test_graver_levels_ask_for_more() -> None:
    asked = [sum(step.level <= level for step in playbook()) for level in Level]
    assert asked == sorted(set(asked))
    assert asked[-1] == len(playbook())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {id: a, from: purple, zh: x, en: x}", "a: from"),
        ("- {id: a, from: red, zh: x}", "en: this field is missing"),
        ("- {id: a, from: red, zh: x, en: x}\n" * 2, "given twice"),
    ],
)
def test_a_wrong_file_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "playbook.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(FactError, match=said):
        playbook(file)
