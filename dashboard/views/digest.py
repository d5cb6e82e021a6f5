"""周报: the week on one page, each number one click from what was counted; and the archive."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard import address, figures, parts, report
from dashboard.queries import digests
from dashboard.queries.digests import Shown
from dashboard.shared import Visit
from data import digest_files
from data.store.digests import Entry

MIME = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
    "md": "text/markdown",
    "txt": "text/plain",
}

NARROW = 320
"""Pixels of a choice that says little."""


@parts.panel
def page(visit: Visit) -> None:
    """Draw the digest that the address names, or the newest; above it the archive."""
    t = visit.t
    parts.title(t("page.digest"))
    subjects = tuple((fact.slug, fact.subject) for fact in visit.naming.lenders.values())
    scopes = visit.ask(digests.scopes, subjects, visit.lender)
    if not scopes:
        parts.empty(t("digest.none"), t("digest.none_then"))
        return
    with st.container(horizontal=True, gap="small"):
        scope = _scope(visit, scopes)
        chosen = _choice(visit, visit.ask(digests.archive, scope))
    found = visit.ask(digests.one, scope, chosen.period, chosen.revision, t.language)
    if found is None:
        return
    _downloads(visit, scope, chosen)
    _list(visit, found)
    parts.html(report.page(found.page, found.chart))


def _scope(visit: Visit, scopes: tuple[str, ...]) -> str:
    """Let the visitor choose whom the page is about, where there are several."""
    if len(scopes) == 1:
        return scopes[0]
    chosen: str = st.selectbox(
        visit.t("digest.scope"),
        scopes,
        width=NARROW,
        format_func=lambda one: _called(visit, one),
        **address.one("scope", scopes, scopes[0]),
    )
    return chosen


def _called(visit: Visit, scope: str) -> str:
    head, _, province = scope.partition("@")
    names = visit.t("list.comma").join(visit.naming.lender(slug) for slug in head.split("+"))
    return f"{names} · {visit.naming.place(province)}" if province else names


def _choice(visit: Visit, made: tuple[Entry, ...]) -> Entry:
    """Let the visitor choose a period and, where it was revised, a revision."""
    t, now = visit.t, visit.clock()
    periods = list(dict.fromkeys(entry.period for entry in made))
    period = st.selectbox(
        t("digest.period"), periods, width=NARROW, **address.one("period", periods, periods[0])
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


def _downloads(visit: Visit, scope: str, chosen: Entry) -> None:
    """Offer the files that were made of this revision."""
    var, language = visit.settings.var, visit.t.language
    with st.container(horizontal=True, gap="small", key="digest_files"):
        for form in digest_files.FORMS:
            file = digest_files.file(var, scope, chosen.period, chosen.revision, language, form)
            if file.exists():
                st.download_button(
                    form.upper(),
                    data=file.read_bytes,
                    file_name=file.name,
                    mime=MIME[form],
                    key=f"digest_{form}",
                    on_click="ignore",
                    icon=":material/download:",
                )


def _list(visit: Visit, found: Shown) -> None:
    """Show the mentions behind a number that no other page can list: the sector's notices."""
    asked: dict[str, Any] = found.proofs.get(st.query_params.get("proof", ""), {})
    if not asked.get("ids"):
        return
    rows = visit.ask(digests.listed, tuple(asked["ids"]))
    parts.html(report.listed(visit.naming, rows, asked["n"]))
