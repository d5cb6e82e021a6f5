"""What a text states, in the few columns that people choose and count by.

``nlp/facts.py`` finds every place, sum and name with its words; of these a verdict keeps the first
place that names a town (else a province), the largest sum borrowed and the first collector.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LARGEST = 2**31 - 2
"""Yuan; what is more was no sum of money."""
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Stated:
    """Where, who collected, and how much (yuan); "" and None where the text does not say."""

    province: str = ""
    city: str = ""
    collector: str = ""
    amount: int | None = None


def stated(facts: Mapping[str, Sequence[Mapping[str, Any]]]) -> Stated:
    """Return what an assessment's facts come to."""
    places = [fact["value"] for fact in facts.get("region", ())]
    place = next((one for one in places if one.get("city")), places[0] if places else {})
    named = (str(fact["value"]) for fact in facts.get("collector", ()))
    names = [name for name in named if not name.startswith("工号")]  # a person, no company
    sums = [fact["value"] for fact in facts.get("amounts", ())]
    borrowed = [one["yuan"] for one in sums if one.get("role") == "principal"]
    most = max(borrowed or [one["yuan"] for one in sums], default=None)
    return Stated(
        province=str(place.get("province", "")),
        city=str(place.get("city", "") or ""),
        collector=names[0][:_LONGEST] if names else "",
        amount=None if most is None else min(int(most), LARGEST),
    )


def products(facts: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[str, ...]:
    """Return the slugs of the products that a text names."""
    return tuple(sorted({str(fact["value"]) for fact in facts.get("product", ())}))
