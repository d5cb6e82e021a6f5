"""The rules that collection and lending are held to: laws, standards, pacts, with their clauses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from data.facts.reading import entries, read, unique

FILE = Path(__file__).with_name("rules.yaml")

Verified = Literal["full_text", "excerpt", "secondary", "general_knowledge"]
"""How far a clause was checked: the article read, quoted, reported, or merely remembered."""


class RuleClause(BaseModel):
    """One clause of a rule, in our own words, never a quotation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    article: str = Field(min_length=1)
    key: str = Field(min_length=1)
    gist_zh: str = Field(min_length=1)
    gist_en: str = Field(min_length=1)
    verified: Verified
    article_unverified: bool = False  # the number must not be shown as certain
    article_note: str = ""


class Rule(BaseModel):
    """One document. ``effective`` None means that the date could not be verified."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    title_en: str
    doc_no: str | None
    issuer: str
    published: str | None
    effective: str | None
    binding: Literal[
        "law",
        "judicial_interpretation",
        "administrative_regulation",
        "departmental_rule",
        "normative_document",
        "national_standard_recommended",
        "self_regulatory",
    ]
    verified: Verified
    clauses: tuple[RuleClause, ...] = Field(min_length=1)
    scope_zh: str = ""
    note_zh: str = ""
    doc_no_verified: bool | str = True
    doc_no_note_zh: str = ""
    effective_verified: bool | str = True
    sources: tuple[str, ...] = ()  # where it was read

    def in_force(self, day: date) -> bool | None:
        """Tell whether the rule was in force on ``day``; None where its date is unknown."""
        if self.effective is None or len(self.effective) != len("2025-02-28"):
            return None
        return date.fromisoformat(self.effective) <= day


@dataclass(frozen=True, slots=True)
class Place:
    """A clause together with the rule it stands in."""

    rule: Rule
    clause: RuleClause


@cache
def rules(path: Path | None = None) -> Mapping[str, Rule]:
    """Return the rules by id, in the order of the file. Raises FactError."""
    file = path or FILE
    found = entries(file, (read(file) or {}).get("rules"), Rule)
    unique(file, [rule.id for rule in found])
    for rule in found:
        unique(file, [f"{rule.id}.{clause.key}" for clause in rule.clauses])
    return {rule.id: rule for rule in found}


def clauses(path: Path | None = None) -> dict[str, Place]:
    """Return every clause under ``rule.key``, as allegations refer to it."""
    return {
        f"{rule.id}.{clause.key}": Place(rule, clause)
        for rule in rules(path).values()
        for clause in rule.clauses
    }
