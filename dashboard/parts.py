"""What pages are put together from; the only place that hands markup to the browser.

Everything passed to ``html`` here comes from ``cards`` and ``markup``, where each piece that other
people wrote is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import streamlit as st

from dashboard import cards
from dashboard.markup import plain, said, spelt
from dashboard.queries.incidents import Told
from dashboard.shared import Visit
from dashboard.vega import Spec
from data.errors import TingfengError

P = ParamSpec("P")
_MARKDOWN = re.compile(r"[\\`*_{}\[\]()#+\-.!|<>~$:^]")
_STYLE = Path(__file__).with_name("style.css")


def style() -> None:
    """Put the style sheet on the page."""
    st.html(_STYLE)


def html(markup: str) -> None:
    """Draw markup made by ``cards`` or ``markup``."""
    st.html(markup)


def label(words: str) -> str:
    """Return words for a widget's label, where Streamlit would read Markdown."""
    return _MARKDOWN.sub(r"\\\g<0>", spelt(" ".join(words.split())))[:200] or "–"


def heading(words: str) -> None:
    """Draw a panel's heading."""
    html(f'<div class="tf-h" role="heading" aria-level="2">{plain(words)}</div>')


def small(words: str) -> None:
    """Draw a line in small, faint type."""
    html(said("tf-small", words, "div"))


def headline(css: str, *lines: str) -> None:
    """Draw the answer at the top of a page, behind a bar in its colour; lines are markup."""
    html(f'<div class="tf-headline {css}"><div class="tf-body">{"".join(lines)}</div></div>')


def title(words: str) -> None:
    """Give the page its name for those who hear it; the eye finds it in the navigation."""
    html(f'<h1 class="tf-title-h1">{plain(words)}</h1>')


def empty(title: str, then: str) -> None:
    """Say that there is nothing, and what to do next."""
    html(f'<div class="tf-state"><strong>{plain(title)}</strong>{plain(then)}</div>')


def note(words: str) -> None:
    """Draw a sentence that the reader should know before the rest."""
    html(said("tf-state", words, "div"))


def alert(words: str) -> None:
    """Say at once, also to those who only hear, what is to be mended."""
    html(f'<div class="tf-small tf-late" role="alert">{plain(words)}</div>')


def problem(visit: Visit, error: TingfengError) -> None:
    """Say what is wrong in the error's own sentence."""
    words = f"<strong>{plain(visit.t('error.title'))}</strong>{plain(str(error))}"
    html(f'<div class="tf-state" role="alert">{words}</div>')


@contextmanager
def guarded(visit: Visit) -> Iterator[None]:
    """Turn an error that is ours to explain into a sentence on the page; bugs pass through."""
    try:
        yield
    except TingfengError as error:
        problem(visit, error)


def panel(draw: Callable[P, None]) -> Callable[P, None]:
    """Let a page or panel, whose first argument is the visit, fail with a sentence of its own."""

    @wraps(draw)
    def drawn(*args: P.args, **named: P.kwargs) -> None:
        visit = args[0]
        assert isinstance(visit, Visit)
        with guarded(visit):
            draw(*args, **named)

    return drawn


def table(
    columns: Mapping[str, str], rows: Sequence[Mapping[str, str]], whole: Sequence[str] = ()
) -> None:
    """Draw a small table whose words go on below; on a phone each line is a list of its own.

    The columns in ``whole`` keep each cell on one line where the screen is wide.
    """
    kept = {name: ' class="tf-whole"' if name in whole else "" for name in columns}
    head = "".join(f'<th scope="col">{plain(title)}</th>' for title in columns.values())
    body = "".join(
        "<tr>"
        + "".join(f'<td{kept[name]} data-label="{plain(columns[name])}">{plain(row[name])}</td>'
                  for name in columns)
        + "</tr>"
        for row in rows
    )  # fmt: skip
    html(f'<table class="tf-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')


def chart(drawn: Spec, words: str, key: str) -> None:
    """Draw a chart in its own colours, with words for those who cannot see it."""
    st.vega_lite_chart(drawn, width="stretch", theme=None, alt=words, key=key)


def incident(visit: Visit, told: Told, now: datetime) -> None:
    """Draw an incident as a card that leads to its page."""
    with st.container(border=True, gap="small"):
        html(cards.incident(visit.naming, told, now))
        go(visit, "incidents", visit.t("incident.look"), f"look_{told.id}", id=str(told.id))


def go(visit: Visit, page: str, label: str, key: str, *, back: bool = False, **params: str) -> None:
    """Draw a link to another page that keeps the visitor's session, language and lender."""
    target = visit.pages.get(page)
    if target is None:
        return
    kept = {"lang": visit.t.language, "lender": visit.lender, **params}
    with st.container(key=key):
        st.page_link(
            target,
            label=label,
            query_params=kept,
            icon=":material/arrow_back:" if back else ":material/arrow_forward:",
            icon_position="left" if back else "right",
        )
