"""The paper trail as markup: why it fired, what happened, who was told, how reading went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from dashboard import figures
from dashboard.cards import badge
from dashboard.markup import plain, said, tag
from dashboard.naming import Naming
from dashboard.queries.incidents import Fired, Happened, Message
from dashboard.queries.sources import Place
from data.model import Level, Outcome

VOLUME = ("burst", "swell")
"""The rules that count mentions; the others speak of single ones."""
SIGNS = {
    Outcome.RUNNING: "…",
    Outcome.OK: "●",
    Outcome.EMPTY: "○",
    Outcome.REFUSED: "✕",
    Outcome.CHANGED: "△",
    Outcome.FAILED: "!",
    Outcome.KILLED: "†",
}
"""A sign for each outcome, so that a row of ticks reads without colour."""


def telling(fired: Sequence[Fired]) -> tuple[list[Fired], list[Fired]]:
    """Part signals (newest first) into those that explain most, and the others.

    Of each rule the newest speaks; volume says more than a single text.
    """
    newest: dict[str, Fired] = {}
    for one in fired:
        newest.setdefault(one.rule, one)
    chosen = sorted(newest.values(), key=lambda one: (one.rule not in VOLUME, one.rule))
    return chosen, [one for one in fired if one not in chosen]


def signal(naming: Naming, fired: Fired, now: datetime) -> str:
    """Return why an alarm went off: one sentence, then its numbers side by side."""
    t = naming.t
    sentence = t.of("signal", fired.rule)
    if sentence != fired.rule:
        sentence = sentence.format(
            series=naming.series(fired.series),
            window=figures.length(t, fired.window),
            n=figures.number(t, fired.value),
            severity=fired.severity,
        )
    low, high = fired.detail.get("low"), fired.detail.get("high")
    usual = (
        f"{low:.0f}–{high:.0f}"
        if isinstance(low, int | float) and isinstance(high, int | float)
        else figures.number(t, round(fired.expected, 1))
    )
    numbers = [
        (t("incident.seen"), figures.number(t, fired.value)),
        (t("incident.expected"), usual),
        (t("incident.threshold"), figures.number(t, round(fired.threshold, 1))),
        (t("incident.at"), figures.when(t, fired.at, now)),
        (t("incident.rule"), f"{fired.rule} v{fired.version}"),
    ]
    cells = "".join(f"<div><span>{plain(k)}</span><b>{plain(v)}</b></div>" for k, v in numbers)
    more = said("tf-small", _facts(naming, fired.detail), "div")
    return f'<div>{plain(sentence)}</div><div class="tf-why">{cells}</div>{more}'


def history(naming: Naming, events: Sequence[Happened], now: datetime) -> str:
    """Return what happened to an incident as a list, newest first."""
    t = naming.t
    rows = [
        [
            said("tf-when", figures.when(t, event.at, now)),
            said("tf-what-happened", t.of("event", event.what), "strong"),
            said("tf-faint", t.of("person", event.by)),
            said(
                "tf-small",
                _facts(naming, event.detail, levels=event.what in {"rose", "lowered"}),
                "div",
            ),
        ]
        for event in events
    ]
    return _list(rows)


def messages(naming: Naming, sent: Sequence[Message], now: datetime) -> str:
    """Return what was said to whom, or why nothing was, newest first."""
    t = naming.t
    rows = []
    for one in sent:
        why = [t.of("reason", one.reason)]
        why += [t("message.tries", n=one.attempt)] if one.attempt > 1 else []
        why += [t("message.unsure")] if one.unsure else []
        rows.append(
            [
                said("tf-when", figures.when(t, one.sent_at or one.created_at, now)),
                badge(naming, one.level),
                said("tf-channel", one.channel, "strong"),
                tag(t.of("delivery", one.state), f"tf-delivery-{plain(one.state)}"),
                said("tf-faint", " · ".join(why)),
                said("tf-small", one.subject, "div"),
                said("tf-small", one.reply[:300], "div"),
            ]
        )
    return _list(rows)


def places(naming: Naming, rows: Sequence[Place], now: datetime) -> str:
    """Return the sources as short lines: name, newest mention, last runs as ticks, verdict."""
    t = naming.t
    lines = []
    for place in rows:
        newest = figures.ago(t, place.newest_at, now) if place.newest_at else t("source.never")
        cells = [
            said("tf-name", naming.source(place.source)),
            said("tf-small", newest),
            ticks(naming, place),
            said("tf-small" if place.well else "tf-small tf-late", verdict(naming, place)),
        ]
        lines.append(f'<div class="tf-place">{"".join(cells)}</div>')
    return "".join(lines)


def ticks(naming: Naming, place: Place) -> str:
    """Return the last runs, oldest first, a sign each."""
    signs = "".join(
        f'<span class="tf-run-{plain(ran.outcome)}">{SIGNS[ran.outcome]}</span>'
        for ran in reversed(place.runs)
    )
    return f'<span class="tf-ticks" title="{plain(verdict(naming, place))}">{signs}</span>'


def verdict(naming: Naming, place: Place) -> str:
    """Return how the last finished run of a source ended, in words."""
    t = naming.t
    return t.of("outcome", place.outcome) if place.outcome else t("source.unread")


def _list(rows: Sequence[Sequence[str]]) -> str:
    items = "".join(f"<li>{' '.join(cells)}</li>" for cells in rows)
    return f'<ol class="tf-list">{items}</ol>'


def _facts(naming: Naming, detail: Mapping[str, object], *, levels: bool = False) -> str:
    """Return the details that have a name in the words; the others are for machines.

    ``levels``: ``from`` and ``to`` are levels, not counts.
    """
    t = naming.t
    return t("list.semicolon").join(
        f"{t.of('detail', key)} {_value(naming, key, value, levels=levels)}"
        for key, value in detail.items()
        if f"detail.{key}" in t.known and value not in (None, "", [], {})
    )


def _value(naming: Naming, key: str, value: object, *, levels: bool) -> str:
    comma = naming.t("list.comma")
    if isinstance(value, Mapping):
        named = [f"{_word(naming, key, name)} {n:g}" for name, n in list(value.items())[:8]]
        return comma.join(named)
    if isinstance(value, list | tuple):
        return comma.join(_word(naming, key, item) for item in value[:8])
    known = set(Level)
    if (key == "level" or (levels and key in {"from", "to"})) and value in known:
        return naming.level(Level(cast("int", value)))
    return _word(naming, key, value)


def _word(naming: Naming, key: str, value: object) -> str:
    t = naming.t
    if key == "negative_share" and isinstance(value, float):
        return figures.share(value, 1)
    if isinstance(value, float):
        return figures.number(t, round(value, 1))
    called = {
        "condition": lambda words: t.of("fact", words),
        "sources": naming.source,
        "verdict": lambda words: t.of("judged", words),
        "step": naming.step,
        "allegations": naming.series,
        "series": naming.series,
    }
    return called.get(key, str)(str(value))
