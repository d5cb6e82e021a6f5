"""How many people really speak: one author, or one text however often posted, counts once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from data.fold import fold
from data.store.signals import Item

GRAM = 4
ALIKE = 0.8
"""Two texts are one when this share of the shorter one's character 4-grams is in the other."""
LOOKED_AT = 400
"""Comparing texts costs the square of their number; beyond these, texts are taken as different."""


def voices(items: Iterable[Item]) -> int:
    """Return the number of different authors or of different texts, whichever is smaller."""
    chosen = list(items)
    return min(authors(chosen), texts(chosen))


def authors(items: Iterable[Item]) -> int:
    """Return the number of different authors; an item without one is an author of its own."""
    return len({author(item) for item in items})


def author(item: Item) -> tuple[str, str]:
    """Return who speaks: an account of a source, or nobody but this item."""
    return (item.source, item.author) if item.author else ("", str(item.mention_id))


def texts(items: Iterable[Item]) -> int:
    """Return the number of different texts; near copies are one."""
    chosen = list(items)
    kept: list[frozenset[str]] = []
    for item in chosen[:LOOKED_AT]:
        grams = _grams(item.title, item.text)
        if not any(_same(grams, other) for other in kept):
            kept.append(grams)
    return len(kept) + len(chosen[LOOKED_AT:])


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= ALIKE * min(len(one), len(other))


@lru_cache(maxsize=4096)
def _grams(title: str, text: str) -> frozenset[str]:
    words = "".join(c for c in fold(text or title) if c.isalnum())
    if len(words) <= GRAM:
        return frozenset({words})
    return frozenset(words[i : i + GRAM] for i in range(len(words) - GRAM + 1))
