"""What people allege, how severe it is, which clauses it may touch, and how a text shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from data.errors import FactError
from data.facts.reading import read, table, unique, until_changed
from data.facts.rules import clauses
from data.model import Allegation, Clause

FILE = Path(__file__).with_name("allegations.yaml")

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Words = tuple[Annotated[str, Field(min_length=1)], ...]
Basis = Literal["direct", "possible", "context"]


class Group(BaseModel):
    """A family of allegations. ``kind`` neighbouring: not about collection; signal: an outcome."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Slug
    kind: Literal["collection_conduct", "neighbouring", "signal"]
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    definition_zh: str
    definition_en: str


class _Entry(BaseModel):
    """An allegation as the YAML file writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Slug
    group: Slug
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    severity: Annotated[int, Field(ge=1, le=5)]
    why_zh: str
    definition_zh: str
    definition_en: str
    clauses: dict[str, Basis]
    patterns: Words = Field(min_length=1)
    hits: Words = Field(min_length=2)
    misses: Words = Field(min_length=2)
    cues: Words = ()
    yields_to: tuple[Slug, ...] = ()
    traps: Words = ()
    extract: Words = ()


class _Document(BaseModel):
    """The YAML file as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    severity_scale: dict[Literal["1", "2", "3", "4", "5"], str]
    labelling_rules: Words
    fact_slots: dict[str, str]
    groups: tuple[Group, ...] = Field(min_length=1)
    allegations: tuple[dict[str, Any], ...] = Field(min_length=1)


def allegations(path: Path | None = None) -> tuple[Allegation, ...]:
    """Return the taxonomy in the order of the file; ``spec`` has what matching needs.

    Keys of ``spec``: kind (of the group), why_zh, definition_zh, definition_en, patterns, hits,
    misses, cues, yields_to, traps, extract. Raises FactError. The file is read again when it has
    changed.
    """
    return _allegations(path or FILE)


@until_changed
def _allegations(file: Path) -> tuple[Allegation, ...]:
    document = _document(file)
    kinds = {group.id: group.kind for group in document.groups}
    found = [_allegation(file, entry, kinds) for entry in document.allegations]
    unique(file, [allegation.id for allegation in found])
    _yields_exist(file, found)
    return tuple(found)


def groups(path: Path | None = None) -> Mapping[str, Group]:
    """Return the families by id, in the order of the file. Raises FactError."""
    return {group.id: group for group in _document(path or FILE).groups}


def severity_scale(path: Path | None = None) -> Mapping[int, str]:
    """Return what each severity asks for, in Chinese. Raises FactError."""
    return {int(n): words for n, words in _document(path or FILE).severity_scale.items()}


@until_changed
def _document(file: Path) -> _Document:
    return table(file, read(file), _Document)


def _allegation(file: Path, values: Mapping[str, Any], kinds: Mapping[str, str]) -> Allegation:
    entry = table(file, values, _Entry, str(values.get("id", "")))
    if entry.group not in kinds:
        raise FactError(f"{file}: {entry.id}: group: {entry.group!r} is not listed under groups")
    spec = entry.model_dump(include=set(_SPEC)) | {"kind": kinds[entry.group]}
    return Allegation(
        id=entry.id,
        group=entry.group,
        zh=entry.zh,
        en=entry.en,
        severity=entry.severity,
        clauses=tuple(_clause(file, entry.id, name, how) for name, how in entry.clauses.items()),
        spec=spec,
    )


_SPEC = ("why_zh", "definition_zh", "definition_en", "patterns", "hits", "misses", "cues",
         "yields_to", "traps", "extract")  # fmt: skip


def _yields_exist(file: Path, found: Sequence[Allegation]) -> None:
    known = {allegation.id for allegation in found}
    for allegation in found:
        for other in allegation.spec["yields_to"]:
            if other not in known:
                raise FactError(
                    f"{file}: {allegation.id}: yields_to: {other!r} is no allegation; correct it"
                )


def _clause(file: Path, entry: str, name: str, basis: Basis) -> Clause:
    place = clauses().get(name)
    if place is None:
        raise FactError(
            f"{file}: {entry}: clauses: {name!r} is no clause of rules.yaml; write rule.key"
        )
    clause = place.clause
    gists = clause.gist_zh, clause.gist_en
    return Clause(place.rule.id, clause.article, *gists, basis, clause.verified)
