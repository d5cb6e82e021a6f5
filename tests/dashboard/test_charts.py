"""Charts as specifications: what is drawn, not how a browser paints it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import altair as alt
import pytest

from dashboard import charts, figures, vega
from dashboard.expected import Usual
from dashboard.naming import Naming
from dashboard.queries.incidents import Spread, Told
from dashboard.queries.situation import Heat
from dashboard.queries.sources import Gap
from dashboard.words import load
from data import facts
from data.facts.allegations import groups
from data.model import IncidentState, Level
from data.store.health import Condition
from tests.conftest import NOW
from tests.dashboard.seeds import HOUR

DAY = timedelta(days=1)


@pytest.fixture(params=["zh", "en"])
def naming(request: pytest.FixtureRequest) -> Naming:
    """The names in one language."""
    return Naming(
        load(request.param),
        {fact.id: fact for fact in facts.allegations()},
        groups(),
        facts.rules(),
        facts.sources(),
        {fact.slug: fact for fact in facts.lenders()},
    )


def rows_of(spec: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """Return the rows of every layer, its own or the chart's."""
    return [layer.get("data", spec["data"])["values"] for layer in spec["layer"]]


def drawn(spec: vega.Spec) -> vega.Spec:
    """Return a specification that the grammar allows, in plain JSON without not-a-number."""
    json.dumps(spec, allow_nan=False)
    alt.Chart.from_dict(spec)  # checks against the schema of Vega-Lite
    return spec


def told(level: Level) -> Told:
    opened = NOW - 5 * HOUR
    state = IncidentState.OPEN
    return Told(1, "chenghu", "上门催收", level, state, opened, opened, NOW, None, "", 3, ("a",))


@pytest.mark.parametrize("dark", [False, True])
def test_a_trend_has_band_flags_and_gaps(naming: Naming, dark: bool) -> None:
    hours = [NOW - 168 * HOUR + n * HOUR for n in range(168)]
    counts: dict[Any, int | None] = dict.fromkeys(hours, 2) | {hours[50]: None}
    usual = {hour: Usual(1, 2, 5) for hour in hours}
    gap = Gap("heimao_public", NOW - DAY, None, Condition.BLOCKED)
    curve = charts.Curve("负面", counts, usual, bad=True)
    spec = drawn(charts.trend(naming, curve, [told(Level.ORANGE)], [gap], dark=dark))
    layers = rows_of(spec)
    points = next(rows for rows in layers if len(rows) == 168)
    assert points[50]["n"] is None  # a line with a hole, not a zero
    assert (points[0]["low"], points[0]["high"]) == (1, 5)
    shade = next(rows for rows in layers if rows and "to" in rows[0])
    assert shade[0]["source"] == naming.source("heimao_public")
    assert shade[0]["to"] == vega.wall(hours[-1] + HOUR)  # open gaps reach the edge
    flag = next(rows for rows in layers if rows and "sign" in rows[0])
    assert (flag[0]["sign"], flag[0]["level"]) == ("▲", naming.level(Level.ORANGE))


def test_the_hour_still_running_is_no_part_of_the_line(naming: Naming) -> None:
    hours = [NOW - 5 * HOUR + n * HOUR for n in range(6)]
    curve = charts.Curve("负面", dict.fromkeys(hours, 1), {})
    spec = drawn(charts.trend(naming, curve, [], [], dark=False))
    line = [layer for layer in spec["layer"] if layer["mark"].get("strokeWidth") == 1.8]
    assert [len(rows) for rows in rows_of(spec | {"layer": line})] == [5]


def test_times_are_shanghai_s_wall_clock() -> None:
    assert vega.wall(NOW) - NOW.timestamp() * 1000 == 8 * 3600 * 1000


def test_heat_says_its_numbers_and_keeps_empty_days(naming: Naming) -> None:
    days = [NOW - n * DAY for n in range(9, -1, -1)]
    cells = [Heat("abusive_visit", 9, 11), Heat("excessive_calls", 0, 2)]
    spec = drawn(charts.heat(naming, cells, days, dark=False))
    squares, numbers = spec["layer"]
    assert numbers["encoding"]["text"]["field"] == "n"
    assert len(squares["encoding"]["x"]["scale"]["domain"]) == 10
    names = squares["encoding"]["y"]["scale"]["domain"]
    assert names == [naming.allegation("abusive_visit"), naming.allegation("excessive_calls")]


def test_spread_names_the_first_and_has_a_lane_a_source(naming: Naming) -> None:
    points = [
        Spread(1, "heimao_public", NOW - HOUR, "neg", 5, "<b>最早</b>"),
        Spread(2, "eastmoney_guba", NOW, "neu", 0, "后来"),
    ]
    spec = drawn(charts.spread(naming, points, dark=True))
    lanes = spec["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert lanes == [naming.source("heimao_public"), naming.source("eastmoney_guba")]
    assert rows_of(spec)[1][0]["title"] == "<b>最早</b>"
    assert spec["layer"][2]["mark"]["text"] == naming.t("chart.first")


def test_an_incident_s_chart_shades_the_lane_that_nobody_could_read(naming: Naming) -> None:
    points = [
        Spread(1, "heimao_public", NOW - 2 * HOUR, "neg", 5, "最早"),
        Spread(2, "eastmoney_guba", NOW, "neu", 0, "后来"),
    ]
    gaps = [
        Gap("eastmoney_guba", NOW - 9 * HOUR, NOW - HOUR, Condition.CHANGED),
        Gap("heimao_public", NOW - 9 * HOUR, NOW - 8 * HOUR, Condition.BLOCKED),  # long before
        Gap("nfra_penalty", NOW - 9 * HOUR, None, Condition.BLOCKED),  # has no lane
    ]
    (shade,) = rows_of(drawn(charts.spread(naming, points, gaps, dark=False)))[0]
    assert shade["source"] == naming.source("eastmoney_guba")
    assert shade["to"] == vega.wall(NOW - HOUR)
    assert shade["why"] == naming.t.of("condition", "changed")


def test_a_long_name_at_an_axis_takes_two_lines_and_loses_nothing() -> None:
    name = "Harassment or violent collection, unspecified"
    axis = vega.folded((name, "爆通讯录"))
    lines = json.loads(axis["labelExpr"].removesuffix("[datum.label]"))
    assert lines == {name: ["Harassment or violent", "collection, unspecified"],
                     "爆通讯录": ["爆通讯录"]}  # fmt: skip
    assert axis["labelOffset"]["condition"]["test"].startswith("length(")


@pytest.mark.parametrize(("lang", "said"), [("zh", "11/9"), ("en", "9 Nov")])
def test_a_day_at_an_axis_is_written_as_the_reader_does(lang: str, said: str) -> None:
    assert figures.short_day(load(lang), date(2026, 11, 9)) == said
