"""舆情: who said what, with the words that show it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import cast, get_args

import streamlit as st

from dashboard import address, cards, export, figures, parts
from dashboard.markup import said
from dashboard.queries import mentions, situation
from dashboard.queries.filters import Dated, Filter
from dashboard.queries.mentions import COUNT_LIMIT, Cursor, Page, Tally
from dashboard.shared import Visit
from dashboard.words import Words
from data.model import SHANGHAI, Sentiment, SourceKind

SIZE = 50
_NARROWED = ("province", "city", "product")
"""What only a link asks for; shown where it does, to be taken away."""
_MORE = ("source", "dated", "allegation", "severity", "from", "to", *_NARROWED)


@parts.panel
def page(visit: Visit) -> None:
    """Draw the filters, then one page of what they leave."""
    parts.title(visit.t("page.feed"))
    asked = _filters(visit)
    after = Cursor.parse(st.query_params.get(address.PAGE, ""))
    counted = visit.ask(mentions.tally, asked)
    found = visit.ask(mentions.page, asked, after, SIZE, counted.whole)
    if not found.rows:
        _nothing(visit, asked)
        return
    _above(visit, asked, after, counted)
    now = visit.clock()
    parts.html("".join(cards.mention(visit.naming, row, now) for row in found.rows))
    _turn(visit, found)


def _filters(visit: Visit) -> Filter:
    """Read the filters; each stands in the address, so a link shows the same list."""
    t, naming = visit.t, visit.naming
    words = st.text_input(
        t("feed.search"),
        placeholder=t("feed.search_hint"),
        label_visibility="collapsed",
        icon=":material/search:",
        max_chars=200,
        **address.words("q"),
    )
    with st.container(horizontal=True, gap="small"):
        sentiments = _pills(t("feed.sentiment"), "sentiment", list(Sentiment), t)
        kinds = _pills(t("feed.kind"), "kind", list(SourceKind), t)
    places = visit.ask(mentions.sources, visit.lender)
    charges = visit.ask(situation.allegations, visit.lender)
    used = any(name in st.query_params for name in _MORE)
    with st.expander(t("feed.more_filters"), expanded=used, icon=":material/tune:"):
        left, middle, right = st.columns(3)
        provinces = _narrowed(visit, "province", t("feed.province"))
        cities = _narrowed(visit, "city", t("feed.city"))
        products = _narrowed(visit, "product", t("feed.product"))
        with left:
            sources = _many(t("feed.source"), "source", places, naming.source)
            dated = _dated(t)
        with middle:
            alleged = _many(t("feed.allegation"), "allegation", charges, naming.allegation)
            severity = _severity(t)
        with right:
            first = _day(visit, t("feed.first_day"), "from")
            last = _day(visit, t("feed.last_day"), "to")
    return Filter(
        lender=visit.lender,
        words=words or "",
        sources=tuple(sources),
        kinds=tuple(SourceKind(kind) for kind in kinds),
        sentiments=tuple(Sentiment(sentiment) for sentiment in sentiments),
        allegations=tuple(alleged),
        provinces=provinces,
        cities=cities,
        products=products,
        severity=severity,
        dated=dated,
        first_day=first,
        last_day=last,
    )


def _narrowed(visit: Visit, name: str, label: str) -> tuple[str, ...]:
    asked = address.asked(name)
    if not asked:
        return ()
    called = visit.naming.lender if name == "product" else visit.naming.place
    return tuple(_many(label, name, asked, called))


def _above(visit: Visit, asked: Filter, after: Cursor | None, found: Tally) -> None:
    """Say how many there are, and offer them as a file."""
    t = visit.t
    over = found.n > COUNT_LIMIT
    total = figures.total(t, min(found.n, COUNT_LIMIT), over=over, among=found.among)
    with st.container(horizontal=True, vertical_alignment="center"):
        parts.html(said("tf-small", total))
        if after is not None:
            st.button(t("feed.newest"), key="feed_newest", on_click=address.turn_to, args=(None,),
                      type="tertiary")  # fmt: skip
        st.download_button(
            t("feed.export"),
            data=lambda: _csv(visit, asked),
            file_name=f"tingfeng-{visit.lender}-{visit.clock().astimezone(SHANGHAI):%Y%m%d-%H%M}.csv",
            mime="text/csv",
            key="feed_export",
            on_click="ignore",
            type="tertiary",
            icon=":material/download:",
        )


def _turn(visit: Visit, found: Page) -> None:
    """Offer the next page; the browser's back button returns."""
    if found.following is not None:
        st.button(
            visit.t("feed.older"),
            key="feed_older",
            on_click=address.turn_to,
            args=(str(found.following),),
        )


def _nothing(visit: Visit, asked: Filter) -> None:
    t = visit.t
    if asked == Filter(visit.lender):
        parts.empty(t("feed.empty"), t("feed.empty_then"))
    else:
        parts.empty(t("feed.no_match"), t("feed.no_match_then"))


def _csv(visit: Visit, asked: Filter) -> bytes:
    found = visit.ask(mentions.page, asked, None, export.LIMIT)
    return export.table(visit.naming, found.rows, more=found.following is not None)


def _pills(label: str, group: str, options: Sequence[str], t: Words) -> list[str]:
    slugs = [str(option) for option in options]
    return st.pills(
        label,
        slugs,
        selection_mode="multi",
        format_func=lambda one: t.of("sentiment" if group == "sentiment" else "kind", one),
        label_visibility="collapsed",
        **address.many(group, slugs),
    )


def _many(label: str, name: str, options: Sequence[str], called: Callable[[str], str]) -> list[str]:
    follow = address.many(name, options)
    return st.multiselect(label, list(options), format_func=called, placeholder="", **follow)


def _dated(t: Words) -> Dated:
    options = get_args(Dated)
    chosen = st.segmented_control(
        t("feed.dated"),
        options,
        required=True,
        format_func=lambda one: t.of("dated", one),
        **address.one("dated", options, "all"),
    )
    return cast("Dated", chosen)


def _severity(t: Words) -> int:
    options = range(6)
    least: int = st.selectbox(
        t("feed.severity"),
        options,
        format_func=lambda n: t("feed.severity_from", n=n) if n else t("feed.any"),
        **address.one("severity", options, 0),
    )
    return least


def _day(visit: Visit, label: str, name: str) -> date | None:
    today = visit.clock().astimezone(SHANGHAI).date()
    chosen: date | None = st.date_input(
        label,
        min_value=date(2000, 1, 1),
        max_value=today + timedelta(days=1),
        format="YYYY-MM-DD",
        **address.day(name),
    )
    return chosen
