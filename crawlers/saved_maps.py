"""Column maps by name: ours, and those an operator saved in the store."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError
from sqlalchemy import Connection

from data.errors import InputError
from data.facts.maps import ColumnMap, maps
from data.store import state

_STAGE, _KEY = "import", "maps"


def named(conn: Connection) -> Mapping[str, ColumnMap]:
    """Return every map there is; a saved one wins over ours of the same name."""
    return {**maps(), **saved(conn)}


def saved(conn: Connection) -> dict[str, ColumnMap]:
    """Return the maps that were saved, by name."""
    kept = state.stage_value(conn, _STAGE, _KEY) or {}
    return {name: ColumnMap(**values) for name, values in sorted(kept.items())}


def save(conn: Connection, name: str, found: ColumnMap) -> ColumnMap:
    """Keep a map under a name; an older one of that name is replaced. Raises InputError."""
    if not name or "=" in name or name.split() != [name]:
        raise InputError(f"the name {name!r}: a map's name has no spaces and no =")
    try:
        kept = ColumnMap(**found.model_dump() | {"id": name})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "map"
        raise InputError(f"map {name}: {place}: {first['msg']}") from None
    _write(conn, {**saved(conn), name: kept})
    return kept


def forget(conn: Connection, name: str) -> None:
    """Forget a saved map. Raises InputError when there is none."""
    rest = saved(conn)
    if rest.pop(name, None) is None:
        raise InputError(f"no map {name!r} was saved; there are: {', '.join(rest) or 'none'}")
    _write(conn, rest)


def _write(conn: Connection, found: Mapping[str, ColumnMap]) -> None:
    values = {name: one.model_dump(mode="json") for name, one in found.items()}
    state.set_stage_value(conn, _STAGE, _KEY, values)
