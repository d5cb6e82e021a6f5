"""How a change is said: by how much, or that there is none, or that numbers are small; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerts.digest.chance import FEW
from alerts.digest.words import Words


def shown_turn(turn: int, difference: int) -> int:
    """Return the direction to be told: none where the rounded numbers are equal or disagree."""
    return turn if turn * difference > 0 else 0


def percent(now: int, before: int) -> int:
    """Return the change in whole percent of what was before, halves away from zero."""
    size = (200 * abs(now - before) + before) // (2 * before)
    return size if now >= before else -size


def count(counted: Mapping[str, Any], t: Words) -> str:
    """Return the change of a count against the period before."""
    now, before, turn = counted["value"], counted["before"], counted["turn"]
    if before is None:
        return t("change_first")
    told = t.number(before)
    if not turn:
        return t("change_flat", before=told)
    way = "up" if turn > 0 else "down"
    if max(now, before) < FEW:
        return t(f"change_few_{way}", before=told)
    if before < FEW:
        return t(f"change_much_{way}", before=told)
    size = percent(now, before)
    if not size:
        return t("change_flat", before=told)
    return t(f"change_{way}", percent=t.number(abs(size)), before=told)


def points(share: Mapping[str, Any], t: Words) -> str:
    """Return the change of a share in points, computed from the numbers that are shown."""
    if share["before"] is None:
        return t("change_first")
    size = share["percent"] - share["before"]
    turn = shown_turn(share["turn"], size)
    if not turn:
        return t("points_flat", before=share["before"])
    key = "points_up" if turn > 0 else "points_down"
    return t(key, n=abs(size), points=abs(size), before=share["before"])


def length(minutes: int, before: int | None, t: Words) -> str:
    """Return the change of a duration."""
    if before is None:
        return t("response_first")
    if minutes == before:
        return t("response_flat")
    key = "response_faster" if minutes < before else "response_slower"
    return t(key, length=t.length(abs(minutes - before)))
