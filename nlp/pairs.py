"""A text and the companies named in it: what stands around each name, and where names stand.

The company in question is replaced by one sign and every other by another, so that nothing is
learnt of who they are. Names are matched longest first: 甲钱包 in 甲钱包理财 is not named there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from data.fold import fold_all
from nlp.sentiment import Document, nameless

ONE, OTHER, GAP = "\ue000", "\ue001", "\ue002"
"""What stands for the company in question, for the others, and between two windows."""
NOWHERE = 999
"""Where a name is first that is nowhere."""
_WINDOW, _NEAR = 40, 8  # characters to each side
_MOST = 8  # places of one name that are looked at


@dataclass(frozen=True, slots=True)
class Case:
    """A text with the companies to judge, as given."""

    text: str
    entities: tuple[str, ...]
    title: str = ""


@dataclass(slots=True)
class Pair:
    """One company of a case: the text around its name, and where that stands."""

    name: str  # folded
    anywhere: int  # places where it stands, also inside a longer name
    longer: Sequence[int] = ()  # which other companies' names contain this one
    shorter: Sequence[int] = ()  # … are contained in it
    windows: str = ""
    near: str = ""
    named: int = 0  # places where it stands by itself
    first: int = NOWHERE  # its first place
    share_before: float = 1.0  # first place over length
    in_title: bool = False


def read(cases: Sequence[Case]) -> tuple[list[list[Pair]], list[str]]:
    """Return for each case a pair a company, in the given order, and its text without any name."""
    titles = fold_all([case.title for case in cases])
    texts = fold_all([case.text for case in cases])
    names = iter(fold_all(list(chain.from_iterable(case.entities for case in cases))))
    found, bare = [], []
    for case, title, text in zip(cases, titles, texts, strict=True):
        pairs, rest = _read(_joined(title, text), len(title), [next(names) for _ in case.entities])
        found.append(pairs)
        bare.append(rest)
    return found, bare


def plain(case: Case) -> Document:
    """Return title and text as the model of sentiment reads them: without the names."""
    return nameless(case.title, case.entities), nameless(case.text, case.entities)


def _joined(title: str, text: str) -> str:
    """Return title and text as one; a title that repeats the text's beginning is not said twice."""
    return f"{title}\n{text}" if title and not text.startswith(title[:10]) else text


def _read(text: str, title_end: int, names: Sequence[str]) -> tuple[list[Pair], str]:
    pairs = [Pair(name, text.count(name) if name else 0) for name in names]
    if len(pairs) > 1:
        _relate(pairs)
    places = _places(text, names)
    if not places:
        return pairs, text
    parts = [text[start:end] for start, end in _between(places, len(text))]
    length = len(text) + sum(1 - (end - start) for start, end, _ in places)
    for number in dict.fromkeys(number for *_, number in places):
        pair, (masked, where) = pairs[number], _masked(parts, places, number)
        pair.named, pair.first, pair.share_before = len(where), where[0], where[0] / length
        pair.in_title = any(start < title_end for start, _, which in places if which == number)
        pair.windows = GAP.join(_windows(masked, where[:_MOST]))
        pair.near = GAP.join(masked[max(0, p - _NEAR) : p + _NEAR + 1] for p in where[:_MOST])
    return pairs, " ".join(parts)


def _relate(pairs: Sequence[Pair]) -> None:
    """Note which names contain which."""
    for pair in pairs:
        others = [(at, other.name) for at, other in enumerate(pairs) if other.name != pair.name]
        pair.longer = [at for at, other in others if pair.name in other]
        pair.shorter = [at for at, other in others if other in pair.name]


def _places(text: str, names: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return (start, end, which name) of every name, from left to right the longest there."""
    hits = [
        (start, -len(name), number)
        for name, number in {name: n for n, name in reversed(list(enumerate(names)))}.items()
        if name
        for start in _each(text, name)
    ]
    found: list[tuple[int, int, int]] = []
    done = 0
    for start, length, number in sorted(hits):
        if start >= done:
            done = start - length
            found.append((start, done, number))
    return found


def _each(text: str, name: str) -> Iterator[int]:
    at = text.find(name)
    while at >= 0:
        yield at
        at = text.find(name, at + 1)


def _between(places: Iterable[tuple[int, int, int]], length: int) -> Iterator[tuple[int, int]]:
    done = 0
    for start, end, _ in places:
        yield done, start
        done = end
    yield done, length


def _masked(
    parts: Sequence[str], places: Sequence[tuple[int, int, int]], one: int
) -> tuple[str, list[int]]:
    """Return the text with signs for names, and where ONE stands."""
    found, where, length = [parts[0]], [], len(parts[0])
    for part, (_, _, number) in zip(parts[1:], places, strict=True):
        if number == one:
            where.append(length)
        found += (ONE if number == one else OTHER, part)
        length += 1 + len(part)
    return "".join(found), where


def _windows(masked: str, where: Sequence[int]) -> Iterator[str]:
    """Yield what stands around each place; what two of them share is said once."""
    done = 0
    for place in where:
        end = min(len(masked), place + _WINDOW + 1)
        yield masked[max(done, place - _WINDOW) : end]
        done = end
