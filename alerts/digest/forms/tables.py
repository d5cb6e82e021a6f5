"""The page's numbers as a workbook, for those who calculate further."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from alerts.digest import forms
from alerts.digest.figures import Figures
from alerts.digest.words import Words, words

WIDEST = 60


def workbook(page: Mapping[str, Any], figures: Figures, base: str) -> bytes:
    """Return an XLSX file: the page, days, periods, allegations, proofs, each on a sheet."""
    t = words(page["language"], figures["period"]["kind"])
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in _sheets(page, figures, base, t):
        _fill(book.create_sheet(title), rows)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _sheets(
    page: Mapping[str, Any], figures: Figures, base: str, t: Words
) -> Iterable[tuple[str, list[Sequence[Any]]]]:
    whole: list[Sequence[Any]] = [(page["title"], page["name"], page["about"], page["id"])]
    whole.append((page["lead"], page["warned"], page["revised"]))
    whole += [
        (card["label"], card["value"], card["change"], card["note"]) for card in page["cards"]
    ]
    for section in page["sections"]:
        whole += [(section["title"], forms.plain(line)) for line in section["lines"]]
    yield t("sheet_page"), whole
    counted = (t("card_mentions"), t("chart_negative"), t("card_severe"))
    yield (
        t("sheet_days"),
        [
            (t("column_day"), *counted),
            *((day["day"], day["n"], day["negative"], day["severe"]) for day in figures["days"]),
        ],
    )
    yield (
        t("sheet_periods"),
        [
            (t("column_period"), *counted),
            *((one["id"], one["n"], one["negative"], one["severe"]) for one in figures["weeks"]),
        ],
    )
    moves = [row for key in ("rising", "falling", "top") for row in figures["moves"][key]]
    yield (
        t("section_moves"),
        [
            (t("column_allegation"), t("this"), t("last"), t("column_severity")),
            *((row[t.language], row["n"], row["before"], row["severity"]) for row in moves),
        ],
    )
    links = forms.links(page, base)
    yield (
        t("sheet_proofs"),
        [
            (t("column_number"), t("column_counted"), t("column_ids"), t("column_link")),
            *(
                (one["number"], one["n"], " ".join(map(str, one["ids"])), links[one["number"]])
                for one in page["proofs"]
            ),
        ],
    )


def _fill(sheet: Worksheet, rows: Sequence[Sequence[Any]]) -> None:
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"  # a text that begins with = is no formula
            if number == 1:
                cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for column in range(1, sheet.max_column + 1):
        longest = max(len(str(row[column - 1])) for row in rows if len(row) >= column)
        sheet.column_dimensions[get_column_letter(column)].width = min(WIDEST, 2 * longest + 2)
