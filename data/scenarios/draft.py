"""A mention before it has an id, and how drafts become the planned week."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from data.model import Mention, Sentiment, SourceKind, utc
from data.scenarios.chance import stream
from data.scenarios.format import Event, Gold, LevelName, Planned, Scenario
from data.scenarios.habits import tidy
from data.scenarios.marks import concrete, settle

HEIMAO, GUBA, NEWS, NFRA = "heimao_public", "eastmoney_guba", "eastmoney_news", "nfra_penalty"
KINDS = {
    HEIMAO: SourceKind.COMPLAINT,
    GUBA: SourceKind.POST,
    NEWS: SourceKind.NEWS,
    NFRA: SourceKind.REGULATOR,
}
_GAPS = {HEIMAO: 4, GUBA: 9, NEWS: 40, NFRA: 30}
"""Ids that belong to other people's texts lie between two of ours: up to this many."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a planner hands over; ``title`` and ``text`` are marked (see ``marks.py``)."""

    source: str
    published_at: datetime
    visible_at: datetime
    title: str
    text: str
    about: tuple[str, ...]
    sentiment: Sentiment
    content: str
    author: str = ""
    outlet: str = ""
    status: str = ""
    reach: int = 0
    bar: str = ""  # of a forum post
    extra: Mapping[str, Any] = field(default_factory=dict)
    event: str = ""


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """An event before its first mention has an id."""

    id: str
    kind: str
    lender: str
    starts_at: datetime
    ends_at: datetime
    trap: bool
    level: LevelName


def whole(moment: datetime) -> datetime:
    """Cut a moment to the second: no source tells more."""
    return utc(moment).replace(microsecond=0)


def seal(
    name: str,
    seed: int,
    stretch: tuple[datetime, datetime],
    drafts: Iterable[Draft],
    events: Sequence[PlannedEvent],
) -> Scenario:
    """Give every draft its id and address, in the order of time, and make the scenario.

    Drafts that are not visible before the end of the stretch are left out.
    """
    starts_at, ends_at = (whole(moment) for moment in stretch)
    kept = [draft for draft in drafts if draft.visible_at < ends_at]
    kept.sort(key=lambda d: (whole(d.published_at), d.source, d.author, d.text))
    ids = _Ids(seed)
    planned = [_planned(draft, ids) for draft in kept]
    planned.sort(key=lambda p: (p.visible_at, p.mention.source, p.mention.native_id))
    return Scenario(
        name, seed, starts_at, ends_at, tuple(planned), tuple(_event(e, planned) for e in events)
    )


def _event(event: PlannedEvent, planned: Sequence[Planned]) -> Event:
    members = [p.mention for p in planned if p.event == event.id]
    if not members:
        raise ValueError(f"event {event.id} has no mention in the stretch; plan it earlier")
    told = sorted((_when(mention), mention.source, mention.native_id) for mention in members)
    return Event(
        id=event.id,
        kind=event.kind,
        lender=event.lender,
        starts_at=whole(event.starts_at),
        ends_at=event.ends_at if event.kind == "outage" else told[-1][0],
        trap=event.trap,
        level=event.level,
        first=told[0][1:],
    )


def _when(mention: Mention) -> datetime:
    return mention.published_at or mention.fetched_at


class _Ids:
    """Counts ids upwards per source, as the sites do, with gaps."""

    def __init__(self, seed: int) -> None:
        self._rng = stream(seed, "ids")
        self._next = {HEIMAO: 17_380_000_001, GUBA: 1_500_000_001, NEWS: 0, NFRA: 1_200_001}
        self._notice: tuple[datetime, str, int] | None = None

    def of(self, draft: Draft) -> int:
        if draft.source == NFRA:
            return self._document(draft)
        self._next[draft.source] += self._rng.randint(1, _GAPS[draft.source])
        return self._next[draft.source]

    def _document(self, draft: Draft) -> int:
        """Rows published together under one heading stand in one notice."""
        key = (draft.published_at, draft.title)
        if self._notice is None or self._notice[:2] != key:
            self._next[NFRA] += self._rng.randint(1, _GAPS[NFRA])
            self._notice = (*key, self._next[NFRA])
        return self._notice[2]


def _planned(draft: Draft, ids: _Ids) -> Planned:
    published, visible = whole(draft.published_at), whole(draft.visible_at)
    title, in_title = settle(tidy(draft.title), "title")
    text, in_text = settle(draft.text, "text")
    native_id, url, extra = _address(draft, ids.of(draft), published)
    mention = Mention(
        source=draft.source,
        native_id=native_id,
        kind=KINDS[draft.source],
        url=url,
        title=title,
        text=text,
        author=draft.author,
        outlet=draft.outlet,
        status=draft.status,
        reach=draft.reach,
        published_at=published,
        fetched_at=max(visible, published),
        extra=extra,
    )
    gold = Gold(draft.about, draft.sentiment, concrete((*in_title, *in_text)), draft.content)
    return Planned(mention, max(visible, published), gold, draft.event)


def _address(draft: Draft, number: int, published: datetime) -> tuple[str, str, Mapping[str, Any]]:
    if draft.source == HEIMAO:
        sn = str(number)
        return sn, f"https://tousu.sina.com.cn/complaint/view/{sn}/", draft.extra
    if draft.source == GUBA:
        url = f"https://guba.eastmoney.com/news,{draft.bar},{number}.html"
        return str(number), url, draft.extra
    if draft.source == NEWS:
        day = published + timedelta(hours=8)
        code = f"{day:%Y%m%d}{3_000_000_000 + number}"
        return code, f"http://finance.eastmoney.com/a/{code}.html", draft.extra
    row = draft.extra["party"] + draft.extra["penalty"]
    digest = hashlib.sha256(row.encode("utf-8")).hexdigest()[:8]
    page = "https://www.nfra.gov.cn/cn/view/pages/ItemDetail.html"
    url = f"{page}?docId={number}&itemId=4114&generaltype=0"
    return f"{number}-{digest}", url, {"doc_id": str(number), **draft.extra}


def delayed(draft: Draft, until: datetime, event: str) -> Draft:
    """Show a draft only from ``until`` on, as part of an outage."""
    return replace(draft, visible_at=until, event=event)
