"""Which column of a user's file is which field, and what a row's cells say."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawlers.pages import clean, plain
from crawlers.tables import Row, words
from crawlers.times import parse
from data.errors import InputError
from data.facts.maps import DETAILS, FIELDS, ColumnMap
from data.model import SHANGHAI, Capture, Mention, SourceKind

_LONGEST = 200_000
_ID_SHAPE = re.compile(r"[\w.:\-]{1,100}")
_DOMAIN = re.compile(r"[\w-]+(\.[\w-]+)+(/|$)")
_COUNT = re.compile(r"([\d,]+(?:\.\d+)?)\s*([万亿]?)\+?")
_TIMES = {"": 1, "万": 10_000, "亿": 100_000_000}


_DAYS = re.compile(r"\d{5}(\.\d+)?")
_EXCEL_ZERO = datetime(1899, 12, 30, tzinfo=SHANGHAI)
"""Excel's day 0; its day 60 never was (1900 had no 29th of February), so this one is the 30th."""
_FIRST_DAY, _LAST_DAY = 36_526, 73_050  # 2000-01-01, 2099-12-31


class BadRow(Exception):
    """Why one row cannot become a Mention; ``field`` is the one to blame, "" for the whole row."""

    def __init__(self, why: str, field: str = "") -> None:
        super().__init__(why)
        self.field = field


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from: what they are filed under and how they are read, when, which file."""

    source: str
    kind: SourceKind
    fetched_at: datetime
    capture: Capture
    read_as: ColumnMap


def mapping(pairs: Iterable[str], named: Mapping[str, ColumnMap]) -> ColumnMap:
    """Return the map that names of maps and ``field=column`` words make together.

    Nothing at all means the usual column names. Columns given by hand must be there. Raises
    InputError.
    """
    chosen, found = {}, None
    for pair in pairs:
        field, sign, column = (part.strip() for part in pair.partition("="))
        if not sign and field in named:
            found = named[field]
        elif not sign:
            raise InputError(
                f"--map {pair}: write field=column, or a map's name ({', '.join(named)})"
            )
        elif field not in FIELDS + DETAILS:
            known = ", ".join(FIELDS + DETAILS)
            raise InputError(f"--map {pair}: there is no field {field!r}; use {known}")
        elif not column:
            raise InputError(f"--map {pair}: the column's name is missing after =")
        else:
            chosen[field] = column
    if found is None:
        found = ColumnMap(columns={}) if chosen else named["usual"]
    return found.with_columns(chosen)


def kind(word: str) -> SourceKind:
    """Return the kind of source a word names. Raises InputError."""
    try:
        return SourceKind(word)
    except ValueError:
        known = ", ".join(SourceKind)
        raise InputError(f"--kind {word}: there is no such kind; use {known}") from None


def settle(file: Path, columns: Sequence[str], wanted: ColumnMap) -> dict[str, str]:
    """Return which column of a file with these columns is which field.

    Names are compared without case and spaces around them. Raises InputError with the remedy.
    """
    there = {column.strip().lower(): column for column in reversed(columns)}
    listed = ", ".join(name for name in columns if name)
    chosen = {}
    for field, names in wanted.columns.items():
        if hit := next((there[n.lower()] for n in names if n.lower() in there), None):
            chosen[field] = hit
        elif field in wanted.must:
            raise InputError(
                f"{file}: there is no column {names[0]!r} for {field}; the columns are: {listed}; "
                f"use --map {field}=COLUMN"
            )
    if not {"text", "title"} & chosen.keys():
        raise InputError(
            f"{file}: no column is mapped to text or title; the columns are: {listed}; "
            "use --map text=COLUMN"
        )
    return chosen


def mention(row: Row, columns: Mapping[str, str], origin: Origin) -> Mention:
    """Return the Mention that a row's cells make. Raises BadRow with the reason."""
    if row.broken:
        raise BadRow(row.broken)
    said = {field: _said(row, field, column, origin) for field, column in columns.items()}
    title, text = said.get("title", ""), said.get("text", "")
    if not title and not text:
        raise BadRow("neither text nor title has words", "text")
    if len(text) + len(title) > _LONGEST:
        raise BadRow(f"longer than {_LONGEST} characters", "text")
    return Mention(
        source=origin.source,
        native_id=_native_id(said),
        kind=origin.kind,
        url=_url(said.get("url", "")),
        text=text,
        title=title,
        author=said.get("author", ""),
        outlet=(said.get("outlet") or origin.read_as.outlet)[:200],
        status=said.get("status", "")[:64],
        reach=_reach(said.get("reach", "")),
        published_at=_published(said.get("published_at", ""), origin.fetched_at),
        fetched_at=origin.fetched_at,
        extra={name: said[name] for name in DETAILS if said.get(name)},
        capture=origin.capture,
    )


def _said(row: Row, field: str, column: str, origin: Origin) -> str:
    """Return what a cell says; a code becomes the words it stands for."""
    cell = words(row.cells.get(column))
    said = plain(cell) if origin.read_as.html else clean(cell).strip()
    return origin.read_as.words.get(field, {}).get(said, said)


def _native_id(said: Mapping[str, str]) -> str:
    """Return the row's own id, or the hash of what it says: the same row has the same id."""
    own = said.get("native_id", "")
    if _ID_SHAPE.fullmatch(own):
        return own
    parts = [own, *(said.get(f, "") for f in ("title", "text", "url", "author", "published_at"))]
    return hashlib.sha256("\x1f".join(parts).encode("utf-8")).hexdigest()[:32]


def _published(cell: str, fetched_at: datetime) -> datetime | None:
    """Return the time of publication; an empty cell is undated, an unreadable one is a BadRow."""
    if not cell:
        return None
    moment = _excel_day(cell) or parse(cell, fetched_at)
    if moment is None:
        raise BadRow(f"published_at is no time we can read: {cell[:40]!r}", "published_at")
    if moment > fetched_at + timedelta(days=1):
        raise BadRow(f"published_at lies in the future: {cell[:40]!r}", "published_at")
    return moment


def _excel_day(cell: str) -> datetime | None:
    """Return the moment of a date that Excel shows as a number: days since 1899-12-30."""
    if not _DAYS.fullmatch(cell) or not _FIRST_DAY <= float(cell) <= _LAST_DAY:
        return None
    return (_EXCEL_ZERO + timedelta(seconds=round(float(cell) * 86_400))).astimezone(UTC)


def _url(cell: str) -> str:
    """Return a web address; anything else (javascript:, file:) must never become a link."""
    if cell.startswith("//"):
        return f"https:{cell}"
    if cell.lower().startswith(("http://", "https://")):
        return cell
    return f"http://{cell}" if _DOMAIN.match(cell) else ""


def _reach(cell: str) -> int:
    """Return a count as people write it: 1,234 or 1.2万."""
    if not cell:
        return 0
    found = _COUNT.fullmatch(cell)
    if found is None:
        raise BadRow(f"reach is no count: {cell[:40]!r}", "reach")
    count = int(float(found[1].replace(",", "") or 0) * _TIMES[found[2]])
    return min(count, 2**31 - 1)  # the column's limit
