"""Compare what was said in a replay with what was planned: recall, false alerts, delays; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from alerts.clock import RISES
from alerts.decide import TELLING
from data.model import Incident, Level
from data.scenarios.format import Event, Scenario
from data.store import incidents, outbox
from data.store.db import Store
from data.store.incidents import Event as Happening
from data.store.mentions import get
from data.store.outbox import QUIET, Letter

ABOUT = 1 / 3
"""An incident is about a planted event when so many of its mentions are the event's."""


@dataclass(frozen=True, slots=True)
class Told:
    """One incident of a replay, the planted event it is about ("" for none), and its messages."""

    incident: Incident
    event: str
    history: Sequence[Happening]
    messages: Sequence[datetime]  # when each could leave

    @property
    def top(self) -> Level:
        """The highest level it rose to by itself."""
        risen = [_risen(one) for one in self.history if one.what in RISES]
        return Level(max(risen, default=int(self.incident.level)))

    def reached(self, level: Level) -> datetime | None:
        """Return when it rose to a level, None if it never did."""
        return min(
            (one.at for one in self.history if one.what in RISES and _risen(one) >= level),
            default=None,
        )


def _risen(one: Happening) -> int:
    return int(one.detail.get("to", one.detail.get("level", 1)))


def gather(store: Store, scenario: Scenario, lender: str, channel: str) -> list[Told]:
    """Read what a replay left in the store, for one channel."""
    event_of = {(p.mention.source, p.mention.native_id): p.event for p in scenario.planned}
    found = []
    with store.read() as conn:
        for one in incidents.lately(conn, lender, scenario.starts_at):
            members = get(conn, incidents.mention_ids(conn, one.id))
            events = [event_of.get((m.source, m.native_id), "") for m in members]
            letters = outbox.of_incident(conn, one.id)
            history = incidents.events(conn, one.id)
            found.append(Told(one, about(events), history, sent(letters, channel)))
    return found


def about(events: Sequence[str]) -> str:
    """Return the planted event that a third of the mentions belong to, "" if none has so many."""
    counted = Counter(event for event in events if event).most_common(1)
    return counted[0][0] if counted and counted[0][1] >= ABOUT * len(events) else ""


def sent(letters: Iterable[Letter], channel: str) -> list[datetime]:
    """Return when each message to a channel could leave."""
    return sorted(
        one.what.due_at
        for one in letters
        if one.what.channel == channel and one.what.reason in TELLING and one.state != QUIET
    )


def figures(scenario: Scenario, told: Sequence[Told]) -> dict[str, Any]:
    """Return the figures of one replay, as JSON values."""
    weeks = (scenario.ends_at - scenario.starts_at) / timedelta(weeks=1)
    by_event: dict[str, list[Told]] = {event.id: [] for event in scenario.events}
    for one in told:
        if one.event in by_event and one.incident.key.split(":")[0] != "routine":
            by_event[one.event].append(one)
    crises = [event for event in scenario.events if not event.trap]
    begun = _begun(scenario)
    traps = [event for event in scenario.events if event.trap]
    false = _false(scenario, told)
    return {
        "weeks": round(weeks, 2),
        "crises": _by_kind(crises, by_event, begun),
        "delays": _delays(crises, by_event, begun),
        "traps": {
            "planted": dict(Counter(event.kind for event in traps)),
            "above": dict(Counter(e.kind for e in traps if _above(e, by_event[e.id]))),
        },
        "false": {level.name.lower(): false[level] for level in reversed(Level)},
        "messages": _messages(told),
    }


def _begun(scenario: Scenario) -> dict[str, datetime]:
    """Return when the first mention of each planted event was published."""
    shown = {(p.mention.source, p.mention.native_id): p for p in scenario.planned}
    firsts = {event.id: shown[event.first] for event in scenario.events}
    return {i: one.mention.published_at or one.visible_at for i, one in firsts.items()}


def _said(of: Iterable[Told], since: datetime) -> list[datetime]:
    """Return what was said of an event: an incident can be older than what it turns out to be."""
    return [at for one in of for at in one.messages if at >= since]


def _by_kind(
    crises: Sequence[Event], by_event: Mapping[str, Sequence[Told]], begun: Mapping[str, datetime]
) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for event in crises:
        of = by_event[event.id]
        kind = found.setdefault(event.kind, Counter())
        kind["planted"] += 1
        kind["told"] += bool(_said(of, begun[event.id]))
        kind["level"] += any(one.top >= Level[event.level.upper()] for one in of)
        kind["incidents"] += len(of)
    return {kind: {n: c[n] for n in ("planted", "told", "level", "incidents")}
            for kind, c in sorted(found.items())}  # fmt: skip


def _delays(
    crises: Sequence[Event], by_event: Mapping[str, Sequence[Told]], begun: Mapping[str, datetime]
) -> list[dict[str, Any]]:
    """Return, for each crisis that was told, the minutes from its first mention."""
    found = []
    for event in crises:
        of, first = by_event[event.id], begun[event.id]
        said = _said(of, first)
        if not said:
            continue
        reds = [at for one in of if (at := one.reached(Level.RED))]
        found.append(
            {
                "kind": event.kind,
                "top": max(one.top for one in of).name.lower(),
                "first_message": _minutes(min(said) - first),
                "red": _minutes(min(reds) - first) if reds else None,
            }
        )
    return found


def _minutes(span: timedelta) -> float:
    return round(span / timedelta(minutes=1), 1)


def _above(event: Event, of: Sequence[Told]) -> bool:
    return any(one.top > Level[event.level.upper()] for one in of)


def _false(scenario: Scenario, told: Sequence[Told]) -> Counter[Level]:
    """Count incidents by level that nobody planted, or that lift a trap above its ceiling."""
    planted = {event.id: event for event in scenario.events}
    found: Counter[Level] = Counter()
    for one in told:
        event = planted.get(one.event)
        if event is None or (event.trap and _above(event, [one])):
            found[one.top] += 1
    return found


def _messages(told: Sequence[Told]) -> list[int]:
    """Return, for each incident that was told, the most messages in its first 24 hours."""
    day = timedelta(days=1)
    return [sum(at <= one.messages[0] + day for at in one.messages) for one in told if one.messages]


def merge(several: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Sum up the figures of several replays."""
    weeks = sum(one["weeks"] for one in several)
    kinds = sorted({kind for one in several for kind in one["crises"]})
    crises = {kind: _added([one["crises"].get(kind, {}) for one in several]) for kind in kinds}
    delays = [d for one in several for d in one["delays"]]
    red = [d["first_message"] for d in delays if d["top"] == "red"]
    messages = [n for one in several for n in one["messages"]]
    false = _added([one["false"] for one in several])
    planted, heard, level = (
        sum(c[n] for c in crises.values()) for n in ("planted", "told", "level")
    )
    return {
        "replays": len(several),
        "weeks": round(weeks, 1),
        "recall": {"planted": planted, "told": heard, "at_level": level,
                   "by_kind": crises},
        "false_a_week": {name: round(n / weeks, 3) for name, n in false.items()},
        "minutes_to_first_message": {
            "all": _spread([d["first_message"] for d in delays]),
            "of_those_that_became_red": _spread(red),
            "to_red": _spread([d["red"] for d in delays if d["red"] is not None]),
        },
        "messages_in_24_h": {"most": max(messages, default=0), "mean": _mean(messages)},
        "traps": {name: _added([one["traps"][name] for one in several])
                  for name in ("planted", "above")},
    }  # fmt: skip


def _added(several: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in several:
        total.update(one)
    return dict(total)


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    p50, p95 = np.quantile(values, [0.5, 0.95], method="higher")
    return {"n": len(values), "p50": float(p50), "p95": float(p95)}


def _mean(values: Sequence[int]) -> float:
    return round(float(np.mean(values)), 2) if values else 0.0
