"""Derive an incident's numbers from the store again, and say where they differ from those kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from alerts.cards import number
from alerts.cluster import CLUSTER, cluster, gathered, kind_named
from alerts.counted import Silent
from alerts.detect import RARE_DAYS, SEVERITY, WINDOWS, Candidate, Grave, burst, severe, tracks
from alerts.policy import Policy, policy_of
from alerts.sector import Rivals
from alerts.series import DAY
from alerts.story import restore
from alerts.walk import baseline_of, before_it
from data.errors import InputError
from data.model import Signal
from data.settings import Alerts, Settings
from data.store import incidents, outbox, signals
from data.store.signals import Item

_INSTANT = timedelta(microseconds=1)


def explain(
    conn: Connection, settings: Settings, incident_id: int, now: datetime
) -> dict[str, Any]:
    """Return why an incident exists and has its level, recomputed from the store.

    Each signal carries the numbers as written, as derived now, and whether they agree; they can
    differ where mentions came in late or were assessed anew. Raises InputError for an unknown id.
    """
    policy = policy_of(settings)
    incident = incidents.get(conn, incident_id)
    if incident is None:
        raise InputError(
            f"incident {incident_id}: there is none with this number; the dashboard lists them"
        )
    written = signals.of_incident(conn, incident_id)
    members = signals.items(conn, incident.lender, incidents.mention_ids(conn, incident_id))
    events = incidents.events(conn, incident_id)
    story = restore(incident, members.values(), written, events, policy.allegations)
    return {
        "number": number(incident),
        "title": incident.title,
        "level": incident.level.name.lower(),
        "facts": story.tally.facts(min(now, incident.last_at)),
        "mentions": len(members),
        "sources": story.tally.sources,
        "signals": [_compared(conn, settings.alerts, policy, signal) for signal in written],
        "history": [
            {"at": e.at.isoformat(), "by": e.by, "what": e.what, **e.detail} for e in events
        ],
        "messages": [
            {"channel": one.what.channel, "reason": one.what.reason.value, "state": one.state,
             "revision": one.what.revision, "at": one.what.created_at.isoformat()}
            for one in outbox.of_incident(conn, incident_id)
        ],
    }  # fmt: skip


def _compared(
    conn: Connection, settings: Alerts, policy: Policy, written: Signal
) -> dict[str, Any]:
    derived = recompute(conn, settings, policy, written)
    return {
        "rule": f"{written.rule} v{written.version}",
        "series": written.series,
        "at": written.at.isoformat(),
        "window_minutes": int(written.window / timedelta(minutes=1)),
        "written": _numbers(written),
        "derived": _numbers(derived) if derived else None,
        "same": derived is not None and _numbers(derived) == _numbers(written),
    }


def _numbers(signal: Signal) -> dict[str, Any]:
    return {
        "value": signal.value,
        "expected": signal.expected,
        "threshold": signal.threshold,
        **signal.detail,
    }


def recompute(conn: Connection, settings: Alerts, policy: Policy, written: Signal) -> Signal | None:
    """Return a signal as today's store gives it; None if its mention is no longer about us."""
    if written.rule in WINDOWS:
        derived = _volume(conn, settings, policy, written)
        compared = "rivals" in written.detail
        return Rivals(conn, policy.rivals, settings.burst).compare(derived) if compared else derived
    if written.rule == CLUSTER:
        return _cluster(conn, policy, written)
    mention_id = int(written.series.removeprefix("mention:"))
    item = signals.items(conn, written.lender, [mention_id]).get(mention_id)
    if item is None or written.rule != SEVERITY:
        return written if item is not None else None
    return _severity(conn, settings, written, item)


def _severity(conn: Connection, settings: Alerts, written: Signal, item: Item) -> Signal:
    start = written.at - DAY * (RARE_DAYS + 2)
    marks = signals.marks(
        conn, written.lender, start, written.at + _INSTANT, severity=settings.severe_from
    )
    return severe(item, Grave(marks, signals.first(conn, written.lender)))


def _cluster(conn: Connection, policy: Policy, written: Signal) -> Signal:
    kind, at, known = kind_named(written.series), written.at, policy.allegations
    kin = ([kind.first_id] if kind.first_id else [], [kind.city] if kind.city else [])
    ids = signals.near(conn, written.lender, kin, at - written.window, at)
    around = sorted(
        signals.items(conn, written.lender, ids).values(), key=lambda i: (i.at, i.mention_id)
    )
    some = gathered(kind, at, around, known)
    before = before_it(conn, written.lender, kind, at, known)
    return cluster(kind, at, some, written.lender, before)


def _volume(conn: Connection, settings: Alerts, policy: Policy, written: Signal) -> Signal:
    window = WINDOWS[written.rule]
    begin, end = written.at - window, written.at + _INSTANT
    group_of = policy.group_of
    span = (begin, written.at)
    usual = baseline_of(conn, written.lender, span, settings.burst, group_of)
    silent = Silent.read(conn, begin, span).now
    found = tracks(
        [m for m in signals.marks(conn, written.lender, begin, end) if m.source not in silent],
        signals.tags(conn, written.lender, begin, end),
        group_of,
        settings.severe_from,
    )
    ids: Sequence[int] = ()
    if written.series in found:
        ids = found[written.series].within(written.at, window)
    bounds = usual[written.rule][written.series].bounds(written.at)
    items = signals.items(conn, written.lender, ids)
    candidate = Candidate(written.rule, written.series, written.at, tuple(ids), bounds)
    return burst(candidate, [items[i] for i in ids if i in items], written.lender)
