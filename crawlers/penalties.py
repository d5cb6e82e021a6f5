"""Penalty tables in their three published shapes, columns found by what their headers say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from parsel import Selector

from crawlers.pages import clean, plain

_ENOUGH_HEADERS = 3  # a row that names this many columns is the row of headers
_LONGEST_HEADER = 30
_LONGEST_SPAN = 500
_SPACES = re.compile(r"[\s\u3000\xa0]+")
_HEADERS: dict[str, tuple[str, ...]] = {  # the first that fits wins
    "authority": ("决定机关", "决定的机关"),
    "party": ("当事人名称", "被处罚当事人", "单位名称", "个人姓名", "当事人"),
    "violation": ("主要违法违规行为", "主要违法违规事实", "违法行为类型", "案由"),
    "penalty": ("行政处罚内容", "行政处罚决定", "处罚内容"),
}
_NOT_HEADERS = ("文号", "依据", "日期", "法定代表人")
"""行政处罚决定书文号 begins like 行政处罚决定; what a header must not hold decides."""


@dataclass(frozen=True, slots=True)
class Penalty:
    """One row: who was punished, for what, how, by whom."""

    party: str
    violation: str
    penalty: str
    authority: str

    def sentence(self) -> str:
        """Return the row as the sentences that are stored as its text."""
        said = (
            ("当事人", self.party),
            ("主要违法违规行为", self.violation),
            ("行政处罚内容", self.penalty),
            ("作出决定机关", self.authority),
        )
        return "".join(f"{name}：{words.rstrip('。')}。" for name, words in said)

    def as_dict(self) -> dict[str, str]:
        """Return the fields by name."""
        return asdict(self)


def penalties(html: str) -> list[Penalty]:
    """Return the rows of every penalty table in a piece of HTML; [] when no table is one."""
    found: list[Penalty] = []
    for table in Selector(text=clean(html) or "<p></p>").css("table"):
        found.extend(_from_rows(_cells(table)))
    return found


def _cells(table: Any) -> list[list[str]]:
    """Return the words of each row's cells; a cell over several rows stands in each of them."""
    held: dict[int, tuple[int, str]] = {}  # column: rows still to come, words
    lines: list[list[str]] = []
    for line in table.xpath("./tr | ./tbody/tr | ./thead/tr"):
        cells: list[str] = []
        for cell in line.xpath("./td | ./th"):
            _fill(cells, held)
            words, span = plain(cell.get()), str(cell.attrib.get("rowspan", ""))
            if span.isdecimal() and 1 < int(span) <= _LONGEST_SPAN:
                held[len(cells)] = (int(span) - 1, words)
            cells.append(words)
        _fill(cells, held)
        lines.append(cells)
    return lines


def _fill(cells: list[str], held: dict[int, tuple[int, str]]) -> None:
    while len(cells) in held:
        left, words = held.pop(len(cells))
        if left > 1:
            held[len(cells)] = (left - 1, words)
        cells.append(words)


def _from_rows(lines: Sequence[Sequence[str]]) -> Iterator[Penalty]:
    for at, line in enumerate(lines):
        columns = _columns(line)
        if len(columns) >= _ENOUGH_HEADERS:  # the new shapes, with or without 文号
            width = len(line)
            yield from (_row(columns, below) for below in lines[at + 1 :] if len(below) == width)
            return
    yield from _from_pairs(lines)


def _from_pairs(lines: Sequence[Sequence[str]]) -> Iterator[Penalty]:
    """Read the old shape: header and value side by side, the header in the last cell but one."""
    pairs: dict[str, str] = {}
    for line in lines:
        name = _field(line[-2]) if len(line) > 1 else ""
        if name and line[-1].strip(" -—/无"):
            pairs.setdefault(name, line[-1])
    if {"party", "violation", "penalty"} <= pairs.keys():
        yield Penalty(**{f.name: pairs.get(f.name, "") for f in fields(Penalty)})


def _columns(line: Sequence[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for at, header in enumerate(line):
        if name := _field(header):
            columns.setdefault(name, at)
    return columns


def _row(columns: dict[str, int], line: Sequence[str]) -> Penalty:
    return Penalty(
        **{f.name: line[columns[f.name]] if f.name in columns else "" for f in fields(Penalty)}
    )


def _field(header: str) -> str:
    words = _SPACES.sub("", header)
    if len(words) > _LONGEST_HEADER or any(word in words for word in _NOT_HEADERS):
        return ""
    return next((n for n, heads in _HEADERS.items() if any(h in words for h in heads)), "")
