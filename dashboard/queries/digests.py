"""The digests that were made: the archive's lines, and one page with its charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from data.store import digests
from data.store.digests import Entry
from data.store.schema import mention


@dataclass(frozen=True, slots=True)
class Shown:
    """One revision in one language."""

    period: str
    revision: int
    made_at: datetime
    page: Mapping[str, Any]
    chart: str  # SVG, drawn when the digest was made
    proofs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """A mention that a proof names, whoever it is about."""

    id: int
    source: str
    outlet: str
    title: str
    url: str
    published_at: datetime | None


def scopes(conn: Connection, subjects: tuple[tuple[str, str], ...], lender: str) -> tuple[str, ...]:
    """Return the scopes with a digest that are about a lender, its own first.

    ``subjects`` are pairs of a slug of the lenders file and the company it belongs to.
    """
    owner = dict(subjects)

    def about(scope: str) -> set[str]:
        return {owner.get(slug, slug) for slug in scope.partition("@")[0].split("+")}

    found = [scope for scope in digests.scopes(conn) if lender in about(scope)]
    return tuple(sorted(found, key=lambda scope: (scope != lender, scope)))


def archive(conn: Connection, scope: str) -> tuple[Entry, ...]:
    """Return all revisions, the newest period first."""
    return tuple(digests.archive(conn, scope))


def listed(conn: Connection, ids: tuple[int, ...]) -> tuple[Listed, ...]:
    """Return mentions by their ids, in this order."""
    c = mention.c
    query = select(c.id, c.source, c.outlet, c.title, c.url, c.published_at)
    rows = {row.id: Listed(*row) for row in conn.execute(query.where(c.id.in_(ids)))}
    return tuple(rows[key] for key in ids if key in rows)


def one(conn: Connection, scope: str, period: str, revision: int, language: str) -> Shown | None:
    """Return one digest as it was made, or None."""
    found = digests.get(conn, period, scope, revision)
    if found is None:
        return None
    pages, charts = found.content["pages"], found.content["charts"]
    proofs = found.content["figures"].get("proofs", {})
    return Shown(period, revision, found.made_at, pages[language], charts[language], proofs)
