"""A card in words: subject, plain text and HTML, in Chinese or English; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from alerts.cards import Card
from alerts.detect import WINDOWS
from alerts.words import Language, say
from data.facts.levels import levels
from data.model import SHANGHAI, Level

COLOURS = {
    Level.BLUE: "#2b6cb0",
    Level.YELLOW: "#8a6100",
    Level.ORANGE: "#b4470b",
    Level.RED: "#b91c1c",
}
"""Dark enough for white text on them (WCAG AA); the word and the icon say the same."""


def subject(card: Card, language: Language, *, repeat: bool = False) -> str:
    """Return the subject line; a repeat that may be a double says so."""
    head = say(language, "repeat") if repeat else ""
    if card.get("instead_of"):
        names = say(language, "comma").join(card["instead_of"])
        head += say(language, "instead", channels=names)
    return head + say(
        language,
        "subject",
        level=_level(card, language),
        title=card["title"][language],
        number=card["number"],
    )


def text(card: Card, language: Language, *, repeat: bool = False) -> str:
    """Return the card as plain text, a line a fact."""
    lines = [subject(card, language, repeat=repeat), *facts(card, language), ""]
    for quote in card["quotes"]:
        lines += [quoted(quote, language), *_allegations(quote, language), quote["url"], ""]
    if card.get("take"):
        lines.append(f"{act(card, language)}：{card['take']}")
    lines += [say(language, "link", url=card["link"]), say(language, "notice")]
    return "\n".join(lines) + "\n"


def html(card: Card, language: Language, *, repeat: bool = False) -> str:
    """Return the card as an HTML mail: one table, inline styles, everything escaped."""
    level = Level(card["level"])
    told = "".join(f"<p style='margin:4px 0'>{escape(line)}</p>" for line in facts(card, language))
    quotes = "".join(_quote_html(quote, language) for quote in card["quotes"])
    head = escape(subject(card, language, repeat=repeat))
    link = escape(card["link"], quote=True)
    take = escape(card.get("take", ""), quote=True)
    acting = f"<a href='{take}'>{escape(act(card, language))}</a> · " if take else ""
    return (
        f"<!DOCTYPE html><html lang='{language}'><body style='margin:0;font-family:\"PingFang SC\","
        '"Microsoft YaHei",sans-serif;font-size:15px;line-height:1.5;color:#1a1a1a\'>'
        "<table role='presentation' width='100%' style='max-width:640px;border-collapse:collapse'>"
        f"<tr><td style='background:{COLOURS[level]};color:#fff;padding:10px 14px'>"
        f"<b>{escape(icon(card))} {head}</b></td></tr>"
        f"<tr><td style='padding:10px 14px'>{told}</td></tr>"
        f"<tr><td style='padding:0 14px'>{quotes}</td></tr>"
        f"<tr><td style='padding:10px 14px'>{acting}<a href='{link}'>"
        f"{escape(say(language, 'link', url=card['link']))}</a>"
        f"<p style='color:#595959;font-size:13px'>{escape(say(language, 'notice'))}</p></td></tr>"
        "</table></body></html>"
    )


def reasons(why: Mapping[str, Any] | None, language: Language) -> list[str]:
    """Return the rule that fired in one sentence with its numbers."""
    if why is None:
        return []
    detail = why["detail"]
    common = {"rule": why["rule"], "version": why["version"]}
    if why["rule"] in WINDOWS:
        series = say(language, f"series_{why['series'].split(':')[0]}")
        return [
            say(language, "why_volume", hours=_n(why["window_minutes"] / 60), series=series,
                value=_n(why["value"]), low=_n(detail["low"]), high=_n(detail["high"]),
                threshold=_n(why["threshold"]), days=_n(detail["history_days"]), **common),
            say(language, "why_voices", posts=detail["posts"], authors=detail["authors"],
                texts=detail["texts"], share=f"{detail['negative_share']:.0%}"),
            *_rivals(detail, language),
        ]  # fmt: skip
    if why["rule"] in {"regulator", "hotlist"}:
        key = f"why_{why['rule']}"
        return [say(language, key, outlet=detail.get("outlet", ""), **common)]
    if why["rule"] == "cluster":
        head, _, where = why["series"].partition(":")
        return [
            say(language, f"why_cluster_{head}", value=_n(why["value"]), days=detail["days"],
                threshold=_n(why["threshold"]), where=where.partition("@")[2], **common)
        ]  # fmt: skip
    return [
        say(language, "why_severity", severity=why["severity"], value=_n(why["value"]),
            expected=_n(why["expected"]), **common)
    ]  # fmt: skip


def _rivals(detail: Mapping[str, Any], language: Language) -> list[str]:
    """Return what rivals heard in the same hours, where that was looked at."""
    if "rivals" not in detail:
        return []
    least = detail["rivals_threshold"]
    told = say(language, "rivals_from", n=_n(least)) if least is not None else ""
    verdict = say(language, "sector_yes" if detail["sector"] else "sector_no")
    return [
        say(language, "why_rivals", n=detail["rivals"], expected=_n(detail["rivals_expected"]),
            threshold=told, verdict=verdict)
    ]  # fmt: skip


def facts(card: Card, language: Language) -> list[str]:
    """Return what is known, a line a fact: why, who first, how many, what changed, until when."""
    lender = say(language, "lender", lender=card["lender"][language])
    reason = say(language, f"reason_{card['reason']}")
    lines = [f"{lender} · {reason}", *reasons(card["why"], language)]
    if card["first"]:
        first = card["first"]
        lines.append(
            say(language, "first", source=first["source"][language], words=first["words"],
                at=_moment(first["at"], language))
        )  # fmt: skip
    lines += [_counts(card["counts"], language), _spread(card["counts"], language)]
    lines += _changes(card, language)
    lines.append(_clock(card, language))
    return [line for line in lines if line]


def act(card: Card, language: Language) -> str:
    """Return what the card's link does, in words."""
    return say(language, f"link_{card['act']}")


def _counts(counts: Mapping[str, Any], language: Language) -> str:
    each = [
        say(language, "source_count", source=source[language], n=source["n"])
        for source in counts["sources"]
    ]
    return say(
        language, "counts", n=counts["mentions"], negative=counts["negative"], k=len(each),
        sources=say(language, "comma").join(each),
    )  # fmt: skip


def _spread(counts: Mapping[str, Any], language: Language) -> str:
    """Return the way the story took from source to source; "" while it is in one."""
    reached = [source for source in counts["sources"] if source.get("first_at")]
    if len(reached) < 2:  # noqa: PLR2004 - one place is no way
        return ""
    steps = [f"{source[language]} {_moment(source['first_at'], language)}" for source in reached]
    return say(language, "spread", steps=" → ".join(steps))


def _changes(card: Card, language: Language) -> list[str]:
    changes = card["changes"]
    if changes is None:
        return []
    comma = say(language, "comma")
    what = []
    if changes["mentions"] > 0:
        what.append(say(language, "change_mentions", n=changes["mentions"]))
    if changes["sources"]:
        names = comma.join(source[language] for source in changes["sources"])
        what.append(say(language, "change_sources", sources=names))
    if changes["level_from"] is not None:
        before, after = Level(changes["level_from"]), Level(changes["level_to"])
        words = {"before": word(card, before, language), "after": word(card, after, language)}
        what.append(say(language, "change_level", **words))
    at = _moment(changes["since"], language)
    return [say(language, "changes", at=at, what=comma.join(what))] if what else []


def _clock(card: Card, language: Language) -> str:
    clock, owner = card["clock"], card["owner"]
    parts = [say(language, "owner", owner=owner) if owner else say(language, "owner_none")]
    if card.get("on_call") and not owner:
        parts.append(say(language, "on_call", who=card["on_call"]))
    if clock["first_look"]:
        parts.append(say(language, "clock_look", at=_moment(clock["first_look"], language)))
    if clock["first_response"]:
        parts.append(say(language, "clock_response", at=_moment(clock["first_response"], language)))
    if clock.get("statement"):
        parts.append(say(language, "clock_statement", at=_moment(clock["statement"], language)))
    return " · ".join(parts)


def quoted(quote: Mapping[str, Any], language: Language) -> str:
    """Return one quoted mention with its source and time."""
    source = quote["source"][language]
    outlet = quote["outlet"]
    where = f"{source} {outlet}" if outlet and outlet != source else source
    return say(language, "quote", words=quote["words"], source=where,
               at=_moment(quote["at"], language))  # fmt: skip


def _allegations(quote: Mapping[str, Any], language: Language) -> Sequence[str]:
    lines = []
    for tag in quote["alleged"][:2]:
        clause = tag["clause"]
        key = "alleged_clause" if clause else "alleged"
        named = clause[language] if clause else ""
        lines.append(say(language, key, what=tag[language], clause=named))
    return lines


def _quote_html(quote: Mapping[str, Any], language: Language) -> str:
    alleged = "<br>".join(escape(line) for line in _allegations(quote, language))
    url = quote["url"]
    said = escape(quoted(quote, language))
    # only web addresses become links: a source's own text must not smuggle another scheme in
    if url.startswith(("https://", "http://")):
        said = f"<a href='{escape(url, quote=True)}' style='color:#1a1a1a'>{said}</a>"
    return (
        "<blockquote style='margin:8px 0;padding:2px 10px;border-left:3px solid #bbb'>"
        f"{said}<br><span style='color:#595959;font-size:13px'>{alleged}</span></blockquote>"
    )


def _level(card: Card, language: Language) -> str:
    return word(card, Level(card["level"]), language)


def word(card: Card, level: Level, language: Language) -> str:
    """Return a level's name as it was when the card was composed."""
    return _called(card, level)[language]


def icon(card: Card) -> str:
    """Return the sign of a card's level."""
    return _called(card, Level(card["level"]))["icon"]


def _called(card: Card, level: Level) -> Mapping[str, str]:
    fact = levels()[level]  # for a card that waits since before it named its levels
    ours = {"zh": fact.zh, "en": fact.en, "icon": fact.icon}
    named: Mapping[str, Mapping[str, str]] = card.get("levels", {})
    return named.get(str(int(level)), ours)


def _moment(iso: str | None, language: Language) -> str:
    if iso is None:
        return say(language, "undated")
    return datetime.fromisoformat(iso).astimezone(SHANGHAI).strftime("%m-%d %H:%M")


def _n(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"
