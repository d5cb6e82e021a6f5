"""Many texts made ready to be read: repaired and folded once for all readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from data.fold import fold_all
from nlp.repair import FOLLOW, OPEN, repaired
from nlp.signs import Signs, whose
from nlp.text import INVISIBLE, View, folded

_UNSEEN, _OPENS, _FOLLOWS = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Page:
    """A raw text and its view; ``odd`` if it has signs of damage or characters that nobody sees."""

    raw: str
    view: View
    odd: bool = False


def pages(raws: Sequence[str]) -> list[Page]:
    """Return a page for each text; only odd ones are looked at one by one."""
    found = [Page(raw, View(plain)) for raw, plain in zip(raws, fold_all(raws), strict=True)]
    for number in _odd(raws):
        raw = raws[number]
        found[number] = Page(raw, folded(repaired(raw)), odd=True)
    return found


def page(raw: str) -> Page:
    """Return the page of one text."""
    return pages([raw])[0]


def _odd(raws: Sequence[str]) -> list[int]:
    each = _signs().each("\n".join(raws))
    broken = (each[:-1] & _OPENS != 0) & (each[1:] & _FOLLOWS != 0)
    return whose(np.concatenate([np.flatnonzero(broken), np.flatnonzero(each & _UNSEEN)]), raws)


@cache
def _signs() -> Signs:
    return Signs([lambda char: INVISIBLE.match(char) is not None, OPEN, FOLLOW])
