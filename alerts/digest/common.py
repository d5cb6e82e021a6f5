"""What figures are put together from: names, counts with their past, proofs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from alerts.digest import chance, counts
from alerts.digest.chance import Share
from alerts.digest.period import Period
from alerts.digest.quoting import tame
from alerts.digest.scope import Scope
from data.facts.levels import LevelFact
from data.facts.rules import Rule
from data.facts.sources import SourceFact
from data.model import SHANGHAI, Allegation, Lender, Level


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts that figures take their names from, and how soon each level asks for an answer."""

    lenders: Mapping[str, Lender]
    allegations: Mapping[str, Allegation]
    rules: Mapping[str, Rule]
    sources: Mapping[str, SourceFact]
    levels: Mapping[Level, LevelFact]


def named(fact: Lender | SourceFact | Allegation | None, slug: str) -> dict[str, str]:
    """Return the names of a fact; the slug stands in for what is unknown."""
    return {
        "slug": slug,
        "zh": tame(fact.zh if fact else slug),
        "en": tame(fact.en if fact else slug),
    }


def counted(now: int, before: int | None, past: Sequence[float]) -> dict[str, Any]:
    """Return a count with the one before, whether chance explains the change, and the band."""
    band = chance.band(past)
    return {
        "value": now,
        "before": before,
        "turn": 0 if before is None else chance.direction(now, before),
        "band": [int(value) for value in band] if band else None,
    }


def percent(share: Share) -> int:
    """Return a share as whole percent, halves up as people round."""
    return (200 * share.k + share.n) // (2 * share.n) if share.n else 0


def iso(moment: datetime) -> str:
    """Write a moment in Shanghai's time, to the minute."""
    return moment.astimezone(SHANGHAI).replace(second=0, microsecond=0).isoformat()


class Proofs:
    """Collects what each number rests on."""

    def __init__(self, conn: Connection, scope: Scope, period: Period) -> None:
        self._conn, self._scope, self._period = conn, scope, period
        self.found: dict[str, Any] = {}

    def feed(self, key: str, n: int, of: Scope | None = None, **query: Any) -> None:
        """Note the list of mentions behind a number, in our scope or another one (``of``).

        A group has one list for each of its companies; what they show adds up to the number.
        """
        scope = of or self._scope
        if len(scope.lenders) == 1:
            self._list(key, n, scope, query)
            return
        for lender in scope.lenders:
            one = scope.of(lender)
            own = counts.size(self._conn, one, self._period, query) if n else 0
            self._list(f"{key}/{lender}", own, one, query)

    def _list(self, key: str, n: int, scope: Scope, query: Mapping[str, Any]) -> None:
        ids = counts.ids(self._conn, scope, self._period, query) if n else []
        where = {"product": scope.product, "province": scope.province}
        days = {"from": self._period.first.isoformat(), "to": self._period.last.isoformat()}
        asked = {name: value for name, value in where.items() if value} | dict(query) | days
        self.add(key, "feed", {**asked, "dated": "dated", "lender": scope.lenders[0]}, ids, n)

    def add(
        self, key: str, page: str, query: Mapping[str, Any], ids: Sequence[int], n: int
    ) -> None:
        """Note any page of the dashboard."""
        self.found[key] = {
            "page": page,
            "query": {**query, "lender": query.get("lender", self._scope.lenders[0])},
            "ids": list(ids),
            "n": n,
        }

    def outside(self, key: str, url: str, ids: Sequence[int]) -> None:
        """Note a public page that is not ours."""
        self.found[key] = {"page": "", "url": url, "query": {}, "ids": list(ids), "n": len(ids)}
