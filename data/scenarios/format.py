"""A planned week on disk: one JSON line a mention, and a truth file with the planted events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from data.model import Evidence, Mention, Sentiment


@dataclass(frozen=True, slots=True)
class Gold:
    """What a careful reader would say of a mention.

    ``content`` is the sort of text: complaint, post, news, policy_news, lender_pr,
    anti_collection_ad, praise, unrelated, namesake, rumour, denial …
    """

    about: tuple[str, ...]  # slugs of the lenders it is about
    sentiment: Sentiment
    allegations: tuple[Evidence, ...] = ()
    content: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """One mention of a planned week, with the time from which its source shows it.

    ``mention`` is what the store should hold, but for masking and the pseudonym.
    """

    mention: Mention
    visible_at: datetime
    gold: Gold
    event: str = ""  # id of the planted event it belongs to


@dataclass(frozen=True, slots=True)
class Event:
    """A planted event. A trap must stay below an alarm: ``trap`` is True, ``level`` is its ceiling."""

    id: str
    kind: str  # violent_collection, rumour, fee_scandal, apology, …
    lender: str
    starts_at: datetime
    ends_at: datetime
    trap: bool
    level: str  # at least (crisis) or at most (trap): blue … red
    first: tuple[str, str]  # source and native id of its first mention


@dataclass(frozen=True, slots=True)
class Scenario:
    """A planned stretch of time: ``planned`` is ordered by ``visible_at``."""

    name: str
    seed: int
    starts_at: datetime
    ends_at: datetime
    planned: Sequence[Planned]
    events: Sequence[Event] = field(default_factory=tuple)
