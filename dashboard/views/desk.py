"""投诉: who said what, which clause may it touch, and is the evidence there?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from urllib.parse import parse_qsl

import streamlit as st

from dashboard import address, casework, export, figures, parts
from dashboard.queries import desk, mentions
from dashboard.queries.desk import Facets
from dashboard.queries.filters import Filter
from dashboard.queries.mentions import COUNT_LIMIT, Cursor, Page, Shown
from dashboard.shared import Visit, store
from dashboard.viewer import Right
from dashboard.views import desk_filters, reading
from data.model import SHANGHAI
from data.store import searches
from data.store.searches import NAME_LIMIT, SavedSearch

SIZE = 50
HEIGHT = 760
"""Pixels of the list; it scrolls by itself, so that the reading pane stays in sight."""


@parts.panel
def page(visit: Visit) -> None:
    """Draw three columns: facets with counts, the list, and the text with its proof."""
    parts.title(visit.t("page.desk"))
    asked = desk_filters.read(visit)
    _search(visit)
    left, middle, right = st.columns([4, 5, 9], gap="medium")
    counted = visit.ask(
        desk.facets, asked, desk_filters.groups(visit.naming), desk_filters.clauses(visit.naming)
    )
    with left, st.container(key="desk_facets"):
        desk_filters.draw(visit, counted)
    after = Cursor.parse(st.query_params.get(address.PAGE, ""))
    found = visit.ask(mentions.page, asked, after, SIZE, counted.whole, counted.newest)
    with middle:
        chosen = _list(visit, asked, found, counted)
    with right:
        if chosen is not None:
            reading.pane(visit, chosen)


def _search(visit: Visit) -> None:
    """Draw the search box, and the searches that somebody gave a name."""
    t = visit.t
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            t("feed.search"),
            placeholder=t("feed.search_hint"),
            label_visibility="collapsed",
            icon=":material/search:",
            max_chars=200,
            **address.words("q"),
        )
        with st.popover(t("desk.searches"), icon=":material/bookmark:"):
            _searches(visit)


def _searches(visit: Visit) -> None:
    t = visit.t
    with store(visit.settings.database).read() as conn:
        known = searches.listed(conn, visit.lender)
    if not known:
        parts.empty(t("desk.no_searches"), t("desk.no_searches_then"))
    for number, one in enumerate(known):
        with st.container(horizontal=True, gap="small"):
            st.button(parts.label(one.name), key=f"search_{number}", on_click=_recall,
                      args=(one,), type="tertiary")  # fmt: skip
            if visit.viewer.may(Right.ACT):
                st.button(t("desk.forget"), key=f"forget_{number}", on_click=_forget,
                          args=(visit, one.name), type="tertiary")  # fmt: skip
    if visit.viewer.may(Right.ACT):
        name = st.text_input(t("desk.search_name"), key="search_name", max_chars=NAME_LIMIT)
        st.button(t("desk.save"), key="search_save", disabled=not name.strip(), on_click=_save,
                  args=(visit, name))  # fmt: skip


def _list(visit: Visit, asked: Filter, found: Page, counted: Facets) -> int | None:
    """Draw a page of the list; returns the mention that is read, also one that a link named."""
    t = visit.t
    named = st.query_params.get(address.ITEM, "")
    linked = int(named) if named.isdecimal() else None
    if not found.rows:
        parts.empty(t("feed.no_match"), t("feed.no_match_then"))
        return linked
    ids = [row.id for row in found.rows]
    _above(visit, asked, counted)
    chosen = linked or ids[0]
    _step(visit, ids, chosen)
    now = visit.clock()
    shown = {row.id: row for row in found.rows}
    with st.container(height=HEIGHT, border=False, key="desk_list"):
        st.radio(
            t("desk.list"),
            ids,
            format_func=lambda key: _name(shown[key]),
            captions=[parts.label(_caption(visit, row, now)) for row in found.rows],
            label_visibility="collapsed",
            width="stretch",
            **address.item(ids, ids[0]),
        )
        if found.following is not None:
            st.button(t("feed.older"), key="desk_older", on_click=address.turn_to,
                      args=(str(found.following),))  # fmt: skip
    return chosen


def _name(row: Shown) -> str:
    """Return a row's title with its number: Streamlit tells options apart by their words."""
    return f"{parts.label(row.title[:80] or row.text[:60])} :small[\\#{row.id}]"


def _caption(visit: Visit, row: Shown, now: datetime) -> str:
    t, naming = visit.t, visit.naming
    when = figures.when(t, row.published_at, now) if row.published_at else t("desk.undated")
    charges = list(dict.fromkeys(naming.allegation(item.allegation) for item in row.evidence))
    severity = t("desk.severity", n=row.severity) if row.severity else ""
    facts = [naming.source(row.source), when, severity, t("list.comma").join(charges[:2])]
    return " · ".join(fact for fact in facts if fact)


def _step(visit: Visit, ids: Sequence[int], chosen: int) -> None:
    """Offer the row before and the next one, also on the keys k and j."""
    t = visit.t
    at = ids.index(chosen) if chosen in ids else -1
    before = ids[at - 1] if at > 0 else None
    after = ids[at + 1] if at + 1 < len(ids) else None
    with st.container(horizontal=True, gap="small"):
        for name, to, key in (("desk.before", before, "k"), ("desk.after", after, "j")):
            label = {"desk.before": t("desk.before"), "desk.after": t("desk.after")}[name]
            st.button(label, key=f"desk_{key}", shortcut=key, disabled=to is None,
                      on_click=address.read, args=(to or 0,), type="tertiary")  # fmt: skip


def _above(visit: Visit, asked: Filter, counted: Facets) -> None:
    t, stamp = visit.t, f"{visit.clock().astimezone(SHANGHAI):%Y%m%d-%H%M}"
    over = counted.total >= COUNT_LIMIT
    count = figures.total(t, counted.total, over=over, among=counted.among)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        parts.small(count)
        if over:
            parts.small(t("desk.counted_newest", n=figures.number(t, COUNT_LIMIT)))
        if address.PAGE in st.query_params:
            st.button(t("feed.newest"), key="desk_newest", on_click=address.turn_to,
                      args=(None,), type="tertiary")  # fmt: skip
        for kind, mime, make in (
            ("csv", "text/csv", _csv),
            ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx),
        ):
            st.download_button(
                kind.upper(),
                data=partial(make, visit, asked),
                file_name=f"tingfeng-{visit.lender}-{stamp}.{kind}",
                mime=mime,
                key=f"desk_{kind}",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
                help=t("desk.export_help"),
            )


def _csv(visit: Visit, asked: Filter) -> bytes:
    found = visit.ask(mentions.page, asked, None, export.LIMIT)
    more = found.following is not None
    return export.table(visit.naming, found.rows, more=more, note=_note(visit, asked))


def _xlsx(visit: Visit, asked: Filter) -> bytes:
    found = visit.ask(mentions.page, asked, None, export.LIMIT)
    more = found.following is not None
    return export.workbook(visit.naming, found.rows, more=more, note=_note(visit, asked))


def _note(visit: Visit, asked: Filter) -> str:
    """Return what a reader of the file must know: which filters, when, by whom, what it is not."""
    t = visit.t
    when = f"{visit.clock().astimezone(SHANGHAI):%Y-%m-%d %H:%M} +08:00"
    who = t.of("person", visit.viewer.name)
    head = t("export.filter", lender=visit.naming.lender(visit.lender), when=when, who=who)
    return "\n".join([head, desk_filters.described(visit, asked), t("export.caution")])


def _save(visit: Visit, name: str) -> None:
    with parts.guarded(visit):
        casework.save_search(reading.work(visit), name, desk_filters.written())


def _forget(visit: Visit, name: str) -> None:
    with parts.guarded(visit):
        casework.forget_search(reading.work(visit), name)


def _recall(one: SavedSearch) -> None:
    desk_filters.recall(parse_qsl(one.address))
