"""Replays: wires the rooms for a planned past on an accelerated clock, and prints how it went.

Part of the composition root, like tingfeng.py: nobody imports it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from alerts import score
from alerts.policy import customers_of
from alerts.replay import Assess, Place, Player, Progress
from data import facts
from data.model import Assessment, Mention
from data.privacy import mask
from data.scenarios.format import Gold, Scenario
from data.settings import Settings
from data.store import mentions, templates
from data.store.db import Store

CHANNEL = "replay"
SCORES = {"neg": -0.8, "neu": 0.0, "pos": 0.8}


def replay(
    scenario: Scenario, policy: Path | None, *, gold: bool, progress: Progress | None = None
) -> dict[str, Any]:
    """Play a scenario into a store of its own and return its figures.

    ``policy`` is a file of levels instead of data/facts/levels.yaml. With ``gold`` the planner's
    labels stand in for the assessment, so that alerts are measured alone. Nothing is sent.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(Path(folder), policy)
        store = Store(settings.database)
        try:
            store.migrate()
            assess = by_gold(scenario) if gold else by_reading(settings)
            Player(store, settings, assess, copies_in(scenario)).play(scenario, progress)
            told = score.gather(store, scenario, customers_of(settings)[0], CHANNEL)
        finally:
            store.dispose()
    return score.figures(scenario, told)


def _settings(folder: Path, policy: Path | None) -> Settings:
    channel = {
        "type": "webhook", "name": CHANNEL, "url": "http://127.0.0.1:9/", "secret": "unused",
        "lowest_level": "yellow",
    }  # fmt: skip
    values = {
        "database": f"sqlite:///{folder / 'replay.db'}",
        "var": folder,
        "channels": [channel],
        "alerts": {"levels": policy},
    }
    return Settings.model_validate(values)


def by_reading(settings: Settings) -> Assess:
    """Assess as in life."""
    from nlp.assess import Assessor

    assessor = Assessor(facts.lenders(settings.lenders), facts.allegations(settings.allegations))
    kept: dict[tuple[str, str, int], list[Assessment]] = {}

    def assess(stored: Sequence[Mention], now: datetime) -> list[Assessment]:
        """Assess each wording once: hours that are rolled back come again under other ids."""
        place = {m.id: (m.source, m.native_id, m.revision) for m in stored}
        new = [m for m in stored if place[m.id] not in kept]
        kept.update({place[m.id]: [] for m in new})
        for found in assessor.assess(new, now):
            kept[place[found.mention_id]].append(found)
        return [
            replace(found, mention_id=m.id, made_at=now)
            for m in stored
            for found in kept[place[m.id]]
        ]

    return assess


def copies_in(scenario: Scenario) -> Place:
    """Tell which mention of a scenario repeats which earlier one, as the assess stage would.

    Compared once for all, in the order in which they show; hours that are rolled back come again.
    """
    from nlp.likeness import BEST, LikenessIndex, confirmed, sketches

    ordered = [p.mention for p in sorted(scenario.planned, key=lambda one: one.visible_at)]
    made, index = sketches([mask(m.text) for m in ordered]), LikenessIndex()
    index.add(made)
    asked = [(n, at) for n, met in enumerate(index.near(made, 0)) for at in met[:BEST]]
    told = confirmed(index, made, asked, [(ordered[n].text, ordered[at].text) for n, at in asked])
    firsts: list[int] = []
    for n in range(len(ordered)):
        firsts.append(firsts[told[n]] if n in told else n)
    row = {(m.source, m.native_id): n for n, m in enumerate(ordered)}

    def place(conn: Connection, stored: Sequence[Mention], found: Sequence[Assessment]) -> None:
        about = {one.mention_id for one in found}
        ours = {m.id: row[m.source, m.native_id] for m in stored if m.id in about}
        known = {row[m.source, m.native_id]: m.id for m in stored}
        for first in {firsts[n] for n in ours.values()} - known.keys():
            there = mentions.find(conn, ordered[first].source, ordered[first].native_id)
            if there is not None:
                known[first] = there.id
        placed = [
            templates.Placed(i, known.get(firsts[n], i), made[n].tobytes())
            for i, n in ours.items()
            if made[n].any()
        ]
        templates.place(conn, list(ours), placed)

    return place


def by_gold(scenario: Scenario) -> Assess:
    """Assess by the planner's labels."""
    gold = {(p.mention.source, p.mention.native_id): p.gold for p in scenario.planned}
    severity = {one.id: one.severity for one in facts.allegations()}
    subject = {one.slug: one.subject for one in facts.lenders()}

    def assess(stored: Sequence[Mention], now: datetime) -> list[Assessment]:
        return [
            _labelled(m, lender, gold[m.source, m.native_id], severity, now)
            for m in stored
            for lender in sorted({subject[s] for s in gold[m.source, m.native_id].about})
        ]

    return assess


def _labelled(
    m: Mention, lender: str, gold: Gold, severity: Mapping[str, int], now: datetime
) -> Assessment:
    gravest = max((severity[e.allegation] for e in gold.allegations), default=0)
    return Assessment(m.id, m.revision, lender, gold.sentiment, SCORES[gold.sentiment], gravest,
                      gold.allegations, (), "gold", now)  # fmt: skip


def compare(
    scenario: Scenario,
    policies: Sequence[Path],
    *,
    gold: bool,
    bar: Callable[[str], Progress],
) -> dict[str, Any]:
    """Replay once for each policy file, or once with the usual levels; return figures by name."""
    chosen: Sequence[Path | None] = list(policies) or [None]
    return {
        str(policy or "levels.yaml"): score.merge(
            [replay(scenario, policy, gold=gold, progress=bar(str(policy or "replay")))]
        )
        for policy in chosen
    }
