"""The figures beside the four: events, allegations, rivals, promises, blind spots, notices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from alerts.digest import blind, chance, counts
from alerts.digest.common import Facts, Proofs, counted, iso, named, percent, tame
from alerts.digest.period import Period
from alerts.digest.stories import Story
from data.model import Allegation, Level, Outcome, Role, SourceKind

EVENTS = 3
MOVES = 4
NOTICES = 3


def events(told: Sequence[Story], facts: Facts, proofs: Proofs) -> tuple[list[dict[str, Any]], int]:
    """Return the gravest incidents of the period, and how many more there were."""
    grave = [story for story in told if story.level >= Level.YELLOW]
    for story in grave[:EVENTS]:
        proofs.add(f"event:{story.id}", "incidents", {"id": str(story.id)}, [], story.mentions)
    return [_event(story, facts) for story in grave[:EVENTS]], max(0, len(grave) - EVENTS)


def grave(told: Sequence[Story]) -> dict[str, int]:
    """Return how many incidents were yellow or above, how many stayed open, and the worst."""
    grave = [story for story in told if story.level >= Level.YELLOW]
    return {
        "n": len(grave),
        "open": sum(story.closed_at is None for story in grave),
        "level": int(max((story.level for story in grave), default=0)),
    }


def _event(story: Story, facts: Facts) -> dict[str, Any]:
    acted = story.acted_at
    waited = None if acted is None else round((acted - story.rose_at).total_seconds() / 60)
    return {
        "id": story.id,
        "title": tame(story.title),
        "level": int(story.level),
        "opened_at": iso(story.opened_at),
        "source": named(facts.sources.get(story.first_source), story.first_source),
        "sources": story.sources,
        "mentions": story.mentions,
        "minutes": None if waited is None else max(0, waited),
        "history": story.history,
        "state": story.state.value,
    }


def moves(
    conn: Connection,
    lender: str,
    spans: Sequence[Period],
    known: int,
    facts: Facts,
    proofs: Proofs,
) -> dict[str, Any]:
    """Return the allegations that rose or fell beyond chance, and how many did not."""
    by_name = counts.by_allegation(conn, lender, spans)
    rows = [
        move(name, values, facts) for name, values in by_name.items() if values[-1] or values[-2]
    ]
    moved = [row for row in rows if row["turn"]] if known else []
    moved.sort(key=lambda row: (-row["turn"], -abs(row["n"] - row["before"]), row["id"]))
    rising = [row for row in moved if row["turn"] > 0][:MOVES]
    falling = [row for row in moved if row["turn"] < 0][:MOVES]
    for row in (*rising, *falling):
        proofs.feed(f"allegation:{row['id']}", row["n"], allegation=[row["id"]])
    top = sorted(rows, key=lambda row: (-row["n"], row["id"]))[:MOVES] if not known else []
    for row in top:
        proofs.feed(f"allegation:{row['id']}", row["n"], allegation=[row["id"]])
    return {
        "rising": rising,
        "falling": falling,
        "top": [row for row in top if row["n"]],
        "steady": len(rows) - len(rising) - len(falling),
    }


def move(name: str, values: Sequence[int], facts: Facts) -> dict[str, Any]:
    """Return how often one allegation was made, in the last period and the one before."""
    fact = facts.allegations.get(name)
    return {
        "id": name,
        "zh": fact.zh if fact else name,
        "en": fact.en if fact else name,
        "severity": fact.severity if fact else 0,
        "n": values[-1],
        "before": values[-2],
        "turn": chance.direction(values[-1], values[-2]),
        "clause": _clause(fact, facts),
    }


def _clause(fact: Allegation | None, facts: Facts) -> dict[str, str] | None:
    """Return the clause that an allegation may touch most directly."""
    order = {"direct": 0, "possible": 1}
    clauses = sorted(fact.clauses if fact else (), key=lambda c: order.get(c.basis, 2))
    if not clauses or clauses[0].rule not in facts.rules:
        return None
    rule = facts.rules[clauses[0].rule]
    return {
        "zh": f"《{rule.title}》{clauses[0].article}",
        "en": f"{rule.title_en or rule.title}, {clauses[0].article}",
    }


def rivals(
    conn: Connection,
    lender: str,
    spans: Sequence[Period],
    known: int,
    facts: Facts,
    proofs: Proofs,
) -> dict[str, Any]:
    """Return what rivals got, and our share of all that was said."""
    rivals = [
        fact for fact in facts.lenders.values()
        if fact.role is Role.RIVAL and not fact.owner and fact.slug != lender
    ]  # fmt: skip
    each = [(fact, counts.by_period(conn, fact.slug, spans)) for fact in rivals]
    for fact, series in each:
        proofs.feed(f"rival:{fact.slug}", series[-1].n, of=fact.slug)
    own = counts.by_period(conn, lender, spans)
    totals = [sum(series[place].n for _, series in each) for place in range(len(spans))]
    voice = chance.wilson(own[-1].n, own[-1].n + totals[-1])
    old = chance.wilson(own[-2].n, own[-2].n + totals[-2])
    return {
        "each": [named(fact, fact.slug) | {"n": series[-1].n} for fact, series in each],
        **counted(totals[-1], totals[-2] if known else None, totals[-1 - known : -1]),
        "voice": percent(voice),
        "voice_before": percent(old) if known and old.n else None,
        "voice_turn": chance.shift(voice, old) if known else 0,
    }


def promises(told: Sequence[Story], period: Period, proofs: Proofs) -> dict[str, Any]:
    """Return the response clocks that were kept, broken or run on."""
    judged = {story.id: story.kept(period.until) for story in told if _in(story, period)}
    broken = sorted(key for key, kept in judged.items() if kept is False)
    for key in broken:
        proofs.add(f"event:{key}", "incidents", {"id": str(key)}, [], 1)
    return {
        "kept": sum(kept is True for kept in judged.values()),
        "broken": len(broken),
        "running": sum(kept is None for kept in judged.values()),
        "broken_ids": broken,
    }


def _in(story: Story, period: Period) -> bool:
    """Tell whether a story's clock was answered, ran out or began in this period."""
    if story.due_at is None:
        return False
    settled = min(story.due_at, story.acted_at) if story.acted_at else story.due_at
    return settled >= period.since


def blind_spots(conn: Connection, period: Period, facts: Facts) -> tuple[list[dict[str, Any]], int]:
    """Return when sources were not read, and how many were tried at all."""
    found, tried = blind.gaps(conn, period)
    rows = [
        {
            "source": named(facts.sources.get(gap.source), gap.source),
            "since": iso(gap.since),
            "until": iso(gap.until),
            "minutes": gap.minutes,
            "why": Outcome(gap.outcome).value,
        }
        for gap in found
    ]
    return rows, tried


def notices(conn: Connection, lender: str, period: Period, facts: Facts) -> dict[str, Any]:
    """Return the regulators' notices in the sector."""
    places = [slug for slug, fact in facts.sources.items() if fact.kind is SourceKind.REGULATOR]
    found = counts.notices(conn, lender, period, places)
    return {
        "n": len(found),
        "ours": sum(one.ours for one in found),
        "first": [
            {"id": one.id, "outlet": tame(one.outlet), "title": tame(one.title), "url": one.url,
             "ours": one.ours}
            for one in found[:NOTICES]
        ],
    }  # fmt: skip
