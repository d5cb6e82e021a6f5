"""The figures beside the four: allegations, places, rivals, promises, blind spots, notices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from alerts.digest import blind, chance, counts
from alerts.digest.common import Facts, Proofs, counted, iso, named, percent
from alerts.digest.events import titles
from alerts.digest.period import Period
from alerts.digest.quoting import tame
from alerts.digest.scope import Scope
from alerts.digest.stories import Story
from data.facts import english
from data.model import Allegation, Clause, Role, SourceKind

MOVES = 4
PLACES = 4
NOTICES = 3
LATE = 2
"""So many broken promises are told one by one."""
_ORDER = {"direct": 0, "possible": 1}
_UNREAD = "general_knowledge"


def moves(
    by_name: Mapping[str, Sequence[int]],
    known: int,
    day: date,
    facts: Facts,
    proofs: Proofs,
) -> dict[str, Any]:
    """Return the allegations that rose or fell beyond chance, and how many did not."""
    rows = [
        move(name, values, day, facts)
        for name, values in by_name.items()
        if values[-1] or values[-2]
    ]
    moved = [row for row in rows if row["turn"]] if known else []
    moved.sort(key=lambda row: (-row["turn"], -abs(row["n"] - row["before"]), row["id"]))
    rising = [row for row in moved if row["turn"] > 0][:MOVES]
    falling = [row for row in moved if row["turn"] < 0][:MOVES]
    top = sorted(rows, key=lambda row: (-row["n"], row["id"]))[:MOVES] if not known else []
    for row in (*rising, *falling, *top):
        proofs.feed(f"allegation:{row['id']}", row["n"], allegation=[row["id"]])
    return {
        "rising": rising,
        "falling": falling,
        "top": [row for row in top if row["n"]],
        "steady": len(rows) - len(rising) - len(falling),
    }


def move(name: str, values: Sequence[int], day: date, facts: Facts) -> dict[str, Any]:
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
        "clause": _clause(fact, day, facts),
    }


def _clause(fact: Allegation | None, day: date, facts: Facts) -> dict[str, str] | None:
    """Return the clause that an allegation may touch most directly, in force by ``day``.

    One that nobody has read, or whose date nobody knows, is not shown to executives.
    """
    known = [c for c in (fact.clauses if fact else ()) if _shown(c, day, facts)]
    if not known:
        return None
    one = min(known, key=lambda c: _ORDER.get(c.basis, 2))
    rule = facts.rules[one.rule]
    article = english.article(one.article)
    return {
        "zh": f"《{rule.title}》{one.article}",
        "en": f"{rule.title_en or rule.title}, {article}",
    }


def _shown(clause: Clause, day: date, facts: Facts) -> bool:
    rule = facts.rules.get(clause.rule)
    return clause.verified != _UNREAD and rule is not None and rule.in_force(day) is True


def places(conn: Connection, scope: Scope, period: Period, proofs: Proofs) -> dict[str, Any]:
    """Return where severe mentions play: provinces with their first city, or a province's cities.

    A number for each place opens the mentions of it.
    """
    found = counts.places(conn, scope, period)
    provinces: Counter[str] = Counter()
    for (province, _), n in found.items():
        provinces[province] += n
    if scope.province:
        top = [_city(proofs, scope.province, city, n) for city, n in _cities(found, scope.province)]
    else:
        top = [_province(proofs, found, name, n) for name, n in _first(provinces)]
    return {"some": sum(found.values()), "top": top[:PLACES]}


def _province(
    proofs: Proofs, found: Mapping[tuple[str, str], int], name: str, n: int
) -> dict[str, Any]:
    key = f"place:{name}"
    proofs.feed(key, n, severity=counts.SEVERE, province=name)
    cities = _cities(found, name)
    first = None
    if cities and cities[0][1] == n:  # all of it
        city = cities[0][0]
        zh, en = f"{name}{city}", f"{english.place(city)}, {english.place(name)}"
        return {"key": key, "zh": zh, "en": en, "n": n, "first": None}
    if cities and cities[0][1] > 1:
        first = _city(proofs, name, *cities[0])
    return {"key": key, "zh": name, "en": english.place(name), "n": n, "first": first}


def _city(proofs: Proofs, province: str, city: str, n: int) -> dict[str, Any]:
    key = f"place:{province}:{city}"
    proofs.feed(key, n, severity=counts.SEVERE, province=province, city=city)
    return {"key": key, "zh": city, "en": english.place(city), "n": n, "first": None}


def _cities(found: Mapping[tuple[str, str], int], province: str) -> list[tuple[str, int]]:
    return _first({city: n for (where, city), n in found.items() if where == province and city})


def _first(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:PLACES]


def rivals(
    conn: Connection,
    scope: Scope,
    spans: Sequence[Period],
    known: int,
    facts: Facts,
    proofs: Proofs,
) -> dict[str, Any]:
    """Return what rivals got, how much of it was negative, and our share of all that was said.

    A single product has no rivals in the lenders file: ``compared`` is false.
    """
    slugs = [
        fact.slug
        for fact in facts.lenders.values()
        if fact.role is Role.RIVAL and not fact.owner and fact.slug not in scope.lenders
    ]
    each = [(slug, counts.by_period(conn, scope.of(slug), spans)) for slug in slugs]
    if scope.product:
        each = []
    for slug, series in each:
        proofs.feed(f"rival:{slug}", series[-1].n, of=scope.of(slug))
    own = counts.by_period(conn, scope, spans)
    totals = [sum(series[place].n for _, series in each) for place in range(len(spans))]
    against = chance.wilson(sum(series[-1].negative for _, series in each), totals[-1])
    voice = chance.wilson(own[-1].n, own[-1].n + totals[-1])
    old = chance.wilson(own[-2].n, own[-2].n + totals[-2])
    return {
        "compared": not scope.product,
        "each": [named(facts.lenders[slug], slug) | {"n": series[-1].n} for slug, series in each],
        **counted(totals[-1], totals[-2] if known else None, totals[-1 - known : -1]),
        "negative": percent(against),
        "voice": percent(voice),
        "voice_before": percent(old) if known and old.n else None,
        "voice_turn": chance.shift(voice, old) if known else 0,
    }


def promises(
    conn: Connection, told: Sequence[Story], period: Period, facts: Facts, proofs: Proofs
) -> dict[str, Any]:
    """Return the response clocks that were kept, broken or run on; the broken ones by name."""
    judged = [(story, story.kept(period.until)) for story in told if _in(story, period)]
    broken = [story for story, kept in judged if kept is False]
    for story in broken[:LATE]:
        proofs.add(f"event:{story.id}", "incidents", {"id": str(story.id)}, [], story.mentions)
    return {
        "kept": sum(kept is True for _, kept in judged),
        "broken": len(broken),
        "running": sum(kept is None for _, kept in judged),
        "late": [_late(conn, story, period, facts) for story in broken[:LATE]],
    }


def _late(conn: Connection, story: Story, period: Period, facts: Facts) -> dict[str, Any]:
    assert story.due_at is not None
    return {
        "id": story.id,
        "title": titles(conn, story, period, facts),
        "due": round((story.due_at - story.rose_at).total_seconds() / 60),
        "took": story.minutes,
    }


def _in(story: Story, period: Period) -> bool:
    """Tell whether a story's clock was answered, ran out or began in this period."""
    if story.due_at is None:
        return False
    settled = min(story.due_at, story.acted_at) if story.acted_at else story.due_at
    return settled >= period.since


def blind_spots(conn: Connection, period: Period, facts: Facts) -> tuple[list[dict[str, Any]], int]:
    """Return when sources must not be taken at their word, and how many were read at all."""
    found, tried = blind.gaps(conn, period)
    rows = [
        {
            "source": named(facts.sources.get(gap.source), gap.source),
            "since": iso(gap.since),
            "until": iso(gap.until),
            "minutes": gap.minutes,
            "why": gap.why,
        }
        for gap in found
    ]
    return rows, tried


def notices(
    conn: Connection, scope: Scope, period: Period, facts: Facts, proofs: Proofs
) -> dict[str, Any]:
    """Return the regulators' notices in the sector; each of those told opens its public page.

    Of several under one title the first is told, with how many there are.
    """
    slugs = [slug for slug, fact in facts.sources.items() if fact.kind is SourceKind.REGULATOR]
    found = counts.notices(conn, scope, period, slugs)
    alike = Counter((one.outlet, one.title, one.ours) for one in found)
    heads = {(one.outlet, one.title, one.ours): one for one in reversed(found)}
    told = [heads[name] for name in alike][:NOTICES]
    for one in told:
        if one.url.startswith(("https://", "http://")):
            proofs.outside(f"notice:{one.id}", one.url, [one.id])
    listed = [one.id for one in found[: counts.IDS]]
    where = {"period": period.id, "scope": scope.id, "proof": "notices"}
    proofs.add("notices", "digest", where, listed, len(found))
    return {
        "n": len(found),
        "ours": sum(one.ours for one in found),
        "first": [
            {
                "id": one.id,
                "outlet": tame(one.outlet),
                "title": tame(one.title),
                "ours": one.ours,
                "alike": alike[one.outlet, one.title, one.ours],
            }
            for one in told
        ],
    }
