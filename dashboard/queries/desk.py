"""The complaint desk: how many of what there is, and everything about one complaint."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    select,
    union_all,
)

from dashboard.queries.filters import (
    AMOUNTS,
    WALKED,
    Filter,
    common,
    conditions,
    fewest,
    moment,
    rare,
    stretches,
)
from dashboard.queries.mentions import COUNT_LIMIT
from data.model import Assessment, Capture, Mention
from data.store import assessments, captures, cases, corrections, mentions, search, templates
from data.store.cases import Case
from data.store.corrections import Label, Matter, Standing
from data.store.schema import (
    copy,
    label,
    mention,
    mention_revision,
    template,
    verdict,
    verdict_tag,
)
from data.store.templates import Template

FIRST = 51
"""A page of the list, and one more that tells whether there are others."""
Families = tuple[tuple[str, str], ...]
"""Pairs of a name and an allegation that belongs under it: groups, or clauses."""


@dataclass(frozen=True, slots=True)
class Facets:
    """How many of the chosen mentions have each value, by facet; of the newest COUNT_LIMIT.

    ``among`` so many of the newest mentions those are that a search found; None: among all.
    ``newest`` are the first FIRST of them, where the count has met them in their order anyway.
    """

    counts: Mapping[str, Mapping[str, int]]
    total: int
    among: int | None = None
    newest: tuple[int, ...] = ()

    @property
    def whole(self) -> int | None:
        """How many there are, where all were counted."""
        return self.total if self.among is None and self.total < COUNT_LIMIT else None

    def of(self, facet: str) -> Mapping[str, int]:
        """Return the values of one facet, the most frequent first."""
        return self.counts.get(facet, {})


@dataclass(frozen=True, slots=True)
class Wording:
    """An older wording of a text, public until ``replaced_at``."""

    revision: int
    replaced_at: datetime
    status: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One complaint with all that is known about it; ``found`` None: a person said, not ours."""

    mention: Mention
    first_seen_at: datetime
    found: Assessment | None
    labels: tuple[Label, ...]
    captures: tuple[Capture, ...]
    wordings: tuple[Wording, ...]
    cases: tuple[Case, ...]
    template: Template | None = None

    def standing(self, allegation: str) -> Standing:
        """Return how far people are with an allegation: alleged, until somebody says more."""
        for one in corrections.current(self.labels):
            if one.what is Matter.STANDING and one.allegation == allegation:
                return Standing(one.value)
        return Standing.ALLEGED


def facets(conn: Connection, asked: Filter, groups: Families, clauses: Families) -> Facets:
    """Count the newest COUNT_LIMIT mentions that a filter leaves, by every facet at once."""
    if _nothing(conn, asked):
        return Facets({}, 0)
    for stretch in stretches(conn, asked):
        found = _facets(conn, stretch, groups, clauses)
        if found.total >= COUNT_LIMIT:
            break
    return found


def _nothing(conn: Connection, asked: Filter) -> bool:
    """Tell whether PostgreSQL finds no row at all: a third of the work of ordering none of them."""
    if conn.dialect.name != "postgresql" or asked.words:
        return False
    rows = verdict.join(mention) if asked.statuses else verdict
    first = select(verdict.c.mention_id).select_from(rows).where(*conditions(conn, asked)).limit(1)
    return conn.execute(first).first() is None


def _facets(conn: Connection, asked: Filter, groups: Families, clauses: Families) -> Facets:
    words = common(conn, asked)
    if words is None:
        chosen = _newest(conn, asked, COUNT_LIMIT).cte("chosen")
        newest = chosen
    else:
        newest = _newest(conn, replace(asked, words=""), WALKED).cte("newest")
        hit = search.matching(conn, words, newest.c.mention_id, one_by_one=True)
        chosen = select(newest).where(hit).limit(COUNT_LIMIT).cte("chosen")
    parts = [_by(chosen, name) for name in (*_COLUMNS, "severity", "status", "amount")]
    filled = chosen.join(copy, copy.c.mention_id == chosen.c.mention_id).join(
        template, template.c.first_id == copy.c.first_id
    )
    parts.append(_counted("template", cast(template.c.first_id, String)).select_from(filled))
    parts.append(_together(chosen))
    corrected = select(label.c.mention_id).where(label.c.lender == asked.lender)
    parts.append(
        select(literal("labelled"), literal("yes"), func.count()).where(
            chosen.c.mention_id.in_(corrected)
        )
    )
    gathered = words is None and _gathers(conn, asked)
    if gathered:
        parts.append(_first(chosen))
    for name, rows in (("total", chosen), ("walked", newest)):
        parts.append(select(literal(name), literal(""), func.count()).select_from(rows))
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for facet, value, n in conn.execute(union_all(*parts)):
        found[facet][value] = n
    sets = {tuple(one.split()): n for one, n in found.pop("together", {}).items()}
    for name, pairs in (("allegation", None), ("group", groups), ("clause", clauses)):
        found[name] = _under(sets, pairs)
    total, walked = (found.pop(name)[""] for name in ("total", "walked"))
    partly = words is not None and walked == WALKED and total < COUNT_LIMIT
    places = found.pop("first", Counter())
    ordered = {facet: _ordered(counts) for facet, counts in found.items()}
    first = tuple(int(key) for key in sorted(places, key=places.__getitem__))
    return Facets(ordered, total, WALKED if partly else None, first)


def _gathers(conn: Connection, asked: Filter) -> bool:
    return conn.dialect.name == "postgresql" and bool(search.query(asked.words))


def _first(chosen: CTE) -> Select[Any]:
    """Return the newest FIRST with their places: to gather them again would cost as much."""
    c = chosen.c
    place = func.row_number().over(order_by=(c.at.desc().nulls_last(), c.mention_id.desc()))
    placed = select(cast(c.mention_id, String).label("key"), place.label("place")).subquery()
    return select(literal("first"), placed.c.key, placed.c.place).where(placed.c.place <= FIRST)


def _ordered(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _newest(conn: Connection, asked: Filter, most: int) -> Select[Any]:
    """Return the newest ``most``: of the dated rows, then of the undated.

    One order with the undated last would keep PostgreSQL from walking its index backwards; what a
    search found is gathered there anyway, and once is enough.
    """
    v, ids = verdict.c, None if _gathers(conn, asked) else rare(conn, asked)
    rows = (
        select(v.lender, v.mention_id, v.published_at.label("at"),
               *(v[name] for name in _COLUMNS), mention.c.status,
               cast(v.severity, String).label("severity"), _range(v.amount).label("amount"))
        .select_from(verdict.join(mention))
        .where(*conditions(conn, asked, ids))
    )  # fmt: skip
    if _gathers(conn, asked):
        order = (v.published_at.desc().nulls_last(), v.mention_id.desc())
        return rows.order_by(*order).limit(most)
    at = moment(conn, most, fewest(conn, asked, ids))
    newest = rows.where(at.is_not(None)).order_by(at.desc(), v.mention_id.desc())
    dated = newest.limit(most)
    undated = rows.where(v.published_at.is_(None)).order_by(v.mention_id.desc()).limit(most)
    both = union_all(select(dated.subquery()), select(undated.subquery())).subquery()
    return select(both).limit(most)


_COLUMNS = ("source", "sentiment", "province", "city", "collector")


def _range(amount: ColumnElement[Any]) -> ColumnElement[str]:
    """Return the name of the range that a sum lies in, "" for none."""
    spans = [(amount < high, name) for name, (_, high) in AMOUNTS.items()]
    return case((amount.is_(None), ""), *spans, else_="")


def reading(conn: Connection, lender: str, mention_id: int) -> Reading | None:
    """Return one complaint, or None where there is none or it is about nobody we know."""
    [*stored] = mentions.get(conn, [mention_id])
    labels = corrections.of(conn, [mention_id]).get((mention_id, lender), ())
    found = assessments.newest(conn, [mention_id], lender).get(mention_id)
    if not stored or (found is None and not labels):
        return None
    seen = select(mention.c.first_seen_at).where(mention.c.id == mention_id)
    return Reading(
        mention=stored[0],
        first_seen_at=conn.execute(seen).scalar_one(),
        found=found,
        labels=labels,
        captures=tuple(captures.of_mention(conn, mention_id)),
        wordings=_wordings(conn, mention_id),
        cases=cases.of_mention(conn, lender, mention_id),
        template=templates.get(conn, templates.of(conn, [mention_id]).get(mention_id, 0)),
    )


def wordings(conn: Connection, keys: Sequence[int]) -> dict[int, str]:
    """Return what these templates say, by their ids."""
    query = select(template.c.first_id, template.c.text).where(template.c.first_id.in_(keys))
    return {row.first_id: row.text for row in conn.execute(query)}


def _wordings(conn: Connection, mention_id: int) -> tuple[Wording, ...]:
    c = mention_revision.c
    query = select(c.revision, c.replaced_at, c.status, c.title, c.text)
    rows = conn.execute(query.where(c.mention_id == mention_id).order_by(c.revision.desc()))
    return tuple(Wording(*row) for row in rows)


def _by(chosen: Any, name: str) -> Any:
    return _counted(name, chosen.c[name])


def _counted(facet: str, value: ColumnElement[Any]) -> Any:
    return select(literal(facet), value, func.count()).group_by(value)


def _together(chosen: Any) -> Any:
    """Count the sets of allegations that are made together, of which there are some hundreds.

    Joining tens of thousands of tags with what each belongs under took longer than all the rest.
    """
    t = verdict_tag.c
    # from the chosen ones to their tags: the other way round reads every tag there is
    held = (t.mention_id == chosen.c.mention_id) & (t.lender == chosen.c.lender)
    made = func.aggregate_strings(t.allegation, " ").label("made")
    each = select(made).select_from(chosen.join(verdict_tag, held)).group_by(chosen.c.mention_id)
    return _counted("together", each.subquery().c.made)


def _under(sets: Mapping[tuple[str, ...], int], pairs: Families | None) -> Counter[str]:
    """Count mentions, each once, by the names that their allegations belong under, or by each."""
    names: dict[str, list[str]] = defaultdict(list)
    for name, member in pairs or ():
        names[member].append(name)
    counts: Counter[str] = Counter()
    for made, n in sets.items():
        under = made if pairs is None else [name for one in made for name in names.get(one, ())]
        for name in set(under):
            counts[name] += n
    return counts
