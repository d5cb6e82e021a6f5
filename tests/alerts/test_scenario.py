"""The rules against a planned past: a crisis, a scandal and rumours among traps and plain days.

The gold labels stand in for the assessment, so that this measures alerts alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.stage import detect
from data import facts
from data.model import Assessment, Incident, Level
from data.scenarios.builtin import demo
from data.scenarios.format import Event, Planned, Scenario
from data.settings import Settings
from data.store import assessments, incidents, mentions
from data.store.db import Store
from tests.conftest import KEY, NOW

SEVERITY = {one.id: one.severity for one in facts.allegations()}
SUBJECT = {one.slug: one.subject for one in facts.lenders()}
SCORE = {"neg": -0.8, "neu": 0.0, "pos": 0.8}


@dataclass(frozen=True)
class Outcome:
    """What detection made of a scenario."""

    scenario: Scenario
    by_event: Mapping[str, list[tuple[Incident, list[incidents.Event]]]]
    ordinary: list[Incident]

    def event(self, kind: str) -> Event:
        """Return the first planted event of a kind."""
        return next(e for e in self.scenario.events if e.kind == kind)

    def top(self, event: Event) -> Level | None:
        """Return the highest level of the incidents about an event."""
        return max((i.level for i, _ in self.by_event[event.id]), default=None)

    def minutes(self, event: Event, level: Level) -> float:
        """Return the minutes from an event's first mention to the level."""
        first = min(p.mention.published_at for p in self.scenario.planned
                    if p.event == event.id and p.mention.published_at)  # fmt: skip
        rises = [
            e.at
            for _, history in self.by_event[event.id]
            for e in history
            if e.detail.get("to", e.detail.get("level", 0)) >= level
        ]
        return (min(rises) - first) / timedelta(minutes=1)


def _fill(store: Store, planned: list[Planned]) -> dict[int, Planned]:
    known: dict[int, Planned] = {}
    with store.write() as conn:
        saved = mentions.save(conn, [one.mention for one in planned], NOW, KEY)
        by_place = {(one.mention.source, one.mention.native_id): one for one in planned}
        stored = mentions.get(conn, saved.ids)
        known = {m.id: by_place[m.source, m.native_id] for m in stored}
        found = [
            Assessment(m.id, m.revision, lender, gold.sentiment, SCORE[gold.sentiment],
                       max((SEVERITY[e.allegation] for e in gold.allegations), default=0),
                       gold.allegations, (), "gold", NOW)
            for m in stored
            for gold in [known[m.id].gold]
            for lender in {SUBJECT[slug] for slug in gold.about}
        ]  # fmt: skip
        assessments.write(conn, stored, found)
    return known


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    folder: Path = tmp_path_factory.mktemp("scenario")
    store = Store(f"sqlite:///{folder / 'store.db'}")
    store.migrate()
    scenario = demo(NOW)
    planned = list(scenario.planned)
    known: dict[int, Planned] = {}
    for start in range(0, len(planned), 2000):
        known |= _fill(store, planned[start : start + 2000])
    detect(store, Settings(database=str(store.url), var=folder), scenario.ends_at)
    by_event = defaultdict(list)
    ordinary = []
    with store.read() as conn:
        for one in incidents.lately(conn, "chenghu", scenario.starts_at):
            of = Counter(known[i].event for i in incidents.mention_ids(conn, one.id))
            event, _ = of.most_common(1)[0]
            if event and not one.key.startswith("routine"):
                by_event[event].append((one, incidents.events(conn, one.id)))
            else:
                ordinary.append(one)
    yield Outcome(scenario, by_event, ordinary)
    store.dispose()


def test_the_exposure_is_orange_within_the_hour_and_red_later(outcome: Outcome) -> None:
    event = outcome.event("violent_collection")
    assert outcome.minutes(event, Level.ORANGE) <= 60
    assert outcome.top(event) is Level.RED


def test_the_exposure_is_one_incident_that_began_with_its_first_complaint(
    outcome: Outcome,
) -> None:
    event = outcome.event("violent_collection")
    grave = [i for i, _ in outcome.by_event[event.id] if i.level >= Level.ORANGE]
    assert len(grave) == 1
    assert "佛山" in grave[0].title
    assert len(grave[0].sources) >= 3


def test_every_planted_crisis_is_seen(outcome: Outcome) -> None:
    missed = [
        event.id
        for event in outcome.scenario.events
        if not event.trap and (outcome.top(event) or 0) < Level.YELLOW
    ]
    assert missed == []


def test_no_trap_rises_above_its_ceiling(outcome: Outcome) -> None:
    above = {
        event.id: outcome.top(event)
        for event in outcome.scenario.events
        if event.trap and (outcome.top(event) or 0) > Level[event.level.upper()]
    }
    assert above == {}


def test_plain_days_stay_plain(outcome: Outcome) -> None:
    """At most one orange false alarm a fortnight, and yellow less than one a week."""
    weeks = (outcome.scenario.ends_at - outcome.scenario.starts_at) / timedelta(weeks=1)
    levels = Counter(one.level for one in outcome.ordinary)
    assert levels[Level.RED] == 0
    assert levels[Level.ORANGE] <= weeks / 2
    assert levels[Level.YELLOW] < weeks
