"""Figures in words: one neutral page that every form (mail, PDF, Markdown, …) only lays out; pure.

A page is plain JSON. What can be checked is followed by 〔n〕; ``proofs`` says what n opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from alerts.digest import change, sections
from alerts.digest.chance import FEW
from alerts.digest.figures import Figures, digest
from alerts.digest.words import GRAMMAR, Language, Words, words
from data.facts.levels import levels
from data.model import Level

Page = dict[str, Any]


class Marks:
    """Numbers the proofs in the order in which the page first names them."""

    def __init__(self, proofs: Mapping[str, Any]) -> None:
        """Begin without any mark."""
        self._proofs = proofs
        self.found: list[dict[str, Any]] = []

    def __call__(self, key: str) -> str:
        """Return the mark of a proof, "" if nothing was counted under this key."""
        if key not in self._proofs:  # a group has one for each of its companies
            return "".join(self(one) for one in self._proofs if one.startswith(f"{key}/"))
        known = next((one for one in self.found if one["key"] == key), None)
        if known is None:
            known = {"number": len(self.found) + 1, "key": key, **self._proofs[key]}
            self.found.append(known)
        return f"〔{known['number']}〕"


def page(
    figures: Figures, language: Language, revision: int = 1, previous: Figures | None = None
) -> Page:
    """Return the page of some figures in one language; ``previous`` are the last revision's."""
    t = words(language, figures["period"]["kind"])
    mark = Marks(figures["proofs"])
    cards = _cards(figures, t, mark)
    parts = sections.sections(figures, t, mark)
    return {
        "language": language,
        "period": figures["period"]["id"],
        "title": t(f"title_{figures['period']['kind']}"),
        "name": name(figures, t),
        "about": figures["scope"][language],
        "scope": figures["scope"]["id"],
        "lender": figures["scope"]["lenders"][0],
        "level": figures["worst"],
        "level_name": _level(figures["worst"], language),
        "lead": lead(figures, t),
        "cards": cards,
        "sections": parts,
        "charts": _charts(figures, t),
        "foot": [*_scoped(figures, t), *_foot(len(mark.found), t)],
        "proofs": mark.found,
        "warned": _warned(figures, t),
        "revision": revision,
        "revised": _revised(figures, revision, previous, t) if previous else "",
        "id": t.inside(
            "footer_id",
            period=figures["period"]["id"],
            scope=figures["scope"]["id"],
            language=language,
            revision=revision,
            hash=digest(figures)[:12],
            grammar=GRAMMAR,
        ),
        "open": t("open"),
    }


def _foot(proofs: int, t: Words) -> list[str]:
    return [
        t("footer_method"),
        t("footer_noise"),
        t("footer_proofs", n=proofs),
        t("footer_check"),
    ]


def _scoped(figures: Figures, t: Words) -> list[str]:
    """Say how a group, a product or a province is counted."""
    about = figures["scope"]
    found = [t("footer_group")] if len(about["lenders"]) > 1 else []
    if about["narrow"]:
        found.append(t("footer_province" if "@" in about["id"] else "footer_product"))
    return found


def name(figures: Figures, t: Words) -> str:
    """Return what the period is called."""
    first = date.fromisoformat(figures["period"]["first"])
    year, number = first.year, first.month
    if t.kind == "week":
        year, number, _ = first.isocalendar()
    return t.inside(
        f"name_{t.kind}",
        year=year,
        number=number,
        first=t.day(figures["period"]["first"]),
        last_of=t.day(figures["period"]["last"]),
    )


def lead(figures: Figures, t: Words) -> str:
    """Return the one sentence for the whole period."""
    if not figures["mentions"]["value"]:
        return t("lead_empty_blind" if figures["blind"] else "lead_empty")
    return t("lead", share=_lead_share(figures, t), events=_lead_events(figures, t))


def _lead_share(figures: Figures, t: Words) -> str:
    share, n = figures["share"], figures["mentions"]["value"]
    if n < FEW:
        return t("lead_few", n=n, percent=share["percent"])
    if share["before"] is None:
        return t("lead_first", n=t.number(n), percent=share["percent"])
    turn = change.shown_turn(share["turn"], share["percent"] - share["before"])
    key = {0: "lead_flat", 1: "lead_up", -1: "lead_down"}[turn]
    return t(key, percent=share["percent"], before=share["before"])


def _lead_events(figures: Figures, t: Words) -> str:
    grave = figures["grave"]
    if not grave["n"]:
        return t.inside("lead_calm")
    rest = t.inside("rest_some", n=grave["open"]) if grave["open"] else t.inside("rest_none")
    level = t.inside(f"level_{grave['level']}")
    return t.inside("lead_events", n=grave["n"], level=level, rest=rest)


def _cards(figures: Figures, t: Words, mark: Marks) -> list[dict[str, Any]]:
    share = figures["share"]
    return [
        _count("mentions", figures, t, mark),
        {
            "key": "share",
            "label": t("card_share"),
            "value": f"{share['percent']}%" if share["n"] else "–",
            "change": change.points(share, t) if share["n"] else t("no_mentions"),
            "note": _interval(share, t),
            "tone": change.shown_turn(share["turn"], share["percent"] - (share["before"] or 0)),
            "mark": mark("share"),
        },
        _count("severe", figures, t, mark, tone=True),
        _response(figures, t, mark),
    ]


def _count(
    key: str, figures: Figures, t: Words, mark: Marks, *, tone: bool = False
) -> dict[str, Any]:
    counted = figures[key]
    return {
        "key": key,
        "label": t(f"card_{key}"),
        "value": t.number(counted["value"]),
        "change": change.count(counted, t),
        "note": _band(counted["band"], figures["history"], t),
        "tone": counted["turn"] if tone else 0,
        "mark": mark(key),
    }


def _band(ends: list[int] | None, n: int, t: Words) -> str:
    if ends is None:
        return t("band_none")
    return t("band", n=n, low=t.number(ends[0]), high=t.number(ends[1]))


def _interval(share: Mapping[str, Any], t: Words) -> str:
    if not share["n"]:
        return ""
    ends = {"low": share["low"], "high": share["high"]}
    if share["band"] is None:
        return t("interval_only", **ends)
    band = {"band_low": share["band"][0], "band_high": share["band"][1]}
    return t("interval", n=share["of"], **band, **ends)


def _response(figures: Figures, t: Words, mark: Marks) -> dict[str, Any]:
    told = figures["response"]
    minutes, before = told["minutes"], told["before"]
    turn = 0 if minutes is None or before is None else (minutes > before) - (minutes < before)
    return {
        "key": "response",
        "label": t("card_response"),
        "value": t("none") if minutes is None else t.length(minutes),
        "change": "" if minutes is None else change.length(minutes, before, t),
        "note": _responses(told, t),
        "tone": turn,
        "mark": mark("incidents"),
    }


def _responses(told: Mapping[str, Any], t: Words) -> str:
    said = [t("response_of", n=told["n"])] if told["n"] else []
    if told["waiting"]:
        said.append(t("response_waiting", n=told["waiting"]))
    return t.inside("comma").join(said) or t("response_nobody")


def _level(level: int, language: Language) -> str:
    if not level:
        return ""
    fact = levels()[Level(level)]
    return f"{fact.icon} {fact.zh if language == 'zh' else fact.en}"


def _charts(figures: Figures, t: Words) -> dict[str, Any]:
    """Return what is drawn: the days, and the share of this period and those before."""
    days = [
        {
            "label": t.tick(day["day"]),
            "told": t.number(day["n"]),
            **{k: day[k] for k in ("n", "negative", "level")},
        }
        for day in figures["days"]
    ]
    weeks = [
        {"label": t.tick(one["first"]), "percent": round(100 * one["negative"] / one["n"])}
        if one["n"]
        else {"label": t.tick(one["first"]), "percent": None}
        for one in figures["weeks"]
    ]
    most = max((day["n"] for day in figures["days"]), default=0)
    return {
        "days": days,
        "weeks": weeks,
        "days_title": t("chart_days"),
        "weeks_title": t("chart_weeks"),
        "all": t.inside("chart_all"),
        "negative": t.inside("chart_negative"),
        "alt": t("chart_alt", days=t.inside("chart_days"), most=t.number(most)),
    }


def _warned(figures: Figures, t: Words) -> str:
    """Say beside the figures that sources were blind."""
    gaps = figures["blind"]
    if not gaps:
        return ""
    longest = max(gap["minutes"] for gap in gaps)
    return t("warned", n=len({gap["source"]["slug"] for gap in gaps}), length=t.length(longest))


def _revised(figures: Figures, revision: int, previous: Figures, t: Words) -> str:
    """Say which of the main counts differ from the revision before."""
    pairs = (
        ("card_mentions", previous["mentions"]["value"], figures["mentions"]["value"]),
        ("chart_negative", previous["share"]["k"], figures["share"]["k"]),
        ("card_severe", previous["severe"]["value"], figures["severe"]["value"]),
    )
    items = [
        t.inside("revised_item", name=t.inside(key), before=t.number(old), now=t.number(new))
        for key, old, new in pairs
        if old != new
    ]
    what = t.inside("comma").join(items) or t.inside("revised_other")
    return t("revised", revision=revision, what=what)
