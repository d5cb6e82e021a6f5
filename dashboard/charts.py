"""Rows into charts, as plain Vega-Lite specifications; no Streamlit here.

They are written out, not built with Altair: building one took 250 ms, most of it checking the
specification, which a test does once for all (``altair.Chart.from_dict``).
Colours come in a light and a dark set, and no meaning rests on colour alone: levels carry their
sign, heat its number, gaps their bar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dashboard import figures, vega
from dashboard.expected import Usual
from dashboard.naming import Naming
from dashboard.palette import Palette, palette
from dashboard.queries.incidents import Spread, Told
from dashboard.queries.situation import Heat
from dashboard.queries.sources import Gap
from dashboard.words import Words
from data.model import SHANGHAI, Sentiment

STRONG = 0.4
"""From this share of the highest count on, a heat cell is dark enough to need light words."""


@dataclass(frozen=True, slots=True)
class Curve:
    """What a trend draws: a count by hour (None: nobody listened) and the usual of each hour."""

    title: str
    counts: Mapping[datetime, int | None]
    usual: Mapping[datetime, Usual]
    bad: bool = False


def trend(
    naming: Naming,
    curve: Curve,
    flags: Sequence[Told],
    gaps: Sequence[Gap],
    *,
    dark: bool,
    height: int = 190,
    labels: int = 11,
) -> vega.Spec:
    """Draw a count by hour over its usual range, incidents as flags, silent sources as shade.

    The last hour of ``counts`` is still running: it is a hollow point, not a part of the line.
    """
    colours, t = palette(dark=dark), naming.t
    hours = sorted(curve.counts)
    start, end = hours[0], hours[-1] + timedelta(hours=1)
    axis = vega.days_axis(t, start, end)
    x = vega.number("at") | {"title": None, "axis": axis, "scale": vega.span(start, end)}
    rows = [_point(t, hour, curve) for hour in hours]
    top = max([*(row["n"] or 0 for row in rows), *(u.high for u in curve.usual.values()), 4])
    y = vega.number("n") | {
        "title": None,
        "scale": {"domain": [0, top * 1.2], "nice": False},
        "axis": {"tickCount": 4, "format": "d", "tickMinStep": 1},
    }
    colour = colours.bad if curve.bad else colours.line
    tips = vega.tips(when=t("chart.hour"), n=curve.title, usual=t("chart.usual"))
    layers = [
        *_shade(naming, gaps, start, end, colours),
        vega.layer(
            {"type": "area", "color": colours.band, "opacity": 0.32},
            x=x,
            y=vega.number("low"),
            y2={"field": "high"},
        ),
        vega.layer(
            {"type": "line", "color": colours.band, "strokeWidth": 1, "strokeDash": [3, 3]},
            x=x,
            y=vega.number("middle"),
        ),
        vega.layer({"type": "line", "color": colour, "strokeWidth": 1.8}, rows[:-1], x=x, y=y),
        vega.layer(
            {"type": "point", "size": 90, "opacity": 0}, x=x, y=vega.number("n"), tooltip=tips
        ),
        vega.layer(
            {"type": "point", "color": colour, "size": 34, "strokeWidth": 1.5},
            rows[-1:],
            x=x,
            y=vega.number("n"),
            tooltip=tips,
        ),
        *_flags(naming, flags, start, colours),
    ]
    return vega.dressed(layers, rows, height, colours, labels=labels)


def heat(
    naming: Naming, cells: Sequence[Heat], days: Sequence[datetime], *, dark: bool
) -> vega.Spec:
    """Draw how often each allegation was made on each of ``days``; each cell says its number."""
    colours, t = palette(dark=dark), naming.t
    names = list(dict.fromkeys(naming.allegation(cell.allegation) for cell in cells))
    labels = [figures.short_day(t, day.astimezone(SHANGHAI)) for day in days]
    most = max((cell.n for cell in cells), default=1)
    rows = [
        {
            "allegation": naming.allegation(cell.allegation),
            "day": labels[cell.day],
            "n": cell.n,
            "strong": cell.n > most * STRONG,
        }
        for cell in cells
        if 0 <= cell.day < len(labels)
    ]
    bare = {"ticks": False, "domain": False}
    x = vega.name("day", labels) | {"axis": bare | vega.DAYS_ABOVE}
    y = vega.name("allegation", names) | {"axis": bare | vega.folded(names)}
    tips = vega.tips(allegation=t("chart.alleged"), day=t("chart.day"), n=t("chart.mentions"))
    scale = {"type": "sqrt", "domain": [0, most], "range": list(colours.heat), "interpolate": "rgb"}
    tone = vega.number("n") | {"legend": None, "scale": scale}
    ink = {"condition": {"test": "datum.strong", "value": colours.on_strong}, "value": colours.text}
    squares = {"type": "rect", "cornerRadius": 2, "stroke": colours.ground, "strokeWidth": 2}
    layers = [
        vega.layer(squares, x=x, y=y, color=tone, tooltip=tips),
        vega.layer(
            {"type": "text", "fontSize": 11},
            x=x,
            y=y,
            text=vega.number("n"),
            color=ink,
            tooltip=tips,
        ),
    ]
    return vega.dressed(layers, rows, 26 * len(names) + 32, colours)


def spread(
    naming: Naming, points: Sequence[Spread], gaps: Sequence[Gap] = (), *, dark: bool
) -> vega.Spec:
    """Draw each mention of an incident as a point in its source's lane; the first one is named.

    While a source could not be read its lane is shaded: no point there is no silence.
    """
    colours, t = palette(dark=dark), naming.t
    rows = [
        {
            "at": vega.wall(point.published_at),
            "when": f"{figures.day(t, point.published_at)} {figures.clock(point.published_at)}",
            "source": naming.source(point.source),
            "title": point.title[:60],
            "negative": point.sentiment == Sentiment.NEGATIVE,
        }
        for point in points
    ]
    lanes = list(dict.fromkeys(naming.source(point.source) for point in points))
    start, end = points[0].published_at, points[-1].published_at + timedelta(minutes=30)
    scale = vega.span(start - timedelta(minutes=30), end)
    x = vega.number("at") | {"title": None, "axis": vega.time_axis(t, start, end), "scale": scale}
    y = vega.name("source", lanes) | {
        "axis": {"ticks": False, "domain": False, "grid": True} | vega.folded(lanes)
    }
    tips = vega.tips(when=t("chart.time"), source=t("chart.source"), title=t("chart.title"))
    tone = {"condition": {"test": "datum.negative", "value": colours.bad}, "value": colours.band}
    ring = {"type": "point", "size": 190, "color": colours.text, "strokeWidth": 1.5}
    label = {"type": "text", "align": "left", "dx": 12, "dy": -13, "fontSize": 11}
    first = label | {"color": colours.text, "text": t("chart.first")}
    unread = [gap for gap in _inside(naming, gaps, start, end) if gap["source"] in lanes]
    block = {"type": "bar", "color": colours.band, "opacity": 0.35, "height": {"band": 0.7}}
    why = vega.tips(source=t("chart.source"), why=t("chart.outage"))
    layers = [
        *([vega.layer(block, unread, x=x, x2={"field": "to"}, y=y, tooltip=why)] if unread else []),
        vega.layer(
            {"type": "circle", "size": 70, "opacity": 0.55}, x=x, y=y, color=tone, tooltip=tips
        ),
        vega.layer(ring, rows[:1], x=x, y=y),
        vega.layer(first, rows[:1], x=x, y=y),
    ]
    return vega.dressed(layers, rows, 44 * len(lanes) + 46, colours, above=18)


def _point(t: Words, hour: datetime, curve: Curve) -> dict[str, Any]:
    usual = curve.usual.get(hour)
    local = hour.astimezone(SHANGHAI)
    return {
        "at": vega.wall(hour),
        "when": f"{figures.day(t, hour)} {local:%H:00}–{local + timedelta(hours=1):%H:00}",
        "n": curve.counts[hour],
        "low": usual.low if usual else None,
        "middle": usual.middle if usual else None,
        "high": usual.high if usual else None,
        "usual": f"{usual.low:.0f}–{usual.high:.0f}" if usual else "–",
    }


def _inside(
    naming: Naming, gaps: Sequence[Gap], start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """Return the gaps that touch a stretch of time as rows, cut to it."""
    return [
        {
            "at": vega.wall(max(gap.since, start)),
            "to": vega.wall(min(gap.until or end, end)),
            "source": naming.source(gap.source),
            "why": naming.t.of("condition", gap.condition),
        }
        for gap in gaps
        if (gap.until is None or gap.until > start) and gap.since < end
    ]


def _shade(
    naming: Naming, gaps: Sequence[Gap], start: datetime, end: datetime, colours: Palette
) -> list[vega.Spec]:
    """Return when a source could not be read: a pale block with a bar at its foot."""
    t = naming.t
    rows = _inside(naming, gaps, start, end)
    if not rows:
        return []
    tips = vega.tips(source=t("chart.source"), why=t("chart.outage"))
    across: vega.Spec = {"x": vega.number("at"), "x2": {"field": "to"}, "tooltip": tips}
    block = {"type": "rect", "color": colours.band, "opacity": 0.1}
    bar = {"type": "rule", "color": colours.faint, "strokeWidth": 4, "strokeDash": [2, 2]}
    return [
        vega.layer(block, rows, **across),
        vega.layer(bar, rows, **across, y={"value": "height"}),
    ]


def _flags(
    naming: Naming, flags: Sequence[Told], start: datetime, colours: Palette
) -> list[vega.Spec]:
    """Return the incidents as a sign above a thin rule, in the level's colour."""
    t = naming.t
    rows = [
        {
            "at": vega.wall(flag.opened_at),
            "sign": naming.icon(flag.level),
            "level": naming.level(flag.level),
            "title": naming.story(flag.key, flag.title, flag.mentions),
            "when": f"{figures.day(t, flag.opened_at)} {figures.clock(flag.opened_at)}",
            "colour": colours.levels[flag.level],
        }
        for flag in flags
        if flag.opened_at >= start
    ]
    if not rows:
        return []
    tips = vega.tips(level=t("chart.level"), title=t("chart.incident"), when=t("chart.opened"))
    at = {"x": vega.number("at"), "color": {"field": "colour", "type": "nominal", "scale": None,
                                        "legend": None}}  # fmt: skip
    rule = {"type": "rule", "strokeWidth": 1, "opacity": 0.5}
    sign = {"type": "text", "fontSize": 13, "baseline": "top", "dy": 1}
    text = {"field": "sign", "type": "nominal"}
    return [
        vega.layer(rule, rows, **at),
        vega.layer(sign, rows, **at, y={"value": 0}, text=text, tooltip=tips),
    ]
