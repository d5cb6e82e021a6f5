"""Which column of a user's file is which field, and what a row's cells say."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from crawlers.pages import clean
from crawlers.tables import Row, words
from crawlers.times import parse
from data.errors import InputError
from data.model import Capture, Mention, SourceKind

FIELDS = (
    "text", "title", "native_id", "published_at", "url", "author", "outlet", "status", "reach",
)  # fmt: skip
PRESETS: Mapping[str, Mapping[str, str]] = {"tingfeng": {field: field for field in FIELDS}}
"""Maps with a name. ``tingfeng`` is our own export: each column is named like its field."""
_USUAL: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "content", "body", "正文", "内容", "文本", "投诉内容", "评论内容", "全文"),
    "title": ("title", "标题", "主题", "投诉标题"),
    "native_id": ("native_id", "id", "编号", "投诉编号", "单号", "文章id", "sn"),
    "published_at": (
        "published_at", "published", "publish_time", "date", "time", "发布时间", "发表时间",
        "投诉时间", "时间", "日期", "发布日期",
    ),
    "url": ("url", "link", "链接", "网址", "原文链接", "地址"),
    "author": ("author", "user", "nickname", "作者", "用户", "昵称", "用户名"),
    "outlet": ("outlet", "media", "site", "媒体", "媒体名称", "来源", "平台", "网站"),
    "status": ("status", "状态", "处理状态", "投诉状态", "投诉进度"),
    "reach": ("reach", "reads", "likes", "阅读量", "阅读数", "转发数", "互动量", "点赞数"),
}  # fmt: skip
_LONGEST = 200_000
_ID_SHAPE = re.compile(r"[\w.:\-]{1,100}")
_DOMAIN = re.compile(r"[\w-]+(\.[\w-]+)+(/|$)")
_COUNT = re.compile(r"([\d,]+(?:\.\d+)?)\s*([万亿]?)\+?")
_TIMES = {"": 1, "万": 10_000, "亿": 100_000_000}


class BadRow(Exception):
    """Why one row cannot become a Mention."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from: what the mention is filed under, when and from which file."""

    source: str
    kind: SourceKind
    fetched_at: datetime
    capture: Capture


def mapping(pairs: Iterable[str]) -> dict[str, str]:
    """Return the column of each field from ``field=column`` words and names of presets.

    Nothing at all means: guess by the usual column names. Raises InputError.
    """
    chosen: dict[str, str] = {}
    for pair in pairs:
        field, sign, column = (part.strip() for part in pair.partition("="))
        if not sign and field in PRESETS:
            chosen |= PRESETS[field]
        elif not sign:
            known = ", ".join(PRESETS)
            raise InputError(f"--map {pair}: write field=column, or a preset's name ({known})")
        elif field not in FIELDS:
            raise InputError(f"--map {pair}: there is no field {field!r}; use {', '.join(FIELDS)}")
        elif not column:
            raise InputError(f"--map {pair}: the column's name is missing after =")
        else:
            chosen[field] = column
    return chosen


def kind(word: str) -> SourceKind:
    """Return the kind of source a word names. Raises InputError."""
    try:
        return SourceKind(word)
    except ValueError:
        known = ", ".join(SourceKind)
        raise InputError(f"--kind {word}: there is no such kind; use {known}") from None


def settle(file: Path, columns: Sequence[str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the map to use for a file with these columns. Raises InputError with the remedy.

    A preset may name columns a file lacks, as long as words remain; a map by hand may not.
    """
    chosen = dict(wanted) or _guess(columns)
    if wanted in PRESETS.values():
        chosen = {field: column for field, column in chosen.items() if column in columns}
    there = ", ".join(name for name in columns if name)
    for field, column in chosen.items():
        if column not in columns:
            raise InputError(
                f"{file}: there is no column {column!r} for {field}; the columns are: {there}; "
                f"use --map {field}=COLUMN"
            )
    if not {"text", "title"} & chosen.keys():
        raise InputError(
            f"{file}: no column is mapped to text or title; the columns are: {there}; "
            "use --map text=COLUMN"
        )
    return chosen


def _guess(columns: Sequence[str]) -> dict[str, str]:
    folded = {column.strip().lower(): column for column in reversed(columns)}
    found = {}
    for field, usual in _USUAL.items():
        if hit := next((folded[name] for name in usual if name in folded), None):
            found[field] = hit
    return found


def mention(row: Row, columns: Mapping[str, str], origin: Origin) -> Mention:
    """Return the Mention that a row's cells make. Raises BadRow with the reason."""
    if row.broken:
        raise BadRow(row.broken)
    said = {field: clean(words(row.cells.get(column))).strip() for field, column in columns.items()}
    title, text = said.get("title", ""), said.get("text", "")
    if not title and not text:
        raise BadRow("neither text nor title has words")
    if len(text) + len(title) > _LONGEST:
        raise BadRow(f"longer than {_LONGEST} characters")
    return Mention(
        source=origin.source,
        native_id=_native_id(said),
        kind=origin.kind,
        url=_url(said.get("url", "")),
        text=text,
        title=title,
        author=said.get("author", ""),
        outlet=said.get("outlet", "")[:200],
        status=said.get("status", "")[:64],
        reach=_reach(said.get("reach", "")),
        published_at=_published(said.get("published_at", ""), origin.fetched_at),
        fetched_at=origin.fetched_at,
        capture=origin.capture,
    )


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
    moment = parse(cell, fetched_at)
    if moment is None:
        raise BadRow(f"published_at is no time we can read: {cell[:40]!r}")
    if moment > fetched_at + timedelta(days=1):
        raise BadRow(f"published_at lies in the future: {cell[:40]!r}")
    return moment


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
        raise BadRow(f"reach is no count: {cell[:40]!r}")
    count = int(float(found[1].replace(",", "") or 0) * _TIMES[found[2]])
    return min(count, 2**31 - 1)  # the column's limit
