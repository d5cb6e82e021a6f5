"""The template behind many texts: what they share, with a blank wherever they differ.

Organised complaints and an agency's forms are one text under many names. People are shown the
wording itself, with ``BLANK`` for the name, the sum or the date that each account filled in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import groupby

import numpy as np

BLANK = "＿＿"
"""Stands for whatever differs between the texts."""

_READ = 1_000  # characters of a text that are compared
_MOST = 12  # texts that are compared: more tell no more
_RUN = 4  # neighbouring characters that make a passage
_SHARE = 0.75  # of the texts must have a passage


def template(texts: Sequence[str]) -> str:
    """Return the first text with ``BLANK`` for each stretch that fewer than 3 in 4 texts have.

    Passages shorter than 4 characters are chance. Of many texts 12 are compared, spread evenly.
    "" where nothing is shared.
    """
    first, *others = (text[:_READ].strip() for text in _spread(texts))
    have = np.ones(len(first), dtype=np.int64)
    for other in others:
        blocks = SequenceMatcher(None, first, other, autojunk=False).get_matching_blocks()
        for block in blocks:
            if block.size >= _RUN:
                have[block.a : block.a + block.size] += 1
    kept = have >= _SHARE * (1 + len(others))
    return "".join(_passages(first, kept.tolist()))


def _passages(text: str, kept: Sequence[bool]) -> Iterable[str]:
    """Yield passages and blanks in turn; no two blanks follow each other."""
    shown, at, blank = False, 0, ""
    for same, run in groupby(kept):
        length = len(list(run))
        if same and length >= _RUN:
            yield blank + text[at : at + length]
            shown, blank = True, ""
        else:
            blank = BLANK
        at += length
    if shown:
        yield blank


def _spread(texts: Sequence[str]) -> list[str]:
    if len(texts) <= _MOST:
        return list(texts)
    return [texts[int(place)] for place in np.linspace(0, len(texts) - 1, _MOST)]
