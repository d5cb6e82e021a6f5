"""Rows into Altair charts. No Streamlit here; every chart is a plain specification.

Vega knows only the browser's zone and UTC, so times are given as Shanghai's wall clock in
milliseconds on a plain axis whose labels read them as UTC: the same picture everywhere.
Colours come in a light and a dark set, and no meaning rests on colour alone: levels carry their
sign, heat its number, gaps their bar.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import altair as alt

from dashboard import figures
from dashboard.expected import Usual
from dashboard.naming import Naming
from dashboard.palette import Palette, palette
from dashboard.queries.incidents import Spread, Told
from dashboard.queries.situation import Heat
from dashboard.queries.sources import Gap
from dashboard.words import Words
from data.model import SHANGHAI, Sentiment

FONT = (
    "'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', "
    "sans-serif"
)


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
) -> alt.LayerChart:
    """Draw a count by hour over its usual range, incidents as flags, silent sources as shade.

    The last hour of ``counts`` is still running: it is a hollow point, not a part of the line.
    """
    colours, t = palette(dark=dark), naming.t
    hours = sorted(curve.counts)
    start, end = hours[0], hours[-1] + timedelta(hours=1)
    x = alt.X("at:Q", title=None, scale=_days_scale(start, end), axis=_days_axis(t, start, end))
    rows = [_point(t, hour, curve) for hour in hours]
    top = max([*(row["n"] or 0 for row in rows), *(u.high for u in curve.usual.values()), 4])
    y = alt.Y(
        "n:Q",
        title=None,
        scale=alt.Scale(domain=[0, top * 1.2], nice=False),
        axis=alt.Axis(tickCount=4, format="d", tickMinStep=1),
    )
    colour = colours.bad if curve.bad else colours.line
    tips = [alt.Tooltip("when:N", title=t("chart.hour")), alt.Tooltip("n:Q", title=curve.title)]
    if curve.usual:
        tips.append(alt.Tooltip("usual:N", title=t("chart.usual")))
    layers = [
        *_shade(naming, gaps, start, end, colours),
        _base(rows).mark_area(color=colours.band, opacity=0.32).encode(x=x, y="low:Q", y2="high:Q"),
        _base(rows).mark_line(color=colours.band, strokeWidth=1, strokeDash=[3, 3]).encode(
            x=x, y="middle:Q"
        ),
        _base(rows[:-1]).mark_line(color=colour, strokeWidth=1.8).encode(x=x, y=y),
        _base(rows).mark_point(size=90, opacity=0).encode(x=x, y="n:Q", tooltip=tips),
        _base(rows[-1:]).mark_point(color=colour, size=34, strokeWidth=1.5).encode(
            x=x, y="n:Q", tooltip=tips
        ),
        *_flags(naming, flags, start, colours),
    ]  # fmt: skip
    return _dressed(alt.layer(*layers).properties(height=height, width="container"), colours)


def heat(
    naming: Naming, cells: Sequence[Heat], days: Sequence[datetime], *, dark: bool
) -> alt.LayerChart:
    """Draw how often each allegation was made on each of ``days``; each cell says its number."""
    colours, t = palette(dark=dark), naming.t
    names = list(dict.fromkeys(naming.allegation(cell.allegation) for cell in cells))
    labels = [_day_label(t, day) for day in days]
    most = max((cell.n for cell in cells), default=1)
    rows = [
        {
            "allegation": naming.allegation(cell.allegation),
            "day": labels[cell.day],
            "n": cell.n,
            "strong": cell.n > most * 0.45,
        }
        for cell in cells
        if 0 <= cell.day < len(labels)
    ]
    x = alt.X("day:O", title=None, sort=labels, scale=alt.Scale(domain=labels), axis=alt.Axis(
        labelAngle=0, orient="top", ticks=False, domain=False, labelOverlap=True))  # fmt: skip
    y = alt.Y("allegation:N", title=None, sort=names, scale=alt.Scale(domain=names),
              axis=alt.Axis(ticks=False, domain=False, labelLimit=150, minExtent=60))  # fmt: skip
    tips = [
        alt.Tooltip("allegation:N", title=t("chart.alleged")),
        alt.Tooltip("day:N", title=t("chart.day")),
        alt.Tooltip("n:Q", title=t("chart.mentions")),
    ]
    tone = alt.Color("n:Q", legend=None, scale=alt.Scale(
        domain=[0, most], range=list(colours.heat), interpolate="rgb"))  # fmt: skip
    on_strong = colours.ground if not dark else "#14191b"
    inks = alt.condition("datum.strong", alt.value(on_strong), alt.value(colours.text))
    squares = _base(rows).mark_rect(cornerRadius=2, stroke=colours.ground, strokeWidth=2)
    numbers = _base(rows).mark_text(fontSize=11)
    chart = alt.layer(
        squares.encode(x=x, y=y, color=tone, tooltip=tips),
        numbers.encode(x=x, y=y, text="n:Q", color=inks, tooltip=tips),
    )
    return _dressed(chart.properties(height=26 * len(names) + 32, width="container"), colours)


def spread(naming: Naming, points: Sequence[Spread], *, dark: bool) -> alt.LayerChart:
    """Draw each mention of an incident as a point in its source's lane; the first one is named."""
    colours, t = palette(dark=dark), naming.t
    rows = [
        {
            "at": wall(point.published_at),
            "when": f"{figures.day(t, point.published_at)} {figures.clock(point.published_at)}",
            "source": naming.source(point.source),
            "title": point.title[:60],
            "negative": point.sentiment == Sentiment.NEGATIVE,
        }
        for point in points
    ]
    lanes = list(dict.fromkeys(naming.source(point.source) for point in points))
    start, end = points[0].published_at, points[-1].published_at + timedelta(minutes=30)
    x = alt.X("at:Q", title=None, scale=_days_scale(start - timedelta(minutes=30), end),
              axis=_time_axis(t, start, end))  # fmt: skip
    y = alt.Y("source:N", title=None, sort=lanes, scale=alt.Scale(domain=lanes),
              axis=alt.Axis(ticks=False, domain=False, grid=True, labelLimit=150))  # fmt: skip
    tips = [
        alt.Tooltip("when:N", title=t("chart.time")),
        alt.Tooltip("source:N", title=t("chart.source")),
        alt.Tooltip("title:N", title=t("chart.title")),
    ]
    tone = alt.condition("datum.negative", alt.value(colours.bad), alt.value(colours.band))
    dots = _base(rows).mark_circle(size=70, opacity=0.55).encode(x=x, y=y, color=tone, tooltip=tips)
    ring = _base(rows[:1]).mark_point(size=190, color=colours.text, strokeWidth=1.5)
    name = _base(rows[:1]).mark_text(
        align="left", dx=12, dy=-13, fontSize=11, color=colours.text, text=t("chart.first")
    )
    chart = alt.layer(dots, ring.encode(x=x, y=y), name.encode(x=x, y=y))
    sized = chart.properties(height=44 * len(lanes) + 46, width="container")
    return _dressed(sized, colours, above=18)


def wall(moment: datetime) -> int:
    """Return Shanghai's wall clock as milliseconds, to be read as if it were UTC."""
    return int(moment.astimezone(SHANGHAI).replace(tzinfo=UTC).timestamp() * 1000)


def _point(t: Words, hour: datetime, curve: Curve) -> dict[str, Any]:
    usual = curve.usual.get(hour)
    local = hour.astimezone(SHANGHAI)
    return {
        "at": wall(hour),
        "when": f"{figures.day(t, hour)} {local:%H:00}–{local + timedelta(hours=1):%H:00}",
        "n": curve.counts[hour],
        "low": usual.low if usual else None,
        "middle": usual.middle if usual else None,
        "high": usual.high if usual else None,
        "usual": f"{usual.low:.0f}–{usual.high:.0f}" if usual else "–",
    }


def _shade(
    naming: Naming, gaps: Sequence[Gap], start: datetime, end: datetime, colours: Palette
) -> list[alt.Chart]:
    """Return when a source could not be read: a pale block with a bar at its foot."""
    t = naming.t
    rows = [
        {
            "at": wall(max(gap.since, start)),
            "to": wall(min(gap.until or end, end)),
            "source": naming.source(gap.source),
            "why": t.of("outcome", gap.outcome),
        }
        for gap in gaps
        if (gap.until is None or gap.until > start) and gap.since < end
    ]
    if not rows:
        return []
    tips = [
        alt.Tooltip("source:N", title=t("chart.source")),
        alt.Tooltip("why:N", title=t("chart.outage")),
    ]
    span = {"x": alt.X("at:Q", scale=_days_scale(start, end)), "x2": "to:Q", "tooltip": tips}
    block = _base(rows).mark_rect(color=colours.band, opacity=0.1)
    bar = _base(rows).mark_rule(
        color=colours.faint, strokeWidth=4, strokeDash=[2, 2], strokeCap="butt"
    )
    return [block.encode(**span), bar.encode(**span, y=alt.value("height"))]


def _flags(
    naming: Naming, flags: Sequence[Told], start: datetime, colours: Palette
) -> list[alt.Chart]:
    """Return the incidents as a sign above a thin rule, in the level's colour."""
    t = naming.t
    rows = [
        {
            "at": wall(flag.opened_at),
            "sign": naming.icon(flag.level),
            "level": naming.level(flag.level),
            "title": flag.title,
            "when": f"{figures.day(t, flag.opened_at)} {figures.clock(flag.opened_at)}",
            "colour": colours.levels[flag.level],
        }
        for flag in flags
        if flag.opened_at >= start
    ]
    if not rows:
        return []
    tips = [
        alt.Tooltip("level:N", title=t("chart.level")),
        alt.Tooltip("title:N", title=t("chart.incident")),
        alt.Tooltip("when:N", title=t("chart.opened")),
    ]
    tone = alt.Color("colour:N", scale=None, legend=None)
    rule = _base(rows).mark_rule(strokeWidth=1, opacity=0.5).encode(x="at:Q", color=tone)
    sign = _base(rows).mark_text(fontSize=13, baseline="top", dy=1)
    return [rule, sign.encode(x="at:Q", y=alt.value(0), text="sign:N", color=tone, tooltip=tips)]


def _days_scale(start: datetime, end: datetime) -> alt.Scale:
    return alt.Scale(domain=[wall(start), wall(end)], nice=False, zero=False)


def _days_axis(t: Words, start: datetime, end: datetime) -> alt.Axis:
    """Return an axis with one label a day, at Shanghai's midnight."""
    first = start.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [first + timedelta(days=n) for n in range((end - start).days + 2)]
    inside = [wall(day) for day in days if start <= day <= end]
    form = "%-m月%-d日" if t.language == "zh" else "%-d %b"
    return alt.Axis(values=inside, labelExpr=f"utcFormat(datum.value, '{form}')", grid=True,
                    labelOverlap=True, labelFlush=True)  # fmt: skip


def _time_axis(t: Words, start: datetime, end: datetime) -> alt.Axis:
    """Return an axis for a stretch of hours or days, whichever it is."""
    if end - start > timedelta(days=3):
        return _days_axis(t, start, end)
    step = next(hours for hours in (1, 2, 3, 6, 12) if timedelta(hours=hours * 8) >= end - start)
    first = start.astimezone(SHANGHAI).replace(minute=0, second=0, microsecond=0)
    ticks = [first + timedelta(hours=n) for n in range(80)]
    inside = [wall(at) for at in ticks if start <= at <= end and at.hour % step == 0]
    day = "%-m月%-d日" if t.language == "zh" else "%-d %b"
    return alt.Axis(
        values=inside or [wall(start)],
        labelExpr=f"utcFormat(datum.value, '{day} %H:%M')",
        labelOverlap=True,
        labelFlush=True,
    )


def _day_label(t: Words, day: datetime) -> str:
    local = day.astimezone(SHANGHAI)
    return f"{local.month}/{local.day}" if t.language == "zh" else f"{local.day} {local:%b}"


def _base(rows: Iterable[Mapping[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=list(rows)))


def _dressed(chart: Any, colours: Palette, above: int = 4) -> alt.LayerChart:
    grid = {"gridColor": colours.band, "gridOpacity": 0.25, "gridWidth": 1}
    axis = {"labelColor": colours.faint, "titleColor": colours.faint, "labelFontSize": 11, **grid}
    dressed: alt.LayerChart = (
        chart.configure(
            font=FONT,
            background="transparent",
            padding={"left": 4, "right": 6, "bottom": 4, "top": above},
        )
        .configure_axis(labelFont=FONT, domain=False, tickColor=colours.band, **axis)
        .configure_view(stroke=None)
    )
    return dressed
