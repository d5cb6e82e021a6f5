"""A filtered list as CSV or XLSX for a spreadsheet that will not run what strangers wrote."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from io import BytesIO, StringIO

from dashboard import figures
from dashboard.naming import Naming
from dashboard.queries.mentions import Shown
from data.model import SHANGHAI

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_UNHEARD_OF = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Control characters that XML 1.0, section 2.2, and so a workbook, cannot hold."""
CELL_LIMIT = 32_767
"""Characters that Excel takes in one cell."""
LIMIT = 5_000
"""Rows of one export; a note in the last row says when there were more."""


def cell(value: object) -> str:
    """Return a value that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    words = str(value)
    bare = words.lstrip(" \u00a0\u200b\ufeff")
    return f"'{words}" if bare.startswith(_STARTS_FORMULA) else words


def table(naming: Naming, rows: Iterable[Shown], *, more: bool = False, note: str = "") -> bytes:
    """Return the rows as UTF-8 CSV with a byte-order mark, so that Excel reads the Chinese.

    The last row says which filters it was made with.
    """
    t = naming.t
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(t.of("column", name) for name in t.keys("column"))
    for row in rows:
        writer.writerow([cell(value) for value in _values(naming, row)])
    if more:
        writer.writerow([cell(t("export.more", n=figures.number(t, LIMIT)))])
    if note:
        writer.writerow([cell(note)])
    return out.getvalue().encode("utf-8-sig")


def workbook(naming: Naming, rows: Iterable[Shown], *, note: str, more: bool = False) -> bytes:
    """Return the rows as XLSX; a second sheet says which filters it was made with."""
    from openpyxl import Workbook  # a fifth of a second that only those who ask should wait for

    t = naming.t
    book = Workbook(write_only=True)
    sheet = book.create_sheet(t("export.rows"))
    sheet.freeze_panes = "A2"
    sheet.append([t.of("column", name) for name in t.keys("column")])
    for row in rows:
        sheet.append([_held(value) for value in _values(naming, row)])
    told = book.create_sheet(t("export.note"))
    for line in note.splitlines():
        told.append([_held(line)])
    if more:
        told.append([_held(t("export.more", n=figures.number(t, LIMIT)))])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _held(value: object) -> object:
    """Return what one cell of XLSX may hold: no formula, no control character, no overflow."""
    if isinstance(value, int | float):
        return value
    return cell(_UNHEARD_OF.sub("\ufffd", str(value)))[:CELL_LIMIT]


def _values(naming: Naming, row: Shown) -> list[object]:
    """Return the cells in the order of the group ``column`` in the words."""
    t = naming.t
    at = row.published_at
    charges = dict.fromkeys(naming.allegation(item.allegation) for item in row.evidence)
    return [
        row.id,
        f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else "",
        naming.source(row.source),
        row.outlet,
        t.of("kind", row.kind),
        row.title,
        row.text,
        t.of("sentiment", row.sentiment),
        row.severity,
        t("list.semicolon").join(charges),
        t("list.semicolon").join(item.quote for item in row.evidence),
        row.status,
        row.url,
    ]
