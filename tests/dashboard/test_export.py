"""A file for spreadsheets that runs nothing."""

from __future__ import annotations

import csv
import io

import pytest

from dashboard import export
from dashboard.naming import Naming
from dashboard.queries import mentions
from dashboard.queries.filters import Filter
from dashboard.words import load
from data import facts
from data.store.db import Store
from tests.conftest import NOW
from tests.dashboard import seeds


@pytest.mark.parametrize(
    "words",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u200b=1", "\ufeff@x", "＝1"],
)
def test_nothing_begins_like_a_formula(words: str) -> None:
    assert export.cell(words) == f"'{words}"


@pytest.mark.parametrize("words", ["催收", "1", "", "a=b", "http://example.com/?a=1"])
def test_ordinary_words_stay(words: str) -> None:
    assert export.cell(words) == words


@pytest.mark.parametrize("language", ["zh", "en"])
def test_hostile_rows_survive_a_spreadsheet(store: Store, language: str) -> None:
    seeds.hostile(store)
    with store.read() as conn:
        rows = mentions.page(conn, Filter(seeds.LENDER)).rows
    t = load(language)
    known = {fact.id: fact for fact in facts.allegations()}
    naming = Naming(t, known, {}, {}, facts.sources(), {})
    table = export.table(naming, rows, more=True)
    assert table.startswith(b"\xef\xbb\xbf")  # or Excel reads the Chinese as another encoding
    lines = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
    head, *body, note = lines
    assert head == [t.of("column", name) for name in t.keys("column")]
    assert {len(line) for line in (head, *body)} == {len(head)}
    assert len(body) == 4
    titles = {line[5] for line in body}
    assert '\'=HYPERLINK("http://x")' in titles
    assert seeds.HOSTILE in titles
    assert not any(cell.startswith(("=", "+", "@", "-")) for line in body for cell in line)
    assert any(
        known["abusive_visit"].zh in line or known["abusive_visit"].en in line for line in body
    )
    assert "5,000" in note[0]


def test_times_are_shanghai_s(store: Store) -> None:
    seeds.put(store, [seeds.seed(1, NOW, seeds.COMPLAINT, seeds.GRAVE[0])])
    with store.read() as conn:
        rows = mentions.page(conn, Filter(seeds.LENDER)).rows
    table = export.table(Naming(load("zh"), {}, {}, {}, {}, {}), rows)
    assert "2026-11-25 14:00" in table.decode("utf-8-sig")
