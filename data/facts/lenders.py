"""Whom we listen for: companies, their products and their rivals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from data.errors import FactError
from data.facts.reading import entries, read, unique, until_changed
from data.model import Lender, Role

FILE = Path(__file__).with_name("lenders.yaml")


class _Entry(BaseModel):
    """A lender as the YAML file writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    role: Role
    names: tuple[str, ...] = Field(min_length=1)
    not_names: tuple[str, ...] = ()
    owner: str = ""


def lenders(path: Path | None = None) -> tuple[Lender, ...]:
    """Return the lenders of ``path``, or of the demo's file, in its order. Raises FactError.

    The file is read again when it has changed.
    """
    return _lenders(path or FILE)


@until_changed
def _lenders(file: Path) -> tuple[Lender, ...]:
    found = [Lender(**entry.model_dump()) for entry in entries(file, read(file), _Entry)]
    unique(file, [lender.slug for lender in found])
    _names_differ(file, found)
    _owners_exist(file, found)
    return tuple(found)


def _names_differ(file: Path, found: Sequence[Lender]) -> None:
    taken: dict[str, str] = {}
    for lender in found:
        for name in lender.names:
            if len(name.strip()) < 2:  # noqa: PLR2004 - one character names half the language
                raise FactError(
                    f"{file}: {lender.slug}: names: {name!r} is too short; give two characters"
                )
            other = taken.setdefault(name, lender.slug)
            if other != lender.slug:
                raise FactError(
                    f"{file}: {lender.slug}: names: {name} already belongs to {other}; remove one"
                )


def _owners_exist(file: Path, found: Sequence[Lender]) -> None:
    slugs = {lender.slug: lender for lender in found}
    for lender in found:
        if not lender.owner:
            continue
        owner = slugs.get(lender.owner)
        if owner is None or owner.owner:
            raise FactError(
                f"{file}: {lender.slug}: owner: {lender.owner!r} is no company of this file; "
                "name the slug of one that has no owner itself"
            )
