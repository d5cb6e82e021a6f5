"""One-to-one folding: many ways to write a character, one way to match it; lengths never change."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

TABLE = Path(__file__).with_name("fold.txt")

# 著 is 着 (随著 → 随着) unless it is a writing or renown: 著名, 著作, 显著, 名著, 编著 …
_ZHU = re.compile(r"(?<![显名卓昭编译原论土专巨遗拙新合执共])著(?![名作称述者有书录于])")


@lru_cache(maxsize=256)  # one text is folded by a dozen readers, one after another
def fold(text: str) -> str:
    """Return ``text`` simplified, half-width (letters, digits, space) and in lower case.

    Every character maps to exactly one, so an offset in the result is an offset in ``text``.
    Chinese punctuation stays. Folding twice changes nothing more. The traditional characters are
    the one-character part of OpenCC's t2s table.
    """
    folded = text.translate(_table())
    return _ZHU.sub("着", folded) if "著" in folded else folded


@cache
def _table() -> dict[int, int]:
    _, traditional, simplified = TABLE.read_text("utf-8").splitlines()
    table = {ord(old): ord(new) for old, new in zip(traditional, simplified, strict=True)}
    for letter in range(ord("A"), ord("Z") + 1):
        table[letter] = letter + 32
    for wide in range(0xFF01, 0xFF5F):
        narrow = chr(wide - 0xFEE0)
        if narrow.isalnum():
            table[wide] = ord(narrow.lower())
    table[0x3000] = ord(" ")
    return table
