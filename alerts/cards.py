"""The alert card as data: what, why in numbers, who said it first, what changed, until when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerts.clock import clock
from alerts.cluster import CLUSTER
from alerts.decide import Told
from alerts.detect import BURST, HOTLIST, REGULATOR, SWELL
from alerts.profile import headline, profile
from alerts.words import Language
from data.facts import english
from data.facts.levels import LevelFact
from data.facts.rules import Rule
from data.facts.sources import SourceFact
from data.model import SHANGHAI, Allegation, Incident, Lender, Level, Reason, Signal
from data.store.incidents import Event
from data.store.signals import Item

Card = Mapping[str, Any]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
QUOTES = 3
AROUND = 24
"""Characters shown on each side of the words that show an allegation."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The files of facts that a card takes its words from."""

    levels: Mapping[Level, LevelFact]
    allegations: Mapping[str, Allegation]
    rules: Mapping[str, Rule]
    sources: Mapping[str, SourceFact]
    lenders: Mapping[str, Lender]
    pages: str  # address of the dashboard


def number(incident: Incident) -> str:
    """Return the alert number people quote: ``#A-20261125-0031 r2``."""
    day = incident.opened_at.astimezone(SHANGHAI).strftime("%Y%m%d")
    return f"#A-{day}-{incident.id:04d} r{incident.revision}"


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything the store knows of one incident that a card shows.

    ``spoken`` are the (allegation, quoted words) of each member, by mention id.
    """

    incident: Incident
    members: Sequence[Item]
    signals: Sequence[Signal]
    events: Sequence[Event]
    spoken: Mapping[int, Sequence[tuple[str, str]]]


def compose(
    dossier: Dossier,
    reason: Reason,
    told: Told | None,
    facts: Facts,
    could: datetime | None = None,
) -> dict[str, Any]:
    """Return the card of an incident as JSON values; times are ISO 8601 in UTC.

    ``told`` is what this channel heard last, ``could`` when this message can be sent. Nothing
    depends on a language: ``render`` words it.
    """
    incident = dossier.incident
    ordered = sorted(dossier.members, key=lambda item: (item.at, item.mention_id))
    began = next((i for i in ordered if i.mention_id == incident.first_mention), None)
    first = began or (ordered[0] if ordered else None)
    about = profile(ordered, facts.allegations)
    titles = {
        language: headline(incident.key, about, facts.allegations, len(ordered), language)
        for language in LANGUAGES
    }
    quoted = [_quote(item, dossier.spoken, facts) for item in telling(ordered)]
    return {
        "number": number(incident),
        "incident_id": incident.id,
        "revision": incident.revision,
        "level": int(incident.level),
        "levels": _named(facts.levels),
        "reason": reason.value,
        "lender": _lender(incident.lender, facts),
        "title": titles,
        "why": why(dossier.signals, dossier.events),
        "first": _quote(first, dossier.spoken, facts) if first else None,
        "counts": {
            "mentions": len(ordered),
            "negative": about.negative,
            "sources": _sources(ordered, first, facts),
        },
        "quotes": quoted,
        "changes": _changes(incident, told, facts),
        "clock": clock(incident, dossier.events, facts.levels[incident.level], could),
        "owner": incident.owner,
        "link": f"{facts.pages}/incidents?id={incident.id}",
    }


def _named(levels: Mapping[Level, LevelFact]) -> dict[str, dict[str, str]]:
    """Return what each level is called now, by its number: a later file renames no sent card."""
    return {str(int(level)): {"zh": fact.zh, "en": fact.en, "icon": fact.icon}
            for level, fact in levels.items()}  # fmt: skip


def _lender(slug: str, facts: Facts) -> dict[str, str]:
    known = facts.lenders.get(slug)
    return {"slug": slug, "zh": known.zh if known else slug, "en": known.en if known else slug}


def why(signals: Sequence[Signal], events: Sequence[Event]) -> dict[str, Any] | None:
    """Return the numbers of the signal that says most, and the condition that set the level."""
    if not signals:
        return None
    newest = max(signal.at for signal in signals)
    lately = [s for s in signals if s.at > newest - timedelta(days=1)]
    chosen = max(lately, key=_weight)
    set_by = [e.detail.get("condition", {}) for e in events if e.what in {"opened", "rose"}]
    return {
        "rule": chosen.rule,
        "version": chosen.version,
        "series": chosen.series,
        "at": chosen.at.isoformat(),
        "window_minutes": int(chosen.window.total_seconds() // 60),
        "value": chosen.value,
        "expected": chosen.expected,
        "threshold": chosen.threshold,
        "severity": chosen.severity,
        "detail": dict(chosen.detail),
        "condition": dict(set_by[-1]) if set_by else {},
    }


def _weight(signal: Signal) -> tuple[int, int, float, datetime]:
    """Order signals by how much they explain: a burst, a notice, the gravest item."""
    kinds = {HOTLIST: 9, BURST: 8, SWELL: 7, REGULATOR: 6, CLUSTER: 6}
    ratio = signal.value / max(signal.threshold, 1.0)
    rank = kinds.get(signal.rule, signal.severity)
    return (rank, int(signal.series == "negative"), ratio, signal.at)


def telling(ordered: Sequence[Item]) -> list[Item]:
    """Choose up to three mentions to quote: the gravest of each source first, then the gravest."""
    grave = sorted(ordered, key=lambda i: (-i.severity, not i.negative, i.at, i.mention_id))
    chosen: list[Item] = []
    for item in grave:
        if item.source not in {one.source for one in chosen}:
            chosen.append(item)
    chosen += [item for item in grave if item not in chosen]
    return chosen[:QUOTES]


def snippet(item: Item, words: str) -> str:
    """Return the quoted words with what stands around them; the beginning of the text without."""
    body = item.text if words in item.text else item.title
    body = body or item.text
    place = body.find(words) if words else -1
    begin = max(0, place - AROUND) if place >= 0 else 0
    end = place + len(words) + AROUND if place >= 0 else 2 * AROUND
    middle = " ".join(body[begin:end].split())
    return f"{'…' if begin else ''}{middle}{'…' if end < len(body) else ''}"


def _quote(
    item: Item, spoken: Mapping[int, Sequence[tuple[str, str]]], facts: Facts
) -> dict[str, Any]:
    pairs = spoken.get(item.mention_id, ())
    gravest = sorted(pairs, key=lambda p: -_severity(p[0], facts))
    return {
        "mention_id": item.mention_id,
        "source": _source(item.source, facts),
        "outlet": item.outlet,
        "at": item.at.isoformat() if item.dated else None,
        "words": snippet(item, gravest[0][1] if gravest else ""),
        "url": item.url,
        "alleged": [
            _alleged(facts.allegations[tag], facts)
            for tag in dict.fromkeys(tag for tag, _ in gravest)
            if tag in facts.allegations
        ],
    }


def _severity(tag: str, facts: Facts) -> int:
    known = facts.allegations.get(tag)
    return known.severity if known else 0


def _alleged(allegation: Allegation, facts: Facts) -> dict[str, Any]:
    """Return an allegation with the clause it may touch most directly."""
    order = {"direct": 0, "possible": 1}
    clauses = sorted(allegation.clauses, key=lambda c: order.get(c.basis, 2))
    clause = None
    if clauses and clauses[0].rule in facts.rules:
        rule = facts.rules[clauses[0].rule]
        clause = {
            "zh": f"《{rule.title}》{clauses[0].article}",
            "en": f"{rule.title_en or rule.title}, {english.article(clauses[0].article)}",
        }
    return {"id": allegation.id, "zh": allegation.zh, "en": allegation.en, "clause": clause}


def _source(slug: str, facts: Facts) -> dict[str, str]:
    known = facts.sources.get(slug)
    return {"slug": slug, "zh": known.zh if known else slug, "en": known.en if known else slug}


def _sources(ordered: Sequence[Item], began: Item | None, facts: Facts) -> list[dict[str, Any]]:
    """Return the sources with their counts, in the order in which the story reached them.

    What is older than the mention that began it counts, but shows no way that it took.
    """
    since = [item for item in ordered if began is None or item.at >= began.at]
    reached = dict.fromkeys(item.source for item in [*since, *ordered])
    numbers = Counter(item.source for item in ordered)
    counts = {source: numbers[source] for source in reached}
    first = {item.source: item.at for item in reversed(since) if item.dated}
    return [
        {
            **_source(slug, facts),
            "n": n,
            "first_at": first[slug].isoformat() if slug in first else None,
        }
        for slug, n in counts.items()
    ]


def _changes(incident: Incident, told: Told | None, facts: Facts) -> dict[str, Any] | None:
    if told is None:
        return None
    return {
        "since": told.at.isoformat(),
        "mentions": incident.mentions - told.mentions,
        "sources": [_source(s, facts) for s in incident.sources if s not in told.sources],
        "level_from": int(told.level) if incident.level != told.level else None,
        "level_to": int(incident.level),
    }
