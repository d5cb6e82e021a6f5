"""No sentence is false or ungrammatical: 500 weeks in both languages, each read back."""

from __future__ import annotations

import copy
import re
import tomllib
from pathlib import Path

import pytest

from alerts.digest import words
from alerts.digest.page import page
from alerts.digest.words import Language
from tests.alerts.digest.reader import wrong
from tests.alerts.digest.weeks import random_figures

WEEKS = 500


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_sentence_of_500_weeks_is_true_and_well_formed(language: Language) -> None:
    for seed in range(WEEKS):
        figures = random_figures(seed)
        assert wrong(page(figures, language), figures) == [], f"week {seed}"


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_the_reader_notices_a_number_that_is_changed(language: Language) -> None:
    """A checker that never complains is none: a changed number must be noticed."""
    changed = noticed = 0
    for seed in range(60):
        figures = random_figures(seed)
        whole = page(figures, language)
        for section in range(len(whole["sections"])):
            key = whole["sections"][section]["key"]
            for line, marked in enumerate(whole["sections"][section]["lines"]):
                said = re.sub(r"〔\d+〕", "", marked)
                if key in {"blind", "decide", "notices", "moves"} or not re.search(r"\d", said):
                    continue
                forged = copy.deepcopy(whole)
                forged["sections"][section]["lines"][line] = re.sub(
                    r"(\d)(?!.*\d)", lambda m: str((int(m[1]) + 1) % 10), said
                )
                changed += 1
                noticed += bool(wrong(forged, figures))
    assert changed > 100
    assert noticed == changed


def test_both_languages_have_the_same_sentences_with_the_same_holes() -> None:
    folder = Path(words.__file__).parent
    zh, en = (tomllib.loads((folder / f"{one}.toml").read_text("utf-8")) for one in words.LANGUAGES)
    assert list(zh) == list(en)
    for key in zh:
        holes = [set(re.findall(r"{(\w+)", one[key])) - {"n", "points"} for one in (zh, en)]
        assert holes[0] == holes[1], key
