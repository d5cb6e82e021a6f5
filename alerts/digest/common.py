"""What figures are put together from: names, counts with their past, proofs."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from alerts.digest import chance, counts
from alerts.digest.chance import Share
from alerts.digest.period import Period
from data.facts.rules import Rule
from data.facts.sources import SourceFact
from data.model import SHANGHAI, Allegation, Lender


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts that figures take their names from."""

    lenders: Mapping[str, Lender]
    allegations: Mapping[str, Allegation]
    rules: Mapping[str, Rule]
    sources: Mapping[str, SourceFact]


def named(fact: Lender | SourceFact | None, slug: str) -> dict[str, str]:
    """Return a company's or source's names; the slug stands in for what is unknown."""
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


def tame(words: str) -> str:
    """Return other people's words in one line, without the brackets that mark our own proofs.

    Control and format characters go too: a direction mark would turn our own words around.
    """
    shown = "".join(c if unicodedata.category(c) not in {"Cc", "Cf"} else " " for c in words)
    return " ".join(shown.replace("〔", "[").replace("〕", "]").split())[:120]


class Proofs:
    """Collects what each number rests on."""

    def __init__(self, conn: Connection, lender: str, period: Period) -> None:
        self._conn, self._lender, self._period = conn, lender, period
        self.found: dict[str, Any] = {}

    def feed(self, key: str, n: int, of: str = "", **query: Any) -> None:
        """Note a list of mentions of the period, about our lender or another one (``of``)."""
        lender = of or self._lender
        ids = counts.ids(self._conn, lender, self._period, query) if n else []
        days = {"from": self._period.first.isoformat(), "to": self._period.last.isoformat()}
        self.add(key, "feed", {**query, **days, "dated": "dated", "lender": lender}, ids, n)

    def add(
        self, key: str, page: str, query: Mapping[str, Any], ids: Sequence[int], n: int
    ) -> None:
        """Note any page of the dashboard."""
        self.found[key] = {
            "page": page,
            "query": {**query, "lender": query.get("lender", self._lender)},
            "ids": list(ids),
            "n": n,
        }
