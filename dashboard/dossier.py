"""One complaint as markup: the text as published, what it alleges, which clauses, what is kept.

Text in, escaped markup out; no Streamlit here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from dashboard import figures
from dashboard.casework import Unmasked
from dashboard.markup import link, marked, merged, plain, said, tag
from dashboard.naming import Naming
from dashboard.queries.desk import Reading, Wording
from dashboard.queries.mentions import TEXT_LIMIT
from data.model import SHANGHAI, Capture, EvidenceStatus
from data.store.cases import Case, CaseState, Note
from data.store.corrections import Label, Matter, Standing
from data.store.unmaskings import Unmasking

VALUE_LIMIT = 60
"""Characters of one stated fact that a line shows."""


def numbers(reading: Reading) -> dict[str, int]:
    """Return the footnote number of each allegation that counts, in reading order."""
    spans = reading.found.evidence if reading.found else ()
    counted = [e.allegation for e in spans if e.status is not EvidenceStatus.CLAIMED]
    return {key: n for n, key in enumerate(dict.fromkeys(counted), 1)}


def text(naming: Naming, reading: Reading, now: datetime) -> str:
    """Return where it stood and the words as published, every span marked and footnoted."""
    m, t, note = reading.mention, naming.t, numbers(reading)
    spans = reading.found.evidence if reading.found else ()
    shown = {"title": m.title, "text": m.text[:TEXT_LIMIT]}
    body = {
        field: marked(
            words,
            merged(
                [
                    (e.start, e.end, note[e.allegation])
                    for e in spans
                    if e.field == field and e.allegation in note
                ],
                len(words),
            ),
        )
        for field, words in shown.items()
    }
    cut = len(m.text) - len(shown["text"])
    tail = said("tf-faint", t("card.cut", n=figures.number(t, cut))) if cut > 0 else ""
    when = figures.since(t, m.published_at, now) if m.published_at else t("desk.undated")
    tone = reading.found.sentiment if reading.found else ""
    pieces = [
        f"<strong>{plain(naming.source(m.source))}</strong>",
        "" if naming.is_source(m.source, m.outlet) else plain(m.outlet),
        said("tf-when", when),
        tag(t.of("sentiment", tone), f"tf-{plain(tone)}") if tone else "",
        tag(naming.status(m.status)) if m.status else "",
        link(m.url, t("card.open"), "tf-open"),
    ]
    return (
        f'<article class="tf-card tf-reading"><div class="tf-byline">'
        f"{' '.join(filter(None, pieces))}</div>"
        f'<div class="tf-title" dir="auto">{body["title"]}</div>'
        f'<p class="tf-text" dir="auto">{body["text"]} {tail}</p></article>'
    )


def allegation(naming: Naming, reading: Reading, key: str, number: int) -> str:
    """Return one allegation: footnote, name, how far people are, and the words that show it."""
    t = naming.t
    spans = reading.found.evidence if reading.found else ()
    mine = [e for e in spans if e.allegation == key and e.status is not EvidenceStatus.CLAIMED]
    quotes = t("list.semicolon").join(f"「{e.quote}」" for e in mine)
    how = t("list.comma").join(dict.fromkeys(t.of("evidence", e.status) for e in mine))
    standing = reading.standing(key)
    return (
        f'<div class="tf-charge"><sup>{number}</sup> '
        f"<strong>{plain(naming.allegation(key))}</strong>"
        f" {tag(t.of('standing', standing), f'tf-standing-{plain(standing)}')}"
        f" {said('tf-faint', how)}"
        f'<div class="tf-small tf-quote" dir="auto">{plain(quotes)}</div></div>'
    )


def clauses(naming: Naming, reading: Reading) -> str:
    """Return the clauses the allegations may touch, with their force on the day of the text.

    A clause that nobody has checked against a text is not shown; the wording is ours.
    """
    t = naming.t
    at = reading.mention.published_at or reading.first_seen_at
    day = at.astimezone(SHANGHAI).date()
    rows = []
    for key, number in numbers(reading).items():
        fact = naming.allegations.get(key)
        for clause in fact.clauses if fact else ():
            rule = naming.rules.get(clause.rule)
            if rule is None or clause.verified == "general_knowledge":
                continue
            holds = rule.in_force(day)
            force = "force.unknown" if holds is None else "force.yes" if holds else "force.no"
            since = {"force.yes": t("force.yes", day=rule.effective),
                     "force.no": t("force.no", day=rule.effective),
                     "force.unknown": t("force.unknown")}[force]  # fmt: skip
            facts = [t.of("basis", clause.basis), t.of("binding", rule.binding), since]
            name = f"{naming.rule(clause.rule)} {naming.article(clause.article)}"
            rows.append(
                f"<li><sup>{number}</sup> <strong>{plain(name)}</strong> "
                f"{said('tf-small', ' · '.join(facts))}"
                f"<div>{plain(naming.gist(clause))}</div></li>"
            )
    return f'<ol class="tf-list tf-notes-list">{"".join(rows)}</ol>' if rows else ""


def facts(naming: Naming, stated: Mapping[str, Iterable[Mapping[str, object]]]) -> str:
    """Return what the text states (amounts, days, calls …) as a small table, or nothing."""
    t = naming.t
    rows = [
        (t.of("slot", slot), t("list.semicolon").join(_fact(item) for item in items))
        for slot, items in stated.items()
        if items
    ]
    cells = "".join(f"<div><span>{plain(k)}</span><b>{plain(v)}</b></div>" for k, v in rows if v)
    return f'<div class="tf-why tf-facts">{cells}</div>' if cells else ""


def kept(naming: Naming, pages: Sequence[Capture]) -> str:
    """Return the pages as received: when, from where, their SHA-256, and whether we hold them."""
    t = naming.t
    rows = [
        f"<li>{said('tf-when', _exact(page.fetched_at))} "
        f"{said('tf-small', t('desk.page_kept' if page.file else 'desk.page_not_kept'))}"
        f'<div class="tf-small tf-hash">SHA-256 {plain(page.sha256)}</div>'
        f'<div class="tf-small">HTTP {page.status} · {page.size:,} B · {plain(page.url)}</div></li>'
        for page in pages
    ]
    return f'<ol class="tf-list">{"".join(rows)}</ol>' if rows else ""


def unmasked(naming: Naming, shown: Unmasked) -> str:
    """Return a text as the page has it, what was masked marked; and what was not found."""
    t = naming.t
    title = marked(shown.title.text, shown.title.spans)
    text = marked(shown.text.text[:TEXT_LIMIT], shown.text.spans)
    missing = shown.title.missing + shown.text.missing
    rest = said("tf-small", t("desk.unmask_missing", n=missing), "div") if missing else ""
    warned = said("tf-late", t("desk.unmasked"), "div")
    return (
        f'<div class="tf-state tf-reading tf-unmasked">{warned}<strong dir="auto">{title}</strong>'
        f'<div class="tf-text" dir="auto">{text}</div>{rest}</div>'
    )


def looks(naming: Naming, found: Sequence[Unmasking], now: datetime) -> str:
    """Return who has looked behind the masks, when and why."""
    t = naming.t
    rows = [
        f"<li>{said('tf-when', figures.when(t, one.at, now))} "
        f"{said('tf-small', t('desk.unmasked_by', who=t.of('person', one.by), why=one.why))}</li>"
        for one in found
    ]
    return f'<ol class="tf-list">{"".join(rows)}</ol>'


def wordings(naming: Naming, older: Sequence[Wording]) -> str:
    """Return the older wordings, newest first."""
    t = naming.t
    rows = [
        f"<li>{said('tf-when', t('desk.wording', n=one.revision, when=_exact(one.replaced_at)))} "
        f"{tag(naming.status(one.status)) if one.status else ''}"
        f'<div dir="auto"><strong>{plain(one.title)}</strong></div>'
        f'<div class="tf-text" dir="auto">{plain(one.text[:TEXT_LIMIT])}</div></li>'
        for one in older
    ]
    return f'<ol class="tf-list">{"".join(rows)}</ol>' if rows else ""


def labels(naming: Naming, made: Sequence[Label], now: datetime) -> str:
    """Return who corrected what, newest first."""
    t = naming.t
    rows = []
    for one in reversed(made):
        charge = naming.allegation(one.allegation) if one.allegation else ""
        said_value = {
            Matter.SENTIMENT: t.of("sentiment", one.value),
            Matter.STANDING: t.of("standing", one.value or Standing.ALLEGED),
            Matter.ALLEGATION: t.of("labelled", one.value),
            Matter.ABOUT: t.of("labelled", one.value),
        }[one.what]
        words = said_value if one.value or one.what is Matter.STANDING else t("desk.taken_back")
        quote = f"「{one.quote}」" if one.quote else ""
        rows.append(
            f"<li>{said('tf-when', figures.when(t, one.at, now))} "
            f"<strong>{plain(t.of('matter', one.what))}</strong> {plain(charge)} {plain(words)} "
            f"{said('tf-faint', t.of('person', one.by))} {said('tf-small', quote)}</li>"
        )
    return f'<ol class="tf-list">{"".join(rows)}</ol>' if rows else ""


def deadline(naming: Naming, case: Case, now: datetime) -> str:
    """Return when a case must be answered, and how many days are left or how late it is."""
    t = naming.t
    if case.state is CaseState.CLOSED:
        return t("case.closed_on", day=_day(case.closed_at or now))
    left = case.due_at - now
    days = max(1, abs(left).days + (abs(left).seconds > 0))
    key = "case.late" if left.total_seconds() < 0 else "case.left"
    return {"case.late": t("case.late", n=days), "case.left": t("case.left", n=days)}[key]


def case_line(naming: Naming, case: Case, now: datetime) -> str:
    """Return a case as two lines: number and title; owner, receipt, deadline, size."""
    t = naming.t
    late = case.state is CaseState.OPEN and case.due_at < now
    facts_ = [
        t("case.owner", name=t.of("person", case.owner)),
        t("case.received", day=_day(case.received_at)),
        t("case.period", n=case.due_days, day=_day(case.due_at)),
        t("case.size", n=case.items),
    ]
    state = tag(t.of("case_state", case.state))
    finding = tag(t.of("finding", case.finding)) if case.finding else ""
    due = said("tf-clock tf-late" if late else "tf-clock", deadline(naming, case, now))
    return (
        f'<div class="tf-incident"><div class="tf-line"><strong dir="auto">#{case.id} '
        f"{plain(case.title)}</strong> {state} {finding} {due}</div>"
        f"{said('tf-small', ' · '.join(facts_), 'div')}</div>"
    )


def case_history(naming: Naming, notes: Sequence[Note], now: datetime) -> str:
    """Return what happened to a case, newest first."""
    t = naming.t
    rows = []
    for one in notes:
        words = [
            f"{t.of('case_detail', key)} {_case_value(naming, key, value)}".strip()
            for key, value in one.detail.items()
        ]
        rows.append(
            f"<li>{said('tf-when', figures.when(t, one.at, now))} "
            f"<strong>{plain(t.of('case_event', one.what))}</strong> "
            f"{said('tf-faint', t.of('person', one.by))} "
            f"{said('tf-small', t('list.semicolon').join(words), 'div')}</li>"
        )
    return f'<ol class="tf-list">{"".join(rows)}</ol>' if rows else ""


def _case_value(naming: Naming, key: str, value: object) -> str:
    words = str(value)
    if key == "finding":
        return naming.t.of("finding", words)
    return naming.t.of("person", words)


def _fact(item: Mapping[str, object]) -> str:
    value = item.get("value", "")
    number = f"{value:,g}" if isinstance(value, int | float) else str(value)
    return number[:VALUE_LIMIT]


def _exact(moment: datetime) -> str:
    """Write a moment to the second in Beijing time and in UTC: evidence needs both."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} +08:00 · {moment:%H:%M:%S} UTC"


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d}"
