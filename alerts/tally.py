"""The running counts of one incident, from which its level follows; cheap at each mention."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts.cluster import CLUSTER
from alerts.detect import SEVERITY, WINDOWS
from alerts.profile import SHARE
from alerts.voices import author
from data.facts.stale import says_old
from data.model import Signal, SourceKind
from data.store.signals import Item

DAY = timedelta(hours=24)
SPREAD = timedelta(hours=4)
GRAVEST = 5


@dataclass(slots=True)
class Tally:
    """What is known of an incident's mentions and signals so far."""

    mentions: int = 0
    old: int = 0  # mentions that say the matter is of earlier years
    severity: int = 0
    rare_severity: int = 0
    unusual_severity: int = 0
    media_severity: int = 0
    regulator: int = 0
    hotlist: int = 0
    people: set[tuple[str, str]] = field(default_factory=set)  # who tell of the gravest
    families: Counter[int] = field(default_factory=Counter)  # mentions by the words they repeat
    clusters: list[tuple[datetime, float]] = field(default_factory=list)
    sector: list[tuple[datetime, bool]] = field(default_factory=list)
    newest: datetime | None = None  # of what is dated: decides whether it is fresh
    last_alarm: datetime | None = None  # newest signal that is unusual in itself
    last_burst: datetime | None = None
    groups: Counter[str] = field(default_factory=Counter)
    last_by_source: dict[str, datetime] = field(default_factory=dict)
    first_by_source: dict[str, datetime] = field(default_factory=dict)
    loud: list[tuple[datetime, str, float, float]] = field(default_factory=list)

    def copy(self) -> Tally:
        """Return one that counts on by itself."""
        return replace(
            self,
            groups=Counter(self.groups),
            last_by_source=dict(self.last_by_source),
            first_by_source=dict(self.first_by_source),
            loud=list(self.loud),
            people=set(self.people),
            families=Counter(self.families),
            clusters=list(self.clusters),
            sector=list(self.sector),
        )

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources, in the order in which the story reached them."""
        return tuple(sorted(self.first_by_source, key=lambda s: (self.first_by_source[s], s)))

    @property
    def shared(self) -> frozenset[str]:
        """The groups that a fair share of the mentions alleges."""
        return frozenset(g for g, n in self.groups.items() if n >= SHARE * self.mentions)

    def item(self, item: Item, groups: frozenset[str]) -> None:
        """Count one mention."""
        self.mentions += 1
        self.old += says_old(f"{item.title} {item.text}", item.at.year)
        self.groups.update(groups)
        self.severity = max(self.severity, item.severity)
        if item.kind is SourceKind.NEWS:
            self.media_severity = max(self.media_severity, item.severity)
        self.regulator += item.kind is SourceKind.REGULATOR
        self.hotlist += item.kind is SourceKind.HOTLIST
        if item.severity >= GRAVEST:
            self.people.add(author(item))
        if item.first_id:
            self.families[item.first_id] += 1
        first = self.first_by_source.get(item.source, item.at)
        self.first_by_source[item.source] = min(first, item.at)
        if item.negative or item.severity:
            last = self.last_by_source.get(item.source, item.at)
            self.last_by_source[item.source] = max(last, item.at)
        if item.dated:
            self.newest = max(self.newest or item.at, item.at)

    def signal(self, signal: Signal) -> None:
        """Count one signal."""
        if signal.rule != SEVERITY or signal.detail.get("unusual"):
            self.last_alarm = max(self.last_alarm or signal.at, signal.at)
        if signal.detail.get("dated", True):
            self.newest = max(self.newest or signal.at, signal.at)
        if signal.rule in WINDOWS:
            self.last_burst = max(self.last_burst or signal.at, signal.at)
            name = signal.series.split(":")[0]
            ratio = signal.value / max(signal.threshold, 1.0)
            self.loud.append((signal.at, name, ratio, signal.value))
            self.sector.append((signal.at, bool(signal.detail.get("sector"))))
        if signal.rule == CLUSTER:
            self.last_burst = max(self.last_burst or signal.at, signal.at)
            self.clusters.append((signal.at, signal.value))
        if signal.detail.get("rare"):
            self.rare_severity = max(self.rare_severity, signal.severity)
        if signal.detail.get("unusual"):
            self.unusual_severity = max(self.unusual_severity, signal.severity)

    def facts(self, at: datetime) -> dict[str, float]:
        """Return the facts of data/facts/levels.yaml as of a moment."""
        found: dict[str, float] = {
            "severity": self.severity,
            "rare_severity": self.rare_severity,
            "unusual_severity": self.unusual_severity,
            "media_severity": self.media_severity,
            "regulator": self.regulator,
            "hotlist": self.hotlist,
            "people": len(self.people),
            "cluster": max((n for when, n in self.clusters if at - DAY < when <= at), default=0),
            "old_share": self.old / max(self.mentions, 1),
            "sources_4h": self._sources(at - SPREAD, at),
            "sources_24h": self._sources(at - DAY, at),
        }
        lately = [sector for when, sector in self.sector if at - DAY < when <= at]
        found["sector"] = int(bool(lately) and all(lately))
        for when, name, ratio, value in self.loud:
            if at - DAY < when <= at:
                fact = f"burst_{name}"
                found[fact] = max(found.get(fact, 0.0), ratio)
                if name == "negative":
                    found["voices"] = max(found.get("voices", 0.0), value)
        return found

    def _sources(self, since: datetime, until: datetime) -> int:
        return sum(
            last >= since and self.first_by_source[source] <= until
            for source, last in self.last_by_source.items()
        )
