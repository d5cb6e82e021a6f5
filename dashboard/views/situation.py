"""态势: does it matter, why, and how long is left?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import streamlit as st

from dashboard import cards, charts, expected, figures, parts, trail
from dashboard.markup import said
from dashboard.queries import incidents, mentions, situation, sources
from dashboard.queries.filters import Filter
from dashboard.queries.incidents import Told
from dashboard.queries.situation import Hourly
from dashboard.queries.sources import Gap, Place
from dashboard.shared import Visit
from dashboard.views import around
from data.model import SHANGHAI, Level

DAYS = 7
"""Days of the trend."""
HEAT_DAYS = 10
_HOUR = timedelta(hours=1)


@parts.panel
def page(visit: Visit) -> None:
    """Draw the overview; for a wall, large, without controls, and again every half minute."""
    parts.title(visit.t("page.situation"))
    if st.query_params.get("wall") == "1":
        _wall(visit)
        return
    now = visit.clock().replace(second=0, microsecond=0)
    found = _look(visit, now)
    if found is None:
        return
    around.news(visit, now)
    left, right = st.columns([5, 3], gap="large")
    with left:
        _trend(visit, found.heard, now)
    with right:
        _open(visit, found.open_now, now)
    left, right = st.columns([5, 3], gap="large")
    with left:
        _heat(visit, now)
        around.regions(visit, now)
        around.mix(visit, _days(now, DAYS), found.heard.gaps)
        _sources(visit, found.places, now)
    with right:
        _latest(visit)
        around.words(visit, now)
        parts.go(visit, "situation", visit.t("situation.wall"), "wall", wall="1")


@st.fragment(run_every="30s")
def _wall(visit: Visit) -> None:
    """Draw what is read from across a room; the style sheet takes the controls away."""
    with parts.guarded(visit):
        now = visit.clock().replace(second=0, microsecond=0)
        parts.html('<span class="tf-wall"></span>')
        found = _look(visit, now)
        if found is None:
            return
        left, right = st.columns([5, 3], gap="large")
        with left:
            _trend(visit, found.heard, now, heights=(270, 190), labels=17)
        with right:
            _open(visit, found.open_now, now, most=3)
            _newest(visit, 3)
        parts.small(visit.t("situation.wall_at", when=figures.clock(visit.clock())))


@dataclass(frozen=True, slots=True)
class _Found:
    """What the panels share."""

    open_now: Sequence[Told]
    places: Sequence[Place]
    heard: _Heard


def _look(visit: Visit, now: datetime) -> _Found | None:
    """Ask what is open and what was counted, and draw the answer; None: there is nothing yet."""
    unfinished = visit.ask(incidents.unfinished, visit.lender)
    open_now = cards.by_urgency(visit.naming, unfinished, now)
    places = visit.ask(sources.places, visit.lender, now)
    counted = visit.ask(
        situation.hours,
        visit.lender,
        _hour(now) - timedelta(days=DAYS) - expected.HISTORY,
        _hour(now) + _HOUR,
    )
    if not counted and not places and not open_now:
        parts.empty(visit.t("situation.nothing"), visit.t("situation.nothing_then"))
        return None
    heard = _Heard(counted, *_outages(visit, places, now))
    _headline(visit, open_now, places, now)
    _comparison(visit, heard, now)
    return _Found(open_now, places, heard)


@dataclass(frozen=True, slots=True)
class _Heard:
    """What was counted hour by hour, and when somebody, or everybody, could not be heard."""

    counted: Sequence[Hourly]
    gaps: Sequence[Gap]
    silent: frozenset[datetime]  # hours in which no source at all could be read

    @property
    def first(self) -> datetime | None:
        """The first hour with a mention: since then an hour without one had none."""
        return self.counted[0].hour if self.counted else None


def _outages(
    visit: Visit, places: Sequence[Place], now: datetime
) -> tuple[Sequence[Gap], frozenset[datetime]]:
    """Return the gaps of the trend and of what is learnt from, and the hours nobody was heard."""
    span = expected.HISTORY + timedelta(days=DAYS)
    gaps = visit.ask(sources.gaps, _hour(now) - span, now)
    hours = [_hour(now) - n * _HOUR for n in range(span.days * 24)]
    return gaps, _silent(hours, gaps, places)


def _headline(
    visit: Visit, open_now: Sequence[Told], places: Sequence[Place], now: datetime
) -> None:
    """Say the level, the reason and the time left; or that there is nothing to do."""
    urgent = [told for told in open_now if told.level > Level.BLUE]
    if not urgent:
        _calm(visit, places, now)
        return
    t, worst = visit.t, urgent[0]
    due = cards.due(visit.naming, worst, now)
    many = t("situation.open", n=len(urgent))
    size = t("incident.size", n=figures.number(t, worst.mentions))
    where = t("incident.places", n=len(worst.sources))
    told = [size, where, t("incident.since", when=figures.since(t, worst.opened_at, now))]
    parts.headline(
        f"tf-{worst.level.name.lower()}",
        f'<div class="tf-line">{cards.badge(visit.naming, worst.level)}'
        f" {said('tf-small', many)} {cards.countdown(visit.naming, due)}</div>",
        said("tf-what", visit.naming.story(worst.key, worst.title, worst.mentions), "div"),
        said("tf-small", " · ".join(told), "div"),
    )
    parts.go(visit, "incidents", t("situation.handle"), "handle", id=str(worst.id))


def _calm(visit: Visit, places: Sequence[Place], now: datetime) -> None:
    t, naming = visit.t, visit.naming
    ill = [naming.source(place.source) for place in places if not place.well]
    newest = max((place.newest_at for place in places if place.newest_at), default=None)
    facts = [
        t("situation.sources_ill", names=t("list.comma").join(ill))
        if ill
        else t("situation.sources_well", n=len(places)),
        t("situation.newest", when=figures.ago(t, newest, now)) if newest else "",
    ]
    parts.headline(
        "tf-orange" if ill else "tf-calm",
        said("tf-what", t("situation.calm"), "div"),
        said("tf-small", " · ".join(fact for fact in facts if fact), "div"),
    )


def _comparison(visit: Visit, heard: _Heard, now: datetime) -> None:
    """Compare the last 24 hours with the 24 before, and say what was never heard before."""
    t, naming = visit.t, visit.naming
    today = visit.ask(situation.day, visit.lender, now)
    before = visit.ask(situation.day, visit.lender, now - timedelta(days=1))
    negative = {row.hour: row.negative for row in heard.counted}
    usual = expected.by_day(negative, _hour(now), heard.first, heard.silent)
    span = (
        t("situation.expected", low=f"{usual.low:.0f}", high=f"{usual.high:.0f}") if usual else ""
    )
    changes = [
        (t("situation.negative"), today.negative, today.negative - before.negative, span),
        (t("situation.total"), today.total, today.total - before.total, ""),
        (t("situation.severe"), today.severe, today.severe - before.severe, ""),
    ]
    places = visit.ask(situation.new_sources, visit.lender, _hour(now))
    charges = visit.ask(situation.new_allegations, visit.lender, _hour(now))
    news = [
        (t("situation.new_sources"), [naming.source(name) for name in places]),
        (t("situation.new_allegations"), [naming.allegation(name) for name in charges]),
    ]
    parts.html(cards.comparison(t, changes, news))


def _trend(
    visit: Visit, heard: _Heard, now: datetime, heights: tuple[int, int] = (190, 130),
    labels: int = 11,
) -> None:  # fmt: skip
    """Draw negative and all mentions by hour; the sizes are in pixels, larger on a wall."""
    t, naming = visit.t, visit.naming
    since = _hour(now) - timedelta(days=DAYS) + _HOUR
    hours = [since + n * _HOUR for n in range(DAYS * 24)]
    found = visit.ask(incidents.since, visit.lender, since)
    flags = [told for told in found if told.level > Level.BLUE]
    parts.heading(t("situation.trend"))
    for key, title, bad, height in (
        ("negative", t("situation.negative"), True, heights[0]),
        ("total", t("situation.total"), False, heights[1]),
    ):
        known = {row.hour: row.negative if bad else row.total for row in heard.counted}
        counts = {hour: None if hour in heard.silent else known.get(hour, 0) for hour in hours}
        usual = expected.by_hour(known, hours, heard.first, heard.silent)
        curve = charts.Curve(title, counts, usual, bad=bad)
        drawn = charts.trend(naming, curve, flags, heard.gaps, dark=visit.dark, height=height,
                             labels=labels)  # fmt: skip
        parts.html(said("tf-small", f"{title} · {t('situation.per_hour')}", "div"))
        parts.chart(drawn, t("situation.trend_alt", what=title, days=DAYS), f"trend_{key}")
    parts.html(said("tf-small", t("situation.legend"), "div"))


def _heat(visit: Visit, now: datetime) -> None:
    t = visit.t
    bounds = _days(now, HEAT_DAYS)
    cells = visit.ask(situation.heat, visit.lender, bounds)
    parts.heading(t("situation.heat"))
    if not cells:
        parts.empty(t("situation.no_allegations"), t("situation.no_allegations_then"))
        return
    drawn = charts.heat(visit.naming, cells, bounds[:-1], dark=visit.dark)
    parts.chart(drawn, t("situation.heat_alt", days=HEAT_DAYS), "heat")


def _days(now: datetime, n: int) -> tuple[datetime, ...]:
    """Return when the last ``n`` days of Shanghai began, and when today ends."""
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    return tuple(midnight + timedelta(days=back - n + 1) for back in range(n + 1))


def _open(visit: Visit, open_now: Sequence[Told], now: datetime, most: int = 4) -> None:
    t = visit.t
    parts.heading(t("situation.unfinished"))
    urgent = [told for told in open_now if told.level > Level.BLUE]
    for told in urgent[:most]:
        parts.incident(visit, told, now)
    if not urgent:
        parts.empty(t("incident.none"), t("incident.none_then"))
    if len(open_now) > len(urgent):
        daily = t("situation.daily", n=len(open_now) - len(urgent))
        parts.go(visit, "incidents", daily, "daily")


def _sources(visit: Visit, places: Sequence[Place], now: datetime) -> None:
    parts.heading(visit.t("situation.sources"))
    parts.html(trail.places(visit.naming, places, now))


@st.fragment(run_every="10s")
def _latest(visit: Visit) -> None:
    """Draw the newest mentions; this panel alone looks again every ten seconds."""
    with parts.guarded(visit):
        if _newest(visit, 6):
            parts.go(visit, "feed", visit.t("situation.all_mentions"), "all_mentions")


def _newest(visit: Visit, most: int) -> bool:
    """Draw the newest mentions; tells whether there are any."""
    now = visit.clock()
    found = visit.ask(mentions.page, Filter(visit.lender, dated="dated"), None, most)
    parts.heading(visit.t("situation.latest"))
    if not found.rows:
        parts.empty(visit.t("feed.empty"), visit.t("situation.quiet_then"))
        return False
    parts.html("".join(cards.mention(visit.naming, row, now, brief=True) for row in found.rows))
    return True


def _silent(
    hours: Sequence[datetime], gaps: Sequence[Gap], places: Sequence[Place]
) -> frozenset[datetime]:
    """Return the hours in which no source at all could be read: nobody knows their counts."""
    read = {place.source for place in places if place.runs}
    out = {
        hour: {
            g.source
            for g in gaps
            if g.since <= hour and (g.until is None or g.until > hour + _HOUR)
        }
        for hour in hours
    }
    return frozenset(hour for hour, down in out.items() if read and down >= read)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
