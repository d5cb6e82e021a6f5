"""The base of regulators' penalty notices: a page holds a table, and each row is a mention."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from scrapy.http import Response

from crawlers.penalties import Penalty
from crawlers.people import without_names
from crawlers.source import Job, SourceSpider
from data.model import Gone, Mention, SourceKind

KEEP = 300
"""Notices remembered per column: the store knows rows, only the watermark knows notices."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What all rows of a notice share; ``outlet`` is the authority of rows that name none."""

    doc_id: str
    url: str
    title: str
    outlet: str
    published_at: datetime | None


class NoticeSpider(SourceSpider):
    """Targets are columns of a regulator's site. One notice holds many rows: one mention each."""

    ages: ClassVar = tuple(timedelta(days=days) for days in (1, 3, 7, 14))

    def __init__(self, job: Job, **kwargs: Any) -> None:
        super().__init__(job, **kwargs)
        self.notices: dict[str, dict[str, str]] = {}
        self._visited: set[str] = set()

    def visited_at(self, mention: Mention, age: timedelta) -> bool:  # noqa: ARG002 - see base
        """Visit a notice once, whichever of its rows are due."""
        doc_id = str(mention.extra.get("doc_id", ""))
        first = bool(doc_id) and doc_id not in self._visited
        self._visited.add(doc_id)
        return first

    def mentions(
        self, response: Response, notice: Notice, penalties: Sequence[Penalty]
    ) -> Iterator[Mention | Gone]:
        """Yield one mention per row of a notice's table, and say that other rows are gone.

        Ids are made of what the page says, before names are hidden: they must not meet.
        """
        ids = [native_id(notice.doc_id, penalty) for penalty in penalties]
        page = self.page(response)
        yield Gone(self.name, notice.doc_id, page, family=True, but=frozenset(ids))
        for row_id, penalty in zip(ids, without_names(penalties), strict=True):
            yield Mention(
                source=self.name,
                native_id=row_id,
                kind=SourceKind.REGULATOR,
                url=notice.url,
                title=notice.title,
                text=penalty.sentence(),
                outlet=penalty.authority or notice.outlet,
                published_at=notice.published_at,
                fetched_at=self.job.clock(),
                extra={"doc_id": notice.doc_id, **penalty.as_dict()},
                capture=page,
            )

    def remember(self, column: str, doc_id: str, published: datetime | None) -> None:
        """Note that a notice was read."""
        when = (published or self.job.clock()).isoformat()
        self.notices.setdefault(column, {})[doc_id] = when

    def known(self, native_ids: Sequence[str]) -> Mapping[str, str]:
        """Know notices by the watermark: the store holds rows, not notices."""
        read = self.job.watermark.get("notices", {})
        seen = {doc_id for column in read.values() for doc_id in column}
        return {doc_id: "" for doc_id in native_ids if doc_id in seen}

    def watermark(self) -> dict[str, Any]:
        """Add the newest notices of each column to how far this run came."""
        old = self.job.watermark.get("notices", {})
        notices = {}
        for name in {*old, *self.notices}:
            column = {**old.get(name, {}), **self.notices.get(name, {})}
            newest = sorted(column, key=lambda doc_id: column[doc_id], reverse=True)[:KEEP]
            notices[name] = {doc_id: column[doc_id] for doc_id in newest}
        return {**super().watermark(), "notices": notices}


def native_id(doc_id: str, penalty: Penalty) -> str:
    """Return the id of a row: its notice, and a hash of who was punished how."""
    digest = hashlib.sha256((penalty.party + penalty.penalty).encode("utf-8")).hexdigest()
    return f"{doc_id}-{digest[:8]}"
