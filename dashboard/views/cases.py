"""案件: what compliance must answer, by when, and what was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard import address, cards, casework, dossier, parts
from dashboard.queries import mentions
from dashboard.shared import Visit
from dashboard.viewer import Right
from dashboard.views.reading import work
from data.store import cases
from data.store.cases import DUE_DAYS, Case, CaseState, Finding


@parts.panel
def page(visit: Visit) -> None:
    """Draw one case where the address names it, else the list."""
    t = visit.t
    parts.title(t("page.cases"))
    asked = st.query_params.get("id", "")
    if not asked:
        _list(visit)
        return
    parts.go(visit, "cases", t("case.all"), "all_cases", back=True)
    case = visit.ask(cases.get, int(asked)) if asked.isdecimal() else None
    if case is None:
        parts.empty(t("case.unknown"), t("case.unknown_then"))
        return
    _detail(visit, case)


def _list(visit: Visit) -> None:
    t, now = visit.t, visit.clock()
    shown = st.segmented_control(
        t("case.which"),
        [one.value for one in CaseState],
        required=True,
        format_func=lambda one: t.of("case_state", one),
        label_visibility="collapsed",
        **address.one("which", [one.value for one in CaseState], CaseState.OPEN.value),
    )
    found = visit.ask(cases.listed, visit.lender, CaseState(shown or CaseState.OPEN))
    if not found:
        parts.empty(t("case.none"), t("case.none_then"))
    for case in found:
        with st.container(border=True, gap="small"):
            parts.html(dossier.case_line(visit.naming, case, now))
            parts.go(visit, "cases", t("case.look"), f"case_{case.id}", id=str(case.id))


def _detail(visit: Visit, case: Case) -> None:
    t, now = visit.t, visit.clock()
    late = case.state is CaseState.OPEN and case.due_at < now
    tone = "tf-orange" if late else "tf-calm" if case.state is CaseState.CLOSED else "tf-blue"
    parts.headline(tone, dossier.case_line(visit.naming, case, now))
    if visit.viewer.may(Right.CASE):
        _acts(visit, case)
    left, right = st.columns([5, 3], gap="large")
    with left:
        parts.heading(t("case.items"))
        ids = tuple(visit.ask(cases.items, case.id))
        rows = visit.ask(mentions.by_ids, case.lender, ids)
        parts.html("".join(cards.mention(visit.naming, row, now) for row in rows))
        for row in rows:
            words = t("case.read", what=row.title[:30] or str(row.id))
            parts.go(
                visit, "desk", parts.label(words), f"read_{row.id}", scope="all", m=str(row.id)
            )
    with right:
        parts.heading(t("incident.history"))
        notes = visit.ask(cases.history, case.id)
        parts.html(dossier.case_history(visit.naming, notes, now))


def _acts(visit: Visit, case: Case) -> None:
    """Offer what may be done with a case in this state."""
    t = visit.t
    with st.container(horizontal=True, gap="small"):
        with st.popover(t("case.note")):
            text = st.text_area(t("case.note"), key="case_text", max_chars=2_000)
            _button(visit, t("case.write"), casework.note_case, case.id, text, ready=text)
        if case.state is CaseState.CLOSED:
            with st.popover(t("case.reopen")):
                why = st.text_area(t("act.why"), key="case_again", max_chars=500)
                _button(visit, t("case.reopen"), casework.reopen_case, case.id, why, ready=why)
            return
        with st.popover(t("case.assign")):
            owner = st.text_input(t("case.to"), key="case_owner", max_chars=64)
            _button(visit, t("case.assign"), casework.assign_case, case.id, owner, ready=owner)
        _extend(visit, case)
        _close(visit, case)


def _extend(visit: Visit, case: Case) -> None:
    t = visit.t
    longer = [days for days in DUE_DAYS if days > case.due_days]
    if not longer:
        return
    with st.popover(t("case.extend")):
        days = st.radio(
            t("case.days"), longer, key="case_days", horizontal=True,
            format_func=lambda n: t("case.until", n=n),
        )  # fmt: skip
        why = st.text_area(t("case.extend_why"), key="case_more", max_chars=500)
        _button(visit, t("case.extend"), casework.extend_case, case.id, days, why, ready=why)


def _close(visit: Visit, case: Case) -> None:
    t = visit.t
    with st.popover(t("case.close")):
        finding = st.radio(
            t("case.finding"), list(Finding), key="case_finding",
            format_func=lambda one: t.of("finding", one),
        )  # fmt: skip
        why = st.text_area(t("act.why"), key="case_why", max_chars=500)
        _button(visit, t("case.close"), casework.close_case, case.id, finding, why, ready=why)


def _button(visit: Visit, words: str, act: Callable[..., Any], *args: Any, ready: str) -> None:
    st.button(words, key=f"do_{act.__name__}", disabled=not ready.strip(), on_click=_do,
              args=(visit, act, args))  # fmt: skip


def _do(visit: Visit, act: Callable[..., Any], args: tuple[Any, ...]) -> None:
    with parts.guarded(visit):
        act(work(visit), *args)
    for key in ("case_text", "case_why", "case_more", "case_again", "case_owner"):
        st.session_state.pop(key, None)
