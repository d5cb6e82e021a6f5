"""事件: what happened, how did it spread, and how far are we?"""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboard import address, cards, charts, figures, parts, trail
from dashboard.markup import said, tag
from dashboard.queries import incidents, mentions, sources, stories
from dashboard.queries.incidents import Told
from dashboard.shared import Visit
from dashboard.views import responding


@parts.panel
def page(visit: Visit) -> None:
    """Draw one incident where the address names it, else the list."""
    asked = st.query_params.get("id", "")
    if not asked:
        parts.title(visit.t("page.incidents"))
        _list(visit)
        return
    told = visit.ask(incidents.one, int(asked)) if asked.isdecimal() else None
    parts.go(visit, "incidents", visit.t("incident.all"), "all_incidents", back=True)
    if told is None:
        parts.empty(visit.t("incident.unknown"), visit.t("incident.unknown_then"))
        return
    _detail(visit, told)


def _list(visit: Visit) -> None:
    t, now = visit.t, visit.clock()
    shown = st.segmented_control(
        t("incident.which"),
        ["open", "closed"],
        required=True,
        format_func=lambda one: t.of("which", one),
        label_visibility="collapsed",
        **address.one("which", ["open", "closed"], "open"),
    )
    if shown == "closed":
        found = visit.ask(incidents.closed, visit.lender)
    else:
        unfinished = visit.ask(incidents.unfinished, visit.lender)
        found = tuple(cards.by_urgency(visit.naming, unfinished, now))
    if not found:
        parts.empty(t("incident.none"), t("incident.none_then"))
    for told in found:
        parts.incident(visit, told, now)


def _detail(visit: Visit, told: Told) -> None:
    now = visit.clock()
    _header(visit, told, now)
    responding.acts(visit, told)
    left, right = st.columns([5, 3], gap="large")
    parts.title(visit.naming.story(told.key, told.title, told.mentions))
    with left:
        _why(visit, told, now)
        _spread(visit, told)
        _quotes(visit, told, now)
    with right:
        responding.checklist(visit, told)
        responding.verdict(visit, told)
        parts.heading(visit.t("incident.history"))
        events = visit.ask(incidents.history, told.id)
        if events:
            parts.html(trail.history(visit.naming, events, now))
        parts.heading(visit.t("incident.messages"))
        sent = visit.ask(incidents.messages, told.id)
        if sent:
            parts.html(trail.messages(visit.naming, sent, now))
        else:
            parts.empty(visit.t("message.none"), visit.t("message.none_then"))


def _header(visit: Visit, told: Told, now: datetime) -> None:
    t = visit.t
    clock = cards.countdown(visit.naming, cards.due(visit.naming, told, now))
    facts = [
        t("incident.size", n=figures.number(t, told.mentions)),
        t("incident.where", names=t("list.comma").join(map(visit.naming.source, told.sources))),
        t("incident.since", when=figures.since(t, told.opened_at, now)),
        t("incident.last", when=figures.ago(t, told.last_at, now)),
        t("incident.owner", name=told.owner) if told.owner else "",
    ]
    parts.headline(
        f"tf-{told.level.name.lower()}",
        f'<div class="tf-line">{cards.badge(visit.naming, told.level)}'
        f" {tag(t.of('state', told.state))} {clock}</div>",
        said("tf-what", visit.naming.story(told.key, told.title, told.mentions), "div"),
        said("tf-small", " · ".join(fact for fact in facts if fact), "div"),
    )


def _why(visit: Visit, told: Told, now: datetime) -> None:
    t = visit.t
    parts.heading(t("incident.why"))
    fired = visit.ask(incidents.signals, told.id)
    telling, others = trail.telling(fired)
    if not telling:
        parts.empty(t("incident.no_signal"), t("incident.no_signal_then"))
    for signal in telling:
        parts.html(trail.signal(visit.naming, signal, now))
    if others:
        with st.expander(t("incident.more_signals", n=len(others))):
            parts.html("".join(trail.signal(visit.naming, signal, now) for signal in others))


def _spread(visit: Visit, told: Told) -> None:
    points = visit.ask(incidents.spread, told.lender, told.id)
    if not points:
        return
    t = visit.t
    parts.heading(t("incident.spread"))
    first = points[0]
    first_said = t(
        "incident.first",
        source=visit.naming.source(first.source),
        when=figures.when(t, first.published_at, visit.clock()),
    )
    parts.html(said("tf-small", first_said, "div"))
    gaps = visit.ask(sources.gaps, points[0].published_at, points[-1].published_at)
    drawn = charts.spread(visit.naming, points, gaps, dark=visit.dark)
    parts.chart(drawn, t("incident.spread_alt", n=len(points)), "spread")
    if gaps:
        names = dict.fromkeys(visit.naming.source(gap.source) for gap in gaps)
        parts.small(t("incident.spread_gaps", names=t("list.comma").join(names)))


def _quotes(visit: Visit, told: Told, now: datetime) -> None:
    found = visit.ask(stories.clusters, told.lender, told.id)
    if not found:
        return
    parts.heading(visit.t("incident.quotes"))
    copies = {cluster.id: cluster.copies for cluster in found}
    rows = visit.ask(mentions.by_ids, told.lender, tuple(copies))
    parts.html(
        "".join(
            cards.mention(visit.naming, row, now) + cards.copies(visit.naming, copies[row.id], now)
            for row in rows
        )
    )
