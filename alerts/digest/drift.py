"""What changes too slowly for any week to show: a steady rise or fall over many periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alerts.digest import chance
from alerts.digest.common import Facts, named, percent
from alerts.digest.counts import Count

ENOUGH = 6
"""Periods, this one included; in fewer a steady rise is too easily luck."""
ENDS = 3
"""So many periods at either end are summed up to say from where to where."""
LEAST = 20
"""Mentions at both ends together; fewer are no matter for this page."""
MOST = 3


def drifts(
    counted: Sequence[Count], tags: Mapping[str, Sequence[int]], facts: Facts
) -> list[dict[str, Any]]:
    """Return the negative share and the allegations that drift, the largest change first.

    ``counted`` and ``tags`` cover the same complete periods, oldest first, this one last.
    """
    if len(counted) < ENOUGH:
        return []
    found = [_share(counted)] if all(one.n for one in counted) else []
    rows = [_allegation(name, values, facts) for name, values in tags.items()]
    rows.sort(key=lambda row: (-abs(row["last"] - row["first"]), row["id"]))
    enough = [row for row in rows if row["first"] + row["last"] >= LEAST]
    return [row for row in (*found, *enough) if _moved(row)][:MOST]


def _moved(row: Mapping[str, Any]) -> bool:
    """Tell whether it drifts, and the numbers that are shown say so too."""
    return bool(row["turn"]) and row["turn"] * (row["last"] - row["first"]) > 0


def _share(counted: Sequence[Count]) -> dict[str, Any]:
    ends = [
        chance.wilson(sum(c.negative for c in part), sum(c.n for c in part))
        for part in (counted[:ENDS], counted[-ENDS:])
    ]
    return {
        "what": "share",
        "id": "",
        "periods": len(counted),
        "first": percent(ends[0]),
        "last": percent(ends[1]),
        "turn": chance.trend([c.negative / c.n for c in counted]),
    }


def _allegation(name: str, values: Sequence[int], facts: Facts) -> dict[str, Any]:
    called = named(facts.allegations.get(name), name)
    return {
        "what": "allegation",
        "id": name,
        "zh": called["zh"],
        "en": called["en"],
        "periods": len(values),
        "first": sum(values[:ENDS]),
        "last": sum(values[-ENDS:]),
        "turn": chance.trend(values),
    }
