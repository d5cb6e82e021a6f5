"""The check-list of a response: what to do, from which level on."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from data.facts.reading import entries, read, unique
from data.model import Level

FILE = Path(__file__).with_name("playbook.yaml")


class Step(BaseModel):
    """One step. ``lowest`` (``from`` in the file) is the level from which on it is shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=32)
    lowest: Literal["blue", "yellow", "orange", "red"] = Field(alias="from")
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @property
    def level(self) -> Level:
        """The lowest level as a level."""
        return Level[self.lowest.upper()]


@cache
def playbook(path: Path | None = None) -> tuple[Step, ...]:
    """Return the steps in the order of the file. Raises FactError."""
    file = path or FILE
    found = entries(file, read(file), Step)
    unique(file, [step.id for step in found])
    return found
