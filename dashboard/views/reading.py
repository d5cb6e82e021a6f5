"""The reading pane: one complaint, its proof, its labels, its cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from dashboard import casework, dossier, parts, pointing
from dashboard.pointing import Place
from dashboard.queries import desk
from dashboard.queries.desk import Reading
from dashboard.shared import Visit, store
from dashboard.viewer import Right
from dashboard.views import unmasking
from data.model import Sentiment
from data.store import cases
from data.store.cases import CaseState
from data.store.corrections import Matter, Standing, current


def pane(visit: Visit, key: int) -> None:
    """Draw one complaint, or say that there is none."""
    t, now = visit.t, visit.clock()
    found = visit.ask(desk.reading, visit.lender, key)
    if found is None:
        parts.empty(t("desk.unknown"), t("desk.unknown_then"))
        return
    if found.found is None:
        parts.empty(t("desk.not_ours"), t("desk.not_ours_then"))
        if visit.viewer.may(Right.ACT):
            _button(visit, "ours", t("desk.ours"), casework.disown, found.mention, ours=True)
    _template(visit, found)
    parts.html(dossier.text(visit.naming, found, now))
    _allegations(visit, found)
    if found.found is not None and visit.viewer.may(Right.ACT):
        _correct(visit, found)
    _case(visit, found)
    _measures(visit, found)
    _proof(visit, found)


def _template(visit: Visit, found: Reading) -> None:
    """Say so where many accounts filled in the same text, and lead to all of them."""
    known = found.template
    if known is None:
        return
    others = known.accounts - 1
    parts.note(visit.t("desk.same_template", n=others, m=known.mentions))
    parts.go(visit, "desk", visit.t("desk.look_template"), "look_template", scope="all",
             template=str(known.id))  # fmt: skip


def _allegations(visit: Visit, found: Reading) -> None:
    """Draw each allegation with how far people are."""
    t, naming = visit.t, visit.naming
    noted = dossier.numbers(found)
    if noted:
        parts.heading(t("desk.alleged"))
    for key, number in noted.items():
        parts.html(dossier.allegation(naming, found, key, number))
        if visit.viewer.may(Right.CASE):
            _standing(visit, found, key)


def _measures(visit: Visit, found: Reading) -> None:
    """Draw what the text states, and the clauses it may touch with their force at that time."""
    t, naming = visit.t, visit.naming
    stated = dossier.facts(naming, found.found.facts) if found.found else ""
    if stated:
        parts.heading(t("desk.facts"))
        parts.html(stated)
    touched = dossier.clauses(naming, found)
    if touched:
        with st.expander(t("desk.clauses"), expanded=True):
            parts.html(touched)
            parts.small(t("desk.clauses_note"))


def _standing(visit: Visit, found: Reading, allegation: str) -> None:
    """Let compliance say how far it is with one allegation."""
    t, key = visit.t, f"standing_{found.mention.id}_{allegation}"
    st.session_state[key] = found.standing(allegation).value
    st.segmented_control(
        t("desk.standing", what=parts.label(visit.naming.allegation(allegation))),
        [one.value for one in Standing],
        required=True,
        format_func=lambda one: t.of("standing", one),
        label_visibility="collapsed",
        key=key,
        on_change=_say_standing,
        args=(visit, found, allegation, key),
    )


def _correct(visit: Visit, found: Reading) -> None:
    """Offer corrections, each in two clicks: open, choose."""
    t, naming, m = visit.t, visit.naming, found.mention
    assert found.found is not None
    with st.popover(t("desk.correct"), icon=":material/edit:"):
        key = f"tone_{m.id}"
        st.session_state[key] = found.found.sentiment.value
        st.segmented_control(
            t("feed.sentiment"),
            [one.value for one in Sentiment],
            required=True,
            format_func=lambda one: t.of("sentiment", one),
            key=key,
            on_change=_say_sentiment,
            args=(visit, found, key),
        )
        for charge in dossier.numbers(found):
            words = t("desk.deny", what=naming.allegation(charge))
            _button(visit, f"deny_{charge}", words, casework.deny, m, charge)
        _add(visit, found)
        _button(visit, "not_ours", t("desk.disown"), casework.disown, m, ours=False)
        for made in current(found.labels):
            if made.what in {Matter.ALLEGATION, Matter.SENTIMENT}:
                matter = t.of("matter", made.what)
                what = naming.allegation(made.allegation) if made.allegation else ""
                words = t("desk.take_back", what=f"{matter} {what}".strip())
                _button(visit, f"back_{made.id}", words, casework.take_back, m, made)


def _add(visit: Visit, found: Reading) -> None:
    """Let a person point at a sentence, or at some of its words, and say what they allege."""
    t, m = visit.t, found.mention
    sentence = st.selectbox(
        t("desk.sentence"), pointing.sentences(m), format_func=lambda one: one.words(m),
        key=f"sentence_{m.id}",
    )  # fmt: skip
    if sentence is None:
        return
    key = f"words_{m.id}_{sentence.field}_{sentence.start}"
    words = st.text_input(t("desk.words"), sentence.words(m), help=t("desk.words_help"), key=key)
    known = pointing.places(m, words)
    if not known:
        parts.alert(t("desk.not_there"))
    elif len(known) > 1:
        st.selectbox(t("desk.which", n=len(known)), known, _likely(known, sentence),
                     format_func=lambda one: one.shown(m), key=f"{key}_{words}")  # fmt: skip
    charge = f"charge_{m.id}"
    st.session_state[charge] = None
    st.selectbox(
        t("desk.allege"),
        list(visit.naming.allegations),
        index=None,
        format_func=visit.naming.allegation,
        placeholder=t("desk.choose"),
        key=charge,
        disabled=not known,
        on_change=_allege,
        args=(visit, found, sentence, key, charge),
    )


def _likely(known: Sequence[Place], sentence: Place) -> int:
    """Return which of several places is meant as long as nobody says otherwise."""
    return next((n for n, one in enumerate(known) if one.within(sentence)), 0)


def _case(visit: Visit, found: Reading) -> None:
    """Say which cases it is in; let compliance open one, or add it to one."""
    t, now, m = visit.t, visit.clock(), found.mention
    if found.cases or visit.viewer.may(Right.CASE):
        parts.heading(t("page.cases"))
    for case in found.cases:
        parts.html(dossier.case_line(visit.naming, case, now))
        parts.go(visit, "cases", t("case.look"), f"case_{case.id}", id=str(case.id))
    if not visit.viewer.may(Right.CASE):
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        _button(visit, "open_case", t("case.open"), casework.open_case, m.id)
        held = {case.id for case in found.cases}
        others = [case for case in visit.ask(cases.listed, visit.lender, CaseState.OPEN)
                  if case.id not in held]  # fmt: skip
        if others:
            titles = {case.id: parts.label(f"#{case.id} {case.title[:40]}") for case in others}
            key = f"join_{m.id}"
            st.session_state[key] = None
            st.selectbox(t("case.add"), list(titles), index=None, key=key,
                         format_func=titles.__getitem__, placeholder=t("case.add"),
                         label_visibility="collapsed", on_change=_join,
                         args=(visit, m.id, key))  # fmt: skip


def _proof(visit: Visit, found: Reading) -> None:
    """Draw what was kept of the page, older wordings, and who corrected what."""
    t, naming = visit.t, visit.naming
    with st.expander(t("desk.proof"), icon=":material/verified:"):
        kept = dossier.kept(naming, found.captures)
        if kept:
            parts.html(kept)
        else:
            parts.empty(t("desk.no_page"), t("desk.no_page_then"))
        parts.small(t("desk.masked"))
        unmasking.draw(visit, found)
        if found.found is not None:
            parts.small(t("desk.made_by", who=found.found.made_by))
    if found.wordings:
        with st.expander(t("desk.wordings", n=len(found.wordings)), icon=":material/history:"):
            parts.html(dossier.wordings(naming, found.wordings))
    if found.labels:
        with st.expander(t("desk.labels", n=len(found.labels)), icon=":material/label:"):
            parts.html(dossier.labels(naming, found.labels, visit.clock()))


def _button(
    visit: Visit, key: str, words: str, act: Callable[..., Any], *args: Any, **named: Any
) -> None:
    st.button(parts.label(words), key=f"do_{key}", on_click=_do, args=(visit, act, args, named))


def work(visit: Visit) -> casework.Work:
    """Return who acts, on what, when."""
    return casework.Work(
        store(visit.settings.database), visit.viewer, visit.lender, visit.clock(),
        tuple(visit.naming.allegations.values()),
    )  # fmt: skip


def _do(
    visit: Visit, act: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]
) -> None:
    with parts.guarded(visit):
        act(work(visit), *args, **named)


def _say_standing(visit: Visit, found: Reading, allegation: str, key: str) -> None:
    standing = Standing(st.session_state[key])
    with parts.guarded(visit):
        casework.say_standing(work(visit), found.mention, allegation, standing)


def _say_sentiment(visit: Visit, found: Reading, key: str) -> None:
    with parts.guarded(visit):
        casework.say_sentiment(work(visit), found.mention, st.session_state[key])


def _allege(visit: Visit, found: Reading, sentence: Place, key: str, charge: str) -> None:
    """Label with what the fields say now: the words may have changed since they were drawn."""
    chosen, words = st.session_state[charge], st.session_state[key]
    known = pointing.places(found.mention, words)
    if chosen and known:
        place = st.session_state.get(f"{key}_{words}") or known[_likely(known, sentence)]
        with parts.guarded(visit):
            casework.allege(work(visit), found.mention, chosen, place)


def _join(visit: Visit, mention_id: int, key: str) -> None:
    case = st.session_state[key]
    if case is not None:
        with parts.guarded(visit):
            casework.add_to_case(work(visit), case, mention_id)
