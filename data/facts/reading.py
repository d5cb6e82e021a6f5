"""Read a YAML file of facts; every mistake becomes one sentence with file, entry and field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from data.errors import FactError

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times as fast

Entry = TypeVar("Entry", bound=BaseModel)
T = TypeVar("T")


def until_changed(load: Callable[[Path], T]) -> Callable[[Path], T]:
    """Keep what ``load`` makes of a file until the file is another: whoever asks next reads it."""

    @lru_cache(maxsize=8)
    def kept(file: Path, _stamp: tuple[int, int, int]) -> T:
        return load(file)

    @wraps(load)
    def current(file: Path) -> T:
        try:
            found = file.stat()
        except OSError:
            return load(file)  # reading it says what is wrong
        return kept(file, (found.st_ino, found.st_mtime_ns, found.st_size))

    return current


def read(file: Path) -> Any:
    """Return what the YAML in ``file`` says; keys are strings all the way down. Raises FactError.

    YAML 1.1 reads ``yes:``, ``no:`` and ``on:`` as booleans, which is why other keys are refused.
    """
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        raise FactError(f"{file}: there is no such file; check the path in the settings") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FactError(f"{file}: not readable as UTF-8 text ({error}); save it again") from None
    try:
        found = yaml.load(text, Loader=_Loader)  # noqa: S506 - both loaders are safe ones
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise FactError(f"{file}: not readable as YAML: {said}; mend that place") from None
    _only_string_keys(file, found, "")
    return found


def entries(file: Path, found: Any, kind: type[Entry]) -> tuple[Entry, ...]:
    """Check a list of entries, named by ``slug`` or ``id``, against a model. Raises FactError."""
    if not isinstance(found, list) or not found:
        raise FactError(f"{file}: expected a list of entries, each beginning with '- '")
    return tuple(_entry(file, number, entry, kind) for number, entry in enumerate(found, start=1))


def table(file: Path, found: Any, kind: type[Entry], name: str = "") -> Entry:
    """Check one table, under its ``name`` in messages, against a model. Raises FactError."""
    if not isinstance(found, dict):
        raise FactError(f"{file}: expected a table of keys and values")
    return _checked(file, f"{name}: " if name else "", found, kind)


def unique(file: Path, names: Sequence[str]) -> None:
    """Refuse a name that comes twice. Raises FactError."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FactError(f"{file}: {twice[0]}: this name is given twice; rename or remove one")


def _entry(file: Path, number: int, entry: Any, kind: type[Entry]) -> Entry:
    if not isinstance(entry, dict):
        raise FactError(f"{file}: entry {number}: expected a table of keys and values")
    name = entry.get("slug") or entry.get("id") or f"entry {number}"
    return _checked(file, f"{name}: ", entry, kind)


def _checked(file: Path, name: str, values: Mapping[str, Any], kind: type[Entry]) -> Entry:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        known = ", ".join(kind.model_fields)
        remedy = {
            "missing": "this field is missing; add it",
            "extra_forbidden": f"there is no such field; known are {known}",
        }.get(first["type"], f"{first['msg'].removeprefix('Value error, ')}; correct it")
        raise FactError(f"{file}: {name}{field}: {remedy}") from None


def _only_string_keys(file: Path, value: Any, place: str) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise FactError(
                    f"{file}: {place}{key!r}: a key must be text; "
                    "put it in quotes (YAML reads yes, no, on and off as booleans)"
                )
            _only_string_keys(file, item, f"{place}{key}: ")
    elif isinstance(value, list):
        for number, item in enumerate(value, start=1):
            name = item.get("slug") or item.get("id") if isinstance(item, dict) else None
            _only_string_keys(file, item, f"{place}{name or f'entry {number}'}: ")
