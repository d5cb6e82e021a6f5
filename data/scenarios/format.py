"""A planned week on disk: one JSON line a mention, and a truth file with the planted events.

The format is documented in docs/scenarios.md.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from data.errors import InputError
from data.model import Evidence, Mention, Sentiment, utc

LevelName = Literal["blue", "yellow", "orange", "red"]
"""The names of data.model.Level, as the truth file writes them."""


@dataclass(frozen=True, slots=True)
class Gold:
    """What a careful reader would say of a mention.

    ``content`` is the sort of text: complaint, post, news, policy_news, lender_pr,
    anti_collection_ad, praise, unrelated, namesake, rumour, denial …
    """

    about: tuple[str, ...] = ()  # slugs of the lenders it is about
    sentiment: Sentiment = Sentiment.NEUTRAL
    allegations: tuple[Evidence, ...] = ()
    content: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """One mention of a planned week, with the time from which its source shows it.

    ``mention`` is what the store should hold, but for masking and the pseudonym.
    """

    mention: Mention
    visible_at: datetime
    gold: Gold = field(default_factory=Gold)
    event: str = ""  # id of the planted event it belongs to

    def __post_init__(self) -> None:
        """Refuse a time without a zone."""
        object.__setattr__(self, "visible_at", utc(self.visible_at))


@dataclass(frozen=True, slots=True)
class Event:
    """A planted event. For a trap ``level`` is a ceiling: it must not raise an alarm."""

    id: str
    kind: str  # violent_collection, rumour, fee_scandal, apology, …
    lender: str
    starts_at: datetime
    ends_at: datetime
    trap: bool
    level: LevelName  # at least (crisis) or at most (trap)
    first: tuple[str, str]  # source and native id of its first mention

    def __post_init__(self) -> None:
        """Refuse times without a zone."""
        object.__setattr__(self, "starts_at", utc(self.starts_at))
        object.__setattr__(self, "ends_at", utc(self.ends_at))


@dataclass(frozen=True, slots=True)
class Scenario:
    """A planned stretch of time: ``planned`` is ordered by ``visible_at``."""

    name: str
    seed: int
    starts_at: datetime
    ends_at: datetime
    planned: Sequence[Planned]
    events: Sequence[Event] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class _Truth:
    """The truth file: the scenario without its mentions."""

    name: str
    seed: int
    starts_at: datetime
    ends_at: datetime
    events: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts_at", utc(self.starts_at))
        object.__setattr__(self, "ends_at", utc(self.ends_at))


_LINE = TypeAdapter(Planned)
_TRUTH = TypeAdapter(_Truth)
_NOT_WRITTEN = {"capture", "id", "revision"}
"""Fields of a mention that only the store knows."""
_KEYS: Mapping[str, frozenset[str]] = {
    "": frozenset(f.name for f in dataclasses.fields(Planned)),
    "mention": frozenset(f.name for f in dataclasses.fields(Mention)) - _NOT_WRITTEN,
    "gold": frozenset(f.name for f in dataclasses.fields(Gold)),
}
_TRUTH_KEYS = frozenset(f.name for f in dataclasses.fields(_Truth))


def write(scenario: Scenario, jsonl_path: Path, truth_path: Path) -> None:
    """Write both files of a scenario, as UTF-8. Raises OSError."""
    with jsonl_path.open("w", encoding="utf-8", newline="\n") as out:
        for planned in scenario.planned:
            line = _LINE.dump_python(planned, mode="json", exclude={"mention": _NOT_WRITTEN})
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
    truth = _Truth(
        scenario.name,
        scenario.seed,
        scenario.starts_at,
        scenario.ends_at,
        tuple(scenario.events),
    )
    said = json.dumps(_TRUTH.dump_python(truth, mode="json"), ensure_ascii=False, indent=1)
    truth_path.write_text(said + "\n", encoding="utf-8", newline="\n")


def read(jsonl_path: Path, truth_path: Path | None = None) -> Scenario:
    """Read a scenario; without a truth file it has no events and lasts as long as its mentions.

    Raises:
        InputError: A file cannot be read as what it should be; names file, line, field and remedy.
    """
    planned = sorted(_lines(jsonl_path), key=lambda one: one.visible_at)
    if not planned:
        raise InputError(f"{jsonl_path}: it has no line; write one mention a line.")
    if truth_path is None:
        ends = (planned[0].visible_at, planned[-1].visible_at)
        return Scenario(jsonl_path.stem, 0, *ends, tuple(planned))
    truth = _truth(truth_path)
    ids = {(p.mention.source, p.mention.native_id) for p in planned}
    for number, event in enumerate(truth.events):
        if event.first not in ids:
            raise InputError(
                f"{truth_path}, events.{number}.first: {':'.join(event.first)} is no mention of "
                f"{jsonl_path.name}; name the source and native_id of one."
            )
    return Scenario(
        truth.name, truth.seed, truth.starts_at, truth.ends_at, tuple(planned), truth.events
    )


def _lines(path: Path) -> Iterator[Planned]:
    seen: dict[tuple[str, str], int] = {}
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        place = f"{path}, line {number}"
        planned = _planned(place, _json(place, line))
        key = (planned.mention.source, planned.mention.native_id)
        if key in seen:
            raise InputError(
                f"{place}, mention.native_id: {key[1]} already stands on line {seen[key]}; "
                "give every mention of a source its own."
            )
        seen[key] = number
        yield planned


def _planned(place: str, found: Any) -> Planned:
    _known_keys(place, found, _KEYS)
    if isinstance(found, dict) and isinstance(found.get("mention"), dict):
        # whoever writes a week by hand need not say when it was fetched
        found["mention"].setdefault("fetched_at", found.get("visible_at"))
    try:
        planned = _LINE.validate_python(found)
    except ValidationError as error:
        raise InputError(_sentence(place, error)) from error
    for index, evidence in enumerate(planned.gold.allegations):
        if not evidence.holds_in(planned.mention):
            raise InputError(
                f"{place}, gold.allegations.{index}: {evidence.quote!r} does not stand at "
                f"{evidence.start}:{evidence.end} of the {evidence.field}; count characters from 0."
            )
    return planned


def _truth(path: Path) -> _Truth:
    found = _json(str(path), _text(path))
    _known_keys(str(path), found, {"": _TRUTH_KEYS})
    try:
        return _TRUTH.validate_python(found)
    except ValidationError as error:
        raise InputError(_sentence(str(path), error)) from error


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; name a file that can be read.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8; save it as UTF-8.") from error


def _json(place: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{place}, column {error.colno}: {error.msg}; write one JSON object."
        ) from error


def _known_keys(place: str, found: Any, known: Mapping[str, frozenset[str]]) -> None:
    """Refuse a misspelt key, which would otherwise pass for one that is left out."""
    for name, keys in known.items():
        part = found.get(name) if name and isinstance(found, dict) else found
        for key in part if isinstance(part, dict) else ():
            if key not in keys:
                field_name = f"{name}.{key}" if name else key
                raise InputError(
                    f"{place}, {field_name}: no such field; use one of {', '.join(sorted(keys))}."
                )


def _sentence(place: str, error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"])) or "the whole line"
    remedy = "add it" if first["type"] == "missing" else "correct it"
    return f"{place}, {where}: {first['msg']}; {remedy} as docs/scenarios.md shows."
