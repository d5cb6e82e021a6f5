"""The digests that were made: the archive's lines, and one page with its charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from data.store import digests
from data.store.digests import Entry


@dataclass(frozen=True, slots=True)
class Shown:
    """One revision in one language."""

    period: str
    revision: int
    made_at: datetime
    page: Mapping[str, Any]
    chart: str  # SVG, drawn when the digest was made


def archive(conn: Connection, lender: str) -> tuple[Entry, ...]:
    """Return all revisions, the newest period first."""
    return tuple(digests.archive(conn, lender))


def one(conn: Connection, lender: str, period: str, revision: int, language: str) -> Shown | None:
    """Return one digest as it was made, or None."""
    found = digests.get(conn, period, lender, revision)
    if found is None:
        return None
    pages, charts = found.content["pages"], found.content["charts"]
    return Shown(period, revision, found.made_at, pages[language], charts[language])
