"""The page's sections, each a title and a few sentences; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from alerts.digest import change
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
        "places": _places(figures["places"], t, mark),
        "rivals": _rivals(figures["rivals"], t, mark),
        "promises": _promises(figures["promises"], t, mark),
        "blind": _blind(figures, t, mark),
        "notices": _notices(figures["notices"], t, mark),
        "decide": [_decision(one, t) for one in figures["decide"]] or [t("decide_none")],
    }
    return [{"key": k, "title": t(f"section_{k}"), "lines": lines} for k, lines in made.items()]


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
        head = t("event", icon=fact.icon, level=level, title=event["title"])
        lines.append(head + mark(f"event:{event['id']}"))
        lines.append(_event(event, t))
    if figures["more_events"]:
        lines.append(t("events_more", n=figures["more_events"]))
    return lines or [t("events_none")]


def _event(event: Mapping[str, Any], t: Words) -> str:
    return t(
        "event_where",
        at=t.moment(event["opened_at"]),
        source=event["source"][t.language] or t.inside("none"),
        sources=event["sources"],
        n=t.number(event["mentions"]),
        acted=_acted(event, t),
        state=t.inside(f"state_{event['state']}"),
    )


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


def _places(places: Mapping[str, Any], t: Words, mark: Mark) -> list[str]:
    if not places["some"]:
        return [t("places_none")]
    each = [t.inside("place", **one) for one in places["top"]]
    return [t("places", n=places["some"], list=t.inside("comma").join(each)) + mark("severe")]


def _rivals(rivals: Mapping[str, Any], t: Words, mark: Mark) -> list[str]:
    if not rivals["each"]:
        return [t("rivals_none")]
    if not rivals["value"] and not rivals["before"]:
        return [t("rivals_silent")]
    voice = change.points(
        {
            "percent": rivals["voice"],
            "before": rivals["voice_before"],
            "turn": rivals["voice_turn"],
        },
        t,
    )
    said = t(
        "rivals",
        n=t.number(rivals["value"]),
        change=_small(change.count(rivals, t), t),
        percent=rivals["voice"],
        voice=_small(voice, t),
    )
    return [said + "".join(mark(f"rival:{one['slug']}") for one in rivals["each"])]


def _small(words: str, t: Words) -> str:
    return words[:1].lower() + words[1:] if t.language == "en" else words


def _promises(promises: Mapping[str, Any], t: Words, mark: Mark) -> list[str]:
    counted = {key: promises[key] for key in ("kept", "broken", "running")}
    if not any(counted.values()):
        return [t("promises_none")]
    marks = "".join(mark(f"event:{key}") for key in promises["broken_ids"])
    return [t("promises", **counted) + (marks or mark("incidents"))]


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
        key = "notice_ours" if one["ours"] else "notice"
        lines.append(t(key, outlet=one["outlet"] or "–", title=one["title"] or "–"))
    return lines


def _decision(one: Mapping[str, Any], t: Words) -> str:
    values: dict[str, Any] = {"name": one.get(t.language, ""), "title": one.get("title", "")}
    if "minutes" in one:
        values["length"] = t.length(one["minutes"])
    if "n" in one:
        values["n"] = one["n"]
    return t(f"decide_{one['rule']}", **values)
