"""Rows into the HTML of cards, badges and lists: text in, escaped markup out. No Streamlit here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from dashboard import figures
from dashboard.clocks import Clock, running
from dashboard.markup import body, link, marked, merged, plain, said, tag
from dashboard.naming import Naming
from dashboard.queries.incidents import Told
from dashboard.queries.mentions import Shown
from dashboard.queries.stories import Copy
from dashboard.words import Words
from data.model import Level

COPIES = 100
"""Near copies that are listed; their count is always told."""


def badge(naming: Naming, level: Level) -> str:
    """Return a level as sign, word and colour together."""
    name = level.name.lower()
    return (
        f'<span class="tf-badge tf-{name}"><span aria-hidden="true">{naming.icon(level)}</span>'
        f" {plain(naming.level(level))}</span>"
    )


def countdown(naming: Naming, clock: Clock | None) -> str:
    """Return what is due and how long is left, or by how much it is late."""
    if clock is None:
        return ""
    t = naming.t
    span = figures.length(t, clock.left)
    left = t("clock.over", span=span) if clock.overdue else t("clock.left", span=span)
    css = "tf-late" if clock.overdue else ""
    return f'<span class="tf-clock {css}">{plain(t.of("clock", clock.kind))} {plain(left)}</span>'


def mention(naming: Naming, shown: Shown, now: datetime, *, brief: bool = False) -> str:
    """Return one mention: who, when, what, with the words that show each allegation marked."""
    keys = list(dict.fromkeys(item.allegation for item in shown.evidence))
    note = {key: number for number, key in enumerate(keys, 1)}
    spans = {
        field: merged(
            [(e.start, e.end, note[e.allegation]) for e in shown.evidence if e.field == field],
            len(shown.title if field == "title" else shown.text),
        )
        for field in ("title", "text")
    }
    t = naming.t
    cut = shown.text_size - len(shown.text)
    more = t("card.more", n=figures.number(t, shown.text_size))
    rest = t("card.cut", n=figures.number(t, cut)) if cut > 0 else ""
    title = marked(shown.title, spans["title"])
    heading = f'<div class="tf-title" dir="auto">{title}</div>' if title else ""
    notes = _notes(naming, note, brief=brief)
    return (
        f'<article class="tf-card tf-tone-{plain(shown.sentiment)}">'
        f"{_byline(naming, shown, now)}{heading}"
        f"{body(shown.text, spans['text'], more, rest)}{notes}</article>"
    )


def copies(naming: Naming, found: Sequence[Copy], now: datetime) -> str:
    """Return near copies of the text above, folded behind their count."""
    t = naming.t
    if not found:
        return ""
    rows = "".join(
        f"<li>{plain(naming.source(one.source))} "
        f"{said('tf-when', figures.when(t, one.published_at, now) if one.published_at else '–')} "
        f"{link(one.url, t('card.open'), 'tf-open')}</li>"
        for one in found[:COPIES]
    )
    head = plain(t("card.copies", n=len(found)))
    return (
        f'<details class="tf-copies"><summary>{head}</summary>'
        f'<ol class="tf-list">{rows}</ol></details>'
    )


def incident(naming: Naming, told: Told, now: datetime) -> str:
    """Return an incident as two lines: level and title, then size, age and clock."""
    t = naming.t
    where = t("incident.places", n=len(told.sources))
    size = t("incident.size", n=figures.number(t, told.mentions))
    seen = t("incident.last", when=figures.ago(t, told.last_at, now))
    clock = countdown(naming, due(naming, told, now))
    state = tag(t.of("state", told.state))
    title = naming.story(told.key, told.title, told.mentions)
    return (
        f'<div class="tf-incident"><div class="tf-line">{badge(naming, told.level)}'
        f' <strong dir="auto">{plain(title)}</strong></div>'
        f'<div class="tf-line tf-small">{state} <span>{plain(size)}</span> '
        f"<span>{plain(where)}</span> <span>{plain(seen)}</span> {clock}</div></div>"
    )


def comparison(
    t: Words,
    changes: Sequence[tuple[str, int, int, str]],
    news: Sequence[tuple[str, Sequence[str]]],
) -> str:
    """Return one line: each count with its change and what was expected, then what is new."""
    pieces = [
        f"<span>{plain(name)} <b>{plain(figures.number(t, n))}</b> "
        f'<span class="tf-faint">{plain(figures.signed(t, change))}{plain(extra)}</span></span>'
        for name, n, change, extra in changes
    ]
    pieces += [
        f"<span>{plain(name)} <b>{plain(t('list.comma').join(words[:4]))}</b></span>"
        for name, words in news
        if words
    ]
    head = f'<span class="tf-faint">{plain(t("situation.compared"))}</span>'
    return f'<div class="tf-compare">{head}{"".join(pieces)}</div>'


def _byline(naming: Naming, shown: Shown, now: datetime) -> str:
    t = naming.t
    outlet = "" if naming.is_source(shown.source, shown.outlet) else shown.outlet
    at = shown.published_at
    when = (
        figures.since(t, at, now)
        if at
        else t("card.undated", when=figures.ago(t, shown.first_seen_at, now))
    )
    pieces = [
        f"<strong>{plain(naming.source(shown.source))}</strong>",
        plain(outlet),
        f'<span class="tf-when">{plain(when)}</span>',
        tag(t.of("sentiment", shown.sentiment), f"tf-{plain(shown.sentiment)}"),
        tag(naming.status(shown.status)) if shown.status else "",
        link(shown.url, t("card.open"), "tf-open"),
    ]
    return f'<div class="tf-byline">{" ".join(piece for piece in pieces if piece)}</div>'


def _notes(naming: Naming, note: dict[str, int], *, brief: bool) -> str:
    """Return the footnotes: what is alleged, and the clauses it may touch."""
    lines = []
    for key, number in note.items():
        alleged = plain(naming.t("card.alleged", what=naming.allegation(key)))
        clauses = "" if brief else _clauses(naming, key)
        lines.append(f'<div class="tf-note"><sup>{number}</sup> {alleged} {clauses}</div>')
    return f'<div class="tf-notes">{"".join(lines)}</div>' if lines else ""


def _clauses(naming: Naming, key: str) -> str:
    """Return the clauses an allegation may touch: two by name, all with their gist unfolded."""
    t, clauses = naming.t, naming.clauses(key)
    if not clauses:
        return ""
    some = t("list.semicolon").join(name for name, _ in clauses[:2])
    if len(clauses) > 2:  # noqa: PLR2004  # two can be read at a glance
        some = t("card.and_more", some=some, n=len(clauses))
    rows = "".join(f"<li><b>{plain(name)}</b> {plain(gist)}</li>" for name, gist in clauses)
    head = plain(t("card.may_touch", clauses=some))
    return f'<details class="tf-clauses"><summary>{head}</summary><ul>{rows}</ul></details>'


def due(naming: Naming, told: Told, now: datetime) -> Clock | None:
    """Return the clock that runs for an incident."""
    return running(naming.levels[told.level], told.state, told.level_at, now, told.done)


def by_urgency(naming: Naming, found: Iterable[Told], now: datetime) -> list[Told]:
    """Return open incidents, the gravest first; of one level the one with the least time left."""

    def urgency(told: Told) -> tuple[int, timedelta]:
        clock = due(naming, told, now)
        return -told.level, clock.left if clock else timedelta.max

    return sorted(found, key=urgency)
