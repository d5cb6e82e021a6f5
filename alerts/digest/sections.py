"""The page's sections, each a title and a few sentences; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from alerts.digest import change, drift
from alerts.digest.chance import FEW
from alerts.digest.words import Words
from data.facts.levels import levels
from data.model import Level

Mark = Callable[[str], str]
GAPS = 3
"""So many interruptions are told one by one."""


def sections(figures: Mapping[str, Any], t: Words, mark: Mark) -> list[dict[str, Any]]:
    """Return all sections in the page's order."""
    made: dict[str, list[str]] = {
        "levels": _levels(figures, t, mark),
        "events": _events(figures, t, mark),
        "moves": _moves(figures["moves"], figures["history"], t, mark),
        "drift": _drift(figures, t, mark),
        "places": _places(figures["places"], t, mark),
        "rivals": _rivals(figures["rivals"], t, mark),
        "promises": _promises(figures["promises"], t, mark),
        "blind": _blind(figures, t, mark),
        "notices": _notices(figures["notices"], t, mark),
        "decide": [_decision(one, t) for one in figures["decide"]] or [t("decide_none")],
    }
    return [
        {
            "key": key,
            "title": t(f"section_{key}"),
            "lines": lines,
            "styles": [_style(line) if key == "events" else "" for line in lines],
        }
        for key, lines in made.items()
    ]


def _style(line: str) -> str:
    """Return how a line of the events looks: ``head``, ``quote`` or like any other."""
    if line.startswith(tuple(fact.icon for fact in levels().values())):
        return "head"
    return "quote" if line.startswith(("「", "“")) else ""


def _levels(figures: Mapping[str, Any], t: Words, mark: Mark) -> list[str]:
    days = figures["level_days"]
    counted = {name: days[name] for name in ("red", "orange", "yellow")}
    return [
        t("levels", rest=len(figures["days"]) - sum(counted.values()), **counted)
        + mark("incidents")
    ]


def _events(figures: Mapping[str, Any], t: Words, mark: Mark) -> list[str]:
    lines = []
    for event in figures["events"]:
        fact = levels()[Level(event["level"])]
        level = fact.zh if t.language == "zh" else fact.en
        head = t("event", icon=fact.icon, level=level, title=event["title"][t.language])
        lines += [head + mark(f"event:{event['id']}"), _event(event, t)]
        if said := event["quote"]:
            source = said["source"][t.language]
            told = t("quote", words=said["words"], source=source)
            lines.append(told + mark(f"quote:{event['id']}"))
    if figures["more_events"]:
        lines.append(t("events_more", n=figures["more_events"]))
    return lines or [t("events_none")]


def _event(event: Mapping[str, Any], t: Words) -> str:
    here = "" if event["here"] is None else t.inside("event_here", n=t.number(event["here"]))
    return t(
        "event_where",
        at=t.moment(event["began_at"]),
        source=event["source"][t.language] or t.inside("none"),
        spread=_spread(event, t),
        n=t.number(event["mentions"]),
        here=here,
        acted=_acted(event, t) + (t.inside("event_stated") if event["stated"] else ""),
        state=t.inside(f"state_{event['state']}"),
    )


def _spread(event: Mapping[str, Any], t: Words) -> str:
    """Say which sources it reached after the first, and how long after."""
    steps = [
        t("step", name=step[t.language], length=t.length(step["after"])) for step in event["spread"]
    ]
    if not steps:
        return t.inside("spread_none")
    more = event["sources"] - 1 - len(steps)
    rest = t.inside("spread_more", n=more) if more > 0 else ""
    return t.inside("spread", list=t.inside("comma").join(steps)) + rest


def _acted(event: Mapping[str, Any], t: Words) -> str:
    if event["minutes"] is not None:
        length = t.length(event["minutes"])
        key = "event_acted" if event["minutes"] else "event_at_once"
        return t.inside(key, length=length)
    if event["history"]:
        return t.inside("event_history")
    return t.inside("event_waiting")


def _moves(moves: Mapping[str, Any], history: int, t: Words, mark: Mark) -> list[str]:
    lines = []
    for key in ("rising", "falling", "top"):
        for row in moves[key]:
            said = t(
                key,
                name=row[t.language],
                n=t.number(row["n"]),
                before=t.number(row["before"]),
                clause=_clause(row, t),
            )
            few = t.inside("caution") if key != "top" and max(row["n"], row["before"]) < FEW else ""
            lines.append(said + few + mark(f"allegation:{row['id']}"))
    if not history:
        return [*lines, t("moves_first")] if lines else [t("moves_none")]
    if moves["steady"]:
        lines.append(t("moves_steady", n=moves["steady"]))
    return lines or [t("moves_none")]


def _clause(row: Mapping[str, Any], t: Words) -> str:
    return t.inside("clause", clause=row["clause"][t.language]) if row["clause"] else ""


def _drift(figures: Mapping[str, Any], t: Words, mark: Mark) -> list[str]:
    periods = figures["history"] + 1
    if periods < drift.ENOUGH:
        return [t("drift_short")]
    lines = [_drifting(row, t) + _drift_mark(row, mark) for row in figures["drift"]]
    return lines or [t("drift_none", n=periods)]


def _drifting(row: Mapping[str, Any], t: Words) -> str:
    key = f"drift_{row['what']}_{'up' if row['turn'] > 0 else 'down'}"
    ends = {"first": t.number(row["first"]), "last_three": t.number(row["last"])}
    return t(key, name=row.get(t.language, ""), periods=row["periods"], **ends)


def _drift_mark(row: Mapping[str, Any], mark: Mark) -> str:
    return mark("share") if row["what"] == "share" else mark(f"allegation:{row['id']}")


def _places(places: Mapping[str, Any], t: Words, mark: Mark) -> list[str]:
    if not places["some"]:
        return [t("places_none")]
    each = t.inside("comma").join(_place(one, t, mark) for one in places["top"])
    return [t("places", n=t.number(places["some"]), list=each)]


def _place(one: Mapping[str, Any], t: Words, mark: Mark) -> str:
    said = f"{one[t.language]} {t.number(one['n'])}{mark(one['key'])}"
    if one["first"] is None:
        return said
    return said + t.inside("place_first", place=_place(one["first"], t, mark))


def _rivals(rivals: Mapping[str, Any], t: Words, mark: Mark) -> list[str]:
    if not rivals["compared"]:
        return [t("rivals_product")]
    if not rivals["each"]:
        return [t("rivals_none")]
    if not rivals["value"] and not rivals["before"]:
        return [t("rivals_silent")]
    voice = {
        "percent": rivals["voice"],
        "before": rivals["voice_before"],
        "turn": rivals["voice_turn"],
    }
    each = [
        f"{one[t.language]} {t.number(one['n'])}{mark('rival:' + one['slug'])}"
        for one in rivals["each"]
    ]
    return [
        t(
            "rivals",
            n=t.number(rivals["value"]),
            list=t.inside("comma").join(each),
            change=_small(change.count(rivals, t), t),
        ),
        *_baseline(rivals, t),
        t("voice", percent=rivals["voice"], voice=_small(change.points(voice, t), t)),
    ]


def _baseline(rivals: Mapping[str, Any], t: Words) -> list[str]:
    """Say what was usual for the rivals together, and how much of it was negative."""
    if not rivals["value"]:
        return []
    if rivals["band"] is None:
        return [t("rivals_negative", percent=rivals["negative"])]
    low, high = (t.number(end) for end in rivals["band"])
    return [t("rivals_usual", percent=rivals["negative"], low=low, high=high)]


def _small(words: str, t: Words) -> str:
    return words[:1].lower() + words[1:] if t.language == "en" else words


def _promises(promises: Mapping[str, Any], t: Words, mark: Mark) -> list[str]:
    counted = {key: promises[key] for key in ("kept", "broken", "running")}
    if not any(counted.values()):
        return [t("promises_none")]
    late = [_late(one, t) + mark(f"event:{one['id']}") for one in promises["late"]]
    return [t("promises", **counted) + mark("incidents"), *late]


def _late(one: Mapping[str, Any], t: Words) -> str:
    took = one["took"]
    key = "promise_never" if took is None else "promise_late"
    length = "" if took is None else t.length(took)
    return t(key, title=one["title"][t.language], due=t.length(one["due"]), took=length)


def _blind(figures: Mapping[str, Any], t: Words, mark: Mark) -> list[str]:
    gaps = figures["blind"]
    lines = [
        t(
            "blind",
            source=gap["source"][t.language],
            since=t.moment(gap["since"]),
            until=t.moment(gap["until"]),
            length=t.length(gap["minutes"]),
            why=t.inside(f"why_{gap['why']}"),
        )
        + mark("blind")
        for gap in gaps[:GAPS]
    ]
    if len(gaps) > GAPS:
        lines.append(t("blind_more", n=len(gaps) - GAPS))
    if lines:
        return lines
    n = figures["sources"]
    return [t("blind_none", n=n) if n else t("blind_unknown")]


def _notices(notices: Mapping[str, Any], t: Words, mark: Mark) -> list[str]:
    if not notices["n"]:
        return [t("notices_none")]
    lines = [t("notices", n=notices["n"], ours=notices["ours"]) + mark("notices")]
    for one in notices["first"]:
        said = one["title"] or "–"
        if not said.startswith(one["outlet"] or "–"):
            said = t("notice", outlet=one["outlet"] or "–", title=said)
        alike = one.get("alike", 1)  # a digest that was kept before notices were told together
        more = t.inside("notice_alike", n=alike) if alike > 1 else ""
        told = said + more + (t.inside("notice_ours") if one["ours"] else "")
        lines.append(told + mark(f"notice:{one['id']}"))
    return lines


def _decision(one: Mapping[str, Any], t: Words) -> str:
    values: dict[str, Any] = {"name": one.get(t.language, "")}
    if "minutes" in one:
        values["length"] = t.length(one["minutes"])
    if "n" in one:
        values["n"] = one["n"]
    return t(f"decide_{one['rule']}", **values)
