"""How grave a story is, and what a reader would notice of its change; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from alerts.story import Story
from data.facts.levels import LevelFact
from data.model import IncidentState, Level
from data.store.incidents import Event


def weigh(story: Story, at: datetime, by: str, levels: Mapping[Level, LevelFact]) -> None:
    """Let the level rise if the facts say so, and note what a reader would notice."""
    facts = story.tally.facts(at)
    level, met = level_of(levels, facts, story.kind)
    number = len(story.members)
    old = story.incident
    opened = old.revision == 0
    change = _changes(story, level, met)
    rose = opened or level > story.reached
    if change:
        story.events.extend(
            Event(at, by, what, {**detail, "mentions": number}) for what, detail in change
        )
        story.counted = number
    story.rose = story.rose or rose
    story.reached = max(story.reached, level)
    story.incident = replace(
        old,
        level=level if rose else old.level,
        revision=old.revision + bool(change),
        sources=story.tally.sources,
        mentions=number,
    )


def _changes(
    story: Story, level: Level, met: Mapping[str, float]
) -> list[tuple[str, dict[str, Any]]]:
    """Return what a reader would notice, each as what happened and its details."""
    old, condition = story.incident, dict(met)
    if old.revision == 0:
        return [("opened", {"level": int(level), "condition": condition})]
    found: list[tuple[str, dict[str, Any]]] = []
    if level > story.reached:
        found.append(("rose", {"from": int(old.level), "to": int(level), "condition": condition}))
    new = [source for source in story.tally.sources if source not in old.sources]
    if new:
        found.append(("spread", {"sources": new}))
    elif len(story.members) >= 2 * max(story.counted, 1):
        found.append(("doubled", {"from": story.counted}))
    return found


def level_of(
    levels: Mapping[Level, LevelFact], facts: Mapping[str, float], kind: str
) -> tuple[Level, Mapping[str, float]]:
    """Return the gravest level whose condition is met; lists and mere talk stay blue."""
    if kind in {"routine", "volume"}:
        return Level.BLUE, {}
    cap = min((lv for lv, fact in levels.items() if fact.caps_with(facts)), default=Level.RED)
    for level, fact in levels.items():
        met = fact.met_by(facts)
        if met is not None:
            return min(level, cap), met
    return Level.BLUE, {}


def close(story: Story, at: datetime) -> None:
    """Close a story that has been quiet; what comes later opens a new one that names it."""
    story.closed = True
    story.incident = replace(story.incident, closed_at=at, state=IncidentState.CLOSED)
    story.events.append(Event(at, "quiet v1", "closed", {"mentions": len(story.members)}))
