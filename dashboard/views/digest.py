"""周报: the week on one page, each number one click from what was counted; and the archive."""

from __future__ import annotations

import streamlit as st

from dashboard import address, figures, parts, report
from dashboard.queries import digests
from dashboard.shared import Visit
from data.store.digests import Entry

NARROW = 280
"""Pixels of a choice that says little."""


@parts.panel
def page(visit: Visit) -> None:
    """Draw the digest that the address names, or the newest; above it the archive."""
    t = visit.t
    parts.title(t("page.digest"))
    made = visit.ask(digests.archive, visit.lender)
    if not made:
        parts.empty(t("digest.none"), t("digest.none_then"))
        return
    chosen = _choice(visit, made)
    found = visit.ask(digests.one, visit.lender, chosen.period, chosen.revision, t.language)
    if found is not None:
        parts.html(report.page(found.page, found.chart))


def _choice(visit: Visit, made: tuple[Entry, ...]) -> Entry:
    """Let the visitor choose a period and, where it was revised, a revision."""
    t, now = visit.t, visit.clock()
    periods = list(dict.fromkeys(entry.period for entry in made))
    with st.container(horizontal=True, gap="small"):
        period = st.selectbox(
            t("digest.period"),
            periods,
            width=NARROW,
            **address.one("period", periods, periods[0]),
        )
        revisions = {entry.revision: entry for entry in made if entry.period == period}
        newest = max(revisions)
        if len(revisions) == 1:
            return revisions[newest]
        revision = st.selectbox(
            t("digest.revision"),
            list(revisions),
            width=NARROW,
            format_func=lambda n: t(
                "digest.revised", n=n, when=figures.when(t, revisions[n].made_at, now)
            ),
            **address.one("revision", list(revisions), newest),
        )
    return revisions[revision]
