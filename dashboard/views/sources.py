"""来源: which source is silent, blocked or has changed?"""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboard import figures, parts, trail
from dashboard.markup import plain, said
from dashboard.queries import sources
from dashboard.queries.sources import Place
from dashboard.shared import Visit


@parts.panel
def page(visit: Visit) -> None:
    """Draw a table of all sources, then the runs that went wrong with what was seen."""
    parts.title(visit.t("page.sources"))
    t, now = visit.t, visit.clock().replace(second=0, microsecond=0)
    places = visit.ask(sources.places, visit.lender, now, 20)
    if not places:
        parts.empty(t("source.none"), t("source.none_then"))
        return
    ill = [place for place in places if not place.well]
    whole = t("source.some_ill", n=len(ill)) if ill else t("source.all_well", n=len(places))
    parts.headline("tf-orange" if ill else "tf-calm", said("tf-what", whole, "div"))
    for place in ill:
        _trouble(visit, place)
    st.dataframe(
        [_row(visit, place) for place in places],
        hide_index=True,
        width="stretch",
        column_config={key: t.of("source_column", key) for key in t.keys("source_column")},
        key="sources",
    )
    parts.html(said("tf-small", t("source.legend"), "div"))


def _row(visit: Visit, place: Place) -> dict[str, object]:
    """Return one line of the table, its keys those of the group ``source_column``."""
    t, now = visit.t, visit.clock()
    last = place.runs[0] if place.runs else None
    return {
        "name": visit.naming.source(place.source),
        "state": trail.verdict(visit.naming, place),
        "ticks": " ".join(trail.SIGNS[ran.outcome] for ran in reversed(place.runs[:12])),
        "newest": figures.ago(t, place.newest_at, now) if place.newest_at else t("source.never"),
        "today": place.today,
        "last": figures.when(t, last.started_at, now) if last else "–",
        "found": _counts(visit, last.counts if last else {}),
        "next": _next(visit, place, now),
    }


def _next(visit: Visit, place: Place, now: datetime) -> str:
    if place.next_at is None:
        return "–"
    return (
        figures.when(visit.t, place.next_at, now) if place.next_at > now else visit.t("source.due")
    )


def _counts(visit: Visit, counts: object) -> str:
    t = visit.t
    if not isinstance(counts, dict) or not counts:
        return "–"
    return (
        t("list.comma").join(
            f"{t.of('count', key)} {figures.number(t, n)}"
            for key, n in counts.items()
            if f"count.{key}" in t.known and n
        )
        or "0"
    )


def _trouble(visit: Visit, place: Place) -> None:
    """Say what was seen at a source that could not be read, and what to do."""
    t, now = visit.t, visit.clock()
    last = next(ran for ran in place.runs if ran.outcome is place.outcome)
    what = t(
        "source.trouble",
        name=visit.naming.source(place.source),
        outcome=t.of("outcome", last.outcome),
        when=figures.since(t, last.started_at, now),
    )
    note = said("tf-small", last.note[:500], "div")
    parts.html(
        f'<div class="tf-state"><strong>{plain(what)}</strong>'
        f"{plain(t.of('remedy', last.outcome))}{note}</div>"
    )
