"""Rows of CSV, XLSX and JSONL files, compressed or not, in the encodings they really come in."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from data.errors import InputError

_OPENERS: dict[str, Callable[..., IO[bytes]]] = {
    ".gz": cast("Callable[..., IO[bytes]]", gzip.open),
    ".xz": cast("Callable[..., IO[bytes]]", lzma.open),
    ".bz2": cast("Callable[..., IO[bytes]]", bz2.open),
}
FORMATS = (".csv", ".tsv", ".xlsx", ".jsonl", ".ndjson")
_SAMPLE = 1 << 20
csv.field_size_limit(16 << 20)


@dataclass(frozen=True, slots=True)
class Row:
    """One row by its column names; ``broken`` says why it could not be taken apart."""

    number: int  # as a person counts: the line or sheet row it begins at
    cells: Mapping[str, Any]
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a file and its rows; rows are read as they are asked for."""

    columns: tuple[str, ...]
    rows: Iterator[Row]
    size: int = 0  # rows there may be, for a progress bar; 0 where the file does not know


@contextmanager
def open_table(file: Path) -> Iterator[Table]:
    """Open a file by what its name ends with. Raises InputError with the file and the remedy."""
    suffixes = [suffix.lower() for suffix in file.suffixes]
    packed = suffixes.pop() if suffixes and suffixes[-1] in _OPENERS else ""
    kind = suffixes[-1] if suffixes else ""
    if kind not in FORMATS:
        raise InputError(
            f"{file}: the name must end with {', '.join(FORMATS)}, or one of these and "
            f"{', '.join(_OPENERS)}"
        )
    try:
        with ExitStack() as stack:
            yield _READERS[kind](file, stack.enter_context(_open(file, packed)), stack)
    except FileNotFoundError:
        raise InputError(f"{file}: there is no such file; check the path") from None
    except IsADirectoryError:
        raise InputError(f"{file}: this is a folder; name one file") from None
    except PermissionError:
        raise InputError(f"{file}: may not be read; change its permissions") from None
    except (EOFError, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise InputError(
            f"{file}: the compressed file is damaged ({error}); send it again"
        ) from None


def _open(file: Path, packed: str) -> IO[bytes]:
    return _OPENERS[packed](file, "rb") if packed else file.open("rb")


def _csv(file: Path, raw: IO[bytes], stack: ExitStack, delimiter: str = "") -> Table:
    size = _lines(raw) - 1
    text = stack.enter_context(_text(raw, newline=""))
    head = text.readline()
    text.seek(0)
    if not head.strip():
        raise InputError(f"{file}: the first line is empty; it must name the columns")
    mark = delimiter or max(",\t;|", key=head.count)
    lines = csv.reader(text, delimiter=mark)
    columns = tuple(name.strip().strip("\ufeff") for name in next(lines))
    return Table(columns, _csv_rows(lines, columns), size)


def _csv_rows(lines: Any, columns: tuple[str, ...]) -> Iterator[Row]:
    while True:
        number = lines.line_num + 1
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(number, {}, f"not readable as CSV: {error}")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns):
            yield Row(number, {}, f"{len(cells)} cells under {len(columns)} columns")
        else:
            yield Row(number, dict(zip(columns, cells, strict=False)))


def _tsv(file: Path, raw: IO[bytes], stack: ExitStack) -> Table:
    return _csv(file, raw, stack, "\t")


def _jsonl(file: Path, raw: IO[bytes], stack: ExitStack) -> Table:
    """Read objects line by line; the columns are the keys of the first hundred."""
    size = _lines(raw)
    text = stack.enter_context(_text(raw))
    head = islice(_json_rows(text), 100)
    columns = tuple(dict.fromkeys(key for row in head for key in row.cells))
    if not columns:
        raise InputError(f'{file}: no line is a JSON object; each must be one, as in {{"text": …}}')
    text.seek(0)
    return Table(columns, _json_rows(text), size)


def _flat(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object with the values of the objects in it beside them, as ``main.sn``."""
    inner = {
        f"{name}.{key}": found
        for name, one in value.items()
        if isinstance(one, dict)
        for key, found in one.items()
    }
    return value | inner


def _json_rows(lines: Iterable[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        text = line.strip().strip("\ufeff")
        if not text:
            continue
        try:
            value = json.loads(text)
        except ValueError as error:
            yield Row(number, {}, f"not readable as JSON: {error}")
            continue
        if isinstance(value, dict):
            yield Row(number, _flat(value))
        else:
            yield Row(number, {}, "a line must be a JSON object")


def _xlsx(file: Path, raw: IO[bytes], stack: ExitStack) -> Table:
    try:
        book = load_workbook(raw, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise InputError(
            f"{file}: not readable as an Excel workbook ({error}); save it as .xlsx"
        ) from None
    stack.callback(book.close)
    sheet = book.worksheets[0]
    lines = sheet.iter_rows(values_only=True)
    head = next(lines, ())
    columns = tuple(_words(cell) for cell in head)
    if not any(columns):
        raise InputError(
            f"{file}: the first row of the first sheet is empty; it must name the columns"
        )
    return Table(columns, _xlsx_rows(lines, columns), (sheet.max_row or 1) - 1)


def _xlsx_rows(lines: Iterator[tuple[Any, ...]], columns: tuple[str, ...]) -> Iterator[Row]:
    for number, cells in enumerate(lines, 2):
        if any(cell is not None for cell in cells):
            named = zip(columns, cells, strict=False)
            yield Row(number, {name: cell for name, cell in named if name})


def _words(cell: Any) -> str:
    """Return a cell as a person sees it: 17300000001.0 in Excel is the number 17300000001."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return cell.isoformat(*([" "] if isinstance(cell, datetime) else []))
    return str(cell).strip()


def words(cell: Any) -> str:
    """Return a cell's words; a list or an object inside JSON as JSON."""
    if isinstance(cell, dict | list):
        return json.dumps(cell, ensure_ascii=False)
    return _words(cell)


def _text(raw: IO[bytes], newline: str | None = None) -> io.TextIOWrapper:
    return io.TextIOWrapper(raw, _encoding(raw), errors="replace", newline=newline)


def _lines(raw: IO[bytes]) -> int:
    raw.seek(0)
    count = sum(1 for _ in raw)
    raw.seek(0)
    return count


def _encoding(raw: IO[bytes]) -> str:
    """Return UTF-8 where a long sample is, UTF-16 where a mark says so, and GB18030 otherwise."""
    sample = raw.read(_SAMPLE)
    raw.seek(0)
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        sample[: sample.rfind(b"\n") + 1 or None].decode("utf-8-sig")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"


_READERS: dict[str, Callable[[Path, IO[bytes], ExitStack], Table]] = {
    ".csv": _csv,
    ".tsv": _tsv,
    ".xlsx": _xlsx,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
}
