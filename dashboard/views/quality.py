"""质量: how good are the models, are alerts worth reading, and do people agree?"""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from dashboard import figures, parts, tallies
from dashboard.markup import said
from dashboard.naming import Naming
from dashboard.queries import quality
from dashboard.queries.quality import Measured
from dashboard.shared import Visit
from data.store import judgements
from data.store.corrections import Matter

WEEKS = 26
"""Weeks of alerts that are shown."""
SINCE = timedelta(days=90)
"""How far back labels are counted."""


@parts.panel
def page(visit: Visit) -> None:
    """Draw alerts, models and people, each with the sentence that says how to read it."""
    t = visit.t
    parts.title(t("page.quality"))
    left, right = st.columns([5, 4], gap="large")
    with left:
        _alerts(visit)
        _agreement(visit)
    with right:
        _people(visit)
        _corrected(visit)
    _models(visit)  # across the page: its names are long


def _alerts(visit: Visit) -> None:
    """Draw how many alerts were worth telling, week by week."""
    t = visit.t
    weeks = visit.ask(judgements.precision, visit.lender, _minute(visit) - timedelta(weeks=WEEKS),
                      _minute(visit))  # fmt: skip
    parts.heading(t("quality.alerts"))
    judged = [week for week in weeks if week.precision is not None]
    if not judged:
        parts.empty(t("quality.unjudged"), t("quality.unjudged_then"))
        return
    right = sum(week.useful + week.late for week in judged)
    n = right + sum(week.false for week in judged)
    whole = t("quality.precision", share=figures.share(right, n), n=n)
    parts.headline("tf-calm", said("tf-what", whole, "div"))
    drawn = tallies.weeks(visit.naming, weeks, dark=visit.dark)
    parts.chart(drawn, t("quality.alerts_alt", n=len(weeks)), "precision")
    parts.small(t("quality.alerts_note"))


def _models(visit: Visit) -> None:
    """Draw what the models reached each time they were measured."""
    t = visit.t
    found = visit.ask(quality.measured)
    parts.heading(t("quality.models"))
    if not found:
        parts.empty(t("quality.unmeasured"), t("quality.unmeasured_then"))
        return
    names = list(dict.fromkeys(name for one in reversed(found) for name in one.values))
    columns = {key: t.of("figure_column", key) for key in t.keys("figure_column")}
    trend = st.column_config.LineChartColumn(columns["trend"], y_min=0, y_max=1)
    st.dataframe(
        [_row(visit.naming, found, name) for name in names],
        hide_index=True,
        width="stretch",
        column_config=columns | {"trend": trend},
        key="figures",
    )
    last = found[-1]
    when = figures.when(t, last.at, visit.clock())
    parts.small(t("quality.models_note", when=when, by=last.made_by or "–"))


def _row(naming: Naming, found: tuple[Measured, ...], name: str) -> dict[str, object]:
    known = [one.values[name] for one in found if name in one.values]
    several = len(known) > 1
    change = f"{known[-1] - known[-2]:+.3f}".replace("-", "−") if several else "–"
    return {"name": naming.figure(name), "value": f"{known[-1]:.3f}", "change": change,
            "trend": known if several else []}  # fmt: skip


def _people(visit: Visit) -> None:
    """Draw who labelled how much."""
    t = visit.t
    found = visit.ask(quality.people, visit.lender, _minute(visit) - SINCE)
    parts.heading(t("quality.people"))
    if not found:
        parts.empty(t("quality.no_labels"), t("quality.no_labels_then"))
        return
    matters: dict[str, str] = {what: t.of("matter", what) for what in Matter}
    columns = {"name": t("quality.person"), **matters, "last": t("quality.last")}
    parts.table(columns, [
        {"name": t.of("person", one.name),
         **{what: str(one.counts.get(what, 0)) for what in matters},
         "last": figures.when(t, one.last_at, visit.clock())}
        for one in found
    ])  # fmt: skip
    parts.small(t("quality.people_note", days=SINCE.days))


def _corrected(visit: Visit) -> None:
    """Draw the allegations that people corrected: wrongly found, or missed."""
    t, naming = visit.t, visit.naming
    found = visit.ask(quality.corrected, visit.lender, _minute(visit) - SINCE)
    if not found:
        return
    parts.heading(t("quality.corrected"))
    columns = {"what": t("feed.allegation"), "denied": t("quality.denied"),
               "added": t("quality.added")}  # fmt: skip
    parts.table(columns, [
        {"what": naming.allegation(one.allegation), "denied": str(one.denied),
         "added": str(one.added)}
        for one in found
    ])  # fmt: skip


def _agreement(visit: Visit) -> None:
    """Draw how often two people who looked at the same text decided alike."""
    t = visit.t
    found = visit.ask(quality.agreement, visit.lender, _minute(visit) - SINCE)
    parts.heading(t("quality.agreement"))
    if not found:
        parts.empty(t("quality.nobody_twice"), t("quality.nobody_twice_then"))
        return
    for one in found:
        share = figures.share(one.alike, one.pairs)
        parts.html(said("tf-line", t("quality.alike", what=t.of("matter", one.what), share=share,
                                     n=one.pairs), "div"))  # fmt: skip
    parts.small(t("quality.agreement_note"))


def _minute(visit: Visit) -> datetime:
    """Return this minute: the same question within it has the same answer."""
    return visit.clock().replace(second=0, microsecond=0)
