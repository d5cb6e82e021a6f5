"""Clusters that are the first of their kind: few people, but all with the same new thing; pure.

Two kinds. A wording nobody used until a day ago, told by several accounts. And a combination of
allegation, city and collector that four weeks have not seen. Both speak long before the number of
mentions is unusual; both count people, so one account with fifty posts is nobody's cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.profile import groups_of
from alerts.voices import authors
from data.model import Allegation, Signal
from data.store.signals import Item

CLUSTER = "cluster"
VERSION = 1
WINDOW = timedelta(hours=6)
LEAST = 5
"""Authors that make a cluster."""
NEW = timedelta(hours=24)
"""A wording is new if nobody used it longer ago than this."""
UNSEEN = timedelta(days=28)
"""A combination is new if nobody alleged it for so long before the window."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the mentions of a cluster have in common; its ``series`` names it for the store."""

    series: str
    first_id: int = 0
    group: str = ""
    city: str = ""
    collector: str = ""

    def has(self, item: Item, allegations: Mapping[str, Allegation]) -> bool:
        """Tell whether a mention is of this kind."""
        if self.first_id:
            return item.first_id == self.first_id
        here = item.city == self.city and self.collector in {"", item.collector}
        return here and self.group in groups_of(item, allegations)


def kinds_of(item: Item, allegations: Mapping[str, Allegation]) -> list[Kind]:
    """Return the kinds of cluster that a mention may belong to."""
    found = [Kind(f"text:{item.first_id}", first_id=item.first_id)] if item.first_id else []
    if item.city:
        for group in sorted(groups_of(item, allegations)):
            for collector in sorted({"", item.collector}):
                series = f"new:{group}@{item.city}" + (f"/{collector}" if collector else "")
                found.append(Kind(series[:80], 0, group, item.city, collector))
    return found


def kind_named(series: str) -> Kind:
    """Return the kind that a stored series names."""
    head, _, rest = series.partition(":")
    if head == "text":
        return Kind(series, first_id=int(rest))
    group, _, where = rest.partition("@")
    city, _, collector = where.partition("/")
    return Kind(series, 0, group, city, collector)


def gathered(
    kind: Kind, at: datetime, around: Iterable[Item], allegations: Mapping[str, Allegation]
) -> list[Item]:
    """Return the mentions of a kind in the six hours that end at a moment."""
    return [i for i in around if at - WINDOW < i.at <= at and kind.has(i, allegations)]


def cluster(kind: Kind, at: datetime, some: Sequence[Item], lender: str, known: int) -> Signal:
    """Return the numbers of a cluster as a signal; ``known`` is how many were of its kind before.

    The caller has made sure that it is new; ``value`` and ``threshold`` are authors.
    """
    return Signal(
        rule=CLUSTER,
        version=VERSION,
        lender=lender,
        series=kind.series,
        at=at,
        window=WINDOW,
        value=float(authors(some)),
        expected=0.0,
        threshold=float(LEAST),
        severity=max((item.severity for item in some), default=0),
        mention_ids=tuple(item.mention_id for item in some),
        detail={
            "posts": len(some),
            "before": known,
            "days": UNSEEN.days,
            "sources": sorted({item.source for item in some}),
        },
    )


def newest(spoken: Iterable[Item], allegations: Mapping[str, Allegation]) -> dict[Kind, datetime]:
    """Return the kinds that new mentions may belong to, each with its newest mention's time."""
    found: dict[Kind, datetime] = {}
    for item in spoken:
        if item.dated and item.negative:
            for kind in kinds_of(item, allegations):
                found[kind] = max(found.get(kind, item.at), item.at)
    return found
