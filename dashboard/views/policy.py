"""设置: who is watched, for what, when it is grave, who hears of it; and who changed that."""

from __future__ import annotations

from difflib import unified_diff
from itertools import groupby

import streamlit as st

from dashboard import address, cards, figures, parts, rehearsal
from dashboard.markup import plain, said
from dashboard.shared import Visit, store
from dashboard.views import trying
from data.facts.levels import LevelFact
from data.facts.telling import telling
from data.model import Level
from data.store import changes
from data.store.changes import Change

TABS = ("levels", "channels", "lenders", "allegations", "changes")
WIDTHS = {"group": 250, "allegation": 290, "severity": 80, "clauses": 440}
"""Pixels of the columns of allegations: all are seen, only the clauses run on."""
HIDDEN = 4_000
"""Characters of a change that are shown."""


@parts.panel
def page(visit: Visit) -> None:
    """Draw one part of the settings; the address names which."""
    t = visit.t
    parts.title(t("page.settings"))
    rehearsal.watch(store(visit.settings.database), visit.settings, visit.clock())
    shown = st.segmented_control(
        t("page.settings"),
        list(TABS),
        required=True,
        format_func=lambda one: t.of("setting", one),
        label_visibility="collapsed",
        **address.one("part", TABS, TABS[0]),
    )
    if st.session_state.pop(trying.ADOPTED, False):
        parts.headline("tf-calm", said("tf-what", t("policy.adopted"), "div"))
    draw = {"levels": _levels, "channels": _channels, "lenders": _lenders,
            "allegations": _allegations, "changes": _changes}  # fmt: skip
    draw[shown or TABS[0]](visit)


def _levels(visit: Visit) -> None:
    """Draw what lifts an incident to each level, and try other conditions on last month."""
    t, naming = visit.t, visit.naming
    for level, fact in naming.levels.items():
        parts.html(
            f'<div class="tf-line">{cards.badge(naming, level)} {_clocks(visit, fact)}</div>'
        )
        lines = "".join(f"<li>{plain(_condition(visit, one))}</li>" for one in fact.any)
        parts.html(f'<ol class="tf-list">{lines}</ol>')
        for cap in fact.caps:
            parts.small(t("policy.cap", what=_condition(visit, cap), level=naming.level(level)))
    parts.small(t("policy.file", file=rehearsal.files(visit.settings)["levels"].name))
    trying.draw(visit, "levels")


def _clocks(visit: Visit, fact: LevelFact) -> str:
    t = visit.t
    clocks = (
        (t("clock.look"), fact.first_look),
        (t("clock.response"), fact.first_response),
        (t("clock.statement"), fact.statement),
    )
    told = [f"{name} {figures.length(t, span)}" for name, span in clocks if span]
    return said("tf-small", t("list.comma").join(told))


def _condition(visit: Visit, condition: object) -> str:
    t = visit.t
    assert isinstance(condition, dict)
    told = [f"{t.of('fact', name)} ≥ {least:g}" for name, least in condition.items()]
    return t("policy.and").join(told) or t("policy.always")


def _channels(visit: Visit) -> None:
    """Draw each channel with who reads it and from which level on; never where it leads."""
    t, naming = visit.t, visit.naming
    known = telling(visit.settings.alerts.telling)
    if not visit.settings.channels:
        parts.empty(t("policy.no_channels"), t("policy.no_channels_then"))
    for channel in known.routed(visit.settings.channels):
        who = known.audiences[channel.audience].name(t.language)
        lowest = Level[channel.lowest_level.upper()]
        parts.html(
            f'<div class="tf-line"><strong>{plain(channel.name)}</strong> '
            f"{said('tf-small', t.of('channel_type', channel.type))} "
            f"{said('tf-small', t('policy.reads', who=who))} {cards.badge(naming, lowest)} "
            f"{said('tf-small', t('policy.and_up'))}</div>"
        )
    quiet = known.quiet
    named = t("list.comma").join(naming.level(Level[one.upper()]) for one in quiet.levels)
    parts.small(t("policy.quiet", begins=f"{quiet.begins:%H:%M}", ends=f"{quiet.ends:%H:%M}",
                  levels=named))  # fmt: skip
    parts.small(t("policy.file", file=rehearsal.files(visit.settings)["telling"].name))
    trying.draw(visit, "telling")


def _lenders(visit: Visit) -> None:
    """Draw the companies with the names they are found by."""
    t, naming = visit.t, visit.naming
    rows = [
        {
            "name": naming.lender(fact.slug),
            "role": t.of("role", fact.role),
            "names": t("list.comma").join(fact.names),
            "not_names": t("list.comma").join(fact.not_names) or "–",
            "owner": naming.lender(fact.owner) if fact.owner else "–",
        }
        for fact in naming.lenders.values()
    ]
    columns = {key: t.of("lender_column", key) for key in t.keys("lender_column")}
    parts.table(columns, rows, whole=("name", "role", "owner"))
    parts.small(t("policy.file", file=rehearsal.files(visit.settings)["lenders"].name))
    trying.draw(visit, "lenders")


def _allegations(visit: Visit) -> None:
    """Draw the allegations by group, each with its severity and the clauses it may touch."""
    t, naming = visit.t, visit.naming
    by_group = sorted(naming.allegations.values(), key=lambda fact: (fact.group, -fact.severity))
    rows = [
        {
            "group": naming.group(group),
            "allegation": naming.allegation(fact.id),
            "severity": fact.severity,
            "clauses": t("list.semicolon").join(name for name, _ in naming.clauses(fact.id)) or "–",
        }
        for group, facts in groupby(by_group, key=lambda fact: fact.group)
        for fact in facts
    ]
    columns = {key: t.of("allegation_column", key) for key in t.keys("allegation_column")}
    config = {name: st.column_config.Column(title, width=WIDTHS[name])
              for name, title in columns.items()}  # fmt: skip
    st.dataframe(rows, hide_index=True, width="stretch", column_config=config, key="allegations")
    parts.small(t("policy.allegations_note"))
    parts.small(t("policy.file", file=rehearsal.files(visit.settings)["allegations"].name))
    trying.draw(visit, "allegations")


def _changes(visit: Visit) -> None:
    """Draw who changed which file, when, and what differs."""
    t, now = visit.t, visit.clock()
    found = visit.ask(changes.listed)
    parts.small(t("policy.changes_note"))
    for one in found:
        who = t.of("person", one.by.removeprefix("file:"))
        by = t("policy.by_file", who=who) if one.by.startswith("file:") else who
        what = t.of("setting", one.name)
        words = f"{figures.when(t, one.at, now)} · {by} · {what}"
        with st.expander(parts.label(words)):
            if one.note:
                parts.small(one.note)
            st.code(_difference(visit, one), language="diff", wrap_lines=True)
            _back(visit, one)


def _back(visit: Visit, one: Change) -> None:
    """Let an administrator put back what a file said before a change."""
    kind = next((kind for kind in rehearsal.KINDS if kind == one.name), None)
    if kind is None or not one.before or rehearsal.own(visit.settings, kind) is None:
        return
    current = rehearsal.files(visit.settings)[kind].read_text("utf-8")
    trying.adopting(visit, kind, current, one.before, key=f"back_{one.id}")


def _difference(visit: Visit, one: Change) -> str:
    if not one.before:
        return visit.t("policy.first_seen")
    lines = unified_diff(one.before.splitlines(), one.after.splitlines(), lineterm="", n=1)
    return "\n".join(list(lines)[2:])[:HIDDEN]
