"""The few words of Vega-Lite that our charts are made of, as plain dictionaries.

Vega knows only the browser's zone and UTC, so times are given as Shanghai's wall clock in
milliseconds on a plain axis whose labels read them as UTC: the same picture everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from textwrap import wrap
from typing import Any

from dashboard.palette import Palette
from dashboard.words import Words
from data.model import SHANGHAI

FONT = (
    "'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', "
    "sans-serif"
)


Spec = dict[str, Any]
"""A Vega-Lite 6 specification."""


def wall(moment: datetime) -> int:
    """Return Shanghai's wall clock as milliseconds, to be read as if it were UTC."""
    return int(moment.astimezone(SHANGHAI).replace(tzinfo=UTC).timestamp() * 1000)


DAYS_ABOVE: Spec = {"labelAngle": 0, "orient": "top", "labelOverlap": True, "labelSeparation": 6}
"""The axis of a table of days: a label that would touch the next is left out."""


def days_axis(t: Words, start: datetime, end: datetime) -> Spec:
    """Return an axis with one label a day, at Shanghai's midnight."""
    first = start.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [first + timedelta(days=n) for n in range((end - start).days + 2)]
    inside = [wall(day) for day in days if start <= day <= end]
    return labelled(inside, "%-m月%-d日" if t.language == "zh" else "%-d %b")


def time_axis(t: Words, start: datetime, end: datetime) -> Spec:
    """Return an axis for a stretch of hours or days, whichever it is."""
    if end - start > timedelta(days=3):
        return days_axis(t, start, end)
    step = next(hours for hours in (1, 2, 3, 6, 12) if timedelta(hours=hours * 8) >= end - start)
    first = start.astimezone(SHANGHAI).replace(minute=0, second=0, microsecond=0)
    ticks = [first + timedelta(hours=n) for n in range(80)]
    inside = [wall(at) for at in ticks if start <= at <= end and at.hour % step == 0]
    form = "%-m月%-d日 %H:%M" if t.language == "zh" else "%-d %b %H:%M"
    return labelled(inside or [wall(start)], form)


def labelled(values: Sequence[int], form: str) -> Spec:
    """Return an axis with labels at these places, in Shanghai's wall clock."""
    label = f"utcFormat(datum.value, '{form}')"
    return {"values": values, "labelExpr": label, "labelOverlap": True, "labelSeparation": 12,
            "labelFlush": True}  # fmt: skip


def span(start: datetime, end: datetime) -> Spec:
    """Return the scale of a stretch of time."""
    return {"domain": [wall(start), wall(end)], "nice": False, "zero": False}


def number(field: str) -> Spec:
    """Read a field as a number."""
    return {"field": field, "type": "quantitative"}


def name(field: str, order: Sequence[str]) -> Spec:
    """Read a field as a name, in this order."""
    scale = {"domain": list(order)}
    return {"field": field, "type": "nominal", "title": None, "sort": list(order), "scale": scale}


FOLDED = 27
"""Characters of one line of a name at an axis."""


def folded(names: Sequence[str]) -> Spec:
    """Return an axis on which a long name takes two lines instead of losing its end."""
    lines = {name: wrap(name, FOLDED) or [name] for name in names}
    expression = f"{json.dumps(lines, ensure_ascii=False)}[datum.label]"
    up = {"condition": {"test": f"length({expression}) > 1", "value": -5}, "value": 0}
    return {"labelExpr": expression, "labelLimit": 170, "labelLineHeight": 11, "minExtent": 60,
            "labelOffset": up}  # fmt: skip


def tips(**titles: str) -> list[Spec]:
    """Show fields while the pointer rests on a mark."""
    return [{"field": field, "type": "nominal", "title": title} for field, title in titles.items()]


def layer(mark: Spec, rows: Sequence[Spec] | None = None, **encoding: Any) -> Spec:
    """Return one layer; without ``rows`` it draws the chart's own."""
    layer: Spec = {"mark": mark, "encoding": encoding}
    return layer if rows is None else layer | {"data": {"values": list(rows)}}


def dressed(
    layers: Sequence[Spec], rows: Sequence[Spec], height: int, colours: Palette, above: int = 4,
    labels: int = 11,
) -> Spec:  # fmt: skip
    """Put layers over rows into one chart as wide as its place, in its colours.

    ``labels`` is the size of what stands at the axes, in pixels.
    """
    grid = {"gridColor": colours.band, "gridOpacity": 0.25, "gridWidth": 1}
    text = {"labelColor": colours.faint, "labelFontSize": labels, "labelFont": FONT}
    axis = {"domain": False, "tickColor": colours.band, **text, **grid}
    return {
        "width": "container",
        "height": height,
        "padding": {"left": 4, "right": 6, "bottom": 4, "top": above},
        "background": "transparent",
        "data": {"values": list(rows)},
        "layer": list(layers),
        "config": {"font": FONT, "axis": axis, "view": {"stroke": None}},
    }
