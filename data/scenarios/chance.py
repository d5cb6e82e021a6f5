"""Chance from a seed: equal names, equal numbers, on every machine."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random


def stream(seed: int, *names: object) -> Random:
    """Return a source of chance of its own for one part of a plan."""
    return Random("/".join(map(str, (seed, *names))))  # noqa: S311 - nothing secret is drawn


def chance(rng: Random, share: float) -> bool:
    """Tell, once, whether something happens that happens in ``share`` of the cases."""
    return rng.random() < share


def draw(rng: Random, weights: Mapping[str, float]) -> str:
    """Draw one name by weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def several(rng: Random, weights: Mapping[str, float], count: int) -> tuple[str, ...]:
    """Draw up to ``count`` different names by weight."""
    left = dict(weights)
    found: list[str] = []
    while left and len(found) < count:
        found.append(draw(rng, left))
        del left[found[-1]]
    return tuple(found)


def poisson(rng: Random, mean: float) -> int:
    """Draw a count with the given mean, by counting arrivals."""
    count, waited = 0, rng.expovariate(1)
    while waited < mean:
        count += 1
        waited += rng.expovariate(1)
    return count
