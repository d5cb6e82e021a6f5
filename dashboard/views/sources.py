"""来源: which source is silent, blocked or has changed, who allowed it, and read it now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import streamlit as st

from dashboard import asking as asks
from dashboard import figures, parts, trail
from dashboard.markup import plain, said
from dashboard.queries import reading, sources
from dashboard.queries.reading import Reading, Sight
from dashboard.queries.sources import Place
from dashboard.remarks import remark
from dashboard.shared import Visit, store
from dashboard.viewer import Right
from data.errors import TingfengError
from data.model import SHANGHAI
from data.store.asking import Asked
from data.store.health import Condition

_REMEDIES = {
    Condition.BLOCKED: "refused",
    Condition.CHANGED: "changed",
    Condition.FAILING: "failed",
    Condition.SILENT: "silent",
}
_TOLD = "source_told"
"""The key of the session under which the answer to a click waits for the next drawing."""


@parts.panel
def page(visit: Visit) -> None:
    """Draw what is wrong, a table of all sources, and for each how it is read."""
    parts.title(visit.t("page.sources"))
    t, now = visit.t, visit.clock().replace(second=0, microsecond=0)
    allowed = visit.ask(reading.allowed)
    ours = (name for name, source in visit.settings.sources.items() if source.approval)
    places = visit.ask(sources.places, visit.lender, now, 20, (*allowed, *ours))
    if not places:
        parts.empty(t("source.none"), t("source.none_then"))
        return
    ill = [place for place in places if not place.well]
    whole = t("source.some_ill", n=len(ill)) if ill else t("source.all_well", n=len(places))
    parts.headline("tf-orange" if ill else "tf-calm", said("tf-what", whole, "div"))
    if told := st.session_state.pop(_TOLD, ""):
        parts.note(told)
    for place in ill:
        _trouble(visit, place)
    names = tuple(place.source for place in places)
    readings = visit.ask(reading.readings, visit.lender, names, now)
    st.dataframe(
        [_row(visit, place, readings[place.source]) for place in places],
        hide_index=True,
        width="stretch",
        column_config={key: t.of("source_column", key) for key in t.keys("source_column")},
        key="sources",
    )
    parts.html(said("tf-small", t("source.legend"), "div"))
    _each(visit, places, readings, now)
    rest = [visit.naming.source(name) for name in visit.naming.sources if name not in names]
    if rest:
        parts.small(t("source.others", names=t("list.comma").join(rest)))


def _row(visit: Visit, place: Place, read: Reading) -> dict[str, object]:
    """Return one line of the table, its keys those of the group ``source_column``."""
    t, now = visit.t, visit.clock()
    last = place.runs[0] if place.runs else None
    return {
        "name": visit.naming.source(place.source),
        "state": _state(visit, place),
        "ticks": " ".join(trail.SIGNS[ran.outcome] for ran in reversed(place.runs[:12])),
        "newest": figures.ago(t, place.newest_at, now) if place.newest_at else t("source.never"),
        "today": place.today,
        "usual": f"{read.day.low:.0f}–{read.day.high:.0f}" if read.day else "–",
        "last": figures.when(t, last.started_at, now) if last else "–",
        "found": _counts(visit, last.counts if last else {}),
        "next": _next(visit, place, now),
        "approval": _approval(visit, read)[0],
    }


def _state(visit: Visit, place: Place) -> str:
    """Return what is wrong, or else how the last run ended."""
    conditions = [visit.t.of("condition", stretch.condition) for stretch in place.wrong]
    return visit.t("list.comma").join(conditions) or trail.verdict(visit.naming, place)


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
    """Say what was seen at a source that is not well, since when, and what to do."""
    t, now, name = visit.t, visit.clock(), visit.naming.source(place.source)
    found = [
        (t.of("condition", one.condition), one.since, _REMEDIES[one.condition], one.note)
        for one in place.wrong
    ]
    if not found:
        last = next(ran for ran in place.runs if ran.outcome is place.outcome)
        found = [(t.of("outcome", last.outcome), last.started_at, str(last.outcome), last.note)]
    for what, since, remedy, note in found:
        told = t("source.trouble", name=name, outcome=what, when=figures.since(t, since, now))
        parts.html(
            f'<div class="tf-state"><strong>{plain(told)}</strong>'
            f"{plain(t.of('remedy', remedy))}"
            f"{said('tf-small', remark(t, note[:500]), 'div')}</div>"
        )


# ------------------------------------------------------------------------------ one source
def _each(
    visit: Visit, places: Sequence[Place], readings: Mapping[str, Reading], now: datetime
) -> None:
    """Draw how each source is read; the button is for those who may, while somebody listens."""
    t = visit.t
    parts.heading(t("source.how"))
    admin = visit.viewer.may(Right.ADMIN)
    with store(visit.settings.database).read() as conn:
        watched, queue = reading.queue(conn, list(readings), now)
    if admin and not watched:
        parts.note(t("source.unwatched"))
    for place in places:
        read = readings[place.source]
        with st.expander(parts.label(visit.naming.source(place.source))):
            lines = [_approval(visit, read)[1], *_expected(visit, place, read)]
            asked = queue[place.source]
            lines += [*_drifts(visit, read, now), *_asked(visit, asked, now)]
            for line in lines:
                parts.small(line)
            if admin and asks.approved(visit.settings, place.source, read.decision):
                waits = bool(asked) and asked[0].done_at is None
                st.button(
                    t("source.waiting") if waits else t("source.read_now"),
                    key=f"read_{place.source}",
                    disabled=waits or not watched,
                    on_click=_read_now,
                    args=(visit, place.source),
                )


def _read_now(visit: Visit, source: str) -> None:
    """Ask for a source; what stands against it is said on the page."""
    name = visit.naming.source(source)
    try:
        asks.read_now(
            store(visit.settings.database), visit.settings, visit.viewer, source, visit.clock()
        )
    except TingfengError as error:
        st.session_state[_TOLD] = str(error)
        return
    seconds = figures.number(visit.t, round(visit.settings.alerts.tick_seconds))
    st.session_state[_TOLD] = visit.t("source.asked_now", name=name, seconds=seconds)


def _approval(visit: Visit, read: Reading) -> tuple[str, str]:
    """Return who allowed a source, in a word and in a sentence."""
    t, ours = visit.t, visit.settings.sources.get(read.source)
    decision = read.decision
    if read.source not in visit.naming.sources:
        return "–", t("source.imported")
    if decision is not None:
        on = f"{decision.at.astimezone(SHANGHAI):%Y-%m-%d}"
        given = {"by": decision.by, "on": on, "basis": decision.basis}
        told = t("source.approved", **given) if decision.allows else t("source.withdrawn", **given)
        return (decision.by if decision.allows else t("source.withdrawn_short")), told
    if ours is not None and (given_by := ours.approval) is not None:
        told = t("source.approved", by=given_by.by, on=str(given_by.on), basis=given_by.basis)
        return given_by.by, told
    return "–", t("source.unapproved")


def _expected(visit: Visit, place: Place, read: Reading) -> list[str]:
    t = visit.t
    told = []
    if read.day is not None:
        low, high = f"{read.day.low:.0f}", f"{read.day.high:.0f}"
        told.append(t("source.day_usual", n=place.today, low=low, high=high))
    told += [_sight(visit, one) for one in read.sights]
    if (canary := read.canary) is not None:
        when = figures.when(t, canary.read_at, visit.clock())
        told.append(
            t("source.canary_ill", id=canary.native_id, when=when, differs=canary.differs)
            if canary.differs
            else t("source.canary_well", id=canary.native_id, when=when)
        )
    return told


def _sight(visit: Visit, one: Sight) -> str:
    t = visit.t
    if one.filled:
        field = t.of("column", one.what.removeprefix("extra."))
        return t("source.filled", field=field, seen=f"{one.seen:.0%}", usual=f"{one.usual:.0%}")
    numbers = {"seen": f"{one.seen:.1f}", "usual": f"{one.usual:.1f}"}
    if one.what == "lines":
        return t("source.lines_usual", **numbers)
    return t("source.items_usual", **numbers)


def _drifts(visit: Visit, read: Reading, now: datetime) -> list[str]:
    """Return when its numbers said nothing, newest first."""
    t = visit.t
    return [
        t(
            "source.drift",
            what=t.of("condition", one.condition),
            since=figures.when(t, one.since, now),
            until=figures.when(t, one.ended_at, now) if one.ended_at else t("source.still"),
            note=remark(t, one.note[:200]),
        )
        for one in read.drifts[:5]
    ]


def _asked(visit: Visit, asked: Sequence[Asked], now: datetime) -> list[str]:
    t = visit.t
    return [
        t(
            "source.asked",
            by=t.of("person", one.by),
            when=figures.when(t, one.at, now),
            outcome=t.of("outcome", one.outcome) if one.done_at else t("source.waiting"),
        )
        for one in asked[:5]
    ]
