"""Counts that are no curve, as Vega-Lite: alerts by week, provinces as tiles. No Streamlit here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from dashboard import figures, vega
from dashboard.naming import Naming
from dashboard.palette import palette
from dashboard.queries.situation import Spoke
from dashboard.queries.sources import Gap
from data.model import SHANGHAI
from data.store.judgements import Week

TILES: Mapping[str, tuple[int, int]] = {
    "黑龙江": (8, 0), "新疆": (0, 1), "内蒙古": (5, 1), "吉林": (8, 1), "青海": (1, 2),
    "甘肃": (2, 2), "宁夏": (3, 2), "山西": (4, 2), "河北": (5, 2), "北京": (6, 2), "天津": (7, 2),
    "辽宁": (8, 2), "西藏": (0, 3), "陕西": (3, 3), "河南": (4, 3), "山东": (5, 3), "江苏": (6, 3),
    "四川": (1, 4), "重庆": (2, 4), "湖北": (3, 4), "安徽": (5, 4), "上海": (7, 4), "浙江": (6, 4),
    "贵州": (2, 5), "湖南": (3, 5), "江西": (4, 5), "福建": (5, 5), "台湾": (7, 5),
    "云南": (1, 6), "广西": (2, 6), "广东": (3, 6), "香港": (4, 6), "澳门": (3, 7), "海南": (2, 7),
}  # fmt: skip
"""Column and row of each province: a reminder of where it lies, no map."""
ACROSS = 5
"""Cities in a row of tiles."""
WIDE = 62
"""Pixels that a tile needs for the longest name of a province."""


def weeks(naming: Naming, found: Sequence[Week], *, dark: bool) -> vega.Spec:
    """Draw the alerts of each week, stacked by what people said of them, worth telling below."""
    colours, t = palette(dark=dark), naming.t
    sorts = ("useful", "late", "false", "unjudged")
    tones = (colours.line, colours.levels[min(colours.levels)], colours.bad, colours.band)
    names = [t.of("judged", one) for one in sorts]
    rows = [
        {"week": figures.short_day(t, week.monday), "order": order,
         "what": t.of("judged", sort), "n": getattr(week, sort)}
        for week in found
        for order, sort in enumerate(sorts)
        if getattr(week, sort)
    ]  # fmt: skip
    order = [figures.short_day(t, week.monday) for week in found]
    x = vega.name("week", order) | {"axis": {"labelAngle": 0, "labelOverlap": True}}
    y = vega.number("n") | {"title": None, "axis": {"tickMinStep": 1, "format": "d"}}
    legend = {"title": None, "orient": "top", "labelColor": colours.text}
    tone = vega.name("what", names) | {
        "scale": {"domain": names, "range": list(tones)},
        "legend": legend,
    }
    tips = vega.tips(week=t("chart.week"), what=t("act.judge"), n=t("chart.alerts"))
    bars = {"type": "bar", "stroke": colours.ground}
    layers = [vega.layer(bars, x=x, y=y, color=tone, order=vega.number("order"), tooltip=tips)]
    return vega.dressed(layers, rows, 190, colours)


def provinces(naming: Naming, counts: Mapping[str, int], *, dark: bool) -> vega.Spec:
    """Draw each province as a tile with its name and count; one without mentions stays pale."""
    rows = [
        {"name": naming.place(name), "short": naming.short_place(name), "column": column,
         "row": row, "n": counts.get(name, 0)}
        for name, (column, row) in TILES.items()
    ]  # fmt: skip
    return _tiles(naming, rows, dark=dark, across=9, down=8)


def cities(naming: Naming, counts: Mapping[str, int], *, dark: bool) -> vega.Spec:
    """Draw the cities of one province as tiles, the loudest first."""
    order = sorted(counts, key=lambda name: (-counts[name], name))
    rows = [
        {"name": naming.place(name), "short": naming.place(name), "column": place % ACROSS,
         "row": place // ACROSS, "n": counts[name]}
        for place, name in enumerate(order)
    ]  # fmt: skip
    return _tiles(naming, rows, dark=dark, across=ACROSS, down=1 + (len(rows) - 1) // ACROSS)


def mix(
    naming: Naming,
    spoken: Sequence[Spoke],
    gaps: Sequence[Gap],
    bounds: Sequence[datetime],
    *,
    dark: bool,
) -> vega.Spec:
    """Draw how much each source said on each day; a day on which it was not heard is hatched."""
    colours, t = palette(dark=dark), naming.t
    counts = {(one.source, one.day): one.n for one in spoken}
    total: Counter[str] = Counter()
    for one in spoken:
        total[one.source] += one.n
    order = sorted({*total, *(gap.source for gap in gaps)}, key=lambda name: (-total[name], name))
    days = list(pairwise(bounds))
    most = max(counts.values(), default=1)
    rows = [
        _heard(naming, source, days[day], counts.get((source, day), 0), gaps)
        | {"strong": counts.get((source, day), 0) > most * STRONG}
        for source in order
        for day in range(len(days))
    ]
    labels = list(dict.fromkeys(row["day"] for row in rows))
    bare = {"ticks": False, "domain": False}
    x = vega.name("day", labels) | {"axis": bare | vega.DAYS_ABOVE}
    names = [naming.source(source) for source in order]
    y = vega.name("source", names) | {"axis": bare | vega.folded(names)}
    scale = {"type": "sqrt", "domain": [0, most], "range": list(colours.heat), "interpolate": "rgb"}
    tone = vega.number("n") | {"legend": None, "scale": scale}
    ink = {"condition": {"test": "datum.strong", "value": colours.on_strong}, "value": colours.text}
    tips = vega.tips(source=t("chart.source"), day=t("chart.day"), n=t("chart.mentions"),
                     why=t("chart.outage"))  # fmt: skip
    squares = {"type": "rect", "cornerRadius": 2, "stroke": colours.ground, "strokeWidth": 2}
    layers = [
        vega.layer(squares, x=x, y=y, color=tone, tooltip=tips),
        vega.layer({"type": "text", "fontSize": 11}, x=x, y=y, color=ink, tooltip=tips,
                   text={"field": "said", "type": "nominal"}),
    ]  # fmt: skip
    return vega.dressed(layers, rows, 26 * len(names) + 32, colours)


def _heard(
    naming: Naming, source: str, day: tuple[datetime, datetime], n: int, gaps: Sequence[Gap]
) -> vega.Spec:
    """Return one source's day; where it was not heard, a count is a least, and none is a gap."""
    local = day[0].astimezone(SHANGHAI)
    inside = [
        gap for gap in gaps
        if gap.source == source and gap.since < day[1] and (gap.until or day[1]) > day[0]
    ]  # fmt: skip
    said = f"▨ {n}" if inside and n else "▨" if inside else str(n or "")
    why = naming.t.of("condition", inside[0].condition) if inside else "–"
    return {"source": naming.source(source), "day": figures.short_day(naming.t, local), "n": n,
            "said": said, "why": why}  # fmt: skip


def _tiles(
    naming: Naming, rows: Sequence[vega.Spec], *, dark: bool, across: int, down: int
) -> vega.Spec:
    colours, t = palette(dark=dark), naming.t
    most = max([1, *(row["n"] for row in rows)])
    told = [row | {"strong": row["n"] > most * STRONG, "said": str(row["n"] or "")} for row in rows]
    bare = {"axis": None, "title": None, "type": "ordinal"}
    x = bare | {"field": "column", "scale": {"domain": list(range(across))}}
    y = bare | {"field": "row", "scale": {"domain": list(range(down))}}
    scale = {"type": "sqrt", "domain": [0, most], "range": list(colours.heat), "interpolate": "rgb"}
    tone = vega.number("n") | {"legend": None, "scale": scale}
    ink = {"condition": {"test": "datum.strong", "value": colours.on_strong}, "value": colours.text}
    tips = vega.tips(name=t("chart.place"), n=t("chart.mentions"))
    square = {"type": "rect", "cornerRadius": 3, "stroke": colours.ground, "strokeWidth": 2}
    small = 11 if t.language == "zh" else 9
    inside = {"expr": f"width / {across}"}
    name = {"type": "text", "fontSize": small, "dy": -6, "limit": inside}
    fitting = {"expr": f"width < {across * WIDE} ? datum.short : datum.name"}
    count = {"type": "text", "fontSize": 11, "fontWeight": 600, "dy": 8}
    layers = [
        vega.layer(square, x=x, y=y, color=tone, tooltip=tips),
        vega.layer(name, x=x, y=y, color=ink, tooltip=tips, text={"value": fitting}),
        vega.layer(count, x=x, y=y, color=ink, tooltip=tips,
                   text={"field": "said", "type": "nominal"}),
    ]  # fmt: skip
    return vega.dressed(layers, told, 40 * down, colours)


STRONG = 0.4
"""From this share of the highest count on, a tile is dark enough to need light words."""
