"""Names of Chinese provinces and cities, and the places that a text names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from data.errors import FactError
from data.facts.reading import read

FILE = Path(__file__).with_name("places.yaml")


@cache
def places(path: Path | None = None) -> tuple[tuple[str, ...], ...]:
    """Read the names, province by province, the province first. Raises FactError."""
    file = path or FILE
    raw = read(file)
    if not isinstance(raw, list):
        raise FactError(f"{file}: expected a list of provinces, each a list of names")
    for number, names in enumerate(raw, 1):
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise FactError(f"{file}: entry {number}: expected a list of names")
    return tuple(tuple(names) for names in raw)


def province_of(place: str) -> str:
    """Return the province that a place lies in, or is; "" for one that we do not know."""
    return _provinces().get(place, "")


def named_in(text: str) -> frozenset[str]:
    """Return the places that stand in ``text``; a province only where none of its cities does."""
    found = set(_pattern().findall(text))
    for province, *cities in places():
        if province in found and not found.isdisjoint(cities):
            found.discard(province)
    return frozenset(found)


@cache
def _provinces() -> Mapping[str, str]:
    return {place: names[0] for names in places() for place in names}


@cache
def _pattern() -> re.Pattern[str]:
    names = sorted((name for group in places() for name in group), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names)))
