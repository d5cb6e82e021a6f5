"""Scenario files: what is written is read back, and each mistake gets its sentence."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import InputError
from data.model import Evidence, Mention, Sentiment, SourceKind
from data.scenarios.format import Event, Gold, Planned, Scenario, read, write

_MOMENTS = st.integers(0, 2**31 * 10**6).map(
    lambda us: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
)
_WORDS = st.text(min_size=1, max_size=40).filter(str.strip)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def _planned(draw: st.DrawFn, number: int) -> Planned:
    text = draw(_WORDS)
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    mention = Mention(
        source=draw(st.sampled_from(("heimao_public", "elsewhere"))),
        native_id=f"{number}",
        kind=draw(st.sampled_from(SourceKind)),
        url=draw(st.text(max_size=20)),
        text=text,
        title=draw(st.text(max_size=20)),
        fetched_at=draw(_MOMENTS),
        published_at=draw(st.none() | _MOMENTS),
        author=draw(st.text(max_size=8)),
        outlet=draw(st.text(max_size=8)),
        status=draw(st.text(max_size=8)),
        reach=draw(st.integers(0, 10**9)),
        extra=draw(st.dictionaries(st.text(max_size=5), _JSON, max_size=3)),
    )
    evidence = Evidence("insult_abuse", "text", start, end, text[start:end])
    gold = Gold(
        about=tuple(draw(st.lists(st.text(max_size=5), max_size=2))),
        sentiment=draw(st.sampled_from(Sentiment)),
        allegations=draw(st.sampled_from(((), (evidence,)))),
        content=draw(st.text(max_size=5)),
    )
    return Planned(mention, draw(_MOMENTS), gold, draw(st.text(max_size=5)))


@st.composite
def _scenarios(draw: st.DrawFn) -> Scenario:
    planned = [draw(_planned(number)) for number in range(draw(st.integers(1, 5)))]
    planned.sort(key=lambda one: one.visible_at)
    first = planned[0].mention
    event = Event(
        id="e",
        kind="rumour",
        lender="chenghu",
        starts_at=draw(_MOMENTS),
        ends_at=draw(_MOMENTS),
        trap=draw(st.booleans()),
        level=draw(st.sampled_from(("blue", "yellow", "orange", "red"))),
        first=(first.source, first.native_id),
    )
    events = draw(st.sampled_from(((), (event,))))
    name, seed = draw(st.text(max_size=9)), draw(st.integers(0, 2**40))
    return Scenario(name, seed, draw(_MOMENTS), draw(_MOMENTS), tuple(planned), events)


@settings(max_examples=60, deadline=None)
@given(scenario=_scenarios())
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, scenario: Scenario
) -> None:
    folder = tmp_path_factory.mktemp("week")
    write(scenario, folder / "week.jsonl", folder / "truth.json")
    assert read(folder / "week.jsonl", folder / "truth.json") == scenario


_LINE: dict[str, Any] = {
    "visible_at": "2026-11-20T14:25:00+08:00",
    "mention": {
        "source": "eastmoney_guba",
        "native_id": "1500000001",
        "kind": "post",
        "url": "https://guba.eastmoney.com/news,990001,1500000001.html",
        "text": "一天打了三十个电话",
    },
}


def _save(path: Path, *lines: Any) -> Path:
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
    return path


def test_a_week_written_by_hand_needs_little_and_no_truth(tmp_path: Path) -> None:
    later = {**_LINE, "visible_at": "2026-11-20T15:25:00+08:00"}
    other = {**_LINE, "mention": {**_LINE["mention"], "native_id": "2"}}
    scenario = read(_save(tmp_path / "week.jsonl", later, other))
    assert scenario.name == "week"
    assert scenario.events == ()
    assert [p.mention.native_id for p in scenario.planned] == ["2", "1500000001"]
    assert scenario.ends_at - scenario.starts_at == timedelta(hours=1)
    first = scenario.planned[0]
    assert first.gold == Gold()
    assert first.mention.fetched_at == first.visible_at == datetime(2026, 11, 20, 6, 25, tzinfo=UTC)


def _changed(part: str, **changes: Any) -> dict[str, Any]:
    if not part:
        return {**_LINE, **changes}
    return {**_LINE, part: {**_LINE.get(part, {}), **changes}}


def _without(key: str) -> dict[str, Any]:
    return {**_LINE, "mention": {k: v for k, v in _LINE["mention"].items() if k != key}}


_QUOTE = {
    "allegation": "excessive_calls",
    "field": "text",
    "start": 1,
    "end": 5,
    "quote": "一天打了",
}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            _without("text"), "line 2, mention.text: Field required; add it", id="left out"
        ),
        pytest.param(
            _changed("mention", titel="x"), "line 2, mention.titel: no such field", id="typo"
        ),
        pytest.param(_changed("", visibel="x"), "line 2, visibel: no such field", id="typo on top"),
        pytest.param(
            _changed("gold", label="x"), "line 2, gold.label: no such field", id="typo in gold"
        ),
        pytest.param(_changed("mention", kind="blog"), "line 2, mention.kind: ", id="unknown kind"),
        pytest.param(_changed("mention", reach="viele"), "line 2, mention.reach: ", id="no number"),
        pytest.param(_changed("mention", text=" "), "neither title nor text", id="no words"),
        pytest.param(
            _changed("", visible_at="2026-11-20T14:25:00"), "a time needs a zone", id="no zone"
        ),
        pytest.param(
            _changed("gold", allegations=[_QUOTE]), "gold.allegations.0: '一天打了'", id="span"
        ),
        pytest.param(_changed(""), "native_id: 1500000001 already stands on line 1", id="twice"),
        pytest.param(["not", "an", "object"], "line 2, the whole line: ", id="a list"),
    ],
)
def test_a_broken_line_is_named_with_its_remedy(tmp_path: Path, line: Any, expected: str) -> None:
    path = _save(tmp_path / "week.jsonl", _LINE, line)
    with pytest.raises(InputError) as caught:
        read(path)
    message = str(caught.value)
    assert str(path) in message
    assert expected in message
    assert message.endswith(".")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", "it has no line", id="empty"),
        pytest.param(b"\xc4\xe3\xba\xc3\n", "byte 0 is not UTF-8", id="GBK"),
        pytest.param(b'{"visible_at": \n', "line 1, column ", id="cut off"),
    ],
)
def test_a_broken_file_is_named_with_its_remedy(
    tmp_path: Path, content: bytes, expected: str
) -> None:
    path = tmp_path / "week.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"week\.jsonl") as caught:
        read(path)
    assert expected in str(caught.value)


def test_a_file_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.jsonl: .*name a file"):
        read(tmp_path / "none.jsonl")


_TRUTH: dict[str, Any] = {
    "name": "week",
    "seed": 0,
    "starts_at": "2026-11-20T00:00:00+08:00",
    "ends_at": "2026-11-21T00:00:00+08:00",
    "events": [
        {
            "id": "e",
            "kind": "rumour",
            "lender": "chenghu",
            "starts_at": "2026-11-20T14:25:00+08:00",
            "ends_at": "2026-11-20T18:25:00+08:00",
            "trap": False,
            "level": "yellow",
            "first": ["eastmoney_guba", "1500000001"],
        }
    ],
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"level": "purple"}, "events.0.level", id="level"),
        pytest.param(
            {"first": ["eastmoney_guba", "9"]}, "eastmoney_guba:9 is no mention", id="first"
        ),
        pytest.param({"starts_at": "2026-11-20T14:25:00"}, "a time needs a zone", id="zone"),
    ],
)
def test_a_broken_truth_is_named_with_its_remedy(
    tmp_path: Path, change: dict[str, Any], expected: str
) -> None:
    week = _save(tmp_path / "week.jsonl", _LINE)
    good = _save(tmp_path / "truth.json", _TRUTH)
    assert read(week, good).events[0].kind == "rumour"
    bad = _save(tmp_path / "bad.json", {**_TRUTH, "events": [{**_TRUTH["events"][0], **change}]})
    with pytest.raises(InputError, match=r"bad\.json") as caught:
        read(week, bad)
    assert expected in str(caught.value)
