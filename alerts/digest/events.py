"""The events that mattered: what, where it began, how it spread, what was done, in whose words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from alerts.digest import stories
from alerts.digest.common import Facts, Proofs, iso, named
from alerts.digest.period import Period
from alerts.digest.quoting import tame
from alerts.digest.scope import Scope
from alerts.digest.stories import Quote, Step, Story
from alerts.digest.words import words
from data.facts import english
from data.model import Level

EVENTS = 3
STEPS = 3
"""Sources after the first whose time is told."""
_PLAIN = frozenset({"severe", "volume", "regulator"})
"""Keys of incidents that are about no allegation."""


def events(
    conn: Connection,
    told: Sequence[Story],
    scope: Scope,
    period: Period,
    facts: Facts,
    proofs: Proofs,
) -> tuple[list[dict[str, Any]], int]:
    """Return the gravest incidents of the period, and how many more there were."""
    grave = [story for story in told if story.level >= Level.YELLOW]
    for story in grave[:EVENTS]:
        proofs.add(f"event:{story.id}", "incidents", {"id": str(story.id)}, [], story.mentions)
    rows = [_event(conn, story, scope, period, facts, proofs) for story in grave[:EVENTS]]
    return rows, max(0, len(grave) - EVENTS)


def grave(told: Sequence[Story]) -> dict[str, int]:
    """Return how many incidents were yellow or above, how many stayed open, and the worst."""
    grave = [story for story in told if story.level >= Level.YELLOW]
    return {
        "n": len(grave),
        "open": sum(story.closed_at is None for story in grave),
        "level": int(max((story.level for story in grave), default=0)),
    }


def _event(
    conn: Connection, story: Story, scope: Scope, period: Period, facts: Facts, proofs: Proofs
) -> dict[str, Any]:
    first, *later = story.path or (Step("", story.opened_at, 0),)
    return {
        "id": story.id,
        "title": titles(conn, story, period, facts),
        "level": int(story.level),
        "opened_at": iso(story.opened_at),
        "began_at": iso(first.at),
        "source": named(facts.sources.get(first.source), first.source),
        "spread": [
            named(facts.sources.get(step.source), step.source)
            | {"after": round((step.at - first.at).total_seconds() / 60)}
            for step in later[:STEPS]
        ],
        "sources": len(story.path),
        "mentions": story.mentions,
        "here": story.here if scope.narrow else None,
        "minutes": story.minutes,
        "stated": story.stated_at is not None,
        "history": story.history,
        "state": "quiet" if story.died_down else story.state.value,
        "quote": _quote(conn, story, scope, period, facts, proofs),
    }


def titles(conn: Connection, story: Story, period: Period, facts: Facts) -> dict[str, str]:
    """Return an incident's title: as it was written in Chinese, made anew in English."""
    zh = tame(story.title)
    head, _, place = story.key.removeprefix("routine:").partition("@")
    where = f"{english.place(place)}: " if place else ""
    if head in _PLAIN:
        return {"zh": zh, "en": where + words("en", "week")(f"story_{head}")}
    most = _about(conn, story, period, facts)
    return {"zh": zh, "en": where + facts.allegations[most].en if most else zh}


def _about(conn: Connection, story: Story, period: Period, facts: Facts) -> str:
    """Return what most of a story's mentions allege, of equally common things the gravest."""
    alleged = stories.alleged(conn, story, period.until)
    known = {tag: n for tag, n in alleged.items() if tag in facts.allegations}
    return max(
        known, key=lambda tag: (known[tag], facts.allegations[tag].severity, tag), default=""
    )


def _quote(
    conn: Connection, story: Story, scope: Scope, period: Period, facts: Facts, proofs: Proofs
) -> dict[str, Any] | None:
    """Return the words that show what the story is about; their proof opens the mention."""
    about = _about(conn, story, period, facts)
    said = stories.quotes(conn, story, scope, period.until, about)
    if not said:
        return None

    def fits(one: Quote) -> tuple[bool, int]:
        known = facts.allegations.get(one.allegation)
        return one.allegation == about, known.severity if known else 0

    best = max(said, key=fits)  # of equals the first
    query: Mapping[str, str] = {"m": str(best.mention_id), "lender": story.lender}
    proofs.add(f"quote:{story.id}", "desk", query, [best.mention_id], 1)
    return {
        "words": best.words,
        "source": named(facts.sources.get(best.source), best.source),
    }
