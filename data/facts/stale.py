"""Tell by its own words whether a text passes on an old matter."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from data.errors import FactError
from data.facts.reading import read, table

FILE = Path(__file__).with_name("stale.yaml")
BACK = 15
"""How many past years count as the past of a text."""


class Stale(BaseModel):
    """The file as it is written: patterns, and sentences that do and do not match."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    patterns: tuple[str, ...] = Field(min_length=1)
    hits: tuple[str, ...]
    misses: tuple[str, ...]


@cache
def stale(path: Path | None = None) -> Stale:
    """Read the patterns. Raises FactError."""
    file = path or FILE
    return table(file, read(file), Stale)


def says_old(text: str, year: int) -> bool:
    """Tell whether a text published in ``year`` says that its matter is of earlier years."""
    return _pattern(year).search(text) is not None


@cache
def _pattern(year: int) -> re.Pattern[str]:
    past = "|".join(str(year - back) for back in range(1, BACK + 1))
    found = stale().patterns
    try:
        return re.compile("|".join(p.replace("{past}", past) for p in found))
    except re.error as error:
        raise FactError(
            f"{FILE}: patterns: not a regular expression ({error}); correct it"
        ) from None
