"""Try a changed file of facts on last month, see what would differ, and let it count."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard import cards, editing, figures, parts, rehearsal
from dashboard.markup import link, plain, said
from dashboard.rehearsal import Kind, Proposal
from dashboard.shared import Visit, store
from dashboard.trials import Example, Found, Levels, Retold, Telling, Trial
from dashboard.viewer import Right
from data.facts.telling import telling
from data.model import Level

ADOPTED = "policy_adopted"
"""Says in the session that a file was let count just now."""
SHOWN = 20
"""Incidents and mentions that are named; the counts are of all."""


def draw(visit: Visit, kind: Kind) -> None:
    """Let a person try a changed file; only an administrator may let it count."""
    t = visit.t
    parts.heading(t("policy.try"))
    if not visit.viewer.may(Right.ACT):
        parts.small(t("policy.only_act"))
        return
    parts.small(t("policy.try_what"))
    current = rehearsal.files(visit.settings)[kind].read_text("utf-8")
    text = _written(visit, kind, current)
    if st.button(t("policy.run"), key=f"policy_try_{kind}", type="primary"):
        _rehearse(visit, kind, text)
    tried = st.session_state.get(f"policy_result_{kind}")
    if tried is not None and tried[0] == text:
        _told(visit, kind, tried[1])
        adopting(visit, kind, current, text)


def _written(visit: Visit, kind: Kind, current: str) -> str:
    """Return the whole file as the person has it: all of it to edit, or one of its entries."""
    t = visit.t
    if kind == "telling":
        _routes(visit)
    if kind != "allegations":
        return _area(visit, kind, kind, current)
    known = visit.naming.allegations
    chosen = st.selectbox(
        t("policy.entry"), list(known), format_func=visit.naming.allegation, key="policy_entry"
    )
    was = editing.entry(current, chosen)
    words = _area(visit, kind, chosen, was)
    return current if words == was else editing.with_entry(current, chosen, words)


def _area(visit: Visit, kind: Kind, name: str, current: str) -> str:
    """Let a person edit a text, which begins as the file's own and again whenever that changes."""
    key, base = f"policy_text_{name}", f"policy_base_{name}"
    if key not in st.session_state or st.session_state.get(base) != current:
        st.session_state[key] = st.session_state[base] = current
    return st.text_area(visit.t.of("trial", kind), height=320, max_chars=rehearsal.LONGEST, key=key)


def _routes(visit: Visit) -> None:
    """Let a person choose from which level on a channel hears, and who reads it."""
    t, known = visit.t, telling(visit.settings.alerts.telling)
    channels = {one.name: one for one in known.routed(visit.settings.channels)}
    if not channels:
        return
    parts.small(t("policy.route_what"))
    columns = st.columns(3)
    name = columns[0].selectbox(t("policy.channel"), list(channels), key="policy_channel")
    audiences = list(known.audiences)
    levels, keys = (
        [one.name.lower() for one in Level],
        (f"policy_level_{name}", f"policy_for_{name}"),
    )
    columns[1].selectbox(
        t("policy.from_level"),
        levels,
        levels.index(channels[name].lowest_level),
        format_func=lambda one: visit.naming.level(Level[one.upper()]),
        key=keys[0],
        on_change=_route,
        args=(name, keys),
    )
    columns[2].selectbox(
        t("policy.audience"),
        audiences,
        audiences.index(channels[name].audience),
        format_func=lambda one: known.audiences[one].name(t.language),
        key=keys[1],
        on_change=_route,
        args=(name, keys),
    )


def _route(name: str, keys: tuple[str, str]) -> None:
    """Write what was chosen for a channel into the text that is tried."""
    level, audience = (str(st.session_state[key]) for key in keys)
    text = str(st.session_state[_TELLING])
    st.session_state[_TELLING] = editing.with_route(text, name, level, audience)


_TELLING = "policy_text_telling"


def _rehearse(visit: Visit, kind: Kind, text: str) -> None:
    t = visit.t
    st.session_state.pop(f"policy_result_{kind}", None)
    bar = st.progress(0.0, t("policy.running"))

    def progress(done: int, of: int) -> None:
        bar.progress(done / of if of else 1.0, t("policy.so_far", done=f"{done:,}", of=f"{of:,}"))

    with parts.guarded(visit):
        found = rehearsal.rehearse(visit.settings, kind, text, progress)
        st.session_state[f"policy_result_{kind}"] = (text, found)
    bar.empty()


def _told(visit: Visit, kind: Kind, trial: Trial) -> None:
    if isinstance(trial, Levels):
        _told_levels(visit, trial)
    elif isinstance(trial, Telling):
        _told_telling(visit, trial)
    else:
        _told_found(visit, kind, trial)


def _headline(words: str, *, calm: bool) -> None:
    parts.headline("tf-calm" if calm else "tf-orange", said("tf-what", words, "div"))


def _rows(lines: Sequence[str]) -> None:
    if lines:
        items = "".join(f"<li>{line}</li>" for line in lines[:SHOWN])
        parts.html(f'<ol class="tf-list">{items}</ol>')


def _told_levels(visit: Visit, found: Levels) -> None:
    """Say which incidents of last month would have had another level, and who would have heard."""
    t, naming, now = visit.t, visit.naming, visit.clock()
    n, of = len(found.changed), len(found.incidents)
    whole = t("policy.changed" if n else "policy.unchanged", n=n, of=of, days=found.days)
    _headline(whole, calm=not n)
    _rows([
        f"{cards.badge(naming, one.today)} → {cards.badge(naming, one.tried)} "
        f"{plain(one.title)} {said('tf-when', figures.when(t, one.opened_at, now))}"
        for one in found.changed
    ])  # fmt: skip
    for name, (before, after) in found.channels.items():
        parts.small(t("policy.heard", name=name, before=before, after=after))


def _told_telling(visit: Visit, found: Telling) -> None:
    """Say who would have been told of what, or not, or otherwise."""
    t = visit.t
    n = len({one.id for one in found.changed})
    whole = t("policy.retold" if n else "policy.told_alike", n=n, of=found.incidents,
              days=found.days)  # fmt: skip
    _headline(whole, calm=not n)
    _rows([_retold(visit, one) for one in found.changed])
    for name, (before, after) in found.channels.items():
        parts.small(t("policy.messages", name=name, before=before, after=after))


def _retold(visit: Visit, one: Retold) -> str:
    t, naming = visit.t, visit.naming
    ways = (_reasons(visit, one.today), _reasons(visit, one.tried))
    when = figures.when(t, one.opened_at, visit.clock())
    return (
        f"{cards.badge(naming, one.level)} {plain(one.title)} {said('tf-when', when)}"
        f"<div>{plain(one.channel)}{plain(t('policy.colon'))}{plain(ways[0])} → "
        f"<b>{plain(ways[1])}</b></div>"
    )


def _reasons(visit: Visit, reasons: Sequence[str]) -> str:
    """Return a row of messages in words; equal ones that follow each other are counted."""
    t = visit.t
    counted: dict[str, int] = {}
    for reason in reasons:
        counted[reason] = counted.get(reason, 0) + 1
    words = (t.of("reason", why) + (f" ×{n}" if n > 1 else "") for why, n in counted.items())
    return t("list.comma").join(words) or t("policy.nothing")


def _told_found(visit: Visit, kind: Kind, found: Found) -> None:
    """Say which mentions would newly count, and which no longer, with a few of each."""
    t = visit.t
    changed = found.appear + found.vanish
    values = {"days": found.days, "read": f"{found.read:,}"}
    if changed:
        values |= {"appear": found.appear, "vanish": found.vanish}
        words = t("policy.counted" if kind == "lenders" else "policy.tagged", **values)
        _headline(words, calm=False)
    else:
        _headline(t("policy.found_alike", **values), calm=True)
    if found.read < found.of:
        parts.small(t("policy.sampled", read=f"{found.read:,}", of=f"{found.of:,}"))
    named = visit.naming.lender if kind == "lenders" else visit.naming.allegation
    for name, (appear, vanish) in found.names.items():
        parts.small(t("policy.by_name", name=named(name), appear=appear, vanish=vanish))
    _rows([_example(visit, one, named) for one in found.examples])


def _example(visit: Visit, one: Example, named: Callable[[str], str]) -> str:
    t = visit.t
    way = t("policy.appears" if one.appears else "policy.vanishes", name=named(one.name))
    when = figures.when(t, one.at, visit.clock())
    where = t("list.comma").join([visit.naming.source(one.source), when])
    return (
        f'<div class="tf-byline"><strong>{"+" if one.appears else "−"} {plain(way)}</strong> '
        f"{said('tf-when', where)} {link(one.url, t('card.open'), 'tf-open')}</div>"
        f'<div class="tf-quote" dir="auto">{plain(one.words)}</div>'
    )


def adopting(visit: Visit, kind: Kind, was: str, text: str, key: str = "") -> None:
    """Let an administrator replace what a file ``was`` by a text, with a reason."""
    t, key = visit.t, key or kind
    if text == was or not visit.viewer.may(Right.ADMIN):
        return
    if rehearsal.own(visit.settings, kind) is None:
        parts.small(t("policy.no_file", setting=rehearsal.SETTING[kind]))
        return
    why = st.text_input(t("policy.why"), key=f"policy_why_{key}", max_chars=500)
    words = t("policy.adopt") if key == kind else t("policy.back")
    st.button(words, key=f"policy_adopt_{key}", disabled=not why.strip(), on_click=_let_count,
              args=(visit, Proposal(kind, was, text, why)))  # fmt: skip


def _let_count(visit: Visit, proposed: Proposal) -> None:
    with parts.guarded(visit):
        database = store(visit.settings.database)
        rehearsal.adopt(database, visit.settings, visit.viewer, proposed, visit.clock())
        st.session_state.pop(f"policy_result_{proposed.kind}", None)
        st.session_state[ADOPTED] = True
