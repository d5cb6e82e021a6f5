"""The nouns everything agrees on: frozen values, aware UTC times, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any, Literal
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""The zone every time is shown in; inside, every time is UTC."""


class SourceKind(StrEnum):
    """What sort of public place a text comes from."""

    COMPLAINT = "complaint"
    POST = "post"
    NEWS = "news"
    REGULATOR = "regulator"
    HOTLIST = "hotlist"  # an entry of a hot-search list
    OTHER = "other"


class Sentiment(StrEnum):
    """For or against."""

    NEGATIVE = "neg"
    NEUTRAL = "neu"
    POSITIVE = "pos"


class Role(StrEnum):
    """What a company in lenders.yaml is to us."""

    CUSTOMER = "customer"
    PARTNER = "partner"
    RIVAL = "rival"


class Level(IntEnum):
    """How much attention an incident asks for: 蓝 黄 橙 红."""

    BLUE = 1
    YELLOW = 2
    ORANGE = 3
    RED = 4


class Outcome(StrEnum):
    """How a run ended; a crawl's is judged by its stats, never by its exit code."""

    RUNNING = "running"
    OK = "ok"
    EMPTY = "empty"  # recognised pages, nothing new
    REFUSED = "refused"  # robots.txt, a block page, a missing approval
    CHANGED = "changed"  # the pages no longer look as we know them
    FAILED = "failed"  # a bug or a broken network
    KILLED = "killed"  # the process vanished without a word


class IncidentState(StrEnum):
    """How far people are with an incident."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class Reason(StrEnum):
    """Why a notification was, or was not, made."""

    FIRST = "first"  # the incident is new
    WORSE = "worse"  # its level rose
    GREW = "grew"  # a new source, or twice the mentions last told
    REPEAT = "repeat"  # nobody has looked yet, and it goes on
    ESCALATED = "escalated"  # nobody has looked in time: the next on the ladder hears
    OVERDUE = "overdue"  # somebody took it on, and the first response is due
    STATEMENT = "statement"  # the first response was given, and the statement is due
    HISTORY = "history"  # found while reading old texts: recorded, nobody is woken
    BELOW = "below"  # below the channel's lowest level
    UNCHANGED = "unchanged"  # nothing new since the last message
    OTHERS = "others"  # not what this channel's audience is to hear
    SILENCED = "silenced"  # somebody decided not to be told, with a reason and an end
    COVERED = "covered"  # a graver incident speaks for it
    HELD = "held"  # only counts say so, and not for long enough yet
    NIGHT = "night"  # nobody is woken for this level
    DIGEST = "digest"  # no incident: a page about a finished period


class EvidenceStatus(StrEnum):
    """In what way words show an allegation. None of them says that it is true."""

    ALLEGED = "alleged"  # the author says that it happened
    THREATENED = "threatened"  # somebody announced it; the threat is the act
    REPORTED = "reported"  # a medium or an authority tells what happened to others
    CLAIMED = "claimed"  # only a tag ticked on the complaint site says so; never counted


def utc(moment: datetime) -> datetime:
    """Return ``moment`` in UTC; refuse a time without a zone (ValueError)."""
    if moment.tzinfo is None:
        raise ValueError(f"a time needs a zone: {moment.isoformat()}")
    return moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Capture:
    """The bytes of a page as received, by their hash; immutable.

    ``file``, ``offset`` and ``length`` say where data/evidence.py kept them; "" if it did not.
    """

    source: str
    url: str
    status: int
    fetched_at: datetime
    sha256: str
    size: int
    file: str = ""
    offset: int = 0
    length: int = 0


@dataclass(frozen=True, slots=True)
class Mention:
    """One public utterance. ``id`` and ``revision`` are the store's; 0 means not stored yet.

    ``author`` is a public handle on its way in and a keyed pseudonym once stored. ``title`` and
    ``text`` are masked by the store before the first write. ``published_at`` is None where the
    source states no time: such a mention is shown and searched, but is in no volume series.
    """

    source: str
    native_id: str
    kind: SourceKind
    url: str
    text: str
    fetched_at: datetime
    published_at: datetime | None = None
    title: str = ""
    author: str = ""
    outlet: str = ""  # the medium or platform that carried it, as named there
    status: str = ""  # a complaint's progress, as the platform words it
    reach: int = 0  # reads, likes or shares, as the source counts them
    extra: Mapping[str, Any] = field(default_factory=dict)
    capture: Capture | None = None
    id: int = 0
    revision: int = 0

    def __post_init__(self) -> None:
        """Refuse what could not be found again or read: no id, no words, no zone."""
        if not self.source or not self.native_id:
            raise ValueError("a mention needs a source and the source's own id")
        if not (self.text.strip() or self.title.strip()):
            raise ValueError(f"mention {self.native_id} has neither title nor text")
        object.__setattr__(self, "fetched_at", utc(self.fetched_at))
        if self.published_at is not None:
            object.__setattr__(self, "published_at", utc(self.published_at))


GONE = "已下架"
"""The status of a mention that its source shows no longer; its words stay as they were."""


@dataclass(frozen=True, slots=True)
class Gone:
    """An item that its source shows no longer, and the page that says so.

    ``family``: ``native_id`` is what ids begin with (``DOC`` of ``DOC-1``), and all of these are
    gone except those in ``but``.
    """

    source: str
    native_id: str
    capture: Capture | None
    family: bool = False
    but: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Lender:
    """A company or product we look for. A product's findings count for its ``owner``."""

    slug: str
    zh: str
    en: str
    role: Role
    names: tuple[str, ...]
    not_names: tuple[str, ...] = ()
    owner: str = ""

    @property
    def subject(self) -> str:
        """The slug that assessments are filed under."""
        return self.owner or self.slug


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause an allegation may touch. ``basis`` is direct, possible or context."""

    rule: str
    article: str
    gist_zh: str
    gist_en: str
    basis: str
    verified: str


@dataclass(frozen=True, slots=True)
class Allegation:
    """An entry of the taxonomy; what matching needs stays in ``spec`` as the YAML has it."""

    id: str
    group: str
    zh: str
    en: str
    severity: int
    clauses: tuple[Clause, ...]
    spec: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that made us say so: a span of the stored title or text, in code points.

    The field ``issue`` is the tag that a complaint site lets people tick (``extra["issue"]``).
    """

    allegation: str
    field: Literal["title", "text", "issue"]
    start: int
    end: int
    quote: str
    status: EvidenceStatus = EvidenceStatus.ALLEGED

    def holds_in(self, mention: Mention) -> bool:
        """Tell whether the quote stands in the mention exactly where it says."""
        bodies = {"title": mention.title, "text": mention.text}
        body = bodies.get(self.field) or str(mention.extra.get(self.field, ""))
        return body[self.start : self.end] == self.quote


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one version of our code (``made_by``) thinks of one mention for one lender.

    ``facts`` has what nlp/facts.py read: by slot a list of {value, field, start, end}, spans in
    code points.
    """

    mention_id: int
    revision: int
    lender: str
    sentiment: Sentiment
    score: float  # -1 against … 1 for
    severity: int  # 0 none … 5, of the gravest allegation
    evidence: tuple[Evidence, ...]
    names: tuple[str, ...]  # the words in which the lender is named
    made_by: str
    made_at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tags(self) -> tuple[str, ...]:
        """The allegations that count: what the words say, not what a site's tag claims."""
        said = {e.allegation for e in self.evidence if e.status is not EvidenceStatus.CLAIMED}
        return tuple(sorted(said))


@dataclass(frozen=True, slots=True)
class Signal:
    """Something unusual at a moment, with the numbers that say so.

    ``series`` names what was watched: all, negative, an allegation id, or one mention.
    ``expected`` and ``threshold`` are in the unit of ``value`` (mentions in the window).
    """

    rule: str
    version: int
    lender: str
    series: str
    at: datetime  # end of the window
    window: timedelta
    value: float
    expected: float
    threshold: float
    severity: int = 0
    mention_ids: tuple[int, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incident:
    """A story: mentions that belong together, with a level that rises by itself."""

    lender: str
    key: str  # what joins: one open incident per lender and key
    title: str
    level: Level
    state: IncidentState
    opened_at: datetime  # when a rule first fired, on the scenario's own clock
    last_at: datetime  # newest mention or signal
    first_mention: int = 0
    mentions: int = 0
    sources: tuple[str, ...] = ()
    owner: str = ""
    closed_at: datetime | None = None
    id: int = 0
    revision: int = 0  # grows with each change a reader would notice


@dataclass(frozen=True, slots=True)
class Silence:
    """Somebody decided not to be told, with a reason and an end. "" covers any."""

    lender: str
    topic: str  # the beginning of an incident's key, such as volume or visit_and_violence@佛山
    starts_at: datetime
    ends_at: datetime
    by: str
    reason: str
    id: int = 0

    def covers(self, incident: Incident, now: datetime) -> bool:
        """Tell whether the incident is what it is about, now."""
        return (
            self.starts_at <= now < self.ends_at
            and self.lender in {"", incident.lender}
            and incident.key.startswith(self.topic)
        )


@dataclass(frozen=True, slots=True)
class Notification:
    """What is to be said to whom, and why; one row of the outbox. ``key`` is unique.

    ``incident_id`` is 0 where it is about no incident: a digest.
    """

    key: str
    incident_id: int
    revision: int
    channel: str
    level: Level
    reason: Reason
    subject: str
    body: Mapping[str, Any]  # the card, see alerts/cards.py; for a digest, which one and to whom
    created_at: datetime
    due_at: datetime
    attempt: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a stage or a crawl."""

    stage: str
    source: str
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome
    counts: Mapping[str, int]
    note: str = ""
    id: int = 0
