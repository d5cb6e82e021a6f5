"""Column maps: which column of somebody's table is which field of a mention."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from data.facts.reading import entries, read, unique
from data.model import SourceKind
from data.section import SLUG

FILE = Path(__file__).with_name("maps.yaml")
FIELDS = (
    "text", "title", "native_id", "published_at", "url", "author", "outlet", "status", "reach",
)  # fmt: skip
DETAILS = ("company", "issue", "appeal", "cost", "reply")
"""Fields that go into a mention's ``extra``."""


class ColumnMap(BaseModel):
    """Where each field stands, what its codes mean, and what the rows are filed as."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field("by hand", min_length=1, max_length=64)
    zh: str = ""
    kind: SourceKind = SourceKind.OTHER
    source: str = Field("import", pattern=SLUG)
    outlet: str = ""  # of rows that name none
    columns: dict[str, tuple[str, ...]]  # field: the columns it may stand in, best first
    words: dict[str, dict[str, str]] = {}  # field: what a code means
    html: bool = False
    must: tuple[str, ...] = ()  # fields whose column a file has to have

    @field_validator("columns", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return {field: (one,) if isinstance(one, str) else one for field, one in value.items()}

    @model_validator(mode="after")
    def _known_fields(self) -> Self:
        for field in (*self.columns, *self.words, *self.must):
            if field not in FIELDS + DETAILS:
                known = ", ".join(FIELDS + DETAILS)
                raise ValueError(f"there is no field {field!r}; use {known}")
        return self

    def with_columns(self, chosen: Mapping[str, str]) -> ColumnMap:
        """Return the map with these fields in these columns, which a file must have."""
        columns = self.columns | {field: (column,) for field, column in chosen.items()}
        must = tuple(dict.fromkeys((*self.must, *chosen)))
        return self.model_copy(update={"columns": columns, "must": must})


@cache
def maps(path: Path | None = None) -> Mapping[str, ColumnMap]:
    """Return the maps that come with us, by id. Raises FactError (file, entry, field)."""
    file = path or FILE
    found: Iterable[ColumnMap] = entries(file, read(file), ColumnMap)
    unique(file, [one.id for one in found])
    return {one.id: one for one in found}
