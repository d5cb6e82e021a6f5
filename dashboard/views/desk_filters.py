"""The desk's facets: read from the address, drawn with how many there are of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

import streamlit as st

from dashboard import address, figures, parts
from dashboard.naming import Naming
from dashboard.queries import desk, mentions
from dashboard.queries.desk import Facets, Families
from dashboard.queries.filters import AMOUNTS, Filter
from dashboard.shared import Visit
from data.model import Sentiment, SourceKind

NAMES = (
    "group", "allegation", "severity", "province", "city", "collector", "amount", "status",
    "template", "source", "sentiment", "labelled", "clause",
)  # fmt: skip
WORDED = 18
"""Characters of a template that name it."""
TOP = 12
"""Values of a facet that are shown; the chosen ones always are."""


def groups(naming: Naming) -> Families:
    """Return each allegation under its group."""
    return tuple((fact.group, key) for key, fact in naming.allegations.items())


def clauses(naming: Naming) -> Families:
    """Return each allegation under the clauses it may touch, of those that were checked."""
    return tuple(
        (f"{clause.rule} {clause.article}", key)
        for key, fact in naming.allegations.items()
        for clause in fact.clauses
        if clause.verified != "general_knowledge"
    )


def read(visit: Visit) -> Filter:
    """Return what the address asks for; complaints only, unless it says otherwise."""
    naming = visit.naming
    touched = {name for name, _ in clauses(naming)}
    chosen = address.asked("clause", touched)
    families = address.asked("group", naming.groups)
    charges = address.asked("allegation", naming.allegations) or tuple(
        key for group, key in groups(naming) if group in families
    )
    labelled = address.asked("labelled", {"yes", "no"})
    return Filter(
        lender=visit.lender,
        words=st.query_params.get("q", "")[:200],
        kinds=() if st.query_params.get("scope") == "all" else (SourceKind.COMPLAINT,),
        sources=address.asked("source", visit.ask(mentions.sources, visit.lender)),
        sentiments=tuple(Sentiment(one) for one in address.asked("sentiment", set(Sentiment))),
        allegations=charges,
        touching=tuple(key for name, key in clauses(naming) if name in chosen),
        statuses=address.asked("status"),
        severities=tuple(int(n) for n in address.asked("severity", set("012345"))),
        provinces=address.asked("province"),
        cities=address.asked("city"),
        collectors=address.asked("collector"),
        amounts=address.asked("amount", AMOUNTS),
        templates=tuple(int(key) for key in address.asked("template") if key.isdecimal()),
        labelled=labelled[0] == "yes" if len(labelled) == 1 else None,
    )


def draw(visit: Visit, counted: Facets) -> None:
    """Draw the facets; each writes itself into the address."""
    t, naming = visit.t, visit.naming
    st.segmented_control(
        t("desk.scope"),
        ["complaint", "all"],
        required=True,
        format_func=lambda one: t.of("scope", one),
        label_visibility="collapsed",
        **address.one("scope", ["complaint", "all"], "complaint"),
    )
    _facet(visit, counted, "group", t("desk.group"), naming.group)
    _facet(visit, counted, "allegation", t("feed.allegation"), naming.allegation)
    _facet(visit, counted, "severity", t("feed.severity"), lambda n: t("desk.severity", n=n))
    _facet(visit, counted, "province", t("desk.province"), naming.place)
    if "province" in st.query_params:
        _facet(visit, counted, "city", t("desk.city"), naming.place)
    _facet(visit, counted, "collector", t("desk.collector"), str)
    _facet(visit, counted, "amount", t("desk.amount"), lambda one: t.of("amount", one))
    _facet(visit, counted, "status", t("desk.status"), naming.status)
    _facet(visit, counted, "template", t("desk.template"), _worded(visit, counted))
    _facet(visit, counted, "source", t("feed.source"), naming.source)
    _facet(visit, counted, "sentiment", t("feed.sentiment"), lambda one: t.of("sentiment", one))
    _facet(visit, counted, "labelled", t("desk.labelled"), lambda one: t.of("has_label", one))
    _facet(visit, counted, "clause", t("desk.clause"), lambda one: clause(naming, one))
    used = [name for name in (*NAMES, "q") if name in st.query_params]
    if used:
        st.button(t("desk.clear"), key="desk_clear", on_click=recall, args=((),), type="tertiary")


def _worded(visit: Visit, counted: Facets) -> Callable[[str], str]:
    """Return what says a template's first words for its number."""
    keys = tuple(int(key) for key in (*counted.of("template"), *address.asked("template"))
                 if key.isdecimal())  # fmt: skip
    known = visit.ask(desk.wordings, keys) if keys else {}

    def words(key: str) -> str:
        said = known.get(int(key), key) if key.isdecimal() else key
        return f"{said[:WORDED]}…" if len(said) > WORDED else said

    return words


def clause(naming: Naming, written: str) -> str:
    """Return a clause in words: 《rule》 article."""
    rule, _, article = written.partition(" ")
    return f"{naming.rule(rule)} {naming.article(article)}"


def described(visit: Visit, asked: Filter) -> str:
    """Return the filters as a line that a reader of an export understands."""
    t, naming = visit.t, visit.naming
    lines = [
        (t("feed.search"), asked.words),
        (t("feed.kind"), _joined(t("list.comma"), [t.of("kind", one) for one in asked.kinds])),
        (t("feed.source"), _joined(t("list.comma"), map(naming.source, asked.sources))),
        (t("feed.allegation"), _joined(t("list.comma"), map(naming.allegation, asked.allegations))),
        (t("desk.clause"),
         _joined(t("list.comma"), [clause(naming, one) for one in address.asked("clause")])),
        (t("desk.province"), _joined(t("list.comma"), map(naming.place, asked.provinces))),
        (t("desk.city"), _joined(t("list.comma"), map(naming.place, asked.cities))),
        (t("desk.collector"), _joined(t("list.comma"), asked.collectors)),
        (t("desk.amount"),
         _joined(t("list.comma"), [t.of("amount", one) for one in asked.amounts])),
        (t("desk.template"), _joined(t("list.comma"), [f"#{one}" for one in asked.templates])),
        (t("desk.status"), _joined(t("list.comma"), map(naming.status, asked.statuses))),
        (t("feed.severity"), _joined(t("list.comma"), map(str, asked.severities))),
        (t("feed.sentiment"),
         _joined(t("list.comma"), [t.of("sentiment", one) for one in asked.sentiments])),
        (t("desk.labelled"), "" if asked.labelled is None else
         t.of("has_label", "yes" if asked.labelled else "no")),
    ]  # fmt: skip
    told = [f"{name} {value}" for name, value in lines if value]
    return t("list.semicolon").join(told) or t("export.unfiltered")


def written() -> str:
    """Return the filters as the address has them, to be kept under a name."""
    kept = [(name, value) for name in (*NAMES, "q", "scope")
            for value in st.query_params.get_all(name)]  # fmt: skip
    return urlencode(kept)


def recall(pairs: Sequence[tuple[str, str]]) -> None:
    """Put these filters into the address, and no others; a callback."""
    for name in (*NAMES, "q", "scope", address.PAGE, address.ITEM):
        st.query_params.pop(name, None)
    for name in (*NAMES, "q", "scope"):
        values = [value for key, value in pairs if key == name]
        if values:
            st.query_params[name] = values


def _facet(
    visit: Visit, counted: Facets, name: str, title: str, called: Callable[[str], str]
) -> None:
    """Draw one facet as pills with counts; one that could not part anything is left out."""
    counts = counted.of(name)
    chosen = address.asked(name)
    shown = list(dict.fromkeys([*list(counts)[:TOP], *chosen]))
    options = [value for value in shown if value and (counts.get(value) or value in chosen)]
    if name == "labelled":
        options = ["yes", "no"] if counts.get("yes") or chosen else []
    if name == "severity":
        options.sort(reverse=True)
    if name == "amount":
        options.sort(key=list(AMOUNTS).index)
    if not options or (len(options) == 1 and not chosen):
        return
    n = {value: f" · {figures.number(visit.t, counts[value])}" for value in options
         if value in counts}  # fmt: skip
    st.pills(
        title,
        options,
        selection_mode="multi",
        format_func=lambda value: parts.label(f"{called(value)}{n.get(value, '')}"),
        **address.many(name, options),
    )


def _joined(comma: str, values: object) -> str:
    return comma.join(str(value) for value in values)  # type: ignore[attr-defined]
