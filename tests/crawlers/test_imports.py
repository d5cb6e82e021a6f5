"""A user's own files: every format and encoding, hostile cells, twice is once, clear refusals."""

from __future__ import annotations

import csv
import gzip
import io
import json
import lzma
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import select

from crawlers import columns, imports, saved_maps
from crawlers.imports import Reject
from data.errors import InputError
from data.facts.maps import maps
from data.model import SHANGHAI, Mention, Outcome, SourceKind
from data.settings import Settings
from data.store import mentions, runs, schema
from data.store.db import Store
from tests.crawlers.weeks import NOW

USUAL = maps()["usual"]
HEAD = ("编号", "标题", "正文", "发布时间", "链接", "作者", "来源", "阅读量")
ROWS: tuple[tuple[Any, ...], ...] = (
    ("a1", "催收投诉", "澄湖消费金融催收电话不断，\n还打给同事", "2026-11-19 10:00:00",
     "https://example.com/1", "网友甲", "示例论坛", "1.2万"),
    ("a2", "", "只有正文", "昨天 12:30", "", "", "", ""),
    ("a3", "只有标题", "", "", "example.com/3", "网友乙", "示例论坛", "1,234"),
)  # fmt: skip


def as_csv(rows: Sequence[Sequence[Any]], mark: str = ",", head: Sequence[str] = HEAD) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=mark).writerows([head, *rows])
    return out.getvalue()


def as_jsonl(rows: Sequence[Sequence[Any]]) -> str:
    return "".join(
        json.dumps(dict(zip(HEAD, row, strict=True)), ensure_ascii=False) + "\n" for row in rows
    )


def write_xlsx(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEAD, *rows):
        sheet.append(list(row))
    book.save(path)


WRITERS: dict[str, Callable[[Path], object]] = {
    "utf8.csv": lambda p: p.write_text(as_csv(ROWS), "utf-8"),
    "bom.csv": lambda p: p.write_text(as_csv(ROWS), "utf-8-sig"),
    "gb18030.csv": lambda p: p.write_bytes(as_csv(ROWS).encode("gb18030")),
    "utf16.csv": lambda p: p.write_bytes(as_csv(ROWS).encode("utf-16")),
    "semicolons.csv": lambda p: p.write_text(as_csv(ROWS, ";"), "utf-8"),
    "tabs.tsv": lambda p: p.write_text(as_csv(ROWS, "\t"), "utf-8"),
    "book.xlsx": lambda p: write_xlsx(p, ROWS),
    "lines.jsonl": lambda p: p.write_text(as_jsonl(ROWS), "utf-8"),
    "gb.jsonl": lambda p: p.write_bytes(as_jsonl(ROWS).encode("gb18030")),
    "packed.jsonl.xz": lambda p: p.write_bytes(lzma.compress(as_jsonl(ROWS).encode())),
    "packed.csv.gz": lambda p: p.write_bytes(gzip.compress(as_csv(ROWS).encode("gb18030"))),
    "packed.ndjson.gz": lambda p: p.write_bytes(gzip.compress(as_jsonl(ROWS).encode())),
}


def read(file: Path, *pairs: str) -> tuple[list[Mention], list[Reject]]:
    rejects: list[Reject] = []
    chosen = imports.mapping(pairs, maps())
    found = imports.read(file, chosen, "mine", SourceKind.OTHER, NOW, rejects.append)
    return list(found), rejects


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_mentions(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    WRITERS[name](file)
    found, rejects = read(file)
    assert rejects == []
    assert [m.native_id for m in found] == ["a1", "a2", "a3"]
    first, second, third = found
    assert first.text == "澄湖消费金融催收电话不断，\n还打给同事"
    assert first.published_at == datetime(2026, 11, 19, 2, 0, tzinfo=UTC)
    assert (first.url, first.author, first.outlet, first.reach) == (
        "https://example.com/1", "网友甲", "示例论坛", 12000,
    )  # fmt: skip
    assert second.published_at == datetime(2026, 11, 19, 4, 30, tzinfo=UTC)
    assert (third.published_at, third.url, third.reach) == (None, "http://example.com/3", 1234)
    assert first.capture is not None
    assert (first.capture.url, first.capture.size) == (f"file:{name}", file.stat().st_size)


def test_a_set_in_the_shape_of_a_research_data_set(store: Store, tmp_path: Path) -> None:
    """Unknown keys, lists as values, no times: in with no map at all."""
    rows = [
        {"id": "0a1b2c3d", "title": "", "text": f"某平台涉嫌违规{i}", "entities": ["某平台"],
         "negative": 1, "split": "train"} | ({} if i else {"id": "9f8e7d6c"})
        for i in range(2)
    ]  # fmt: skip
    file = tmp_path / "set.jsonl.xz"
    file.write_bytes(lzma.compress("\n".join(map(json.dumps, rows)).encode()))
    counts = imports.run(store, Settings(var=tmp_path), file, USUAL, source="set", now=NOW)
    assert counts == {"rows": 2, "new": 2, "changed": 0, "same": 0, "undated": 2, "rejected": 0}


def test_excel_cells_are_read_as_people_see_them(tmp_path: Path) -> None:
    file = tmp_path / "book.xlsx"
    at = datetime(2026, 11, 19, 10, 0)  # noqa: DTZ001 - Excel knows no zones
    write_xlsx(file, [(17300000001.0, None, "正文", at, None, 42, True, 7)])
    ((found,), rejects) = read(file)
    assert rejects == []
    assert (found.native_id, found.author, found.reach) == ("17300000001", "42", 7)
    assert found.published_at == datetime(2026, 11, 19, 2, 0, tzinfo=UTC)


def test_hostile_cells(store: Store, tmp_path: Path) -> None:
    rows = [
        ("", "<script>x</script>", "=cmd|' /C calc'!A0", "", "javascript:alert(1)", "", "", ""),
        ("../../etc/passwd", "x", "a\x00b\x1b[31m", "", "file:///etc/passwd", "", "s" * 999, ""),
        ("x' OR 1=1 --", "x", "手机13812345678", "", "//example.com/p", "", "", ""),
    ]  # fmt: skip
    file = tmp_path / "hostile.jsonl"
    lone = '{"正文": "半个字符 \\ud83d", "编号": "n4"}\n'
    file.write_text(as_jsonl(rows) + lone, "utf-8")
    counts = imports.run(store, Settings(var=tmp_path), file, USUAL, source="mine", now=NOW)
    assert (counts["new"], counts["rejected"]) == (4, 0)
    with store.read() as conn:
        ids = list(conn.execute(select(schema.mention.c.id)).scalars())
        first, second, third, fourth = mentions.get(conn, ids)
    assert (first.url, second.url, third.url) == ("", "", "https://example.com/p")
    assert first.title == "<script>x</script>"  # a text like any other
    assert second.text == "ab[31m"
    assert len(second.native_id) == 32  # a hash, no path
    assert "13812345678" not in third.text
    assert fourth.text == "半个字符 ?"


REJECTED: list[tuple[dict[str, Any], str]] = [
    ({"正文": ""}, "neither text nor title"),
    ({"正文": "x", "发布时间": "改天"}, "no time we can read"),
    ({"正文": "x", "发布时间": "2031-01-01"}, "in the future"),
    ({"正文": "x", "阅读量": "很多"}, "reach is no count"),
    ({"正文": "长" * 200_001}, "longer than"),
]


@pytest.mark.parametrize(("cells", "reason"), REJECTED)
def test_a_row_that_cannot_be_read_is_rejected_with_its_reason(
    tmp_path: Path, cells: dict[str, Any], reason: str
) -> None:
    file = tmp_path / "rows.jsonl"
    good = {"正文": "好的一行", "发布时间": "", "阅读量": ""}
    file.write_text("\n".join(json.dumps(row) for row in (good, cells, good | {"正文": "又一行"})))
    found, rejects = read(file)
    assert [m.text for m in found] == ["好的一行", "又一行"]
    ((number, why),) = [(r.number, r.reason) for r in rejects]
    assert number == 2
    assert reason in why


def test_broken_lines_are_rejected_and_the_rest_goes_in(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"text": "一"}\n{"text": \n[1]\n\n{"text": "二"}\n', "utf-8")
    found, rejects = read(file)
    assert [m.text for m in found] == ["一", "二"]
    assert [(r.number, r.reason.partition(":")[0]) for r in rejects] == [
        (2, "not readable as JSON"),
        (3, "a line must be a JSON object"),
    ]
    table = tmp_path / "rows.csv"
    table.write_text("text,title\n一,甲\n二,乙,多一格\n\n三\n", "utf-8")
    found, rejects = read(table)
    assert [m.text for m in found] == ["一", "三"]
    assert [(r.number, r.reason) for r in rejects] == [(3, "3 cells under 2 columns")]


def test_the_reject_file_is_masked_and_harmless(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    bad = {"reach": "=HYPERLINK(1)", "text": "我的号码13812345678"}
    file.write_text(json.dumps(bad) + "\n" + json.dumps({"text": "好"}), "utf-8")
    var = tmp_path / "var"
    counts = imports.run(store, Settings(var=var), file, USUAL, source="mine", now=NOW)
    assert (counts["rows"], counts["rejected"], counts["new"]) == (2, 1, 1)
    path = var / "rejects" / "rows.jsonl.csv"
    (line,) = csv.DictReader(path.read_text("utf-8-sig").splitlines())
    assert (line["row"], line["field"]) == ("1", "reach")
    assert "13812345678" not in line["cells"]
    assert not line["cells"].startswith("=")
    with store.read() as conn:
        (run,) = runs.latest(conn, "import", "mine")
    assert str(path) in run.note
    file.write_text(json.dumps({"text": "好"}), "utf-8")
    imports.run(store, Settings(var=var), file, USUAL, source="mine", now=NOW)
    assert not path.exists()  # it told of an earlier import


def test_importing_twice_doubles_nothing(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(as_csv([row[1:] for row in ROWS], head=HEAD[1:]), "utf-8")
    said: list[tuple[int, int]] = []

    def run() -> dict[str, int]:
        return imports.run(
            store, Settings(var=tmp_path), file, USUAL, source="mine", now=NOW,
            progress=lambda done, total: said.append((done, total)),
        )  # fmt: skip

    assert run()["new"] == 3
    assert said[-1] == (3, 3)
    again = run()
    assert (again["new"], again["changed"], again["same"]) == (0, 0, 3)
    with store.read() as conn:
        assert [r.outcome for r in runs.latest(conn, "import")] == [Outcome.EMPTY, Outcome.OK]


def test_an_edited_row_with_an_id_is_a_new_wording(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    for text in ("原文", "改过的原文"):
        file.write_text(json.dumps({"id": "1", "text": text}), "utf-8")
        counts = imports.run(store, Settings(var=tmp_path), file, USUAL, source="mine", now=NOW)
    assert (counts["new"], counts["changed"]) == (0, 1)


@pytest.mark.parametrize(
    ("name", "content", "pairs", "said"),
    [
        ("a.csv", "甲,乙\n1,2\n", ["text=内容"],
         "no column '内容' for text; the columns are: 甲, 乙; use --map text=COLUMN"),
        ("a.csv", "甲,乙\n1,2\n", [], "no column is mapped to text or title; the columns are: 甲"),
        ("a.csv", "text,t\n1,2\n", ["text=text", "published_at=when"], "'when' for published_at"),
        ("a.csv", "", [], "the first line is empty"),
        ("a.jsonl", "nothing\n", [], "no line is a JSON object"),
        ("a.xlsx", "text\n", [], "not readable as an Excel workbook"),
        ("a.csv.gz", "text\n", [], "compressed file is damaged"),
        ("a.jsonl.xz", "text\n", [], "compressed file is damaged"),
        ("a.pdf", "text\n", [], "must end with .csv"),
        ("a.xz", "text\n", [], "must end with .csv"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_taken_is_one_sentence(
    store: Store, tmp_path: Path, name: str, content: str, pairs: list[str], said: str
) -> None:
    file = tmp_path / name
    file.write_text(content, "utf-8")
    chosen = imports.mapping(pairs, maps())
    with pytest.raises(InputError) as error:
        imports.run(store, Settings(var=tmp_path), file, chosen, source="mine", now=NOW)
    assert said in str(error.value)
    assert str(file) in str(error.value)
    assert "\n" not in str(error.value)
    with store.read() as conn:
        (run,) = runs.latest(conn, "import")
    assert (run.outcome, run.note) == (Outcome.FAILED, str(error.value))


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "none.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match="folder"):
        read(tmp_path / "folder.csv")


@pytest.mark.parametrize(
    ("pair", "said"),
    [("txt=内容", "no field 'txt'"), ("text=", "missing after ="), ("weibo", "map's name")],
)
def test_a_map_that_is_none(pair: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        imports.mapping([pair], maps())


def test_a_kind_and_a_source_that_are_none(store: Store, tmp_path: Path) -> None:
    assert imports.kind("complaint") is SourceKind.COMPLAINT
    with pytest.raises(InputError, match="use complaint, post, news, regulator, hotlist, other"):
        imports.kind("rumour")
    with pytest.raises(InputError, match="--source"):
        imports.run(store, Settings(var=tmp_path), tmp_path, USUAL, source="A B", now=NOW)


def test_a_map_takes_the_columns_that_are_there() -> None:
    file = Path("x.csv")
    ours = imports.mapping(["tingfeng"], maps())
    assert columns.settle(file, ("text", " Published_At", "more"), ours) == {
        "text": "text",
        "published_at": " Published_At",
    }
    mixed = imports.mapping(["tingfeng", "text=内容"], maps())
    assert columns.settle(file, ("内容", "text"), mixed)["text"] == "内容"
    with pytest.raises(InputError, match="no column '内容' for text"):
        columns.settle(file, ("text",), mixed)


def test_a_merchants_export_of_complaints(store: Store, tmp_path: Path) -> None:
    """The labels of the public page as columns; what fits no field of ours is in ``extra``."""
    file = tmp_path / "投诉导出.csv"
    head = ("投诉编号", "投诉标题", "投诉内容", "投诉时间", "投诉进度", "投诉对象", "投诉要求",
            "涉诉金额", "商家回复", "投诉用户")  # fmt: skip
    row = ("17300000001", "催收", "一天二十个电话", "2026/11/19 下午2:05", "4", "澄湖消费金融",
           "停止催收", "1280.50", "已联系13812345678", "用户甲")  # fmt: skip
    file.write_bytes(as_csv([row], head=head).encode("gb18030"))
    named = imports.mapping(["heimao_merchant"], maps())
    imports.run(store, Settings(var=tmp_path), file, named, now=NOW)
    (found,) = all_of(store)
    assert (found.source, found.kind, found.outlet, found.status) == (
        "heimao_merchant", SourceKind.COMPLAINT, "黑猫投诉", "处理中",
    )  # fmt: skip
    assert found.published_at == datetime(2026, 11, 19, 6, 5, tzinfo=UTC)
    assert found.extra == {
        "company": "澄湖消费金融", "appeal": "停止催收", "cost": "1280.50",
        "reply": "已联系138****5678",
    }  # fmt: skip
    assert found.author not in {"", "用户甲"}


def test_the_objects_of_a_platforms_own_lists(tmp_path: Path) -> None:
    main = {
        "sn": "17300000002", "title": '<span class="code-red">澄湖</span>消费金融 提前还款',
        "summary": "收费&amp;不明", "timestamp": "1795104000", "status": 6, "cost": "10",
        "url": "//tousu.sina.com.cn/complaint/view/17300000002/", "couid": "7000000001",
    }  # fmt: skip
    file = tmp_path / "lists.jsonl"
    file.write_text(json.dumps({"main": main, "author": {"title": "匿名用户"}}), "utf-8")
    (found,), rejects = read(file, "heimao_json")
    assert rejects == []
    assert (found.title, found.text) == ("澄湖消费金融 提前还款", "收费&不明")
    assert (found.native_id, found.status, found.author) == ("17300000002", "已回复", "匿名用户")
    assert found.published_at == datetime.fromtimestamp(1795104000, UTC)
    assert found.url.startswith("https://tousu.sina.com.cn/")


DATES = {
    "46345.5": "2026-11-19 12:00:00",  # how Excel keeps it, where the cell was made a number
    "46345": "2026-11-19 00:00:00",
    "2026/11/19 14:05": "2026-11-19 14:05:00",
    "2026/11/19 下午2:05:06": "2026-11-19 14:05:06",
    "2026-11-19 12:05 AM": "2026-11-19 00:05:00",
    "2026年11月19日 14时05分": "2026-11-19 14:05:00",
    "2026年11月19日": "2026-11-19 00:00:00",
    "20261119": "2026-11-19 00:00:00",
    "2026-11-19T14:05:06.000": "2026-11-19 14:05:06",
    "2026-11-19 14:05:06.0": "2026-11-19 14:05:06",
}


@pytest.mark.parametrize("cell", DATES)
def test_dates_as_people_and_excel_write_them(tmp_path: Path, cell: str) -> None:
    file = tmp_path / "dates.csv"
    file.write_text(as_csv([("字", cell)], head=("text", "time")), "utf-8")
    (found,), rejects = read(file)
    assert rejects == []
    assert found.published_at is not None
    assert f"{found.published_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" == DATES[cell]


def test_a_day_whose_order_nobody_can_know_is_rejected(tmp_path: Path) -> None:
    file = tmp_path / "dates.csv"
    file.write_text(as_csv([("字", "03/04/2026")], head=("text", "time")), "utf-8")
    found, (reject,) = read(file)
    assert (found, reject.field, reject.number) == ([], "published_at", 2)


def test_a_map_is_saved_listed_used_and_forgotten(store: Store, tmp_path: Path) -> None:
    with store.write() as conn:
        made = imports.mapping(["usual", "text=诉求经过"], saved_maps.named(conn))
        saved_maps.save(conn, "行内客服", made.model_copy(update={"source": "hotline"}))
    file = tmp_path / "客服.csv"
    file.write_text(as_csv([("甲", "乙丙丁")], head=("标题", "诉求经过")), "utf-8")
    with store.read() as conn:
        assert set(saved_maps.named(conn)) == {*maps(), "行内客服"}
        mine = imports.mapping(["行内客服"], saved_maps.named(conn))
    imports.run(store, Settings(var=tmp_path), file, mine, now=NOW)
    (found,) = all_of(store)
    assert (found.source, found.title, found.text) == ("hotline", "甲", "乙丙丁")
    with store.write() as conn:
        saved_maps.forget(conn, "行内客服")
        with pytest.raises(InputError, match="no map '行内客服'"):
            saved_maps.forget(conn, "行内客服")
        with pytest.raises(InputError, match="no spaces"):
            saved_maps.save(conn, "two words", mine)


def all_of(store: Store) -> list[Mention]:
    with store.read() as conn:
        return mentions.get(conn, list(conn.execute(select(schema.mention.c.id)).scalars()))


cell = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.fixed_dictionaries({"text": cell, "title": cell, "id": cell}), min_size=1))
def test_any_rows_are_taken_or_rejected_and_none_is_lost(
    tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    file = tmp_path / "any.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    found, rejects = read(file)
    assert len(found) + len(rejects) == len(rows)
    again, _ = read(file)
    assert [m.native_id for m in again] == [m.native_id for m in found]


@given(st.lists(st.lists(cell, min_size=2, max_size=2), max_size=5))
def test_any_csv_is_survived(rows: list[list[str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "any.csv"
        file.write_text(as_csv(rows, head=("text", "title")), "utf-8", newline="")
        found, rejects = read(file)
        said = [row for row in rows if any(c.strip() for c in row)]
        assert len(found) + len(rejects) == len(said)
