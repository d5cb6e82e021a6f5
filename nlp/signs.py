"""Which sorts of characters stand in many texts, found in all of them at once.

A reader that needs a digit before 元, or a sign inside a word, has nothing to do in most texts. A
table says of each character which sorts it is of, a bit each; one look-up a character then tells
for hundreds of texts which readers have work, at some nanoseconds a character.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from ahocorasick_rs import AhoCorasick
from numpy.typing import NDArray

_PLANE = 0x10000  # what lies beyond counts as the last of the first 65,536

Bits = NDArray[np.uint32]


class Signs:
    """Sorts of characters, at most 32, in the order in which they are given."""

    def __init__(self, sorts: Iterable[str | Callable[[str], bool]]) -> None:
        """Build the table; a sort is the characters themselves, or what tells of one."""
        self.table: Bits = np.zeros(_PLANE, np.uint32)
        for bit, sort in enumerate(sorts):
            self.table[_members(sort)] |= np.uint32(1 << bit)

    def each(self, text: str) -> Bits:
        """Return the bits of each character of a text."""
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        return self.table[np.minimum(points, _PLANE - 1)]

    def together(self, texts: Sequence[str]) -> list[int]:
        """Return for each text the bits of all that stands in it."""
        if not texts:
            return []
        each = self.each("\n".join(texts) + "\n")
        found: list[int] = np.bitwise_or.reduceat(each, beginnings(texts)).tolist()
        return found

    def beside(self, texts: Sequence[str], first: int, second: int) -> list[int]:
        """Return the texts, by number, in which one of ``first`` stands right before a second."""
        each = self.each("\n".join(texts))
        meet = (each[:-1] & np.uint32(first) != 0) & (each[1:] & np.uint32(second) != 0)
        return whose(np.flatnonzero(meet), texts)


def beginnings(texts: Sequence[str]) -> NDArray[np.int64]:
    """Return where each text begins when all are joined by one character."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    return np.cumsum(lengths + 1) - lengths - 1


def in_order(
    numbers: NDArray[Any], ends: NDArray[np.int64], at_once: int = 1 << 10
) -> NDArray[Any]:
    """Return numbers in order that are in order by group: each number below those of later groups.

    ``ends`` are where the groups end on the last axis. What is sorted ``at_once`` lies near the
    processor: that takes a third of the time.
    """
    total = int(ends[-1]) if len(ends) else 0
    marks = np.searchsorted(ends, np.arange(at_once, total, at_once))
    edges = [0, *distinct(ends[marks]).tolist(), total]
    parts = [np.sort(numbers[..., start:end], axis=None) for start, end in pairwise(edges)]
    return np.concatenate(parts)


def distinct(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return numbers in order, each once; np.unique takes four times as long."""
    return once(np.sort(numbers))


def once(ordered: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each of some numbers that are in order once."""
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def whose(places: NDArray[np.int64], texts: Sequence[str]) -> list[int]:
    """Return the texts, by number, that places in the joined text belong to, each once."""
    numbers = np.searchsorted(beginnings(texts), places, side="right") - 1
    found: list[int] = distinct(numbers).tolist()
    return found


def each_hit(
    words: AhoCorasick, texts: Sequence[str], *, overlapping: bool = False
) -> Iterator[tuple[int, int, int, int]]:
    """Yield (text, word, start, end) wherever a word stands: one pass over all texts.

    No word has a line's end in it, so none is found across two texts.
    """
    edges = [*beginnings(texts).tolist(), sys.maxsize]
    which, base, following = 0, 0, edges[1] if texts else 0
    found = words.find_matches_as_indexes("\n".join(texts), overlapping=overlapping)
    for word, start, end in found:
        while start >= following:
            which += 1
            base, following = edges[which], edges[which + 1]
        yield which, word, start - base, end - base


def _members(sort: str | Callable[[str], bool]) -> list[int]:
    if isinstance(sort, str):
        return [ord(char) for char in sort]
    return [point for point in range(_PLANE) if sort(chr(point))]
