"""A text and a company named in it: what stands around the name, and how the names relate.

The company in question is replaced by one sign and every other by another, so that nothing is
learnt of who they are. Names are matched longest first: 甲钱包 in 甲钱包理财 is not named there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log1p

from data.fold import fold

ONE, OTHER, GAP = "\ue000", "\ue001", "\ue002"
"""What stands for the company in question, for the others, and between two windows."""
_WINDOW, _NEAR = 40, 8  # characters to each side
_MOST = 8  # places of one name that are looked at
_FAR = 999  # where a name is first that is nowhere


@dataclass(frozen=True, slots=True)
class Case:
    """A text with the companies to judge, as given."""

    text: str
    entities: tuple[str, ...]
    title: str = ""


@dataclass(slots=True)
class Pair:
    """One company of a case: the text around its name, and figures."""

    name: str  # folded
    windows: str
    near: str
    longer: tuple[int, ...]  # which other companies' names contain this one
    shorter: tuple[int, ...]  # … are contained in it
    named: int  # places where it stands by itself
    anywhere: int  # … or inside a longer name
    first: int  # its first place
    share_before: float  # first place over length
    in_title: bool
    share: float = 0.0  # of all places where a company is named
    rank: int = 0  # by first place
    most: bool = False
    others: int = field(default=0)


def pairs(case: Case) -> list[Pair]:
    """Return a pair for each company of the case, in the given order."""
    text, title_end = joined(case)
    names = [fold(name) for name in case.entities]
    places = _places(text, names)
    found = [_pair(text, title_end, names, places, number) for number in range(len(names))]
    total = sum(pair.named for pair in found) or 1
    top = max((pair.named for pair in found), default=0)
    order = sorted(range(len(found)), key=lambda number: found[number].first)
    for rank, number in enumerate(order):
        pair = found[number]
        pair.rank, pair.share, pair.most = rank, pair.named / total, pair.named == top
        pair.others = len(found) - 1
    return found


def nameless(case: Case) -> str:
    """Return the folded text with all companies replaced by a space."""
    text, _ = joined(case)
    return _replaced(text, _places(text, [fold(name) for name in case.entities]), None)[0]


def joined(case: Case) -> tuple[str, int]:
    """Return title and text as one, folded, and where the title ends.

    A title that only repeats the beginning of the text is not said twice.
    """
    title, text = fold(case.title), fold(case.text)
    if title and not text.startswith(title[:10]):
        return f"{title}\n{text}", len(title)
    return text, len(title)


def figures(pair: Pair, score: float) -> list[float]:
    """Return what else tells of a pair; ``score`` is the log-odds that the text is negative."""
    bent = _bent(score)
    return [
        float(bool(pair.longer)), float(bool(pair.shorter)), float(pair.named == 0),
        log1p(pair.named), log1p(pair.anywhere), pair.share_before, log1p(pair.first) / 5,
        float(pair.in_title), float(pair.others == 0), log1p(pair.others + 1),
        float(pair.rank == 0), log1p(pair.rank), pair.share, float(pair.most),
        len(pair.name) / 10, float(len(pair.name) <= 3),  # noqa: PLR2004
        float(bool(pair.longer) and not pair.named), float(bool(pair.longer) and pair.named > 0),
        score, bent, float(score > 0), (pair.others == 0) * bent, pair.share * bent,
        pair.in_title * bent, (pair.rank == 0) * bent,
    ]  # fmt: skip


def relations(number: int, pair: Pair, logits: Sequence[float], score: float) -> list[float]:
    """Return how a pair stands to the other companies of its text.

    ``logits`` are the first judgements of all of them, ``number`` is its own place among them.
    """
    own = logits[number]
    others = [value for at, value in enumerate(logits) if at != number]
    apart = [
        value
        for at, value in enumerate(logits)
        if at != number and at not in pair.longer and at not in pair.shorter
    ]
    longer = max((logits[at] for at in pair.longer), default=own)
    shorter = max((logits[at] for at in pair.shorter), default=own)
    best = max(others, default=own)
    found = [
        own, own - best, sum(others) / max(1, len(others)), own - max(apart, default=own),
        float(not apart), float(own >= best), float(bool(pair.longer)) * longer,
        float(bool(pair.shorter)) * shorter, own - longer, own - shorter, score, own * score / 4,
        own * (pair.rank == 0), own * (not others), score * (not others),
        own * bool(pair.longer), own * bool(pair.shorter),
    ]  # fmt: skip
    knots = (-2, -1, 0, 1, 2)
    found += [max(0.0, value - knot) for value in (own, score) for knot in knots]
    return [min(4.0, max(-4.0, value)) for value in found]


def _bent(score: float) -> float:
    return max(-1.0, min(1.0, score / 2))


def _places(text: str, names: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return (start, end, which name) of every name, longest match first."""
    which: dict[str, int] = {}
    for number, name in enumerate(names):
        if name:
            which.setdefault(name, number)
    if not which:
        return []
    longest = sorted(which, key=len, reverse=True)
    expression = re.compile("|".join(map(re.escape, longest)))
    return [(m.start(), m.end(), which[m[0]]) for m in expression.finditer(text)]


def _replaced(
    text: str, places: Sequence[tuple[int, int, int]], one: int | None
) -> tuple[str, list[int]]:
    """Return the text with signs for names (spaces if ``one`` is None), and where ONE stands."""
    parts, where, done, length = [], [], 0, 0
    for start, end, number in places:
        length += start - done
        if number == one:
            where.append(length)
        parts += [text[done:start], " " if one is None else ONE if number == one else OTHER]
        length += 1
        done = end
    return "".join([*parts, text[done:]]), where


def _pair(
    text: str,
    title_end: int,
    names: Sequence[str],
    places: Sequence[tuple[int, int, int]],
    number: int,
) -> Pair:
    masked, where = _replaced(text, places, number)
    windows, done = [], 0
    for place in where[:_MOST]:
        start, end = max(done, place - _WINDOW), min(len(masked), place + _WINDOW + 1)
        windows.append(masked[start:end])
        done = end
    name = names[number]
    rest = [(at, other) for at, other in enumerate(names) if at != number and other != name]
    return Pair(
        name=name,
        windows=GAP.join(windows),
        near=GAP.join(masked[max(0, p - _NEAR) : p + _NEAR + 1] for p in where[:_MOST]),
        longer=tuple(at for at, other in rest if name in other),
        shorter=tuple(at for at, other in rest if other in name),
        named=len(where),
        anywhere=text.count(name) if name else 0,
        first=where[0] if where else _FAR,
        share_before=where[0] / max(1, len(masked)) if where else 1.0,
        in_title=any(start < title_end for start, _, which in places if which == number),
    )
