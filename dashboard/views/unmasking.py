"""Behind the masks of a complaint: for compliance, with a reason, and never unnoticed."""

from __future__ import annotations

import streamlit as st

from dashboard import casework, dossier, parts
from dashboard.casework import Unmasked, Work
from dashboard.queries.desk import Reading
from dashboard.shared import Visit, store
from dashboard.viewer import Right
from data.model import Capture
from data.store import unmaskings

KEPT = "unmasked"
WHY = 500
"""Characters of a reason."""


def draw(visit: Visit, found: Reading) -> None:
    """Offer to look behind the masks, show what is there, and who has looked."""
    t, m = visit.t, found.mention
    if not visit.viewer.may(Right.CASE):
        return
    page = next((page for page in found.captures if page.file), None)
    if page is not None and "*" in m.title + m.text:
        with st.popover(t("desk.unmask"), icon=":material/visibility:"):
            parts.small(t("desk.unmask_note"))
            why = st.text_area(t("desk.unmask_why"), key="unmask_why", max_chars=WHY)
            st.button(t("desk.unmask"), key="unmask", disabled=not why.strip(), on_click=_look,
                      args=(visit, found, page, why))  # fmt: skip
    shown = st.session_state.get(KEPT)
    if isinstance(shown, Unmasked) and shown.mention_id == m.id:
        parts.html(dossier.unmasked(visit.naming, shown))
    with store(visit.settings.database).read() as conn:
        looks = unmaskings.of(conn, m.id)
    if looks:
        parts.html(dossier.looks(visit.naming, looks, visit.clock()))


def _look(visit: Visit, found: Reading, page: Capture, why: str) -> None:
    work = Work(store(visit.settings.database), visit.viewer, visit.lender, visit.clock())
    st.session_state.pop(KEPT, None)
    with parts.guarded(visit):
        folder = visit.settings.var / "captures"
        st.session_state[KEPT] = casework.unmask(work, found.mention, page, folder, why)
    st.session_state.pop("unmask_why", None)
