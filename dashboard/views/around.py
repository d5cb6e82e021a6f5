"""Panels around the situation: what is new since last time, where, in which words, from whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import streamlit as st

from dashboard import address, figures, parts, tallies
from dashboard.markup import plain, said
from dashboard.queries import rising, since, situation
from dashboard.queries.sources import Gap
from dashboard.shared import Visit, store
from data.model import SHANGHAI

REGION_DAYS = 30
WHOLE = "all"
NEAR = 5
"""Provinces whose cities are offered; the one that speaks most comes first."""


def news(visit: Visit, now: datetime) -> None:
    """Say what changed since this person looked last."""
    t = visit.t
    last = since.looked(store(visit.settings.database), visit.viewer.name, now)
    if last is None or last >= now:
        return
    found = visit.ask(since.news, visit.lender, last, now)
    when = figures.when(t, last, now)
    counts = [
        (t("since.opened", n=found.opened), found.opened),
        (t("since.rose", n=found.rose), found.rose),
        (t("since.closed", n=found.closed), found.closed),
        (t("since.ill", n=found.ill), found.ill),
    ]
    told = [words for words, n in counts if n] or [t("since.nothing")]
    parts.html(said("tf-small", t("since.last", when=when, what=" · ".join(told)), "div"))


def regions(visit: Visit, now: datetime) -> None:
    """Draw where mentions play: the provinces as tiles, or one's cities."""
    t = visit.t
    today = now.astimezone(SHANGHAI).date()
    span = (today - timedelta(days=REGION_DAYS - 1), today)
    found = visit.ask(situation.regions, visit.lender, *span)
    parts.heading(t("situation.regions"))
    if not found:
        parts.empty(t("situation.no_regions"), t("situation.no_regions_then"))
        return
    options = [WHOLE, *(place.name for place in found[:NEAR])]
    if "广东" not in options and any(place.name == "广东" for place in found):
        options.append("广东")
    chosen = st.segmented_control(
        t("situation.regions"),
        options,
        required=True,
        format_func=lambda one: t("situation.whole") if one == WHOLE else visit.naming.place(one),
        label_visibility="collapsed",
        **address.one("place", options, WHOLE),
    )
    if chosen in {None, WHOLE}:
        counts = {place.name: place.negative for place in found}
        drawn = tallies.provinces(visit.naming, counts, dark=visit.dark)
    else:
        cities = visit.ask(situation.regions, visit.lender, *span, province=chosen)
        counts = {one.name or t("situation.elsewhere"): one.negative for one in cities}
        drawn = tallies.cities(visit.naming, counts, dark=visit.dark)
    words = t("situation.regions_alt", days=REGION_DAYS, n=len(counts))
    parts.chart(drawn, words, "regions")
    parts.small(t("situation.regions_note", days=REGION_DAYS))


def words(visit: Visit, now: datetime) -> None:
    """Draw the words that rose in bad news, each a search."""
    t, naming = visit.t, visit.naming
    names = tuple(name for fact in naming.lenders.values() for name in fact.names)
    half_hour = now.replace(minute=now.minute // 30 * 30)
    found = rise(visit, half_hour, names)
    parts.heading(t("situation.rising"))
    if not found:
        parts.empty(t("situation.no_rising"), t("situation.no_rising_then"))
        return
    with st.container(horizontal=True, gap="small"):
        for number, one in enumerate(found):
            ratio = f"{one.now / one.usual:.0f}" if one.usual else ""
            times = t("rising.times", n=ratio) if ratio else t("rising.new")
            label = f"{one.word} {one.n} · {times}"
            parts.go(visit, "feed", parts.label(label), f"rising_{number}", q=f'"{one.word}"')
    parts.small(t("situation.rising_note"))


def rise(visit: Visit, now: datetime, names: Sequence[str]) -> tuple[rising.Rising, ...]:
    """Return the rising words as of a half hour; they do not change with each new mention."""
    return _rise(visit.settings.database, visit.lender, now, tuple(names))


@st.cache_data(max_entries=32, ttl=1800, show_spinner=False)
def _rise(
    url: str, lender: str, now: datetime, names: tuple[str, ...]
) -> tuple[rising.Rising, ...]:
    with store(url).read() as conn:
        return rising.rising(conn, lender, now, names)


def mix(visit: Visit, bounds: Sequence[datetime], gaps: Sequence[Gap]) -> None:
    """Draw which source said how much on which day."""
    t = visit.t
    spoken = visit.ask(situation.mix, visit.lender, tuple(bounds))
    inside = [gap for gap in gaps if gap.until is None or gap.until > bounds[0]]
    if not spoken and not inside:
        return
    parts.heading(t("situation.mix"))
    drawn = tallies.mix(visit.naming, spoken, inside, bounds, dark=visit.dark)
    parts.chart(drawn, t("situation.mix_alt", days=len(bounds) - 1), "mix")
    parts.html(f'<div class="tf-small">{plain(t("situation.mix_note"))}</div>')
