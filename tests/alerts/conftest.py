"""What the tests of this room share: mentions that are stored and assessed in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from data import facts
from data.model import Assessment, Evidence, Mention, Sentiment, SourceKind
from data.settings import Settings
from data.store import assessments, mentions
from data.store.db import Store
from data.store.signals import Item

LENDER = "chenghu"
KINDS = {
    "heimao_public": SourceKind.COMPLAINT,
    "eastmoney_guba": SourceKind.POST,
    "eastmoney_news": SourceKind.NEWS,
    "nfra_penalty": SourceKind.REGULATOR,
    "hot_list": SourceKind.HOTLIST,
}
SEVERITY = {one.id: one.severity for one in facts.allegations()}


@dataclass(frozen=True)
class Said:
    """One mention as a test plans it: what it alleges stands in its text as ``<allegation>``."""

    native_id: str
    at: datetime | None
    words: str = "无关紧要"
    tags: tuple[str, ...] = ()
    source: str = "heimao_public"
    sentiment: Sentiment = Sentiment.NEGATIVE
    author: str = "own"

    def mention(self, now: datetime) -> Mention:
        """Return the mention, its author its own unless the test says otherwise."""
        marks = "".join(f"<{tag}>" for tag in self.tags)
        return Mention(
            source=self.source,
            native_id=self.native_id,
            kind=KINDS[self.source],
            url=f"https://example.com/{self.source}/{self.native_id}",
            text=self.words + marks,
            fetched_at=now,
            published_at=self.at,
            author=self.native_id if self.author == "own" else self.author,
        )


def assess(store: Store, said: Sequence[Said], now: datetime, lender: str = LENDER) -> list[int]:
    """Store and assess mentions as the stages before would; return their ids."""
    with store.write() as conn:
        saved = mentions.save(conn, [one.mention(now) for one in said], now, b"a key for tests")
        stored = mentions.get(conn, saved.ids)
        planned = {one.native_id: one for one in said}
        found = [_assessment(m, planned[m.native_id], now, lender) for m in stored]
        assessments.write(conn, stored, found)
    return list(saved.ids)


def _assessment(m: Mention, one: Said, now: datetime, lender: str) -> Assessment:
    spans = []
    for tag in one.tags:
        quote = f"<{tag}>"
        start = m.text.index(quote)
        spans.append(Evidence(tag, "text", start, start + len(quote), quote))
    score = {"neg": -0.8, "neu": 0.0, "pos": 0.8}[one.sentiment]
    severity = max((SEVERITY[tag] for tag in one.tags), default=0)
    return Assessment(m.id, m.revision, lender, one.sentiment, score, severity, tuple(spans), (),
                      "test-1", now)  # fmt: skip


def item(number: int, at: datetime, **changes: Any) -> Item:
    """Return an item for tests of pure functions: a negative complaint of an author of its own."""
    tags = frozenset(changes.pop("tags", ()))
    values: dict[str, Any] = {
        "mention_id": number,
        "lender": LENDER,
        "at": at,
        "dated": True,
        "source": "heimao_public",
        "kind": KINDS[changes.get("source", "heimao_public")],
        "sentiment": Sentiment.NEGATIVE,
        "severity": max((SEVERITY[tag] for tag in tags), default=0),
        "author": f"author {number}",
        "outlet": "",
        "url": f"https://example.com/{number}",
        "title": "",
        "text": "".join(chr(0x4E00 + (number * 37 + k * k) % 9000) for k in range(40)),
        "allegations": tags,
    }
    return Item(**{**values, **changes})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings without channels."""
    return Settings(database=f"sqlite:///{tmp_path / 'store.db'}", var=tmp_path)


Configured = Callable[..., Settings]


@pytest.fixture
def configured(tmp_path: Path) -> Configured:
    """Make settings with the given channels."""

    def make(*channels: dict[str, Any], **more: Any) -> Settings:
        values = {"database": f"sqlite:///{tmp_path / 'store.db'}", "var": tmp_path, **more}
        return Settings.model_validate({**values, "channels": channels})

    return make
