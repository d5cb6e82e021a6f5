"""An expression for any of many words, with common beginnings written once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def trie(words: Iterable[str]) -> str:
    """Return an expression for any of ``words`` that shares beginnings; longest first."""
    return _branch(sorted(words))


def _branch(words: Sequence[str]) -> str:
    by_first: dict[str, list[str]] = {}
    for word in words:
        if word:
            by_first.setdefault(word[0], []).append(word[1:])
    ends_here = "" in words
    if not by_first:
        return ""
    singles = [first for first, rests in by_first.items() if rests == [""]]
    parts = [
        re.escape(first) + _branch(rests)
        for first, rests in by_first.items()
        if first not in singles
    ]
    if singles:
        parts.append(
            f"[{re.escape(''.join(singles))}]" if len(singles) > 1 else re.escape(*singles)
        )
    if len(parts) == 1 and not ends_here:
        return parts[0]
    return f"(?:{'|'.join(parts)}){'?' if ends_here else ''}"
