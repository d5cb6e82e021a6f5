"""One-to-one folding: many ways to write a character, one way to match it; lengths never change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TABLE = Path(__file__).with_name("fold.txt")

# 著 is 着 (随著 → 随着) unless it is a writing or renown: 著名, 著作, 显著, 名著, 编著 …
_BEFORE, _AFTER = "显名卓昭编译原论土专巨遗拙新合执共", "名作称述者有书录于"
_ZHU = re.compile(rf"(?<![{_BEFORE}])著(?![{_AFTER}])")

Points = NDArray[np.uint32]


@lru_cache(maxsize=256)  # one text is folded by a dozen readers, one after another
def fold(text: str) -> str:
    """Return ``text`` simplified, half-width (letters, digits, space) and in lower case.

    Every character maps to exactly one, so an offset in the result is an offset in ``text``.
    Chinese punctuation stays. Folding twice changes nothing more. The traditional characters are
    the one-character part of OpenCC's t2s table.
    """
    folded = text.translate(_table())
    return _ZHU.sub("着", folded) if "著" in folded else folded


def fold_all(texts: Sequence[str]) -> list[str]:
    """Return each text folded; of many texts that is ten times as fast as one by one."""
    points = fold_points("\n".join(texts))
    joined = points.tobytes().decode("utf-32-le", "surrogatepass")
    found, at = [], 0
    for text in texts:
        end = at + len(text)
        found.append(joined[at:end])
        at = end + 1
    return found


def fold_points(text: str) -> Points:
    """Return the code points of a folded text, one for each of its characters."""
    raw = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    points: Points = _points()[raw]
    zhu = np.flatnonzero(points == ord("著"))
    if len(zhu):
        around = np.concatenate([[0], points, [0]])
        kept = np.isin(around[zhu], _codes(_BEFORE)) | np.isin(around[zhu + 2], _codes(_AFTER))
        points[zhu[~kept]] = ord("着")
    return points


@cache
def _points() -> Points:
    """Return what each of all code points is folded to."""
    table = np.arange(0x110000, dtype=np.uint32)
    table[list(_table())] = list(_table().values())
    return table


def _codes(chars: str) -> list[int]:
    return [ord(char) for char in chars]


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
