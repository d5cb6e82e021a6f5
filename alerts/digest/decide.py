"""What to decide this week: rules that are shown beside what they ask for; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.model import IncidentState, Level

BLIND_MINUTES = 12 * 60
GRAVE = 4
OVER = frozenset({IncidentState.CLOSED.value, "quiet"})
"""States of an event that asks for nothing more; quiet: it died down and closed by itself."""


def decide(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rules that hold, in order of urgency, each with the values it names."""
    found: list[dict[str, Any]] = []
    if figures["notices"]["ours"]:
        found.append({"rule": "notice", "n": figures["notices"]["ours"]})
    found += [
        {"rule": "open", "id": event["id"], **event["title"]}
        for event in figures["events"]
        if event["level"] >= Level.ORANGE and event["state"] not in OVER and not event["history"]
    ]
    if figures["promises"]["broken"]:
        found.append({"rule": "broken", "n": figures["promises"]["broken"]})
    found += [
        {"rule": "rising", "id": row["id"], "zh": row["zh"], "en": row["en"], "n": row["n"]}
        for row in figures["moves"]["rising"]
        if row["severity"] >= GRAVE
    ][:2]
    found += [
        {"rule": f"drift_{row['what']}", "zh": row.get("zh", ""), "en": row.get("en", "")}
        for row in figures["drift"]
        if row["turn"] > 0
    ][:1]
    return found + _blind(figures)


def _blind(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the sources that were blind for BLIND_MINUTES or longer in all."""
    whole: dict[str, int] = {}
    names: dict[str, Mapping[str, str]] = {}
    for gap in figures["blind"]:
        slug = gap["source"]["slug"]
        whole[slug] = whole.get(slug, 0) + gap["minutes"]
        names[slug] = gap["source"]
    return [
        {"rule": "blind", "zh": names[slug]["zh"], "en": names[slug]["en"], "minutes": minutes}
        for slug, minutes in sorted(whole.items())
        if minutes >= BLIND_MINUTES
    ]
