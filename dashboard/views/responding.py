"""What people do about an incident: take it on, hand it over, answer, lower, close; the steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard import actions, figures, parts
from dashboard.queries import incidents, mentions, stories
from dashboard.queries.incidents import Told
from dashboard.shared import Visit, store
from dashboard.viewer import Right
from data.facts.playbook import playbook
from data.model import IncidentState, Level
from data.store import judgements

WORDS = 1_000
"""Characters of a note, a response or a reason."""


def acts(visit: Visit, told: Told) -> None:
    """Offer what this viewer may do with an incident in this state."""
    t = visit.t
    if not visit.viewer.may(Right.ACT):
        return
    with st.container(horizontal=True, gap="small"):
        if told.state is IncidentState.OPEN:
            st.button(t("act.acknowledge"), key="ack", type="primary", on_click=_do,
                      args=(visit, actions.acknowledge, told.id))  # fmt: skip
        if told.state is not IncidentState.CLOSED:
            if "responded" not in told.done:
                _say(visit, told, t("act.respond"), t("act.respond_what"), actions.respond)
            elif "stated" not in told.done:
                _say(visit, told, t("act.publish"), t("act.publish_what"), actions.publish)
        _say(visit, told, t("act.note"), t("act.note"), actions.note)
        if told.state is not IncidentState.CLOSED:
            _assign(visit, told)
            _lower(visit, told)
            _merge(visit, told)
            _split(visit, told)
            _say(visit, told, t("act.close"), t("act.why"), actions.close)


def checklist(visit: Visit, told: Told) -> None:
    """Draw the steps that the level asks for, with who has done which."""
    t, now = visit.t, visit.clock()
    steps = [step for step in playbook() if step.level <= told.level]
    done = visit.ask(stories.steps, told.id)
    parts.heading(t("playbook.title"))
    parts.small(t("playbook.progress", n=sum(step.id in done for step in steps), of=len(steps)))
    may = visit.viewer.may(Right.ACT) and told.state is not IncidentState.CLOSED
    for step in steps:
        key = f"step_{told.id}_{step.id}"
        st.session_state[key] = step.id in done
        st.checkbox(
            parts.label(visit.naming.step(step.id)),
            key=key,
            disabled=not may,
            on_change=_tick,
            args=(visit, told.id, step.id, key),
        )
        if step.id in done:
            one = done[step.id]
            who = t.of("person", one.by)
            parts.small(t("playbook.by", who=who, when=figures.when(t, one.at, now)))


def verdict(visit: Visit, told: Told) -> None:
    """Ask whether the alert itself was worth it; its precision is counted from the answers."""
    t = visit.t
    key = f"judge_{told.id}"
    st.session_state[key] = visit.ask(judgements.newest, told.id) or None
    st.segmented_control(
        t("act.judge"),
        judgements.VERDICTS,
        format_func=lambda one: t.of("judged", one),
        key=key,
        disabled=not visit.viewer.may(Right.ACT),
        on_change=_judge,
        args=(visit, told.id, key),
    )


def _say(visit: Visit, told: Told, title: str, label: str, act: Callable[..., None]) -> None:
    """Offer an action that needs words: a popover with a field and its button."""
    key = f"{act.__name__}_why" if act is actions.close else f"{act.__name__}_text"
    with st.popover(title):
        words = st.text_area(label, key=key, max_chars=WORDS)
        st.button(title, key=act.__name__, disabled=not words.strip(), on_click=_do,
                  args=(visit, act, told.id, words), kwargs={"clear": key})  # fmt: skip


def _assign(visit: Visit, told: Told) -> None:
    t = visit.t
    with st.popover(t("act.assign")):
        owner = st.text_input(t("case.to"), key="assign_to", max_chars=64)
        st.button(t("act.assign"), key="assign", disabled=not owner.strip(), on_click=_do,
                  args=(visit, actions.assign, told.id, owner),
                  kwargs={"clear": "assign_to"})  # fmt: skip


def _lower(visit: Visit, told: Told) -> None:
    t = visit.t
    below = [level for level in Level if level < told.level]
    if not below:
        return
    with st.popover(t("act.lower")):
        to = st.radio(t("act.lower_to"), below[::-1], key="lower_to", horizontal=True,
                      format_func=visit.naming.level)  # fmt: skip
        why = st.text_area(t("act.why"), key="lower_why", max_chars=WORDS)
        st.button(t("act.lower"), key="lower", disabled=not why.strip(), on_click=_do,
                  args=(visit, actions.lower, told.id, to, why),
                  kwargs={"clear": "lower_why"})  # fmt: skip


def _merge(visit: Visit, told: Told) -> None:
    """Let a person say that another incident is the same story."""
    t, naming = visit.t, visit.naming
    others = {one.id: one for one in visit.ask(incidents.unfinished, told.lender)
              if one.id != told.id}  # fmt: skip
    if not others:
        return
    with st.popover(t("act.merge")):
        parts.small(t("act.merge_what"))
        other = st.selectbox(
            t("act.merge_which"),
            list(others),
            index=None,
            key="merge_other",
            placeholder="",
            format_func=lambda key: parts.label(
                f"#{key} {naming.story(others[key].key, others[key].title, others[key].mentions)}"
            ),
        )
        why = st.text_area(t("act.why"), key="merge_why", max_chars=WORDS)
        st.button(t("act.merge"), key="merge", disabled=other is None or not why.strip(),
                  on_click=_do, args=(visit, actions.merge, told.id, other, why),
                  kwargs={"clear": "merge_why"})  # fmt: skip


def _split(visit: Visit, told: Told) -> None:
    """Let a person take texts out that are another story, each with its near copies."""
    t = visit.t
    found = visit.ask(stories.clusters, told.lender, told.id, SPLIT)
    if len(found) < 2:  # noqa: PLR2004  # something must stay
        return
    ids = {one.id: (one.id, *(copy.id for copy in one.copies)) for one in found}
    said = {row.id: row.title or row.text
            for row in visit.ask(mentions.by_ids, told.lender, tuple(ids))}  # fmt: skip
    with st.popover(t("act.split")):
        parts.small(t("act.split_what"))
        chosen = st.multiselect(
            t("act.split_which"),
            list(ids),
            key="split_which",
            placeholder="",
            format_func=lambda key: parts.label(f"{said.get(key, '')[:40]} ×{len(ids[key])}"),
        )
        title = st.text_input(t("act.split_title"), key="split_title", max_chars=actions.TITLE)
        why = st.text_area(t("act.why"), key="split_why", max_chars=WORDS)
        out = tuple(mention for key in chosen for mention in ids[key])
        ready = bool(out) and bool(title.strip()) and bool(why.strip())
        st.button(t("act.split"), key="split", disabled=not ready, on_click=_do,
                  args=(visit, actions.split, told.id, out, title, why),
                  kwargs={"clear": "split_why"})  # fmt: skip


SPLIT = 60
"""Groups of near copies that are offered to be taken out."""


def _do(visit: Visit, act: Callable[..., Any], key: int, *args: Any, clear: str = "") -> None:
    with parts.guarded(visit):
        act(store(visit.settings.database), visit.viewer, key, visit.clock(), *args)
        if clear:
            st.session_state.pop(clear, None)


def _judge(visit: Visit, incident: int, key: str) -> None:
    if st.session_state[key]:
        _do(visit, actions.judge, incident, st.session_state[key])


def _tick(visit: Visit, incident: int, step: str, key: str) -> None:
    _do(visit, actions.tick, incident, step, bool(st.session_state[key]))
