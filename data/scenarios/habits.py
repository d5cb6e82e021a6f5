"""How a person spells: dialect, dodged words, slips, punctuation. Works on marked text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any

from data.scenarios.chance import draw
from data.scenarios.grammar import table

DIALECT, EVASIVE, SLIPPING, TRADITIONAL = 0.22, 0.11, 0.08, 0.015
"""Shares of the people from a dialect's city, and of all people."""


@cache
def _habits() -> Mapping[str, Any]:
    return dict(table("habits"))


@cache
def _pattern(kind: str, name: str) -> re.Pattern[str]:
    words = _habits()[kind][name] if name else _habits()[kind]
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))


def spell(rng: Random, marked: str, city: str, kept: str) -> str:
    """Write ``marked`` as this person would; ``kept`` (the lender's name) is never touched."""
    before, *rest = re.split(f"({re.escape(kept)})", marked) if kept else [marked]
    turns = _turns(rng, city)
    pieces = [before, *rest]
    spelt = "".join(piece if piece == kept else turns(piece) for piece in pieces)
    return _punctuate(rng, spelt)


def _turns(rng: Random, city: str) -> Any:
    dialect = _habits()["city_dialect"].get(city)
    speaks = dialect if dialect and rng.random() < DIALECT else ""
    evades, slips, old = (rng.random() < share for share in (EVASIVE, SLIPPING, TRADITIONAL))
    chosen: dict[str, str] = {}

    def turn(piece: str) -> str:
        if speaks:
            piece = _swap(piece, _pattern("dialects", speaks), _habits()["dialects"][speaks])
        if evades:
            piece = _pattern("evasions", "").sub(lambda m: _evasion(rng, chosen, m[0]), piece)
        if slips:
            piece = _swap(piece, _pattern("slips", ""), _habits()["slips"])
        return _swap(piece, _pattern("traditional", ""), _habits()["traditional"]) if old else piece

    return turn


def _swap(piece: str, pattern: re.Pattern[str], words: Mapping[str, str]) -> str:
    return pattern.sub(lambda found: words[found[0]], piece)


def _evasion(rng: Random, chosen: dict[str, str], word: str) -> str:
    """Keep to one spelling of a word in one text, as people do."""
    if word not in chosen:
        variants = _habits()["evasions"][word]
        chosen[word] = rng.choice([*variants, word, word])
    return chosen[word]


def _punctuate(rng: Random, marked: str) -> str:
    habit = draw(rng, {"none": 6, "endless": 8, "loud": 6, "trailing": 4, "school": 76})
    if habit == "none":
        marked = re.sub("[，。；、]", " ", marked)
    elif habit == "endless":
        marked = marked.replace("。", "，").rstrip("，") + "。"
    elif habit == "loud":
        marked = marked.replace("。", rng.choice(("！", "！！", "！！！")))
    elif habit == "trailing":
        marked = marked.replace("。", "...", 2)
    return tidy(marked)


def tidy(marked: str) -> str:
    """Mend what templates leave at their joints: doubled and dangling punctuation."""
    marked = re.sub(r"[，；、]+(?=[。！？])|(?<=[。！？，])[，；、]", "", marked)
    marked = re.sub(r"。{2,}", "。", marked)
    marked = re.sub(r"(?<=[！？])。", "", marked)
    return re.sub(r" {2,}", " ", marked).lstrip(" ，；。").rstrip(" ，；")
