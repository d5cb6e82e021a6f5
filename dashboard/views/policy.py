"""设置: who is watched, for what, when it is grave, who hears of it; and who changed that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import unified_diff
from itertools import groupby

import streamlit as st

from dashboard import address, cards, figures, parts, rehearsal
from dashboard.markup import plain, said
from dashboard.rehearsal import Rehearsal
from dashboard.shared import Visit, store
from dashboard.viewer import Right
from data.facts.levels import LevelFact, levels
from data.facts.telling import telling
from data.model import Level
from data.store import changes
from data.store.changes import Change

TABS = ("levels", "channels", "lenders", "allegations", "changes")
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
    draw = {"levels": _levels, "channels": _channels, "lenders": _lenders,
            "allegations": _allegations, "changes": _changes}  # fmt: skip
    draw[shown or TABS[0]](visit)


def _levels(visit: Visit) -> None:
    """Draw what lifts an incident to each level, and try other conditions on last month."""
    t, naming = visit.t, visit.naming
    known = levels(visit.settings.alerts.levels)
    for level, fact in known.items():
        parts.html(
            f'<div class="tf-line">{cards.badge(naming, level)} {_clocks(visit, fact)}</div>'
        )
        lines = "".join(f"<li>{plain(_condition(visit, one))}</li>" for one in fact.any)
        parts.html(f'<ol class="tf-list">{lines}</ol>')
        for cap in fact.caps:
            parts.small(t("policy.cap", what=_condition(visit, cap), level=naming.level(level)))
    _try(visit)


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


def _try(visit: Visit) -> None:
    """Let a person try other conditions; only an administrator may let them count."""
    t = visit.t
    parts.heading(t("policy.try"))
    if not visit.viewer.may(Right.ACT):
        parts.small(t("policy.only_act"))
        return
    parts.small(t("policy.try_what"))
    current = rehearsal.files(visit.settings)["levels"].read_text("utf-8")
    text = st.text_area(
        t("policy.text"), value=current, height=320, key="policy_text", max_chars=rehearsal.LONGEST
    )
    if st.button(t("policy.run"), key="policy_try", type="primary"):
        st.session_state.pop("policy_result", None)
        with st.spinner(t("policy.running")), parts.guarded(visit):
            st.session_state["policy_result"] = (text, rehearsal.rehearse(visit.settings, text))
    tried = st.session_state.get("policy_result")
    if tried is not None and tried[0] == text:
        _told(visit, tried[1])
        _adopt(visit, text, unchanged=text == current)


def _told(visit: Visit, found: Rehearsal) -> None:
    """Say which incidents of last month would have had another level, and who would have heard."""
    t, naming, now = visit.t, visit.naming, visit.clock()
    n, of = len(found.changed), len(found.incidents)
    whole = t("policy.changed" if n else "policy.unchanged", n=n, of=of, days=found.days)
    parts.headline("tf-orange" if n else "tf-calm", said("tf-what", whole, "div"))
    rows = [
        f"<li>{cards.badge(naming, one.today)} → {cards.badge(naming, one.tried)} "
        f"{plain(one.title)} {said('tf-when', figures.when(t, one.opened_at, now))}</li>"
        for one in found.changed
    ]
    if rows:
        parts.html(f'<ol class="tf-list">{"".join(rows)}</ol>')
    for name, (before, after) in found.channels.items():
        parts.small(t("policy.heard", name=name, before=before, after=after))


def _adopt(visit: Visit, text: str, *, unchanged: bool) -> None:
    t = visit.t
    if unchanged or not visit.viewer.may(Right.ADMIN):
        return
    if visit.settings.alerts.levels is None:
        parts.small(t("policy.no_file"))
        return
    why = st.text_input(t("act.why"), key="policy_why", max_chars=500)
    st.button(t("policy.adopt"), key="policy_adopt", disabled=not why.strip(),
              on_click=_let_count, args=(visit, text, why))  # fmt: skip


def _let_count(visit: Visit, text: str, why: str) -> None:
    with parts.guarded(visit):
        database = store(visit.settings.database)
        rehearsal.adopt(database, visit.settings, visit.viewer, text, why, visit.clock())
        levels.cache_clear()
        st.session_state.pop("policy_result", None)


def _channels(visit: Visit) -> None:
    """Draw each channel with who reads it and from which level on; never where it leads."""
    t, naming = visit.t, visit.naming
    known = telling(visit.settings.alerts.telling)
    if not visit.settings.channels:
        parts.empty(t("policy.no_channels"), t("policy.no_channels_then"))
    for channel in visit.settings.channels:
        audience = known.audiences.get(channel.audience)
        who = channel.audience
        if audience is not None:
            who = audience.zh if t.language == "zh" else audience.en
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
    parts.small(t("policy.file", file=str(rehearsal.files(visit.settings)["telling"].name)))


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
    _table(rows, columns, "lenders")
    parts.small(t("policy.file", file=rehearsal.files(visit.settings)["lenders"].name))


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
    _table(rows, columns, "allegations")
    parts.small(t("policy.allegations_note"))


def _table(rows: Sequence[Mapping[str, object]], columns: Mapping[str, str], key: str) -> None:
    st.dataframe(rows, hide_index=True, width="stretch", column_config=dict(columns), key=key)


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


def _difference(visit: Visit, one: Change) -> str:
    if not one.before:
        return visit.t("policy.first_seen")
    lines = unified_diff(one.before.splitlines(), one.after.splitlines(), lineterm="", n=1)
    return "\n".join(list(lines)[2:])[:HIDDEN]
